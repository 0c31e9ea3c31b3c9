//! Each rule at its line and just beyond it, and what holds whatever was measured.

mod accepted;
mod looks;
mod unchanged;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Decision, decide, newly_failed_cases};
use crate::agent::{AgentName, Parameters};
use crate::policy::{NoBaseline, Policy, Severity};
use crate::record::{
    Against, AgentChange, AgentRecord, AgentVerdict, Audit, CaseRecord, Cause, CauseCode, Changes,
    Comparison, Counts, DataRecord, LatencyRecord, LocatorChange, Method, Outcome, PairedCase,
    Points, ReasonCode, RunInfo, RunRecord, SCHEMA, SampleRecord, SampleStatus, SampleText,
    ScorerRecord, Source, Stopped, Tool, UsageRecord, Verdict, overall,
};
use crate::score::{Digest, Dimension, weighted_mean};
use crate::suite::CaseId;

fn name(name: &str) -> AgentName {
    AgentName::new(name).unwrap()
}

fn sample(score: Option<f64>) -> SampleRecord {
    SampleRecord {
        index: 0,
        look: 1,
        status: if score.is_some() {
            SampleStatus::Scored
        } else {
            SampleStatus::Unanswered
        },
        text: score.is_none().then(|| {
            Box::new(SampleText {
                why: Some("timed out".to_owned()),
                ..SampleText::default()
            })
        }),
        answer_sha256: None,
        score,
        dimensions: score
            .into_iter()
            .map(|score| (Dimension::QUALITY, score))
            .collect(),
        latency_ms: None,
        attempts: 1,
        usage: None,
        cost: None,
        cached: false,
        reused: false,
    }
}

fn case(id: usize, samples: &[Option<f64>]) -> CaseRecord {
    CaseRecord {
        id: CaseId::new(format!("case-{id}")),
        ask_digest: Digest::of(b"ask"),
        score_digest: Digest::of(b"score"),
        text: None,
        weight: 1.0,
        cluster: None,
        draft: false,
        new: false,
        score: None,
        dimensions: Points::default(),
        samples: samples.iter().copied().map(sample).collect(),
    }
}

/// An agent whose cases have these samples, compared with nothing.
fn agent(called: &str, cases: &[&[Option<f64>]]) -> AgentRecord {
    let mut agent = AgentRecord {
        name: name(called),
        model: "ft:b".to_owned(),
        served_model: None,
        system_fingerprint: None,
        provider: "p".to_owned(),
        parameters: Parameters::default(),
        candidate_digest: String::new(),
        touched: true,
        arm: None,
        new: false,
        unchanged: false,
        measured: None,
        score: None,
        interval: None,
        interval_level: None,
        spread: None,
        dimensions: BTreeMap::new(),
        verdict: AgentVerdict {
            outcome: Outcome::Error,
            proven: false,
        },
        stored_outcome: None,
        floor: None,
        suite_digest: String::new(),
        data: DataRecord::default(),
        scorer: ScorerRecord {
            profile: "standard".to_owned(),
            version: 1,
            weights: BTreeMap::new(),
            grader: None,
        },
        rescored: None,
        judge: None,
        calibration: None,
        self_test: None,
        looks: Vec::new(),
        comparison: None,
        not_compared: None,
        comparisons: Vec::new(),
        counts: Counts::default(),
        usage: UsageRecord::default(),
        latency_ms: LatencyRecord::default(),
        cases: cases
            .iter()
            .enumerate()
            .map(|(id, samples)| case(id, samples))
            .collect(),
        part: None,
    };
    agent.tally();
    agent
}

/// Ten cases of one sample each, all with this score.
fn even(called: &str, score: f64) -> AgentRecord {
    some_even(called, score, 10)
}

fn some_even(called: &str, score: f64, count: usize) -> AgentRecord {
    let samples = [Some(score)];
    agent(called, &vec![samples.as_slice(); count])
}

