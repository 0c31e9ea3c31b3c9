//! What a record comes to today: under today's rules, at today's date, for the one agent that ships.

use jiff::{SignedDuration, Timestamp};

use super::Release;
use crate::agent::AgentName;
use crate::config::Config;
use crate::record::{Accepted, Outcome, Overall, Reason, ReasonCode, RunRecord};
use crate::verdict::{self, Decision};

/// What a record comes to.
#[derive(Debug, Default)]
pub(super) struct Decided {
    /// Why it approves nothing.
    pub(super) refusals: Vec<String>,
    /// What a person should know of what it approves.
    pub(super) notes: Vec<String>,
    /// True where every bound holds, not only the measured values.
    pub(super) proven: bool,
}

/// Decides the record again, without what is no longer accepted.
pub(super) fn decide(config: &Config, record: &mut RunRecord, now: Timestamp) -> Decided {
    let mut refusals: Vec<String> = age(config, record, now).into_iter().collect();
    refusals.extend(expired(record, now));
    let decision = verdict::decide(&config.policy, record);
    let passes = decision.verdict.outcome == Outcome::Pass;
    if !passes {
        refusals.extend(blocking(&decision));
    }
    let mut notes: Vec<String> = answered_for(record).filter(|_| passes).collect();
    let is_accepted = !notes.is_empty();
    let open = if passes {
        open(record, &decision)
    } else {
        None
    };
    let proven = passes && open.is_none() && !is_accepted;
    let (required, told) = if config.release.require_proven {
        (open, None)
    } else {
        (None, open)
    };
    refusals.extend(required.map(|open| {
        format!("{open}; `release.require_proven: false` would let it ship all the same")
    }));
    notes.extend(told);
    Decided {
        refusals,
        notes,
        proven,
    }
}

/// Why a record does not pass.
fn blocking(decision: &Decision) -> Vec<String> {
    let reasons = decision.verdict.reasons.iter();
    let blocking = reasons.filter(|reason| reason.blocking);
    let told: Vec<String> = blocking.map(|reason| reason.message.clone()).collect();
    if told.is_empty() {
        return vec![format!(
            "the record's outcome is {}",
            decision.verdict.outcome
        )];
    }
    told
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
pub(super) fn narrowed(mut record: RunRecord, release: &Release) -> RunRecord {
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

pub(super) fn identity(record: &RunRecord, release: &Release) -> Vec<String> {
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
