//! A change on this machine, before it is pushed: the working tree against a revision, judged as its pull request will be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tokio::sync::watch;

use super::action::{baselines_edit, workflow_edit};
use super::baselines::{self, Found, FoundByAgent};
use super::checkout::is_dirty;
use super::data::{self, Examined};
use super::lock::stored_lock;
use super::record_store::{LocalRecords, RecordStore};
use super::scene::{self, Asked, Scene};
use super::stored::Stored;
use super::{Files, GateError, Plan};
use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::change::ChangedFiles;
use crate::config::{Config, Store};
use crate::edge::CommitSha;
use crate::edge::disk::{self, Journal};
use crate::edge::git::{Repository, WorkingTree};
use crate::record::{Lock, Source};

/// The remote that most people have.
pub(super) const USUAL_REMOTE: &str = "origin";

/// A working tree, and the revision whose rules it is judged by.
#[derive(Debug)]
pub struct LocalChange {
    repository: Repository,
    revision: String,
    base: CommitSha,
    head: CommitSha,
    merge_base: CommitSha,
    tree: WorkingTree,
    changed: ChangedFiles,
}

/// A change that touches what the gate watches.
#[derive(Debug)]
pub struct Seen {
    /// What it comes to.
    pub scene: Scene,
    examined: Examined,
}

/// What was measured before.
#[derive(Debug, Default)]
pub struct Past {
    /// The baseline of each agent, or why there is none.
    pub baselines: BTreeMap<AgentName, Result<Baseline, String>>,
    /// The answers of agents that are asked.
    pub answers: StoredAnswers,
    pinned: BTreeMap<AgentName, Found>,
    lock: Lock,
    told: Option<String>,
}

/// Stored answers, by agent.
#[derive(Debug, Default)]
pub struct StoredAnswers(BTreeMap<AgentName, Stored>);

/// Stored records, and what a person should know about where they are.
type Kept<'a> = (LocalRecords<'a>, String);

impl LocalChange {
    /// What differs between a working tree and the commit at which it left a revision; committed or not, new files too.
    /// What an earlier run left in `out` is no part of it.
    pub fn find(root: &Path, revision: &str, out: &Path) -> Result<Self, GateError> {
        let repository = Repository::open(root)?;
        let base = repository.commit(revision)?;
        let head = repository.head()?;
        let merge_base = repository.merge_base((revision, &base), &head)?;
        let mut tree = repository.working_tree(&merge_base)?;
        if let Some(out) = disk::inside(root, out) {
            tree.leave_out(&out);
        }
        Ok(Self {
            changed: tree.changed(),
            revision: revision.to_owned(),
            repository,
            base,
            head,
            merge_base,
            tree,
        })
    }

