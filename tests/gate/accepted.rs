//! A worse model that somebody answers for: who may let it pass, how, for which model, and how long.

use serde_json::Value;

use crate::support::github::Fault;
use crate::support::job::Run;
use crate::support::world::{
    CONFIG, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, SUPPORT_FILE, SUPPORT_NEW, Skill, World,
};

const ACCEPT: &str = "/tunegate accept qa_agent The old answers were too long for phones.";

/// A pull request to a worse model of one agent, which the gate has failed; times here are long past, so what is accepted
/// holds for a hundred years.
fn failed() -> (World, u64) {
    failed_under("accept: {expires: 3650d}\n")
}

fn failed_under(accept: &str) -> (World, u64) {
    let world = World::configured(|config| format!("{config}{accept}"));
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(3));
    world.github.give_role("mia", "maintain");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(1);
    (world, number)
}

fn reasons(run: &Run, blocking: bool) -> Vec<String> {
    let record = run.record();
    let reasons = record["verdict"]["reasons"].as_array().unwrap();
    let wanted = reasons
        .iter()
        .filter(|reason| reason["blocking"] == blocking);
    wanted
        .map(|reason| reason["code"].as_str().unwrap().to_owned())
        .collect()
}

/// Runs the check again and asserts that nothing was accepted, and why.
#[track_caller]
fn is_not_accepted(world: &World, number: u64, why: &str) {
    let run = world.opened(number).run().exits(1);
    let record = run.record();
    assert_eq!(record["accepted"], Value::Array(Vec::new()));
    let told = record["notices"].to_string();
    assert!(told.contains(why), "{told}");
    // In Markdown some characters of it are escaped.
    let body = world.github.comments(number).remove(0).body;
    assert!(body.contains("accepts nothing"), "{body}");
}

#[test]
fn a_failure_says_how_it_can_be_accepted() {
    let (world, number) = failed();
    let body = world.comment(number).body;
    assert!(
        body.contains("**To merge anyway:** somebody with the permission `maintain` who did not open this pull request comments `/tunegate accept qa_agent REASON`, then runs this check again. It is recorded, counts for this model alone, and ends after 3650 days."),
        "{body}"
    );
}

#[test]
fn a_maintainer_who_did_not_open_the_pull_request_lets_it_pass_and_everybody_sees_who_and_why() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.output("outcome"), "pass");
    assert_eq!(run.output("proven"), "false");
    assert_eq!(
        run.output("approved-agents"),
        r#"["qa_agent","support_agent"]"#
    );
    assert_eq!(reasons(&run, true), [""; 0]);
    assert!(reasons(&run, false).contains(&"case-newly-failed".to_owned()));
    let accepted = &run.record()["accepted"][0];
    assert_eq!(accepted["agent"], "qa_agent");
    assert_eq!(accepted["model"], QA_NEW);
    assert_eq!(accepted["by"], "mia");
    assert_eq!(accepted["permission"], "maintain");
    assert_eq!(
        accepted["reason"],
        "The old answers were too long for phones."
    );

    let mut comments = world.github.comments(number);
    let body = comments.remove(0).body;
    let first: Vec<&str> = body.lines().skip(3).take(2).collect();
    assert!(
        first[0].starts_with("### ✅ PASS (not proven): qa_agent ")
            && first[0].ends_with("; accepted by `mia`"),
        "{body}"
    );
    assert!(
        first[1].starts_with(
            "**Do this:** you may merge. This model counts as accepted until 2036-01-03."
        ),
        "{body}"
    );
    assert!(
        body.contains("The old answers were too long for phones."),
        "{body}"
    );
    assert!(!body.contains("To merge anyway"), "{body}");
}

#[test]
fn nothing_is_asked_where_nothing_has_to_be_accepted() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.teach(QA_NEW, Skill::Perfect);
    let before = world.github.requests().len();
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.record()["accepted"], Value::Array(Vec::new()));
    let asked = world.github.requests().split_off(before);
    assert!(
        !asked
            .iter()
            .any(|request| request.path.contains("collaborators"))
    );
}

