//! What is told of training data: single findings with their places, and counts of those that are not listed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::code::Code;
use super::row::Format;
use crate::agent::AgentName;
use crate::policy::Severity;

/// More findings of one code in one file are counted, not listed: nobody reads them one by one.
pub const MOST_LISTED: usize = 100;

/// One thing to tell a person, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// Whether it is told or blocks.
    pub severity: Severity,
    /// The file, relative to the repository's root.
    pub path: String,
    /// The line where the row begins, from 1; absent for what concerns the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The agents whose data it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentName>,
    /// What was found, in a sentence without a full stop.
    pub message: String,
    /// Enough of the row to recognise it; keys and personal data are cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// What to do about it.
    pub advice: String,
}

/// How many findings of one code a file has, listed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingCount {
    /// What kind of finding.
    pub code: Code,
    /// Whether it is told or blocks.
    pub severity: Severity,
    /// The file.
    pub path: String,
    /// In rows that the change adds or alters; only these can block.
    pub new: u64,
    /// In rows that were there before.
    pub old: u64,
    /// New ones that the configuration knows and accepts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ignored: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that serde calls"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What a file of training data holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileAudit {
    /// The file, relative to the repository's root.
    pub path: String,
    /// The agents whose data it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentName>,
    /// True for validation data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub validation: bool,
    /// The format of its first row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Its size.
    pub bytes: u64,
    /// Rows, broken ones included.
    pub rows: u64,
    /// Different rows among them.
    pub distinct: u64,
    /// Different rows that also stand in a file that was read before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub also_elsewhere: u64,
    /// Rows that the change adds, altered ones not counted.
    pub rows_added: u64,
    /// Rows that the change removes, altered ones not counted.
    pub rows_removed: u64,
    /// Rows that the change gives another answer.
    pub rows_changed: u64,
    /// Tokens of all rows, approximately: four ASCII characters count as one, every other character as one.
    pub approximate_tokens: u64,
    /// Why it could not be read, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_read: Option<String>,
}

/// Takes findings in, lists the first of each kind and counts the rest.
#[derive(Debug, Default)]
pub(super) struct Sink(BTreeMap<String, BTreeMap<Code, Tally>>);

/// What a file has of one code.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) new: u64,
    pub(super) old: u64,
    /// The first of the new ones.
    pub(super) listed: Vec<Listed>,
}

/// A finding before it is known what the configuration makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) line: Option<u64>,
    pub(super) message: String,
    pub(super) excerpt: Option<String>,
}

/// Whether the row of a finding is one that the change adds or alters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    New,
    Old,
}

impl Age {
    /// What two rows make together is new where one of them is.
    pub(super) fn with(self, other: Self) -> Self {
        if self == Self::New { self } else { other }
    }
}

impl Sink {
    /// Counts a finding; what is to be listed is made only where it is.
    pub(super) fn add(
        &mut self,
        path: &str,
        code: Code,
        age: Age,
        listed: impl FnOnce() -> Listed,
    ) {
        if !self.0.contains_key(path) {
            self.0.insert(path.to_owned(), BTreeMap::new());
        }
        let Some(codes) = self.0.get_mut(path) else {
            return;
        };
        let tally = codes.entry(code).or_default();
        match age {
            Age::Old => tally.old += 1,
            Age::New => {
                tally.new += 1;
                if tally.listed.len() < MOST_LISTED {
                    tally.listed.push(listed());
                }
            }
        }
    }

    /// Everything that was counted, by file and code.
    pub(super) fn into_tallies(self) -> impl Iterator<Item = (String, Code, Tally)> {
        self.0.into_iter().flat_map(|(path, codes)| {
            let codes = codes.into_iter();
            codes.map(move |(code, tally)| (path.clone(), code, tally))
        })
    }
}
