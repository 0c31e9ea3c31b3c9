//! What the model client promises, against a server that misbehaves.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::pending;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tunegate::agent::{AgentName, Candidate, Parameters};
use tunegate::edge::Secret;
use tunegate::edge::model::{About, Client, ModelCheck, ProviderSettings};
use tunegate::runner::{
    self, Ask, AskError, Budget, Cause, Halt, Outcome, Refusal, Reply, Settings, Status, run,
};
use tunegate::score::Expectation;
use tunegate::suite::{Case, CaseId, Message, Role};

#[path = "gate/support/model.rs"]
#[expect(dead_code, reason = "the stories in tests/gate use the rest of it")]
mod model;

use model::{Asked, FakeModel, Fault};

const KEY: &str = "sk-abc/123+xyz==";
const MODEL: &str = "ft:open-mistral-7b:acme:20250101:c0ffee";

fn question(prompt: &str) -> Ask {
    Ask {
        agent: AgentName::new("qa").unwrap_or_else(|| panic!("no name")),
        case: Arc::new(Case {
            id: CaseId::new(prompt),
            messages: vec![Message {
                role: Role::User,
                content: prompt.to_owned(),
            }],
            expectation: Expectation::default(),
            tags: Vec::new(),
            weight: 1.0,
            cluster: None,
            draft: false,
        }),
        sample: 0,
        candidate: Arc::new(Candidate {
            model: MODEL.to_owned(),
            system: Some("Be brief.".to_owned()),
            parameters: Parameters::default(),
        }),
        grading: None,
    }
}

fn settings(server: &FakeModel) -> ProviderSettings {
    ProviderSettings {
        name: "fake".to_owned(),
        base_url: server.base_url(),
        key: Secret::new(KEY),
        key_env: "FAKE_KEY".to_owned(),
        headers: BTreeMap::new(),
        extra_body: serde_json::Map::new(),
        timeout: Duration::from_secs(10),
        concurrency: 8,
    }
}

fn client(server: &FakeModel) -> Client {
    Client::new(settings(server)).unwrap_or_else(|error| panic!("no client: {error}"))
}

async fn ask_once(server: &FakeModel) -> Result<Reply, AskError> {
    client(server).ask(&question("Hello?")).await
}

/// Asks all prompts with retries that wait a millisecond.
async fn ask_all(
    server: &FakeModel,
    prompts: &[&str],
    at_once: usize,
) -> Result<Vec<Outcome>, Refusal> {
    let client = client(server);
    let budget = Budget::unlimited();
    let settings = Settings {
        concurrency: NonZeroUsize::new(at_once).unwrap_or(NonZeroUsize::MIN),
        retry_delay: Duration::from_millis(1),
        ..Settings::new(&budget)
    };
    ask_with(prompts, &settings, async |ask| client.ask(ask).await).await
}

async fn ask_with(
    prompts: &[&str],
    settings: &Settings<'_>,
    ask: impl AsyncFn(&Ask) -> Result<Reply, AskError>,
) -> Result<Vec<Outcome>, Refusal> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; prompts.len()];
    let ended = run(
        prompts.iter().enumerate(),
        settings,
        |(_, prompt)| Ok(question(prompt)),
        ask,
        pending(),
        |_| {},
        |(place, _), _, outcome| {
            outcomes[place] = Some(outcome);
            Ok::<(), Infallible>(())
        },
    )
    .await;
    match ended {
        Ok(()) => Ok(outcomes.into_iter().flatten().collect()),
        Err(Halt::Refused(refusal)) => Err(refusal),
    }
}

fn text(outcome: &Outcome) -> &str {
    match &outcome.status {
        Status::Answered(reply) => &reply.text,
        Status::Unanswered { why, .. } => panic!("unanswered: {why}"),
    }
}

/// A success whose one choice is this.
fn choice(choice: &Value) -> Fault {
    Fault::Body(json!({"model": MODEL, "choices": [choice]}))
}

