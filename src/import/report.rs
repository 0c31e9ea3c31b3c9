//! What of a foreign file was translated, how well, and what was not: one line for each thing, with its first place.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use serde::Serialize;

use crate::problem::shown;

/// More different lines than this are counted, not kept.
const MOST_LINES: usize = 300;

/// How well something was translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// It means the same here.
    Exact,
    /// It means nearly the same here; the note says what differs.
    Approximate,
    /// It is left out; the note says why and what to write instead.
    NotTranslated,
}

impl Fidelity {
    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Approximate => "approximate",
            Self::NotTranslated => "not translated",
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub(super) file: Rc<str>,
    pub(super) line: usize,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One thing of a foreign file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Where it stands first: `promptfooconfig.yaml:12`.
    pub place: String,
    /// What it is: `assert: contains`.
    pub feature: String,
    /// How well it was translated.
    pub fidelity: Fidelity,
    /// What differs, or why it is left out and what to write instead; empty where nothing is to be said.
    pub note: String,
    /// How often it stands there.
    pub count: usize,
}

/// All that is to be told about a foreign file.
#[derive(Debug, Clone, Default)]
pub struct Report {
    lines: Vec<Line>,
    index: HashMap<(String, Fidelity, String), usize>,
    /// Things beyond the lines that are kept.
    pub further: usize,
}

impl Report {
    /// Its lines: what is lost first, then by place.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        [
            Fidelity::NotTranslated,
            Fidelity::Approximate,
            Fidelity::Exact,
        ]
        .into_iter()
        .flat_map(|fidelity| {
            self.lines
                .iter()
                .filter(move |one| one.fidelity == fidelity)
        })
    }

    /// How many things were translated so.
    pub fn count(&self, fidelity: Fidelity) -> usize {
        let lines = self.lines.iter().filter(|one| one.fidelity == fidelity);
        lines.map(|one| one.count).sum()
    }

    pub(super) fn say(&mut self, at: &At, feature: &str, fidelity: Fidelity, note: &str) {
        let key = (shown(feature), fidelity, note.to_owned());
        if let Some(line) = self.index.get(&key).and_then(|at| self.lines.get_mut(*at)) {
            line.count += 1;
            return;
        }
        if self.lines.len() >= MOST_LINES {
            self.further += 1;
            return;
        }
        self.lines.push(Line {
            place: at.to_string(),
            feature: key.0.clone(),
            fidelity,
            note: key.2.clone(),
            count: 1,
        });
        self.index.insert(key, self.lines.len() - 1);
    }
}
