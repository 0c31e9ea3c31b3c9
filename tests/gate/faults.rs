//! The model server fails in one way after the other: what was asked is counted, what did not come is said, and nothing
//! of it is ever a score.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::job::Run;
use crate::support::model::Fault;
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

/// The questions that get no answer where a story says so.
const LOST: [&str; 2] = ["austria", "egypt"];
/// Requests end soon, so that a server that never ends one does not hold a story up.
const HASTY: &str = "provider: acme, timeout: 700ms";
/// No story takes longer, whatever the server does. Most take less than a second.
const SOON: Duration = Duration::from_mins(1);

/// A world whose new model earns more than one score.
fn world(run: &str) -> World {
    world_with(run, "provider: acme")
}

/// The same with other settings of requests.
fn world_with(run: &str, defaults: &str) -> World {
    let world = World::configured(|config| {
        config
            .replace("retry_delay: 1ms", &format!("retry_delay: 1ms, {run}"))
            .replace("{provider: acme}", &format!("{{{defaults}}}"))
    });
    world.teach(QA_NEW, Skill::Halves(3));
    world
}

/// Runs the gate on a pull request that moves one agent to the new model.
fn gate(world: &World) -> (Run, String) {
    gate_beside(world, |_, _| {})
}

fn gate_beside(world: &World, meanwhile: impl FnOnce(&World, u32)) -> (Run, String) {
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let start = Instant::now();
    let run = world.opened(number).run_beside(meanwhile);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    (run, world.comment(number).body.replace('\\', ""))
}

/// What is recorded of the agent that the pull request changes.
fn agent(run: &Run) -> Value {
    let record = run.record();
    let agents = record["agents"].as_array().unwrap();
    let agent = agents.iter().find(|agent| agent["name"] == "qa_agent");
    agent.unwrap().clone()
}

/// Every sample with its case, without what may differ between two runs that got the same answers.
fn samples(run: &Run) -> Vec<Value> {
    let mut samples = Vec::new();
    for case in agent(run)["cases"].as_array().unwrap() {
        for sample in case["samples"].as_array().unwrap() {
            let mut sample = sample.clone();
            let known = sample.as_object_mut().unwrap();
            known.remove("latency_ms").unwrap();
            known.remove("attempts").unwrap();
            known.insert("case".to_owned(), case["id"].clone());
            samples.push(sample);
        }
    }
    samples
}

/// The samples of a run that nothing disturbs.
fn calm() -> &'static [Value] {
    static CALM: OnceLock<Vec<Value>> = OnceLock::new();
    CALM.get_or_init(|| {
        let (run, _) = gate(&world("retries: 1"));
        let run = run.exits(0);
        assert_eq!(agent(&run)["score"], 8.5);
        samples(&run)
    })
}

#[track_caller]
fn assert_counts(run: &Run, scored: usize, unanswered: usize, retries: usize) {
    let counts = &agent(run)["counts"];
    assert_eq!(
        (
            &counts["samples"],
            &counts["scored"],
            &counts["unanswered"],
            &counts["unscored"],
            &counts["retries"]
        ),
        (
            &json!(scored + unanswered),
            &json!(scored),
            &json!(unanswered),
            &json!(0),
            &json!(retries)
        ),
        "scored {scored}, unanswered {unanswered}, retries {retries}"
    );
}

/// Two of ten questions fail for good, `requests` times each. They are missing and said to be, with the reason; the
/// others have the scores that they have anyway.
#[track_caller]
fn two_are_missing(fault: &Fault, requests: usize, why: &str) {
    two_are_missing_in(&world("retries: 1"), fault, requests, why);
}

