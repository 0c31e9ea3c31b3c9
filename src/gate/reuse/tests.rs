//! What is taken, what is asked instead, and what becomes of it when a run goes on.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::agent::{AgentName, Candidate};
use crate::baseline::Baseline;
use crate::config::{self, Config};
use crate::edge::disk::Journal;
use crate::gate::deposit::{Keep, deposit_of, passed};
use crate::gate::providers::{Providers, Secrets};
use crate::gate::record_name::Series;
use crate::gate::stored::{Stored, StoredFile};
use crate::gate::{Files, Journaling, Leftover, Plan, PlannedAgent, run};
use crate::record::{RunRecord, SampleStatus};
use crate::suite;

const CONFIG: &str = "\
version: 1
providers: {recorded: {kind: replay, path: recordings/}}
agents: {qa: {model: {id: m}, suite: s.yaml}}
run: {samples: 3}
gate: {max_unanswered: 1}
";

/// Cases of these names, each of which wants its own name to be said.
fn suite(cases: &[&str]) -> String {
    let cases = cases.iter().map(|case| {
        format!("  - {{id: {case}, prompt: Say {case}., checks: [{{contains: {case}}}]}}\n")
    });
    format!(
        "scoring: {{profile: checks}}\ncases:\n{}",
        cases.collect::<String>()
    )
}

/// What the model says: (case, sample, answer).
type Said<'s> = &'s [(&'s str, u32, &'s str)];

fn name() -> AgentName {
    AgentName::new("qa").unwrap()
}

fn configured() -> Config {
    config::read("tunegate.yaml", CONFIG.as_bytes()).unwrap()
}

fn plan(suite: &str) -> Plan {
    let config = configured();
    let mut plan = Plan::new(&config);
    let agent = config.agents[0].clone();
    let suite = suite::read("s.yaml", suite.as_bytes()).unwrap();
    plan.source.commit = Some("abcdef".to_owned());
    plan.agents.push(PlannedAgent {
        candidate: Candidate {
            model: "m".to_owned(),
            system: None,
            parameters: agent.parameters.clone(),
        },
        agent,
        suite: suite.finish(None).unwrap(),
        new: false,
        added: None,
        arm: None,
        part: None,
        judge: None,
        grades: None,
    });
    plan
}

async fn recorded(said: Said<'_>) -> Providers {
    let lines = said.iter().map(|(case, sample, answer)| {
        json!({"agent": "qa", "case": case, "sample": sample, "model": "m", "answer": answer})
            .to_string()
            + "\n"
    });
    let file = (
        "recordings/qa.jsonl".to_owned(),
        lines.collect::<String>().into_bytes(),
    );
    let files = Files::embedded([file].into());
    let wanted = ["recorded"].into();
    Providers::prepare(&configured(), &wanted, &files, &|_| None, Secrets::Local)
        .await
        .unwrap()
}

/// What a run of a suite stores, and the record that it wrote.
async fn stored(suite: &str, said: Said<'_>, keep: Keep) -> (Baseline, Stored) {
    let (plan, providers) = (plan(suite), recorded(said).await);
    let (_keep, interrupt) = watch::channel(false);
    let ledger = run(&plan, &providers, Journaling::InMemory, interrupt, &|_| {}).await;
    let ledger = ledger.unwrap();
    let names = passed(ledger.record());
    let files = deposit_of(&ledger, &names, (Series::Baselines, keep))
        .unwrap()
        .files;
    let mut files = files.into_iter().map(|file| StoredFile {
        path: file.path,
        bytes: file.bytes,
    });
    let stored = Stored {
        record: files.next().unwrap(),
        agent: 0,
        answers: files.next(),
    };
    let record = stored.record.numbers().unwrap();
    let origin = String::new();
    (Baseline::new(record, origin), stored)
}

/// A plan that takes what it can from a baseline.
fn reusing(suite: &str, (baseline, stored): (Baseline, Stored)) -> Plan {
    let mut plan = plan(suite);
    plan.baselines.insert(name(), Ok(baseline));
    let stored = BTreeMap::from([(name(), stored)]);
    plan.reuse(stored, |_| true, Journal::in_memory()).unwrap();
    plan
}

