//! What a judge is going to take: every answer is read by it as often as it votes.

use std::sync::Arc;

use super::{Bounds, answer, real, to_ask, tokens_of, whole};
use crate::config::Provider;
use crate::gate::GateError;
use crate::gate::ledger::Ticket;
use crate::gate::plan::Plan;
use crate::gate::planned::PlannedAgent;
use crate::judge::{Judge, Question};
use crate::runner::Usage;
use crate::suite::Case;

/// Tokens of a sentence and a number for one dimension.
const GRADE: Bounds = Bounds {
    low: 8.0,
    likely: 45.0,
    high: 200.0,
};

/// What the judge is going to take.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeEstimate {
    /// Its model ID.
    pub model: String,
    /// Grades that are asked for.
    pub grades: u64,
    /// Tokens of questions and grades.
    pub tokens: Bounds,
    /// Money; absent where the model has no price.
    pub cost: Option<Bounds>,
}

/// What grading the answers of a plan takes without the samples that are there already; nothing where nobody is paid for it.
pub(super) fn judge(
    plan: &Plan,
    is_there: &impl Fn(Ticket, &Arc<Case>) -> bool,
) -> Result<Option<JudgeEstimate>, GateError> {
    let graded = plan.agents.iter().enumerate().filter(|(_, one)| !one.new);
    let (mut sum, mut model) = (Taken::default(), None);
    for (place, planned) in graded {
        let Some(judge) = planned.judge.as_deref() else {
            continue;
        };
        if matches!(
            plan.providers.get(&judge.provider),
            Some(Provider::Replay { .. })
        ) {
            continue;
        }
        model = Some(judge.model.clone());
        sum.add(plan, (place, planned, judge), is_there)?;
    }
    Ok(model.map(|model| {
        let price = |prompt: f64, reply: f64| {
            let usage = Usage {
                prompt_tokens: whole(prompt),
                completion_tokens: whole(reply),
            };
            plan.prices.cost(&model, usage)
        };
        let (questions, replies) = (sum.questions, sum.replies);
        let cost = price(questions.low, replies.low)
            .zip(price(questions.likely, replies.likely))
            .zip(price(questions.high, replies.high));
        JudgeEstimate {
            grades: sum.grades,
            tokens: questions.plus(replies).each(f64::round),
            cost: cost.map(|((low, likely), high)| Bounds { low, likely, high }),
            model,
        }
    }))
}

#[derive(Default)]
struct Taken {
    grades: u64,
    questions: Bounds,
    replies: Bounds,
}

impl Taken {
    fn add(
        &mut self,
        plan: &Plan,
        (place, planned, judge): (usize, &PlannedAgent, &Judge),
        is_there: &impl Fn(Ticket, &Arc<Case>) -> bool,
    ) -> Result<(), GateError> {
        let answer = answer(plan, planned);
        let dimensions = real(judge.rubrics.len());
        let reply = GRADE.each(|tokens| tokens * dimensions);
        for index in 0..planned.gating() {
            let case = planned.case(index).map_err(GateError::Usage)?;
            let asked = to_ask(plan.samples_of(planned), (place, index), &case, is_there);
            let votes = asked.saturating_mul(judge.votes);
            self.grades += u64::from(votes);
            // An old model is asked with what is left, and an answer that fails a required check is not graded.
            let checked = case.expectation.checks.iter().any(|check| check.required);
            let times = Bounds {
                low: if checked || planned.arm.is_some() {
                    0.0
                } else {
                    f64::from(votes)
                },
                likely: f64::from(votes),
                high: f64::from(votes) * 2.0,
            };
            let empty = Question::of(judge, &case, "");
            let bytes = empty.system.len() + empty.user.len();
            let question = tokens_of(bytes, 2).plus(answer);
            self.questions = self.questions.plus(question.times(times));
            self.replies = self.replies.plus(reply.times(times));
        }
        Ok(())
    }
}
