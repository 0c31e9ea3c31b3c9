//! Cases that stay in their file: a suite of a hundred thousand keeps only where each one stands, and reads it again
//! when it is asked. Small files are read once and kept, see [`super::SuiteFile::finish`].

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead};
use std::sync::Arc;

use super::{Case, CaseId};
use super::{lines, read};
use crate::problem::Problem;
use crate::score::Profile;
use crate::yaml::{self, Log};

/// Reads so many bytes of a file from an offset.
pub type ReadAt = dyn Fn(u64, usize) -> io::Result<Vec<u8>> + Send + Sync;

/// Cases that are read again, each when its turn comes.
#[derive(Clone)]
pub struct Lines {
    path: String,
    profile: Profile,
    places: Arc<[Place]>,
    read: Arc<ReadAt>,
}

/// Where a case stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    length: u32,
    /// From 1.
    number: u32,
    /// Tells that the line is still the one that was checked; names nothing outside of this process.
    mark: u64,
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines")
            .field("path", &self.path)
            .field("cases", &self.places.len())
            .finish_non_exhaustive()
    }
}

impl Lines {
    /// How many cases there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// One of the cases, or why it cannot be read any more.
    pub(super) fn case(&self, index: usize) -> Result<Case, String> {
        let Some(place) = self.places.get(index) else {
            return Err(format!("{} has no case number {index}", self.path));
        };
        let length = usize::try_from(place.length).unwrap_or(usize::MAX);
        let line = (self.read)(place.offset, length)
            .map_err(|why| format!("{} cannot be read any more: {why}", self.path))?;
        let changed = || {
            let (path, number) = (&self.path, place.number);
            format!("{path}:{number} changed while the run was going on; start it again")
        };
        if mark(&line) != place.mark {
            return Err(changed());
        }
        let text = String::from_utf8(line).map_err(|_| changed())?;
        let number = usize::try_from(place.number).unwrap_or(usize::MAX);
        lines::read_case(&self.path, &text, number, self.profile)
            .map_err(|problems| problems.to_string())
    }
}

/// Which line has an id.
#[derive(Debug, Clone, Copy)]
pub(super) enum Taken {
    /// Of the suite's own file.
    Own(usize),
    /// Of the file that is read.
    Here(usize),
}

/// Checks every line of a file, and keeps where the cases stand.
pub(super) struct Scan<'l> {
    pub(super) log: &'l Log,
    pub(super) profile: Profile,
    /// The file of the suite itself.
    pub(super) own: &'l str,
    /// The ids so far.
    pub(super) taken: HashMap<CaseId, Taken>,
}

impl Scan<'_> {
    pub(super) fn lines(mut self, path: &str, mut text: impl BufRead, read: Arc<ReadAt>) -> Lines {
        let mut places = Vec::new();
        let (mut offset, mut number, mut line) = (0_u64, 0_usize, Vec::new());
        loop {
            line.clear();
            let length = match text.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(length) => length,
                Err(why) => {
                    let message = format!("cannot be read: {why}");
                    self.log.push(Problem::of_file(path, message));
                    break;
                }
            };
            number += 1;
            let mut content = line.strip_suffix(b"\n").unwrap_or(&line);
            let mut start = offset;
            if let Some(rest) = content
                .strip_prefix(b"\xef\xbb\xbf")
                .filter(|_| number == 1)
            {
                content = rest;
                start += 3;
            }
            offset += u64::try_from(length).unwrap_or(u64::MAX);
            if content.trim_ascii().is_empty() {
                continue;
            }
            if self.line(path, content, number) {
                places.push(Place {
                    offset: start,
                    length: u32::try_from(content.len()).unwrap_or(u32::MAX),
                    number: u32::try_from(number).unwrap_or(u32::MAX),
                    mark: mark(content),
                });
            }
        }
        Lines {
            path: path.to_owned(),
            profile: self.profile,
            places: places.into(),
            read,
        }
    }

    fn line(&mut self, path: &str, line: &[u8], number: usize) -> bool {
        let text = match yaml::text_of_any_size(path, line) {
            Ok(text) => text,
            Err(problem) => {
                self.log.push(problem.at(number, None));
                return false;
            }
        };
        let Some((case, _)) = lines::json_line(self.log, text, number, self.profile) else {
            return false;
        };
        let Some(taken) = self.taken.get(&case.id).copied() else {
            self.taken.insert(case.id, Taken::Here(number));
            return true;
        };
        let (file, line) = match taken {
            Taken::Own(line) => (self.own, line),
            Taken::Here(line) => (path, line),
        };
        let message = read::taken(case.id.as_str(), file, line);
        self.log
            .push(Problem::of_file(path, message).at(number, None));
        false
    }
}

fn mark(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}
