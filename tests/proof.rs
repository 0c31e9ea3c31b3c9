//! What is called proven, on the fifty rows that the predecessor of this tool published: it passed them all and said
//! "approved for production".

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tunegate::record::{Outcome, RunRecord, overall};
use tunegate::report::{Answers, Context, RunLine, comment, summary};
use tunegate::score::Digest;
use tunegate::verdict::decide;

const SEED: &str = include_str!("data/seed-scores.csv");

fn case(id: &str, points: &[f64]) -> Value {
    let names = ["quality", "relevance", "format", "specificity"];
    let dimensions: BTreeMap<&str, f64> = names.into_iter().zip(points.iter().copied()).collect();
    let score = points.iter().sum::<f64>() / 4.0;
    json!({
        "id": id, "ask_digest": Digest::of(id.as_bytes()), "score_digest": Digest::of(b"seed"), "messages": [], "expectation": {},
        "tags": [], "weight": 1.0, "score": score, "dimensions": dimensions,
        "samples": [{"index": 0, "look": 1, "status": "scored", "why": null, "answer": null, "answer_sha256": Digest::of(id.as_bytes()),
            "score": score, "dimensions": dimensions, "lost": [], "checks": [], "judge": null, "finish_reason": "stop",
            "latency_ms": 1, "attempts": 1, "usage": null, "cached": false}],
    })
}

/// The published rows as the record of a run under a floor of 8.0.
fn published() -> RunRecord {
    let mut agents: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for row in SEED.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let points: Vec<f64> = cells[2..6]
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect();
        let cases = agents.entry(cells[0]).or_default();
        cases.push(case(&format!("{:0>2}", cells[1]), &points));
    }
    let agents: Vec<Value> = agents
        .into_iter()
        .map(|(name, cases)| {
            json!({
                "name": name, "model": "ft:m", "served_model": null, "provider": "p", "parameters": {}, "candidate_digest": "",
                "touched": true, "score": null, "interval": null, "interval_level": null, "dimensions": {},
                "verdict": {"outcome": "pass", "proven": false}, "floor": 8.0, "suite_digest": "",
                "data": {"digest": null, "files": [], "trained_on": null}, "scorer": {"profile": "seed-rules", "version": 1},
                "judge": null, "looks": [], "comparison": null, "comparisons": [],
                "counts": {"planned": 0, "cases": 0, "samples": 0, "scored": 0, "unanswered": 0, "unscored": 0, "retries": 0, "cached": 0, "reused": 0},
                "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": null}, "latency_ms": {"p50": null, "p95": null}, "cases": cases,
            })
        })
        .collect();
    let mut record: RunRecord = serde_json::from_value(json!({
        "schema": "tunegate.run/1", "tool": {"version": "0"}, "created": "2025-11-01T12:00:00Z", "gate_id": "g",
        "run": {"id": "1", "attempt": 1, "url": null, "actor": null, "workflow_ref": null, "started": "", "finished": ""},
        "source": {"commit": null, "base": null, "merge_base": null, "branch": null, "head_repo": null, "event": "local", "pull_request": null},
        "policy": {"floor": 8.0}, "policy_digest": "", "prices": {}, "plan_digest": "", "shard": null, "derived_from": null, "accepted": [],
        "verdict": {"outcome": "pass", "proven": false, "reasons": []},
        "overall": {"score": null, "interval": null, "baseline": null, "change": null, "dimensions": {}},
        "agents": agents, "audit": {"files": [], "findings": []}, "changes": {"agents": [], "rules": []},
    }))
    .unwrap();
    judge(&mut record);
    record
}

/// From scores to words: everything a run does after its answers.
fn judge(record: &mut RunRecord) {
    for agent in &mut record.agents {
        agent.tally();
    }
    record.overall = overall(&record.agents);
    decide(&record.policy, record).note(record);
}