#[test]
fn whoever_opened_the_pull_request_cannot_accept_it_whatever_they_may() {
    let (world, number) = failed();
    world.github.give_role("alice", "admin");
    world.github.seed_comment(number, "Alice", ACCEPT);
    is_not_accepted(&world, number, "whoever opens a pull request cannot accept");
}

#[test]
fn an_account_that_was_renamed_is_still_the_one_that_opened_it() {
    let (world, number) = failed();
    world.github.give_role("alice", "admin");
    world.github.seed_comment(number, "alice", ACCEPT);
    // A run that is started again gets the event of then, with the name of then.
    let mut event = world.github.pull_request_event(number, "opened");
    event.payload["pull_request"]["user"]["login"] = "name-of-then".into();
    let sha = world.github.repository().tip("main").unwrap();
    let run = world.job(&event, &sha).run().exits(1);
    let told = run.record()["notices"].to_string();
    assert!(told.contains("whoever opens a pull request"), "{told}");
}

#[test]
fn what_no_report_had_shown_was_not_meant() {
    // Before the first report of all.
    let world = World::configured(|config| format!("{config}accept: {{expires: 3650d}}\n"));
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(3));
    world.github.give_role("mia", "maintain");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.github.seed_comment(number, "mia", ACCEPT);
    let run = world.opened(number).run().exits(1);
    let told = run.record()["notices"].to_string();
    assert!(
        told.contains("before the gate reported this model here"),
        "{told}"
    );

    // After a push that nobody had read about yet.
    let third = "ft:open-mistral-7b:acme:20260301:qa";
    world.teach(third, Skill::Misses(4));
    world.commit("feature", &[(QA_FILE, third)]);
    let push = world.pushed_again(number).numbered(4712);
    world.github.seed_comment(number, "mia", ACCEPT);
    let run = push.run().exits(1);
    assert_eq!(run.record()["accepted"], Value::Array(Vec::new()));
}

#[test]
fn an_edit_of_the_same_second_is_an_edit() {
    let (world, number) = failed();
    let id = world
        .github
        .seed_comment(number, "mia", "Looks fine to me.");
    world.github.edit_comment_at_once(id, "alice", ACCEPT);
    is_not_accepted(&world, number, "it was edited; write it anew");
}

#[test]
fn a_gate_that_is_named_is_the_one_that_is_meant() {
    let (world, number) = failed();
    let other = ACCEPT.replace("qa_agent", "other-gate/qa_agent");
    world.github.seed_comment(number, "mia", &other);
    let run = world.opened(number).run().exits(1);
    let told = run.record()["notices"].to_string();
    assert!(!told.contains("accepts nothing"), "{told}");
    let own = ACCEPT.replace("qa_agent", "model-quality/qa_agent");
    world.github.seed_comment(number, "mia", &own);
    world.opened(number).run().exits(0);
}

#[test]
fn a_removed_agent_can_be_accepted() {
    let world = World::configured(|config| format!("{config}accept: {{expires: 3650d}}\n"));
    world.push_to_main().exits(0);
    world.github.give_role("mia", "maintain");
    let config = world.config_with(
        "  support_agent:\n    model: {file: models/support_agent.txt}\n    suite: suites/support_agent.yaml\n",
        "",
    );
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(reasons(&run, true), ["agent-removed"]);
    world.github.seed_comment(
        number,
        "mia",
        "/tunegate accept support_agent Nobody asks it.",
    );
    let run = world.opened(number).run().exits(0);
    let told = run.record()["notices"].to_string();
    assert!(!told.contains("accepts nothing"), "{told}");
}