#[track_caller]
fn two_are_missing_in(world: &World, fault: &Fault, requests: usize, why: &str) {
    world.model.always_fails_for(&LOST, fault);
    let (run, comment) = gate(world);
    let run = run.exits(4);
    assert_eq!(run.output("outcome"), "inconclusive");
    assert_counts(&run, 8, 2, 2 * (requests - 1));
    assert_eq!(world.model.asked().len(), 8 + 2 * requests);
    for (sample, calm) in samples(&run).iter().zip(calm()) {
        let case = sample["case"].as_str().unwrap();
        if LOST.iter().any(|lost| case.ends_with(lost)) {
            assert_eq!(sample["status"], "unanswered", "{sample}");
            assert_eq!(sample["score"], Value::Null, "{sample}");
            let said = sample["why"].as_str().unwrap();
            assert!(said.contains(why), "{said}");
        } else {
            assert_eq!(sample, calm);
        }
    }
    let (headline, _) = comment.split_once("**Do this:**").unwrap();
    assert!(headline.contains("COULD NOT MEASURE"), "{headline}");
    assert!(
        headline.contains("2 of 10 answers are missing"),
        "{headline}"
    );
    assert!(headline.contains(why), "{headline}");
    assert!(
        !comment.contains("PASS") && !comment.contains("FAIL"),
        "{comment}"
    );
}

/// Of every ten requests for a question, those at `rhythm` fail, and the others are needed: all are answered in the end.
#[track_caller]
fn a_share_of_all_requests_fails(rhythm: &[(usize, Fault)]) {
    let (answered, failed) = (10 - rhythm.len(), rhythm.len());
    let world = world(&format!("samples: {answered}"));
    world.model.fails_at("", rhythm.iter().cloned());
    let (run, comment) = gate(&world);
    let run = run.exits(0);
    assert_eq!(world.model.asked().len(), 100);
    assert_counts(&run, 10 * answered, 0, 10 * failed);
    let undisturbed = calm().iter().flat_map(|calm| {
        (0..answered).map(move |index| {
            let mut sample = calm.clone();
            sample["index"] = json!(index);
            sample
        })
    });
    assert_eq!(samples(&run), undisturbed.collect::<Vec<_>>());
    let told = format!("{answered}0 answers, 0 unanswered · {failed}0 retries");
    assert!(comment.contains(&told), "{comment}");
}

/// The first request of each question fails in a way of its own, and no second one does.
#[test]
fn a_failure_that_passes_leaves_no_trace_in_the_scores() {
    let choice = |content: Value, finish_reason: Value| {
        let message = json!({"role": "assistant", "content": content});
        Fault::Body(json!({"choices": [{"message": message, "finish_reason": finish_reason}]}))
    };
    let faults = [
        Fault::Reset,
        Fault::Close,
        Fault::CutBody,
        half_an_answer(),
        page(),
        Fault::Body(json!({"error": {"message": "upstream is overloaded"}})),
        Fault::Body(json!({"object": "chat.completion", "choices": []})),
        choice(Value::Null, Value::Null),
        choice(json!("Warsaw lies"), json!("abort")),
        come_back(
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "Mon, 01 Jan 2120 00:00:00 GMT",
        ),
    ];
    let world = world("retries: 1");
    for (calm, fault) in calm().iter().zip(faults) {
        let case = calm["case"].as_str().unwrap();
        let country = case.trim_start_matches("capital-of-");
        world.model.fails_at(country, [(1, fault)]);
    }
    let (run, comment) = gate(&world);
    let run = run.exits(0);
    assert_counts(&run, 10, 0, 10);
    assert_eq!(samples(&run), calm());
    assert_eq!(world.model.asked().len(), 20);
    assert!(
        comment.contains("10 answers, 0 unanswered · 10 retries"),
        "{comment}"
    );
}

fn half_an_answer() -> Fault {
    let half = br#"{"choices":[{"finish_reason":"stop","message":{"content":"Vienna lies on"#;
    Fault::Reply(200, Vec::new(), half.to_vec())
}

fn page() -> Fault {
    let page = "<html><head><title>Sign in to Acme</title></head></html>";
    let headers = vec![("content-type", "text/html".to_owned())];
    Fault::Reply(200, headers, page.into())
}

#[test]
fn thirty_percent_too_many_requests_change_no_score() {
    a_share_of_all_requests_fails(&[2, 5, 8].map(|at| (at, Fault::TooMany(None))));
}

#[test]
fn thirty_percent_too_many_requests_with_a_time_to_wait_change_no_score() {
    a_share_of_all_requests_fails(&[2, 5, 8].map(|at| (at, Fault::TooMany(Some("0")))));
}