#[tokio::test]
async fn a_request_holds_the_model_the_system_prompt_first_and_only_what_is_set() {
    let server = FakeModel::start();
    let mut question = question("Hello?");
    let candidate = Arc::make_mut(&mut question.candidate);
    candidate.parameters.temperature = Some(0.2);
    candidate.parameters.seed = Some(7);
    let client = Client::new(ProviderSettings {
        extra_body:
            json!({"model": "other", "messages": [], "stream": true, "top_k": 3, "seed": 8})
                .as_object()
                .cloned()
                .unwrap(),
        headers: BTreeMap::from([("x-team".to_owned(), "gate".to_owned())]),
        ..settings(&server)
    })
    .unwrap();
    client.ask(&question).await.unwrap();
    let [
        Asked {
            authorization,
            body,
            ..
        },
    ] = &server.asked()[..]
    else {
        panic!("not one request");
    };
    assert_eq!(authorization.as_deref(), Some("Bearer sk-abc/123+xyz=="));
    assert_eq!(
        *body,
        json!({
            "model": MODEL,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Hello?"},
            ],
            "temperature": 0.2,
            "seed": 8,
            "top_k": 3,
        })
    );
    server.verify();
}

#[tokio::test]
async fn a_reply_carries_everything_the_server_says() {
    let server = FakeModel::start();
    server.answers(MODEL, "Hello?", "Hi.");
    server.takes(Duration::from_millis(20));
    let reply = ask_once(&server).await.unwrap();
    assert_eq!(reply.text, "Hi.");
    assert_eq!(reply.finish_reason.as_deref(), Some("stop"));
    assert_eq!(reply.served_model.as_deref(), Some(MODEL));
    assert_eq!(reply.system_fingerprint.as_deref(), Some("fp_1"));
    let usage = reply.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (11, 7));
    assert!(reply.latency >= Some(Duration::from_millis(20)));
}

/// A server that sends the head of an answer at once and its body after a while.
async fn slow_body(after: Duration) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base_url = format!("http://{}/v1", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_slowly(stream, after));
        }
    });
    Ok(base_url)
}

