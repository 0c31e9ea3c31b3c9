//! The judge: who it is, what it grades, and what it may not be: the model that it grades, or a name behind which the
//! model can change without anybody's commit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::agents::Fallback;
use super::raw::RawJudge;
use super::settings::Provider;
use super::{Prices, units};
use crate::agent::{Agent, ModelLocator, Parameters};
use crate::judge::{self, Rubric};
use crate::problem::shown;
use crate::score::Dimension;
use crate::yaml::Spot;

/// Tokens of a grade where nothing is said: some sentences and a few numbers.
const MOST_TOKENS: u32 = 1024;
/// A rubric is sent with every question.
const MOST_RUBRIC: usize = 20_000;

/// A judge and what is allowed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judge {
    /// Who grades, and by what.
    pub judge: judge::Judge,
    /// Whether a model may grade itself or what was made from it.
    pub allow_self: bool,
    /// Whether its name may be a moving one.
    pub allow_moving_alias: bool,
}

impl Judge {
    /// Why this model must not be graded by the judge, if so.
    pub fn refuses(&self, model: &str) -> Option<String> {
        let own = &self.judge.model;
        (!self.allow_self && grades_itself(own, model)).then(|| {
            format!(
                "the judge `{}` would grade {}, and models like their own words; name another model under `judge.model`, or \
                 say `judge.allow_self: true`",
                shown(own),
                if own.trim().eq_ignore_ascii_case(model.trim()) { "itself" } else { "what was made from it" }
            )
        })
    }
}

/// Whether a model is the judge, or a fine-tuned one of it (`ft:BASE:…`).
fn grades_itself(judge: &str, model: &str) -> bool {
    let base = model
        .strip_prefix("ft:")
        .and_then(|rest| rest.split(':').next());
    let same = |one: &str| one.trim().eq_ignore_ascii_case(judge.trim());
    same(model) || base.is_some_and(same)
}

/// What the judge is held against.
pub(super) struct Beside<'a> {
    pub(super) agents: &'a [Agent],
    /// The list of agents in the file.
    pub(super) list: &'a Spot<'a>,
    pub(super) providers: &'a BTreeMap<String, Provider>,
    pub(super) prices: &'a Prices,
    pub(super) timeout: Duration,
    /// True where money is bounded, which needs a price.
    pub(super) needs_price: bool,
}

pub(super) fn judge(
    spot: &Spot<'_>,
    fallback: &Fallback<'_>,
    raw: Option<RawJudge>,
    beside: &Beside<'_>,
) -> Option<Judge> {
    let raw = raw?;
    let provider = provider(spot, fallback, raw.provider.as_deref());
    let model = raw.model.map(|model| model.trim().to_owned());
    if model.as_deref().is_none_or(str::is_empty) {
        spot.report("the judge has no model; add `model` with a date or version, such as `model: mistral-large-2411`");
    }
    let votes = raw.votes.map_or(1, |votes| votes.0);
    if votes % 2 == 0 {
        spot.child("votes").report(format!(
            "expected an odd number from 1 to 9, so that there is a middle one; found {votes}"
        ));
    }
    let judge = Judge {
        judge: judge::Judge {
            provider: provider?,
            model: model?,
            votes,
            rubrics: rubrics(spot, raw.dimensions, raw.rubric.unwrap_or_default()),
            parameters: Parameters {
                temperature: Some(raw.temperature.map_or(0.0, |value| value.0)),
                max_tokens: Some(raw.max_tokens.map_or(MOST_TOKENS, |value| value.0)),
                ..Parameters::default()
            },
            timeout: timeout(spot, raw.timeout, beside.timeout),
        },
        allow_self: raw.allow_self.unwrap_or(false),
        allow_moving_alias: raw.allow_moving_alias.unwrap_or(false),
    };
    refuse(spot, &judge, beside);
    Some(judge)
}

fn timeout(spot: &Spot<'_>, own: Option<units::Span>, default: Duration) -> Duration {
    let timeout = own.map_or(default, |span| span.0);
    if timeout.is_zero() && own.is_some() {
        spot.child("timeout").report("expected a duration above 0");
    }
    timeout
}

fn provider(spot: &Spot<'_>, fallback: &Fallback<'_>, own: Option<&str>) -> Option<String> {
    if let Some(own) = own {
        fallback.known(&spot.child("provider"), own);
        return Some(own.to_owned());
    }
    let default = fallback.defaults.provider.clone();
    if default.is_none() {
        spot.report("the judge has no provider; add `provider` here or to `defaults`");
    }
    default
}

fn rubrics(
    spot: &Spot<'_>,
    dimensions: Option<Vec<String>>,
    mut own: BTreeMap<String, String>,
) -> Vec<Rubric> {
    let list = spot.child("dimensions");
    let names = dimensions.unwrap_or_else(|| vec!["quality".to_owned()]);
    if names.is_empty() {
        list.report(
            "the list is empty; name what the judge grades, such as [quality, specificity]",
        );
    }
    let mut seen = BTreeSet::new();
    let mut rubrics = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let items = list.items();
        let place = items.get(at).unwrap_or(&list);
        let dimension = match crate::suite::dimension(name) {
            Ok(dimension) => dimension,
            Err(why) => {
                place.report(why);
                continue;
            }
        };
        if !seen.insert(name.as_str()) {
            place.report(format!("`{}` stands here twice; keep one", shown(name)));
            continue;
        }
        rubrics.extend(rubric(spot, place, dimension, own.remove(name)));
    }
    for name in own.keys() {
        spot.child("rubric").report_key(
            name,
            format!("the judge does not grade `{0}`; add `{0}` to `judge.dimensions` or remove its rubric", shown(name)),
        );
    }
    rubrics.sort_by(|one, other| one.dimension.cmp(&other.dimension));
    rubrics
}

