//! A run in parts, as the workflow of `docs/shards.md` makes it: its own steps and inputs, read from the page.

use std::collections::BTreeMap;

use serde_json::Value;
use tunegate::yaml::{Log, Spot, text, yaml};

use crate::support::job::{Job, Run};
use crate::support::judge;
use crate::support::world::{CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, QA_SUITE, Skill, World, suite};

/// What jobs hand to each other: files by artifact.
type Artifacts = BTreeMap<String, String>;

/// The workflow that people copy.
struct Workflow(Value);

impl Workflow {
    fn shown() -> Self {
        let page = include_str!("../../docs/shards.md");
        let block = page.split("```yaml .github/workflows/").nth(1).unwrap();
        let (_, block) = block.split_once('\n').unwrap();
        let (block, _) = block.split_once("```").unwrap();
        let source = text("gate.yml", block.as_bytes(), "").unwrap();
        let tree = yaml("gate.yml", source).unwrap();
        let log = Log::new("gate.yml");
        let value = Spot::root(&log, &tree).read::<Value>();
        Self(log.or(value).unwrap())
    }

    fn job(&self, name: &str) -> &Value {
        &self.0["jobs"][name]
    }

    fn parts(&self) -> Vec<u64> {
        let parts = self.job("part")["strategy"]["matrix"]["part"].as_array();
        parts
            .unwrap()
            .iter()
            .map(|part| part.as_u64().unwrap())
            .collect()
    }

    /// The `with:` of the step that uses an action, expressions of the matrix filled in.
    fn inputs(&self, job: &str, action: &str, part: u64) -> BTreeMap<String, String> {
        let steps = self.job(job)["steps"].as_array().unwrap();
        let step = steps
            .iter()
            .find(|step| step["uses"].as_str().unwrap().starts_with(action));
        let inputs = step.unwrap()["with"].as_object().unwrap().iter();
        let filled = |value: &Value| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let text = text.replace("${{ matrix.part }}", &part.to_string());
            assert!(!text.contains("${{"), "{text}");
            text
        };
        inputs
            .map(|(name, value)| (name.clone(), filled(value)))
            .collect()
    }

    /// Runs the job of a part as the runner would, and keeps what it uploads.
    fn ask(&self, job: Job<'_>, part: u64, artifacts: &mut Artifacts) -> Run {
        let run = with(job, &self.inputs("part", "tunegate/", part)).run();
        let upload = self.inputs("part", "actions/upload-artifact", part);
        match run.files.get(&upload["path"]) {
            Some(record) => {
                artifacts.insert(upload["name"].clone(), record.clone());
            }
            None => assert_eq!(upload["if-no-files-found"], "ignore"),
        }
        run
    }

    /// Runs the job that merges, after its download.
    fn join(&self, name: &str, job: Job<'_>, artifacts: &Artifacts) -> Run {
        let download = self.inputs(name, "actions/download-artifact", 0);
        let start = download["pattern"].strip_suffix('*').unwrap();
        let job = artifacts
            .iter()
            .filter(|(name, _)| name.starts_with(start))
            .fold(job, |job, (name, record)| {
                job.file(&format!("{}/{name}/run.json", download["path"]), record)
            });
        with(job, &self.inputs(name, "tunegate/", 0)).run()
    }

    /// All parts, then the job that merges.
    fn run<'w>(&self, name: &str, job: impl Fn() -> Job<'w>) -> Run {
        let mut artifacts = Artifacts::new();
        for part in self.parts() {
            self.ask(job(), part, &mut artifacts).exits(0);
        }
        self.join(name, job(), &artifacts)
    }
}

fn with<'w>(job: Job<'w>, inputs: &BTreeMap<String, String>) -> Job<'w> {
    inputs
        .iter()
        .fold(job, |job, (name, value)| job.input(name, value))
}

/// A comment without the number of its run, and without the hidden line that says since when a model is reported.
fn said(world: &World, number: u64, run: &str) -> String {
    let body = world.comment(number).body.replace(run, "RUN");
    let shown = body
        .lines()
        .filter(|line| !line.starts_with("<!-- proposed "));
    shown.collect::<Vec<_>>().join("\n")
}

/// A world with a stored baseline and a pull request.
fn with_pull_request(skill: Skill) -> (World, u64) {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, skill);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    (world, number)
}

#[test]
fn the_parts_joined_say_what_the_undivided_run_says() {
    for (skill, code) in [
        (Skill::Perfect, 0),
        (Skill::Halves(3), 1),
        (Skill::Misses(2), 1),
    ] {
        let (world, number) = with_pull_request(skill);
        let whole = world.opened(number).numbered(5001).run().exits(code);
        let undivided = said(&world, number, "5001");
        let asked = world.asked();

        let workflow = Workflow::shown();
        let joined = workflow.run("gate", || world.opened(number).numbered(5002));
        let joined = joined.exits(code);
        assert_eq!(said(&world, number, "5002"), undivided);
        for output in [
            "outcome",
            "score",
            "change",
            "failed-agents",
            "baseline-commit",
            "cost",
        ] {
            assert_eq!(joined.output(output), whole.output(output), "{output}");
        }
        for (model, count) in &asked {
            let now = world.asked().into_iter().find(|(one, _)| one == model);
            let runs = if model == QA_NEW { 2 } else { 1 };
            assert_eq!(now.map(|(_, now)| now), Some(count * runs), "{model}");
        }
        assert_eq!(joined.record()["shard"], Value::Null);
        assert!(
            joined.record()["derived_from"]
                .as_str()
                .unwrap()
                .starts_with("sha256:")
        );
    }
}

