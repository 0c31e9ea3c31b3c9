//! What an acceptance lets pass, and what it never does.

use super::*;
use crate::corpus::{Code, Finding, FindingCount};
use crate::record::Accepted;
use crate::verdict::acceptable;

fn accepted(agent: &AgentRecord) -> Accepted {
    Accepted {
        agent: agent.name.clone(),
        model: Some(agent.model.clone()),
        candidate_digest: Some(agent.candidate_digest.clone()),
        by: "mia".to_owned(),
        permission: "maintain".to_owned(),
        reason: "on purpose".to_owned(),
        at: "2026-11-01T00:00:00Z".to_owned(),
        until: "2026-12-01T00:00:00Z".to_owned(),
        comment: None,
        commit: None,
    }
}

/// One agent below the floor and one above it, the first accepted.
fn low_and_high(high: f64) -> RunRecord {
    let low = even("low", 5.0);
    let acceptance = accepted(&low);
    let mut record = record(vec![low, even("high", high)]);
    record.accepted = vec![acceptance];
    record
}

#[test]
fn an_accepted_agent_blocks_nothing_and_proves_nothing() {
    let record = low_and_high(9.9);
    let decision = decide(&floor(8.0), &record);
    comes_to(&decision, Outcome::Pass, &[]);
    assert!(!decision.verdict.proven);
    let low = &decision.agents[&name("low")];
    assert_eq!((low.outcome, low.proven), (Outcome::Pass, false));
    assert!(decision.agents[&name("high")].proven);
    let mut reasons = decision.verdict.reasons.iter();
    let reason = reasons.find(|reason| reason.code == ReasonCode::AgentBelowFloor);
    assert_eq!(reason.unwrap().accepted_by.as_deref(), Some("mia"));
}

#[test]
fn another_candidate_is_not_the_one_that_was_accepted() {
    let mut record = low_and_high(9.9);
    record.agents[0].candidate_digest = "sha256:other".to_owned();
    let decision = decide(&floor(8.0), &record);
    comes_to(
        &decision,
        Outcome::Fail,
        &[ReasonCode::AgentBelowFloor, ReasonCode::OverallBelowFloor],
    );
}

#[test]
fn the_mean_over_agents_is_excused_only_where_the_others_hold_it() {
    // 5.0 was accepted; with 9.0 the mean is 7.0, and without what was accepted it is 9.0.
    comes_to(&decide(&floor(8.0), &low_and_high(9.0)), Outcome::Pass, &[]);
    let decision = decide(&floor(8.0), &low_and_high(7.0));
    comes_to(
        &decision,
        Outcome::Fail,
        &[ReasonCode::AgentBelowFloor, ReasonCode::OverallBelowFloor],
    );
}

#[test]
fn what_was_not_measured_is_not_accepted() {
    let silent = agent("low", &[&[None], &[None]]);
    let acceptance = accepted(&silent);
    let mut record = record(vec![silent]);
    record.accepted = vec![acceptance];
    let decision = decide(&floor(8.0), &record);
    comes_to(&decision, Outcome::Error, &[ReasonCode::NothingScored]);
    record.verdict = decision.verdict;
    assert_eq!(acceptable(&record), []);
}

#[test]
fn a_finding_in_a_file_of_two_agents_needs_both_and_this_very_commit() {
    let (one, two) = (even("one", 9.9), even("two", 9.9));
    let acceptances = [accepted(&one), accepted(&two)];
    let mut record = record(vec![one, two]);
    record.source.commit = Some("c0ffee".to_owned());
    record.audit.counts.push(FindingCount {
        code: Code::BrokenRow,
        path: "data/all.jsonl".to_owned(),
        severity: Severity::Fail,
        new: 1,
        old: 0,
        ignored: 0,
    });
    record.audit.findings.push(Finding {
        code: Code::BrokenRow,
        path: "data/all.jsonl".to_owned(),
        line: Some(3),
        agents: vec![name("one"), name("two")],
        severity: Severity::Fail,
        message: "the row is cut".to_owned(),
        excerpt: None,
        advice: "mend it".to_owned(),
    });
    let outcome = |record: &RunRecord| decide(&floor(8.0), record).verdict.outcome;
    assert_eq!(outcome(&record), Outcome::Fail);
    record.accepted = acceptances.to_vec();
    assert_eq!(
        outcome(&record),
        Outcome::Fail,
        "both for an earlier commit"
    );
    record.accepted[0].commit = record.source.commit.clone();
    assert_eq!(outcome(&record), Outcome::Fail, "one for this commit");
    record.accepted[1].commit = record.source.commit.clone();
    assert_eq!(outcome(&record), Outcome::Pass, "both for this commit");
}
