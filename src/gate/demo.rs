//! The main job on recorded answers: a pull request moves the model ID of one of five agents, and that agent got worse.
//!
//! Nothing is played: the same scene, plan and run as on a real pull request, with recordings in the model's place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tokio::sync::watch;

use super::providers::Secrets;
use super::scene::{self, Asked};
use super::{Files, GateError, Journaling, Ledger, Plan, Providers, run};
use crate::baseline::Baseline;
use crate::change::{ChangedFile, ChangedFiles};
use crate::record::{RunInfo, Source};

const CONFIG: &str = "tunegate.yaml";
const MOVED_FILE: &str = "models/support_agent.txt";
const MOVED_TO: &str = "ft:open-mistral-7b:tunegate:20261101:support-b\n";

/// Where the demonstration's files come from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Those that came with the program.
    Embedded,
    /// A folder of the same layout.
    Folder(PathBuf),
}

/// A pull request, and the stored baseline it is held against.
#[derive(Debug)]
pub struct Demonstration {
    plan: Plan,
    providers: Providers,
}

impl Demonstration {
    /// Measures the pull request; the journal goes to a folder.
    pub async fn run(&self, out: &Path) -> Result<Ledger<'_>, GateError> {
        let (_keep, interrupt) = watch::channel(false);
        let journaling = Journaling::Anew(out);
        run(&self.plan, &self.providers, journaling, interrupt, &|_| {}).await
    }
}

/// Measures the base as the stored baseline.
pub async fn prepare(origin: &Origin) -> Result<Demonstration, GateError> {
    let files = files(origin).await?;
    let base = Files::embedded(files.clone());
    let (_keep, interrupt) = watch::channel(false);
    let asked = Asked {
        config_path: CONFIG,
        agents: &[],
        all: false,
    };

    let scene = scene::single(&base, asked).await?;
    let none = |_: &str| None;
    let plan = scene.plan(BTreeMap::new())?;
    let providers = Providers::prepare(
        &scene.deciding.config,
        &plan.providers_asked(),
        &base,
        &none,
        Secrets::Local,
    )
    .await?;
    let journaling = Journaling::InMemory;
    let measured = run(&plan, &providers, journaling, interrupt, &|_| {}).await?;
    let production = measured.record();

    let mut moved = files;
    moved.insert(MOVED_FILE.to_owned(), MOVED_TO.as_bytes().to_vec());
    let changed = ChangedFiles {
        files: vec![ChangedFile {
            path: MOVED_FILE.to_owned(),
            previous_path: None,
        }],
        doubt: None,
    };
    let head = Files::embedded(moved);
    let scene = Box::pin(scene::set(&base, &head, &changed, asked)).await?;
    let baselines = production.agents.iter().map(|agent| {
        let record = production.baseline_of(&agent.name);
        (
            agent.name.clone(),
            Ok(Baseline::new(record, "the recorded baseline".to_owned())),
        )
    });
    let mut plan = scene.plan(baselines.collect())?;
    plan.remember(&measured)?;
    plan.info = RunInfo {
        id: "demo".to_owned(),
        attempt: 1,
        ..RunInfo::default()
    };
    plan.source = Source {
        event: "demo".to_owned(),
        ..Source::default()
    };
    plan.notices
        .push("answers are recorded: no model was asked".to_owned());
    Ok(Demonstration { plan, providers })
}

async fn files(origin: &Origin) -> Result<BTreeMap<String, Vec<u8>>, GateError> {
    let embedded = EMBEDDED
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    let folder = match origin {
        Origin::Embedded => return Ok(embedded.collect()),
        Origin::Folder(folder) => Files::disk(folder.clone()),
    };
    let mut files = BTreeMap::new();
    for (path, _) in EMBEDDED {
        if let Some(bytes) = folder.read(path).await? {
            files.insert((*path).to_owned(), bytes);
        }
    }
    Ok(files)
}

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),*]
    };
}

/// The repository's own gate, as it stands.
const EMBEDDED: &[(&str, &str)] = embedded![
    "tunegate.yaml",
    "models/analyst_agent.txt",
    "models/content_agent.txt",
    "models/legal_agent.txt",
    "models/qa_agent.txt",
    "models/support_agent.txt",
    "recordings/analyst_agent.jsonl",
    "recordings/content_agent.jsonl",
    "recordings/legal_agent.jsonl",
    "recordings/qa_agent.jsonl",
    "recordings/support_agent.jsonl",
    "suites/analyst_agent.yaml",
    "suites/content_agent.yaml",
    "suites/legal_agent.yaml",
    "suites/qa_agent.yaml",
    "suites/support_agent.yaml",
];