#[test]
fn cases_that_only_the_pull_request_has_are_divided_and_joined_too() {
    let world = World::new();
    world.push_to_main().exits(0);
    let new =
        |id| format!("  - {{id: new{id}, prompt: Where is {id}?, checks: [contains: here]}}\n");
    let more = suite() + &(0..7).map(new).collect::<String>();
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (QA_SUITE, &more)]);
    world.opened(number).numbered(5001).run().exits(0);
    let undivided = said(&world, number, "5001");
    assert!(undivided.contains("7 cases, mean 0.00"), "{undivided}");
    assert_eq!(world.asked()[2], (QA_NEW.to_owned(), 17));

    let workflow = Workflow::shown();
    let joined = workflow.run("gate", || world.opened(number).numbered(5002));
    joined.exits(0);
    assert_eq!(said(&world, number, "5002"), undivided);
    assert_eq!(world.asked()[2], (QA_NEW.to_owned(), 34));
}

#[test]
fn changed_rules_alone_are_told_by_the_job_that_merges() {
    let world = World::new();
    let config = world.config_with("{provider: acme}", "{provider: acme, top_p: 0.5}");
    let number = world.pull_request(&[(CONFIG, &config)]);
    let workflow = Workflow::shown();
    let run = workflow.run("gate", || world.opened(number).without(KEY_VARIABLE));
    let run = run.exits(0);
    assert_eq!(run.output("outcome"), "skipped");
    let comment = world.comment(number).body;
    assert!(comment.contains("| `defaults.top_p` |"), "{comment}");
}

#[test]
fn a_part_tells_the_pull_request_nothing_and_needs_no_right_to_write() {
    let (world, number) = with_pull_request(Skill::Misses(9));
    let before = world.github.requests().len();
    let run = world.opened(number).input("shard", "2/4").run().exits(0);
    assert_eq!(world.github.comments(number), []);
    let requests = world.github.requests();
    let written = requests
        .iter()
        .skip(before)
        .filter(|request| request.method != "GET");
    assert_eq!(written.count(), 0);
    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(run.output("approved-agents"), "[]");
    assert_eq!(run.output("failed-agents"), "[]");
    assert_eq!(run.output("score"), "");
    assert!(
        run.summary.contains("part 2 of 4: no verdict"),
        "{}",
        run.summary
    );
    assert_eq!(run.record()["shard"], "2/4");
}

#[test]
fn a_push_in_parts_stores_the_baseline_of_the_whole() {
    let world = World::new();
    let workflow = Workflow::shown();
    let run = workflow.run("baseline", || world.push_to_main_from(""));
    run.exits(0);
    let stored = world.github.files_on_branch("tunegate-data");
    assert_eq!(stored.len(), 2, "{stored:?}");
    assert_eq!(world.model.asked().len(), 20);
    // What was stored is a baseline like any other.
    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(1);
    assert!(world.comment(number).body.contains("10.00 → 8.50"));
}

#[test]
fn a_part_that_failed_fails_the_gate_with_a_sentence() {
    let (world, number) = with_pull_request(Skill::Perfect);
    let workflow = Workflow::shown();
    let mut artifacts = Artifacts::new();
    for part in workflow.parts() {
        let job = world.opened(number);
        if part == 3 {
            workflow
                .ask(job.without(KEY_VARIABLE), part, &mut artifacts)
                .exits(3);
        } else {
            workflow.ask(job, part, &mut artifacts).exits(0);
        }
    }
    assert_eq!(world.github.comments(number), []);
    let run = workflow
        .join("gate", world.opened(number), &artifacts)
        .exits(2);
    let comment = world.comment(number).body;
    assert!(comment.contains("COULD NOT MEASURE: the parts of this run do not make up a whole"));
    assert!(comment.contains("part 3 of 4: is missing"), "{comment}");
    assert_eq!(run.output("outcome"), "error");
}