    /// The files whose rules decide.
    pub fn before(&self) -> Files<'_> {
        Files::git(&self.repository, self.base.clone())
    }

    /// The files as they will be after the merge.
    pub fn files(&self) -> Files<'_> {
        Files::with_changes(
            &self.repository,
            self.base.clone(),
            &self.tree,
            &self.changed,
        )
    }

    /// Who is touched, what is wrong with the data, which rules change; `None` where nothing that the gate watches is
    /// touched. `models` are asked in place of those that the files name.
    pub async fn look(
        &self,
        asked: Asked<'_>,
        models: &[(AgentName, String)],
        interrupt: &watch::Receiver<bool>,
    ) -> Result<Option<Seen>, GateError> {
        let before = self.before();
        let now = self.files();
        let mut scene = scene::set(&before, &now, &self.changed, asked).await?;
        let view = data::View {
            before: Some(&before),
            now: &now,
            workspace: Some(self.repository.root()),
            today: data::today(),
            interrupt,
        };
        let examined = data::examine(view, &mut scene).await?;
        for (name, model) in models {
            scene.try_model(name, model)?;
        }
        let is_seen = !scene.is_untouched() || !scene.changes.rules.is_empty();
        Ok(is_seen.then_some(Seen { scene, examined }))
    }

    /// What was measured before, and what a person should know about where it is stored.
    pub async fn stored(&self, scene: &Scene) -> Result<Past, GateError> {
        let asked: BTreeSet<&AgentName> = scene.asked().collect();
        let base_models = scene.base_models();
        let wanted = scene.wanted(&base_models);
        let (records, told) = match self.records(&scene.deciding.config.baseline.store)? {
            Ok(found) => found,
            Err(why) => return Ok(Past::none(scene, &why)),
        };
        let store = RecordStore::Local(records);
        let gate_id = &scene.deciding.config.report.id;
        let mut found = baselines::find(&store, gate_id, &wanted, &self.merge_base).await?;
        if self.repository.is_shallow() {
            for why in found.values_mut().filter_map(|found| found.as_mut().err()) {
                why.push_str(
                    "; this clone is shallow, `git fetch --unshallow` brings older commits",
                );
            }
        }
        let lock = stored_lock(&store, gate_id).await?;
        let pinned = match &scene.deciding.config.baseline.pinned {
            Some(commit) => {
                let names: Vec<&AgentName> = asked.into_iter().collect();
                baselines::pinned(&store, gate_id, &names, commit).await?
            }
            None => BTreeMap::new(),
        };
        Ok(Past {
            lock,
            pinned,
            told: Some(told),
            ..Past::of(found)
        })
    }

    /// What was fetched of the branch that keeps baselines, or the folder of the revision whose rules decide; or why there
    /// is none.
    fn records(&self, store: &Store) -> Result<Result<Kept<'_>, String>, GateError> {
        match store {
            Store::Branch(branch) => {
                let remote = self.repository.remote_of(&self.revision)?;
                let remote = remote.as_deref().unwrap_or(USUAL_REMOTE);
                let Some(records) = LocalRecords::find(&self.repository, branch, remote)? else {
                    return Ok(Err(format!(
                        "no record: fetch it with `git fetch {remote} {branch}:{branch}`"
                    )));
                };
                let origin = &records.origin;
                let told = format!("the baseline is read from {origin}, as it was fetched last");
                Ok(Ok((records, told)))
            }
            Store::Path(folder) => {
                let base = (self.revision.as_str(), &self.base);
                let records = LocalRecords::at(&self.repository, folder, base)?;
                let told = format!("the baseline is read from {}", records.origin);
                Ok(Ok((records, told)))
            }
        }
    }

    /// The commits. What is judged may differ from the one that is checked out.
    pub fn source(&self, out: &Path, config: &Config) -> Result<Source, GateError> {
        let name = |commit: &CommitSha| Some(commit.as_str().to_owned());
        Ok(Source {
            event: "local".to_owned(),
            commit: name(&self.head),
            base: name(&self.base),
            merge_base: name(&self.merge_base),
            dirty: is_dirty(&self.repository, &self.head, (out, config))?,
            ..Source::default()
        })
    }

    /// What a reader should know before anything else.
    pub fn banners(&self, scene: &Scene) -> Vec<String> {
        let edited = workflow_edit(&self.changed);
        let stored = baselines_edit(scene, &self.changed);
        edited.into_iter().chain(stored).collect()
    }
}

impl Seen {
    /// What a run of this change does, held against its past.
    pub fn plan(&mut self, past: Past) -> Result<Plan, GateError> {
        let rules_alone = self.scene.is_untouched();
        // Where nothing but rules changes, nothing is held against a baseline.
        let baselines = if rules_alone {
            BTreeMap::new()
        } else {
            past.baselines
        };
        let mut plan = self.scene.plan(baselines)?;
        plan.pin(past.pinned)?;
        plan.unchanged = self.scene.unchanged();
        std::mem::take(&mut self.examined).fill(&self.scene, &past.lock, &mut plan);
        plan.notices.extend(past.told.filter(|_| !rules_alone));
        Ok(plan)
    }

    /// Takes stored answers of models that stay what they were; to be done once the plan has only what is done here.
    pub fn reuse(
        &self,
        plan: &mut Plan,
        answers: StoredAnswers,
        out: &Path,
    ) -> Result<(), GateError> {
        if answers.0.is_empty() {
            return Ok(());
        }
        // A folder that cannot be written costs memory, not the run.
        let spool = Journal::passing(out).unwrap_or_else(|_| Journal::in_memory());
        plan.reuse(answers.0, |name| self.scene.reuses(name), spool)
    }
}

impl Past {
    fn of(found: FoundByAgent) -> Self {
        let mut past = Self::default();
        for (name, found) in found {
            let baseline = found.map(|found| {
                past.answers
                    .0
                    .extend(found.stored.map(|stored| (name.clone(), stored)));
                found.baseline
            });
            past.baselines.insert(name, baseline);
        }
        past
    }

    fn none(scene: &Scene, why: &str) -> Self {
        let stands = scene.deciding.stands.iter();
        Self::of(
            stands
                .map(|stand| (stand.agent.name.clone(), Err(why.to_owned())))
                .collect(),
        )
    }

    /// A record that somebody named, and nothing besides.
    pub fn named(baselines: BTreeMap<AgentName, Result<Baseline, String>>) -> Self {
        Self {
            baselines,
            ..Self::default()
        }
    }
}
