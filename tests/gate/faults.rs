//! The model server fails in one way after the other: what was asked is counted, what did not come is said, and nothing
//! of it is ever a score.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::job::Run;
use crate::support::model::{Fault, Length};
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

/// The questions that get no answer where a story says so.
const LOST: [&str; 2] = ["austria", "egypt"];
/// No story takes longer, whatever the server does. Most take less than a second.
const SOON: Duration = Duration::from_secs(60);

/// A world whose new model earns more than one score, and whose requests end soon.
fn world(run: &str) -> World {
    let world = World::configured(|config| {
        config
            .replace("retry_delay: 1ms", &format!("retry_delay: 1ms, {run}"))
            .replace("{provider: acme}", "{provider: acme, timeout: 700ms}")
            .replace("gate:\n", "gate:\n  on_no_baseline: floor-only\n")
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
    let world = world("retries: 1");
    world.model.always_fails_for(&LOST, fault);
    let (run, comment) = gate(&world);
    assert_two_are_missing(&world, run, &comment, requests, why);
}

#[track_caller]
fn assert_two_are_missing(world: &World, run: Run, comment: &str, requests: usize, why: &str) {
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

/// The first request of every question fails: asked again, all have the scores that they have anyway.
#[track_caller]
fn the_next_try_mends(fault: Fault) {
    let world = world("retries: 1");
    world.model.fails_at([(1, fault)]);
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

/// Of every ten requests for a question, those at `rhythm` fail, and the others are needed: all are answered in the end.
#[track_caller]
fn a_share_of_all_requests_fails(rhythm: &[(usize, Fault)]) {
    let answered = 10 - rhythm.len();
    let steady = format!("samples: {answered}");
    let (undisturbed, _) = gate(&world(&steady));

    let world = world(&steady);
    world.model.fails_at(rhythm.iter().cloned());
    let (run, comment) = gate(&world);
    let run = run.exits(0);
    let (scored, retries) = (10 * answered, 10 * rhythm.len());
    assert_eq!(world.model.asked().len(), 100);
    assert_counts(&run, scored, 0, retries);
    assert_eq!(samples(&run), samples(&undisturbed.exits(0)));
    let told = format!("{scored} answers, 0 unanswered · {retries} retries");
    assert!(comment.contains(&told), "{comment}");
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
    the_next_try_mends(Fault::Reset);
    two_are_missing(
        &Fault::Reset,
        3,
        "broke the connection off (Connection reset by peer",
    );
}

#[test]
fn a_closed_connection_is_no_answer() {
    the_next_try_mends(Fault::Close);
    two_are_missing(
        &Fault::Close,
        3,
        "broke the connection off (connection closed",
    );
}

#[test]
fn an_answer_that_breaks_off_in_the_middle_is_no_answer() {
    the_next_try_mends(Fault::CutBody);
    two_are_missing(&Fault::CutBody, 3, "broke the connection off (");
}

#[test]
fn an_answer_that_is_shorter_than_its_json_is_no_answer() {
    let half = br#"{"choices":[{"finish_reason":"stop","message":{"content":"Vienna lies on"#;
    let fault = Fault::Reply(200, Vec::new(), half.to_vec());
    the_next_try_mends(fault.clone());
    two_are_missing(&fault, 3, "the answer is cut off or no JSON");
}

#[test]
fn text_that_never_ends_is_read_to_a_limit_and_not_asked_for_again() {
    two_are_missing(&Fault::Endless("x"), 1, "larger than 16 MiB");
}

#[test]
fn blanks_that_never_end_are_read_to_a_limit() {
    two_are_missing(&Fault::Endless(" \n"), 1, "larger than 16 MiB");
}

#[test]
fn a_body_that_drips_is_waited_for_no_longer_than_allowed() {
    the_next_try_mends(Fault::DripBody);
    two_are_missing(&Fault::DripBody, 3, "did not answer in time");
}

#[test]
fn a_head_that_drips_is_waited_for_no_longer_than_allowed() {
    the_next_try_mends(Fault::DripHead);
    two_are_missing(&Fault::DripHead, 3, "did not answer in time");
}

#[test]
fn silence_is_waited_for_no_longer_than_allowed() {
    two_are_missing(&Fault::Held, 3, "did not answer in time");
}

#[test]
fn a_page_in_place_of_an_answer_is_no_answer() {
    let page = "<html><head><title>Sign in to Acme</title></head></html>";
    let headers = vec![("content-type", "text/html".to_owned())];
    let fault = Fault::Reply(200, headers, page.into());
    the_next_try_mends(fault.clone());
    two_are_missing(&fault, 3, "a web page titled \"Sign in to Acme\"");
}

#[test]
fn an_answer_under_another_content_type_is_an_answer() {
    for content_type in [
        "text/plain",
        "text/html; charset=utf-8",
        "application/octet-stream",
    ] {
        let world = world("retries: 1");
        world.model.always_fails(Fault::Typed(content_type));
        let (run, _) = gate(&world);
        let run = run.exits(0);
        assert_counts(&run, 10, 0, 0);
        assert_eq!(samples(&run), calm(), "{content_type}");
    }
}

#[test]
fn an_error_in_a_success_is_no_answer() {
    let fault = Fault::Body(json!({"error": {"message": "upstream is overloaded"}}));
    the_next_try_mends(fault.clone());
    two_are_missing(
        &fault,
        3,
        "the server answers with an error: upstream is overloaded",
    );
}

#[test]
fn no_choice_is_no_answer() {
    let fault = Fault::Body(json!({"object": "chat.completion", "choices": []}));
    the_next_try_mends(fault.clone());
    two_are_missing(&fault, 3, "the answer holds no `choices`");
}

#[test]
fn no_text_without_a_reason_is_no_answer() {
    let message = json!({"role": "assistant", "content": null});
    let choice = json!({"index": 0, "message": message, "finish_reason": null});
    let fault = Fault::Body(json!({"choices": [choice]}));
    the_next_try_mends(fault.clone());
    two_are_missing(
        &fault,
        3,
        "the answer holds neither text nor a finish reason",
    );
}

/// What a model does is an answer, and this is a poor one.
#[test]
fn no_text_with_a_reason_is_an_answer_and_counts() {
    let message = json!({"role": "assistant", "content": null});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    let world = world("retries: 1");
    world
        .model
        .always_fails_for(&LOST, &Fault::Body(json!({"choices": [choice]})));
    let (run, comment) = gate(&world);
    let run = run.exits(1);
    assert_counts(&run, 10, 0, 0);
    assert_eq!(run.output("outcome"), "fail");
    assert_eq!(agent(&run)["score"], 7.5);
    let empty: Vec<Value> = samples(&run)
        .into_iter()
        .filter(|sample| sample["answer"] == "")
        .collect();
    assert_eq!(empty.len(), 2);
    assert!(
        empty.iter().all(|sample| sample["score"] == 0.0),
        "{empty:?}"
    );
    assert!(comment.contains("FAIL"), "{comment}");
}

#[test]
fn a_packed_answer_that_nobody_asked_for_is_no_answer() {
    let packed =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
    let headers = vec![("content-encoding", "gzip".to_owned())];
    let fault = Fault::Reply(200, headers, packed.to_vec());
    two_are_missing(&fault, 3, "the answer is cut off or no JSON");

    let world = world("retries: 1");
    gate(&world);
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
    for (length, most) in [(Length::Declared, 64), (Length::Unsaid, 256)] {
        let world = world("retries: 1");
        let huge = Fault::Huge(200 * 1024 * 1024, length);
        world.model.always_fails(huge.clone());
        world.model.always_fails_for(&["portugal"], &Fault::Held);
        let mut peak = None;
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).run_beside(|world, process| {
            world.model.wait_until(1, 9);
            peak = peak_memory(process);
            world.model.let_go();
        });
        println!("{length:?} {peak:?} {}", run.code);
        assert!(peak.unwrap_or(0) < most * 1024, "{length:?}: {peak:?} kB");
        let run = run.exits(4);
        assert_counts(&run, 1, 9, 0);
    }
}
