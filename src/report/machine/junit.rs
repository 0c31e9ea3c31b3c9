//! `junit.xml`, which most CI servers show as tests: the form that Jenkins reads,
//! <https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd>.
//!
//! Whoever sees red there must find red in the verdict, so a test fails where something blocks and nowhere else: a low
//! score in a run that passes is no failed test.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::figures::{change, points};
use crate::record::{
    AgentRecord, CaseRecord, Outcome, PairedCase, Reason, ReasonCode, RunRecord, SampleStatus,
};
use crate::report::view::Style;
use crate::report::{ReportError, headline, render};
use crate::suite::CaseId;
use crate::verdict;

/// The name of the suite whose tests are the agents.
const GATE: &str = "gate";
/// The test for what concerns no agent alone.
const RUN: &str = "run";

#[derive(Serialize)]
struct Suites {
    name: String,
    suites: Vec<Suite>,
}

#[derive(Serialize)]
struct Suite {
    name: String,
    time: String,
    failures: usize,
    errors: usize,
    skipped: usize,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    time: String,
    told: Vec<Told>,
    output: String,
}

#[derive(Serialize)]
struct Told {
    /// The element: `failure`, `error` or `skipped`.
    element: &'static str,
    kind: String,
    message: String,
}

/// A suite for the gate with a test an agent, and a suite an agent with a test a case.
pub fn junit(record: &RunRecord) -> Result<String, ReportError> {
    let mut suites = vec![gate(record)];
    suites.extend(record.touched().map(|agent| cases(record, agent)));
    render(
        "junit.xml",
        &Suites {
            name: text(&format!("tunegate {}", record.gate_id)),
            suites,
        },
    )
}

fn suite(name: String, tests: Vec<Test>, milliseconds: u64) -> Suite {
    let count = |wanted: &str| {
        let has = |test: &&Test| test.told.iter().any(|told| told.element == wanted);
        tests.iter().filter(has).count()
    };
    Suite {
        name,
        time: seconds(milliseconds),
        failures: count("failure"),
        errors: count("error"),
        skipped: count("skipped"),
        tests,
    }
}

fn gate(record: &RunRecord) -> Suite {
    let of_agent = |agent: &AgentRecord| {
        let own = |reason: &&Reason| reason.agent.as_ref() == Some(&agent.name);
        let told = blocking(record)
            .filter(own)
            .map(|reason| told(record, reason));
        Test {
            name: text(agent.name.as_str()),
            time: seconds(0),
            told: told.collect(),
            output: score(agent),
        }
    };
    let mut tests: Vec<Test> = record.touched().map(of_agent).collect();
    let asked: BTreeSet<_> = record.touched().map(|agent| &agent.name).collect();
    let general = blocking(record).filter(|reason| {
        reason
            .agent
            .as_ref()
            .is_none_or(|agent| !asked.contains(agent))
    });
    tests.push(Test {
        name: RUN.to_owned(),
        time: seconds(0),
        told: general.map(|reason| told(record, reason)).collect(),
        output: text(&headline(record)),
    });
    suite(GATE.to_owned(), tests, 0)
}

fn blocking(record: &RunRecord) -> impl Iterator<Item = &Reason> {
    record
        .verdict
        .reasons
        .iter()
        .filter(|reason| reason.blocking)
}

/// What failed is a failure; what could not be measured is an error, as with any test.
fn told(record: &RunRecord, reason: &Reason) -> Told {
    let failed = record.verdict.outcome == Outcome::Fail;
    let kind = serde_json::to_value(reason.code).ok();
    Told {
        element: if failed { "failure" } else { "error" },
        kind: kind
            .as_ref()
            .and_then(|kind| kind.as_str())
            .unwrap_or_default()
            .to_owned(),
        message: text(&reason.message),
    }
}

fn score(agent: &AgentRecord) -> String {
    let before = agent.comparison.as_ref().map(|held| {
        format!(
            ", before {}, change {}",
            points(held.baseline_score),
            change(held.change)
        )
    });
    let score = agent.score.map_or_else(
        || "no score".to_owned(),
        |score| format!("score {}", points(score)),
    );
    text(&format!(
        "{score}{}; model {}",
        before.unwrap_or_default(),
        agent.model
    ))
}

fn cases(record: &RunRecord, agent: &AgentRecord) -> Suite {
    let mut newly: BTreeSet<CaseId> = BTreeSet::new();
    let blocks = |reason: &Reason| {
        reason.code == ReasonCode::CaseNewlyFailed && reason.agent.as_ref() == Some(&agent.name)
    };
    if blocking(record).any(blocks) {
        newly.extend(verdict::newly_failed_cases(&record.policy, agent));
    }
    let pairs = agent.comparison.iter().flat_map(|held| &held.cases);
    let pairs: HashMap<&CaseId, &PairedCase> = pairs.map(|pair| (&pair.id, pair)).collect();
    let mut all = 0;
    let tests = agent.cases.iter().map(|case| {
        let spent: u64 = case
            .samples
            .iter()
            .filter_map(|sample| sample.latency_ms)
            .sum();
        all += spent;
        Test {
            name: text(case.id.as_str()),
            time: seconds(spent),
            told: of_case(case, newly.contains(&case.id))
                .into_iter()
                .collect(),
            output: case_score(case, pairs.get(&case.id).copied()),
        }
    });
    let tests = tests.collect();
    suite(text(agent.name.as_str()), tests, all)
}

fn of_case(case: &CaseRecord, newly_failed: bool) -> Option<Told> {
    if newly_failed {
        return Some(Told {
            element: "failure",
            kind: "case-newly-failed".to_owned(),
            message: "it fails now and did not before".to_owned(),
        });
    }
    let unscored = case
        .samples
        .iter()
        .any(|sample| sample.status == SampleStatus::Unscored);
    case.score.is_none().then(|| Told {
        element: "skipped",
        kind: String::new(),
        message: if unscored {
            "the answer could not be scored"
        } else {
            "no answer came"
        }
        .to_owned(),
    })
}

fn case_score(case: &CaseRecord, pair: Option<&PairedCase>) -> String {
    let score = case.score.map_or_else(
        || "no score".to_owned(),
        |score| format!("score {}", points(score)),
    );
    let before = pair.map(|pair| {
        format!(
            ", before {}, change {}",
            points(pair.old),
            change(pair.new - pair.old)
        )
    });
    let aside = match (case.new, case.draft) {
        (true, _) => "; new in this pull request, decides nothing",
        (false, true) => "; draft, decides nothing",
        (false, false) => "",
    };
    format!("{score}{}{aside}", before.unwrap_or_default())
}

/// In seconds, as the form wants it.
#[expect(clippy::cast_precision_loss, reason = "no run takes 2⁵³ milliseconds")]
fn seconds(milliseconds: u64) -> String {
    format!("{:.3}", milliseconds as f64 / 1000.0)
}

/// Without the characters that XML has no way to write; the template escapes the rest.
fn text(text: &str) -> String {
    let shown = Style::Plain.text(text);
    shown.replace(['\u{fffe}', '\u{ffff}'], "")
}