#[test]
fn parts_of_another_commit_or_of_other_rules_are_refused() {
    let (world, number) = with_pull_request(Skill::Perfect);
    let workflow = Workflow::shown();
    let mut artifacts = Artifacts::new();
    for part in workflow.parts() {
        workflow
            .ask(world.opened(number), part, &mut artifacts)
            .exits(0);
    }
    world.commit("feature", &[("models/support_agent.txt", "ft:other\n")]);
    let run = workflow
        .join("gate", world.pushed_again(number), &artifacts)
        .exits(2);
    assert!(
        run.stdout.contains("another commit or other rules"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("the commit is `"), "{}", run.stdout);
}

#[test]
fn where_nothing_is_touched_no_part_is_needed() {
    let world = World::new();
    world.push_to_main().exits(0);
    let asked = world.model.asked().len();
    let number = world.pull_request(&[("README.md", "# Words\n")]);
    let run = Workflow::shown()
        .run("gate", || world.opened(number))
        .exits(0);
    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(world.github.comments(number), []);
    assert_eq!(world.model.asked().len(), asked);
}

#[test]
fn what_newly_fails_is_asked_again_by_the_job_that_merges() {
    let (world, number) = with_pull_request(Skill::Perfect);
    // The first answer is a bad draw, the next two are good.
    world.teach(QA_NEW, Skill::Misses(1));
    let workflow = Workflow::shown();
    let mut artifacts = Artifacts::new();
    for part in workflow.parts() {
        workflow
            .ask(world.opened(number), part, &mut artifacts)
            .exits(0);
    }
    world.teach(QA_NEW, Skill::Perfect);
    let run = workflow
        .join("gate", world.opened(number), &artifacts)
        .exits(0);
    let samples = run.record()["agents"][0]["cases"][0]["samples"].clone();
    assert_eq!(samples.as_array().unwrap().len(), 3);
}

#[test]
fn a_job_is_a_part_or_joins_parts() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    for (inputs, words) in [
        (
            vec![("shard", "5/4")],
            "input `shard`: there is no part `5/4`",
        ),
        (
            vec![("shard", "1/4"), ("merge", "parts")],
            "exclude each other",
        ),
    ] {
        let job = inputs
            .into_iter()
            .fold(world.opened(number), |job, (name, value)| {
                job.input(name, value)
            });
        let run = job.run().exits(2);
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
    assert_eq!(world.asked(), []);
}

#[test]
fn a_merge_without_any_part_says_so() {
    let (world, number) = with_pull_request(Skill::Perfect);
    let run = world.opened(number).input("merge", "parts").run().exits(2);
    assert!(
        run.stdout.contains("no record of a part was found"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_job_that_merges_runs_whatever_became_of_the_parts() {
    let workflow = Workflow::shown();
    for name in ["gate", "baseline"] {
        let job = workflow.job(name);
        assert_eq!(job["needs"], "part");
        assert!(job["if"].as_str().unwrap().starts_with("always()"), "{job}");
    }
    let upload = workflow.job("part")["steps"][1].clone();
    assert_eq!(upload["if"], "always()");
    let count = workflow.parts().len();
    let last = workflow.inputs("part", "tunegate/", 4)["shard"].clone();
    assert_eq!(last, format!("4/{count}"));
}

#[test]
fn the_judge_is_tested_once_by_the_job_that_merges() {
    let world = judge::judged();
    world.github.make_private();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(1));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let before = judge::asked(&world).len();
    let whole = world.opened(number).numbered(5001).run().exits(0);
    let undivided = said(&world, number, "5001");
    let after = judge::asked(&world).len();
    assert_eq!(after - before, 20, "ten answers, and ten stored ones");

    let joined = Workflow::shown().run("gate", || world.opened(number).numbered(5002));
    let joined = joined.exits(0);
    assert_eq!(said(&world, number, "5002"), undivided);
    assert_eq!(judge::asked(&world).len() - after, 20);
    let (joined, whole) = (joined.record(), whole.record());
    assert_eq!(
        judge::agent(&joined)["judge"],
        judge::agent(&whole)["judge"]
    );
}

#[test]
fn what_the_parts_paid_their_judge_is_not_spent_again_by_the_job_that_merges() {
    let world = judge::judged_by(judge::VOTES);
    // What is required may fail, and costs no grade then: nobody knows beforehand what grades take.
    let required = suite().replace("{contains: ", "{required: true, contains: ");
    world.commit("main", &[(QA_SUITE, &required)]);
    world.push_to_main().exits(0);
    // An answer takes 18 tokens and so does each vote: ten answers, nine of them graded, are 666.
    let capped = world.config_with(
        "retry_delay: 1ms",
        "retry_delay: 1ms, budget: {tokens: 670}",
    );
    world.commit("main", &[(CONFIG, &capped)]);
    world.teach(QA_NEW, Skill::Misses(1));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let parts: Vec<String> = (1..=5)
        .map(|part| {
            let job = world.opened(number).input("shard", &format!("{part}/5"));
            job.run().exits(0).record().to_string()
        })
        .collect();
    world.teach(QA_NEW, Skill::Perfect);
    let before = world.model.asked().len();
    let join = parts
        .iter()
        .enumerate()
        .fold(world.opened(number), |job, (at, record)| {
            job.file(&format!("parts/{at}/run.json"), record)
        });
    let run = join.input("merge", "parts").run();
    let reasons = run.record()["verdict"]["reasons"].to_string();
    assert!(reasons.contains("budget-reached"), "{reasons}");
    assert_eq!(world.model.asked().len() - before, 2, "no grade is left");
}
