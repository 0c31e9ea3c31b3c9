//! A Gitea or Forgejo: the API under a prefix of its own, no GraphQL, no limits that are told. And a second token, with
//! which records are written.

use crate::support::github::{Permission, TokenKind};
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

const DATA: &str = "tunegate-data";

#[test]
fn a_forge_without_graphql_and_limits_has_the_whole_story() {
    let world = World::under("/api/v1", |config| config);
    world.github.without_graphql();
    world.github.without_rate_limit();
    world.github.token_of("gate", TokenKind::Personal);
    world.push_to_main().exits(0);
    assert_eq!(world.github.files_on_branch(DATA).len(), 2);

    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);
    assert_ne!(run.output("baseline-commit"), "");
    let red = world.comment(number);
    assert!(
        red.body
            .contains("### ❌ FAIL: qa_agent got worse, 10.00 → 8.50")
    );

    world.teach(QA_NEW, Skill::Perfect);
    world.pushed_again(number).numbered(4712).run().exits(0);
    let green = world.comment(number);
    assert_eq!(green.id, red.id);
    assert!(green.body.contains("### ✅ PASS"), "{}", green.body);
}

#[test]
fn records_are_written_with_the_token_that_is_given_for_them_and_comments_with_the_other() {
    let world = World::new();
    // A rule keeps the job's own token from the branch.
    world.github.refuse(Permission::Contents);
    let second = world
        .github
        .second_token("ghs_theSecondTokenThatMayWriteTheBranch");
    let after = world.github.repository().tip("main").unwrap();
    let event = world.github.push_event("main", "", &after);
    world.job(&event, &after).run().exits(3);
    assert_eq!(world.github.files_on_branch(DATA), Vec::<String>::new());

    let job = world.job(&event, &after).numbered(4712);
    let run = job.input("baseline-token", &second).run().exits(0);
    assert!(!format!("{run:?}").contains(&second), "{run:#?}");
    assert_eq!(world.github.files_on_branch(DATA).len(), 2);

    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let before = world.github.requests().len();
    let job = world.opened(number).input("baseline-token", &second);
    job.run().exits(1);
    world.comment(number);
    let requests = world.github.requests();
    let mut seen = requests[before..].iter();
    assert!(seen.all(|request| request.headers["authorization"] == "[redacted]"));
}
