//! Reads the data of one agent that a change touches: former rows first, then files that it leaves alone, then those
//! that it touches.

use std::collections::HashSet;

use tokio::task::yield_now;

use super::cases::suite_cases;
use super::content::{Allowance, Opened};
use super::listing::Listed;
use super::sides::TwoSides;
use super::{View, cause};
use crate::agent::AgentName;
use crate::corpus::{Auditor, Before, FileAudit, Judged, Purpose, Standing};
use crate::edge::disk::DiskError;
use crate::gate::scene::Scene;
use crate::gate::{Files, GateError};
use crate::record::Cause;

/// Rows that are read before anybody else may do something, such as notice a signal.
const ROWS_AT_ONCE: usize = 2_000;
/// Files of an agent that are causes of their own; more are counted in the last one.
const MOST_CAUSES: usize = 50;

/// What was read of an agent's data.
pub(super) struct Read {
    pub(super) judged: Judged,
    pub(super) notices: Vec<String>,
    /// False where a former file could not be read, so that present rows cannot be told from it.
    former_known: bool,
}

impl Read {
    /// Whether every row of this purpose is what it was.
    pub(super) fn same_rows(&self, purpose: Purpose) -> bool {
        let validation = purpose == Purpose::Validation;
        let mut files = self
            .judged
            .files
            .iter()
            .filter(|file| file.validation == validation);
        self.former_known && files.all(is_as_before)
    }

    /// The changed files as causes, without those that are only written otherwise.
    pub(super) fn causes(&self, training: &TwoSides, validation: &TwoSides) -> Vec<Cause> {
        let mut causes = self.causes_of(Purpose::Training, training);
        causes.extend(self.causes_of(Purpose::Validation, validation));
        causes
    }

    fn causes_of(&self, purpose: Purpose, sides: &TwoSides) -> Vec<Cause> {
        if self.same_rows(purpose) {
            return Vec::new();
        }
        let mut paths: Vec<&String> = sides
            .changed()
            .chain(sides.former().map(|(path, _)| path))
            .collect();
        paths.sort();
        paths.dedup();
        let validation = purpose == Purpose::Validation;
        let rows = |path: &str| {
            let mut files = self.judged.files.iter();
            files.find(|file| file.path == path && file.validation == validation)
        };
        let mut causes: Vec<Cause> = paths
            .iter()
            .map(|path| (path, rows(path)))
            .filter(|(_, rows)| !(self.former_known && rows.is_some_and(is_as_before)))
            .map(|(path, rows)| cause(purpose, path, rows))
            .collect();
        let more = causes.len().saturating_sub(MOST_CAUSES);
        causes.truncate(MOST_CAUSES);
        if let Some(last) = causes.last_mut().filter(|_| more > 0) {
            last.detail = Some(format!("and {more} more files"));
        }
        causes
    }
}

fn is_as_before(file: &FileAudit) -> bool {
    file.not_read.is_none() && file.rows_added + file.rows_removed + file.rows_changed == 0
}

/// Everything that one audit needs.
struct Reader<'v, 'a> {
    view: &'v View<'a>,
    allowance: &'v mut Allowance,
    notices: Vec<String>,
    former_known: bool,
    /// What the changed files need of the allowance.
    needed: u64,
}

impl View<'_> {
    /// Audits the data of an agent.
    pub(super) async fn audit(
        &self,
        scene: &Scene,
        name: &AgentName,
        (training, validation): (&TwoSides, &TwoSides),
        allowance: &mut Allowance,
    ) -> Result<Read, GateError> {
        let sides = [training, validation];
        let now = sides
            .iter()
            .flat_map(|side| side.changed().filter_map(|path| side.now.get(path)));
        let former = sides
            .iter()
            .flat_map(|side| side.former().map(|(_, file)| file));
        let needed = now.chain(former).filter_map(|file| file.bytes).sum();
        let mut reader = Reader {
            view: self,
            allowance,
            notices: Vec::new(),
            former_known: true,
            needed,
        };
        let before = reader.former(&sides).await?;
        let rules = &scene.deciding.config.audit;
        let cases = suite_cases(scene, name).map_err(GateError::Usage)?;
        let mut auditor = Auditor::new(rules.context_length, cases, before);
        for (side, purpose) in sides
            .into_iter()
            .zip([Purpose::Training, Purpose::Validation])
        {
            reader.untouched(&mut auditor, side, purpose, name).await?;
            reader.changed(&mut auditor, side, purpose).await?;
        }
        let audited = auditor.finish();
        if audited.not_compared > 0 {
            let rows = audited.not_compared;
            reader.notices.push(format!(
                "{rows} rows of {name}'s data are too many to be compared for likeness"
            ));
        }
        let mut judged = rules.judge(audited, Some(name), self.today);
        let touched = |path: &String| sides.iter().any(|side| side.is_changed(path));
        judged.files.retain(|file| touched(&file.path));
        Ok(Read {
            judged,
            notices: reader.notices,
            former_known: reader.former_known,
        })
    }
}

