//! A better check needs no new answers: what is kept is scored again, and decides as if it had been scored so at once.

use std::fs;

use serde_json::Value;

use crate::support::job::Run;
use crate::support::laptop::{Laptop, told};
use crate::support::world::{
    CONFIG, QA_OLD, QA_SUITE, SUPPORT_FILE, SUPPORT_NEW, SUPPORT_OLD, Skill, World, prompt, short,
    suite,
};

const SUPPORT_SUITE: &str = "suites/support_agent.yaml";

/// A suite in which two checks want more than the models say.
fn stricter() -> String {
    suite()
        .replace("{contains: Danube}", "{contains: Donau}")
        .replace("{contains: Nile}", "{contains: White Nile}")
}

fn agent<'r>(record: &'r Value, name: &str) -> &'r Value {
    let mut agents = record["agents"].as_array().unwrap().iter();
    agents.find(|agent| agent["name"] == name).unwrap()
}

fn notices(record: &Value) -> String {
    record["notices"].to_string()
}

/// What a moved model comes to that is worse in four cases, after the checks changed on `main`: the baseline is measured
/// before or after that.
fn moved(measured_before: bool) -> (World, u64, Run) {
    let world = World::new();
    world.github.make_private();
    world.teach(SUPPORT_OLD, Skill::Halves(1));
    if measured_before {
        world.push_to_main().exits(0);
    }
    world.commit("main", &[(SUPPORT_SUITE, &stricter())]);
    if !measured_before {
        world.push_to_main().exits(0);
    }
    world.teach(SUPPORT_NEW, Skill::Halves(4));
    let number = world.pull_request_for(SUPPORT_FILE, SUPPORT_NEW);
    let run = world.opened(number).run();
    (world, number, run)
}

#[test]
fn a_rescored_baseline_decides_exactly_as_one_that_is_measured_today() {
    let (world, number, rescored) = moved(true);
    let (_fresh_world, _, fresh) = moved(false);
    // Each world has commits of its own.
    let told = |run: &Run| {
        run.record()["verdict"]
            .to_string()
            .replace(short(run.output("baseline-commit")), "COMMIT")
    };
    assert_eq!(told(&rescored), told(&fresh));
    let (one, other) = (rescored.record(), fresh.record());
    let (mut one, mut other) = (
        agent(&one, "support_agent").clone(),
        agent(&other, "support_agent").clone(),
    );
    let said = one["comparison"]["rescored"].take();
    assert_eq!(said["answers"], 2, "{said}");
    assert_eq!(said["because"], serde_json::json!(["expectation"]));
    assert_eq!(other["comparison"]["rescored"], Value::Null);
    for part in [&mut one, &mut other] {
        part["comparison"]["baseline_commit"].take();
        part["comparison"]
            .as_object_mut()
            .unwrap()
            .remove("rescored");
    }
    for part in ["comparison", "verdict", "score", "interval", "scorer"] {
        assert_eq!(one[part], other[part], "{part}");
    }
    assert_eq!(one["comparison"]["pairs"], 10);
    assert!(one["comparison"]["change"].as_f64().unwrap() < -0.5);

    let comment = world.comment(number).body;
    let line = "baseline rescored: 2 answers, the expectation or a check changed";
    assert!(comment.contains(line), "{comment}");
    let old: Vec<_> = world
        .asked()
        .into_iter()
        .filter(|(model, _)| model == SUPPORT_OLD)
        .collect();
    assert_eq!(old, [(SUPPORT_OLD.to_owned(), 10)], "measured once");
}

#[test]
fn without_kept_answers_a_case_is_left_out_and_the_component_is_named() {
    for (suite, words) in [
        (stricter(), "the expectation or a check changed"),
        (
            stricter().replace("profile: checks", "profile: checks, weights: {quality: 2}"),
            "the weights of the dimensions changed",
        ),
        (
            suite().replace("profile: checks", "profile: standard"),
            "the scoring profile changed",
        ),
    ] {
        let world = World::new();
        world.push_to_main().exits(0);
        world.commit("main", &[(SUPPORT_SUITE, &suite)]);
        let number = world.pull_request_for(SUPPORT_FILE, SUPPORT_NEW);
        let run = world.opened(number).run();
        let text = agent(&run.record(), "support_agent").to_string();
        assert!(text.contains(&format!("not comparable: {words}")), "{text}");
    }
}

/// The cases of an agent without what a clock says.
fn cases(agent: &Value) -> Vec<Value> {
    let cases = agent["cases"].as_array().unwrap().clone();
    let cases = cases.into_iter().map(|mut case| {
        case["samples"][0]["latency_ms"].take();
        case
    });
    cases.collect()
}

/// Whether a record says what the suite would notice; that of then says nothing of the suite of today.
fn is_tested(record: &Value) -> bool {
    agent(record, "qa_agent").get("self_test").is_some()
}