#[test]
fn another_place_for_the_model_id_can_be_accepted_for_its_commit() {
    let world = World::configured(|config| format!("{config}accept: {{expires: 3650d}}\n"));
    world.push_to_main().exits(0);
    world.github.give_role("mia", "maintain");
    let config = world.config_with("{file: models/qa_agent.txt}", "{file: models/other.txt}");
    let files = [(CONFIG, config.as_str()), ("models/other.txt", QA_NEW)];
    let number = world.pull_request(&files);
    let run = world.opened(number).run().exits(1);
    assert_eq!(reasons(&run, true), ["model-locator-changed"]);
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).run().exits(0);
    world.commit("feature", &[("README.md", "# Words\n")]);
    let run = world.pushed_again(number).numbered(4712).run().exits(1);
    assert_eq!(reasons(&run, true), ["model-locator-changed"]);
}

#[test]
fn less_than_the_configured_permission_is_not_enough() {
    for (role, code) in [("triage", 1), ("write", 1), ("maintain", 0), ("admin", 0)] {
        let (world, number) = failed();
        world.github.give_role("rita", role);
        world.github.seed_comment(number, "rita", ACCEPT);
        if code == 0 {
            world.opened(number).run().exits(0);
        } else {
            let had = if role == "triage" { "read" } else { role };
            is_not_accepted(
                &world,
                number,
                &format!("`maintain` is needed, `{had}` is what they have"),
            );
        }
    }
    let (world, number) = failed_under("accept: {permission: write, expires: 3650d}\n");
    world.github.give_role("rita", "write");
    world.github.seed_comment(number, "rita", ACCEPT);
    world.opened(number).run().exits(0);
}

#[test]
fn an_edited_comment_is_nobodys() {
    let (world, number) = failed();
    let id = world
        .github
        .seed_comment(number, "mia", "Looks fine to me.");
    world
        .github
        .edit_comment(id, "alice", |_| ACCEPT.to_owned());
    is_not_accepted(&world, number, "it was edited; write it anew");
}

#[test]
fn another_agents_name_accepts_that_agent_alone() {
    let (world, number) = failed();
    let other = ACCEPT.replace("qa_agent", "support_agent");
    world.github.seed_comment(number, "mia", &other);
    let run = world.opened(number).run().exits(1);
    assert_eq!(run.record()["accepted"], Value::Array(Vec::new()));

    world
        .github
        .seed_comment(number, "mia", &ACCEPT.replace("qa_agent", "qa-agent"));
    is_not_accepted(&world, number, "`qa-agent` is no agent of this gate");
}

#[test]
fn one_of_two_failing_agents_is_not_both() {
    let (world, number) = failed();
    world.teach(SUPPORT_NEW, Skill::Misses(3));
    world.commit("feature", &[(SUPPORT_FILE, &format!("{SUPPORT_NEW}\n"))]);
    world.pushed_again(number).numbered(4712).run().exits(1);
    world.github.seed_comment(number, "mia", ACCEPT);
    let run = world.opened(number).numbered(4713).run().exits(1);
    assert_eq!(run.record()["accepted"][0]["agent"], "qa_agent");
    let body = world.github.comments(number).remove(0).body;
    assert!(body.contains("### ❌ FAIL: support_agent"), "{body}");
    assert!(
        body.contains("`/tunegate accept support_agent REASON`"),
        "{body}"
    );

    let both = format!("{ACCEPT}\n{}", ACCEPT.replace("qa_agent", "support_agent"));
    world.github.seed_comment(number, "mia", &both);
    world.opened(number).numbered(4714).run().exits(0);
}

#[test]
fn a_push_that_moves_the_model_makes_it_void() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    let third = "ft:open-mistral-7b:acme:20260301:qa";
    world.teach(third, Skill::Misses(4));
    world.commit("feature", &[(QA_FILE, third)]);
    let run = world.pushed_again(number).numbered(4712).run().exits(1);
    assert!(
        run.record()["notices"]
            .to_string()
            .contains("it was written before the gate reported this model here"),
        "{}",
        run.record()["notices"]
    );
    // Nor does it come back when the model does: between the two, nobody knows what was meant.
    world.commit("feature", &[(QA_FILE, QA_NEW)]);
    world.pushed_again(number).numbered(4713).run().exits(1);
}

