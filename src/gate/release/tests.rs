//! What makes a record approve a release, and what does not.

use serde_json::{Value, json};

use super::*;
use crate::config::{self, Config};
use crate::record::Outcome;
use crate::score::Digest;
use crate::verdict;

const CONFIG: &str = "\
version: 1
providers: {p: {kind: openai, base_url: 'http://localhost/v1'}}
agents: {qa: {model: {id: m}, suite: s.yaml}}
gate: {floor: 8.0}
";

/// A record of one agent that scores this in each of ten cases, with some of its fields set.
fn record(score: f64, edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let case = |id: usize| {
        json!({
            "id": format!("case-{id}"), "ask_digest": Digest::of(b"ask"), "score_digest": Digest::of(b"score"),
            "messages": [], "expectation": {}, "tags": [], "weight": 1.0, "score": score, "dimensions": {},
            "samples": [{"index": 0, "look": 1, "status": "scored", "why": null, "answer": null, "answer_sha256": null,
                "score": score, "dimensions": {}, "lost": [], "checks": [], "judge": null, "finish_reason": "stop",
                "latency_ms": 1, "attempts": 1, "usage": null, "cached": false}],
        })
    };
    let mut agent = json!({
        "name": "qa", "model": "m", "served_model": null, "provider": "p", "parameters": {}, "candidate_digest": "",
        "touched": true, "score": score, "interval": null, "interval_level": null, "dimensions": {},
        "verdict": {"outcome": "pass", "proven": false}, "floor": 8.0, "suite_digest": "",
        "data": {"digest": null, "files": [], "trained_on": null}, "scorer": {"profile": "standard", "version": 1},
        "judge": null, "looks": [], "comparison": null, "comparisons": [],
        "counts": {"planned": 10, "cases": 10, "samples": 10, "scored": 10, "unanswered": 0, "unscored": 0, "retries": 0, "cached": 0, "reused": 0},
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": null}, "latency_ms": {"p50": null, "p95": null},
        "cases": (0..10).map(case).collect::<Vec<_>>(),
    });
    edit(&mut agent);
    let mut record: RunRecord = serde_json::from_value(json!({
        "schema": "tunegate.run/1", "tool": {"version": "0"}, "created": "2026-10-30T12:00:00Z", "gate_id": "model-quality",
        "run": {"id": "1", "attempt": 1, "url": null, "actor": null, "workflow_ref": null, "started": "", "finished": ""},
        "source": {"commit": null, "base": null, "merge_base": null, "branch": null, "head_repo": null, "event": "push", "pull_request": null},
        "policy": {}, "policy_digest": "", "prices": {}, "plan_digest": "", "shard": null, "derived_from": null, "accepted": [],
        "verdict": {"outcome": "pass", "proven": false, "reasons": []},
        "overall": {"score": score, "interval": null, "baseline": null, "change": null, "dimensions": {}},
        "agents": [agent], "audit": {"files": [], "findings": []}, "changes": {"agents": [], "rules": []},
    }))
    .unwrap();
    record.seal().unwrap()
}

/// A side of which nothing but the rules was read.
fn side(config: Config) -> Side {
    Side {
        config,
        stands: Vec::new(),
        suites: std::collections::BTreeMap::new(),
        calibration: None,
    }
}

fn refusals(record: &[u8]) -> Vec<String> {
    let config = config::read("tunegate.yaml", CONFIG.as_bytes()).unwrap();
    let release = Release {
        agent: AgentName::new("qa"),
        model: Some("m".to_owned()),
        ..Release::default()
    };
    let now = "2026-11-02T12:00:00Z".parse().unwrap();
    verify(&side(config), record, &release, now)
        .unwrap()
        .refusals
}

#[test]
fn a_model_below_its_floor_does_not_ship_though_a_pull_request_left_it_as_it_was() {
    let unchanged = |agent: &mut Value| agent["unchanged"] = json!(true);
    let bytes = record(7.0, unchanged);
    // The pull request that left it so may merge.
    let config = config::read("tunegate.yaml", CONFIG.as_bytes()).unwrap();
    let merged = verdict::decide(&config.policy, &unseal(&bytes).unwrap());
    assert_eq!(merged.verdict.outcome, Outcome::Pass);
    assert_eq!(refusals(&bytes), ["qa: below its floor: 7.00, floor 8.00"]);
}

#[test]
fn what_somebody_accepted_ships_until_it_ends() {
    let accepted = |until: &str, candidate: &str| {
        let mut record = unseal(&record(7.0, |_| {})).unwrap();
        record.accepted = serde_json::from_value(json!([{
            "agent": "qa", "model": "m", "candidate_digest": candidate, "by": "mia", "permission": "maintain",
            "reason": "cheaper", "at": "2026-10-30T12:00:00Z", "until": until,
        }]))
        .unwrap();
        record.seal().unwrap()
    };
    let none: [String; 0] = [];
    assert_eq!(refusals(&accepted("2026-11-29T12:00:00Z", "")), none);
    let below = "qa: below its floor: 7.00, floor 8.00";
    let ended = "qa: what mia accepted counts until 2026-11-01T12:00:00Z";
    assert_eq!(
        refusals(&accepted("2026-11-01T12:00:00Z", "")),
        [ended, below]
    );
    assert_eq!(
        refusals(&accepted("2026-11-29T12:00:00Z", "sha256:other")),
        [below]
    );
}

#[test]
fn a_record_of_old_answers_is_as_old_as_they_are() {
    let none: [String; 0] = [];
    assert_eq!(refusals(&record(9.0, |_| {})), none);
    let younger = |agent: &mut Value| agent["measured"] = json!("2026-10-20T12:00:00Z");
    assert_eq!(refusals(&record(9.0, younger)), none);
    let older = |agent: &mut Value| agent["measured"] = json!("2026-09-23T12:00:00Z");
    assert_eq!(
        refusals(&record(9.0, older)),
        ["the oldest answer of the record is 40 days old; 30 are allowed"]
    );
    let odd = |agent: &mut Value| agent["measured"] = json!("long ago");
    assert_eq!(
        refusals(&record(9.0, odd)),
        ["the record's date `long ago` cannot be read"]
    );
}