async fn measured(plan: &Plan, providers: &Providers, journaling: Journaling<'_>) -> RunRecord {
    let (_keep, interrupt) = watch::channel(false);
    let ledger = run(plan, providers, journaling, interrupt, &|_| {}).await;
    ledger.unwrap().into_record()
}

/// The samples of each case, without what a clock says.
fn samples(record: &RunRecord) -> Vec<(String, Vec<Value>)> {
    let cases = record.agents[0].cases.iter().map(|case| {
        let samples = case.samples.iter().map(|sample| {
            json!([
                sample.index,
                sample.look,
                sample.score,
                sample.reused,
                sample.answer_sha256
            ])
        });
        (case.id.to_string(), samples.collect())
    });
    cases.collect()
}

fn counts(record: &RunRecord) -> (u32, u32, u32) {
    let counts = record.agents[0].counts;
    (counts.reused, counts.scored, counts.unanswered)
}

const BOTH: Said<'static> = &[
    ("a", 0, "a"),
    ("a", 1, "b"),
    ("a", 2, "a"),
    ("b", 0, "b"),
    ("b", 2, "no"),
];

#[tokio::test]
async fn all_scored_answers_of_a_case_are_taken_and_the_missing_ones_are_not_made_up_for() {
    let stored = stored(&suite(&["a", "b"]), BOTH, Keep::Digests).await;
    let then: Vec<Option<f64>> = stored.0.record.agents[0]
        .cases
        .iter()
        .map(|case| case.score)
        .collect();
    let plan = reusing(&suite(&["b", "a"]), stored);
    assert_eq!(plan.still_asked().count(), 0);

    // Without a provider, whoever asked would fail.
    let record = measured(&plan, &Providers::default(), Journaling::InMemory).await;
    assert_eq!(counts(&record), (5, 5, 0));
    let [b, a] = record.agents[0].cases.as_slice() else {
        panic!("{:?}", record.agents[0].cases);
    };
    assert_eq!([a.score, b.score].as_slice(), then);
    let indexes: Vec<u32> = b.samples.iter().map(|sample| sample.index).collect();
    assert_eq!(indexes, [0, 2]);
    let comparison = record.agents[0].comparison.as_ref().unwrap();
    assert!(comparison.change == 0.0, "exactly: {}", comparison.change);
}

#[tokio::test]
async fn a_case_without_a_single_scored_answer_is_asked() {
    let said: Said<'_> = &[("a", 0, "a")];
    let stored = stored(&suite(&["a", "b"]), said, Keep::Digests).await;
    let plan = reusing(&suite(&["a", "b"]), stored);
    let record = measured(&plan, &recorded(BOTH).await, Journaling::InMemory).await;
    // One of `a` is enough: that it was asked three times then is no reason to ask now.
    assert_eq!(counts(&record), (1, 3, 1));
}

#[tokio::test]
async fn answers_are_scored_again_only_where_all_of_them_are_kept() {
    let stricter = suite(&["a", "b"]).replace("{contains: a}", "{contains: aa}");
    for (keep, taken) in [(Keep::Answers, 5), (Keep::Digests, 2)] {
        let stored = stored(&suite(&["a", "b"]), BOTH, keep).await;
        let plan = reusing(&stricter, stored);
        let record = measured(&plan, &recorded(BOTH).await, Journaling::InMemory).await;
        assert_eq!(counts(&record).0, taken);
        let told = plan
            .notices
            .iter()
            .any(|told| told.contains("baseline rescored: "));
        let comparison = record.agents[0].comparison.as_ref().unwrap();
        if keep == Keep::Answers {
            assert_eq!(record.agents[0].cases[0].score, Some(0.0));
            assert!(told && comparison.pairs == 2 && comparison.change == 0.0);
        } else {
            assert!(!told && comparison.pairs == 1);
        }
    }
}

