//! What a pull request changes of the rules: told key by key, applied after the merge, and never followed before.

use serde_json::Value;

use crate::support::job::Run;
use crate::support::world::{
    CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, Skill, World, suite,
};

/// The changed rules of a record: key, old, new, direction.
fn rules(run: &Run) -> Vec<[String; 4]> {
    let record = run.record();
    let rules = record["changes"]["rules"].as_array().unwrap();
    let text = |rule: &Value, field: &str| rule[field].as_str().unwrap().to_owned();
    let row = |rule| ["key", "old", "new", "direction"].map(|field| text(rule, field));
    rules.iter().map(row).collect()
}

fn rule(key: &str, old: &str, new: &str, direction: &str) -> [String; 4] {
    [key, old, new, direction].map(str::to_owned)
}

/// A pull request that changes the configuration alone.
fn changed(world: &World, from: &str, to: &str) -> u64 {
    let config = world.config_with(from, to);
    world.pull_request(&[(CONFIG, &config)])
}

#[test]
fn a_default_that_a_pull_request_changes_is_told_and_asks_nobody() {
    let world = World::new();
    let number = changed(
        &world,
        "{provider: acme}",
        "{provider: acme, temperature: 0.9}",
    );
    // Nobody is asked, so no key is needed.
    let job = world.opened(number).without(KEY_VARIABLE);
    let run = job.run().exits(0);

    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(
        rules(&run),
        [rule("defaults.temperature", "none", "0.9", "other")]
    );
    let comment = world.comment(number).body;
    for words in [
        "### – No model is touched; this pull request changes rules of the gate",
        "they apply after the merge",
        "| `defaults.temperature` | `none` | `0.9` |",
    ] {
        assert!(comment.contains(words), "no {words} in\n{comment}");
    }
    assert!(!comment.contains("PASS"), "{comment}");
    assert!(
        run.summary.contains("defaults.temperature"),
        "{}",
        run.summary
    );
    assert!(run.annotations("error").is_empty(), "{}", run.stdout);
    assert_eq!(world.model.heard(), 0);

    // Taken back, it is nothing to check any more.
    let config = world.file("main", CONFIG);
    world.commit("feature", &[(CONFIG, &config)]);
    world.pushed_again(number).numbered(4712).run().exits(0);
    let comment = world.comment(number).body;
    assert!(comment.contains("Nothing to check"), "{comment}");
}

#[test]
fn a_model_is_asked_with_the_defaults_of_the_base_and_its_own_parameters() {
    let world = World::configured(|config| {
        config.replace("{provider: acme}", "{provider: acme, max_tokens: 100}")
    });
    let config = world
        .config_with("max_tokens: 100", "max_tokens: 900, temperature: 0.9")
        .replace(
            &format!("suite: {QA_SUITE}\n"),
            &format!("suite: {QA_SUITE}\n    parameters: {{temperature: 0.2}}\n"),
        );
    let number = world.pull_request(&[(CONFIG, &config), (QA_FILE, QA_NEW)]);
    let run = world.opened(number).run().exits(0);

    for asked in world.model.asked() {
        assert_eq!(asked.body["max_tokens"], 100, "{}", asked.body);
        assert_eq!(asked.body["temperature"], 0.2, "{}", asked.body);
    }
    assert_eq!(
        rules(&run),
        [
            rule("defaults.max_tokens", "100", "900", "other"),
            rule("defaults.temperature", "none", "0.9", "other"),
        ]
    );
    let comment = world.comment(number).body;
    let told = "parameter `temperature` `not sent` → `0.2` (`tunegate.yaml:12`)";
    assert!(comment.contains(told), "{comment}");
}

#[test]
fn a_new_agent_is_asked_with_the_defaults_of_the_base_too() {
    let world = World::configured(|config| {
        config.replace("{provider: acme}", "{provider: acme, max_tokens: 100}")
    });
    let added =
        format!("  sales_agent:\n    model: {{id: \"{QA_NEW}\"}}\n    suite: {QA_SUITE}\nrun:");
    let config = world
        .config_with("run:", &added)
        .replace("max_tokens: 100", "max_tokens: 900");
    let number = world.pull_request(&[(CONFIG, &config)]);
    world.opened(number).run().exits(0);
    let asked = world.model.asked();
    assert_eq!(asked.len(), 10);
    assert!(asked.iter().all(|one| one.body["max_tokens"] == 100));
}

