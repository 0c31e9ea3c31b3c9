//! What is paired with what, and what is said about the rest.

use serde_json::json;

use super::{Baseline, NotComparable, compare};
use crate::record::{Against, AgentRecord, Comparison, RunRecord};
use crate::score::Digest;

/// A case as (id, score, weight).
type Shape<'a> = (&'a str, Option<f64>, f64);

fn record(cases: &[Shape<'_>]) -> RunRecord {
    let cases: Vec<serde_json::Value> = cases
        .iter()
        .map(|(id, score, weight)| {
            json!({
                "id": id, "ask_digest": Digest::of(id.as_bytes()), "score_digest": Digest::of(b"standard"), "messages": [], "expectation": {},
                "tags": [], "weight": weight, "score": score, "dimensions": {}, "samples": [],
            })
        })
        .collect();
    let agent = json!({
        "name": "qa", "model": "ft:a", "served_model": null, "provider": "p", "parameters": {}, "candidate_digest": "",
        "touched": true, "score": null, "interval": null, "interval_level": null, "dimensions": {},
        "verdict": {"outcome": "pass", "proven": false}, "floor": null, "suite_digest": "",
        "data": {"digest": null, "files": [], "trained_on": null}, "scorer": {"profile": "standard", "version": 1},
        "judge": null, "looks": [], "comparison": null, "comparisons": [],
        "counts": {"planned": 0, "cases": 0, "samples": 0, "scored": 0, "unanswered": 0, "unscored": 0, "retries": 0, "cached": 0, "reused": 0},
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": null}, "latency_ms": {"p50": null, "p95": null},
        "cases": cases,
    });
    serde_json::from_value(json!({
        "schema": "tunegate.run/1", "tool": {"version": "0"}, "created": "2026-10-30T12:00:00Z", "gate_id": "g",
        "run": {"id": "1", "attempt": 1, "url": null, "actor": null, "workflow_ref": null, "started": "", "finished": ""},
        "source": {"commit": "0123456789abcdef", "base": null, "merge_base": null, "branch": null, "head_repo": null, "event": "push", "pull_request": null},
        "policy": {}, "policy_digest": "", "prices": {}, "plan_digest": "", "shard": null, "derived_from": null, "accepted": [],
        "verdict": {"outcome": "pass", "proven": false, "reasons": []},
        "overall": {"score": null, "interval": null, "baseline": null, "change": null, "dimensions": {}},
        "agents": [agent], "audit": {"files": [], "findings": []}, "changes": {"agents": [], "rules": []},
    }))
    .unwrap()
}

fn compared(now: &RunRecord, then: RunRecord) -> Result<Comparison, NotComparable> {
    let baseline = Baseline::new(then, "the stored record".to_owned());
    let agent = &now.agents[0];
    let other = baseline.other(&agent.name, Against::Baseline)?;
    compare(agent, &other, "2026-11-02T11:00:00Z")
}

fn excluded(comparison: &Comparison) -> Vec<(&str, &str)> {
    let list = comparison.excluded.iter();
    list.map(|one| (one.id.as_str(), one.why.as_str()))
        .collect()
}

#[track_caller]
fn close(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-12, "{left} is not {right}");
}