async fn answer_slowly(mut stream: TcpStream, after: Duration) -> std::io::Result<()> {
    let body = r#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"#;
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    let mut asked = Vec::new();
    while stream.read_buf(&mut asked).await? > 0 {
        if asked.ends_with(b"}") {
            asked.clear();
            stream.write_all(head.as_bytes()).await?;
            tokio::time::sleep(after).await;
            stream.write_all(body.as_bytes()).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn latency_is_the_time_of_one_request_with_its_body_and_without_its_queue() {
    let (body, questions) = (Duration::from_millis(60), 8);
    let server = FakeModel::start();
    let client = Client::new(ProviderSettings {
        base_url: slow_body(body).await.unwrap(),
        ..settings(&server)
    })
    .unwrap();
    let budget = Budget::unlimited();
    let settings = Settings {
        concurrency: NonZeroUsize::MIN,
        ..Settings::new(&budget)
    };
    let start = Instant::now();
    let prompts = vec!["Hello?"; questions];
    let outcomes = ask_with(&prompts, &settings, async |ask| client.ask(ask).await).await;
    let all = start.elapsed();
    let latencies = outcomes
        .unwrap()
        .into_iter()
        .map(|outcome| match outcome.status {
            Status::Answered(reply) => reply.latency,
            Status::Unanswered { why, .. } => panic!("unanswered: {why}"),
        });
    let latencies: Vec<Duration> = latencies.flatten().collect();
    assert!(
        latencies.iter().all(|latency| *latency >= body),
        "{latencies:?}"
    );
    // One after the other: with its queue, the last would be as long as all together.
    let sum: Duration = latencies.iter().sum();
    assert!(sum <= all, "{latencies:?} in {all:?}");
}

#[tokio::test]
async fn three_refusals_for_haste_and_then_an_answer_are_as_good_as_an_answer() {
    let server = FakeModel::start();
    let calm = ask_all(&server, &["Hello?"], 1).await.unwrap();
    server.fails([
        Fault::TooMany(None),
        Fault::TooMany(Some("0")),
        Fault::TooMany(None),
    ]);
    let busy = ask_all(&server, &["Hello?"], 1).await.unwrap();
    assert_eq!(text(&busy[0]), text(&calm[0]));
    assert_eq!((calm[0].attempts, busy[0].attempts), (1, 4));
}

#[tokio::test]
async fn every_fault_that_passes_is_asked_again() {
    for fault in [
        Fault::Status(500, "oops".to_owned()),
        Fault::Status(529, String::new()),
        Fault::BadGateway,
        Fault::Close,
        Fault::CutBody,
        Fault::Body(json!({"choices": []})),
        Fault::Body(json!({"error": {"message": "overloaded"}})),
        Fault::Body(json!({"object": "error", "message": "overloaded"})),
        Fault::Status(200, "<html></html>".to_owned()),
        choice(&json!({"message": {"content": null}, "finish_reason": null})),
    ] {
        let server = FakeModel::start();
        server.otherwise("fine").fails([fault.clone()]);
        let outcomes = ask_all(&server, &["Hello?"], 1).await.unwrap();
        assert_eq!(text(&outcomes[0]), "fine", "{fault:?}");
        assert_eq!(outcomes[0].attempts, 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_server_is_given_the_time_it_asks_for() {
    let server = FakeModel::start();
    server.fails([Fault::TooMany(Some("0.04"))]);
    let start = Instant::now();
    let outcomes = ask_all(&server, &["Hello?"], 1).await.unwrap();
    assert_eq!(outcomes[0].attempts, 2);
    assert!(start.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn a_slow_answer_is_a_time_out_that_says_so() {
    let server = FakeModel::start();
    server.fails([Fault::Slow(Duration::from_secs(5))]);
    let client = Client::new(ProviderSettings {
        timeout: Duration::from_millis(30),
        ..settings(&server)
    })
    .unwrap();
    let question = question("Hello?");
    let Err(AskError::Passing { why, .. }) = client.ask(&question).await else {
        panic!("no time-out");
    };
    assert!(
        why.starts_with("provider `fake` did not answer in time"),
        "{why}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_given_up_after_ten_connections() {
    let server = FakeModel::start();
    let gone = settings(&server);
    drop(server);
    let client = Client::new(gone).unwrap();
    let budget = Budget::unlimited();
    let settings = Settings {
        retry_delay: Duration::from_millis(1),
        ..Settings::new(&budget)
    };
    let requests = Cell::new(0);
    let outcomes = ask_with(&["Hello?"; 50], &settings, async |ask| {
        requests.set(requests.get() + 1);
        client.ask(ask).await
    });
    let outcomes = outcomes.await.unwrap();
    assert!(requests.get() < 20, "{} requests", requests.get());
    let Status::Unanswered { cause, why } = &outcomes[49].status else {
        panic!("answered");
    };
    assert_eq!(*cause, Cause::Transport);
    assert!(
        why.starts_with("the provider is unreachable (10 failed connections)"),
        "{why}"
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_unreachable_over_https() {
    let server = FakeModel::start();
    let client = Client::new(ProviderSettings {
        base_url: server.base_url().replace("http:", "https:"),
        ..settings(&server)
    })
    .unwrap();
    let question = question("Hello?");
    let error = client.ask(&question).await.unwrap_err();
    let AskError::Passing { fault, why, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(fault, runner::Fault::Unreachable);
    assert!(
        why.starts_with("provider `fake` cannot be reached ("),
        "{why}"
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_key_that_the_server_repeats_is_in_no_message() {
    let server = FakeModel::start();
    server.always_fails(Fault::KeyEcho);
    let refusal = ask_all(&server, &["Hello?"; 4], 1).await.unwrap_err();
    let message = refusal.to_string();
    assert!(
        message.contains("`FAKE_KEY` (401): Incorrect API key: Bearer ***;"),
        "{message}"
    );
    assert!(!format!("{refusal:?}").contains("abc"), "{refusal:?}");
    assert_eq!(
        server.asked().len(),
        1,
        "asked on although the key is refused"
    );
}

#[tokio::test]
async fn a_key_in_other_clothes_is_in_no_message_either() {
    let clothes = "sk-abc%2F123%2Bxyz%3D%3D sk-abc\\/123+xyz== c2stYWJjLzEyMyt4eXo9PQ==";
    for status in [400, 500] {
        let server = FakeModel::start();
        server.fails([Fault::Status(status, format!("{clothes} {KEY}"))]);
        let error = ask_once(&server).await.unwrap_err();
        let (AskError::Question { why } | AskError::Passing { why, .. }) = error else {
            panic!("{error:?}");
        };
        assert!(why.ends_with("*** *** ***== ***"), "{why}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_names_the_host() {
    let (server, elsewhere) = (FakeModel::start(), FakeModel::start());
    let target = format!("{}/chat/completions", elsewhere.base_url());
    server.always_fails(Fault::Redirect(target));
    let refusal = ask_all(&server, &["Hello?"], 1).await.unwrap_err();
    assert!(matches!(&refusal, Refusal::Redirect { host, .. } if host == "127.0.0.1"));
    assert!(elsewhere.asked().is_empty(), "the key went to another host");
}

#[tokio::test]
async fn a_model_that_does_not_exist_is_asked_once() {
    let mistral = json!({"object": "error", "message": "Invalid model: ft:x", "type": "invalid_model", "code": "1500"});
    let openai = json!({"error": {"message": "no access", "code": "model_not_found"}});
    for (status, body) in [(400, &mistral), (404, &openai), (422, &mistral)] {
        let server = FakeModel::start();
        server.always_fails(Fault::Status(status, body.to_string()));
        let refusal = ask_all(&server, &["a", "b"], 1).await.unwrap_err();
        assert!(matches!(&refusal, Refusal::UnknownModel { model, .. } if model == MODEL));
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_request_says_what_the_server_dislikes() {
    let server = FakeModel::start();
    let body = json!({"detail": [{"loc": ["body", "temperature"], "msg": "must be below 2"}]});
    server.fails([Fault::Status(422, body.to_string())]);
    let error = ask_once(&server).await.unwrap_err();
    let why = "provider `fake` refuses the request (422): body.temperature: must be below 2";
    assert_eq!(
        error,
        AskError::Question {
            why: why.to_owned()
        }
    );
}

#[tokio::test]
async fn a_status_counts_whatever_becomes_of_its_body() {
    let cut = |status| {
        let server = FakeModel::start();
        server.fails([Fault::CutComplaint(status)]);
        async move { ask_once(&server).await.unwrap_err() }
    };
    let AskError::Passing { fault, why, .. } = cut(429).await else {
        panic!("no limit");
    };
    assert_eq!(fault, runner::Fault::Throttled);
    assert!(why.contains("answers 429: the server is"), "{why}");
    let error = cut(401).await;
    assert!(
        matches!(error, AskError::Hopeless(Refusal::Key { .. })),
        "{error:?}"
    );

    let server = FakeModel::start();
    server.fails([Fault::Status(500, "x".repeat(5 * 1024 * 1024))]);
    let error = ask_once(&server).await.unwrap_err();
    assert!(matches!(error, AskError::Passing { .. }), "{error:?}");
}

#[tokio::test]
async fn a_filter_in_front_of_the_model_is_an_answer_without_a_word() {
    let server = FakeModel::start();
    let error = json!({"error": {"message": "The prompt was filtered", "code": "content_filter"}});
    server.fails([Fault::Status(400, error.to_string())]);
    let reply = ask_once(&server).await.unwrap();
    assert_eq!(reply.text, "");
    assert_eq!(reply.finish_reason.as_deref(), Some("content_filter"));
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let server = FakeModel::start();
    server.fails([Fault::Status(200, "x".repeat(5 * 1024 * 1024))]);
    let error = ask_once(&server).await.unwrap_err();
    let why = "the answer of provider `fake` is larger than 4 MiB".to_owned();
    assert_eq!(error, AskError::Question { why });
}

#[tokio::test]
async fn odd_answers_are_answers() {
    let parts = json!([
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]);
    let calls = json!([{"function": {"name": "f"}}]);
    for (message, reason, expected) in [
        (json!({"content": "cut"}), "model_length", "cut"),
        (json!({"content": null}), "stop", ""),
        (json!({"content": ""}), "content_filter", ""),
        (json!({"content": parts}), "stop", "ab"),
        (
            json!({"content": null, "tool_calls": calls}),
            "tool_calls",
            "",
        ),
    ] {
        let server = FakeModel::start();
        server.fails([choice(
            &json!({"message": message, "finish_reason": reason}),
        )]);
        let reply = ask_once(&server).await.unwrap();
        assert_eq!(reply.text, expected);
        assert_eq!(reply.finish_reason.as_deref(), Some(reason));
        assert_eq!(reply.usage, None);
    }
}

#[tokio::test]
async fn answers_come_in_order_and_never_more_requests_at_once_than_allowed() {
    let server = FakeModel::start();
    server.takes(Duration::from_millis(5));
    let prompts: Vec<String> = (0..40).map(|n| format!("prompt {n}")).collect();
    for prompt in &prompts {
        server.answers(MODEL, prompt, &prompt.to_uppercase());
    }
    let prompts: Vec<&str> = prompts.iter().map(String::as_str).collect();
    let outcomes = ask_all(&server, &prompts, 4).await.unwrap();
    let texts: Vec<String> = outcomes.iter().map(|o| text(o).to_lowercase()).collect();
    assert_eq!(texts, prompts);
    assert_eq!(server.most_in_flight(), 4);
}

#[tokio::test]
async fn a_model_is_looked_up_without_being_asked() {
    let server = FakeModel::start();
    server.knows(MODEL).knows("org/name");
    let client = client(&server);
    for model in [MODEL, "org/name"] {
        let found = client.check_model(model).await;
        assert!(matches!(found, ModelCheck::Exists(_)), "{found:?}");
    }
    let unknown = client.check_model("ft:other").await;
    assert!(
        matches!(&unknown, ModelCheck::Refused(Refusal::UnknownModel { model, .. }) if model == "ft:other"),
        "{unknown:?}"
    );
    assert!(server.asked().is_empty());
    server.verify();
}

#[tokio::test]
async fn what_a_server_says_of_a_model_is_told_and_what_it_does_not_is_not() {
    let server = FakeModel::start();
    let page = json!({"created": 1_777_000_000, "job": "job-7", "root": "open-mistral-7b"});
    server
        .describes(MODEL, &page)
        .describes("base", &json!({"root": "base", "created": 0, "job": ""}));
    let ModelCheck::Exists(about) = client(&server).check_model(MODEL).await else {
        panic!("it is there")
    };
    assert_eq!(
        (about.created, about.job.as_deref()),
        (Some(1_777_000_000), Some("job-7"))
    );
    assert_eq!(about.base.as_deref(), Some("open-mistral-7b"));
    let base = client(&server).check_model("base").await;
    assert_eq!(base, ModelCheck::Exists(About::default()));
}

#[tokio::test]
async fn a_server_that_has_one_model_is_told_by_its_name_and_never_a_list() {
    let server = FakeModel::start();
    server.knows("/models/tiny.gguf");
    let detail = |check| match check {
        ModelCheck::Refused(Refusal::UnknownModel { detail, .. }) => detail,
        other
        @ (ModelCheck::Exists(_) | ModelCheck::Refused(_) | ModelCheck::CannotTell { .. }) => {
            panic!("{other:?}")
        }
    };
    let only = detail(client(&server).check_model("tiny").await);
    assert_eq!(only, "it has only `/models/tiny.gguf`");
    server.knows("ft:of-somebody-else");
    let among_others = detail(client(&server).check_model("tiny").await);
    assert!(!among_others.contains("gguf"), "{among_others}");
    assert!(!among_others.contains("somebody"), "{among_others}");
}

#[tokio::test]
async fn a_server_without_a_list_of_models_cannot_tell() {
    let server = FakeModel::start();
    let client = Client::new(ProviderSettings {
        base_url: server.base_url().replace("/v1", "/v2"),
        ..settings(&server)
    })
    .unwrap();
    let check = client.check_model(MODEL).await;
    assert!(matches!(check, ModelCheck::CannotTell { .. }), "{check:?}");
}

#[tokio::test]
#[should_panic(expected = "GET /v2/models/m")]
async fn a_request_that_the_server_does_not_have_fails_a_test() {
    let server = FakeModel::start();
    let client = Client::new(ProviderSettings {
        base_url: server.base_url().replace("/v1", "/v2"),
        ..settings(&server)
    })
    .unwrap();
    client.check_model("m").await;
    server.verify();
}

#[tokio::test]
async fn a_key_that_comes_back_in_an_answer_is_masked() {
    let server = FakeModel::start();
    server.otherwise(&format!("your key is {KEY}"));
    let reply = ask_once(&server)
        .await
        .unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(reply.text, "your key is ***");
}

#[tokio::test]
async fn a_word_in_place_of_a_key_is_left_in_answers() {
    let server = FakeModel::start();
    server.otherwise("the list is EMPTY");
    let client = Client::new(ProviderSettings {
        key: Secret::new("EMPTY"),
        ..settings(&server)
    })
    .unwrap_or_else(|error| panic!("no client: {error}"));
    let question = question("Hello?");
    let reply = client.ask(&question).await;
    let reply = reply.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(reply.text, "the list is EMPTY");
}