/// The same, held against a baseline that had these scores for the same cases.
fn against(mut agent: AgentRecord, old: &[f64]) -> AgentRecord {
    let scored = agent.cases.iter().zip(old).filter(|(case, _)| !case.draft);
    let cases: Vec<PairedCase> = scored
        .filter_map(|(case, old)| {
            Some(PairedCase {
                id: case.id.clone(),
                old: *old,
                new: case.score?,
                old_dimensions: Points::default(),
                old_spread: None,
            })
        })
        .collect();
    let mean = |part: fn(&PairedCase) -> f64| {
        weighted_mean(cases.iter().map(|pair| (part(pair), 1.0))).unwrap()
    };
    let (then, now) = (mean(|pair| pair.old), mean(|pair| pair.new));
    agent.comparison = Some(Comparison {
        against: Against::Baseline,
        baseline_commit: Some("0123456789abcdef".to_owned()),
        age_days: Some(3),
        baseline_model: None,
        baseline_score: then,
        change: now - then,
        interval: None,
        method: Method::PlainDifference,
        p_value: None,
        p_adjusted: None,
        p_sign_flip: None,
        planned_pairs: None,
        pairs: u32::try_from(cases.len()).unwrap(),
        excluded: Vec::new(),
        detectable_drop: None,
        rescored: None,
        cases,
    });
    agent
}

fn record(agents: Vec<AgentRecord>) -> RunRecord {
    RunRecord {
        schema: SCHEMA.to_owned(),
        record_digest: String::new(),
        tool: Tool {
            version: "0".to_owned(),
        },
        created: "2026-11-02T03:04:05Z".to_owned(),
        gate_id: "g".to_owned(),
        run: RunInfo::default(),
        source: Source::default(),
        policy: Policy::default(),
        policy_digest: String::new(),
        prices: serde_json::Value::Null,
        plan_digest: String::new(),
        shard: None,
        derived_from: None,
        accepted: Vec::new(),
        kept_because: None,
        verdict: Verdict {
            outcome: Outcome::Error,
            proven: false,
            reasons: Vec::new(),
        },
        overall: overall(&agents),
        agents,
        arms: Vec::new(),
        audit: Audit::default(),
        changes: Changes::default(),
        notices: Vec::new(),
    }
}

fn floor(floor: f64) -> Policy {
    Policy {
        floor: Some(floor),
        ..Policy::default()
    }
}

fn decided(policy: &Policy, agents: Vec<AgentRecord>) -> Decision {
    decide(policy, &record(agents))
}

#[track_caller]
fn comes_to(decision: &Decision, outcome: Outcome, blocking: &[ReasonCode]) {
    let codes: Vec<ReasonCode> = decision
        .verdict
        .reasons
        .iter()
        .filter(|r| r.blocking)
        .map(|r| r.code)
        .collect();
    assert_eq!(codes, blocking, "{:#?}", decision.verdict.reasons);
    assert_eq!(decision.verdict.outcome, outcome);
}

#[track_caller]
fn told(decision: &Decision, code: ReasonCode) -> &str {
    let mut reasons = decision.verdict.reasons.iter();
    let reason = reasons
        .find(|reason| reason.code == code)
        .unwrap_or_else(|| panic!("{code:?} is not told: {decision:#?}"));
    assert!(!reason.blocking, "{reason:?}");
    &reason.message
}

#[test]
fn a_score_at_its_floor_passes_and_one_just_below_fails_and_shows_it() {
    let policy = floor(8.0);
    for reached in [8.0, 8.0 - 5e-10, 8.1] {
        comes_to(
            &decided(&policy, vec![even("qa", reached)]),
            Outcome::Pass,
            &[],
        );
    }
    let failed = decided(&policy, vec![even("qa", 7.996)]);
    comes_to(
        &failed,
        Outcome::Fail,
        &[ReasonCode::AgentBelowFloor, ReasonCode::OverallBelowFloor],
    );
    assert_eq!(
        failed.verdict.reasons[0].message,
        "qa: below its floor: 7.996, floor 8.00"
    );
    comes_to(
        &decided(&policy, vec![even("qa", 8.0 - 2e-9)]),
        Outcome::Fail,
        &[ReasonCode::AgentBelowFloor, ReasonCode::OverallBelowFloor],
    );
}

#[test]
fn an_agents_own_floor_stands_instead_of_the_general_one() {
    let mut policy = floor(8.0);
    policy.floors.agents.insert(name("legal"), 8.2);
    let decision = decided(&policy, vec![even("qa", 8.1), even("legal", 8.1)]);
    comes_to(&decision, Outcome::Fail, &[ReasonCode::AgentBelowFloor]);
    assert_eq!(decision.agents[&name("legal")].outcome, Outcome::Fail);
    assert_eq!(decision.agents[&name("qa")].outcome, Outcome::Pass);
    policy.floors.agents.insert(name("legal"), 7.0);
    comes_to(
        &decided(&policy, vec![even("legal", 7.5), even("qa", 9.0)]),
        Outcome::Pass,
        &[],
    );
}

