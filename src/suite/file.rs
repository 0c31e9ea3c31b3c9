//! A suite whose further cases are still to be read: from a file that is kept, or from one that is read case by case.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use super::read::taken;
use super::streamed::{ReadAt, Scan, Taken};
use super::{Case, Suite, lines};
use crate::problem::{Problem, Problems, shown};
use crate::yaml::Log;

/// A valid suite file whose `cases_from`, if it names one, is still to be read.
#[derive(Debug)]
pub struct SuiteFile {
    pub(super) suite: Suite,
    pub(super) lines: Vec<usize>,
    pub(super) cases_from: Option<String>,
    /// Where `cases` or the file starts, for what is wrong with all of them.
    pub(super) log: Log,
}

impl SuiteFile {
    /// The file of further cases, relative to the repository's root: to be read and given to [`Self::finish`].
    pub fn cases_from(&self) -> Option<&str> {
        self.cases_from.as_deref()
    }

    /// The suite of a file of cases that is too large to keep: `text` is its content, of which `read` reads parts
    /// again later.
    pub fn finish_streamed(
        mut self,
        path: &str,
        text: impl BufRead,
        read: Arc<ReadAt>,
    ) -> Result<Suite, Problems> {
        let own = self.suite.path.clone();
        let places: Vec<_> = self.lines.iter().map(|line| (own.clone(), *line)).collect();
        repeated(&self.log, &self.suite.cases, &places);
        let known = self.suite.cases.iter().zip(&self.lines);
        let log = Log::new(path);
        let scan = Scan {
            log: &log,
            profile: self.suite.scoring.profile,
            own: &own,
            taken: known
                .map(|(case, line)| (case.id.clone(), Taken::Own(*line)))
                .collect(),
        };
        let lines = scan.lines(path, text, read);
        let lines = log.or(Some(lines))?;
        self.suite.lines = Some(lines);
        self.whole()
    }

    /// The suite, once the path and bytes of its `cases_from` are there.
    pub fn finish(mut self, cases_from: Option<(&str, &[u8])>) -> Result<Suite, Problems> {
        let own = self.suite.path.clone();
        let mut places: Vec<_> = self.lines.iter().map(|line| (own.clone(), *line)).collect();
        if let Some((path, bytes)) = cases_from {
            let log = Log::new(path);
            let further = lines::cases(&log, bytes, self.suite.scoring.profile);
            let further = log.or(Some(further))?;
            places.extend(further.iter().map(|(_, line)| (path.to_owned(), *line)));
            let further = further.into_iter().map(|(case, _)| Arc::new(case));
            self.suite.cases.extend(further);
        } else if let Some(missing) = &self.cases_from {
            let message = format!(
                "`cases_from` names {}, which is not there; add it or remove the key",
                shown(missing)
            );
            self.log.push(Problem::of_file(&own, message));
        }
        repeated(&self.log, &self.suite.cases, &places);
        self.whole()
    }

    fn whole(self) -> Result<Suite, Problems> {
        if self.suite.is_empty() {
            let message = "the suite has 0 cases; add one under `cases`, or name a file of cases in `cases_from`";
            self.log.push(Problem::of_file(&self.suite.path, message));
        }
        self.log.or(Some(self.suite))
    }
}

fn repeated(log: &Log, cases: &[Arc<Case>], places: &[(String, usize)]) {
    let mut first: HashMap<&str, &(String, usize)> = HashMap::new();
    for (case, place) in cases.iter().zip(places) {
        if let Some((file, line)) = first.get(case.id.as_str()) {
            let message = taken(case.id.as_str(), file, *line);
            log.push(Problem::of_file(&place.0, message).at(place.1, None));
        } else {
            first.insert(case.id.as_str(), place);
        }
    }
}
