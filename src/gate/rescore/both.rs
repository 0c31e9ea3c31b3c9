//! Two records that were scored by different rules, each with its answers: both are scored by the rules of today, so that
//! like is held against like.

use std::collections::HashMap;

use super::{Question, Questions, Scorers, questions};
use crate::gate::scoring::can_score_again;
use crate::gate::{GateError, PlannedAgent, measure};
use crate::record::{AgentRecord, CaseRecord, Rescored, RunRecord, ScorePart};
use crate::suite::CaseId;

/// Whether the same was asked in both and scored otherwise.
pub fn differ(now: &RunRecord, then: &RunRecord) -> bool {
    let mut agents = now.agents.iter();
    agents.any(|now| {
        let then = then.agent(&now.name);
        then.is_some_and(|then| agents_differ(now, then))
    })
}

fn agents_differ(now: &AgentRecord, then: &AgentRecord) -> bool {
    let then: HashMap<&CaseId, &CaseRecord> = by_id(then);
    now.cases.iter().any(|now| {
        let then = then.get(&now.id);
        then.is_some_and(|then| {
            now.ask_digest == then.ask_digest && now.score_digest != then.score_digest
        })
    })
}

fn by_id(agent: &AgentRecord) -> HashMap<&CaseId, &CaseRecord> {
    agent.cases.iter().map(|case| (&case.id, case)).collect()
}

/// Scores the answers of both records again, of agents whose scoring differs and in cases of which both sides kept all
/// answers; says what came of it.
pub fn both(
    now: &mut RunRecord,
    then: &mut RunRecord,
    scorers: &Scorers,
) -> Result<Vec<String>, GateError> {
    let mut told = Vec::new();
    for now in &mut now.agents {
        let mut others = then.agents.iter_mut();
        let Some(then) = others.find(|then| then.name == now.name) else {
            continue;
        };
        // What an own grader would say of the other answers is not known here.
        let graded = now.scorer.grader.is_some() || then.scorer.grader.is_some();
        if graded || !agents_differ(now, then) {
            continue;
        }
        let (Some(one), Some(other)) = (Side::of(scorers, now)?, Side::of(scorers, then)?) else {
            continue;
        };
        let known = by_id(then);
        let cases = now.cases.iter();
        let able = cases.filter(|case| {
            let then = known.get(&case.id);
            one.can(case) && then.is_some_and(|then| other.can(then))
        });
        let able: Vec<CaseId> = able.map(|case| case.id.clone()).collect();
        for (side, agent, which) in [(&other, then, "first"), (&one, now, "second")] {
            let done = side.again(agent, &able)?;
            if done.answers > 0 {
                told.push(format!(
                    "{}: {which} record rescored: {}",
                    agent.name,
                    done.in_words()
                ));
                agent.note_rescored(done);
            }
        }
    }
    Ok(told)
}

/// One agent of one record, with the suite that it has today.
struct Side {
    planned: PlannedAgent,
    questions: Questions,
}

impl Side {
    fn of(scorers: &Scorers, agent: &AgentRecord) -> Result<Option<Self>, GateError> {
        let Some(planned) = scorers.planned(agent) else {
            return Ok(None);
        };
        let questions = questions(&planned)?;
        Ok(Some(Self { planned, questions }))
    }

    fn question(&self, case: &CaseRecord) -> Option<Question> {
        let question = self.questions.get(&case.id).copied();
        question.filter(|question| question.ask_digest == case.ask_digest)
    }

    /// Whether the case is scored as today, or has all that this takes.
    fn can(&self, case: &CaseRecord) -> bool {
        let Some(question) = self.question(case) else {
            return false;
        };
        if question.score_digest == case.score_digest {
            return true;
        }
        let Ok(asked) = self.planned.case(question.place) else {
            return false;
        };
        case.samples
            .iter()
            .all(|sample| sample.score.is_none() || can_score_again(&self.planned, &asked, sample))
    }

    fn again(&self, agent: &mut AgentRecord, able: &[CaseId]) -> Result<Rescored, GateError> {
        let able: std::collections::HashSet<&CaseId> = able.iter().collect();
        let scorer = self.planned.scorer();
        let mut done = Rescored {
            because: ScorePart::differing(
                &scorer,
                &agent.scorer,
                self.planned.has_other_judge(agent),
            ),
            ..Rescored::default()
        };
        let cases = agent.cases.iter_mut();
        for case in cases.filter(|case| able.contains(&case.id)) {
            let Some(question) = self.question(case) else {
                continue;
            };
            if question.score_digest == case.score_digest {
                continue;
            }
            let asked = self.planned.case(question.place);
            let asked = asked.map_err(GateError::Usage)?;
            case.score_digest = question.score_digest;
            for sample in case.samples.iter_mut().filter(|one| one.score.is_some()) {
                measure::score_again(&self.planned, &asked, sample);
                done.answers += 1;
            }
        }
        if done.answers > 0 {
            // Where all of its cases could be, the whole agent is scored so.
            if able.len() == agent.cases.len() {
                agent.scorer = scorer;
            }
            let cost = agent.usage.cost;
            agent.tally();
            agent.usage.cost = cost;
        }
        Ok(done)
    }
}
