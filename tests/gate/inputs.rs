//! What a workflow says: it may be stricter than the base, never looser; and a pull request that edits one is told so
//! first.

use crate::support::github::Change;
use crate::support::world::{
    CONFIG, QA_FILE, QA_NEW, QA_OLD, SUPPORT_FILE, SUPPORT_NEW, SUPPORT_OLD, Skill, World,
};

/// The lines of a comment above its table.
fn first_lines(comment: &str) -> String {
    let (first, _) = comment.split_once("| agent |").unwrap_or((comment, ""));
    first.to_owned()
}

#[test]
fn a_comment_that_the_configuration_wants_cannot_be_switched_off() {
    let world = World::configured(|config| config + "report: {comment: on-change}\n");
    for (at, input) in ["never", "on-failure"].into_iter().enumerate() {
        world.commit(&format!("feature-{at}"), &[(QA_FILE, QA_NEW)]);
        let number = world
            .github
            .open_pull_request("main", &format!("feature-{at}"));
        world.opened(number).input("comment", input).run().exits(0);
        let comment = world.comment(number).body;
        let told = format!("`comment: {input}` is not followed");
        assert!(comment.replace('\\', "").contains(&told), "{comment}");
    }
}

#[test]
fn a_workflow_may_want_more_comments_than_the_configuration() {
    let world = World::configured(|config| config + "report: {comment: never}\n");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world
        .opened(number)
        .input("comment", "on-change")
        .run()
        .exits(0);
    assert!(world.comment(number).body.contains("PASS"));
}

#[test]
fn a_bound_on_the_cost_cannot_raise_the_budget() {
    let priced = "prices: {models: {'ft:*': {input_per_mtok: 1000, output_per_mtok: 1000}}}\n";
    let world = World::configured(|config| {
        config.replace("retry_delay: 1ms", "retry_delay: 1ms, budget: {cost: 0.05}") + priced
    });
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).input("max-cost", "100").run().exits(4);
    assert!(run.summary.contains("run.budget.cost"), "{}", run.summary);
    assert_eq!(world.asked(), []);

    // It can lower it.
    let world = World::configured(|config| config + priced);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world
        .opened(number)
        .input("max-cost", "0.001")
        .run()
        .exits(4);
    assert!(run.summary.contains("max-cost"), "{}", run.summary);
    assert_eq!(world.asked(), []);
}

#[test]
fn a_workflow_cannot_store_what_the_configuration_keeps_out() {
    let world = World::new();
    let sha = world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let event = world.github.push_event("feature", "", &sha);
    world
        .job(&event, &sha)
        .input("baseline", "write")
        .run()
        .exits(0);
    assert_eq!(
        world.github.files_on_branch("tunegate-data"),
        Vec::<String>::new()
    );
}

#[test]
fn agents_that_a_workflow_names_are_asked_besides_those_that_are_touched() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let job = world.opened(number).input("agents", "support_agent");
    job.run().exits(0);
    assert_eq!(
        world.asked(),
        [(SUPPORT_OLD.to_owned(), 10), (QA_NEW.to_owned(), 10)]
    );
}

#[test]
fn all_asks_every_agent_and_changes_no_rule() {
    let world = World::new();
    world.teach(SUPPORT_OLD, Skill::Misses(5));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).input("all", "true").run().exits(1);
    let asked = [(SUPPORT_OLD.to_owned(), 10), (QA_NEW.to_owned(), 10)];
    assert_eq!(world.asked(), asked);
    // The mean counts; the agent itself is told, not blamed: nobody touched it.
    assert_eq!(run.output("failed-agents"), "[]");
    let comment = world.comment(number).body;
    let told = "support_agent: below its floor: 5.00, floor 8.00; this pull request does not change the model";
    assert!(
        comment.contains("mean over agents is below the floor") && comment.contains(told),
        "{comment}"
    );
}

#[test]
fn an_agent_that_the_workflow_names_and_the_pull_request_removes_still_blocks() {
    let world = World::new();
    let config = world.file("main", CONFIG);
    let (before, rest) = config.split_once("  qa_agent:").unwrap();
    let (_, after) = rest.split_once("  support_agent:").unwrap();
    let without = format!("{before}  support_agent:{after}");
    let number = world.pull_request(&[(CONFIG, &without)]);
    let run = world
        .opened(number)
        .input("agents", "qa_agent")
        .run()
        .exits(1);
    assert_eq!(
        run.record()["verdict"]["reasons"][0]["code"],
        "agent-removed"
    );
}

