//! How long an answer is going to be.

use super::{Bounds, real};
use crate::config::Provider;
use crate::gate::plan::Plan;
use crate::gate::planned::PlannedAgent;

/// The length of an answer of which nothing is known (the mean of this repository's recordings), and the most that is reckoned with where nothing bounds it.
const ANSWER_LIKELY: f64 = 300.0;
const ANSWER_MOST: f64 = 2000.0;
/// A model that answered so far with so many tokens will hardly answer with so many times more.
const ANSWER_GROWTH: f64 = 4.0;

/// Tokens of one answer: bounded by what is sent, else by what the agent's stored answers took.
pub(super) fn answer(plan: &Plan, planned: &PlannedAgent) -> Bounds {
    let before = answered_before(plan, planned);
    let most = most_tokens(plan, planned)
        .or(before.map(|mean| mean * ANSWER_GROWTH))
        .unwrap_or(ANSWER_MOST);
    Bounds {
        low: 1.0,
        likely: before.unwrap_or(ANSWER_LIKELY).min(most),
        high: most,
    }
}

/// `max_tokens` as it is sent: `extra_body` comes last.
fn most_tokens(plan: &Plan, planned: &PlannedAgent) -> Option<f64> {
    let extra = match plan.providers.get(&planned.agent.provider) {
        Some(Provider::OpenAi(settings)) => Some(&settings.extra_body),
        Some(Provider::Replay { .. }) | None => None,
    };
    let sent = ["max_completion_tokens", "max_tokens"]
        .iter()
        .find_map(|key| extra?.get(*key)?.as_f64());
    sent.or_else(|| planned.candidate.parameters.max_tokens.map(f64::from))
}

/// The mean over the stored samples that the server counted.
fn answered_before(plan: &Plan, planned: &PlannedAgent) -> Option<f64> {
    let baseline = plan.baselines.get(&planned.agent.name)?.as_ref().ok()?;
    let stored = baseline.record.agent(&planned.agent.name)?;
    let samples = stored.cases.iter().flat_map(|case| &case.samples);
    let (sum, count) = samples
        .filter_map(|sample| sample.usage)
        .fold((0_u64, 0_usize), |(sum, count), usage| {
            (sum.saturating_add(usage.completion_tokens), count + 1)
        });
    (count > 0).then(|| real(usize::try_from(sum).unwrap_or(usize::MAX)) / real(count))
}
