//! Who decides: the rules, suites and agents of the base branch. A pull request cannot loosen what judges it.

use crate::support::github::Change;
use crate::support::model::FakeModel;
use crate::support::world::{
    CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, SUPPORT_FILE, SUPPORT_OLD, Skill,
    World, suite,
};

/// The text without the part from one line up to another.
fn cut(text: &str, from: &str, to: &str) -> String {
    let (before, rest) = text.split_once(from).unwrap();
    let (_, after) = rest.split_once(to).unwrap();
    format!("{before}{to}{after}")
}

/// The codes of what blocks.
fn reasons(run: &crate::support::job::Run) -> Vec<String> {
    let record = run.record();
    let reasons = record["verdict"]["reasons"].as_array().unwrap();
    let blocking = reasons.iter().filter(|reason| reason["blocking"] == true);
    blocking
        .map(|reason| reason["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_pull_request_that_lowers_the_floor_still_fails_under_the_old_one() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Halves(6));
    let lower = world.config_with("floor: 8.0", "floor: 6.0");
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (CONFIG, &lower)]);
    let run = world.opened(number).run().exits(1);

    assert!(reasons(&run).contains(&"agent-below-floor".to_owned()));
    let comment = world.comment(number).body;
    assert!(comment.contains("7.00 (floor 8.00)"), "{comment}");
    let row = comment.lines().find(|line| line.contains("gate.floor"));
    let row = row.unwrap_or_else(|| panic!("{comment}"));
    assert!(
        row.contains('8') && row.contains('6') && row.contains("looser"),
        "{row}"
    );
}

#[test]
fn a_pull_request_that_allows_a_larger_drop_still_fails_under_the_old_one() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(2));
    let looser = world.config_with("max_drop: 0.5", "max_drop: 3.0");
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (CONFIG, &looser)]);
    let run = world.opened(number).run().exits(1);

    assert_eq!(reasons(&run), ["agent-regressed"]);
    let comment = world.comment(number).body;
    assert!(comment.contains("0.50 is allowed"), "{comment}");
    assert!(comment.contains("(looser)"), "{comment}");
}

#[test]
fn a_pull_request_that_makes_the_suite_easier_is_judged_by_the_old_one() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(4));
    let without_rivers: Vec<String> = suite()
        .lines()
        .filter(|line| {
            !["Danube", "Vltava", "Nile", "Thames"]
                .iter()
                .any(|river| line.contains(river))
        })
        .map(str::to_owned)
        .collect();
    let easier = without_rivers.join("\n");
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (QA_SUITE, &easier)]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(reasons(&run), ["agent-regressed"]);
    assert_eq!(run.record()["agents"][0]["score"], 8.0);
}

#[test]
fn a_case_that_a_pull_request_removes_is_still_asked() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(1));
    let full = suite();
    let shorter = cut(
        &full,
        "  - id: capital-of-austria",
        "  - id: capital-of-czechia",
    );
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (QA_SUITE, &shorter)]);
    let run = world.opened(number).run().exits(1);
    assert!(reasons(&run).contains(&"case-newly-failed".to_owned()));
    assert!(world.comment(number).body.contains("capital-of-austria"));
}

#[test]
fn an_agent_that_a_pull_request_removes_is_a_reason_to_block() {
    let world = World::new();
    world.push_to_main().exits(0);
    let config = world.file("main", CONFIG);
    let without = cut(&config, "  qa_agent:", "  support_agent:");
    let number = world.pull_request(&[(CONFIG, &without)]);
    let run = world.opened(number).run().exits(1);

    assert_eq!(reasons(&run), ["agent-removed"]);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("keep qa_agent in the configuration"),
        "{comment}"
    );
}

#[test]
fn a_pull_request_that_points_the_gate_at_another_model_file_is_a_reason_to_block() {
    let world = World::new();
    world.push_to_main().exits(0);
    let decoy = "models/decoy.txt";
    let config = world.config_with(QA_FILE, decoy);
    // The gate would ask a good model while production gets a bad one.
    world.teach(QA_NEW, Skill::Misses(9));
    let number = world.pull_request(&[(CONFIG, &config), (decoy, QA_OLD), (QA_FILE, QA_NEW)]);
    let run = world.opened(number).run().exits(1);

    assert!(
        reasons(&run).contains(&"model-locator-changed".to_owned()),
        "{:?}",
        reasons(&run)
    );
    let comment = world.comment(number).body;
    assert!(
        comment.contains(QA_OLD) && comment.contains(QA_NEW),
        "{comment}"
    );
}

