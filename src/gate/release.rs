//! The release gate: may this exact model ship? Decides a stored record again under today's rules.

use jiff::{SignedDuration, Timestamp};

use super::GateError;
use crate::agent::AgentName;
use crate::config::Config;
use crate::record::{Accepted, Outcome, Overall, Reason, ReasonCode, RunRecord, unseal};
use crate::verdict::{self, Decision};

/// What is to be shipped; absent parts are not checked.
#[derive(Debug, Clone, Default)]
pub struct Release {
    /// The agent.
    pub agent: Option<AgentName>,
    /// The model ID.
    pub model: Option<String>,
}

/// The answer to a release pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Why it may not ship; empty where it may.
    pub refusals: Vec<String>,
    /// What a person should know all the same.
    pub notes: Vec<String>,
}

/// Whether a record approves a release under these rules. A record that cannot be relied on approves nothing.
pub fn verify(
    config: &Config,
    bytes: &[u8],
    release: &Release,
    now: Timestamp,
) -> Result<Approval, GateError> {
    let record = match unseal(bytes) {
        Ok(record) => record,
        Err(why) => {
            return Ok(Approval {
                refusals: vec![why.to_string()],
                notes: Vec::new(),
            });
        }
    };
    if let Some(part) = record.shard {
        return Ok(Approval {
            refusals: vec![format!(
                "the record is {} of a run, which has no verdict; `tunegate merge` joins the parts",
                part.in_words()
            )],
            notes: Vec::new(),
        });
    }
    let mut refusals = identity(&record, release);
    let mut record = narrowed(record, release);
    refusals.extend(age(config, &record, now));
    refusals.extend(expired(&mut record, now));
    let decision = verdict::decide(&config.policy, &record);
    if decision.verdict.outcome != Outcome::Pass {
        let reasons = decision
            .verdict
            .reasons
            .iter()
            .filter(|reason| reason.blocking);
        refusals.extend(reasons.map(|reason| reason.message.clone()));
        if decision
            .verdict
            .reasons
            .iter()
            .all(|reason| !reason.blocking)
        {
            refusals.push(format!(
                "the record's outcome is {}",
                decision.verdict.outcome
            ));
        }
    }
    let passes = decision.verdict.outcome == Outcome::Pass;
    let mut notes: Vec<String> = answered_for(&record).filter(|_| passes).collect();
    let open = if passes {
        open(&record, &decision)
    } else {
        None
    };
    let (required, told) = if config.release.require_proven {
        (open, None)
    } else {
        (None, open)
    };
    refusals.extend(required.map(|open| {
        format!("{open}; `release.require_proven: false` would let it ship all the same")
    }));
    notes.extend(told);
    Ok(Approval { refusals, notes })
}

/// Takes out the acceptances whose time is over, and says so.
fn expired(record: &mut RunRecord, now: Timestamp) -> Vec<String> {
    let now = now.to_string();
    let (kept, gone) = std::mem::take(&mut record.accepted)
        .into_iter()
        .partition::<Vec<Accepted>, _>(|accepted| accepted.holds_at(&now));
    record.accepted = kept;
    gone.iter()
        .map(|accepted| {
            format!(
                "{}: what {} accepted counts until {}",
                accepted.agent, accepted.by, accepted.until
            )
        })
        .collect()
}

/// What people let pass, in words.
fn answered_for(record: &RunRecord) -> impl Iterator<Item = String> {
    let holding = record
        .accepted
        .iter()
        .filter(|accepted| accepted.is_of(record.agent(&accepted.agent)));
    holding.map(|accepted| {
        format!(
            "{}: accepted by {} until {}: {}",
            accepted.agent, accepted.by, accepted.until, accepted.reason
        )
    })
}

/// What of a record that passes is not proven; what a person answers for needs no proof.
fn open(record: &RunRecord, decision: &Decision) -> Option<String> {
    let accepted = |agent: &AgentName| {
        let mut accepted = record.accepted.iter();
        accepted.any(|one| one.agent == *agent && one.is_of(record.agent(agent)))
    };
    let mut others = record
        .touched()
        .filter(|agent| !agent.new && !accepted(&agent.name));
    let proven = |name| decision.agents.get(name).is_some_and(|own| own.proven);
    let overall = decision.verdict.reasons.iter();
    let overall = overall.filter(|reason| reason.code == ReasonCode::OverallNotProven);
    let settled = others.all(|agent| proven(&agent.name)) && overall.count() == 0;
    if decision.verdict.proven || (!record.accepted.is_empty() && settled) {
        return None;
    }
    let reasons = decision.verdict.reasons.iter();
    let reasons = reasons.filter(|reason| !reason.agent.as_ref().is_some_and(accepted));
    Some(unproven(reasons))
}