#[test]
fn ten_percent_server_errors_change_no_score() {
    a_share_of_all_requests_fails(&[(4, Fault::Status(500, "boom".to_owned()))]);
}

#[test]
fn limits_and_errors_together_change_no_score() {
    a_share_of_all_requests_fails(&[
        (1, Fault::TooMany(Some("0"))),
        (3, Fault::Status(500, "boom".to_owned())),
        (6, Fault::TooMany(None)),
        (8, Fault::Status(503, "loading".to_owned())),
    ]);
}

#[test]
fn a_server_that_always_limits_leaves_questions_without_an_answer() {
    two_are_missing(
        &Fault::TooMany(None),
        3,
        "answers 429: Requests rate limit exceeded",
    );
}

#[test]
fn a_server_error_that_stays_leaves_questions_without_an_answer() {
    let fault = Fault::Status(500, "boom".to_owned());
    two_are_missing(&fault, 3, "provider `acme` answers 500: boom");
}

#[test]
fn a_reset_connection_is_no_answer() {
    two_are_missing(
        &Fault::Reset,
        3,
        "broke the connection off (Connection reset by peer",
    );
}

#[test]
fn a_closed_connection_is_no_answer() {
    two_are_missing(
        &Fault::Close,
        3,
        "broke the connection off (connection closed",
    );
}

#[test]
fn an_answer_that_breaks_off_in_the_middle_is_no_answer() {
    two_are_missing(&Fault::CutBody, 3, "broke the connection off (");
}

#[test]
fn an_answer_that_is_shorter_than_its_json_is_no_answer() {
    two_are_missing(&half_an_answer(), 3, "the answer is cut off or no JSON");
}

#[test]
fn text_that_never_ends_is_read_to_a_limit_and_not_asked_for_again() {
    two_are_missing(&Fault::Endless("x"), 1, "larger than 4 MiB");
}

#[test]
fn blanks_that_never_end_are_read_to_a_limit() {
    two_are_missing(&Fault::Endless(" \n"), 1, "larger than 4 MiB");
}

#[test]
fn a_body_that_drips_is_waited_for_no_longer_than_allowed() {
    let hasty = world_with("retries: 1", HASTY);
    two_are_missing_in(&hasty, &Fault::DripBody, 3, "did not answer in time");
}

#[test]
fn a_head_that_drips_is_waited_for_no_longer_than_allowed() {
    let hasty = world_with("retries: 1", HASTY);
    two_are_missing_in(&hasty, &Fault::DripHead, 3, "did not answer in time");
}

#[test]
fn silence_is_waited_for_no_longer_than_allowed() {
    let hasty = world_with("retries: 1", HASTY);
    two_are_missing_in(&hasty, &Fault::Held, 3, "did not answer in time");
}

#[test]
fn a_page_in_place_of_an_answer_is_no_answer() {
    two_are_missing(&page(), 3, "a web page titled \"Sign in to Acme\"");
}

#[test]
fn an_answer_under_another_content_type_is_an_answer() {
    let world = world("retries: 1");
    for (country, content_type) in [
        ("austria", "text/plain"),
        ("egypt", "text/html; charset=utf-8"),
        ("italy", "application/octet-stream"),
    ] {
        let fault = Fault::Typed(content_type);
        world.model.always_fails_for(&[country], &fault);
    }
    let (run, _) = gate(&world);
    let run = run.exits(0);
    assert_counts(&run, 10, 0, 0);
    assert_eq!(samples(&run), calm());
}

#[test]
fn an_error_in_a_success_is_no_answer() {
    let fault = Fault::Body(json!({"error": {"message": "upstream is overloaded"}}));
    two_are_missing(
        &fault,
        3,
        "the server answers with an error: upstream is overloaded",
    );
}

#[test]
fn no_choice_is_no_answer() {
    let fault = Fault::Body(json!({"object": "chat.completion", "choices": []}));
    two_are_missing(&fault, 3, "the answer holds no `choices`");
}

