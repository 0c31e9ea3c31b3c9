//! What the gate will say, asked before the push: a clone of the repository, a working tree that was edited, and the same
//! rules, the same baseline and the same words as on the pull request.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::laptop::Laptop;
use crate::support::world::{
    CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, SUPPORT_FILE, SUPPORT_NEW, Skill,
    World, prompt, short,
};

const TRAIN: &str = "data/qa/train.jsonl";
const UNTOUCHED: &str = "nothing that this gate watches was touched; no model was asked\n";

/// A world in which one agent names its data, with a baseline.
fn world_with_data() -> World {
    let world = World::configured(|config| {
        let model = "    model: {file: models/qa_agent.txt}\n";
        config.replace(
            model,
            &format!("{model}    training_data: [data/qa/*.jsonl]\n"),
        )
    });
    world.commit("main", &[(TRAIN, &rows(0..20))]);
    world.push_to_main().exits(0);
    world
}

fn rows(numbers: std::ops::Range<u32>) -> String {
    let row = |number: u32| {
        let row = json!({"messages": [
            {"role": "user", "content": format!("How many parcels does van {number} carry on a usual day?")},
            {"role": "assistant", "content": format!("It carries {} parcels, {} of them small.", 3 * number, number)},
        ]});
        format!("{row}\n")
    };
    numbers.map(row).collect()
}

/// What the gate says of the working tree.
fn since(laptop: &Laptop<'_>, revision: &str, more: &[&str]) -> Output {
    let since = format!("--since={revision}");
    let fixed = ["run", "--quiet", "--out", "out", "--discard", &since];
    laptop.command(&[&fixed, more].concat())
}

#[track_caller]
fn exits(output: Output, code: i32) -> String {
    let (told, wrong) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(code), "{told}\n{wrong}");
    format!("{told}{wrong}")
}

/// The lines of a summary, without what tells where it was made.
fn words(summary: &str) -> Vec<String> {
    let lines = summary.lines();
    let lines = lines.filter(|line| !line.starts_with("- the baseline is read from "));
    // Nobody accepts anything on a laptop.
    let lines = lines.filter(|line| !line.starts_with("To merge anyway: "));
    let lines = lines.filter(|line| !line.is_empty());
    let said = |line: &str| {
        let parts = line
            .split(" · ")
            .filter(|part| !part.starts_with("https://"));
        let line: Vec<&str> = parts.collect();
        line.join(" · ")
            .replace("in this change", "in this pull request")
    };
    lines.map(said).collect()
}

/// The pull request with the same change says the same, word for word.
#[track_caller]
fn says_what_github_says(world: &World, laptop: &Laptop<'_>, files: &[(&str, &str)], code: i32) {
    let here = std::fs::read_to_string(laptop.path("out/summary.txt")).unwrap();
    let number = world.pull_request(files);
    let run = world.opened(number).run().exits(code);
    let there = &run.files["tunegate-out/summary.txt"];
    assert_eq!(words(&here), words(there));
    let (here, there) = (laptop.record("out"), run.record());
    for part in ["verdict", "overall", "changes", "audit", "policy_digest"] {
        assert_eq!(here[part], there[part], "{part}");
    }
}

fn because(laptop: &Laptop<'_>) -> Value {
    laptop.record("out")["changes"]["agents"][0]["because"].clone()
}

#[test]
fn a_model_that_was_moved_and_not_committed_is_judged_as_its_pull_request_will_be() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(2));
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, &format!("{QA_NEW}\n"));
    let before = world.asked();
    let told = exits(since(&laptop, "origin/main", &[]), 1);

    let main = laptop.git(&["rev-parse", "origin/main"]);
    let baseline = format!(
        "dropped 1.00 (0.06 to 3.31) against the baseline of {}",
        short(&main)
    );
    assert!(told.contains(&baseline), "{told}");
    let tip = laptop.git(&["rev-parse", "origin/tunegate-data"]);
    let origin = format!(
        "- the baseline is read from `origin/tunegate-data` ({}), as it was fetched last",
        short(&tip)
    );
    assert!(told.lines().any(|line| line == origin), "{told}");
    let source = laptop.record("out")["source"].clone();
    assert_eq!(source["event"], "local");
    for commit in ["commit", "base", "merge_base"] {
        assert_eq!(source[commit], main, "{commit}");
    }
    let asked = world.asked();
    assert_eq!(
        asked.iter().find(|(model, _)| model == QA_NEW).unwrap().1,
        10
    );
    assert_eq!(
        before.iter().find(|(model, _)| model == QA_OLD),
        asked.iter().find(|(model, _)| model == QA_OLD)
    );
    says_what_github_says(&world, &laptop, &[(QA_FILE, &format!("{QA_NEW}\n"))], 1);
}

