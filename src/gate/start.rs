//! The first files of a team: the working tree is looked through, and what is not there yet is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::GateError;
use crate::config::{self, Provider};
use crate::edge::disk;
use crate::edge::git::{GitError, Repository};
use crate::record::{AgentRecord, RunRecord, Stopped};
use crate::starter::{CODE_OWNERS, CONFIG, Facts, IGNORED, Proposal, Survey, WORKFLOW, workflow};
use crate::stats::Estimate;

/// Chance with which a proposed floor is above what the model is worth.
const ALPHA: f64 = 0.05;

/// Cases below which a floor would say little.
const LEAST_CASES: usize = 6;

/// A working tree, looked through.
#[derive(Debug)]
pub struct Start {
    /// What is proposed for it.
    pub proposal: Proposal,
    /// Whether it has a configuration already.
    pub is_configured: bool,
    /// The configuration that is proposed, or would be.
    config: String,
}

/// What became of the proposed files.
#[derive(Debug, Default)]
pub struct Placed {
    /// Those that were written.
    pub written: Vec<String>,
    /// Those that are there already, untouched.
    pub kept: Vec<String>,
    /// Whether git would take in what runs write: a `.gitignore` was there that does not name it.
    pub is_unignored: bool,
}

/// Looks through a working tree; `is_set` tells which variables are set.
pub fn look(root: &Path, is_set: &dyn Fn(&str) -> bool) -> Result<Start, GateError> {
    let (paths, branch) = listed(root)?;
    // What git knows may be gone, and what a link leads to is not a file of this repository.
    let there = |path: &String| {
        let path = Path::new(path);
        disk::link_below(root, path).is_none() && disk::is_file(&root.join(path))
    };
    let mut survey = Survey::new(paths.into_iter().filter(there));
    for wanted in survey.wanted() {
        // A file that cannot be read is none that a gate could use.
        if let Ok(Some(mut bytes)) = disk::read_at_most(&root.join(&wanted.path), wanted.most) {
            let more = bytes.len() > wanted.most;
            bytes.truncate(wanted.most);
            survey.read(&wanted.path, &bytes, more);
        }
    }
    let facts = Facts {
        branch: branch.as_deref().unwrap_or("main"),
        is_set,
    };
    let Some(mut proposal) = survey.proposal(&facts) else {
        return Err(GateError::Usage(NOTHING_FOUND.to_owned()));
    };
    if !proposal.has_agents() {
        return Err(GateError::Usage(without_model(&proposal)));
    }
    let mut files = proposal.files.iter();
    let config = files.find(|(path, _)| path == CONFIG);
    let config = config.map(|(_, text)| text.clone()).unwrap_or_default();
    let place = root.join(CONFIG);
    let linked = disk::link_below(root, Path::new(CONFIG)).is_some();
    if linked || (place.exists() && !disk::is_file(&place)) {
        let message = format!(
            "`{CONFIG}` is there and is no file; remove it, or write the configuration in its place"
        );
        return Err(GateError::Usage(message));
    }
    let own = disk::read(&place)?;
    if let Some(bytes) = &own {
        around(&mut proposal, bytes, facts.branch)?;
    }
    Ok(Start {
        proposal,
        is_configured: own.is_some(),
        config,
    })
}

const NOTHING_FOUND: &str = "found no ID of a fine-tuned model (`ft:…`, `tunedModels/…`, or a file below `models/` that holds \
                             nothing else) and no training data (`.jsonl` files) in this repository; write \
                             `tunegate.yaml` by hand, the README shows a first one";

/// What was found of a repository in which no model ID can be pointed at.
fn without_model(proposal: &Proposal) -> String {
    let told = &proposal.told;
    let mut lines = vec!["no model ID was found that a configuration could point at; write each into a file of its own, such \
                          as `models/AGENT.txt`, and run `tunegate init` again"
        .to_owned()];
    let unled = told.must_do.iter().filter(|line| line.contains("model"));
    lines.extend(
        told.found
            .iter()
            .chain(unled)
            .map(|line| format!("found: {line}")),
    );
    lines.join("\n")
}