#[test]
fn no_text_without_a_reason_is_no_answer() {
    let message = json!({"role": "assistant", "content": null});
    let choice = json!({"index": 0, "message": message, "finish_reason": null});
    let fault = Fault::Body(json!({"choices": [choice]}));
    two_are_missing(
        &fault,
        3,
        "the answer holds neither text nor a finish reason",
    );
}

#[test]
fn an_answer_that_the_server_gave_up_on_is_no_answer() {
    let message = json!({"role": "assistant", "content": "Vienna lies"});
    let choice = json!({"index": 0, "message": message, "finish_reason": "abort"});
    let fault = Fault::Body(json!({"choices": [choice]}));
    two_are_missing(&fault, 3, "the server gave up on the answer");
}

/// Two of ten answers are empty, and that is what the model is worth.
#[track_caller]
fn two_are_empty(fault: &Fault, finish_reason: &str) {
    let world = world("retries: 1");
    world.model.always_fails_for(&LOST, fault);
    let (run, comment) = gate(&world);
    let run = run.exits(1);
    assert_counts(&run, 10, 0, 0);
    assert_eq!(world.model.asked().len(), 10);
    assert_eq!(run.output("outcome"), "fail");
    assert_eq!(agent(&run)["score"], 7.5);
    let samples = samples(&run).into_iter();
    let empty: Vec<Value> = samples.filter(|sample| sample["answer"] == "").collect();
    assert_eq!(empty.len(), 2);
    for sample in empty {
        assert_eq!(sample["score"], 0.0, "{sample}");
        assert_eq!(sample["finish_reason"], finish_reason, "{sample}");
    }
    assert!(comment.contains("FAIL"), "{comment}");
}

#[test]
fn no_text_with_a_reason_is_an_answer_and_counts() {
    let message = json!({"role": "assistant", "content": null});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    two_are_empty(&Fault::Body(json!({"choices": [choice]})), "stop");
}

#[test]
fn a_filter_in_front_of_the_model_is_a_part_of_it() {
    let error = json!({"error": {"message": "The prompt was filtered", "code": "content_filter"}});
    two_are_empty(&Fault::Status(400, error.to_string()), "content_filter");
}

#[test]
fn a_question_that_is_too_long_for_the_model_is_not_asked_again() {
    let error = json!({"error": {"message": "4097 tokens are too many", "code": "context_length_exceeded"}});
    let fault = Fault::Status(400, error.to_string());
    two_are_missing(
        &fault,
        1,
        "refuses the request (400): 4097 tokens are too many",
    );
}

/// The server asks to come back at a time of day, as its own clock has it.
fn come_back(at: &str, date: &str) -> Fault {
    let headers = [("retry-after", at), ("date", date)];
    let headers = headers.map(|(name, value)| (name, value.to_owned()));
    Fault::Reply(429, headers.to_vec(), b"not now".to_vec())
}

/// Whatever either clock says: what counts is how far the date is from the server's own.
#[test]
fn a_time_to_come_back_that_is_over_is_now() {
    let (past, future) = (
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Mon, 01 Jan 2120 00:00:00 GMT",
    );
    let world = world("retries: 1");
    for (country, at, date) in [
        ("austria", past, past),
        ("egypt", past, future),
        ("italy", future, future),
    ] {
        world.model.fails_at(country, [(1, come_back(at, date))]);
    }
    let (run, _) = gate(&world);
    let run = run.exits(0);
    assert_counts(&run, 10, 0, 3);
    assert_eq!(samples(&run), calm());
}

#[test]
fn a_time_to_come_back_in_years_is_not_waited_for() {
    let fault = come_back(
        "Mon, 01 Jan 2120 00:00:00 GMT",
        "Wed, 21 Oct 2015 07:28:00 GMT",
    );
    two_are_missing(&fault, 2, "more than the 60 s that a run waits");
}

#[test]
fn silence_until_the_deadline_is_no_verdict() {
    let world = world("retries: 1, deadline: 700ms");
    world.model.always_fails(Fault::Held);
    let (run, comment) = gate(&world);
    let run = run.exits(3);
    assert_counts(&run, 0, 10, 0);
    assert_eq!(agent(&run)["score"], Value::Null);
    assert!(comment.contains("COULD NOT MEASURE"), "{comment}");
}

