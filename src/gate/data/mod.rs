//! The training and validation data of a change: which agents' data it touches, row by row, what is wrong with the rows
//! that it adds, and what names the data at this commit.

mod accept;
mod audit;
mod cases;
mod content;
mod group;
mod listing;
mod local;
mod pointer;
mod sides;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use tokio::sync::watch;

use super::scene::Scene;
use super::{Files, GateError, Plan};
use crate::agent::AgentName;
use crate::change::{DataNow, ModelId, data_digest, provenance};
use crate::corpus::{FileAudit, Judged, Purpose};
use crate::edge::disk::ContentName;
use crate::record::{Audit, Cause, CauseCode, DataFile, Lock};
pub use accept::accepting;
use content::Allowance;
use listing::{Globs, Listing};
pub use local::{AuditRequest, AuditResult, audit};
use sides::{AgentGlobs, TwoSides, all_globs, globs};

/// Where data is read from.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The side before the change; absent where there is none.
    pub(super) before: Option<&'a Files<'a>>,
    /// The side that is judged.
    pub(super) now: &'a Files<'a>,
    /// A checkout, believed only where its files are the commit's.
    pub(super) workspace: Option<&'a Path>,
    /// Decides which accepted findings have expired.
    pub(super) today: Date,
    /// Turns true when a signal came.
    pub(super) interrupt: &'a watch::Receiver<bool>,
}

/// What is known of the data.
#[derive(Debug, Default)]
pub(super) struct Examined {
    /// By agent; those that name no data are not in it.
    agents: BTreeMap<AgentName, AgentData>,
    /// What the record keeps of the audit.
    audit: Audit,
    /// What a person should know.
    notices: Vec<String>,
    /// Whether there was a side before to compare with.
    compared: bool,
}

/// An agent's data.
#[derive(Debug)]
pub(super) struct AgentData {
    now: DataNow,
    /// Each changed file as a cause, with its rows; none where nothing but the writing of it changed.
    pub(super) causes: Vec<Cause>,
}

/// The day, by which accepted findings expire, in the same time zone everywhere.
pub(super) fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// Looks at the data of every agent that names some, and tells the scene whose data the change touches.
pub(super) async fn examine(view: View<'_>, scene: &mut Scene) -> Result<Examined, GateError> {
    let agents: Vec<AgentGlobs> = globs(scene);
    let mut examined = Examined::default();
    if agents.is_empty() {
        return Ok(examined);
    }
    let all = all_globs(scene);
    let now = match view.listed(view.now, &all).await? {
        Ok(now) => now,
        Err(why) => return Ok(examined.in_doubt(&why)),
    };
    let before = match view.before {
        None => None,
        Some(before) => match view.listed(before, &all).await? {
            Ok(before) => Some(before),
            Err(why) => return Ok(examined.in_doubt(&why)),
        },
    };
    examined.compared = before.is_some();
    let mut allowance = Allowance::default();
    let mut judged = Judged::default();
    for agent in agents {
        let (training, validation) = agent.pick(before.as_ref(), &now);
        let mut data = data_now(&training);
        let mut causes = Vec::new();
        if training.differ() || validation.differ() {
            let read = view
                .audit(scene, &agent.name, (&training, &validation), &mut allowance)
                .await?;
            data.same_rows = read.same_rows(Purpose::Training);
            causes.extend(read.causes(&training, &validation));
            examined.notices.extend(read.notices);
            judged.join(read.judged);
        }
        examined
            .agents
            .insert(agent.name, AgentData { now: data, causes });
    }
    examined.notices.extend(std::mem::take(&mut judged.expired));
    examined.audit = Audit {
        files: judged.files,
        findings: judged.findings,
        counts: judged.counts,
    };
    if examined.compared {
        scene.take_data(&examined.agents);
    }
    Ok(examined)
}

impl Examined {
    /// Whether it matters what was said of models before.
    pub(super) fn is_empty(&self) -> bool {
        self.agents.is_empty()
    }

    /// Puts what is known of the data into the plan of a run. `lock` knows models that were baselines before.
    pub(super) fn fill(self, scene: &Scene, lock: &Lock, plan: &mut Plan) {
        let now = super::now();
        for (name, data) in &self.agents {
            let model = match (scene.stored_candidate(name), scene.judged.stand(name)) {
                (Some(before), Some(stand))
                    if stand
                        .candidate
                        .as_ref()
                        .is_ok_and(|now| now.model != before.model) =>
                {
                    ModelId::Moves
                }
                (Some(_) | None, _) => ModelId::Stays,
            };
            let stored = plan
                .baselines
                .get(name)
                .and_then(|found| found.as_ref().ok());
            let stored = stored.and_then(|baseline| baseline.record.agent(name));
            let stored = stored.map(|agent| &agent.data);
            let known = plan
                .agents
                .iter()
                .find(|planned| planned.agent.name == *name);
            let known = known.and_then(|planned| lock.find(name, &planned.candidate.model));
            if model == ModelId::Moves
                && let Some(since) = stored.and_then(|stored| stored.stale_since.clone())
            {
                plan.data_changed.insert(name.clone(), since);
            }
            let data = provenance(&data.now, model, stored, known, &now);
            plan.data.insert(name.clone(), data);
        }
        plan.audit = self.audit;
        plan.notices.extend(self.notices);
    }

    /// Which files there are cannot be told: what is known from the list of changed files stands.
    fn in_doubt(mut self, why: &str) -> Self {
        self.notices.push(format!(
            "the training data is not looked at: {why}; its rows and its digest are not known"
        ));
        self
    }
}

impl View<'_> {
    async fn listed(
        &self,
        files: &Files<'_>,
        globs: &Globs,
    ) -> Result<Result<Listing, String>, GateError> {
        let mut listing = match files.covered(globs).await? {
            Ok(listing) => listing,
            Err(why) => return Ok(Err(why)),
        };
        files.resolve_pointers(&mut listing).await?;
        files.name_contents(&mut listing)?;
        Ok(Ok(listing))
    }

    /// True when the run is to end.
    fn is_interrupted(&self) -> bool {
        *self.interrupt.borrow()
    }
}

fn data_now(training: &TwoSides) -> DataNow {
    let files = files(&training.now);
    DataNow {
        digest: data_digest(&files).filter(|_| !files.is_empty()),
        before: training
            .before
            .as_ref()
            .and_then(|before| data_digest(&self::files(before))),
        files,
        same_rows: false,
    }
}

fn files(listing: &Listing) -> Vec<DataFile> {
    let named = listing.iter().filter_map(|(path, file)| {
        let digest = match file.name.as_ref()? {
            ContentName::Blob(blob) => format!("git:{blob}"),
            ContentName::Sha256(oid) => format!("sha256:{oid}"),
        };
        Some(DataFile {
            path: path.clone(),
            digest,
            bytes: file.bytes,
        })
    });
    named.collect()
}

/// The cause that a changed file is.
fn cause(purpose: Purpose, path: &str, rows: Option<&FileAudit>) -> Cause {
    let code = match purpose {
        Purpose::Training => CauseCode::TrainingData,
        Purpose::Validation => CauseCode::ValidationData,
    };
    let read = rows.filter(|file| file.not_read.is_none());
    Cause {
        path: Some(path.to_owned()),
        detail: rows.and_then(|file| file.not_read.clone()),
        rows_added: read.map(|file| file.rows_added),
        rows_removed: read.map(|file| file.rows_removed),
        rows_changed: read.map(|file| file.rows_changed),
        ..Cause::of(code)
    }
}