#[test]
fn a_model_id_that_moves_to_another_file_unchanged_is_no_change() {
    let world = World::new();
    let place = "models/qa/id.txt";
    let config = world.config_with(QA_FILE, place);
    let (config, id) = (config.as_bytes(), QA_OLD.as_bytes());
    world.change(
        "feature",
        &[
            Change::Write(CONFIG, config),
            Change::Write(place, id),
            Change::Delete(QA_FILE),
        ],
    );
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("outcome"), "skipped");

    // Moving it and changing it at once is two things, of which the gate can see one.
    world.commit("feature", &[(place, QA_NEW)]);
    let run = world.pushed_again(number).numbered(4712).run().exits(1);
    assert_eq!(reasons(&run), ["model-locator-changed"]);
}

#[test]
fn a_model_id_that_moves_in_the_configuration_itself_is_a_change_of_the_model_alone() {
    let world = World::configured(|config| {
        config.replace(
            &format!("{{file: {QA_FILE}}}"),
            &format!("{{id: \"{QA_OLD}\"}}"),
        )
    });
    let config = world.config_with(QA_OLD, QA_NEW);
    let number = world.pull_request(&[(CONFIG, &config)]);
    world.opened(number).run().exits(0);
    assert_eq!(world.asked(), [(QA_NEW.to_owned(), 10)]);

    // Read from elsewhere, and another one: which of them production uses, the gate cannot know.
    let elsewhere = world.config_with(
        &format!("{{id: \"{QA_OLD}\"}}"),
        &format!("{{file: {QA_FILE}}}"),
    );
    world.commit("feature", &[(CONFIG, &elsewhere), (QA_FILE, QA_NEW)]);
    let run = world.pushed_again(number).numbered(4712).run().exits(1);
    assert_eq!(reasons(&run), ["model-locator-changed"]);
}

#[test]
fn an_agent_that_a_pull_request_adds_is_shown_and_does_not_gate() {
    let world = World::new();
    world.push_to_main().exits(0);
    let model = "ft:open-mistral-7b:acme:20260301:sales";
    world.teach(model, Skill::Misses(9));
    let added =
        "  sales_agent:\n    model: {file: models/sales.txt}\n    suite: suites/sales.yaml\nrun:";
    let config = world.config_with("run:", added);
    let number = world.pull_request(&[
        (CONFIG, &config),
        ("models/sales.txt", model),
        ("suites/sales.yaml", &suite()),
    ]);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.output("score"), "10", "the mean leaves it out");
    let comment = world.comment(number).body;
    assert!(comment.contains("mean over 2 agents 10.00"), "{comment}");
    assert!(
        comment.contains("| **sales_agent** | new, not gating |"),
        "{comment}"
    );
}

#[test]
fn the_first_pull_request_with_a_configuration_reports_and_does_not_block() {
    let world = World::new();
    let config = world.file("main", CONFIG);
    world.change("main", &[Change::Delete(CONFIG)]);
    world.teach(QA_OLD, Skill::Misses(9));
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.output("outcome"), "fail");
    let comment = world.comment(number).body;
    assert!(
        comment.contains("the base branch has no configuration yet"),
        "{comment}"
    );
    assert!(comment.contains("they apply after the merge"), "{comment}");
    assert!(run.annotations("error").is_empty(), "{}", run.stdout);
}

#[test]
fn a_pull_request_that_mends_a_broken_configuration_reports_and_does_not_block() {
    let world = World::new();
    let good = world.file("main", CONFIG);
    let broken = world.config_with("floor: 8.0", "flor: 8.0");
    world.commit("main", &[(CONFIG, &broken)]);
    let number = world.pull_request(&[(CONFIG, &good)]);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("the base branch's configuration cannot be read"),
        "{comment}"
    );
}

#[test]
fn two_broken_configurations_are_named_by_place() {
    let world = World::new();
    let broken = world.config_with("floor: 8.0", "flor: 8.0");
    world.commit("main", &[(CONFIG, &broken)]);
    let number = world.pull_request(&[(CONFIG, &broken.replace("flor", "flooor"))]);
    let run = world.opened(number).run().exits(2);
    assert!(run.stdout.contains("tunegate.yaml:17:3"), "{}", run.stdout);
    assert!(world.comment(number).body.contains("tunegate.yaml:17:3"));
}