/// A jump of the clock on the wall can neither shorten nor prolong a wait: nothing that waits reads it. The one place
/// that may is the end of a wait that a server gives as a date without a date of its own.
#[test]
fn nothing_that_waits_reads_the_clock_on_the_wall() {
    fn readings(folder: &std::path::Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("edge/model/cache") {
                // How old a kept answer is, is no wait.
                continue;
            }
            if path.is_dir() {
                found.extend(readings(&path));
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let clocks = ["SystemTime", "Timestamp::now", "Zoned::now"];
            let lines = text.lines().map(str::trim);
            found.extend(
                lines
                    .filter(|line| clocks.iter().any(|clock| line.contains(clock)))
                    .map(str::to_owned),
            );
        }
        found
    }
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(readings(&source.join("runner")), Vec::<String>::new());
    assert_eq!(
        readings(&source.join("edge/model")),
        [r#"date(headers, "date").unwrap_or_else(Timestamp::now)"#]
    );
}

#[test]
fn an_answer_in_pieces_that_nobody_asked_for_is_an_answer() {
    let piece = |delta: Value, reason: Value| json!({"choices": [{"delta": delta, "finish_reason": reason}]});
    let pieces = [
        piece(
            json!({"role": "assistant", "content": "Vienna lies "}),
            Value::Null,
        ),
        piece(json!({"content": "on the Danube."}), Value::Null),
        piece(json!({}), json!("stop")),
    ];
    let events = pieces.map(|piece| format!("data: {piece}\n\n")).concat();
    let reply = |body: String| {
        let headers = vec![("content-type", "text/event-stream".to_owned())];
        Fault::Reply(200, headers, body.into_bytes())
    };
    let world = world("retries: 1");
    let whole = reply(format!("{events}data: [DONE]\n\n"));
    world.model.always_fails_for(&["england"], &whole);
    let (run, _) = gate(&world);
    let run = run.exits(1);
    assert_counts(&run, 10, 0, 0);
    let samples = samples(&run).into_iter();
    let read: Vec<Value> = samples
        .filter(|one| one["case"] == "capital-of-england")
        .collect();
    assert_eq!(read[0]["answer"], "Vienna lies on the Danube.");

    let (cut, _) = events
        .split_once("data: {\"choices\":[{\"delta\":{},")
        .unwrap();
    two_are_missing(
        &reply(cut.to_owned()),
        3,
        "the answer is a stream that is cut off",
    );
}

#[test]
fn a_packed_answer_that_nobody_asked_for_is_no_answer() {
    let packed =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
    let headers = vec![("content-encoding", "gzip".to_owned())];
    let fault = Fault::Reply(200, headers, packed.to_vec());
    let world = world("retries: 1");
    two_are_missing_in(&world, &fault, 3, "the answer is cut off or no JSON");

    let offered = world.model.asked().into_iter();
    let offered: Vec<String> = offered.filter_map(|asked| asked.accept_encoding).collect();
    assert_eq!(offered, Vec::<String>::new(), "an answer may be packed");
}

/// The most memory that a process had so far, where the system tells.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_huge_answer_is_not_kept_in_memory() {
    const HUGE: usize = 200 * 1024 * 1024;
    for huge in [Fault::HugeAsDeclared(HUGE), Fault::Huge(HUGE)] {
        let world = world("retries: 1");
        world.model.always_fails(huge.clone());
        world.model.always_fails_for(&["portugal"], &Fault::Held);
        let mut peak = None;
        let (run, comment) = gate_beside(&world, |world, process| {
            world.model.wait_until(1, 9);
            peak = peak_memory(process);
            world.model.let_go();
        });
        assert!(peak.unwrap_or(0) < 120 * 1024, "{huge:?}: {peak:?} kB");
        let run = run.exits(4);
        assert_counts(&run, 1, 9, 0);
        assert!(comment.contains("9 of 10 answers are missing"), "{comment}");
        assert!(comment.contains("larger than 4 MiB"), "{comment}");
    }
}