#[tokio::test]
async fn a_record_that_somebody_formatted_gives_the_same() {
    let whole = stored(&suite(&["a", "b"]), BOTH, Keep::Answers).await;
    let (baseline, mut stored) = stored(&suite(&["a", "b"]), BOTH, Keep::Answers).await;
    let mut value: Value = serde_json::from_slice(&stored.record.bytes).unwrap();
    let accepted = value.as_object_mut().unwrap().remove("accepted").unwrap();
    // A key behind the agents that belongs before them: the record is read a second time.
    let text = value.to_string();
    let text = format!(
        "{},\"accepted\":{accepted}}}",
        text.strip_suffix('}').unwrap()
    );
    stored.record.bytes = text.into_bytes();

    let stricter = suite(&["a", "b"]).replace("{contains: a}", "{contains: aa}");
    let nobody = Providers::default();
    let one = reusing(&stricter, whole);
    let other = reusing(&stricter, (baseline, stored));
    let one = measured(&one, &nobody, Journaling::InMemory).await;
    let other = measured(&other, &nobody, Journaling::InMemory).await;
    assert_eq!(samples(&one), samples(&other));
    assert_eq!(counts(&other).0, 5);
}

async fn interrupted(plan: &Plan, providers: &Providers, out: &Path) -> RunRecord {
    let (_keep, interrupt) = watch::channel(true);
    let journaling = Journaling::In(out, Leftover::Refuse);
    let ledger = run(plan, providers, journaling, interrupt, &|_| {}).await;
    ledger.unwrap().into_record()
}

#[tokio::test]
async fn a_run_that_goes_on_takes_stored_answers_anew_and_asks_for_the_rest_alone() {
    let out = tempfile::tempdir().unwrap();
    let all = suite(&["a", "b", "c"]);
    let said: Said<'_> = &[("c", 0, "c"), ("c", 1, "d"), ("c", 2, "c")];
    let plan = async || reusing(&all, stored(&suite(&["a", "b"]), BOTH, Keep::Digests).await);
    let providers = recorded(said).await;
    let broken = interrupted(&plan().await, &providers, out.path()).await;
    assert_eq!(counts(&broken), (5, 5, 3));

    let resume = Journaling::In(out.path(), Leftover::Resume);
    let gone_on = measured(&plan().await, &providers, resume).await;
    let at_once = measured(&plan().await, &providers, Journaling::InMemory).await;
    assert_eq!(samples(&gone_on), samples(&at_once));
    assert_eq!(counts(&gone_on), (5, 8, 0));

    // And once more, from a model that would say something else by now.
    let other = recorded(&[("c", 0, "other")]).await;
    let resume = Journaling::In(out.path(), Leftover::Resume);
    let again = measured(&plan().await, &other, resume).await;
    assert_eq!(samples(&again), samples(&at_once));
}

#[tokio::test]
async fn what_was_asked_before_the_baseline_was_there_stands_when_the_run_goes_on() {
    let out = tempfile::tempdir().unwrap();
    let all = suite(&["a", "b"]);
    let said: Said<'_> = &[("a", 0, "other"), ("a", 1, "other"), ("a", 2, "other")];
    let anew = Journaling::In(out.path(), Leftover::Refuse);
    measured(&plan(&all), &recorded(said).await, anew).await;

    let plan = reusing(&all, stored(&all, BOTH, Keep::Digests).await);
    let resume = Journaling::In(out.path(), Leftover::Resume);
    let record = measured(&plan, &Providers::default(), resume).await;
    let [a, b] = record.agents[0].cases.as_slice() else {
        panic!("{:?}", record.agents[0].cases);
    };
    assert_eq!(
        (a.samples.len(), a.is_reused(), a.score),
        (3, false, Some(0.0))
    );
    assert_eq!((b.samples.len(), b.is_reused()), (2, true));
    assert!(
        b.samples
            .iter()
            .all(|sample| sample.status == SampleStatus::Scored)
    );
}

#[tokio::test]
async fn a_journal_that_holds_nothing_but_stored_answers_is_no_loss() {
    let out = tempfile::tempdir().unwrap();
    let all = suite(&["a", "b"]);
    for _ in 0..2 {
        let plan = reusing(&all, stored(&all, BOTH, Keep::Digests).await);
        let journaling = Journaling::In(out.path(), Leftover::Refuse);
        let record = measured(&plan, &Providers::default(), journaling).await;
        assert_eq!(counts(&record), (5, 5, 0));
    }
}
