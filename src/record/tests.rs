//! Numbers by hand, and a seal that notices every change.

use std::io::{self, Cursor};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{AgentRecord, CaseRecord, RunRecord, SealError, overall, unseal, write};
use crate::agent::AgentName;
use crate::score::{Digest, Dimension};

fn sample(score: Option<f64>, latency: u64) -> Value {
    let dimensions = score.map_or(
        json!({}),
        |score| json!({"quality": score, "format": score / 2.0}),
    );
    json!({
        "index": 0, "look": 1, "status": if score.is_some() { "scored" } else { "unanswered" }, "why": null, "answer": "an answer",
        "answer_sha256": null, "score": score, "dimensions": dimensions, "lost": [], "checks": [], "judge": null,
        "finish_reason": "stop", "latency_ms": score.map(|_| latency), "attempts": 1,
        "usage": score.map(|_| json!({"prompt_tokens": 11, "completion_tokens": 30})), "cached": false,
    })
}

fn case(id: &str, weight: f64, samples: &[Value]) -> Value {
    json!({
        "id": id, "ask_digest": Digest::of(b"ask"), "score_digest": Digest::of(b"score"), "messages": [{"role": "user", "content": "Grüße 🙂"}], "expectation": {},
        "tags": ["x"], "weight": weight, "score": null, "dimensions": {}, "samples": samples,
    })
}

fn agent(name: &str, cases: &[Value]) -> Value {
    json!({
        "name": name, "model": "ft:a", "served_model": null, "provider": "p", "parameters": {"temperature": 0.2}, "candidate_digest": "",
        "touched": true, "score": null, "interval": null, "interval_level": null, "dimensions": {},
        "verdict": {"outcome": "pass", "proven": false}, "floor": 8.0, "suite_digest": "",
        "data": {"digest": null, "files": [], "trained_on": null}, "scorer": {"profile": "standard", "version": 1},
        "judge": null, "looks": [], "comparison": null, "comparisons": [],
        "counts": {"planned": 0, "cases": 0, "samples": 0, "scored": 0, "unanswered": 0, "unscored": 0, "retries": 3, "cached": 0, "reused": 0},
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": null}, "latency_ms": {"p50": null, "p95": null},
        "cases": cases,
    })
}

fn record(agents: &[Value]) -> RunRecord {
    serde_json::from_value(json!({
        "schema": "tunegate.run/1", "tool": {"version": "0"}, "created": "2026-10-30T12:00:00Z", "gate_id": "g",
        "run": {"id": "1", "attempt": 1, "url": null, "actor": null, "workflow_ref": null, "started": "", "finished": ""},
        "source": {"commit": null, "base": null, "merge_base": null, "branch": null, "head_repo": null, "event": "push", "pull_request": null},
        "policy": {"floor": 8.0}, "policy_digest": "", "prices": {}, "plan_digest": "", "shard": null, "derived_from": null, "accepted": [],
        "verdict": {"outcome": "pass", "proven": false, "reasons": []},
        "overall": {"score": 7.123_456_789, "interval": null, "baseline": null, "change": null, "dimensions": {}},
        "agents": agents, "audit": {"files": [], "findings": []}, "changes": {"agents": [], "rules": []},
    }))
    .unwrap()
}

fn sealed(record: &mut RunRecord) -> String {
    String::from_utf8(record.seal().unwrap()).unwrap()
}

fn small() -> RunRecord {
    let samples = [sample(Some(8.25), 812), sample(None, 0)];
    record(&[agent("qa", &[case("a", 1.0, &samples)])])
}

#[track_caller]
fn close(left: Option<f64>, right: f64) {
    let left = left.unwrap();
    assert!((left - right).abs() < 1e-12, "{left} is not {right}");
}

fn tallied(cases: &[Value]) -> AgentRecord {
    let mut agent: AgentRecord = serde_json::from_value(agent("qa", cases)).unwrap();
    agent.tally();
    agent
}

