//! The one line of a comment on how far scores agree with people.

use super::view::Style;
use crate::figures::{counted, points};
use crate::record::{AgentRecord, CalibrationRecord, Measure, RunRecord};

/// So many agents are told one by one.
const MOST_AGENTS: usize = 3;

/// `scores agree with your reviewers: 0.71 (60 answers)`, or that nothing is known; `None` where nothing was scored.
pub(super) fn line(record: &RunRecord, style: Style) -> Option<String> {
    let agents: Vec<&AgentRecord> = record.touched().filter(|agent| !agent.new).collect();
    let known = agents.iter().filter_map(|agent| {
        let calibration = agent.calibration.as_ref()?;
        Some((*agent, calibration))
    });
    let known: Vec<(&AgentRecord, &CalibrationRecord)> = known.collect();
    let current = known.iter().filter(|(_, known)| !known.outdated);
    let current: Vec<_> = current.collect();
    match (agents.as_slice(), current.as_slice()) {
        ([], _) => None,
        (_, []) if known.is_empty() => Some("not calibrated".to_owned()),
        (_, []) => Some("not calibrated since the rules of scoring changed".to_owned()),
        ([_], [(_, known)]) => Some(format!(
            "scores agree with your reviewers: {}",
            figure(known)
        )),
        (all, current) => {
            let told = current.iter().take(MOST_AGENTS);
            let mut told: Vec<String> = told
                .map(|(agent, known)| {
                    format!("{} {}", style.name(agent.name.as_str()), figure(known))
                })
                .collect();
            if current.len() > told.len() {
                told.push(format!("{} more", current.len() - told.len()));
            }
            if all.len() > current.len() {
                told.push("others not calibrated".to_owned());
            }
            Some(format!(
                "scores agree with your reviewers: {}",
                told.join(", ")
            ))
        }
    }
}

fn figure(known: &CalibrationRecord) -> String {
    match known.measure {
        Measure::RankCorrelation => {
            let value = points(known.value).replace('-', "−");
            format!("{value} ({})", counted(known.labels, "answer"))
        }
        Measure::PairAccuracy => {
            let pairs = counted(known.labels, "pair");
            format!("in {:.0} % of {pairs}", known.value * 100.0)
        }
    }
}