impl Reader<'_, '_> {
    async fn open(
        &mut self,
        files: &Files<'_>,
        path: &str,
        file: &Listed,
    ) -> Result<Result<Opened, String>, GateError> {
        let content = files
            .content(path, file, self.view.workspace, self.allowance)
            .await?;
        content.open().map_err(|source| failed(path, source))
    }

    /// The rows that the changed files had.
    async fn former(&mut self, sides: &[&TwoSides; 2]) -> Result<Before, GateError> {
        let mut before = Before::default();
        let Some(files) = self.view.before else {
            return Ok(before);
        };
        let purposes = [Purpose::Training, Purpose::Validation];
        let former = sides.iter().zip(purposes);
        let former = former.flat_map(|(side, purpose)| {
            side.former().map(move |(path, file)| (path, file, purpose))
        });
        for (path, file, purpose) in former {
            match self.open(files, path, file).await? {
                Ok(opened) => before
                    .read(path, purpose, opened.text)
                    .map_err(|source| failed(path, source))?,
                Err(why) => {
                    self.former_known = false;
                    self.notices.push(format!(
                        "what {path} held before cannot be read, so every row of it counts as new: {why}"
                    ));
                }
            }
            self.go_on().await?;
        }
        before.close();
        Ok(before)
    }

    /// Files that the change leaves alone: what they hold may be repeated, or leak into validation.
    async fn untouched(
        &mut self,
        auditor: &mut Auditor,
        side: &TwoSides,
        purpose: Purpose,
        name: &AgentName,
    ) -> Result<(), GateError> {
        let mut unread = 0_u32;
        let changed: HashSet<&String> = side.changed().collect();
        for (path, file) in side.now.iter().filter(|(path, _)| !changed.contains(path)) {
            let affordable = self
                .allowance
                .has(file.bytes.unwrap_or(u64::MAX), self.needed);
            let opened = if affordable || self.view.workspace.is_some() {
                self.open(self.view.now, path, file).await?.ok()
            } else {
                None
            };
            match opened {
                Some(opened) => {
                    self.read(auditor, (path, purpose, Standing::Untouched), opened)
                        .await?;
                }
                None => unread += 1,
            }
        }
        if unread > 0 {
            self.notices.push(format!(
                "{unread} files of {name}'s data that this change does not touch were not read: copies of their rows are not found"
            ));
        }
        Ok(())
    }

    async fn changed(
        &mut self,
        auditor: &mut Auditor,
        side: &TwoSides,
        purpose: Purpose,
    ) -> Result<(), GateError> {
        for path in side.changed() {
            let Some(file) = side.now.get(path) else {
                continue;
            };
            match self.open(self.view.now, path, file).await? {
                Ok(opened) => {
                    self.read(auditor, (path, purpose, Standing::Changed), opened)
                        .await?;
                }
                Err(why) => auditor.unread(path, purpose, file.bytes.unwrap_or_default(), &why),
            }
        }
        Ok(())
    }

    async fn read(
        &self,
        auditor: &mut Auditor,
        (path, purpose, standing): (&str, Purpose, Standing),
        opened: Opened,
    ) -> Result<(), GateError> {
        let mut reading = auditor.begin(path, purpose, standing, opened.bytes, opened.text);
        let read = |source| failed(path, source);
        while auditor.go_on(&mut reading, ROWS_AT_ONCE).map_err(read)? {
            self.go_on().await?;
        }
        self.go_on().await
    }

    /// Lets a signal be noticed.
    async fn go_on(&self) -> Result<(), GateError> {
        yield_now().await;
        if self.view.is_interrupted() {
            return Err(GateError::Interrupted);
        }
        Ok(())
    }
}

fn failed(path: &str, source: std::io::Error) -> GateError {
    GateError::Disk(DiskError {
        doing: "read",
        path: path.into(),
        source,
    })
}