#[test]
fn the_numbers_of_an_agent_by_hand() {
    let agent = tallied(&[
        case("a", 1.0, &[sample(Some(8.0), 100), sample(Some(6.0), 300)]),
        case("b", 3.0, &[sample(Some(4.0), 200), sample(None, 0)]),
        case("c", 5.0, &[sample(None, 0)]),
    ]);
    close(agent.cases[0].score, 7.0);
    close(agent.cases[1].score, 4.0);
    assert_eq!(agent.cases[2].score, None, "no answer is no zero");
    // (1·7 + 3·4) / 4, and half of it in the other dimension.
    close(agent.score, 4.75);
    close(agent.dimensions.get(&Dimension::QUALITY).copied(), 4.75);
    close(agent.dimensions.get(&Dimension::FORMAT).copied(), 2.375);
    let counts = agent.counts;
    assert_eq!((counts.planned, counts.cases, counts.samples), (3, 2, 5));
    assert_eq!(
        (counts.scored, counts.unanswered, counts.unscored),
        (3, 2, 0)
    );
    assert_eq!(counts.retries, 3, "known to whoever asked");
    assert_eq!(
        (agent.usage.prompt_tokens, agent.usage.completion_tokens),
        (33, 90)
    );
    assert_eq!(
        (agent.latency_ms.p50, agent.latency_ms.p95),
        (Some(200), Some(300))
    );
}

#[test]
fn a_stored_answer_counts_for_the_score_and_not_for_what_the_run_took() {
    let mut stored = sample(Some(6.0), 900);
    stored["reused"] = json!(true);
    stored["cached"] = json!(true);
    let agent = tallied(&[
        case("a", 1.0, &[sample(Some(8.0), 100)]),
        case("b", 1.0, &[stored]),
    ]);
    close(agent.score, 7.0);
    let counts = agent.counts;
    assert_eq!((counts.scored, counts.reused, counts.cached), (2, 1, 0));
    assert_eq!(agent.usage.prompt_tokens, 11);
    assert_eq!(agent.latency_ms.p95, Some(100));
    assert!(!agent.is_reused() && !agent.cases[0].is_reused() && agent.cases[1].is_reused());
}

#[test]
fn without_a_single_answer_there_is_no_number_at_all() {
    let agent = tallied(&[case("a", 1.0, &[sample(None, 0)])]);
    assert_eq!((agent.score, agent.dimensions.len()), (None, 0));
    assert_eq!((agent.latency_ms.p50, agent.latency_ms.p95), (None, None));
    let all = overall(&[agent]);
    assert_eq!((all.score, all.baseline, all.change), (None, None, None));
}

#[test]
fn an_answer_that_cannot_be_scored_is_counted_and_is_no_zero() {
    let mut unscored = sample(None, 0);
    unscored["status"] = json!("unscored");
    let agent = tallied(&[case("a", 1.0, &[sample(Some(9.0), 1), unscored])]);
    close(agent.score, 9.0);
    assert_eq!(
        (
            agent.counts.scored,
            agent.counts.unscored,
            agent.counts.unanswered
        ),
        (1, 1, 0)
    );
}

#[test]
fn the_mean_over_agents_counts_each_agent_once_and_those_without_a_score_not() {
    let many = tallied(&[
        case("a", 1.0, &[sample(Some(9.0), 1)]),
        case("b", 1.0, &[sample(Some(9.0), 1)]),
        case("c", 1.0, &[sample(Some(9.0), 1)]),
    ]);
    let one = tallied(&[case("a", 1.0, &[sample(Some(6.0), 1)])]);
    let none = tallied(&[case("a", 1.0, &[sample(None, 0)])]);
    let asked = overall(&[many.clone(), one.clone(), none.clone()]);
    assert_eq!(
        asked.score, None,
        "what is stored of others says nothing about a run without answers"
    );
    let none = AgentRecord {
        touched: false,
        ..none
    };
    let all = overall(&[many.clone(), one.clone(), none]);
    close(all.score, 7.5);
    close(all.dimensions.get(&Dimension::QUALITY).copied(), 7.5);
    assert_eq!(
        all.baseline, None,
        "touched agents without a comparison have no stored score"
    );
    let carried = |agent: AgentRecord| AgentRecord {
        touched: false,
        ..agent
    };
    let all = overall(&[carried(many), carried(one)]);
    close(all.baseline, 7.5);
    close(all.change, 0.0);
}

#[test]
fn what_was_sealed_is_what_is_read() {
    let mut record = small();
    let text = sealed(&mut record);
    assert_eq!(unseal(text.as_bytes()).unwrap(), record);
    assert_eq!(text, sealed(&mut record), "sealing again changes nothing");
    let compact = serde_json::to_vec(&record).unwrap();
    assert_eq!(
        unseal(&compact).unwrap(),
        record,
        "white space is no content"
    );
}

fn many(count: usize) -> RunRecord {
    let cases: Vec<Value> = (0..count)
        .map(|id| case(&format!("case-{id}"), 1.0, &[sample(Some(8.25), 812)]))
        .collect();
    record(&[agent("qa", &cases)])
}