#[test]
fn a_record_is_scored_again_as_a_run_of_today_would_score_it() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    let then = laptop.command(&["run", "--all", "--quiet", "--out", "then"]);
    told(&then, 0);
    laptop.write(QA_SUITE, &stricter());
    let asked = world.model.heard();
    let again = laptop.command(&["decide", "then/run.json", "--rescore", "--out", "again"]);
    let text = told(&again, 0);
    assert_eq!(world.model.heard(), asked);
    assert!(
        text.contains("As it was scored and decided then: ✅ PASS"),
        "{text}"
    );
    told(
        &laptop.command(&["run", "--all", "--quiet", "--out", "fresh"]),
        0,
    );

    let (then, again, fresh) = (
        laptop.record("then"),
        laptop.record("again"),
        laptop.record("fresh"),
    );
    assert_eq!(again["derived_from"], then["record_digest"]);
    assert_eq!(again["created"], then["created"]);
    assert_eq!(again["verdict"], fresh["verdict"]);
    for name in ["qa_agent", "support_agent"] {
        let (again, fresh) = (agent(&again, name), agent(&fresh, name));
        for part in [
            "score",
            "interval",
            "dimensions",
            "suite_digest",
            "scorer",
            "counts",
            "usage",
        ] {
            assert_eq!(again[part], fresh[part], "{name} {part}");
        }
        assert_eq!(cases(again), cases(fresh), "{name}");
    }
    assert!(is_tested(&then) && is_tested(&fresh) && !is_tested(&again));
    let done = &agent(&again, "qa_agent")["rescored"];
    assert_eq!(
        (&done["answers"], &done["because"][0]),
        (&2.into(), &"expectation".into())
    );
    let told = notices(&again);
    assert!(
        told.contains("qa_agent was scored again: 2 answers, the expectation or a check changed"),
        "{told}"
    );
    for file in ["comment.md", "summary.txt", "report.html", "junit.xml"] {
        assert!(laptop.path("again").join(file).exists(), "{file}");
    }
    let page = fs::read_to_string(laptop.path("again/report.html")).unwrap();
    assert!(page.contains("White Nile"), "what is expected now is shown");
    // The written record is as good as any: its digest fits.
    let own = laptop.command(&["decide", "again/run.json", "--own-rules"]);
    crate::support::laptop::told(&own, 0);
}

#[test]
fn what_cannot_be_scored_again_is_named_and_counted_and_never_a_zero() {
    let world = World::new();
    world.push_to_main().exits(0);
    let files = world.github.files_on_branch("tunegate-data");
    let path = files.iter().find(|path| path.contains("qa_agent")).unwrap();
    let laptop = Laptop::new(&world);
    // A stored record has digests alone.
    laptop.write("stored.json", &world.file("tunegate-data", path));
    let gone = suite()
        .split("  - id: capital-of-portugal")
        .next()
        .unwrap()
        .to_owned();
    let changed = gone
        .replace("{contains: Danube}", "{contains: Donau}")
        .replace(&prompt("egypt"), "What is the capital of Egypt?")
        + "  - id: capital-of-spain\n    prompt: And of Spain?\n    checks: [{contains: Madrid}]\n";
    laptop.write(QA_SUITE, &changed);
    let output = laptop.command(&["decide", "stored.json", "--rescore", "--out", "again"]);
    let text = told(&output, 4);
    assert!(
        text.contains("2 of 9 answers came and could not be scored"),
        "{text}"
    );
    let record = laptop.record("again");
    let agent = agent(&record, "qa_agent");
    let counts = &agent["counts"];
    assert_eq!(
        (&counts["scored"], &counts["unscored"], &counts["planned"]),
        (&7.into(), &2.into(), &9.into())
    );
    assert_eq!(agent["score"], 10.0, "over what is scored");
    let told = notices(&record);
    for words in [
        "3 cases could not be scored again: capital-of-portugal (no longer in the suite), capital-of-austria (its answer is not kept), capital-of-egypt (other messages were asked then)",
        "not in the record and not counted: 1 case of its suite: capital-of-spain",
    ] {
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn an_answer_whose_cost_nobody_wrote_down_is_not_scored_by_a_check_of_cost() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    let asked = ["run", "--agent", "qa_agent", "--quiet", "--out", "then"];
    told(&laptop.command(&asked), 0);
    let priced = suite().replacen(
        "    checks:\n",
        "    checks:\n      - {cost: {max: 1}}\n",
        1,
    );
    laptop.write(QA_SUITE, &priced);
    let again = ["decide", "then/run.json", "--rescore", "--out", "again"];
    told(&laptop.command(&again), 0);
    let record = laptop.record("again");
    let counts = &agent(&record, "qa_agent")["counts"];
    assert_eq!(
        (&counts["scored"], &counts["unscored"]),
        (&9.into(), &1.into())
    );
    let told = notices(&record);
    let words = "capital-of-austria (a check asks for the time, the cost or the calls of its answer, which are not known)";
    assert!(told.contains(words), "{told}");
}

#[test]
fn a_comparison_keeps_the_pairs_whose_other_side_is_scored_the_same() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    told(
        &laptop.command(&["run", "--all", "--quiet", "--out", "before"]),
        0,
    );
    world.teach(QA_OLD, Skill::Halves(2));
    let held = [
        "run",
        "--all",
        "--quiet",
        "--baseline",
        "before/run.json",
        "--out",
        "then",
    ];
    laptop.command(&held);
    laptop.write(QA_SUITE, &stricter());
    let output = laptop.command(&["decide", "then/run.json", "--rescore", "--out", "again"]);
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{output:?}"
    );
    let record = laptop.record("again");
    let comparison = &agent(&record, "qa_agent")["comparison"];
    assert_eq!(
        (&comparison["pairs"], &comparison["planned_pairs"]),
        (&8.into(), &8.into())
    );
    assert_eq!(comparison["baseline_score"], 10.0);
    let why = comparison["excluded"].to_string();
    assert!(
        why.contains("not comparable: the expectation or a check changed, and the answers of the other side are not in this record"),
        "{why}"
    );
}

