//! What a run is going to take, before it takes anything: tokens and money, from what is certain to what is possible.
//! Looks at the plan alone, so it is a range; the numbers it rests on are here.

mod judge;
mod length;

use std::fmt;
use std::sync::Arc;

pub use judge::JudgeEstimate;

use super::GateError;
use length::answer;

use super::ledger::Ticket;
use super::looks::SAMPLES_AFTER_FAILING;
use super::plan::Plan;
use super::planned::PlannedAgent;
use crate::agent::AgentName;
use crate::config::Provider;
use crate::figures::counted;
use crate::record::Against;
use crate::runner::Usage;
use crate::suite::Case;

/// Bytes of a text for each of its tokens, from the least to the most. Measured with Mistral's tokenizers (v1, v3,
/// Tekken): English prose, code and JSON 2.3 to 5.3 and 3.7 over all, other languages 2.4 (Japanese, v3) to 7.1 (Hindi,
/// Tekken). Columns of digits are dearer, up to a token for each.
const BYTES_A_TOKEN: Bounds = Bounds {
    low: 2.0,
    likely: 3.7,
    high: 8.0,
};
/// What a chat template adds to each message.
const TOKENS_A_MESSAGE: Bounds = Bounds {
    low: 0.0,
    likely: 4.0,
    high: 10.0,
};
/// A number that is not known yet.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bounds {
    /// At least, where every question is answered once.
    pub low: f64,
    /// About.
    pub likely: f64,
    /// At most, but for requests that are repeated.
    pub high: f64,
}

/// What one agent is going to take.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentEstimate {
    /// The agent.
    pub agent: AgentName,
    /// Answers that are asked for.
    pub answers: u64,
    /// Tokens of questions and answers.
    pub tokens: Bounds,
    /// Money; absent where the model has no price.
    pub cost: Option<Bounds>,
}

/// What a run is going to take. Recorded answers take nothing and are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Agent by agent.
    pub agents: Vec<AgentEstimate>,
    /// The judge, where one is paid.
    pub judge: Option<JudgeEstimate>,
    /// The currency of the prices.
    pub currency: String,
}

/// What a run is going to take if every answer has to be asked for. What only a pull request has is not reckoned with:
/// it is asked with what is left.
pub fn estimate(plan: &Plan) -> Result<Estimate, GateError> {
    estimate_without(plan, |_, _| false)
}

/// The same without the samples that are there already.
pub(super) fn estimate_without(
    plan: &Plan,
    is_there: impl Fn(Ticket, &Arc<Case>) -> bool,
) -> Result<Estimate, GateError> {
    let asked = plan.agents.iter().enumerate().filter(|(_, planned)| {
        let provider = plan.providers.get(&planned.agent.provider);
        !planned.new && !matches!(provider, Some(Provider::Replay { .. }))
    });
    let agents = asked.map(|(place, planned)| agent(plan, place, planned, &is_there));
    Ok(Estimate {
        agents: agents.collect::<Result<_, _>>()?,
        judge: judge::judge(plan, &is_there)?,
        currency: plan.prices.currency.clone(),
    })
}

impl Estimate {
    /// Answers of all agents.
    pub fn answers(&self) -> u64 {
        self.agents.iter().map(|agent| agent.answers).sum()
    }

    /// Tokens of all agents.
    pub fn tokens(&self) -> Bounds {
        let judge = self.judge.iter().map(|judge| judge.tokens);
        let all = self.agents.iter().map(|agent| agent.tokens).chain(judge);
        all.fold(Bounds::default(), Bounds::plus)
    }

    /// Money for all agents; absent where one of them has no price, or none is asked.
    pub fn cost(&self) -> Option<Bounds> {
        let judge = self.judge.iter().map(|judge| judge.cost);
        let all = self.agents.iter().map(|agent| agent.cost).chain(judge);
        let costs: Option<Vec<Bounds>> = all.collect();
        let costs = costs.filter(|costs| !costs.is_empty())?;
        Some(costs.into_iter().fold(Bounds::default(), Bounds::plus))
    }
}

impl Bounds {
    fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            likely: self.likely + other.likely,
            high: self.high + other.high,
        }
    }

    fn times(self, other: Self) -> Self {
        Self {
            low: self.low * other.low,
            likely: self.likely * other.likely,
            high: self.high * other.high,
        }
    }

    fn each(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            low: change(self.low),
            likely: change(self.likely),
            high: change(self.high),
        }
    }
}

