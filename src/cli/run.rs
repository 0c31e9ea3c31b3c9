//! `tunegate run`: benchmark and verdict for the working tree, by itself or as the change that it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::baseline::baselines;
use super::progress::Teller;
use super::scores::Scores;
use super::{Common, Ending, UNTOUCHED, out_folder, variable};
use crate::agent::AgentName;
use crate::edge::disk;
use crate::edge::signal::{self, Signals};
use crate::gate::checkout;
use crate::gate::scene::{self, Asked, Scene};
use crate::gate::since::{LocalChange, Past, Seen, StoredAnswers};
use crate::gate::{
    self, Documents, Files, GateError, Journaling, Ledger, Leftover, Plan, Providers, Recordings,
    Secrets, Variables, Written, action,
};
use crate::record::{RunInfo, Shard, Source};
use crate::report::{Answers, Context};

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(super) struct Arguments {
    /// Ask only this agent (repeatable)
    #[arg(long, value_name = "NAME", value_parser = agent_name)]
    agent: Vec<AgentName>,
    /// Ask this model instead of the configured one (repeatable)
    #[arg(long, value_name = "AGENT=ID", value_parser = agent_model)]
    model: Vec<(AgentName, String)>,
    /// Ask every agent, also where --agent names some
    #[arg(long)]
    all: bool,
    /// Compare with this record; `none` compares with nothing. Without it, and with --since, the stored one is taken
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Judge what the working tree changes since it left this revision, by the rules of the revision, as its pull request
    /// will be judged
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Also write the answers to this file, as recordings for a provider of kind replay
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Go on with the answers of a run that did not end, and ask only what it has none to
    #[arg(long, conflicts_with = "discard")]
    resume: bool,
    /// Throw the answers of a run that did not end away
    #[arg(long)]
    discard: bool,
    /// Ask only one part of the cases, such as 2/4; `tunegate merge` joins the parts and decides
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Folder for run.json, comment.md and summary.txt
    #[arg(long, value_name = "DIR", default_value = "tunegate-out", value_parser = out_folder())]
    out: PathBuf,
    /// Upper bound of the run's cost; can only lower `run.budget.cost`
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    max_cost: Option<f64>,
    #[command(flatten)]
    scores: Scores,
    /// Ask for every answer anew, and keep none
    #[arg(long)]
    no_cache: bool,
}

pub(super) fn agent_name(text: &str) -> Result<AgentName, String> {
    AgentName::new(text).ok_or_else(|| {
        "an agent's name has letters, digits, `-`, `_` and `.`, at most 64".to_owned()
    })
}

fn agent_model(text: &str) -> Result<(AgentName, String), String> {
    let (agent, model) = text.split_once('=').ok_or("write AGENT=MODEL_ID")?;
    if model.trim().is_empty() {
        return Err("the model ID is empty; write AGENT=MODEL_ID".to_owned());
    }
    Ok((agent_name(agent)?, model.trim().to_owned()))
}

pub(super) fn amount(text: &str) -> Result<f64, String> {
    let amount: f64 = text
        .parse()
        .map_err(|_| format!("expected an amount of money such as 1.50, found `{text}`"))?;
    if amount.is_finite() && amount >= 0.0 {
        Ok(amount)
    } else {
        Err("write an amount of at least 0".to_owned())
    }
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let (root, config_path) = common.root_and_config()?;
    let asked = Asked {
        config_path: &config_path,
        agents: &arguments.agent,
        all: arguments.all,
    };
    let Some(revision) = &arguments.since else {
        let files = Files::disk(root.clone());
        let scene = scene::single(&files, asked).await?;
        let change = Change {
            plan: plan(&root, &scene, arguments)?,
            scene: &scene,
            recordings: Recordings::of(&files),
            past: None,
            banners: Vec::new(),
        };
        return Box::pin(measure(common, arguments, &root, change, &signal::watch())).await;
    };
    let local = LocalChange::find(&root, revision, &arguments.out)?;
    let (models, signals) = (&arguments.model, signal::watch());
    let Some(mut seen) = local.look(asked, models, &signals.ended()).await? else {
        return Ok(untouched(common));
    };
    if arguments.shard.is_some() && seen.scene.is_untouched() {
        return Ok(untouched(common));
    }
    let (plan, answers) = plan_since(&local, &mut seen, arguments).await?;
    let (before, files) = (local.before(), local.files());
    let change = Change {
        plan,
        scene: &seen.scene,
        recordings: Recordings::of_change(&seen.scene, &before, &files),
        past: Some((&seen, answers)),
        banners: local.banners(&seen.scene),
    };
    Box::pin(measure(common, arguments, &root, change, &signals)).await
}

/// What is measured: the working tree by itself, or what it changes.
struct Change<'a> {
    plan: Plan,
    scene: &'a Scene,
    recordings: Recordings<'a>,
    /// What it changes, and answers of before.
    past: Option<(&'a Seen, StoredAnswers)>,
    banners: Vec<String>,
}

