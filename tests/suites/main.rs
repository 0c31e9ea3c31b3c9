//! The suites that ship with tunegate, held against the recorded answers that ship with them: a suite is worth its
//! place only if a good answer is far above an answer to something else.

mod gaming;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use tunegate::agent::{Agent, ModelLocator};
use tunegate::config::{self, Config};
use tunegate::score::{self, Answer, Check, CheckKind};
use tunegate::suite::{self, Case, Suite};

/// Points that a good answer must be above any other.
const MARGIN: f64 = 3.0;

/// The agent of which two models were recorded.
const WITH_CANDIDATE: &str = "support_agent";

/// What every suite must see through: polite, well formed, and about nothing.
const GENERIC: &str = "\
Thank you for your question. This is an important topic, and there are many things to consider.

- First, look at the situation carefully and gather all the facts you need.
- Second, talk to the people involved and agree on what matters most.
- Third, follow best practices and keep an eye on the results.

In general, a good answer depends on your needs, so take your time and choose what works best for you. \
If anything is unclear, please let me know, and I will be happy to help you further.";

/// One line of a recording.
#[derive(Debug, Deserialize)]
struct Recorded {
    agent: String,
    case: String,
    model: String,
    answer: String,
    finish_reason: Option<String>,
}

impl Recorded {
    fn answer(&self) -> Answer<'_> {
        Answer {
            finish_reason: self.finish_reason.as_deref(),
            ..Answer::new(&self.answer)
        }
    }
}

/// An agent of the shipped `tunegate.yaml` with all that belongs to it.
#[derive(Debug)]
struct Shipped {
    name: String,
    floor: f64,
    /// The model in production.
    model: String,
    suite: Suite,
    recorded: Vec<Recorded>,
}

impl Shipped {
    /// The answer in production to a case.
    fn production(&self, case: &Case) -> Option<&Recorded> {
        self.answer_of(&self.model, case)
    }

    fn answer_of(&self, model: &str, case: &Case) -> Option<&Recorded> {
        self.recorded
            .iter()
            .find(|line| line.model == model && line.case == case.id.as_str())
    }

    fn points(&self, case: &Case, answer: Answer<'_>) -> f64 {
        score::score(
            &self.suite.scoring,
            &case.expectation,
            case.prompt(),
            &answer,
        )
        .score
    }

    /// The agent's score with the recorded answers of a model, or the first case that has none.
    fn mean(&self, model: &str) -> Result<f64, String> {
        let mut scored = Vec::new();
        for case in &self.suite.cases {
            let Some(line) = self.answer_of(model, case) else {
                return Err(self.at(case, &format!("no answer of {model}")));
            };
            scored.push((self.points(case, line.answer()), case.weight));
        }
        score::agent_score(scored).ok_or_else(|| format!("{}: nothing was scored", self.name))
    }

    /// Says that a rival comes too close to the answer in production to a case, where it does.
    fn rivalry(&self, case: &Case, who: &str, rival: Answer<'_>) -> Option<String> {
        let Some(production) = self.production(case) else {
            return Some(self.at(case, "no answer in production"));
        };
        let own = self.points(case, production.answer());
        let other = self.points(case, rival);
        let lead = own - other;
        (lead < MARGIN).then(|| {
            let wins = if lead < 0.0 { "wins" } else { "comes too close" };
            let what = format!(
                "{who} {wins}: {other:.2} against {own:.2}, a lead of {lead:.2} instead of {MARGIN:.2}"
            );
            self.at(case, &what)
        })
    }

    fn at(&self, case: &Case, what: &str) -> String {
        format!("{}, case {}: {what}", self.name, case.id)
    }
}

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shipped() -> Vec<Shipped> {
    let path = "tunegate.yaml";
    let config = config::read(path, text(path).as_bytes());
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    let agents = config.agents.iter();
    agents.map(|agent| ship(&config, agent)).collect()
}

fn ship(config: &Config, agent: &Agent) -> Shipped {
    let name = agent.name.to_string();
    let ModelLocator::File { path } = &agent.locator else {
        panic!("{name}: its model ID stands in no file of its own");
    };
    let floor = config.policy.floor_of(&agent.name);
    Shipped {
        floor: floor.unwrap_or_else(|| panic!("{name}: it has no floor")),
        model: text(path).trim().to_owned(),
        suite: suite_at(&agent.suite),
        recorded: recorded(&format!("recordings/{name}.jsonl")),
        name,
    }
}

fn suite_at(path: &str) -> Suite {
    let suite = suite::read(path, text(path).as_bytes()).and_then(|file| file.finish(None));
    suite.unwrap_or_else(|problems| panic!("{problems}"))
}

fn recorded(path: &str) -> Vec<Recorded> {
    let text = text(path);
    let read = |(line, number): (&str, usize)| {
        serde_json::from_str::<Recorded>(line)
            .unwrap_or_else(|error| panic!("{path}:{number}: {error}"))
    };
    text.lines().zip(1..).map(read).collect()
}

/// What is wrong with the cases of all shipped suites.
fn over_cases<W>(wrong: impl Fn(&Shipped, &Case) -> W) -> Vec<String>
where
    W: IntoIterator<Item = String>,
{
    let mut found = Vec::new();
    for agent in shipped() {
        for case in &agent.suite.cases {
            found.extend(wrong(&agent, case));
        }
    }
    found
}

#[track_caller]
fn none(violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{} violation(s):\n  {}",
        violations.len(),
        violations.join("\n  ")
    );
}

