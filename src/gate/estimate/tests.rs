//! Numbers by hand, and who bounds an answer.

use super::*;
use crate::agent::Candidate;
use crate::baseline::Baseline;
use crate::config;
use crate::record::{Points, SampleRecord, SampleStatus};
use crate::runner::Usage;
use crate::suite;

fn estimated(plan: &Plan) -> Estimate {
    estimate(plan).unwrap()
}

const CONFIG: &str = "\
version: 1
providers:
  paid: {kind: openai, base_url: 'http://localhost/v1'}
  recorded: {kind: replay, path: recordings/}
prices: {models: {'ft:*': {input_per_mtok: 1000000, output_per_mtok: 2000000}}}
defaults: {provider: paid}
agents:
  a: {model: {id: 'ft:a'}, suite: s.yaml}
run: {samples: 3}
";

/// Two prompts of 40 bytes each.
const SUITE: &str = "\
cases:
  - {id: one, prompt: 1234567890123456789012345678901234567890}
  - {id: two, messages: [{role: user, content: '1234567890123456789012345678901234567890'}]}
";

fn plan(config: &str) -> Plan {
    let config = config::read("tunegate.yaml", config.as_bytes()).unwrap();
    let mut plan = Plan::new(&config);
    let suite = SUITE.replace(
        "prompt: 1234567890123456789012345678901234567890",
        "prompt: '1234567890123456789012345678901234567890'",
    );
    for agent in &config.agents {
        plan.agents.push(PlannedAgent {
            candidate: Candidate {
                model: format!("ft:{}", agent.name),
                system: None,
                parameters: agent.parameters.clone(),
            },
            agent: agent.clone(),
            suite: suite::read("s.yaml", suite.as_bytes())
                .unwrap()
                .finish(None)
                .unwrap(),
            added: None,
            new: false,
            arm: None,
            part: None,
            judge: None,
            grades: None,
        });
    }
    plan
}

/// A stored record of the plan's only agent, whose answers took so many tokens.
fn with_baseline(mut plan: Plan, completion_tokens: &[u64]) -> Plan {
    let planned = plan.agents.remove(0);
    let mut stored = planned.unmeasured(&plan.policy).unwrap();
    let samples = completion_tokens.iter().map(|tokens| SampleRecord {
        index: 0,
        look: 1,
        status: SampleStatus::Scored,
        answer_sha256: None,
        score: None,
        text: None,
        dimensions: Points::default(),
        latency_ms: None,
        attempts: 1,
        usage: Some(Usage {
            prompt_tokens: 9,
            completion_tokens: *tokens,
        }),
        cost: None,
        cached: true,
        reused: false,
    });
    stored.cases[0].samples = samples.collect();
    let mut record = super::super::begin(&plan).unwrap();
    record.agents.push(stored);
    let baseline = Baseline::new(record, "here".to_owned());
    let name = planned.agent.name.clone();
    plan.agents.push(planned);
    plan.baselines.insert(name, Ok(baseline));
    plan
}

fn bounds(low: f64, likely: f64, high: f64) -> Bounds {
    Bounds { low, likely, high }
}

#[track_caller]
fn close(left: Bounds, right: Bounds) {
    let far = |a: f64, b: f64| (a - b).abs() > 0.51;
    let differ =
        far(left.low, right.low) || far(left.likely, right.likely) || far(left.high, right.high);
    assert!(!differ, "{left:?} is not {right:?}");
}

#[test]
fn the_numbers_by_hand() {
    let plan = plan(&CONFIG.replace("'ft:a'}", "'ft:a'}, parameters: {max_tokens: 100}"));
    let all = estimated(&plan);
    assert_eq!(all.answers(), 6, "two cases, three samples each");
    // A question: 40/8 + 0, 40/3.7 + 4, 40/2 + 10; an answer: 1, 100 (300 are not allowed), 100.
    close(all.tokens(), bounds(6.0 * 6.0, 6.0 * 114.81, 6.0 * 130.0));
    // A token of a question costs 1, one of an answer 2.
    let cost = all.cost().unwrap();
    close(cost, bounds(6.0 * 7.0, 6.0 * 214.81, 6.0 * 230.0));
    assert_eq!(
        all.to_string(),
        "6 answers, about 689 tokens (36 to 780), USD 1289.0000 (42.0000 to 1380.0000)"
    );
}

#[test]
fn what_is_sent_last_bounds_the_answer() {
    let limited = CONFIG
        .replace("'ft:a'}", "'ft:a'}, parameters: {max_tokens: 100}")
        .replace("/v1'}", "/v1', extra_body: {max_completion_tokens: 7}}");
    close(
        estimated(&plan(&limited)).tokens(),
        bounds(36.0, 6.0 * 21.81, 6.0 * 37.0),
    );
}

#[test]
fn stored_answers_say_how_long_answers_are_and_are_asked_twice_more_at_most() {
    let plan = with_baseline(plan(CONFIG), &[10, 30]);
    let all = estimated(&plan);
    assert_eq!(all.answers(), 6);
    close(
        all.tokens(),
        bounds(36.0, 6.0 * (14.81 + 20.0), 10.0 * (30.0 + 80.0)),
    );
}

#[test]
fn nothing_known_is_reckoned_with_stated_numbers() {
    let all = estimated(&plan(CONFIG)).tokens();
    close(all, bounds(36.0, 6.0 * 314.81, 6.0 * 2030.0));
}

#[test]
fn without_a_price_there_are_tokens_alone() {
    let all = estimated(&plan(&CONFIG.replace("'ft:*'", "'other'")));
    assert_eq!(all.cost(), None);
    assert!(!all.to_string().contains("USD"), "{all}");
}

#[test]
fn recorded_answers_and_those_that_are_there_take_nothing() {
    let recorded = CONFIG.replace("provider: paid", "provider: recorded");
    let none = estimated(&plan(&recorded));
    assert_eq!((none.agents.len(), none.cost()), (0, None));
    let half = estimate_without(&plan(CONFIG), |_, case| case.id.as_str() == "one").unwrap();
    assert_eq!(half.answers(), 3);
}

#[test]
fn a_bound_in_the_body_that_is_no_number_bounds_nothing() {
    let odd = CONFIG.replace("/v1'}", "/v1', extra_body: {max_tokens: many}}");
    let all = estimated(&plan(&odd)).tokens();
    close(all, bounds(36.0, 6.0 * 314.81, 6.0 * 2030.0));
}