async fn measure(
    common: &Common,
    arguments: &Arguments,
    root: &Path,
    change: Change<'_>,
    signals: &Signals,
) -> Result<Ending, GateError> {
    let Change {
        mut plan,
        scene,
        recordings,
        past,
        mut banners,
    } = change;
    let part = arguments.shard.map(|shard| plan.take_part(shard));
    banners.extend(part.transpose()?);
    let config = &scene.deciding.config;
    let grades = arguments.scores.read(|| plan.gradable(config))?;
    plan.grade(grades.as_ref());
    if let Some((seen, answers)) = past.filter(|_| !arguments.no_cache) {
        seen.reuse(&mut plan, answers, &arguments.out)?;
    }
    plan.hold_against(scene, arguments.baseline.as_deref(), grades.as_ref())?;
    let config = &scene.deciding.config;
    let known = (&variable as Variables<'_>, Secrets::Local);
    let kept = kept_below(root, arguments);
    let providers = Providers::of(&plan, config, recordings, known, kept).await?;
    let teller = Teller::new(common.progress_on_terminal());
    let estimate = gate::estimate(&plan)?;
    teller.pays_in(&estimate.currency);
    if estimate.answers() > 0 {
        teller.announce(&format!("to ask: {estimate}"));
    }
    let journaling = Journaling::In(&arguments.out, arguments.leftover());
    let ledger = gate::run(&plan, &providers, journaling, signals.ended(), &|step| {
        teller.tell(step);
    })
    .await;
    teller.end();
    let mut ledger = ledger.map_err(GateError::with_journal)?;
    let report_only = ledger.record().run.report_only.is_some();
    let context = Context {
        answers: Answers::Excerpts,
        run: action::run_line(ledger.record()),
        old_answers: BTreeMap::new(),
        accepting: None,
        banners,
    };
    let documents = Documents::of(&mut ledger, &context)?;
    let code = match gate::exit_code(ledger.record(), signals.exit_code()) {
        1 | 4 if report_only => 0,
        code => code,
    };
    let saved = save(arguments, &mut ledger, &documents);
    Ok(Ending::of_run(common, documents.summary, saved, code))
}

/// What is printed where there is no run.
fn untouched(common: &Common) -> Ending {
    if common.json {
        let verdict = serde_json::json!({"outcome": "skipped", "proven": false, "reasons": []});
        return Ending::printed(format!("{}\n", serde_json::json!({"verdict": verdict})), 0);
    }
    Ending::printed(format!("{UNTOUCHED}\n"), 0)
}

const fn kept_below<'a>(root: &'a Path, arguments: &Arguments) -> gate::Answers<'a> {
    if arguments.no_cache {
        gate::Answers::AskedAnew
    } else {
        gate::Answers::KeptBelow(root)
    }
}

fn save(
    arguments: &Arguments,
    ledger: &mut Ledger<'_>,
    documents: &Documents,
) -> Result<Written, GateError> {
    let recorded = arguments.record.as_ref().map_or(Ok(()), |path| {
        disk::write_with(path, |file| gate::write_recordings(ledger, file))
    });
    let written = documents.write(ledger, &arguments.out)?;
    recorded.map(|()| written)
}

impl Arguments {
    const fn leftover(&self) -> Leftover {
        match (self.resume, self.discard) {
            (true, _) => Leftover::Resume,
            (_, true) => Leftover::Discard,
            (false, false) => Leftover::Refuse,
        }
    }
}

fn plan(root: &Path, scene: &Scene, arguments: &Arguments) -> Result<Plan, GateError> {
    let names: Vec<AgentName> = scene.asked().cloned().collect();
    let mut plan = scene.plan(baselines(arguments.baseline.as_deref(), &names)?)?;
    for (name, model) in &arguments.model {
        let Some(planned) = plan
            .agents
            .iter_mut()
            .find(|planned| planned.agent.name == *name)
        else {
            return Err(GateError::Usage(format!(
                "--model names `{name}`, which is not asked"
            )));
        };
        planned.candidate.model.clone_from(model);
    }
    plan.refuse_self_grading()?;
    let source = checkout::source(root, &arguments.out, &scene.deciding.config);
    as_told(plan, source, scene, arguments)
}

async fn plan_since(
    local: &LocalChange,
    seen: &mut Seen,
    arguments: &Arguments,
) -> Result<(Plan, StoredAnswers), GateError> {
    let mut past = match &arguments.baseline {
        None => local.stored(&seen.scene).await?,
        Some(path) => {
            let stands = seen.scene.deciding.stands.iter();
            let names: Vec<AgentName> = stands.map(|stand| stand.agent.name.clone()).collect();
            Past::named(baselines(Some(path), &names)?)
        }
    };
    let answers = std::mem::take(&mut past.answers);
    let source = local.source(&arguments.out, &seen.scene.deciding.config)?;
    let plan = as_told(seen.plan(past)?, source, &seen.scene, arguments)?;
    Ok((plan, answers))
}

/// The plan with what the command line says besides.
fn as_told(
    mut plan: Plan,
    source: Source,
    scene: &Scene,
    arguments: &Arguments,
) -> Result<Plan, GateError> {
    plan.lower_budget(arguments.max_cost)?;
    plan.info = RunInfo {
        id: "local".to_owned(),
        attempt: 1,
        report_only: scene.report_only.map(str::to_owned),
        ..RunInfo::default()
    };
    // A model that was named here is none that the commit names.
    let dirty = source.dirty || !arguments.model.is_empty();
    plan.source = Source { dirty, ..source };
    Ok(plan)
}