fn context() -> Context {
    Context {
        answers: Answers::Hidden,
        run: RunLine {
            gate_id: "g".into(),
            run_id: "1".into(),
            attempt: 1,
            head: "4f2c1ab".into(),
            url: None,
        },
        old_answers: BTreeMap::new(),
        accepting: None,
        banners: Vec::new(),
    }
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 5e-4, "{found} is not {expected}");
}

#[test]
fn the_published_rows_pass_and_four_of_five_agents_are_not_proven() {
    let record = published();
    close(record.overall.score.unwrap(), 8.155);
    let [lower, upper] = record.overall.interval.unwrap();
    close(lower, 7.992);
    close(upper, 8.318);
    assert_eq!(record.verdict.outcome, Outcome::Pass);
    assert!(!record.verdict.proven);
    let proven: Vec<(&str, bool)> = record
        .agents
        .iter()
        .map(|agent| (agent.name.as_str(), agent.verdict.proven))
        .collect();
    assert_eq!(
        proven,
        [
            ("analyst_agent", false),
            ("content_agent", false),
            ("legal_agent", false),
            ("qa_agent", false),
            ("support_agent", true),
        ]
    );
}

#[test]
fn the_words_say_so_too() {
    let record = published();
    for text in [
        comment(&record, &context()).unwrap(),
        summary(&record, &context()).unwrap(),
    ] {
        for words in [
            "PASS (not proven)",
            "analyst_agent: 8.00, floor 8.00: met, not proven: plausible 7.46 to 8.47; this many prompts can only show gaps of about 0.74 or more",
            "qa_agent: 8.03, floor 8.00: met, not proven: plausible 7.60 to 8.51",
            "the mean over these agents is 8.16, floor 8.00: met, not proven: plausible 7.99 to 8.32",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
        }
        assert!(!text.contains("support_agent: 8.50"), "{text}");
    }
}

/// The next order of a list, the same on every machine.
fn shuffle<T>(list: &mut [T], seed: &mut u64) {
    for place in (1..list.len()).rev() {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(*seed >> 33).unwrap() % (place + 1);
        list.swap(place, other);
    }
}

#[test]
fn the_order_of_cases_changes_no_byte_of_what_is_decided() {
    let concluded = |record: &RunRecord| {
        let agents: Vec<Value> = record
            .agents
            .iter()
            .map(|agent| {
                let compared = agent.comparison.as_ref();
                json!([
                    agent.name,
                    agent.score,
                    agent.interval,
                    agent.dimensions,
                    agent.verdict,
                    compared.map(|held| json!([
                        held.change,
                        held.interval,
                        held.p_value,
                        held.p_adjusted,
                        held.detectable_drop
                    ])),
                ])
            })
            .collect();
        json!([record.verdict, record.overall, agents]).to_string()
    };
    let mut record = compared();
    let first = concluded(&record);
    assert!(first.contains("not proven"), "{first}");
    let mut seed = 1;
    for _ in 0..1_000 {
        for agent in &mut record.agents {
            shuffle(&mut agent.cases, &mut seed);
            if let Some(held) = &mut agent.comparison {
                shuffle(&mut held.cases, &mut seed);
            }
        }
        judge(&mut record);
        assert_eq!(concluded(&record), first);
    }
}

/// The published rows held against a baseline that was a little better, here and there.
fn compared() -> RunRecord {
    let mut record = published();
    for (place, agent) in record.agents.iter_mut().enumerate() {
        let mut before = agent.clone();
        for (case, old) in before.cases.iter_mut().enumerate() {
            for sample in &mut old.samples {
                let nudge = [0.25, 0.0, -0.1, 1.3, 0.7][(case + place) % 5];
                sample.score = sample.score.map(|score| score + nudge);
            }
        }
        before.tally();
        let other = tunegate::baseline::Other {
            against: tunegate::record::Against::Baseline,
            agent: &before,
            commit: Some("0123456789abcdef"),
            created: "2025-10-01T12:00:00Z",
            rescored: None,
        };
        let held = tunegate::baseline::compare(agent, &other, "2025-11-01T12:00:00Z");
        agent.comparison = Some(held.unwrap());
    }
    judge(&mut record);
    record
}
