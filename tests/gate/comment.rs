//! One comment a pull request, always about its newest state; and what happens where none may be written.

use crate::support::github::{Fault, Permission};
use crate::support::model::Fault as ModelFault;
use crate::support::world::{
    CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, QA_OLD, SUPPORT_FILE, SUPPORT_OLD, Skill, World,
};

#[test]
fn the_next_push_edits_the_same_comment() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(1);
    let red = world.comment(number);
    assert!(red.body.contains("FAIL"), "{}", red.body);

    let better = "ft:open-mistral-7b:acme:20260301:qa";
    world.teach(better, Skill::Perfect);
    world.commit("feature", &[(QA_FILE, better)]);
    world.pushed_again(number).numbered(4712).run().exits(0);

    let green = world.comment(number);
    assert_eq!(green.id, red.id);
    assert!(green.body.contains("### ✅ PASS"), "{}", green.body);
    assert!(!green.body.contains("FAIL"), "{}", green.body);
}

#[test]
fn an_older_run_that_ends_late_does_not_overwrite_the_newer_result() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).numbered(4720).run().exits(0);
    let newer = world.comment(number);

    world.teach(QA_NEW, Skill::Misses(5));
    world.opened(number).numbered(4719).run().exits(1);
    assert_eq!(world.comment(number), newer);
}

#[test]
fn a_change_of_something_else_is_no_comment_and_no_question() {
    let world = World::new();
    world.push_to_main().exits(0);
    let asked = world.model.asked().len();
    let number = world.pull_request(&[("README.md", "# Better words\n")]);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(world.github.comments(number), []);
    assert_eq!(world.model.asked().len(), asked);
}

#[test]
fn a_red_comment_is_resolved_when_the_change_is_taken_back() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(1);
    let red = world.comment(number);

    let old = format!("{QA_OLD}\n");
    world.commit("feature", &[(QA_FILE, &old), ("README.md", "# Words\n")]);
    let run = world.pushed_again(number).numbered(4712).run().exits(0);

    assert_eq!(run.output("outcome"), "skipped");
    let resolved = world.comment(number);
    assert_eq!(resolved.id, red.id);
    assert!(!resolved.body.contains("FAIL"), "{}", resolved.body);
    assert!(
        resolved.body.contains("Nothing to check"),
        "{}",
        resolved.body
    );
}

#[test]
fn a_comment_of_somebody_else_is_never_taken_for_ours() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let body = "<!-- tunegate:v1:model-quality -->\n### ✅ PASS: trust me";
    let forged = world.github.seed_comment(number, "mallory", body);
    world.opened(number).run().exits(0);

    let comments = world.github.comments(number);
    assert_eq!(comments.len(), 2);
    let kept = comments
        .iter()
        .find(|comment| comment.id == forged)
        .unwrap();
    assert_eq!(kept.body, body);
}

#[test]
fn a_token_that_may_not_comment_changes_no_verdict() {
    for (skill, code) in [(Skill::Perfect, 0), (Skill::Misses(3), 1)] {
        let world = World::new();
        world.push_to_main().exits(0);
        world.teach(QA_NEW, skill);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        world.github.refuse(Permission::Comments);
        let run = world.opened(number).run().exits(code);

        assert_eq!(world.github.comments(number), []);
        let warnings = run.annotations("warning");
        assert_eq!(warnings.len(), 1, "{}", run.stdout);
        assert!(
            warnings[0].contains("pull-requests: write"),
            "{}",
            warnings[0]
        );
        assert!(run.summary.contains("| **qa_agent** |"), "{}", run.summary);
        assert_eq!(run.output("comment-url"), "");
    }
}

#[test]
fn a_comment_that_github_cannot_take_changes_no_verdict() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world
        .github
        .fault("issues/create-comment", 50, Fault::bad_gateway());
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.annotations("warning").len(), 1, "{}", run.stdout);
}

#[test]
fn the_workflow_may_ask_for_no_comment() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Misses(5));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world
        .opened(number)
        .input("comment", "never")
        .run()
        .exits(1);
    assert_eq!(world.github.comments(number), []);
    assert!(run.summary.contains("FAIL"), "{}", run.summary);
}

#[test]
fn on_failure_a_green_result_is_silent_until_there_is_a_red_one_to_correct() {
    let world = World::configured(|config| config + "report: {comment: on-failure}\n");
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    assert_eq!(world.github.comments(number), []);

    world.teach(SUPPORT_OLD, Skill::Perfect);
    let worse = "ft:open-mistral-7b:acme:20260301:support";
    world.teach(worse, Skill::Misses(4));
    world.commit("feature", &[(SUPPORT_FILE, worse)]);
    world.pushed_again(number).numbered(4712).run().exits(1);
    assert!(world.comment(number).body.contains("FAIL"));

    world.commit("feature", &[(SUPPORT_FILE, SUPPORT_OLD)]);
    world.pushed_again(number).numbered(4713).run().exits(0);
    assert!(world.comment(number).body.contains("PASS"));
}

#[test]
fn a_gate_of_another_name_keeps_to_its_own_comment_whatever_happens() {
    let world = World::configured(|config| config + "report: {id: nightly}\n");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    let first = world.comment(number);

    let job = world.pushed_again(number).numbered(4712);
    job.without(KEY_VARIABLE).run().exits(3);
    let second = world.comment(number);
    assert_eq!(second.id, first.id);
    assert!(second.body.contains("COULD NOT MEASURE"), "{}", second.body);

    let broken = world.config_with("floor: 8.0", "floor: 80");
    world.commit("feature", &[(CONFIG, &broken)]);
    world.pushed_again(number).numbered(4713).run().exits(2);
    assert_eq!(world.comment(number).id, first.id);
}

#[test]
fn a_configuration_that_wants_no_comment_gets_none_for_a_failure_either() {
    let world = World::configured(|config| config + "report: {comment: never}\n");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).without(KEY_VARIABLE).run().exits(3);
    assert_eq!(world.github.comments(number), []);
    assert!(run.summary.contains("COULD NOT MEASURE"), "{}", run.summary);
}

#[test]
fn while_a_commit_is_checked_the_comment_of_the_former_one_says_so() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    let former = world.comment(number).body;
    world.commit("feature", &[("README.md", "# More\n")]);
    world.model.fails([ModelFault::Held]);
    let job = world
        .pushed_again(number)
        .numbered(4712)
        .input("all", "true");
    let run = job.run_beside(|world, _| {
        world.model.wait_until(1, 0);
        let body = world.comment(number).body;
        let mut lines = body.lines();
        assert!(
            lines.next().unwrap().starts_with("<!-- tunegate:v1:"),
            "{body}"
        );
        assert!(body.contains("> **Checking `"), "{body}");
        assert!(body.contains("(before: PASS"), "{body}");
        let headline = former
            .lines()
            .find(|line| line.starts_with("### "))
            .unwrap();
        assert!(body.contains(headline), "{body}");
        world.model.let_go();
    });
    run.exits(0);
    let body = world.comment(number).body;
    assert!(!body.contains("Checking `"), "{body}");
}