#[test]
fn five_agents_are_asked_ten_cases_each() {
    let counts: Vec<_> = shipped()
        .iter()
        .map(|agent| (agent.name.clone(), agent.suite.cases.len()))
        .collect();
    let names = [
        "qa_agent",
        "content_agent",
        "legal_agent",
        "support_agent",
        "analyst_agent",
    ];
    assert_eq!(counts, names.map(|name| (name.to_owned(), 10)));
}

#[test]
fn every_case_has_a_form_three_keywords_and_three_checks_in_two_dimensions() {
    none(&over_cases(|agent, case| {
        let expected = &case.expectation;
        let dimensions: BTreeSet<_> = expected.checks.iter().map(|c| &c.dimension).collect();
        let counts = [
            (expected.keywords.len(), 3, "keywords"),
            (expected.checks.len(), 3, "checks"),
            (dimensions.len(), 2, "dimensions of checks"),
            (usize::from(expected.form.is_some()), 1, "expected forms"),
        ];
        let short = counts.iter().filter(|(found, least, _)| found < least);
        short
            .map(|(found, least, what)| {
                agent.at(case, &format!("{found} {what}, at least {least} wanted"))
            })
            .collect::<Vec<_>>()
    }));
}

#[test]
fn every_pattern_and_every_group_says_in_a_few_words_what_it_is_about() {
    let vague = |check: &Check| match (&check.label, &check.kind) {
        (None, CheckKind::Regex(_) | CheckKind::Any { .. }) => true,
        (None, _) => false,
        (Some(label), _) => {
            let words = label.split_whitespace().count();
            !(3..=8).contains(&words) || label.ends_with('.')
        }
    };
    none(&over_cases(|agent, case| {
        let checks = case.expectation.checks.iter().zip(1..);
        checks
            .filter(|(check, _)| vague(check))
            .map(|(check, number)| {
                let label = check.label.as_deref().unwrap_or("none");
                agent.at(case, &format!("check {number} has the label: {label}"))
            })
            .collect::<Vec<_>>()
    }));
}

#[test]
fn every_case_has_one_answer_in_production() {
    none(&over_cases(|agent, case| {
        let own = |line: &&Recorded| line.model == agent.model && line.case == case.id.as_str();
        match agent.recorded.iter().filter(own).count() {
            1 => None,
            count => Some(agent.at(case, &format!("{count} answers of {}", agent.model))),
        }
    }));
}

#[test]
fn every_recorded_answer_belongs_to_a_case_that_exists() {
    let mut strays = Vec::new();
    for agent in shipped() {
        let cases: BTreeSet<_> = agent.suite.cases.iter().map(|c| c.id.as_str()).collect();
        for line in &agent.recorded {
            if line.agent != agent.name || !cases.contains(line.case.as_str()) {
                let Recorded { case, model, .. } = line;
                strays.push(format!(
                    "recordings of {}: case {case} of {} does not exist (model {model})",
                    agent.name, line.agent
                ));
            }
        }
    }
    none(&strays);
}

#[test]
fn the_answer_in_production_is_far_above_the_answers_to_all_other_cases() {
    none(&over_cases(|agent, case| {
        let others = agent.suite.cases.iter().filter(|other| other.id != case.id);
        others
            .filter_map(|other| Some((other, agent.production(other)?)))
            .filter_map(|(other, line)| {
                let who = format!("the answer to {}", other.id);
                agent.rivalry(case, &who, line.answer())
            })
            .collect::<Vec<_>>()
    }));
}

#[test]
fn the_answer_in_production_is_far_above_an_answer_that_fits_every_question() {
    none(&over_cases(|agent, case| {
        agent.rivalry(case, "a generic answer", Answer::new(GENERIC))
    }));
}

#[test]
fn the_answer_in_production_is_far_above_its_own_question() {
    none(&over_cases(|agent, case| {
        agent.rivalry(case, "the bare prompt", Answer::new(case.prompt()))
    }));
}

#[test]
fn every_agent_in_production_reaches_its_floor() {
    let low = shipped()
        .iter()
        .filter_map(|agent| match agent.mean(&agent.model) {
            Ok(mean) if mean >= agent.floor => None,
            Ok(mean) => Some(format!(
                "{}: its mean of {mean:.2} is {:.2} below its floor of {:.2}",
                agent.name,
                agent.floor - mean,
                agent.floor
            )),
            Err(missing) => Some(missing),
        })
        .collect::<Vec<_>>();
    none(&low);
}

#[test]
fn the_candidate_of_the_support_agent_is_below_the_floor_of_eight_and_a_point_worse() {
    let agents = shipped();
    let agent = agents.iter().find(|agent| agent.name == WITH_CANDIDATE);
    let agent = agent.expect("the agent is configured");
    let candidates: BTreeSet<_> = agent.recorded.iter().map(|line| &line.model).collect();
    let candidates: Vec<_> = candidates
        .into_iter()
        .filter(|model| **model != agent.model)
        .collect();
    let [candidate] = candidates.as_slice() else {
        panic!("{WITH_CANDIDATE}: one candidate wanted, recorded are {candidates:?}");
    };
    let production = agent.mean(&agent.model).unwrap();
    let mean = agent.mean(candidate).unwrap();
    assert!(
        (agent.floor - 8.0).abs() < 1e-9,
        "{WITH_CANDIDATE}: its floor is {:.2}",
        agent.floor
    );
    assert!(
        mean < agent.floor && production - mean >= 1.0,
        "{WITH_CANDIDATE}: {candidate} has {mean:.2}, {} has {production:.2}, the floor is {:.2}",
        agent.model,
        agent.floor
    );
}
