use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::super::stub::{Answer, Seen, Stub, TOKEN, sha};
use super::*;

const PULL: PullNumber = PullNumber(7);
const MARKER: &str = "<!-- tunegate:v1:model-quality -->";
const LIST: &str = "GET /issues/7/comments";
const POST: &str = "POST /issues/7/comments";

/// A conversation that remembers its comments.
#[derive(Default)]
struct Conversation {
    comments: Mutex<Vec<Value>>,
}

impl Conversation {
    fn with(comments: &[(u64, &str, &str)]) -> Arc<Self> {
        let comments = comments
            .iter()
            .map(|(id, login, body)| comment(*id, login, body))
            .collect();
        Arc::new(Self {
            comments: Mutex::new(comments),
        })
    }

    fn answer(&self, seen: &Seen) -> Answer {
        let mut comments = self.comments.lock().unwrap();
        match seen.line().as_str() {
            "POST /graphql" => viewer(),
            LIST => list(&comments, seen),
            POST => {
                let id = 100 + u64::try_from(comments.len()).unwrap();
                let new = comment(
                    id,
                    "github-actions[bot]",
                    seen.body["body"].as_str().unwrap(),
                );
                comments.push(new.clone());
                Answer::json(201, &new)
            }
            line => {
                let id: u64 = line
                    .strip_prefix("PATCH /issues/comments/")
                    .unwrap()
                    .parse()
                    .unwrap();
                let Some(old) = comments.iter_mut().find(|comment| comment["id"] == id) else {
                    return Answer::missing();
                };
                old["body"] = seen.body["body"].clone();
                Answer::json(200, old)
            }
        }
    }