#[test]
fn a_floor_that_the_working_tree_lowers_still_judges_and_the_lower_one_is_told() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Halves(6));
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, QA_NEW);
    laptop.change(CONFIG, "floor: 8.0", "floor: 6.0");
    laptop.commit("Lower the floor");
    let told = exits(since(&laptop, "origin/main", &[]), 1);
    assert!(told.contains("7.00 (floor 8.00)"), "{told}");
    let rule = &laptop.record("out")["changes"]["rules"][0];
    assert_eq!(
        (&rule["key"], &rule["direction"]),
        (&json!("gate.floor"), &json!("looser"))
    );
    // Without a record on either side; the reason names what brings it.
    assert!(
        told.contains("no record: fetch it with `git fetch origin tunegate-data:tunegate-data`"),
        "{told}"
    );
}

#[test]
fn data_that_changed_is_told_row_by_row_and_a_new_file_of_it_too() {
    let world = world_with_data();
    let laptop = Laptop::clone_of(&world);
    let train = format!("{}{}", rows(2..20), rows(20..25));
    let more = rows(30..33);
    laptop.write(TRAIN, &train);
    laptop.write("data/qa/more.jsonl", &more);
    laptop.write("data/qa/unread.txt", "not data");
    exits(since(&laptop, "origin/main", &[]), 0);
    assert_eq!(
        because(&laptop),
        json!([
            {"code": "training-data", "path": "data/qa/more.jsonl", "rows_added": 3, "rows_removed": 0, "rows_changed": 0},
            {"code": "training-data", "path": TRAIN, "rows_added": 5, "rows_removed": 2, "rows_changed": 0},
        ])
    );
    let summary = std::fs::read_to_string(laptop.path("out/summary.txt")).unwrap();
    assert!(
        summary.contains("data/qa/train.jsonl: +5 −2; none"),
        "{summary}"
    );
    let files = [(TRAIN, train.as_str()), ("data/qa/more.jsonl", &more)];
    let here = laptop.record("out");
    says_what_github_says(&world, &laptop, &files, 0);

    // Once it is committed, git has the same content.
    laptop.commit("Add data");
    exits(since(&laptop, "origin/main", &[]), 0);
    let there = laptop.record("out");
    let data = |record: &Value| {
        let agents = record["agents"].as_array().unwrap();
        let agent = agents.iter().find(|agent| agent["name"] == "qa_agent");
        agent.unwrap()["data"]["digest"].clone()
    };
    assert_eq!(data(&here), data(&there));
    assert_eq!(here["changes"], there["changes"]);
}

#[test]
fn answers_that_the_stored_baseline_holds_are_not_asked_for_again_and_need_no_key() {
    let world = world_with_data();
    let asked = world.asked();
    let laptop = Laptop::clone_of(&world);
    laptop.write(TRAIN, &rows(0..25));
    laptop.change("suites/qa_agent.yaml", "cases:", "# A word.\ncases:");
    let arguments = ["run", "--out", "out", "--discard", "--since", "origin/main"];
    let mut command = laptop.prepared(&arguments);
    let told = exits(command.env_remove(KEY_VARIABLE).output().unwrap(), 0);
    assert!(told.contains("not retrained"), "{told}");
    assert_eq!(world.asked(), asked);

    // Who wants new answers gets them.
    exits(since(&laptop, "origin/main", &["--no-cache"]), 0);
    let anew = |asked: &[(String, usize)]| asked.iter().map(|(_, times)| times).sum::<usize>();
    assert_eq!(anew(&world.asked()), anew(&asked) + 10);
}

#[test]
fn a_rule_alone_asks_nobody_and_is_told() {
    let world = World::new();
    world.push_to_main().exits(0);
    let asked = world.asked();
    let laptop = Laptop::clone_of(&world);
    laptop.change(CONFIG, "floor: 8.0", "floor: 7.0");
    let told = exits(since(&laptop, "origin/main", &[]), 0);
    assert!(told.contains("gate.floor: 8.0 → 7.0 (looser)"), "{told}");
    assert_eq!(world.asked(), asked);
}