#[test]
fn however_many_cases_there_are_they_are_written_in_their_order_as_any_tool_would() {
    for count in [1, 63, 64, 65, 700] {
        let mut record = many(count);
        let text = sealed(&mut record);
        assert_eq!(unseal(text.as_bytes()).unwrap(), record, "{count}");
        let expected = serde_json_canonicalizer::to_string(&record).unwrap();
        assert_eq!(text.replace('\n', ""), expected, "{count}");
    }
}

#[test]
fn a_case_whose_words_cannot_be_read_ends_the_writing_wherever_it_stands() {
    for broken in [0, 63, 64, 300, 699] {
        let mut text = Cursor::new(Vec::new());
        let mut complete = |_: &AgentName, place: usize, case: &CaseRecord| {
            if place == broken {
                Err(SealError::Io(io::Error::other("the disk is gone")))
            } else {
                case.written()
            }
        };
        let ended = write(&mut many(700), &mut complete, &mut text);
        assert!(
            matches!(ended, Err(SealError::Io(_))),
            "{broken}: {ended:?}"
        );
    }
}

#[test]
fn a_field_of_a_later_version_is_read_over_and_is_under_the_seal() {
    let mut value = serde_json::to_value(small()).unwrap();
    value["later"] = json!({"kept": 1});
    value.as_object_mut().unwrap().remove("record_digest");
    let digest = crate::score::digest(&value).unwrap();
    value["record_digest"] = json!(digest);
    assert!(unseal(value.to_string().as_bytes()).is_ok());
    value["later"]["kept"] = json!(2);
    assert!(matches!(
        unseal(value.to_string().as_bytes()),
        Err(SealError::Tampered)
    ));
}

#[test]
fn another_schema_is_named_and_refused() {
    let mut record = small();
    record.schema = "tunegate.run/2".to_owned();
    let text = sealed(&mut record);
    assert_eq!(
        unseal(text.as_bytes()).unwrap_err().to_string(),
        "the record's schema is `tunegate.run/2`; this version reads `tunegate.run/1`"
    );
    assert!(matches!(unseal(b"{}"), Err(SealError::Schema { .. })));
    assert!(matches!(unseal(b"[1, 2]"), Err(SealError::Schema { .. })));
    for bytes in [&b""[..], b"{", b"\xff\xfe", b"null x"] {
        assert!(
            matches!(unseal(bytes), Err(SealError::Shape(_))),
            "{bytes:?}"
        );
    }
}

#[test]
fn a_record_without_a_seal_is_not_relied_on() {
    let text = serde_json::to_string(&small()).unwrap();
    assert!(matches!(unseal(text.as_bytes()), Err(SealError::Tampered)));
}

#[test]
fn a_key_that_stands_twice_cannot_carry_a_second_truth() {
    let text = sealed(&mut small());
    let forged = text.replacen("\"score\":8.25", "\"score\":8.25, \"score\": 9.25", 1);
    assert_ne!(forged, text);
    assert!(unseal(forged.as_bytes()).is_err());
    let same = text.replacen(
        "\"gate_id\":\"g\"",
        "\"gate_id\": \"x\", \"gate_id\": \"g\"",
        1,
    );
    if let Ok(read) = unseal(same.as_bytes()) {
        assert_eq!(read.gate_id, "g", "what is read is what is under the seal");
    }
}

#[test]
fn a_baseline_holds_one_agent_and_no_answers() {
    let cases = [case("a", 1.0, &[sample(Some(8.0), 1)])];
    let stored = record(&[agent("qa", &cases), agent("legal", &cases)])
        .baseline_of(&AgentName::new("qa").unwrap());
    assert_eq!(stored.agents.len(), 1);
    assert_eq!(stored.agents[0].name.as_str(), "qa");
    let text = serde_json::to_string(&stored).unwrap();
    assert!(!text.contains("an answer"), "{text}");
    assert!(text.contains("8.0"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_changed_byte_of_the_content_goes_unnoticed(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut record = small();
        let sealed = sealed(&mut record);
        let mut bytes = sealed.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        if let Ok(read) = unseal(&bytes) {
            // White space, `8.0` for `8.00`: other bytes, the same content.
            prop_assert_eq!(read, record);
        }
    }

    #[test]
    fn no_changed_digit_goes_unnoticed(at in any::<prop::sample::Index>(), by in 1_u8..10) {
        let sealed = sealed(&mut small());
        let digits: Vec<usize> = sealed.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
        let mut bytes = sealed.into_bytes();
        let at = digits[at.index(digits.len())];
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let read = unseal(&bytes);
        prop_assert!(read.is_err(), "{}", String::from_utf8_lossy(&bytes));
    }
}
