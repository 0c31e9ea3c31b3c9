//! What a reviewer reads first, for each kind of result. The question to each of them: may it merge, who must do what,
//! and what would change the result?

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{Answers, Context, RunLine, comment, headline, summary};
use crate::policy::{NoBaseline, Policy};
use crate::record::{
    Against, CauseCode, Comparison, Method, PairedCase, Points, RunRecord, Stopped, overall,
};
use crate::score::Digest;
use crate::suite::CaseId;
use crate::verdict::decide;

/// An agent as (name, score of each of ten cases).
fn agent(name: &str, score: Option<f64>) -> Value {
    let sample = json!({
        "index": 0, "look": 1, "status": if score.is_some() { "scored" } else { "unanswered" }, "why": score.is_none().then_some("HTTP 503 from the provider"),
        "answer": score.map(|_| "We are sorry."), "answer_sha256": null, "score": score, "dimensions": score.map_or(json!({}), |score| json!({"quality": score})),
        "lost": [{"dimension": "quality", "points": 2.5, "why": "no step, name or number in 61 words"}],
        "checks": [], "judge": null, "finish_reason": "stop", "latency_ms": 812, "attempts": 1, "usage": null, "cached": false,
    });
    let cases: Vec<Value> = (1..=10)
        .map(|index| {
            json!({
                "id": format!("charged-twice-{index}"), "ask_digest": Digest::of(b"ask"), "score_digest": Digest::of(b"score"), "weight": 1.0, "tags": [], "expectation": {},
                "messages": [{"role": "user", "content": "I was charged twice."}], "score": null, "dimensions": {}, "samples": [sample],
            })
        })
        .collect();
    json!({
        "name": name, "model": "ft:b", "served_model": null, "provider": "p", "parameters": {}, "candidate_digest": "",
        "touched": true, "score": null, "interval": null, "interval_level": null, "dimensions": {},
        "verdict": {"outcome": "pass", "proven": false}, "floor": null, "suite_digest": "",
        "data": {"digest": null, "files": [], "trained_on": null}, "scorer": {"profile": "standard", "version": 1},
        "judge": null, "looks": [], "comparison": null, "comparisons": [],
        "counts": {"planned": 0, "cases": 0, "samples": 0, "scored": 0, "unanswered": 0, "unscored": 0, "retries": 0, "cached": 0, "reused": 0},
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": null}, "latency_ms": {"p50": null, "p95": null}, "cases": cases,
    })
}

/// A run of agents given as (name, stored score, score now), decided under a policy.
fn run(policy: Policy, agents: &[(&str, Option<f64>, Option<f64>)]) -> RunRecord {
    let list: Vec<Value> = agents
        .iter()
        .map(|(name, _, now)| agent(name, *now))
        .collect();
    let mut record: RunRecord = serde_json::from_value(json!({
        "schema": "tunegate.run/1", "tool": {"version": "0.1.0"}, "created": "2026-10-30T12:00:00Z", "gate_id": "model-quality",
        "run": {"id": "1", "attempt": 1, "url": null, "actor": null, "workflow_ref": null, "started": "", "finished": ""},
        "source": {"commit": null, "base": null, "merge_base": null, "branch": null, "head_repo": null, "event": "pull_request", "pull_request": 12},
        "policy": {}, "policy_digest": "", "prices": {}, "plan_digest": "", "shard": null, "derived_from": null, "accepted": [],
        "verdict": {"outcome": "pass", "proven": false, "reasons": []},
        "overall": {"score": null, "interval": null, "baseline": null, "change": null, "dimensions": {}},
        "agents": list, "audit": {"files": [], "findings": []}, "changes": {"agents": [], "rules": []},
    }))
    .unwrap();
    record.policy = policy;
    for (agent, (_, then, now)) in record.agents.iter_mut().zip(agents) {
        agent.tally();
        agent.floor = record.policy.floor_of(&agent.name);
        agent.comparison = then.zip(*now).map(|(then, now)| compared(then, now));
    }
    decided(record)
}