#[test]
fn the_change_is_the_weighted_mean_over_pairs_by_hand() {
    let then = record(&[
        ("a", Some(9.0), 7.0),
        ("b", Some(6.0), 7.0),
        ("c", Some(8.0), 7.0),
    ]);
    let now = record(&[
        ("a", Some(8.0), 1.0),
        ("b", Some(7.0), 1.0),
        ("c", Some(4.0), 2.0),
    ]);
    let found = compared(&now, then).unwrap();
    // Today's weights on both sides: (9 + 6 + 2·8) / 4 and (8 + 7 + 2·4) / 4.
    close(found.baseline_score, 7.75);
    close(found.change, -2.0);
    assert_eq!(found.pairs, 3);
    assert_eq!(found.excluded, []);
    assert_eq!(
        found
            .cases
            .iter()
            .map(|pair| pair.id.as_str())
            .collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
    close(found.cases[2].old, 8.0);
    close(found.cases[2].new, 4.0);
    assert_eq!(found.baseline_commit.as_deref(), Some("0123456789abcdef"));
    assert_eq!(found.baseline_model.as_deref(), Some("ft:a"));
    assert_eq!(found.age_days, Some(2), "two days and 23 hours");
}

#[test]
fn another_question_or_another_scorer_is_not_comparable() {
    let then = record(&[
        ("a", Some(9.0), 1.0),
        ("b", Some(9.0), 1.0),
        ("c", Some(9.0), 1.0),
    ]);
    let mut now = record(&[
        ("a", Some(5.0), 1.0),
        ("b", Some(5.0), 1.0),
        ("c", Some(8.0), 1.0),
    ]);
    now.agents[0].cases[0].ask_digest = Digest::of(b"other");
    now.agents[0].cases[1].score_digest = Digest::of(b"other");
    let found = compared(&now, then).unwrap();
    close(found.baseline_score, 9.0);
    close(found.change, -1.0);
    assert_eq!(
        excluded(&found),
        [
            ("a", "not comparable: its messages changed"),
            ("b", "not comparable: the expectation or a check changed"),
        ]
    );
}

#[test]
fn the_component_that_changed_is_named() {
    let then = || record(&[("a", Some(9.0), 1.0)]);
    let mut now = then();
    now.agents[0].cases[0].ask_digest = Digest::of(b"other");
    now.agents[0].parameters.max_tokens = Some(7);
    let why = compared(&now, then()).unwrap_err().to_string();
    assert_eq!(why, "not comparable: the parameters changed");

    let mut now = then();
    now.agents[0].cases[0].score_digest = Digest::of(b"other");
    let part = |edit: fn(&mut AgentRecord)| {
        let mut now = now.clone();
        edit(&mut now.agents[0]);
        compared(&now, then()).unwrap_err().to_string()
    };
    for (words, edit) in [
        (
            "the expectation or a check",
            (|_| {}) as fn(&mut AgentRecord),
        ),
        ("the version of the scoring profile", |now| {
            now.scorer.version += 1;
        }),
        ("the scoring profile", |now| {
            now.scorer.profile = "checks".to_owned();
        }),
        ("the weights of the dimensions", |now| {
            now.scorer.weights = [(crate::score::Dimension::QUALITY, 2.0)].into();
        }),
        ("the judge", |now| {
            let judge = json!({"provider": "p", "model": "m", "votes": 1, "dimensions": ["quality"], "prompt_version": 1,
                "identity": Digest::of(b"judge"), "usage": {}, "cost": null});
            now.judge = Some(serde_json::from_value(judge).unwrap());
        }),
    ] {
        assert_eq!(part(edit), format!("not comparable: {words} changed"));
    }
}

#[test]
fn where_nothing_can_be_paired_the_first_reason_is_given() {
    let then = record(&[("a", Some(9.0), 1.0)]);
    let mut now = record(&[("a", Some(9.0), 1.0)]);
    now.agents[0].cases[0].score_digest = Digest::of(b"other");
    let why = compared(&now, then).unwrap_err().to_string();
    assert_eq!(why, "not comparable: the expectation or a check changed");
}

#[test]
fn added_and_removed_cases_are_listed_and_count_for_neither_side() {
    let then = record(&[("kept", Some(8.0), 1.0), ("gone", Some(1.0), 1.0)]);
    let now = record(&[("kept", Some(8.0), 1.0), ("added", Some(1.0), 1.0)]);
    let found = compared(&now, then).unwrap();
    close(found.baseline_score, 8.0);
    close(found.change, 0.0);
    assert_eq!(
        excluded(&found),
        [
            ("added", "not in the baseline"),
            ("gone", "no longer in the suite")
        ]
    );
}

#[test]
fn a_case_without_a_score_on_either_side_is_left_out_and_no_zero() {
    let then = record(&[
        ("a", Some(8.0), 1.0),
        ("b", None, 1.0),
        ("c", Some(8.0), 1.0),
    ]);
    let now = record(&[
        ("a", Some(7.0), 1.0),
        ("b", Some(7.0), 1.0),
        ("c", None, 1.0),
    ]);
    let found = compared(&now, then).unwrap();
    close(found.change, -1.0);
    assert_eq!(
        excluded(&found),
        [
            ("b", "no scored answer in the baseline"),
            ("c", "no scored answer in this run")
        ]
    );
}

#[test]
fn draft_cases_are_neither_paired_nor_listed() {
    let mut then = record(&[("a", Some(8.0), 1.0), ("old draft", Some(1.0), 1.0)]);
    let mut now = record(&[("a", Some(8.0), 1.0), ("new draft", Some(1.0), 1.0)]);
    then.agents[0].cases[1].draft = true;
    now.agents[0].cases[1].draft = true;
    let found = compared(&now, then).unwrap();
    assert_eq!((found.pairs, found.excluded.len()), (1, 0));
}

#[test]
fn a_record_of_other_agents_is_named() {
    let now = record(&[("a", Some(8.0), 1.0)]);
    let mut then = now.clone();
    then.agents.clear();
    assert_eq!(
        compared(&now, then).unwrap_err().to_string(),
        "the stored record does not hold qa"
    );
}

#[test]
fn an_empty_suite_is_compared_with_nothing() {
    let why = compared(&record(&[]), record(&[])).unwrap_err().to_string();
    assert_eq!(why, "the record holds no case");
}

#[test]
fn the_model_id_and_the_tool_decide_nothing_about_what_pairs() {
    let now = record(&[("a", Some(8.0), 1.0)]);
    let mut then = now.clone();
    then.agents[0].model = "ft:old".to_owned();
    then.agents[0].provider = "another".to_owned();
    then.tool.version = "9".to_owned();
    assert_eq!(compared(&now, then).unwrap().pairs, 1);
}