#[test]
fn a_large_file_of_data_is_read_from_git_and_from_the_working_tree() {
    let world = world_with_data();
    let all = rows(0..9_000);
    assert!(all.len() > 1024 * 1024);
    world.commit("main", &[(TRAIN, &all)]);
    let laptop = Laptop::clone_of(&world);
    let train = format!("{}{}", rows(1..9_000), rows(9_000..9_002));
    laptop.write(TRAIN, &train);
    let wanted = json!([{"code": "training-data", "path": TRAIN, "rows_added": 2, "rows_removed": 1, "rows_changed": 0}]);
    exits(since(&laptop, "origin/main", &[]), 0);
    assert_eq!(because(&laptop), wanted);
    laptop.commit("Change the data");
    exits(since(&laptop, "origin/main", &[]), 0);
    assert_eq!(because(&laptop), wanted);
}

#[test]
fn rows_that_are_only_written_otherwise_touch_nobody() {
    let world = world_with_data();
    let laptop = Laptop::clone_of(&world);
    let mut lines: Vec<String> = rows(0..20).lines().map(str::to_owned).collect();
    lines.reverse();
    laptop.write(TRAIN, &lines.join("\n\n"));
    assert_eq!(exits(since(&laptop, "origin/main", &[]), 0), UNTOUCHED);
}

#[test]
fn what_a_run_leaves_behind_is_no_part_of_the_change() {
    let world = World::configured(|config| {
        let model = "    model: {file: models/qa_agent.txt}\n";
        config.replace(
            model,
            &format!("{model}    training_data: [\"**/*.jsonl\"]\n"),
        )
    });
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, QA_NEW);
    for _ in 0..2 {
        exits(since(&laptop, "origin/main", &[]), 0);
        assert_eq!(because(&laptop).as_array().unwrap().len(), 1);
        assert!(laptop.path("out/journal.jsonl").exists());
    }
}

#[test]
fn what_git_lfs_keeps_is_read_where_it_lies() {
    use std::fmt::Write as _;
    let world = world_with_data();
    let content = rows(0..20);
    let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
    let oid = digest
        .as_ref()
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {}\n",
        content.len()
    );
    world.commit(
        "main",
        &[
            (TRAIN, &pointer),
            (".gitattributes", "*.jsonl filter=lfs -text\n"),
        ],
    );
    let laptop = Laptop::clone_of(&world);
    let (first, rest) = oid.split_at(2);
    let second = rest.split_at(2).0;
    let kept = format!(".git/lfs/objects/{first}/{second}/{oid}");
    laptop.write(&kept, &content);
    // The working tree has the content, as Git LFS leaves it; git alone calls that a change.
    laptop.write(TRAIN, &content);
    assert_eq!(exits(since(&laptop, "origin/main", &[]), 0), UNTOUCHED);

    laptop.write(TRAIN, &format!("{content}{}", rows(20..21)));
    exits(since(&laptop, "origin/main", &[]), 0);
    let wanted = json!([{"code": "training-data", "path": TRAIN, "rows_added": 1, "rows_removed": 0, "rows_changed": 0}]);
    assert_eq!(because(&laptop), wanted);
}

#[test]
fn where_nothing_is_touched_nobody_is_asked_and_no_key_is_needed() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    laptop.write("README.md", "# Other words\n");
    laptop.write("notes.txt", "new");
    // The same value, written otherwise.
    laptop.write(QA_FILE, &format!("\n{QA_OLD}\n\n"));
    let mut command = laptop.prepared(&["run", "--out", "out", "--since", "origin/main"]);
    let output = command.env_remove(KEY_VARIABLE).output().unwrap();
    assert_eq!(exits(output, 0), UNTOUCHED);
    let verdict = exits(since(&laptop, "HEAD", &["--json"]), 0);
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(verdict["verdict"]["outcome"], "skipped");
    assert_eq!(world.asked(), []);
    assert!(!laptop.path("out").exists());
}