#[test]
fn a_dimension_has_a_floor_of_its_own() {
    let mut policy = Policy::default();
    policy.floors.dimensions.insert(Dimension::QUALITY, 6.0);
    comes_to(&decided(&policy, vec![even("qa", 6.0)]), Outcome::Pass, &[]);
    let failed = decided(&policy, vec![even("qa", 5.999)]);
    comes_to(&failed, Outcome::Fail, &[ReasonCode::DimensionBelowFloor]);
    assert_eq!(
        failed.verdict.reasons[0].message,
        "qa: quality is below its floor: 5.999, floor 6.00"
    );
    policy.floors.dimensions = [(Dimension::new("tone"), 6.0)].into();
    comes_to(&decided(&policy, vec![even("qa", 1.0)]), Outcome::Pass, &[]);
}

fn carried(called: &str, score: f64) -> AgentRecord {
    AgentRecord {
        touched: false,
        ..even(called, score)
    }
}

#[test]
fn the_mean_over_agents_has_the_general_floor() {
    let mut policy = floor(8.0);
    policy.floors.agents.insert(name("qa"), 5.0);
    let low = against(even("qa", 7.0), &[7.2; 10]);
    let decision = decided(&policy, vec![low, carried("legal", 8.5)]);
    comes_to(&decision, Outcome::Fail, &[ReasonCode::OverallBelowFloor]);
}

#[test]
fn a_fix_merges_although_agents_that_nobody_touched_keep_the_mean_below_its_floor() {
    let better = against(even("qa", 8.4), &[8.2; 10]);
    let decision = decided(&floor(8.0), vec![better, carried("legal", 6.0)]);
    comes_to(&decision, Outcome::Pass, &[]);
    told(&decision, ReasonCode::OverallBelowFloor);

    let worse = against(even("qa", 8.1), &[8.4; 10]);
    let decision = decided(&floor(8.0), vec![worse, carried("legal", 6.0)]);
    comes_to(&decision, Outcome::Fail, &[ReasonCode::OverallBelowFloor]);
}

#[test]
fn a_drop_of_exactly_what_is_allowed_passes_and_a_little_more_fails() {
    let policy = Policy::default();
    comes_to(
        &decided(&policy, vec![against(even("qa", 8.0), &[8.5; 10])]),
        Outcome::Pass,
        &[],
    );
    // 8.3 − 7.8 is 0.5000000000000009 in floating point.
    comes_to(
        &decided(&policy, vec![against(even("qa", 7.8), &[8.3; 10])]),
        Outcome::Pass,
        &[],
    );
    let failed = decided(&policy, vec![against(even("qa", 7.999), &[8.5; 10])]);
    comes_to(&failed, Outcome::Fail, &[ReasonCode::AgentRegressed]);
    assert_eq!(
        failed.verdict.reasons[0].message,
        "qa: dropped 0.501 (0.46 to 0.54) against the baseline of 0123456, 8.50 → 8.00; 0.50 is allowed. Same 10 prompts"
    );
}

#[test]
fn an_improvement_is_told_and_no_drop_is_not() {
    let better = decided(
        &Policy::default(),
        vec![against(even("qa", 9.0), &[8.5; 10])],
    );
    assert_eq!(
        told(&better, ReasonCode::AgentImproved),
        "qa: improved by +0.50 (plausible +0.46 to +0.54)"
    );
    let same = decided(
        &Policy::default(),
        vec![against(even("qa", 9.0), &[9.0; 10])],
    );
    assert!(same.verdict.reasons.is_empty(), "{same:?}");
}

#[test]
fn fewer_pairs_than_are_needed_are_not_tested_and_said() {
    let five = some_even("qa", 5.0, 5);
    let decision = decided(&Policy::default(), vec![against(five, &[9.0; 5])]);
    comes_to(&decision, Outcome::Pass, &[]);
    told(&decision, ReasonCode::TooFewCases);
    let six = some_even("qa", 5.0, 6);
    comes_to(
        &decided(&Policy::default(), vec![against(six, &[9.0; 6])]),
        Outcome::Fail,
        &[ReasonCode::AgentRegressed],
    );
}