#[test]
fn report_only_is_told_in_the_first_lines() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Misses(5));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world
        .opened(number)
        .input("mode", "report-only")
        .run()
        .exits(0);
    let first = first_lines(&world.comment(number).body);
    assert!(
        first.contains("this run reports and does not block"),
        "{first}"
    );
}

#[test]
fn a_pull_request_that_edits_what_may_run_the_gate_is_told_so_first() {
    for path in [
        ".github/workflows/gate.yml",
        ".github/actions/gate/action.yml",
        ".forgejo/workflows/gate.yml",
        ".gitea/workflows/gate.yml",
    ] {
        let world = World::new();
        let number = world.pull_request(&[(QA_FILE, QA_NEW), (path, "on: push\n")]);
        world.opened(number).run().exits(0);
        let first = first_lines(&world.comment(number).body);
        assert!(
            first.contains(&format!("this pull request edits {path}")),
            "{first}"
        );
    }
}

#[test]
fn an_edited_workflow_is_told_where_nothing_else_is_touched() {
    let world = World::new();
    let number = world.pull_request(&[(".github/workflows/gate.yml", "on: push\n")]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(world.github.comments(number), []);
    assert!(
        run.summary.contains("edits .github/workflows/gate.yml"),
        "{}",
        run.summary
    );
    assert_eq!(run.annotations("notice").len(), 1, "{}", run.stdout);
}

#[test]
fn a_configuration_that_a_pull_request_deletes_removes_no_rule() {
    for queue in [false, true] {
        let world = World::new();
        world.change("feature", &[Change::Delete(CONFIG)]);
        let number = world.github.open_pull_request("main", "feature");
        let run = if queue {
            let event = world.github.merge_group_event(number);
            let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
            world.job(&event, sha).run().exits(1)
        } else {
            world.opened(number).run().exits(1)
        };
        let reasons = run.record()["verdict"]["reasons"].clone();
        let codes: Vec<&str> = reasons
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["code"].as_str().unwrap())
            .collect();
        assert_eq!(codes, ["agent-removed", "agent-removed"]);
        assert_eq!(world.asked(), []);
    }
}

#[test]
fn a_merge_queue_judges_by_its_base_as_a_pull_request_does() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Halves(6));
    let decoy = "models/decoy.txt";
    let config = world
        .config_with("floor: 8.0", "floor: 2.0")
        .replace(SUPPORT_FILE, decoy);
    let number = world.pull_request(&[
        (QA_FILE, QA_NEW),
        (CONFIG, &config),
        (decoy, SUPPORT_OLD),
        (SUPPORT_FILE, SUPPORT_NEW),
    ]);
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
    let run = world.job(&event, sha).run().exits(1);
    let reasons = run.record()["verdict"]["reasons"].clone();
    let blocking: Vec<&str> = reasons
        .as_array()
        .unwrap()
        .iter()
        .filter(|reason| reason["blocking"] == true)
        .map(|reason| reason["code"].as_str().unwrap())
        .collect();
    assert!(blocking.contains(&"model-locator-changed"), "{blocking:?}");
    assert!(blocking.contains(&"agent-below-floor"), "{blocking:?}");
}

#[test]
fn the_first_configuration_in_a_merge_queue_reports_and_does_not_block() {
    let world = World::new();
    let config = world.file("main", CONFIG);
    world.change("main", &[Change::Delete(CONFIG)]);
    world.teach(QA_OLD, Skill::Misses(9));
    let number = world.pull_request(&[(CONFIG, &config)]);
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
    let run = world.job(&event, sha).run().exits(0);
    assert_eq!(run.output("outcome"), "fail");
}

#[test]
fn a_forks_configuration_is_never_used() {
    for broken in [false, true] {
        let world = World::new();
        let config = world.file("main", CONFIG);
        if broken {
            world.commit(
                "main",
                &[(CONFIG, &config.replace("floor: 8.0", "flor: 8.0"))],
            );
        } else {
            world.change("main", &[Change::Delete(CONFIG)]);
        }
        world.commit(
            "feature",
            &[(
                CONFIG,
                &config.replace("    api_key_env: ACME_MODEL_KEY\n", ""),
            )],
        );
        let number =
            world
                .github
                .open_pull_request_from_fork("main", "feature", "mallory/assistants");
        let run = world.opened(number).run().exits(2);
        assert!(run.stdout.contains("from a fork"), "{}", run.stdout);
        assert_eq!(run.output("outcome"), "error");
        assert_eq!(world.model.heard(), 0);
    }
}