#[test]
fn a_branch_that_is_behind_does_not_bring_old_files_back() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    laptop.git(&["checkout", "--quiet", "-b", "feature"]);
    laptop.write(SUPPORT_FILE, SUPPORT_NEW);
    laptop.commit("Move the support agent");
    // Meanwhile main moves the other agent, and asks for more.
    let config = world.config_with("floor: 8.0", "floor: 9.0");
    world.commit("main", &[(QA_FILE, QA_NEW), (CONFIG, &config)]);
    laptop.git(&["fetch", "--quiet"]);
    world.teach(SUPPORT_NEW, Skill::Halves(3));
    let told = exits(since(&laptop, "origin/main", &[]), 1);
    assert!(told.contains("8.50 (floor 9.00)"), "{told}");
    let record = laptop.record("out");
    let touched = record["changes"]["agents"].as_array().unwrap();
    assert_eq!(touched.len(), 1, "{touched:?}");
    assert_eq!(touched[0]["name"], "support_agent");
    assert_eq!(record["changes"]["rules"], json!([]));
    let merge_base = laptop.git(&["merge-base", "HEAD", "origin/main"]);
    assert_eq!(record["source"]["merge_base"], merge_base);
    assert_eq!(world.asked(), [(SUPPORT_NEW.to_owned(), 10)]);
}

#[test]
fn records_on_a_local_branch_and_on_the_fetched_one_count_alike() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(1));
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, QA_NEW);
    laptop.git(&["branch", "--quiet", "tunegate-data", "origin/tunegate-data"]);
    laptop.git(&["update-ref", "-d", "refs/remotes/origin/tunegate-data"]);
    let told = exits(since(&laptop, "origin/main", &[]), 0);
    assert!(
        told.contains("- the baseline is read from `tunegate-data` ("),
        "{told}"
    );
    assert!(told.contains("10.00 → 9.50 (−0.50)"), "{told}");

    // What was fetched long ago does not hide what came since.
    let old = world.github.repository().tip("main").unwrap();
    world.commit("main", &[("README.md", "new")]);
    world.commit("main", &[(SUPPORT_FILE, SUPPORT_NEW)]);
    world.push_to_main_from(&old).numbered(4712).run().exits(0);
    laptop.git(&["fetch", "--quiet"]);
    laptop.git(&["checkout", "--quiet", "-B", "main", "origin/main"]);
    laptop.write(QA_FILE, QA_OLD);
    laptop.write(SUPPORT_FILE, "ft:open-mistral-7b:acme:20260101:support");
    let told = exits(since(&laptop, "origin/main", &[]), 0);
    assert!(
        told.contains("`origin/tunegate-data` (") && told.contains(" and `tunegate-data` ("),
        "{told}"
    );
    let record = laptop.record("out");
    let agent = &record["agents"].as_array().unwrap()[0];
    let tip = laptop.git(&["rev-parse", "origin/main"]);
    assert_eq!(agent["comparison"]["baseline_commit"], tip, "{agent}");
}

#[test]
fn a_named_record_is_taken_in_place_of_the_stored_one() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(2));
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, QA_NEW);
    let told = exits(since(&laptop, "origin/main", &["--baseline", "none"]), 0);
    assert!(told.contains("none was given"), "{told}");
    assert!(!told.contains("the baseline is read from"), "{told}");
    std::fs::rename(laptop.path("out"), laptop.path("before")).unwrap();
    let named = ["--baseline", "before/run.json"];
    let told = exits(since(&laptop, "origin/main", &named), 0);
    assert!(told.contains("9.00 → 9.00"), "{told}");
}

#[test]
fn another_model_is_tried_without_writing_it_anywhere() {
    let world = World::new();
    world.push_to_main().exits(0);
    let laptop = Laptop::clone_of(&world);
    let tried = format!("qa_agent={QA_NEW}");
    exits(since(&laptop, "origin/main", &["--model", &tried]), 0);
    let wanted = json!([{"code": "model-id", "old": QA_OLD, "new": QA_NEW}]);
    assert_eq!(because(&laptop), wanted);
    let told = exits(since(&laptop, "origin/main", &["--model", "nobody=x"]), 2);
    assert!(told.contains("there is no agent `nobody`"), "{told}");
    exits(
        since(&laptop, "origin/main", &["--agent", "support_agent"]),
        0,
    );
    assert_eq!(because(&laptop), json!([{"code": "requested"}]));
    exits(since(&laptop, "origin/main", &["--all"]), 0);
    let record = laptop.record("out");
    assert_eq!(record["changes"]["agents"].as_array().unwrap().len(), 2);
}