impl fmt::Display for Estimate {
    /// `10 answers, about 3540 tokens (150 to 24000), USD 0.0035 (0.0001 to 0.0240)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", counted(self.answers(), "answer"))?;
        if let Some(judge) = &self.judge {
            write!(f, "{}, ", counted(judge.grades, "grade"))?;
        }
        f.write_str(&amounts(self.tokens(), self.cost(), &self.currency))
    }
}

impl AgentEstimate {
    /// The same for one agent, without the answers.
    pub fn amounts(&self, currency: &str) -> String {
        amounts(self.tokens, self.cost, currency)
    }
}

impl JudgeEstimate {
    /// Tokens and money of its grades.
    pub fn amounts(&self, currency: &str) -> String {
        amounts(self.tokens, self.cost, currency)
    }
}

fn amounts(tokens: Bounds, cost: Option<Bounds>, currency: &str) -> String {
    let Bounds { low, likely, high } = tokens;
    let text = format!("about {likely:.0} tokens ({low:.0} to {high:.0})");
    match cost {
        Some(Bounds { low, likely, high }) => {
            format!("{text}, {currency} {likely:.4} ({low:.4} to {high:.4})")
        }
        None => text,
    }
}

/// How many samples of a case are not there yet.
fn to_ask(
    samples: u32,
    (agent, place): (usize, usize),
    case: &Arc<Case>,
    is_there: &impl Fn(Ticket, &Arc<Case>) -> bool,
) -> u32 {
    let open = (0..samples).filter(|sample| {
        let ticket = Ticket {
            agent,
            case: place,
            sample: *sample,
            look: 1,
        };
        !is_there(ticket, case)
    });
    u32::try_from(open.count()).unwrap_or(u32::MAX)
}

fn agent(
    plan: &Plan,
    place: usize,
    planned: &PlannedAgent,
    is_there: impl Fn(Ticket, &Arc<Case>) -> bool,
) -> Result<AgentEstimate, GateError> {
    let answer = answer(plan, planned);
    // What newly fails is asked again; without a baseline nothing does.
    let compared = matches!(plan.baselines.get(&planned.agent.name), Some(Ok(_)));
    let again = if compared { SAMPLES_AFTER_FAILING } else { 0 };
    let last = plan.schedule().last().copied().unwrap_or_default();
    let samples = plan.samples_of(planned);
    let again = match planned.arm {
        Some((_, Against::BaseModel)) => 0,
        Some(_) | None => again.saturating_add(last.saturating_sub(samples)),
    };
    let mut answers = 0;
    let (mut questions, mut replies) = (Bounds::default(), Bounds::default());
    for index in 0..planned.gating() {
        let case = planned.case(index).map_err(GateError::Usage)?;
        let asked = to_ask(samples, (place, index), &case, &is_there);
        answers += u64::from(asked);
        let times = Bounds {
            low: f64::from(asked),
            likely: f64::from(asked),
            high: f64::from(asked.saturating_add(again)),
        };
        questions = questions.plus(question(planned, &case).times(times));
        replies = replies.plus(answer.times(times));
    }
    let price = |prompt: f64, reply: f64| {
        let usage = Usage {
            prompt_tokens: whole(prompt),
            completion_tokens: whole(reply),
        };
        plan.prices.cost(&planned.candidate.model, usage)
    };
    let cost = price(questions.low, replies.low)
        .zip(price(questions.likely, replies.likely))
        .zip(price(questions.high, replies.high));
    Ok(AgentEstimate {
        agent: planned.agent.name.clone(),
        answers,
        tokens: questions.plus(replies).each(f64::round),
        cost: cost.map(|((low, likely), high)| Bounds { low, likely, high }),
    })
}

/// Tokens of one question.
fn question(planned: &PlannedAgent, case: &Case) -> Bounds {
    let system = planned.candidate.system.as_ref();
    let texts = case.messages.iter().map(|message| &message.content);
    let (mut bytes, mut messages) = (0_usize, 0_usize);
    for text in system.into_iter().chain(texts) {
        bytes = bytes.saturating_add(text.len());
        messages += 1;
    }
    tokens_of(bytes, messages)
}

fn tokens_of(bytes: usize, messages: usize) -> Bounds {
    let (bytes, messages) = (real(bytes), real(messages));
    Bounds {
        low: bytes / BYTES_A_TOKEN.high + messages * TOKENS_A_MESSAGE.low,
        likely: bytes / BYTES_A_TOKEN.likely + messages * TOKENS_A_MESSAGE.likely,
        high: bytes / BYTES_A_TOKEN.low + messages * TOKENS_A_MESSAGE.high,
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
const fn real(count: usize) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate, never negative; the cast saturates"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[cfg(test)]
mod tests;
