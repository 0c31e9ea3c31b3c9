//! Before anything is paid for: is the budget enough for the least that the run can take, and does each provider have
//! the models that are about to be asked? A clear no ends the run before its first question; whoever cannot tell is
//! asked all the same, and the record says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::{join, join_all};
use tokio::sync::watch;

use super::estimate::{Estimate, estimate, estimate_without};
use super::ledger::Ledger;
use super::providers::Providers;
use super::{GateError, Plan};
use crate::edge::model::{About, Client, ModelCheck, Provider};
use crate::runner::{Ask, Refusal};

/// What a look-up found, with the model it was about.
type Found<'a> = (&'a str, &'a str, ModelCheck);

/// Why nothing should be asked, where even the least that the run can take is more than its budget. Answers that are
/// there already are looked for only then: that takes time.
pub(super) fn beyond_budget(
    plan: &Plan,
    providers: &Providers,
    ledger: &Ledger<'_>,
) -> Result<Option<String>, GateError> {
    let capped = plan.run.budget_tokens.is_some() || plan.run.budget_cost.is_some();
    // An old model is asked with what is left.
    let least = |mut estimate: Estimate| {
        estimate.agents.retain(|one| !one.agent.is_beside());
        estimate
    };
    if !capped || exceeds(plan, &least(estimate(plan)?)).is_none() {
        return Ok(None);
    }
    let missing = estimate_without(plan, |ticket, case| {
        ledger.has(ticket)
            || plan.agents.get(ticket.agent).is_some_and(|planned| {
                let ask = Ask {
                    agent: planned.asked_as().clone(),
                    case: Arc::clone(case),
                    sample: ticket.sample,
                    candidate: Arc::new(planned.candidate.clone()),
                    grading: None,
                };
                let provider = providers.get(&planned.agent.provider);
                provider.is_ok_and(|provider| provider.holds(&ask))
            })
    })?;
    Ok(exceeds(plan, &least(missing)))
}

fn exceeds(plan: &Plan, estimate: &Estimate) -> Option<String> {
    let answers = estimate.answers();
    let tokens = estimate.tokens();
    #[expect(clippy::cast_precision_loss, reason = "held against an estimate")]
    let too_few = |cap: &u64| tokens.low > *cap as f64;
    if let Some(cap) = plan.run.budget_tokens.filter(too_few) {
        return Some(format!(
            "nothing was asked: {answers} answers take at least {:.0} tokens (about {:.0}), and the budget is {cap}; \
             raise `run.budget.tokens` or ask for less",
            tokens.low, tokens.likely
        ));
    }
    let judge = || estimate.judge.iter().filter_map(|judge| judge.cost);
    let agents = || estimate.agents.iter().filter_map(|agent| agent.cost);
    let known = || agents().chain(judge());
    let least: f64 = known().map(|cost| cost.low).sum();
    let likely: f64 = known().map(|cost| cost.likely).sum();
    let cap = plan.run.budget_cost.filter(|cap| least > *cap)?;
    let (currency, key) = (&estimate.currency, plan.cost_cap);
    Some(format!(
        "nothing was asked: {answers} answers cost at least {currency} {least:.4} (about {likely:.4}), and the budget \
         is {cap:.4}; raise `{key}` or ask for less"
    ))
}

/// What servers say of the models that are about to be asked.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// What could not be told, one sentence a provider.
    pub(super) unclear: Vec<String>,
    /// Providers and old models that they say they do not have.
    pub(super) gone: Vec<(String, String, Refusal)>,
    /// By provider and model.
    pub(super) about: BTreeMap<(String, String), About>,
}