#[test]
fn the_first_configuration_reports_and_does_not_block() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    laptop.git(&["rm", "--quiet", CONFIG]);
    laptop.git(&["commit", "--quiet", "--message", "Before the gate"]);
    let base = laptop.git(&["rev-parse", "HEAD"]);
    laptop.write(CONFIG, &world.file("main", CONFIG));
    world.teach(QA_OLD, Skill::Halves(6));
    let told = exits(since(&laptop, &base, &[]), 0);
    assert!(told.contains("does not block"), "{told}");
    assert_eq!(laptop.record("out")["verdict"]["outcome"], "fail");
}

#[test]
fn a_suite_that_is_easier_in_the_working_tree_does_not_judge() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(4));
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, QA_NEW);
    let easier: Vec<String> = world
        .file("main", QA_SUITE)
        .lines()
        .filter(|line| {
            !["Danube", "Vltava"]
                .iter()
                .any(|river| line.contains(river))
        })
        .map(str::to_owned)
        .collect();
    laptop.write(QA_SUITE, &easier.join("\n"));
    exits(since(&laptop, "origin/main", &[]), 1);
    assert_eq!(laptop.record("out")["agents"][0]["score"], 8.0);
}

/// Cases that take more room than is kept in memory as they stand.
fn large_cases(rivers: &[(&str, &str)]) -> String {
    let case = |(country, wanted): &(&str, &str)| {
        let case = json!({
            "id": format!("river-of-{country}"),
            "prompt": prompt(country),
            "checks": [{"contains": wanted}],
            "reference": "long ".repeat(1 << 20),
        });
        format!("{case}\n")
    };
    rivers.iter().map(case).collect()
}

#[test]
fn a_large_file_of_cases_is_that_of_the_revision_whatever_lies_in_its_place() {
    let world = World::new();
    let suite = "description: Rivers.\nscoring: {profile: checks}\ncases_from: cases.jsonl\n";
    let cases = large_cases(&[("france", "Seine"), ("italy", "Tiber")]);
    world.commit("main", &[(QA_SUITE, suite), ("suites/cases.jsonl", &cases)]);
    world.teach(QA_NEW, Skill::Halves(5));
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, QA_NEW);
    exits(since(&laptop, "origin/main", &[]), 1);
    let scores = |laptop: &Laptop<'_>| {
        let record = laptop.record("out");
        let cases = record["agents"][0]["cases"].as_array().unwrap().clone();
        let score = |case: &Value| (case["id"].clone(), case["score"].clone());
        cases.iter().map(score).collect::<Vec<_>>()
    };
    let wanted = [
        (json!("river-of-france"), json!(0)),
        (json!("river-of-italy"), json!(10)),
    ];
    assert_eq!(scores(&laptop), wanted);
    let easier = large_cases(&[("france", "Paris"), ("italy", "Tiber")]);
    laptop.write("suites/cases.jsonl", &easier);
    exits(since(&laptop, "origin/main", &[]), 1);
    assert_eq!(scores(&laptop), wanted);
}

#[test]
fn hostile_names_are_names() {
    let world = world_with_data();
    let laptop = Laptop::clone_of(&world);
    laptop.git(&["branch", "--quiet", "--", "evil"]);
    let trap = laptop.path("trap");
    let names = [
        "data/qa/--output=trap.jsonl".to_owned(),
        "data/qa/$(touch trap);`touch trap`.jsonl".to_owned(),
        "data/qa/a\nb \"c\" '.jsonl".to_owned(),
        "-rf".to_owned(),
        ":(exclude)x".to_owned(),
    ];
    for (name, from) in names.iter().zip(40..) {
        laptop.write(name, &rows(from..from + 1));
    }
    exits(since(&laptop, "origin/main", &[]), 0);
    assert_eq!(because(&laptop).as_array().unwrap().len(), 3);
    laptop.commit("Add data");
    exits(since(&laptop, "origin/main", &[]), 0);
    assert_eq!(because(&laptop).as_array().unwrap().len(), 3);
    assert!(!trap.exists());

    let asked = world.asked();
    for revision in [
        "--output=trap",
        "-h",
        "$(touch trap)",
        "a..b",
        "x\n\u{1b}[31m::error::y",
    ] {
        let told = exits(since(&laptop, revision, &[]), 2);
        assert!(
            told.starts_with("tunegate: there is no revision `"),
            "{told}"
        );
        assert!(!told.contains('\u{1b}'), "{told:?}");
    }
    assert!(!trap.exists());
    assert_eq!(world.asked(), asked);
}