#[test]
fn a_suite_of_today_that_is_broken_scores_nothing() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    told(
        &laptop.command(&["run", "--all", "--quiet", "--out", "then"]),
        0,
    );
    laptop.change(QA_SUITE, "{contains: Danube}", "{contain: Danube}");
    let output = laptop.command(&["decide", "then/run.json", "--rescore"]);
    let text = told(&output, 2);
    assert!(
        text.contains(QA_SUITE) && text.contains("contains"),
        "{text}"
    );
    fs::remove_file(laptop.path(CONFIG)).unwrap();
    let output = laptop.command(&["decide", "then/run.json", "--rescore", "--own-rules"]);
    assert!(told(&output, 2).contains("tunegate.yaml"), "{output:?}");
}

#[test]
fn a_named_baseline_is_scored_again_from_the_answers_that_it_holds() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    told(
        &laptop.command(&["run", "--all", "--quiet", "--out", "before"]),
        0,
    );
    laptop.write(QA_SUITE, &stricter());
    let asked = world.model.asked().len();
    let held = [
        "run",
        "--agent",
        "qa_agent",
        "--quiet",
        "--baseline",
        "before/run.json",
        "--out",
        "now",
    ];
    told(&laptop.command(&held), 0);
    assert_eq!(
        world.model.asked().len(),
        asked + 10,
        "nobody but the new model"
    );
    let record = laptop.record("now");
    let comparison = &agent(&record, "qa_agent")["comparison"];
    assert_eq!(
        (&comparison["pairs"], &comparison["baseline_score"]),
        (&10.into(), &9.into())
    );
    assert_eq!(comparison["change"], 0.0);
    assert_eq!(comparison["rescored"]["answers"], 2);
    assert!(
        notices(&record).contains("qa_agent: baseline rescored: 2 answers"),
        "{record}"
    );
}

#[test]
fn two_records_that_are_scored_otherwise_are_both_scored_as_today() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    told(
        &laptop.command(&["run", "--all", "--quiet", "--out", "first"]),
        0,
    );
    laptop.write(QA_SUITE, &stricter());
    world.teach(QA_OLD, Skill::Halves(1));
    told(
        &laptop.command(&["run", "--all", "--quiet", "--out", "second"]),
        0,
    );
    // Neither of them was scored so.
    laptop.write(
        QA_SUITE,
        &stricter().replace("{contains: Thames}", "{contains: River Thames}"),
    );
    let asked = world.model.heard();
    let output = laptop.command(&[
        "compare",
        "first/run.json",
        "second/run.json",
        "--out",
        "held",
    ]);
    let text = told(&output, 0);
    assert_eq!(world.model.heard(), asked);
    for words in [
        "qa_agent: first record rescored: 3 answers, the expectation or a check changed",
        "qa_agent: second record rescored: 1 answer, the expectation or a check changed",
    ] {
        assert!(text.contains(words), "{text}");
    }
    let record = laptop.record("held");
    let held = agent(&record, "qa_agent");
    assert_eq!(held["score"], 8.5, "{}", held["dimensions"]);
    assert_eq!(
        (&held["comparison"]["pairs"], &held["comparison"]["change"]),
        (&10.into(), &0.into())
    );
    assert_eq!(held["comparison"]["rescored"]["answers"], 3);

    // Without the suites of today, only what is scored alike is compared.
    fs::remove_file(laptop.path(CONFIG)).unwrap();
    let output = laptop.command(&["compare", "first/run.json", "second/run.json", "--json"]);
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    let comparison = &agent(&record, "qa_agent")["comparison"];
    assert_eq!(comparison["pairs"], 8);
    let why = comparison["excluded"].to_string();
    assert!(
        why.contains("not comparable: the expectation or a check changed"),
        "{why}"
    );
}