/// What of a record that passes is not proven.
fn unproven<'r>(reasons: impl Iterator<Item = &'r Reason>) -> String {
    let open = reasons.filter(|reason| {
        matches!(
            reason.code,
            ReasonCode::FloorNotProven
                | ReasonCode::ChangeNotProven
                | ReasonCode::OverallNotProven
                | ReasonCode::NotCompared
                | ReasonCode::TooFewCases
        )
    });
    let open: Vec<&str> = open.map(|reason| reason.message.as_str()).collect();
    if open.is_empty() {
        "not proven: it has no floor and was held against nothing".to_owned()
    } else {
        format!("not proven: {}", open.join("; "))
    }
}

/// What concerns the agent that ships: that another agent of the run failed is no reason against it. Nor is it excused
/// that a pull request found the model as it is: what is below its floor does not ship.
fn narrowed(mut record: RunRecord, release: &Release) -> RunRecord {
    for agent in &mut record.agents {
        agent.unchanged = false;
    }
    let Some(name) = &release.agent else {
        return record;
    };
    let mut narrowed = record.baseline_of(name);
    // The mean over agents is nothing that one agent promises.
    narrowed.overall = Overall::default();
    narrowed
}

fn identity(record: &RunRecord, release: &Release) -> Vec<String> {
    let mut refusals = Vec::new();
    let mut matching = record.touched().filter(|agent| {
        release
            .agent
            .as_ref()
            .is_none_or(|name| agent.name == *name)
    });
    match (&release.agent, matching.next()) {
        (Some(name), None) => refusals.push(format!("the record holds no measurement of {name}")),
        (None, None) => refusals.push("the record holds no measurement".to_owned()),
        (_, Some(agent)) => {
            if let Some(model) = release
                .model
                .as_ref()
                .filter(|model| agent.model != **model)
            {
                refusals.push(format!(
                    "the record is of `{}`, not of `{model}`",
                    agent.model
                ));
            }
        }
    }
    refusals
}

/// A record is as old as its oldest answer: one that was taken from an earlier record does not become younger by that.
fn age(config: &Config, record: &RunRecord, now: Timestamp) -> Option<String> {
    let mut dates = vec![(&record.created, "the record")];
    let reused = record.touched().filter_map(|agent| agent.measured.as_ref());
    dates.extend(reused.map(|given| (given, "the oldest answer of the record")));
    let mut times = Vec::new();
    for (date, what) in dates {
        match date.parse::<Timestamp>() {
            Ok(time) => times.push((time, what)),
            Err(_) => return Some(format!("the record's date `{date}` cannot be read")),
        }
    }
    let (oldest, what) = times.into_iter().min_by_key(|(time, _)| *time)?;
    let age = now.duration_since(oldest);
    let most = SignedDuration::try_from(config.release.max_age).unwrap_or(SignedDuration::MAX);
    if age > most {
        return Some(format!(
            "{what} is {} days old; {} are allowed",
            age.as_hours() / 24,
            most.as_hours() / 24
        ));
    }
    // A clock that is a little behind is no fraud; a record from tomorrow is.
    (age < SignedDuration::from_hours(-1))
        .then(|| format!("the record is from the future: {}", record.created))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config;
    use crate::score::Digest;

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
            "schema": "tunegate.run/1", "tool": {"version": "0"}, "created": "2026-10-30T12:00:00Z", "gate_id": "g",
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

    fn refusals(record: &[u8]) -> Vec<String> {
        let config = config::read("tunegate.yaml", CONFIG.as_bytes()).unwrap();
        let release = Release {
            agent: AgentName::new("qa"),
            model: Some("m".to_owned()),
        };
        let now = "2026-11-02T12:00:00Z".parse().unwrap();
        verify(&config, record, &release, now).unwrap().refusals
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
}