#[test]
fn a_link_in_the_working_tree_does_not_lead_out_of_it() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    std::fs::remove_file(laptop.path(QA_FILE)).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", laptop.path(QA_FILE)).unwrap();
    let told = exits(since(&laptop, "origin/main", &[]), 2);
    assert!(
        told.contains("symbolic link that leads to no file of this repository"),
        "{told}"
    );
    std::fs::remove_file(laptop.path(QA_FILE)).unwrap();
    std::os::unix::fs::symlink("../.git/config", laptop.path(QA_FILE)).unwrap();
    exits(since(&laptop, "origin/main", &[]), 2);

    // One that stays inside reads as what it leads to, committed or not.
    std::fs::remove_file(laptop.path(QA_FILE)).unwrap();
    laptop.write("models/new.txt", QA_NEW);
    std::os::unix::fs::symlink("new.txt", laptop.path(QA_FILE)).unwrap();
    let linked = || {
        exits(since(&laptop, "origin/main", &[]), 0);
        because(&laptop)[0]["new"].clone()
    };
    assert_eq!(linked(), QA_NEW);
    let commit = laptop.commit("Link it");
    assert_eq!(linked(), QA_NEW);
    // The link is the revision's, what it leads to changes nothing there.
    laptop.write("README.md", "# Other words\n");
    assert_eq!(exits(since(&laptop, &commit, &[]), 0), UNTOUCHED);
}

#[test]
fn what_cannot_be_compared_says_what_to_do() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    let told = exits(since(&laptop, "origin/later", &[]), 2);
    assert_eq!(
        told,
        "tunegate: there is no revision `origin/later` here; `git fetch origin later` brings it\n"
    );
    let mut command = laptop.prepared(&["run", "--since", "origin/main"]);
    let output = command.env("PATH", "/nonexistent").output().unwrap();
    let told = exits(output, 3);
    assert!(told.contains("git is needed for `--since`"), "{told}");

    laptop.git(&["checkout", "--quiet", "--orphan", "alone"]);
    laptop.commit("Start again");
    let told = exits(since(&laptop, "origin/main", &[]), 2);
    assert!(told.contains("have no common ancestor"), "{told}");

    let folder = Laptop::new(&world);
    let told = exits(since(&folder, "main", &[]), 2);
    assert!(
        told.contains("is not the top of a git repository"),
        "{told}"
    );

    let bare = Laptop::clone_with(&world, &["--bare"]);
    let told = exits(since(&bare, "main", &[]), 2);
    assert!(told.contains("is a bare repository"), "{told}");

    world.commit("feature", &[("a", "1")]);
    world.commit("feature", &[("a", "2")]);
    world.commit("main", &[("b", "1")]);
    let shallow = Laptop::clone_with(
        &world,
        &["--depth=1", "--no-single-branch", "--branch=feature"],
    );
    let told = exits(since(&shallow, "origin/main", &[]), 2);
    assert!(told.contains("`git fetch --unshallow`"), "{told}");
}

#[test]
fn a_change_that_brings_the_gate_is_told_once_that_nothing_blocks_and_so_is_its_record() {
    let world = World::new();
    world.teach(QA_OLD, Skill::Misses(3));
    let laptop = Laptop::clone_of(&world);
    let config = world.file("main", CONFIG);
    laptop.git(&["rm", "--quiet", CONFIG]);
    let base = laptop.commit("before the gate");
    laptop.write(CONFIG, &config);
    let said = exits(since(&laptop, &base, &[]), 0);
    assert!(said.contains("FAIL: qa_agent"), "{said}");
    assert_eq!(said.matches("does not block").count(), 1, "{said}");

    let record = "out/run.json";
    let reported = exits(laptop.command(&["report", record]), 0);
    assert!(reported.contains("Do this: you may merge"), "{reported}");
    assert_eq!(reported.matches("does not block").count(), 1, "{reported}");
    // Decided again, it is a verdict like any other.
    let decided = exits(laptop.command(&["decide", record]), 1);
    assert!(decided.contains("Do this: do not merge"), "{decided}");
}