/// A run of agents with a floor, given as (name, stored score, score now).
pub(super) fn record(agents: &[(&str, Option<f64>, Option<f64>)]) -> RunRecord {
    run(floor(), agents)
}

fn decided(mut record: RunRecord) -> RunRecord {
    record.overall = overall(&record.agents);
    decide(&record.policy, &record).note(&mut record);
    record
}

fn compared(then: f64, now: f64) -> Comparison {
    let pair = |index| PairedCase {
        id: CaseId::new(format!("charged-twice-{index}")),
        old: then,
        new: now,
        old_dimensions: Points::default(),
        old_spread: None,
    };
    Comparison {
        against: Against::Baseline,
        baseline_commit: Some("4f2c1ab9".to_owned()),
        age_days: Some(3),
        baseline_model: None,
        baseline_score: then,
        change: now - then,
        interval: None,
        method: Method::PlainDifference,
        p_value: None,
        p_adjusted: None,
        p_sign_flip: None,
        pairs: 10,
        planned_pairs: None,
        excluded: Vec::new(),
        detectable_drop: None,
        rescored: None,
        cases: (1..=10).map(pair).collect(),
    }
}

fn floor() -> Policy {
    Policy {
        floor: Some(8.0),
        ..Policy::default()
    }
}

pub(super) fn context(banners: &[&str]) -> Context {
    Context {
        answers: Answers::Excerpts,
        run: RunLine {
            gate_id: "model-quality".into(),
            run_id: "9912".into(),
            attempt: 1,
            head: "4f2c1ab".into(),
            url: None,
        },
        old_answers: BTreeMap::new(),
        accepting: None,
        banners: banners.iter().map(|&banner| banner.to_owned()).collect(),
    }
}

/// From the heading to the table.
fn top(record: &RunRecord, banners: &[&str]) -> String {
    let text = comment(record, &context(banners)).unwrap();
    let lines = text.lines().skip(2);
    let end = |line: &&str| {
        !line.starts_with("**What ") && !line.starts_with("- ") && !line.starts_with("<details>")
    };
    lines
        .take_while(end)
        .collect::<Vec<_>>()
        .join("\n")
        .trim_end()
        .to_owned()
}