#[test]
fn a_push_that_leaves_the_model_as_it_is_leaves_it_accepted() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.commit("feature", &[("README.md", "# Words\n")]);
    let run = world.pushed_again(number).numbered(4712).run().exits(0);
    assert_eq!(run.record()["accepted"][0]["commit"], Value::Null);
    // And once more, now that our comment was written anew.
    world.commit("feature", &[("README.md", "# More words\n")]);
    world.pushed_again(number).numbered(4713).run().exits(0);
}

#[test]
fn whoever_edits_our_comment_cannot_make_an_acceptance_hold_for_another_model() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    let own = world.github.comments(number).remove(0);
    let third = "ft:open-mistral-7b:acme:20260301:qa";
    world.teach(third, Skill::Misses(4));
    world.commit("feature", &[(QA_FILE, third)]);
    let rerun = world.pushed_again(number).numbered(4712).run().exits(1);
    assert_eq!(rerun.record()["accepted"], Value::Array(Vec::new()));
    // What the gate writes of the third model, as if it had been reported long ago.
    let forge = |body: &str| {
        let line = body.lines().nth(2).unwrap();
        assert!(line.contains("\"candidate\""), "{line}");
        let since = "\"since\":\"2026-01-01T00:00:00Z\",\"candidate\"";
        body.replace(line, &line.replace("\"candidate\"", since))
    };
    world.github.edit_comment(own.id, "alice", forge);
    world.commit("feature", &[("README.md", "# Words\n")]);
    let run = world.pushed_again(number).numbered(4713).run().exits(1);
    assert!(
        run.record()["notices"]
            .to_string()
            .contains("somebody edited the comment"),
        "{}",
        run.record()["notices"]
    );
}

#[test]
fn a_comment_that_was_edited_hundreds_of_times_is_known_edit_by_edit() {
    for (first, code) in [(None, 0), (Some("alice"), 1)] {
        let (world, number) = failed();
        let own = world.github.comments(number).remove(0);
        let edit = |by: &str| world.github.edit_comment(own.id, by, ToOwned::to_owned);
        first.into_iter().for_each(edit);
        for _ in 0..250 {
            edit(own.author.as_deref().unwrap());
        }
        world.github.seed_comment(number, "mia", ACCEPT);
        world.commit("feature", &[("README.md", "# Words\n")]);
        let run = world.pushed_again(number).numbered(4712).run().exits(code);
        // Of one edit by somebody else, however long ago, nothing that it says is relied on.
        let notices = run.record()["notices"].to_string();
        let told = notices.contains("somebody edited the comment");
        assert_eq!(told, first.is_some(), "{notices}");
    }
}

#[test]
fn a_forge_that_keeps_no_edits_wants_it_written_again_after_each_push() {
    let (world, number) = failed();
    world.github.without_graphql();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).run().exits(0);
    world.commit("feature", &[("README.md", "# Words\n")]);
    let run = world.pushed_again(number).numbered(4712).run().exits(1);
    assert!(
        run.record()["notices"]
            .to_string()
            .contains("for which model cannot be told")
    );
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).numbered(4713).run().exits(0);
}

#[test]
fn it_ends() {
    // Thirty days, and the fake's clock stands in a January long past.
    let (world, number) = failed_under("");
    world.github.seed_comment(number, "mia", ACCEPT);
    is_not_accepted(&world, number, "it expired on ");
}

