//! Under whose name the comment is written, and what becomes of it where GitHub refuses it, finds it too long, or takes
//! it and says nothing.

use crate::support::github::{Change, Fault, TokenKind};
use crate::support::world::{QA_FILE, QA_NEW, Skill, World, short};

/// A pull request that passes or not, beside a stored baseline.
fn proposed(skill: Skill) -> (World, u64) {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, skill);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    (world, number)
}

/// What a reader sees first: no hidden lines, no blank ones.
fn shown(body: &str) -> Vec<&str> {
    let lines = body.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("<!--"))
        .collect()
}

#[test]
fn a_result_for_a_commit_that_is_no_longer_the_head_says_so_first() {
    let (world, number) = proposed(Skill::Perfect);
    let head = world.github.repository().tip("feature").unwrap();
    let push = Fault::meanwhile(|hub| {
        let change = [Change::Write("README.md", b"# More\n".as_slice())];
        hub.repository().commit_on("feature", "Say more", &change);
    });
    world.github.fault("pulls/get", 1, push);
    world.opened(number).run().exits(0);

    let comment = world.comment(number).body;
    assert!(comment.starts_with("<!-- tunegate:v1:"), "{comment}");
    let old = format!("> Result for the older commit `{}`", short(&head));
    assert!(shown(&comment)[0].starts_with(&old), "{comment}");
    assert!(shown(&comment)[1].starts_with("### ✅ PASS"), "{comment}");
}

#[test]
fn a_head_that_cannot_be_looked_up_leaves_text_and_verdict_as_they_are() {
    let (world, number) = proposed(Skill::Misses(3));
    world.github.fault("pulls/get", 50, Fault::unavailable());
    let run = world.opened(number).run().exits(1);

    let comment = world.comment(number).body;
    assert!(shown(&comment)[0].starts_with("### ❌ FAIL"), "{comment}");
    assert!(!comment.contains("older commit"), "{comment}");
    assert_eq!(run.output("outcome"), "fail");
}

#[test]
fn a_comment_that_is_too_long_for_the_server_is_its_verdict_alone() {
    for (skill, code, word) in [(Skill::Perfect, 0, "PASS"), (Skill::Misses(3), 1, "FAIL")] {
        let (world, number) = proposed(skill);
        world.github.limit_comments(800);
        let run = world.opened(number).run().exits(code);

        let first = world.comment(number);
        assert!(first.body.starts_with("<!-- tunegate:v1:"), "{first:?}");
        assert!(shown(&first.body)[0].contains(word), "{first:?}");
        assert!(first.body.contains("too long for a comment"), "{first:?}");
        assert!(run.summary.contains("| **qa_agent** |"), "{}", run.summary);
        assert_eq!(run.annotations("warning"), Vec::<&str>::new());

        world.pushed_again(number).numbered(4712).run().exits(code);
        assert_eq!(world.comment(number).id, first.id, "found and edited");
    }
}

#[test]
fn a_refusal_of_any_kind_is_one_warning_and_changes_no_verdict() {
    let refusals = [
        (403, "Unable to create comment because issue is locked"),
        (403, "Resource not accessible by integration"),
        (404, "Not Found"),
    ];
    for (status, message) in refusals {
        for (skill, code) in [(Skill::Perfect, 0), (Skill::Misses(3), 1)] {
            let (world, number) = proposed(skill);
            let refusal = Fault::refusal(status, message);
            world.github.fault("issues/create-comment", 1, refusal);
            let run = world.opened(number).run().exits(code);

            assert_eq!(world.github.comments(number), []);
            let warnings = run.annotations("warning");
            assert_eq!(warnings.len(), 1, "{}", run.stdout);
            assert!(
                warnings[0].contains("pull-requests: write") && warnings[0].contains("locked"),
                "{}",
                warnings[0]
            );
            assert!(run.summary.contains("| **qa_agent** |"), "{}", run.summary);
            assert_eq!(run.output("comment-url"), "");
        }
    }
}

#[test]
fn a_comment_whose_answer_is_lost_is_written_once() {
    for (fault, what) in [
        (Fault::done_yet_bad_gateway(), "a proxy's page"),
        (Fault::DoneYetDisconnect, "no answer"),
        (Fault::HalfJson, "half an answer"),
        (Fault::CutBody, "an answer that breaks off"),
        (Fault::Disconnect, "not written"),
        (Fault::bad_gateway(), "not written, a proxy's page"),
    ] {
        let (world, number) = proposed(Skill::Perfect);
        world.github.fault("issues/create-comment", 1, fault);
        let run = world.opened(number).run().exits(0);
        let comments = world.github.comments(number);
        assert_eq!(comments.len(), 1, "{what}: {comments:#?}");
        assert!(comments[0].body.contains("### ✅ PASS"), "{what}");
        assert_eq!(run.annotations("warning"), Vec::<&str>::new(), "{what}");
        assert!(run.output("comment-url").contains("#issuecomment-"));
    }
}

/// Two runs under a name, and a comment of somebody else with our marker: ours is written once and then edited.
fn writes_its_own(login: &str, kind: TokenKind, graphql: bool, stranger: &str, author: &str) {
    let (world, number) = proposed(Skill::Perfect);
    world.github.token_of(login, kind);
    if !graphql {
        world.github.without_graphql();
    }
    let forged = "<!-- tunegate:v1:model-quality -->\n### ✅ PASS: trust me";
    let theirs = world.github.seed_comment(number, stranger, forged);
    let job = world.opened(number).input("comment-author", author);
    job.run().exits(0);
    let ours = world.github.comments(number).pop().unwrap();
    assert_eq!(ours.author.as_deref(), Some(login));

    world.teach(QA_NEW, Skill::Misses(3));
    let again = world.pushed_again(number).numbered(4712);
    again.input("comment-author", author).run().exits(1);
    let comments = world.github.comments(number);
    assert_eq!(comments.len(), 2, "{login}: {comments:#?}");
    assert_eq!(
        (comments[0].id, comments[0].body.as_str()),
        (theirs, forged)
    );
    assert_eq!(comments[1].id, ours.id, "{login}");
    assert!(comments[1].body.contains("### ❌ FAIL"), "{login}");
}

#[test]
fn a_token_of_an_app_or_a_person_edits_its_own_comment_and_no_other() {
    writes_its_own(
        "acme-gate[bot]",
        TokenKind::Integration,
        true,
        "other[bot]",
        "",
    );
    writes_its_own("gate-user", TokenKind::Personal, true, "mallory", "");
}

#[test]
fn without_graphql_the_account_is_asked_then_every_bot_is_ours_unless_the_author_is_named() {
    writes_its_own("gate-user", TokenKind::Personal, false, "mallory", "");
    writes_its_own(
        "acme-gate[bot]",
        TokenKind::Integration,
        false,
        "mallory",
        "",
    );
    writes_its_own(
        "acme-gate[bot]",
        TokenKind::Integration,
        false,
        "other[bot]",
        "acme-gate",
    );
}

#[test]
fn a_quiet_pass_writes_and_edits_nothing() {
    let world = World::configured(|config| config + "report: {comment: on-failure}\n");
    world.push_to_main().exits(0);
    let before = world.github.requests().len();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    let requests = world.github.requests();
    let writes: Vec<&str> = requests[before..]
        .iter()
        .filter(|request| request.method != "GET" && request.path != "/graphql")
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(writes, Vec::<&str>::new());
}