fn one_case(samples: &[Option<f64>]) -> AgentRecord {
    let mut cases: Vec<&[Option<f64>]> = vec![&[Some(9.0)]; 99];
    cases.push(samples);
    against(agent("qa", &cases), &[9.0; 100])
}

#[test]
fn a_case_newly_fails_when_more_than_half_of_its_scored_samples_do() {
    let policy = Policy::default();
    let failing: [&[Option<f64>]; 4] = [
        &[Some(3.9)],
        &[Some(0.0), Some(9.0), Some(3.0)],
        &[Some(0.0), None, None],
        &[Some(3.999), Some(3.999)],
    ];
    for samples in failing {
        let decision = decided(&policy, vec![one_case(samples)]);
        comes_to(&decision, Outcome::Fail, &[ReasonCode::CaseNewlyFailed]);
        assert!(
            decision.verdict.reasons[0].message.contains("case-99"),
            "{decision:?}"
        );
    }
    let holding: [&[Option<f64>]; 4] = [
        &[Some(4.0)],
        &[Some(0.0), Some(9.0)],
        &[Some(0.0), Some(9.0), Some(9.0)],
        &[None],
    ];
    for samples in holding {
        comes_to(
            &decided(&policy, vec![one_case(samples)]),
            Outcome::Pass,
            &[],
        );
    }
    let allowed = Policy {
        max_newly_failed: 1,
        ..Policy::default()
    };
    comes_to(
        &decided(&allowed, vec![one_case(&[Some(1.0)])]),
        Outcome::Pass,
        &[],
    );
}

#[test]
fn a_case_that_failed_before_is_not_newly_failed() {
    let mut old = [9.0; 10];
    old[3] = 3.0;
    let mut cases: Vec<&[Option<f64>]> = vec![&[Some(9.0)]; 10];
    cases[3] = &[Some(2.0)];
    let same = against(agent("qa", &cases), &old);
    assert!(newly_failed_cases(&Policy::default(), &same).is_empty());
    comes_to(&decided(&Policy::default(), vec![same]), Outcome::Pass, &[]);
}

#[test]
fn a_case_whose_answers_are_those_of_the_baseline_cannot_newly_fail() {
    // Two of three are failed, and the mean is not: held against itself, it would seem to fail now.
    let mut same = one_case(&[Some(10.0), Some(3.0), Some(3.0)]);
    assert_eq!(newly_failed_cases(&Policy::default(), &same).len(), 1);
    for sample in same.cases.iter_mut().flat_map(|case| &mut case.samples) {
        sample.reused = true;
    }
    assert!(newly_failed_cases(&Policy::default(), &same).is_empty());
}

fn unanswered(missing: usize) -> AgentRecord {
    let mut cases: Vec<&[Option<f64>]> = vec![&[Some(9.0)]; 20 - missing];
    cases.extend(vec![&[None] as &[_]; missing]);
    agent("qa", &cases)
}

#[test]
fn a_tenth_may_stay_without_an_answer_and_one_more_is_too_many() {
    let at = decided(&Policy::default(), vec![unanswered(2)]);
    comes_to(&at, Outcome::Pass, &[]);
    assert_eq!(
        told(&at, ReasonCode::SomeUnanswered),
        "qa: 2 of 20 answers are missing (timed out); 10 % are allowed"
    );
    comes_to(
        &decided(&Policy::default(), vec![unanswered(3)]),
        Outcome::Inconclusive,
        &[ReasonCode::TooManyUnanswered],
    );
}

#[test]
fn an_outage_is_an_error_and_no_score() {
    let decision = decided(&floor(8.0), vec![unanswered(20)]);
    comes_to(&decision, Outcome::Error, &[ReasonCode::NothingScored]);
    assert_eq!(
        decision.verdict.reasons[0].message,
        "qa: none of 20 answers came (timed out)"
    );
}

/// Answers of which the first so many came, and had no grade.
fn ungraded(missing: usize, ungraded: usize) -> AgentRecord {
    let mut agent = unanswered(missing);
    let lacking = agent.cases.iter_mut().flat_map(|case| &mut case.samples);
    for sample in lacking
        .filter(|sample| sample.status == SampleStatus::Unanswered)
        .take(ungraded)
    {
        sample.status = SampleStatus::Unscored;
        sample.text.get_or_insert_default().why = Some("the judge was late".to_owned());
    }
    agent
}