#[test]
fn a_pull_request_that_breaks_the_configuration_is_told_the_place() {
    let world = World::new();
    let broken = world.config_with("floor: 8.0", "floor: 80");
    let number = world.pull_request(&[(CONFIG, &broken)]);
    let run = world.opened(number).run().exits(2);

    let comment = world.comment(number).body;
    assert!(comment.contains("tunegate.yaml:17:10"), "{comment}");
    assert!(comment.contains("did you mean 8.0?"), "{comment}");
    assert!(
        !comment.contains("PASS") && !comment.contains("FAIL"),
        "{comment}"
    );
    assert_eq!(run.output("outcome"), "error");
    assert_eq!(world.asked(), []);
}

#[test]
fn a_pull_request_that_breaks_a_suite_is_told_the_place() {
    let world = World::new();
    let broken = suite().replace("{contains: Vienna}", "{contain: Vienna}");
    let number = world.pull_request(&[(QA_SUITE, &broken)]);
    world.opened(number).run().exits(2);
    let comment = world.comment(number).body;
    assert!(comment.contains("suites/qa_agent.yaml:7:"), "{comment}");
}

#[test]
fn a_model_file_that_is_written_in_another_way_is_no_change() {
    let world = World::new();
    for (at, text) in [
        QA_OLD.to_owned(),
        format!("\u{feff}{QA_OLD}\n"),
        format!("{QA_OLD}\r\n"),
        format!("\n\t {QA_OLD} \n\n"),
    ]
    .iter()
    .enumerate()
    {
        let branch = format!("reformat-{at}");
        world.commit(&branch, &[(QA_FILE, text)]);
        let number = world.github.open_pull_request("main", &branch);
        let run = world.opened(number).run().exits(0);
        assert_eq!(run.output("outcome"), "skipped", "{text:?}");
        assert_eq!(world.github.comments(number), []);
    }
    assert_eq!(world.asked(), []);
}

#[test]
fn a_branch_that_is_behind_is_not_blamed_for_the_models_of_main() {
    let world = World::new();
    let before = world.github.repository().tip("main").unwrap();
    world.push_to_main().exits(0);
    world.commit("feature", &[("README.md", "# Words\n")]);
    world.commit("main", &[(SUPPORT_FILE, QA_NEW)]);
    world
        .push_to_main_from(&before)
        .numbered(4712)
        .run()
        .exits(0);
    let number = world.github.open_pull_request("main", "feature");
    let asked = world.asked();
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(world.asked(), asked);

    // The same branch moves another model: only that one is asked.
    world.commit(
        "feature",
        &[(QA_FILE, "ft:open-mistral-7b:acme:20260301:qa")],
    );
    world.teach("ft:open-mistral-7b:acme:20260301:qa", Skill::Perfect);
    let run = world.pushed_again(number).numbered(4713).run().exits(0);
    let agents = run.record()["changes"]["agents"].clone();
    assert_eq!(agents.as_array().unwrap().len(), 1, "{agents}");
    assert_eq!(agents[0]["name"], "qa_agent");
    assert!(world.asked().iter().all(|(model, _)| model != SUPPORT_OLD || asked.iter().any(|(known, _)| known == model)));
}

#[test]
fn a_model_id_that_cannot_be_found_is_told_with_its_agent() {
    let world = World::new();
    let number = world.github.open_pull_request("main", {
        world.change("feature", &[Change::Delete(QA_FILE)]);
        "feature"
    });
    let run = world.opened(number).run().exits(2);
    assert!(
        run.stdout.contains("qa_agent") && run.stdout.contains(QA_FILE),
        "{}",
        run.stdout
    );
}

#[test]
fn a_pull_request_cannot_send_the_key_to_a_server_of_its_own() {
    let world = World::new();
    world.push_to_main().exits(0);
    let stranger = FakeModel::start();
    let config = world.config_with(&world.model.base_url(), &stranger.base_url());
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (CONFIG, &config)]);
    world.opened(number).run().exits(0);
    assert_eq!(stranger.asked().len(), 0);
    assert_eq!(stranger.heard(), 0, "not even a look at its models");

    // Nor through an agent that only the pull request has.
    let world = World::new();
    let own = format!(
        "  sales_agent:\n    provider: own\n    model: {{id: \"{QA_NEW}\"}}\n    suite: {QA_SUITE}\nrun:"
    );
    let provider = format!(
        "providers:\n  own: {{kind: openai, base_url: \"{}\", api_key_env: {KEY_VARIABLE}}}\n",
        stranger.base_url()
    );
    let config = world
        .config_with("run:", &own)
        .replace("providers:\n", &provider);
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(2);
    assert!(
        run.stdout.contains("which the base branch does not know"),
        "{}",
        run.stdout
    );
    assert_eq!(stranger.heard(), 0);
}