fn rubric(
    spot: &Spot<'_>,
    place: &Spot<'_>,
    dimension: Dimension,
    own: Option<String>,
) -> Option<Rubric> {
    if let Some(text) = own {
        let written = spot.child("rubric").child(dimension.as_str());
        if text.trim().is_empty() || text.len() > MOST_RUBRIC {
            written.report("a rubric has 1 to 20000 bytes; say what grades from 0 to 10 mean");
        }
        return Some(Rubric::own(dimension, text));
    }
    let built_in = Rubric::built_in(&dimension);
    if built_in.is_none() {
        place.report(format!(
            "there are no levels for `{dimension}`; say under `judge.rubric.{dimension}` what grades from 0 to 10 mean"
        ));
    }
    built_in
}

fn refuse(spot: &Spot<'_>, judge: &Judge, beside: &Beside<'_>) {
    let model = &judge.judge.model;
    let place = spot.child("model");
    if !judge.allow_moving_alias && is_moving(model) {
        place.report(format!(
            "`{}` can become another model without a commit of yours, and grades would move with it; name one with its date or \
             version, such as mistral-large-2411, or say `judge.allow_moving_alias: true`",
            shown(model)
        ));
    }
    for agent in beside.agents {
        let own = match &agent.locator {
            ModelLocator::Id(id) => Some(id),
            ModelLocator::File { .. }
            | ModelLocator::Pointer { .. }
            | ModelLocator::Pattern { .. } => None,
        };
        let models = own.into_iter().chain(&agent.base_model);
        if let Some(why) = models.into_iter().find_map(|model| judge.refuses(model)) {
            let at = beside.list.child(agent.name.as_str()).place().line;
            place.report(format!("agent `{}` (line {at}): {why}", agent.name));
        }
    }
    let paid = matches!(
        beside.providers.get(&judge.judge.provider),
        Some(Provider::OpenAi(_))
    );
    if beside.needs_price && paid && beside.prices.price_of(model).is_none() {
        place.report(format!(
            "`run.budget.cost` needs a price, and none matches `{}`; add a pattern to `prices.models`",
            shown(model)
        ));
    }
}

/// Names under which companies serve whatever is newest, unless a date follows.
const HOSTED: [&str; 16] = [
    "gpt-",
    "chatgpt-",
    "o1",
    "o3",
    "o4",
    "claude-",
    "gemini-",
    "mistral-",
    "open-mistral-",
    "open-mixtral-",
    "ministral-",
    "magistral-",
    "codestral",
    "pixtral-",
    "command-",
    "grok-",
];

/// Whether a name is known to move: `…-latest`, or one of a hosted family without date or size. A name that is not known
/// is taken for what its owner says.
fn is_moving(model: &str) -> bool {
    let model = model.trim().to_ascii_lowercase();
    let name = model.rsplit('/').next().unwrap_or_default();
    let mut parts = name.split(['-', ':', '@', '.', '_']);
    if parts.clone().any(|part| part == "latest") {
        return true;
    }
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let dated = |part: &str| part.len() >= 4 && digits(part);
    let sized = |part: &str| {
        let size = part.strip_suffix('b').unwrap_or_default();
        !size.is_empty() && size.split('x').all(|part| !part.is_empty() && digits(part))
    };
    HOSTED.iter().any(|family| name.starts_with(family))
        && !parts.any(|part| dated(part) || sized(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_move_are_told_from_names_that_do_not() {
        for moving in [
            "mistral-large-latest",
            "mistral-large",
            "gpt-4o",
            "gpt-4o-mini",
            "claude-3-5-sonnet",
            "o3-mini",
            "llama3:latest",
            "MISTRAL-Large-Latest",
        ] {
            assert!(is_moving(moving), "{moving}");
        }
        for fixed in [
            "mistral-large-2411",
            "gpt-4o-2024-08-06",
            "claude-3-5-sonnet-20241022",
            "ft:open-mistral-7b:a:20240430:b",
            "mistralai/Mistral-7B-Instruct-v0.3",
            "Qwen/Qwen2.5-72B-Instruct",
            "our-judge",
            "open-mixtral-8x7b",
            "gpt-4-0613",
        ] {
            assert!(!is_moving(fixed), "{fixed}");
        }
    }

    #[test]
    fn a_model_grades_itself_also_where_it_was_fine_tuned() {
        assert!(grades_itself("Mistral-Large-2411", "mistral-large-2411 "));
        assert!(grades_itself(
            "open-mistral-7b",
            "ft:open-mistral-7b:acme:1:x"
        ));
        assert!(!grades_itself(
            "mistral-large-2411",
            "ft:open-mistral-7b:acme:1:x"
        ));
    }
}