#[test]
fn answers_that_came_and_were_not_graded_are_not_said_to_have_stayed_out() {
    for (missing, late, words) in [
        (
            20,
            20,
            "qa: all 20 answers came, and none could be scored (the judge was late)",
        ),
        (
            20,
            5,
            "qa: none of 20 answers has a score: 15 did not come (timed out), 5 came and could not be scored (the \
             judge was late)",
        ),
    ] {
        let decision = decided(&floor(8.0), vec![ungraded(missing, late)]);
        comes_to(&decision, Outcome::Error, &[ReasonCode::NothingScored]);
        assert_eq!(decision.verdict.reasons[0].message, words);
    }
    for (late, words) in [
        (
            3,
            "qa: 3 of 20 answers came and could not be scored (the judge was late); 10 % are allowed",
        ),
        (
            1,
            "qa: 3 of 20 answers have no score: 2 did not come (timed out), 1 came and could not be scored (the judge \
             was late); 10 % are allowed",
        ),
    ] {
        let decision = decided(&Policy::default(), vec![ungraded(3, late)]);
        comes_to(
            &decision,
            Outcome::Inconclusive,
            &[ReasonCode::TooManyUnanswered],
        );
        assert_eq!(decision.verdict.reasons[0].message, words);
    }
}

fn stopped(why: Stopped, agents: Vec<AgentRecord>) -> RunRecord {
    let mut record = record(agents);
    record.run.stopped = Some(why);
    record
}

#[test]
fn budget_and_deadline_are_inconclusive_and_an_interrupt_is_an_error() {
    let ends = [
        (
            Stopped::Budget,
            ReasonCode::BudgetReached,
            Outcome::Inconclusive,
        ),
        (
            Stopped::Deadline,
            ReasonCode::DeadlineReached,
            Outcome::Inconclusive,
        ),
        (
            Stopped::Interrupted,
            ReasonCode::Interrupted,
            Outcome::Error,
        ),
    ];
    for (why, code, outcome) in ends {
        comes_to(
            &decide(&Policy::default(), &stopped(why, vec![even("qa", 9.0)])),
            outcome,
            &[code],
        );
    }
}

#[test]
fn an_agent_that_was_never_asked_does_not_pass_whatever_ended_the_run() {
    for why in [Stopped::Budget, Stopped::Deadline, Stopped::Interrupted] {
        let unasked = agent("unasked", &[&[], &[]]);
        let record = stopped(why, vec![even("asked", 9.0), unasked]);
        let agents = decide(&Policy::default(), &record).agents;
        assert_eq!(agents[&name("asked")].outcome, Outcome::Pass);
        assert_eq!(agents[&name("unasked")].outcome, Outcome::Inconclusive);
    }
}

#[test]
fn a_missed_rule_outranks_an_outage_and_that_a_half_finished_run() {
    let policy = Policy {
        floor: None,
        ..Policy::default()
    };
    let low = || against(even("bad", 5.0), &[9.0; 10]);
    let silent = || AgentRecord {
        name: name("silent"),
        ..unanswered(20)
    };
    let all = decide(&policy, &stopped(Stopped::Budget, vec![silent(), low()]));
    assert_eq!(all.verdict.outcome, Outcome::Fail);
    let no_fail = decide(
        &policy,
        &stopped(Stopped::Budget, vec![silent(), even("good", 9.0)]),
    );
    assert_eq!(no_fail.verdict.outcome, Outcome::Error);
    let blocking: Vec<bool> = all
        .verdict
        .reasons
        .iter()
        .map(|reason| reason.blocking)
        .collect();
    assert!(
        blocking.is_sorted_by(|a, b| a >= b),
        "blocking reasons come first: {all:?}"
    );
}

