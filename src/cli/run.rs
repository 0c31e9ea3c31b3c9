//! `tunegate run`: benchmark and verdict for the working tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::progress::Teller;
use super::{Common, Ending, variable};
use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::edge::{disk, signal};
use crate::gate::scene::{self, Asked, Scene};
use crate::gate::{
    self, Documents, Files, GateError, Journaling, Ledger, Leftover, Plan, Providers, Secrets,
    Written,
};
use crate::record::{Kept, RunInfo, Shard, Source, read};
use crate::report::{Answers, Context, Force, RunLine};

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
    /// Compare with this record; `none` compares with nothing
    #[arg(long, value_name = "FILE", default_value = "none")]
    baseline: PathBuf,
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
    #[arg(long, value_name = "DIR", default_value = "tunegate-out")]
    out: PathBuf,
    /// Upper bound of the run's cost; can only lower `run.budget.cost`
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    max_cost: Option<f64>,
    /// Ask for every answer anew, and keep none
    #[arg(long)]
    no_cache: bool,
}

fn agent_name(text: &str) -> Result<AgentName, String> {
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
    let files = Files::Disk(root.clone());
    let asked = Asked {
        config_path: &config_path,
        agents: &arguments.agent,
        all: arguments.all,
    };
    let scene = scene::single(&files, asked).await?;
    let mut plan = plan(&scene, arguments)?;
    let part = arguments.shard.map(|shard| plan.take_part(shard));
    let part = part.transpose()?;
    let config = &scene.deciding.config;
    let providers = Providers::prepare(
        config,
        &plan.providers_asked(),
        &files,
        &variable,
        Secrets::Local,
    )
    .await?
    .keeping_answers(config, kept_below(&root, arguments), Secrets::Local);
    let signals = signal::watch();
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
    let mut ledger = ledger?;
    let context = Context {
        answers: Answers::Excerpts,
        force: Force::Blocks,
        run: RunLine {
            gate_id: ledger.record().gate_id.clone(),
            run_id: "local".into(),
            attempt: 1,
            ..RunLine::default()
        },
        old_answers: BTreeMap::new(),
        banners: part.into_iter().collect(),
    };
    let documents = Documents::of(&mut ledger, &context)?;
    let code = gate::exit_code(ledger.record(), signals.exit_code());
    let saved = save(arguments, &mut ledger, &documents);
    Ok(ending(common, documents.summary, saved, code))
}

const fn kept_below<'a>(root: &'a Path, arguments: &Arguments) -> gate::Answers<'a> {
    if arguments.no_cache {
        gate::Answers::AskedAnew
    } else {
        gate::Answers::KeptBelow(root)
    }
}

/// The result as it is printed. What was asked and paid for is shown although it could not be written; then only a
/// pass gets another exit code.
pub(super) fn ending(
    common: &Common,
    summary: String,
    saved: Result<Written, GateError>,
    code: u8,
) -> Ending {
    match saved {
        Ok(written) if common.json => Ending::file(written.record, code),
        Ok(written) => {
            let place = written.record.display();
            Ending::printed(format!("{summary}Written: {place}\n"), code)
        }
        Err(why) => {
            let error = Ending::from(why);
            Ending {
                stdout: summary,
                code: if code == 0 { error.code } else { code },
                ..error
            }
        }
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

fn plan(scene: &Scene, arguments: &Arguments) -> Result<Plan, GateError> {
    let names: Vec<AgentName> = scene.asked().cloned().collect();
    let mut plan = scene.plan(baselines(&arguments.baseline, &names)?)?;
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
    plan.lower_budget(arguments.max_cost)?;
    plan.info = RunInfo {
        id: "local".to_owned(),
        attempt: 1,
        ..RunInfo::default()
    };
    plan.source = Source {
        event: "local".to_owned(),
        ..Source::default()
    };
    Ok(plan)
}

pub(super) fn baselines(
    path: &Path,
    names: &[AgentName],
) -> Result<BTreeMap<AgentName, Result<Baseline, String>>, GateError> {
    if path == Path::new("none") {
        let none = || Err("none was given; `--baseline FILE` names a record".to_owned());
        return Ok(names.iter().map(|name| (name.clone(), none())).collect());
    }
    let shown = path.display().to_string();
    let Some(text) = disk::Text::open(path)? else {
        return Err(GateError::Usage(format!(
            "the baseline {shown} is not there; name a run.json, or `none`"
        )));
    };
    let record =
        read(|| text.from_start(), Kept::Numbers).map_err(|source| GateError::Baseline {
            path: shown.clone(),
            source,
        })?;
    if let Some(part) = record.shard {
        return Err(GateError::Usage(format!(
            "{shown} is {} of a run, not a baseline; `tunegate merge` joins the parts first",
            part.in_words()
        )));
    }
    let one = |name: &AgentName| Baseline {
        record: record.baseline_of(name),
        origin: shown.clone(),
    };
    Ok(names
        .iter()
        .map(|name| (name.clone(), Ok(one(name))))
        .collect())
}