/// The files of a working tree and its main branch. Without git, or outside of a repository, all files count.
fn listed(root: &Path) -> Result<(Vec<String>, Option<String>), GateError> {
    match Repository::open(root) {
        Ok(repository) => Ok((repository.files()?, repository.main_branch()?)),
        Err(GitError::NotARepository { .. } | GitError::Missing) => {
            Ok((disk::files_below(root, "")?, None))
        }
        Err(why) => Err(why.into()),
    }
}

/// Where there is a configuration, only what stands around it is proposed: suites and keys are as it says.
fn around(proposal: &mut Proposal, config: &[u8], branch: &str) -> Result<(), GateError> {
    let config = config::read(CONFIG, config).map_err(GateError::Problems)?;
    let keys = config
        .providers
        .values()
        .filter_map(|provider| match provider {
            Provider::OpenAi(api) => api.api_key_env.as_deref(),
            Provider::Replay { .. } => None,
        });
    let keys: BTreeSet<&str> = keys.collect();
    proposal
        .files
        .retain(|(path, _)| [CODE_OWNERS, IGNORED].contains(&path.as_str()));
    proposal
        .files
        .push((WORKFLOW.to_owned(), workflow(branch, keys.into_iter())));
    Ok(())
}

impl Start {
    /// Writes what is not there; nothing that is there is touched.
    pub fn place(&self, root: &Path) -> Result<Placed, GateError> {
        let mut placed = Placed::default();
        for (path, text) in &self.proposal.files {
            let linked = disk::link_below(root, Path::new(path)).is_some();
            if !linked && disk::write_new(&root.join(path), text.as_bytes())? {
                placed.written.push(path.clone());
            } else {
                placed.kept.push(path.clone());
            }
        }
        let ignored = disk::read(&root.join(IGNORED))?.unwrap_or_default();
        let ignored = String::from_utf8_lossy(&ignored);
        placed.is_unignored = !ignored
            .lines()
            .any(|line| line.trim().trim_matches('/') == "tunegate-out");
        if self.is_configured {
            placed.kept.push(CONFIG.to_owned());
        }
        Ok(placed)
    }

    /// Writes the configuration again, with floors, if it is the one that was proposed.
    pub fn with_floors(
        &self,
        root: &Path,
        floors: &BTreeMap<String, f64>,
    ) -> Result<bool, GateError> {
        let path = root.join(CONFIG);
        if disk::read(&path)?.as_deref() != Some(self.config.as_bytes()) {
            return Ok(false);
        }
        disk::write(&path, self.proposal.with_floors(floors))?;
        Ok(true)
    }
}

/// A floor for each agent that was measured with enough cases, drafts included: the lower bound of what its score may
/// plausibly be, rounded down to a tenth. Whoever is below it tomorrow got worse, or was lucky today.
pub fn floors(record: &RunRecord) -> BTreeMap<String, f64> {
    let floors = record.touched().filter_map(|agent| {
        let floor = floor(agent)?;
        Some((agent.name.to_string(), floor))
    });
    floors.collect()
}

fn floor(agent: &AgentRecord) -> Option<f64> {
    let scores = agent
        .cases
        .iter()
        .filter_map(|case| Some((case.score?, case.weight)));
    let scores: Vec<(f64, f64)> = scores.collect();
    if scores.len() < LEAST_CASES {
        return None;
    }
    let lower = Estimate::of(&scores)?.bounds(ALPHA)?.lower;
    let floor = (lower * 10.0).floor() / 10.0;
    (floor > 0.0).then_some(floor.min(10.0))
}

/// Why there is nothing to propose a floor from: no question was answered, or the run ended before its end. A floor of the
/// cases that happened to come first would be one of another suite.
pub fn unmeasured(record: &RunRecord) -> Option<GateError> {
    if record.run.stopped == Some(Stopped::Interrupted) {
        return Some(GateError::Interrupted);
    }
    let mut samples = record
        .touched()
        .flat_map(|agent| &agent.cases)
        .flat_map(|case| &case.samples);
    let scored = samples.any(|sample| sample.score.is_some());
    if scored && record.run.stopped.is_none() {
        return None;
    }
    let why = record.run.stopped_because.clone();
    let why = why.unwrap_or_else(|| "see tunegate-out/summary.txt".to_owned());
    Some(GateError::Unmeasured(why))
}