#[test]
fn nothing_comparable_is_told_or_fails_as_the_rules_say() {
    let mut alone = even("qa", 9.0);
    alone.not_compared = Some("the suite is new".to_owned());
    let told_only = decided(&Policy::default(), vec![alone.clone()]);
    comes_to(&told_only, Outcome::Pass, &[]);
    assert_eq!(
        told(&told_only, ReasonCode::NotCompared),
        "qa: not compared with a baseline: the suite is new"
    );
    let strict = Policy {
        on_no_baseline: NoBaseline::Fail,
        ..Policy::default()
    };
    comes_to(
        &decided(&strict, vec![alone]),
        Outcome::Fail,
        &[ReasonCode::NotCompared],
    );
}

#[test]
fn a_removed_agent_fails_or_is_told_as_the_rules_say() {
    let mut record = record(vec![even("qa", 9.0)]);
    record.changes.removed.push(name("legal"));
    comes_to(
        &decide(&Policy::default(), &record),
        Outcome::Fail,
        &[ReasonCode::AgentRemoved],
    );
    let lenient = Policy {
        on_agent_removed: Severity::Warn,
        ..Policy::default()
    };
    let decision = decide(&lenient, &record);
    comes_to(&decision, Outcome::Pass, &[]);
    told(&decision, ReasonCode::AgentRemoved);
}

#[test]
fn another_place_for_the_model_id_blocks() {
    let mut record = record(vec![even("qa", 9.0)]);
    record.changes.locators.push(LocatorChange {
        name: name("qa"),
        by_base: "ft:a".into(),
        by_head: "ft:b".into(),
    });
    comes_to(
        &decide(&Policy::default(), &record),
        Outcome::Fail,
        &[ReasonCode::ModelLocatorChanged],
    );
}

#[test]
fn a_new_agent_never_blocks_whatever_it_scores() {
    let new = |agent: AgentRecord| AgentRecord {
        new: true,
        name: name("new"),
        ..agent
    };
    let bad = [
        new(even("new", 1.0)),
        new(against(even("new", 1.0), &[9.0; 10])),
        new(unanswered(5)),
        new(unanswered(20)),
    ];
    let strict = Policy {
        on_no_baseline: NoBaseline::Fail,
        ..floor(0.5)
    };
    for agent in bad {
        let mut record = record(vec![even("qa", 9.0), agent]);
        record.agents[0] = against(even("qa", 9.0), &[9.0; 10]);
        comes_to(&decide(&strict, &record), Outcome::Pass, &[]);
    }
}

#[test]
fn a_new_low_agent_does_not_pull_the_mean_below_its_floor() {
    let new = AgentRecord {
        new: true,
        ..even("new", 1.0)
    };
    let decision = decided(&floor(8.0), vec![against(even("qa", 9.0), &[9.0; 10]), new]);
    comes_to(&decision, Outcome::Pass, &[]);
}

#[test]
fn draft_cases_never_count() {
    let mut agent = even("qa", 9.0);
    for case in agent.cases.iter_mut().skip(7) {
        case.draft = true;
        case.samples = vec![sample(Some(0.0))];
    }
    agent.tally();
    let agent = against(agent, &[9.0; 10]);
    assert!((agent.score.unwrap() - 9.0).abs() < 1e-12);
    comes_to(&decided(&floor(8.0), vec![agent]), Outcome::Pass, &[]);
}

#[test]
fn a_draft_case_without_an_answer_is_no_missing_measurement() {
    let mut agent = even("qa", 9.0);
    for case in agent.cases.iter_mut().skip(5) {
        case.draft = true;
        case.samples = vec![sample(None)];
    }
    agent.tally();
    comes_to(
        &decided(&floor(8.0), vec![against(agent, &[9.0; 10])]),
        Outcome::Pass,
        &[],
    );
}

#[test]
fn new_data_beside_an_old_model_is_told() {
    let mut record = record(vec![even("qa", 9.0)]);
    let because = Cause::of;
    record.changes.agents = vec![AgentChange {
        name: name("qa"),
        because: vec![because(CauseCode::TrainingData)],
    }];
    told(
        &decide(&Policy::default(), &record),
        ReasonCode::ModelNotRetrained,
    );
    record.changes.agents[0]
        .because
        .push(because(CauseCode::ModelId));
    let decision = decide(&Policy::default(), &record);
    assert!(
        !decision
            .verdict
            .reasons
            .iter()
            .any(|reason| reason.code == ReasonCode::ModelNotRetrained)
    );
}

#[test]
fn nothing_touched_is_skipped() {
    let decision = decided(&floor(8.0), vec![carried("qa", 3.0)]);
    comes_to(&decision, Outcome::Skipped, &[]);
    assert!(decision.agents.is_empty());
}

