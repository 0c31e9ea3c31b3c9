//! The sections of the configuration one by one: what their values mean together, beyond their types and ranges.

use std::time::Duration;

use super::agents::{self, Fallback};
use super::judge::{self, Beside};
use super::raw::{RawAccept, RawConfig, RawRelease, RawReport, RawRun};
use super::report::Report;
use super::settings::{Accept, Release, Run};
use super::units::Span;
use super::{Config, data, providers, rules};
use crate::policy::Policy;
use crate::yaml::{Node, Spot, repository_path};

/// The whole configuration; what is wrong is in the log.
pub(super) fn config(root: &Spot<'_>) -> Option<Config> {
    let raw = root.read::<RawConfig>();
    required(root, "providers", "`mistral: {kind: openai, base_url: …}`");
    required(root, "agents", "`qa_agent: {model: …, suite: …}`");
    let providers = providers::providers(&root.child("providers"));
    let list = root.child("agents");
    let mut raw = raw?;
    if raw.version != 1 {
        root.child("version").report(format!(
            "this version of tunegate reads `version: 1`; found {}",
            raw.version
        ));
    }
    let timeout = raw.defaults.as_ref().and_then(|defaults| defaults.timeout);
    let fallback = Fallback::new(root, raw.defaults.take());
    let agents = agents::agents(&list, &fallback);
    let prices = providers::prices(&root.child("prices"), raw.prices);
    let run = run(root, raw.run, timeout);
    if run.budget_cost.is_some() {
        agents::unpriced(&list, &agents, &providers, &prices);
    }
    let policy = rules::policy(&root.child("gate"), &list, raw.gate);
    if run.looks.len() > 1 && (policy.confidence - Policy::default().confidence).abs() > 1e-9 {
        root.child("gate").report_key(
            "confidence",
            "with `run.looks` the confidence is 0.95 over all looks together, since the level of each look is known for no \
             other; remove this key or `run.looks`",
        );
    }
    let beside = Beside {
        agents: &agents,
        list: &list,
        providers: &providers,
        prices: &prices,
        timeout: run.timeout,
        needs_price: run.budget_cost.is_some(),
    };
    let judge = judge::judge(&root.child("judge"), &fallback, raw.judge, &beside);
    Some(Config {
        path: root.file().to_owned(),
        policy,
        baseline: data::baseline(&root.child("baseline"), raw.baseline),
        audit: data::audit(&root.child("audit")),
        release: release(raw.release),
        report: report(&root.child("report"), raw.report),
        accept: accept(raw.accept),
        judge,
        providers,
        prices,
        agents,
        defaults: fallback.defaults,
        run,
    })
}

/// Reports a mapping that has to hold something and is absent or empty; another shape is reported already.
fn required(root: &Spot<'_>, key: &str, example: &str) {
    let is_mapping = |spot: &Spot<'_>| spot.node().is_some_and(Node::is_mapping);
    let spot = root.child(key);
    let empty = spot.node().is_none() || (is_mapping(&spot) && spot.entries().is_empty());
    if is_mapping(root) && empty {
        root.report_key(
            key,
            format!("there are no {key}; add one under `{key}`, such as {example}"),
        );
    }
}

fn positive(spot: &Spot<'_>, span: Option<Span>, default: Duration) -> Duration {
    let span = span.map_or(default, |span| span.0);
    if span.is_zero() {
        spot.report("expected a duration above 0");
    }
    span
}

fn run(root: &Spot<'_>, raw: Option<RawRun>, timeout: Option<Span>) -> Run {
    let spot = root.child("run");
    let default = Run::default();
    let timeout = positive(
        &root.child("defaults").child("timeout"),
        timeout,
        default.timeout,
    );
    let Some(raw) = raw else {
        return Run { timeout, ..default };
    };
    if spot.has("samples") && spot.has("looks") {
        spot.report_key(
            "looks",
            "`samples` and `looks` both say how often a case is asked; keep one",
        );
    }
    let looks: Vec<u32> = raw
        .looks
        .unwrap_or_default()
        .into_iter()
        .map(|look| look.0)
        .collect();
    if spot.has("looks") && spot.child("looks").items().is_empty() {
        spot.child("looks")
            .report("the list is empty; write cumulative sample counts such as [1, 3, 5]");
    }
    if !looks.is_sorted_by(|earlier, later| earlier < later) {
        spot.child("looks")
            .report("looks are cumulative sample counts; write them ascending, such as [1, 3, 5]");
    }
    let first = looks.first().copied();
    let cache = raw.cache.and_then(|path| {
        let path = repository_path(spot.file(), &path);
        path.map_err(|why| spot.child("cache").report(why)).ok()
    });
    if spot.has("cache_size") && !spot.has("cache") {
        spot.report_key(
            "cache_size",
            "`cache_size` has a meaning with `cache`, the folder of answers; add that or remove it",
        );
    }
    let (budget_cost, budget_tokens) = raw
        .budget
        .map_or((None, None), |budget| (budget.cost, budget.tokens));
    Run {
        samples: raw
            .samples
            .map(|samples| samples.0)
            .or(first)
            .unwrap_or(default.samples),
        looks,
        budget_cost: budget_cost.map(|cost| cost.0),
        budget_tokens,
        deadline: positive(&spot.child("deadline"), raw.deadline, default.deadline),
        retries: raw.retries.map_or(default.retries, |retries| retries.0),
        retry_delay: raw.retry_delay.map_or(default.retry_delay, |delay| delay.0),
        timeout,
        cache,
        cache_size: raw.cache_size.map_or(default.cache_size, |size| size.0),
    }
}

fn release(raw: Option<RawRelease>) -> Release {
    let default = Release::default();
    let Some(raw) = raw else {
        return default;
    };
    Release {
        max_age: raw.max_age.map_or(default.max_age, |age| age.0),
        require_proven: raw.require_proven.unwrap_or(true),
        require_attestation: raw
            .require_attestation
            .unwrap_or(default.require_attestation),
    }
}

fn report(spot: &Spot<'_>, raw: Option<RawReport>) -> Report {
    let default = Report::default();
    let Some(raw) = raw else {
        return default;
    };
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let id = raw.id.unwrap_or(default.id);
    if id.is_empty() || id.len() > 64 || !id.chars().all(word) {
        spot.child("id")
            .report("an id has 1 to 64 letters, digits, `-`, `_` and `.`");
    }
    Report {
        id,
        comment: raw.comment,
        answers: raw.answers.unwrap_or(default.answers),
        calibration: raw.calibration.and_then(|path| {
            let path = repository_path(spot.file(), &path);
            path.map_err(|why| spot.child("calibration").report(why))
                .ok()
        }),
    }
}

fn accept(raw: Option<RawAccept>) -> Accept {
    let default = Accept::default();
    let Some(raw) = raw else {
        return default;
    };
    Accept {
        permission: raw.permission.unwrap_or(default.permission),
        expires: raw.expires.map_or(default.expires, |expires| expires.0),
    }
}
