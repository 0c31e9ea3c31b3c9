//! Where the cases of one agent go while its answers are scored again, and by what they are scored.

use std::collections::BTreeMap;

use super::scorer::Scorer;
use crate::gate::ledger::Ticket;
use crate::gate::suite_digest::SuiteDigest;
use crate::gate::{GateError, Ledger};
use crate::record::{AgentGrades, AgentRecord, CaseRecord, Settled};
use crate::score::Dimension;

/// Where the cases of one agent go, and by what they are scored.
pub(super) struct Moves<'g> {
    scorer: Option<Scorer>,
    grades: Option<&'g AgentGrades>,
    weights: BTreeMap<Dimension, f64>,
    /// By the place in the file: the place among the cases that stay.
    to: Vec<Option<usize>>,
}

impl<'g> Moves<'g> {
    /// Takes the samples out of an agent, and the cases that today's suite does not have.
    pub(super) fn of(
        agent: &mut AgentRecord,
        scorer: Option<Scorer>,
        grades: Option<&'g AgentGrades>,
    ) -> Self {
        let weights = scorer.as_ref().map(Scorer::weights);
        let weights = weights.unwrap_or_else(|| agent.scorer.weights.clone());
        let stays = |case: &CaseRecord| scorer.as_ref().is_none_or(|one| one.has(&case.id));
        let mut next = 0..;
        let places = agent.cases.iter();
        let to = places.map(|case| stays(case).then(|| next.next()).flatten());
        let to = to.collect();
        agent.cases.retain(stays);
        for case in &mut agent.cases {
            case.samples = Vec::new();
        }
        agent.counts.retries = 0;
        Self {
            scorer,
            grades,
            weights,
            to,
        }
    }

    pub(super) fn pour(
        &mut self,
        (agent, place): (usize, usize),
        case: &mut CaseRecord,
        ledger: &mut Ledger<'_>,
    ) -> Result<(), GateError> {
        let Some(place) = self.to.get(place).copied().flatten() else {
            return Ok(());
        };
        if let Some(scorer) = &mut self.scorer {
            scorer.again(case)?;
        }
        if let Some(grades) = self.grades {
            case.score_digest = grades.score_digest(case.score_digest)?;
            for sample in &mut case.samples {
                grades.apply(&case.id, sample, &self.weights);
            }
        }
        if let Some(text) = &case.text {
            ledger.spool(agent, place, text)?;
        }
        let Some(known) = ledger.record.agents.get_mut(agent) else {
            return Ok(());
        };
        let (served_model, fingerprint) = (&known.served_model, &known.system_fingerprint);
        let (served_model, fingerprint) = (served_model.clone(), fingerprint.clone());
        let name = known.name.clone();
        if let Some(kept) = known.cases.get_mut(place) {
            kept.score_digest = case.score_digest;
            kept.weight = case.weight;
            kept.cluster.clone_from(&case.cluster);
            kept.draft = case.draft;
        }
        for sample in std::mem::take(&mut case.samples) {
            let ticket = Ticket {
                agent,
                case: place,
                sample: sample.index,
                look: sample.look,
            };
            let settled = Settled {
                agent: name.clone(),
                case: case.id.clone(),
                served_model: served_model.clone(),
                system_fingerprint: fingerprint.clone(),
                spent: ledger.spent(),
                sample,
            };
            ledger.settle(ticket, settled)?;
        }
        Ok(())
    }

    /// The numbers of an agent whose samples are all there.
    pub(super) fn sign(self, agent: &mut AgentRecord) -> Result<(), GateError> {
        if agent.cases.is_empty() {
            return Ok(());
        }
        let anew = self.scorer.is_some() || self.grades.is_some();
        if let Some(scorer) = self.scorer {
            scorer.sign(agent);
        }
        agent.scorer.grader = self.grades.map(|own| own.grader.clone());
        retally(agent);
        if !anew {
            return Ok(());
        }
        agent.looks.clear();
        let mut suite = SuiteDigest::default();
        for case in &agent.cases {
            suite.add(case)?;
        }
        agent.suite_digest = suite.finish().to_string();
        Ok(())
    }
}

/// What the answers cost is what they did cost.
fn retally(agent: &mut AgentRecord) {
    let cost = agent.usage.cost;
    agent.tally();
    agent.usage.cost = cost;
}