type Scores = Vec<Vec<(f64, Option<f64>)>>;

/// Agents as (stored, measured) scores of their cases.
fn scores() -> impl Strategy<Value = Scores> {
    let case = (0.0..=10.0, proptest::option::weighted(0.9, 0.0..=10.0));
    proptest::collection::vec(proptest::collection::vec(case, 1..12), 1..5)
}

fn policies() -> impl Strategy<Value = Policy> {
    (
        proptest::option::of(0.0..=10.0),
        0.0..3.0,
        0_u32..3,
        1_u32..8,
    )
        .prop_map(|(floor, max_drop, newly, pairs)| Policy {
            floor,
            max_drop,
            max_newly_failed: newly,
            min_cases: pairs,
            ..Policy::default()
        })
}

fn measured(scores: &Scores) -> RunRecord {
    let agents = scores.iter().enumerate().map(|(index, cases)| {
        let samples: Vec<[Option<f64>; 1]> = cases.iter().map(|(_, now)| [*now]).collect();
        let samples: Vec<&[Option<f64>]> = samples.iter().map(<[_; 1]>::as_slice).collect();
        let old: Vec<f64> = cases.iter().map(|(old, _)| *old).collect();
        let agent = agent(&format!("agent-{index}"), &samples);
        if agent.score.is_some() {
            against(agent, &old)
        } else {
            agent
        }
    });
    record(agents.collect())
}

proptest! {
    #[test]
    fn the_same_measurement_comes_to_the_same_verdict(scores in scores(), policy in policies()) {
        prop_assert_eq!(decide(&policy, &measured(&scores)), decide(&policy, &measured(&scores)));
    }

    /// One better answer may make the others agree so well that a drop becomes plain which was none before: a test on a mean
    /// is like that. Nothing else may come of it.
    #[test]
    fn a_better_answer_turns_a_pass_into_a_failure_only_where_it_makes_a_drop_plain(
        scores in scores(), policy in policies(), agent in any::<prop::sample::Index>(), case in any::<prop::sample::Index>(), up in 0.0_f64..=10.0,
    ) {
        let before = decide(&policy, &measured(&scores)).verdict.outcome;
        let mut better = scores;
        let agent = agent.index(better.len());
        let case = case.index(better[agent].len());
        let now: &mut Option<f64> = &mut better[agent][case].1;
        *now = now.map(|score| (score + up).min(10.0));
        let after = decide(&policy, &measured(&better)).verdict;
        if after.outcome == Outcome::Fail && before != Outcome::Fail {
            let plain = |reason: &crate::record::Reason| reason.blocking && reason.code == ReasonCode::AgentRegressed;
            prop_assert!(after.reasons.iter().any(plain), "{:?}", after.reasons);
        }
    }

    #[test]
    fn all_answers_better_by_the_same_never_turn_a_pass_into_a_failure(
        scores in scores(), policy in policies(), agent in any::<prop::sample::Index>(), part in 0.0_f64..=1.0,
    ) {
        let before = decide(&policy, &measured(&scores)).verdict.outcome;
        let mut better = scores;
        let agent = agent.index(better.len());
        let highest = better[agent].iter().filter_map(|(_, now)| *now).fold(0.0, f64::max);
        for (_, now) in &mut better[agent] {
            *now = now.map(|score| score + part * (10.0 - highest));
        }
        let after = decide(&policy, &measured(&better)).verdict.outcome;
        prop_assert!(after == before || after != Outcome::Fail, "{} became {}", before, after);
    }

    #[test]
    fn the_order_of_agents_and_cases_decides_nothing(scores in scores(), policy in policies(), turn in 0_usize..5) {
        let mut record = measured(&scores);
        let before = decide(&policy, &record);
        let count = record.agents.len();
        record.agents.rotate_left(turn % count);
        for agent in &mut record.agents {
            agent.cases.reverse();
            agent.tally();
            if let Some(comparison) = &mut agent.comparison {
                comparison.cases.reverse();
            }
        }
        record.overall = overall(&record.agents);
        let after = decide(&policy, &record);
        prop_assert_eq!(before.verdict.outcome, after.verdict.outcome);
        prop_assert_eq!(before.agents, after.agents);
    }
}