#[test]
fn a_push_takes_everything_from_what_was_pushed() {
    let world = World::new();
    let before = world.github.repository().tip("main").unwrap();
    let config = world.config_with("{provider: acme}", "{provider: acme, max_tokens: 900}");
    world.commit("main", &[(CONFIG, &config)]);
    let run = world.push_to_main_from(&before).run().exits(0);
    let asked = world.model.asked();
    assert_eq!(asked.len(), 20);
    assert!(asked.iter().all(|one| one.body["max_tokens"] == 900));
    assert_eq!(rules(&run), Vec::<[String; 4]>::new());
}

#[test]
fn writing_a_default_out_and_writing_it_in_another_way_is_no_change() {
    let world = World::new();
    let config = world
        .config_with(
            "max_drop: 0.5\n",
            "max_drop: 0.50\n  min_cases: 6\n  on_agent_removed: fail\n",
        )
        .replace(
            "{provider: acme}",
            "\n  provider: acme # all of them\n  timeout: 60000ms",
        )
        .replace(
            "run: {retry_delay: 1ms}",
            "run: {samples: 1, deadline: 1200s, retry_delay: 1ms}",
        )
        + "release: {max_age: 30d}\naccept: {permission: maintain}\naudit: {duplicate-row: warn, secret: fail}\n"
        + "report: {comment: on-change}\nbaseline: {branches: [main]}\n";
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(world.github.comments(number), []);
}