#[test]
fn programs_gone_accounts_quotes_and_half_commands_accept_nothing() {
    for (author, body, why) in [
        (Some("helper[bot]"), ACCEPT.to_owned(), "a program wrote it"),
        (None, ACCEPT.to_owned(), "the account that wrote it is gone"),
        (
            Some("mia"),
            "/tunegate accept qa_agent".to_owned(),
            "it gives no reason",
        ),
        (
            Some("mia"),
            "/tunegate approve qa_agent fine".to_owned(),
            "nothing that can be asked",
        ),
    ] {
        let (world, number) = failed();
        world.github.give_role("helper[bot]", "admin");
        world.github.seed_comment(number, author, &body);
        is_not_accepted(&world, number, why);
    }
    let (world, number) = failed();
    world.github.seed_comment(
        number,
        "mia",
        &format!("> {ACCEPT}\n\n```\n{ACCEPT}\n```\nWhat does this do?"),
    );
    world.opened(number).run().exits(1);
}

#[test]
fn what_was_not_measured_cannot_be_accepted() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.model.always_fails_for(
        &[QA_NEW],
        &crate::support::model::Fault::Status(400, "no".to_owned()),
    );
    let run = world.opened(number).run();
    assert_ne!(run.code, 0, "{}", run.stdout);
    assert_eq!(run.record()["accepted"], Value::Array(Vec::new()));
}

#[test]
fn an_outage_of_the_forge_accepts_nothing_and_changes_no_verdict() {
    for operation in [
        "issues/list-comments",
        "repos/get-collaborator-permission-level",
    ] {
        let (world, number) = failed();
        world.github.seed_comment(number, "mia", ACCEPT);
        world.github.fault(operation, 50, Fault::bad_gateway());
        let run = world.opened(number).run().exits(1);
        assert_eq!(
            run.record()["accepted"],
            Value::Array(Vec::new()),
            "{operation}"
        );
        let told = run.record()["notices"].to_string();
        assert!(told.contains("could not be"), "{told}");
    }
}

#[test]
fn hostile_words_of_a_comment_stay_words() {
    let (world, number) = failed();
    let body = "/tunegate accept qa_agent @everyone <!-- --> ](https://evil.example) **x** `y`";
    world.github.seed_comment(number, "mia", body);
    world.opened(number).run().exits(0);
    let body = world.github.comments(number).remove(0).body;
    assert!(!body.contains("@everyone"), "{body}");
    assert!(!body.contains("](https://evil.example)"), "{body}");
    assert!(!body.contains("**x**"), "{body}");
}

#[test]
fn what_was_accepted_becomes_the_baseline_when_it_is_merged() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).run().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.github.merge_pull_request(number);
    let run = world
        .push_to_main_from(&before)
        .numbered(4800)
        .run()
        .exits(0);
    assert_eq!(run.record()["accepted"][0]["by"], "mia");
    let stored = world.github.files_on_branch("tunegate-data");
    let stored: Vec<&String> = stored
        .iter()
        .filter(|path| path.contains("4800-1.json"))
        .collect();
    assert_eq!(stored.len(), 1, "{stored:?}");
    let record = world.file("tunegate-data", stored[0]);
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(
        record["accepted"][0]["reason"],
        "The old answers were too long for phones."
    );

    // What comes next is held against the model that was accepted.
    world.teach(SUPPORT_NEW, Skill::Perfect);
    world.teach("ft:next:qa", Skill::Misses(3));
    world.github.repository().branch("main");
    world.commit("later", &[(QA_FILE, "ft:next:qa\n")]);
    let later = world.github.open_pull_request("main", "later");
    let run = world.opened(later).numbered(4801).run();
    let agents = run.record()["agents"].clone();
    assert_eq!(agents[0]["comparison"]["change"], 0.0, "{}", run.stdout);
}

#[test]
fn a_merge_queue_lets_pass_what_its_pull_request_was_allowed() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).run().exits(0);
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"]
        .as_str()
        .unwrap()
        .to_owned();
    let run = world.job(&event, &sha).numbered(4800).run().exits(0);
    assert_eq!(run.record()["accepted"][0]["by"], "mia");
}