/// Looks up every model of the plan once, all at the same time. An interrupt ends the look-ups; what comes of it is the run's business.
pub(super) async fn look_up(
    plan: &Plan,
    providers: &Providers,
    mut interrupt: watch::Receiver<bool>,
) -> Result<Looked, GateError> {
    let mut wanted: Vec<(&str, &str)> = plan
        .still_asked()
        .map(|one| (one.agent.provider.as_str(), one.candidate.model.as_str()))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut looked = Vec::new();
    for (name, model) in wanted {
        if let Provider::OpenAi(client) = providers.get(name)? {
            looked.push(look(name, model, client));
        }
    }
    let judge = async {
        let Some(judge) = plan.judge_asked() else {
            return Ok(None);
        };
        Ok::<_, GateError>(match providers.judge()? {
            Provider::OpenAi(client) => Some(look(&judge.provider, &judge.model, client).await),
            Provider::Replay(_) => None,
        })
    };
    tokio::select! {
        biased;
        Ok(_) = interrupt.wait_for(|ended| *ended) => Ok(Looked::default()),
        (found, judge) = join(join_all(looked), judge) => conclude(found, judge?, &only_old(plan)),
    }
}

async fn look<'a>(name: &'a str, model: &'a str, client: &Client) -> Found<'a> {
    (name, model, client.check_model(model).await)
}

/// Providers and models that nothing is asked of but an old model's answers.
fn only_old(plan: &Plan) -> Vec<(&str, &str)> {
    let of = |arm: bool| {
        let asked = plan
            .still_asked()
            .filter(move |one| one.arm.is_some() == arm);
        asked.map(|one| (one.agent.provider.as_str(), one.candidate.model.as_str()))
    };
    let own: Vec<_> = of(false).collect();
    of(true).filter(|one| !own.contains(one)).collect()
}

fn conclude(
    found: Vec<Found<'_>>,
    judge: Option<Found<'_>>,
    only_old: &[(&str, &str)],
) -> Result<Looked, GateError> {
    let mut about = BTreeMap::new();
    let mut gone = Vec::new();
    let mut unclear: BTreeMap<&str, (Vec<String>, String)> = BTreeMap::new();
    let grades = judge.is_some().then_some(found.len());
    for (place, (provider, model, check)) in found.into_iter().chain(judge).enumerate() {
        match check {
            ModelCheck::Exists(known) => {
                about.insert((provider.to_owned(), model.to_owned()), known);
            }
            ModelCheck::Refused(source) if grades == Some(place) => {
                let model = model.to_owned();
                return Err(GateError::NoJudge { model, source });
            }
            ModelCheck::Refused(refusal) if only_old.contains(&(provider, model)) => {
                gone.push((provider.to_owned(), model.to_owned(), refusal));
            }
            ModelCheck::Refused(refusal) => return Err(refusal.into()),
            ModelCheck::CannotTell { why } => {
                let (models, _) = unclear.entry(provider).or_insert_with(|| (Vec::new(), why));
                models.push(format!("`{model}`"));
            }
        }
    }
    let sentence = |(provider, (models, why)): (&str, (Vec<String>, String))| {
        let models = models.join(", ");
        format!(
            "before asking, provider `{provider}` could not tell whether it has {models} ({why})"
        )
    };
    let unclear = unclear.into_iter().map(sentence).collect();
    Ok(Looked {
        unclear,
        gone,
        about,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unclear(why: &str) -> ModelCheck {
        ModelCheck::CannotTell {
            why: why.to_owned(),
        }
    }

    #[test]
    fn what_cannot_be_told_is_said_once_a_provider() {
        let told = conclude(
            vec![
                ("a", "one", unclear("it answers 403: no")),
                ("a", "two", unclear("it answers 403: no")),
                ("b", "three", ModelCheck::Exists(About::default())),
            ],
            None,
            &[],
        );
        assert_eq!(
            told.unwrap().unclear,
            [
                "before asking, provider `a` could not tell whether it has `one`, `two` (it answers 403: no)"
            ]
        );
    }

    #[test]
    fn a_model_that_is_not_there_ends_the_run() {
        let refusal = Refusal::UnknownModel {
            provider: "a".to_owned(),
            model: "m".to_owned(),
            detail: "no such model".to_owned(),
        };
        let ended = conclude(
            vec![
                ("a", "l", unclear("why")),
                ("a", "m", ModelCheck::Refused(refusal)),
            ],
            None,
            &[],
        );
        assert!(matches!(ended, Err(GateError::Refused(_))));
    }
}