#[test]
fn rules_beside_the_gates_own_are_told_with_their_direction() {
    let world = World::new();
    let config = world.file("main", CONFIG).replace(
        "run: {retry_delay: 1ms}",
        "run: {retry_delay: 1ms, budget: {tokens: 5000}}",
    ) + "release: {max_age: 90d}
accept: {permission: write, expires: 7d}
audit:
  secret: warn
  ignore: [{code: duplicate-row, path: data/old/**, reason: known since 2025, until: 2027-01-01}]
report: {comment: always}
";
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(
        rules(&run),
        [
            rule("accept.permission", "maintain", "write", "looser"),
            rule(
                "audit.ignore",
                "none",
                "duplicate-row in data/old/**: known since 2025, until 2027-01-01",
                "looser"
            ),
            rule("audit.secret", "fail", "warn", "looser"),
            rule("release.max_age", "30d", "90d", "looser"),
            rule("accept.expires", "30d", "7d", "stricter"),
            rule("report.comment", "on-change", "always", "other"),
            rule("run.budget.tokens", "none", "5000", "other"),
        ]
    );
    let comment = world.comment(number).body;
    assert!(comment.contains("4 of them let more pass"), "{comment}");
    assert!(comment.contains("`90d` (looser)"), "{comment}");
    assert_eq!(world.asked(), []);
}

#[test]
fn a_provider_that_changes_touches_its_agents_and_shows_no_value_that_may_be_a_key() {
    let secret = "hush-hush";
    let world = World::configured(|config| {
        let at = "api_key_env:";
        config.replace(at, "headers: {x-team: red}\n    api_key_env:")
    });
    let config = world
        .config_with(
            "{x-team: red}",
            &format!("{{x-team: blue, x-other: {secret}}}"),
        )
        .replace("/v1\n", "/v1/gw-aB3dE5fG7hI9jK1lM3nO5\n");
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(0);

    let address = world.model.base_url();
    assert_eq!(
        rules(&run),
        [
            rule(
                "providers.acme.base_url",
                &address,
                "changed, not shown",
                "other"
            ),
            rule(
                "providers.acme.headers.x-other",
                "none",
                "set, not shown",
                "other"
            ),
            rule(
                "providers.acme.headers.x-team",
                "not shown",
                "changed, not shown",
                "other"
            ),
        ]
    );
    // Both agents are asked, and where the base says.
    let agents = run.record()["changes"]["agents"].clone();
    assert_eq!(agents.as_array().unwrap().len(), 2, "{agents}");
    assert_eq!(agents[0]["because"][0]["code"], "rule");
    assert_eq!(
        world.asked(),
        [
            (QA_OLD.to_owned(), 10),
            (crate::support::world::SUPPORT_OLD.to_owned(), 10)
        ]
    );
    let comment = world.comment(number).body;
    for hidden in [secret, "aB3dE5fG7hI9jK1lM3nO5", "blue"] {
        assert!(!comment.contains(hidden), "{comment}");
        assert!(!run.files["tunegate-out/run.json"].contains(hidden));
    }
}

#[test]
fn the_same_measurement_is_decided_under_the_new_rules_too() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Halves(3));
    // Stricter: it would not pass any more.
    let stricter = world.config_with("floor: 8.0", "floor: 9.0");
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (CONFIG, &stricter)]);
    let run = world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(comment.contains("### ✅ PASS"), "{comment}");
    let line = "Under the new rules this run would be: ❌ FAIL (qa_agent: below its floor: 8.50, floor 9.00)";
    assert!(comment.contains(line), "{comment}");
    let after = run.record()["changes"]["after_merge"].clone();
    assert_eq!(after["outcome"], "fail", "{after}");
    assert_eq!(after["reasons"][0]["code"], "agent-below-floor");

    // Looser: it fails all the same.
    let looser = world.config_with("floor: 8.0", "floor: 5.0");
    world.teach(QA_NEW, Skill::Halves(6));
    world.commit("feature", &[(CONFIG, &looser)]);
    world.pushed_again(number).numbered(4712).run().exits(1);
    let comment = world.comment(number).body;
    assert!(comment.contains("### ❌ FAIL"), "{comment}");
    let line = "Under the new rules this run would be: ✅ PASS (not proven)";
    assert!(comment.contains(line), "{comment}");
}

#[test]
fn rules_that_decide_nothing_are_not_decided_again() {
    let world = World::new();
    let config = world.config_with("{provider: acme}", "{provider: acme, timeout: 5s}");
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (CONFIG, &config)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(rules(&run), [rule("defaults.timeout", "1m", "5s", "other")]);
    assert_eq!(run.record()["changes"]["after_merge"], Value::Null);
    assert!(!world.comment(number).body.contains("Under the new rules"));
}

#[test]
fn in_a_merge_queue_changed_rules_are_told_in_the_summary() {
    let world = World::new();
    let number = changed(&world, "{provider: acme}", "{provider: acme, top_p: 0.5}");
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
    let run = world.job(&event, sha).without(KEY_VARIABLE).run().exits(0);
    assert_eq!(run.output("outcome"), "skipped");
    assert!(
        run.summary.contains("defaults.top\\_p") || run.summary.contains("defaults.top_p"),
        "{}",
        run.summary
    );
    assert_eq!(world.github.comments(number), []);
}

#[test]
fn changed_rules_alone_are_no_failure_to_comment_on() {
    let world = World::configured(|config| config + "report: {comment: on-failure}\n");
    let number = changed(&world, "{provider: acme}", "{provider: acme, top_p: 0.5}");
    world.opened(number).run().exits(0);
    assert_eq!(world.github.comments(number), []);
}

#[test]
fn baselines_that_move_to_a_branch_are_a_rule_that_changes() {
    let world = World::configured(|config| config + "baseline: {store: path, path: baselines}\n");
    let number = changed(
        &world,
        "{store: path, path: baselines}",
        "{branch: tunegate-data}",
    );
    let run = world.opened(number).run().exits(0);
    let rules = rules(&run);
    assert!(
        rules.contains(&rule("baseline.store", "path", "branch", "other")),
        "{rules:?}"
    );
}

#[test]
fn the_first_configuration_says_which_rules_will_apply() {
    let world = World::new();
    let config = world.file("main", CONFIG);
    world.change("main", &[crate::support::github::Change::Delete(CONFIG)]);
    let number = world.pull_request(&[(CONFIG, &config)]);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    for row in [
        "| `gate.floor` | `none` | `8.0` |",
        "| `gate.max_drop` | `none` | `0.5` |",
    ] {
        assert!(comment.contains(row), "no {row} in\n{comment}");
    }
    assert!(!comment.contains("stricter"), "{comment}");
}

#[test]
fn a_suite_whose_scoring_changes_is_told() {
    let world = World::new();
    let easier = suite().replace("{profile: checks}", "{profile: standard}");
    let number = world.pull_request(&[(QA_SUITE, &easier)]);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("answers are scored in another way"),
        "{comment}"
    );
}