#[test]
fn a_commit_that_no_pull_request_became_is_accepted_by_nobody() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).run().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.commit("main", &[(QA_FILE, &format!("{QA_NEW}\n"))]);
    let run = world
        .push_to_main_from(&before)
        .numbered(4800)
        .run()
        .exits(1);
    assert_eq!(run.record()["accepted"], Value::Array(Vec::new()));
}

#[test]
fn new_training_data_is_not_accepted_with_an_earlier_push() {
    let config = |config: String| {
        let with_data = config.replace(
            "    suite: suites/qa_agent.yaml",
            "    training_data: ['data/qa/*.jsonl']\n    suite: suites/qa_agent.yaml",
        );
        format!("{with_data}accept: {{expires: 3650d}}\n")
    };
    let world = World::configured(config);
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(3));
    world.github.give_role("mia", "maintain");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(1);
    world.github.seed_comment(number, "mia", ACCEPT);
    let broken = "{\"messages\": [{\"role\": \"user\"\n";
    world.commit("feature", &[("data/qa/new.jsonl", broken)]);
    let run = world.pushed_again(number).numbered(4712).run().exits(1);
    assert_eq!(reasons(&run, true), ["audit-finding"]);

    // Said of this very commit, it counts, and so it does in the queue and after the merge.
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).numbered(4713).run().exits(0);
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
    world.job(&event, sha).numbered(4800).run().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.github.merge_pull_request(number);
    world
        .push_to_main_from(&before)
        .numbered(4801)
        .run()
        .exits(0);
}

#[test]
fn verify_approves_what_was_accepted_until_it_ends() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    let run = world.opened(number).run().exits(0);
    let folder = tempfile::TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(CONFIG, &world.file("main", CONFIG));
    write("run.json", &run.files["tunegate-out/run.json"]);
    let mut arguments = vec!["verify", "--record", "run.json", "--agent", "qa_agent"];
    arguments.extend(["--model", QA_NEW]);
    let verify = || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tunegate"))
            .current_dir(folder.path())
            .args(&arguments)
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, told) = verify();
    assert_eq!(code, 0, "{told}");
    assert!(
        told.starts_with("APPROVED (qa_agent: accepted by mia until "),
        "{told}"
    );
    assert!(!told.contains(QA_OLD), "{told}");
}

#[test]
fn an_accepted_model_stays_accepted_when_only_its_suite_changes_after_the_merge() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).run().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.github.merge_pull_request(number);
    let push = world.push_to_main_from(&before).numbered(4800);
    push.run().exits(0);

    let before = world.github.repository().tip("main").unwrap();
    let suite = world
        .file("main", QA_SUITE)
        .replace("Capitals", "Some capitals");
    world.commit(
        "main",
        &[(
            QA_SUITE,
            &format!("{suite}  - id: more\n    prompt: Name it.\n    checks: [{{contains: It}}]\n"),
        )],
    );
    let run = world
        .push_to_main_from(&before)
        .numbered(4801)
        .run()
        .exits(0);
    assert_eq!(run.record()["accepted"][0]["by"], "mia");
    assert_eq!(run.record()["accepted"][0]["commit"], Value::Null);
}

#[test]
fn an_accepted_agent_that_another_pull_request_carries_is_approved() {
    let (world, number) = failed();
    world.github.seed_comment(number, "mia", ACCEPT);
    world.opened(number).run().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.github.merge_pull_request(number);
    world
        .push_to_main_from(&before)
        .numbered(4800)
        .run()
        .exits(0);
    // Another agent's pull request carries it: accepted, so approved.
    world.teach(SUPPORT_NEW, Skill::Perfect);
    world.commit("later", &[(SUPPORT_FILE, &format!("{SUPPORT_NEW}\n"))]);
    let later = world.github.open_pull_request("main", "later");
    let run = world.opened(later).numbered(4801).run();
    assert_eq!(
        run.record()["agents"][1]["stored_outcome"],
        "pass",
        "{}",
        run.stdout
    );
    assert!(run.output("approved-agents").contains("qa_agent"));
}