    fn bodies(&self) -> Vec<String> {
        let comments = self.comments.lock().unwrap();
        comments
            .iter()
            .map(|comment| comment["body"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn comment(id: u64, login: &str, body: &str) -> Value {
    let kind = if login.ends_with("[bot]") {
        "Bot"
    } else {
        "User"
    };
    json!({"id": id, "body": body, "html_url": format!("https://x/{id}"), "user": {"login": login, "type": kind}})
}

fn viewer() -> Answer {
    Answer::json(
        200,
        &json!({"data": {"viewer": {"login": "github-actions[bot]"}}}),
    )
}

fn list(comments: &[Value], seen: &Seen) -> Answer {
    let page: usize = seen.query("page").map_or(1, |page| page.parse().unwrap());
    let shown: Vec<&Value> = comments.iter().skip((page - 1) * 100).take(100).collect();
    let answer = Answer::json(200, &json!(shown));
    if page * 100 >= comments.len() {
        return answer;
    }
    let next = format!(
        "</repos/acme/models/issues/7/comments?per_page=100&page={}>; rel=\"next\"",
        page + 1
    );
    answer.with("link", &next)
}

async fn serve(conversation: &Arc<Conversation>) -> Stub {
    let conversation = Arc::clone(conversation);
    Stub::start(move |seen| conversation.answer(seen)).await
}

fn body(run: u64, text: &str) -> String {
    let line = RunLine {
        run,
        attempt: 1,
        head: sha('c'),
    };
    format!("{MARKER}\n{line}\n{text}")
}

async fn upsert(stub: &Stub, body: &str) -> Result<Written, CommentError> {
    let github = stub.github();
    let short = format!("{MARKER}\nshort");
    Comments::new(&github, MARKER, None)
        .upsert(
            PULL,
            CommentText {
                body,
                short: &short,
            },
        )
        .await
}

#[tokio::test]
async fn the_first_run_posts_and_the_second_edits_the_same_comment() {
    let conversation = Conversation::with(&[]);
    let stub = serve(&conversation).await;
    let Written::Created(first) = upsert(&stub, &body(1, "PASS")).await.unwrap() else {
        panic!()
    };
    let Written::Updated(second) = upsert(&stub, &body(2, "FAIL")).await.unwrap() else {
        panic!()
    };
    assert_eq!(first.id, second.id);
    assert_eq!(
        second.run,
        Some(RunLine {
            run: 2,
            attempt: 1,
            head: sha('c')
        })
    );
    assert_eq!(conversation.bodies(), [body(2, "FAIL")]);
    assert_eq!(stub.count(POST), 1);
}

#[tokio::test]
async fn an_unchanged_text_sends_nothing() {
    let stored = body(1, "PASS").replace('\n', "\r\n");
    let conversation = Conversation::with(&[(1, "github-actions[bot]", &stored)]);
    let stub = serve(&conversation).await;
    let written = upsert(&stub, &body(1, "PASS\n")).await.unwrap();
    assert!(matches!(
        written,
        Written::Unchanged(OwnComment { id: 1, .. })
    ));
    assert_eq!(stub.lines(), [LIST, "POST /graphql"]);
}

#[tokio::test]
async fn our_marker_in_a_foreign_comment_is_not_ours() {
    let theirs = body(1, "forged");
    let quoted = format!("see:\n{theirs}");
    let conversation = Conversation::with(&[
        (1, "eve", &theirs),
        (2, "github-actions", &theirs),
        (3, "github-actions[bot]", &quoted),
        (4, "other[bot]", &theirs),
    ]);
    conversation
        .comments
        .lock()
        .unwrap()
        .push(json!({"id": 5, "body": theirs, "user": null}));
    let stub = serve(&conversation).await;
    assert!(matches!(
        upsert(&stub, &body(1, "PASS")).await.unwrap(),
        Written::Created(_)
    ));
    assert_eq!(
        conversation
            .bodies()
            .into_iter()
            .filter(|body| body.contains("forged"))
            .count(),
        5
    );
}

#[tokio::test]
async fn our_comment_is_found_on_the_third_page() {
    let mut all: Vec<(u64, &str, &str)> = (1..250).map(|id| (id, "ada", "hello")).collect();
    let ours = body(1, "PASS");
    all.push((250, "github-actions[bot]", &ours));
    let conversation = Conversation::with(&all);
    let stub = serve(&conversation).await;
    assert!(matches!(
        upsert(&stub, &body(2, "FAIL")).await.unwrap(),
        Written::Updated(_)
    ));
    assert_eq!((stub.count(LIST), stub.count(POST)), (3, 0));
}

#[tokio::test]
async fn the_newest_of_ours_wins_and_older_ones_are_retired() {
    let conversation = Conversation::with(&[
        (1, "github-actions[bot]", &body(1, "old")),
        (2, "github-actions[bot]", &body(2, "newer")),
    ]);
    let stub = serve(&conversation).await;
    let github = stub.github();
    let own = Comments::new(&github, MARKER, None)
        .find_own(PULL)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((own.id, own.run.unwrap().run), (2, 2));
    let bodies = conversation.bodies();
    assert_eq!(
        bodies,
        [
            "_Superseded by [a newer report](https://x/2)._",
            &body(2, "newer")
        ]
    );
    assert!(!stub.lines().iter().any(|line| line.starts_with("DELETE")));
}

#[tokio::test]
async fn a_newer_run_is_never_overwritten() {
    let conversation = Conversation::with(&[(1, "github-actions[bot]", &body(5, "newer"))]);
    let stub = serve(&conversation).await;
    assert!(matches!(
        upsert(&stub, &body(4, "older")).await.unwrap(),
        Written::Newer(_)
    ));
    assert_eq!(conversation.bodies(), [body(5, "newer")]);
    assert!(matches!(
        upsert(&stub, &body(5, "same run")).await.unwrap(),
        Written::Updated(_)
    ));
}

#[tokio::test]
async fn a_comment_that_was_created_behind_a_502_is_adopted() {
    let conversation = Conversation::with(&[]);
    let inner = Arc::clone(&conversation);
    let stub = Stub::start(move |seen| {
        let answer = inner.answer(seen);
        if seen.line() == POST {
            Answer::bytes(502, "<html>")
        } else {
            answer
        }
    })
    .await;
    assert!(matches!(
        upsert(&stub, &body(1, "PASS")).await.unwrap(),
        Written::Created(_)
    ));
    assert_eq!(conversation.bodies(), [body(1, "PASS")]);
    assert_eq!(stub.count(POST), 1);
}

#[tokio::test]
async fn a_comment_that_a_502_swallowed_is_posted_once_more() {
    let conversation = Conversation::with(&[]);
    let (inner, first) = (Arc::clone(&conversation), Mutex::new(true));
    let stub = Stub::start(move |seen| {
        if seen.line() == POST && std::mem::take(&mut *first.lock().unwrap()) {
            return Answer::bytes(502, "");
        }
        inner.answer(seen)
    })
    .await;
    assert!(matches!(
        upsert(&stub, &body(1, "PASS")).await.unwrap(),
        Written::Created(_)
    ));
    assert_eq!((conversation.bodies().len(), stub.count(POST)), (1, 2));
}

#[tokio::test]
async fn a_comment_that_was_deleted_meanwhile_is_posted_again() {
    let conversation = Conversation::with(&[(1, "github-actions[bot]", &body(1, "old"))]);
    let inner = Arc::clone(&conversation);
    let stub = Stub::start(move |seen| {
        if seen.line().starts_with("PATCH") {
            inner.comments.lock().unwrap().clear();
        }
        inner.answer(seen)
    })
    .await;
    assert!(matches!(
        upsert(&stub, &body(2, "new")).await.unwrap(),
        Written::Created(_)
    ));
    assert_eq!(
        (conversation.bodies(), stub.count(POST)),
        (vec![body(2, "new")], 1)
    );
}

#[tokio::test]
async fn a_text_that_is_too_long_becomes_the_short_one() {
    for stored in [None, Some(body(1, "old"))] {
        let comments: Vec<_> = stored
            .iter()
            .map(|body| (1, "github-actions[bot]", body.as_str()))
            .collect();
        let conversation = Conversation::with(&comments);
        let inner = Arc::clone(&conversation);
        let stub = Stub::start(move |seen| {
            let too_long = seen.body["body"]
                .as_str()
                .is_some_and(|body| body.len() > 200);
            if too_long {
                return Answer::json(
                    422,
                    &json!({"message": "Body is too long (maximum is 65536 characters)"}),
                );
            }
            inner.answer(seen)
        })
        .await;
        upsert(&stub, &body(2, &"x".repeat(300))).await.unwrap();
        assert_eq!(conversation.bodies(), [format!("{MARKER}\nshort")]);
    }
}

#[tokio::test]
async fn a_token_that_may_not_write_gets_the_permission_named() {
    for status in [401, 403, 404] {
        let stub = Stub::start(move |seen| match seen.line().as_str() {
            LIST => Answer::json(200, &json!([])),
            _ => Answer::json(
                status,
                &json!({"message": "Resource not accessible by integration"}),
            ),
        })
        .await;
        let error = upsert(&stub, &body(1, "PASS")).await.unwrap_err();
        assert!(matches!(error, CommentError::Forbidden(_)));
        assert!(
            error.to_string().contains("`pull-requests: write`"),
            "{error}"
        );
        assert_eq!((stub.count(POST), error.cause()), (1, Cause::Refusal));
    }
}

#[tokio::test]
async fn an_outage_is_told_apart_from_a_refusal() {
    let stub = Stub::start(|_| Answer::bytes(503, "")).await;
    let error = upsert(&stub, &body(1, "PASS")).await.unwrap_err();
    assert!(matches!(error, CommentError::Failed { number: PULL, .. }));
    assert_eq!((error.cause(), stub.count(POST)), (Cause::Outage, 0));
}

#[tokio::test]
async fn a_named_author_needs_no_identity_request() {
    let conversation = Conversation::with(&[(1, "gate-app[bot]", &body(1, "old"))]);
    let stub = serve(&conversation).await;
    let github = stub.github();
    let own = Comments::new(&github, MARKER, Some("gate-app"))
        .find_own(PULL)
        .await
        .unwrap();
    assert_eq!(own.unwrap().id, 1);
    assert_eq!(stub.lines(), [LIST]);
}

#[tokio::test]
async fn the_token_is_never_posted() {
    let conversation = Conversation::with(&[]);
    let stub = serve(&conversation).await;
    upsert(&stub, &body(1, &format!("provider said: {TOKEN}")))
        .await
        .unwrap();
    assert_eq!(conversation.bodies(), [body(1, "provider said: ***")]);
}

#[test]
fn the_run_line_is_read_back_and_nothing_else_is() {
    let line = RunLine {
        run: 12,
        attempt: 3,
        head: sha('a'),
    };
    assert_eq!(
        RunLine::of(&format!("{MARKER}\n{line}\nrest")),
        Some(line.clone())
    );
    assert_eq!(
        RunLine::of(&format!("{MARKER}\r\n{line}\r\nrest")),
        Some(line.clone())
    );
    for wrong in [
        line.to_string(),
        format!("{MARKER}\n\n{line}"),
        format!("{MARKER}\n<!-- run x attempt 1 head {} -->", sha('a')),
        format!("{MARKER}\n<!-- run 1 attempt 1 head main -->"),
        format!("{MARKER}\n<!-- run 1 attempt 1 head {} more -->", sha('a')),
        format!("{MARKER}\n<!-- run 1 head {} -->", sha('a')),
    ] {
        assert_eq!(RunLine::of(&wrong), None, "{wrong}");
    }
}