#[test]
fn a_regression_says_who_dropped_and_what_would_pass() {
    let record = run(floor(), &[("support_agent", Some(9.42), Some(8.61))]);
    assert_snapshot!(top(&record, &[]), @r#"
    ### ❌ FAIL: support_agent got worse, 9.42 → 8.61 (−0.81)
    **Do this:** do not merge; keep the old support_agent model. Start with the answers below that lost most. It passes at 8.92 or more (0.50 under the baseline).

    **Blocking**
    1. support_agent: dropped 0.81 (0.77 to 0.85) against the baseline of 4f2c1ab, 9.42 → 8.61; 0.50 is allowed. Same 10 prompts

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **support_agent** | ❌ FAIL | 9.42 → **8.61** | ▼ 0.81 (−0.85 to −0.77) |
    "#);
}

#[test]
fn a_score_below_its_floor_is_never_shown_as_the_floor() {
    let record = run(floor(), &[("qa_agent", None, Some(7.996))]);
    assert_snapshot!(top(&record, &[]), @r#"
    ### ❌ FAIL: qa_agent is below its floor, 7.996 (floor 8.00)
    **Do this:** do not merge; keep the old qa_agent model. Its lowest answers: `charged-twice-1` 8.00, `charged-twice-2` 8.00. It takes 8.00 or more (its floor), and nothing else that blocks, to pass.

    **Blocking**
    1. qa_agent: below its floor: 7.996, floor 8.00
    2. the mean over agents is below the floor: 7.996, floor 8.00

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ❌ FAIL | **7.996** | not compared |
    "#);
    for text in [
        comment(&record, &context(&[])).unwrap(),
        summary(&record, &context(&[])).unwrap(),
    ] {
        assert!(text.contains("7.996"), "{text}");
        let headline = text.lines().find(|line| line.contains("FAIL")).unwrap();
        assert!(
            !headline.contains("8.00 →") && !headline.contains("→ 8.00"),
            "{headline}"
        );
    }
}

#[test]
fn a_score_below_its_floor_is_never_rounded_up_to_it_beside_its_old_score() {
    for then in [8.0, 9.4] {
        let record = run(floor(), &[("qa_agent", Some(then), Some(7.996))]);
        let text = comment(&record, &context(&[])).unwrap();
        assert!(
            !text.contains("→ 8.00") && !text.contains("→ **8.00**"),
            "{text}"
        );
    }
}

#[test]
fn a_pass_with_a_drop_says_where_the_line_was() {
    let record = run(floor(), &[("qa_agent", Some(8.62), Some(8.31))]);
    assert_snapshot!(top(&record, &[]), @r#"
    ### ✅ PASS: qa_agent dropped no more than is allowed, 8.62 → 8.31 (−0.31)
    **Do this:** you may merge. A drop of more than 0.50 is ruled out.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ✅ PASS | 8.62 → **8.31** | ▼ 0.31 (−0.35 to −0.27) |
    "#);
}

#[test]
fn a_pass_whose_drop_could_not_be_tested_says_so() {
    let policy = Policy {
        min_cases: 11,
        ..floor()
    };
    let record = run(policy, &[("qa_agent", Some(8.62), Some(8.31))]);
    let top = top(&record, &[]);
    let wanted =
        "you may merge. But a drop was not tested for qa_agent: too few prompts could be paired.";
    assert!(top.contains(wanted), "{top}");
}

#[test]
fn a_pass_without_a_comparison_says_what_was_not_seen() {
    let record = run(floor(), &[("qa_agent", None, Some(8.31))]);
    assert_snapshot!(top(&record, &[]), @r#"
    ### ✅ PASS: qa_agent scores 8.31 (floor 8.00), not compared
    **Do this:** you may merge. Only the floor was tested for qa_agent: nothing comparable is stored, so a drop could not be seen.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ✅ PASS | **8.31** | not compared |
    "#);
}

#[test]
fn a_pass_without_any_rule_that_could_be_tested_says_so() {
    let record = run(Policy::default(), &[("qa_agent", None, Some(2.0))]);
    assert_snapshot!(top(&record, &[]), @r#"
    ### ✅ PASS (not proven): qa_agent scores 2.00, not compared
    **Do this:** you may merge. But nothing was tested for qa_agent: no floor is set, and nothing comparable is stored.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ✅ PASS (not proven) | **2.00** | not compared |
    "#);
}

#[test]
fn an_outage_blames_no_model() {
    let record = run(floor(), &[("qa_agent", Some(8.3), None)]);
    assert_snapshot!(top(&record, &[]), @r#"
    ### ⚠️ COULD NOT MEASURE: qa_agent: none of 10 answers came (HTTP 503 from the provider)
    **Do this:** do not merge yet: run the check again when the model provider answers. This says nothing about the models.

    **Blocking**
    1. qa_agent: none of 10 answers came (HTTP 503 from the provider)

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ⚠️ COULD NOT MEASURE | no score | not compared |
    "#);
}

#[test]
fn a_budget_that_ran_out_says_what_to_raise() {
    let mut record = run(floor(), &[("qa_agent", Some(8.3), Some(8.4))]);
    record.run.stopped = Some(Stopped::Budget);
    assert_snapshot!(top(&decided(record), &[]), @r#"
    ### ⚠️ COULD NOT MEASURE: the budget was used up before every prompt was asked
    **Do this:** do not merge yet: raise `run.budget` or shrink the suite, then run the check again.

    **Blocking**
    1. the budget was used up before every prompt was asked

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ✅ PASS | 8.30 → **8.40** | ▲ 0.10 (+0.06 to +0.14) |
    "#);
}

#[test]
fn a_first_adoption_says_that_it_blocks_nothing() {
    let mut record = run(floor(), &[("qa_agent", None, Some(7.2))]);
    record.run.report_only = Some(
        "the base branch has no configuration yet: this run reports and does not block".to_owned(),
    );
    assert_snapshot!(top(&record, &[]), @r#"
    ### ❌ FAIL: qa_agent is below its floor, 7.20 (floor 8.00)
    **Do this:** you may merge: this run only reports and blocks nothing. Once the gate is in force, the same result fails the check.

    > the base branch has no configuration yet: this run reports and does not block

    **Would block**
    1. qa_agent: below its floor: 7.20, floor 8.00
    2. the mean over agents is below the floor: 7.20, floor 8.00

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ❌ FAIL | **7.20** | not compared |
    "#);
}

#[test]
fn of_several_agents_the_failing_one_comes_first() {
    let agents = [
        ("content_agent", Some(8.1), Some(8.3)),
        ("support_agent", Some(9.4), Some(8.5)),
        ("legal_agent", None, Some(7.9)),
        ("qa_agent", None, Some(8.6)),
    ];
    let mut record = run(floor(), &agents);
    record.agents[3].touched = false;
    assert_snapshot!(top(&decided(record), &[]), @r#"
    ### ❌ FAIL: support_agent got worse, 9.40 → 8.50 (−0.90); legal_agent fails too
    **Do this:** do not merge; keep the old support_agent model. Start with the answers below that lost most. It passes at 8.90 or more (0.50 under the baseline).

    **Blocking**
    1. support_agent: dropped 0.90 (0.86 to 0.94) against the baseline of 4f2c1ab, 9.40 → 8.50; 0.50 is allowed. Same 10 prompts
    2. legal_agent: below its floor: 7.90, floor 8.00

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **support_agent** | ❌ FAIL | 9.40 → **8.50** | ▼ 0.90 (−0.94 to −0.86) |
    | **legal_agent** | ❌ FAIL | **7.90** | not compared |
    | **content_agent** | ✅ PASS | 8.10 → **8.30** | ▲ 0.20 (+0.16 to +0.24) |
    | qa_agent | – untouched | 8.60 (stored) | not asked |
    "#);
}

#[test]
fn of_several_agents_that_hold_the_largest_drop_comes_first() {
    let agents = [
        ("content_agent", Some(8.3), Some(8.4)),
        ("support_agent", Some(8.6), Some(8.4)),
        ("legal_agent", Some(8.2), Some(8.2)),
        ("qa_agent", Some(8.2), Some(8.5)),
    ];
    assert_snapshot!(top(&run(floor(), &agents), &[]), @r#"
    ### ✅ PASS: 4 agents hold: support_agent 8.60 → 8.40 (−0.20) · legal_agent 8.20 → 8.20 (0.00) · content_agent 8.30 → 8.40 (+0.10) · 1 more
    **Do this:** you may merge.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **content_agent** | ✅ PASS | 8.30 → **8.40** | ▲ 0.10 (+0.06 to +0.14) |
    | **support_agent** | ✅ PASS | 8.60 → **8.40** | ▼ 0.20 (−0.24 to −0.16) |
    | **legal_agent** | ✅ PASS | 8.20 → **8.20** | = 0.00 (−0.04 to +0.04) |
    | **qa_agent** | ✅ PASS | 8.20 → **8.50** | ▲ 0.30 (+0.26 to +0.34) |
    "#);
}

#[test]
fn a_missing_baseline_that_blocks_says_how_to_get_one() {
    let strict = Policy {
        on_no_baseline: NoBaseline::Fail,
        ..floor()
    };
    assert_snapshot!(top(&run(strict, &[("qa_agent", None, Some(8.6))]), &[]), @r#"
    ### ❌ FAIL: qa_agent: not compared with a baseline: no record is stored
    **Do this:** store a baseline first: run the gate on the base branch.

    **Blocking**
    1. qa_agent: not compared with a baseline: no record is stored

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ❌ FAIL | **8.60** | not compared |
    "#);
}

/// The same agents where the pull request leaves their models as they are and nothing was asked.
fn kept(policy: Policy, agents: &[(&str, f64)], because: &[(&str, CauseCode)]) -> RunRecord {
    let compared: Vec<_> = agents
        .iter()
        .map(|(name, score)| (*name, Some(*score), Some(*score)))
        .collect();
    let mut record = run(policy, &compared);
    for agent in &mut record.agents {
        agent.unchanged = true;
        for sample in agent.cases.iter_mut().flat_map(|case| &mut case.samples) {
            sample.reused = true;
        }
        agent.tally();
    }
    let changes = because.iter().map(|(name, code)| {
        json!({"name": name, "because": [{"code": code, "path": "data/train.jsonl"}]})
    });
    record.changes.agents = serde_json::from_value(changes.collect()).unwrap();
    decided(record)
}

#[test]
fn new_data_beside_an_old_model_is_a_pass_that_says_what_is_still_to_do() {
    let record = kept(
        floor(),
        &[("legal_agent", 8.2)],
        &[("legal_agent", CauseCode::TrainingData)],
    );
    assert_snapshot!(top(&record, &[]), @r#"
    ### ✅ PASS: the model of legal_agent is unchanged and was not asked again, 8.20 (stored)
    **Do this:** you may merge. legal_agent has not been trained on the new data yet: train it, then bring its new model ID in a pull request.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | legal_agent | ⏳ not retrained | 8.20 (stored) | not asked |
    "#);
    let text = comment(&record, &context(&[])).unwrap();
    assert!(
        text.contains("10 of 10 answers reused from the baseline"),
        "{text}"
    );
    assert!(!text.contains("not proven"), "{text}");
}

#[test]
fn changed_rules_leave_every_agent_as_it_is_and_say_who_stays_below_its_floor() {
    let agents = [
        ("support_agent", 7.2),
        ("content_agent", 8.3),
        ("legal_agent", 8.2),
        ("qa_agent", 8.5),
    ];
    let because = agents.map(|(name, _)| (name, CauseCode::Rule));
    let record = kept(floor(), &agents, &because);
    assert_snapshot!(top(&record, &[]), @r#"
    ### ✅ PASS: 4 models are unchanged and were not asked again: support_agent 7.20 · content_agent 8.30 · legal_agent 8.20 · 1 more (stored)
    **Do this:** you may merge. What this pull request changes applies after the merge. support_agent stays below its floor, as it was before.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | support_agent | – unchanged | 7.20 (stored) | not asked |
    | content_agent | – unchanged | 8.30 (stored) | not asked |
    | legal_agent | – unchanged | 8.20 (stored) | not asked |
    | qa_agent | – unchanged | 8.50 (stored) | not asked |
    "#);
}

#[test]
fn rules_that_let_more_pass_are_told_before_anybody_may_merge() {
    let agents = [("support_agent", 7.2), ("qa_agent", 8.5)];
    let because = agents.map(|(name, _)| (name, CauseCode::Rule));
    let mut record = kept(floor(), &agents, &because);
    let rule = |direction| json!({"key": "gate.floor", "old": "8.0", "new": "7.0", "direction": direction});
    record.changes.rules = serde_json::from_value(json!([rule("looser")])).unwrap();
    let first = |record: &RunRecord| {
        top(record, &[])
            .lines()
            .take(2)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(first(&record), @r"
    ### ✅ PASS: rules of the gate change, no model changes
    **Do this:** read the rules below before you merge: one of them lets more pass. No model was asked. support_agent stays below its floor, as it was before.
    ");
    let mut record = run(floor(), &[("qa_agent", Some(8.5), Some(8.6))]);
    record.changes.rules = serde_json::from_value(json!([rule("looser"), rule("looser")])).unwrap();
    assert_snapshot!(first(&record), @r"
    ### ✅ PASS: qa_agent got better, 8.50 → 8.60 (+0.10)
    **Do this:** you may merge once you have read the changed rules below: 2 of them let more pass. It would have failed below 8.00 (its floor).
    ");
    record.changes.rules = serde_json::from_value(json!([rule("stricter")])).unwrap();
    assert!(!first(&record).contains("rules"), "{}", first(&record));
}

#[test]
fn of_several_agents_without_another_side_the_one_nearest_to_its_floor_comes_first() {
    let agents = [
        ("qa_agent", None, Some(9.9)),
        ("content_agent", None, Some(8.1)),
    ];
    let record = run(floor(), &agents);
    let lines: Vec<String> = top(&record, &[])
        .lines()
        .take(2)
        .map(str::to_owned)
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    ### ✅ PASS: 2 agents hold, not compared: content_agent 8.10 · qa_agent 9.90
    **Do this:** you may merge. Only floors were tested: nothing comparable is stored, so a drop could not be seen.
    ");
}

#[test]
fn an_unchanged_agent_beside_a_moved_one_is_no_news() {
    let mut record = kept(
        floor(),
        &[("qa_agent", 8.5), ("legal_agent", 8.2)],
        &[("legal_agent", CauseCode::TrainingData)],
    );
    let moved = run(floor(), &[("support_agent", Some(8.42), Some(7.61))]);
    record.agents.extend(moved.agents);
    assert_snapshot!(top(&decided(record), &[]), @r#"
    ### ❌ FAIL: support_agent got worse, 8.42 → 7.61 (−0.81)
    **Do this:** do not merge; keep the old support_agent model. Start with the answers below that lost most. It passes at 8.00 or more (its floor).

    **Blocking**
    1. support_agent: dropped 0.81 (0.77 to 0.85) against the baseline of 4f2c1ab, 8.42 → 7.61; 0.50 is allowed. Same 10 prompts
    2. support_agent: below its floor: 7.61, floor 8.00

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **support_agent** | ❌ FAIL | 8.42 → **7.61** | ▼ 0.81 (−0.85 to −0.77) |
    | qa_agent | – unchanged | 8.50 (stored) | not asked |
    | legal_agent | ⏳ not retrained | 8.20 (stored) | not asked |
    "#);
}

#[test]
fn an_unchanged_agent_that_was_asked_for_one_more_prompt_is_shown_with_its_change() {
    let mut record = kept(
        floor(),
        &[("qa_agent", 8.5)],
        &[("qa_agent", CauseCode::Suite)],
    );
    let agent = &mut record.agents[0];
    agent.cases[0].samples[0].reused = false;
    agent.tally();
    assert_snapshot!(top(&decided(record), &[]), @r#"
    ### ✅ PASS: qa_agent scores the same, 8.50 → 8.50 (0.00)
    **Do this:** you may merge.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ✅ PASS | 8.50 → **8.50** | = 0.00 (−0.04 to +0.04) |
    "#);
}

#[test]
fn the_plain_summary_says_the_same_without_markup() {
    let record = run(floor(), &[("support_agent", Some(9.42), Some(8.61))]);
    let text = summary(&record, &context(&[])).unwrap();
    let first: Vec<&str> = text.lines().take(9).collect();
    assert_snapshot!(first.join("\n"), @r#"
    ❌ FAIL: support_agent got worse, 9.42 → 8.61 (−0.81)
    Do this: do not merge; keep the old support_agent model. Start with the answers below that lost most. It passes at 8.92 or more (0.50 under the baseline).

    Blocking
      1. support_agent: dropped 0.81 (0.77 to 0.85) against the baseline of 4f2c1ab, 9.42 → 8.61; 0.50 is allowed. Same 10 prompts

      agent          result  old → new    change (plausible range)
      support_agent  ❌ FAIL  9.42 → 8.61  ▼ 0.81 (−0.85 to −0.77)
    "#);
    assert!(!text.contains("**") && !text.contains('`'), "{text}");
    assert_eq!(text.lines().next(), Some(headline(&record).as_str()));
}
