//! What a part of a divided run comes to: whether everything was asked, never how good it was.

use std::collections::BTreeMap;

use super::lacking::Lacking;
use super::{Blocking, Decision, Evidence, measured, outcome, reason};
use crate::record::{AgentVerdict, Outcome, Reason, ReasonCode, RunRecord, Shard, Verdict};

/// Decides what a part comes to. Whoever joins the parts decides about the models.
pub fn of_part(shard: Shard, record: &RunRecord) -> Decision {
    let mut reasons: Vec<Reason> = measured::stopped_early(record).into_iter().collect();
    reasons.extend(nothing_scored(record));
    let outcome = match outcome(reasons.iter()) {
        Outcome::Pass => Outcome::Skipped,
        other @ (Outcome::Fail | Outcome::Inconclusive | Outcome::Skipped | Outcome::Error) => {
            other
        }
    };
    reasons.push(part(shard, record));
    let skipped = AgentVerdict {
        outcome: Outcome::Skipped,
        proven: false,
    };
    let agents: BTreeMap<_, _> = record
        .touched()
        .map(|agent| (agent.name.clone(), skipped.clone()))
        .collect();
    Decision {
        verdict: Verdict {
            outcome,
            proven: false,
            reasons,
        },
        agents,
        evidence: Evidence::default(),
    }
}

fn part(shard: Shard, record: &RunRecord) -> Reason {
    let words = shard.in_words();
    let message = if record.touched().all(|agent| agent.cases.is_empty()) {
        format!(
            "{words}: nothing to ask, there are fewer cases than parts; `tunegate merge` joins the parts and decides"
        )
    } else {
        format!("{words}: no verdict; `tunegate merge` joins the parts and decides")
    };
    reason(ReasonCode::PartOfRun, None, Blocking::No, message)
}

/// One agent without an answer is for the whole run to judge; a part without any tells of a server that is down.
fn nothing_scored(record: &RunRecord) -> Option<Reason> {
    let samples = record
        .touched()
        .flat_map(|agent| &agent.cases)
        .flat_map(|case| &case.samples);
    let lacking = Lacking::of(samples);
    if lacking.planned == 0 || lacking.missing() < lacking.planned {
        return None;
    }
    let message = lacking.all_in_words();
    Some(reason(
        ReasonCode::NothingScored,
        None,
        Blocking::Yes,
        message,
    ))
}
