//! Why there is no verdict, and the only place that knows exit codes.

use crate::agent::AgentName;
use crate::edge::EntryKind;
use crate::edge::disk::DiskError;
use crate::edge::git::GitError;
use crate::edge::github::{EventError, GitHubError, StoreError};
use crate::edge::model::{ProviderError, RecordingError};
use crate::problem::{Problems, nearest};
use crate::record::{Outcome, RunRecord, SealError, Stopped};
use crate::report::ReportError;
use crate::report::machine::TableError;
use crate::runner::Refusal;
use crate::score::DigestError;

/// A run that ends without a verdict.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The configuration, a suite or a file it names is wrong.
    #[error("{0}")]
    Problems(Problems),
    /// Records that are to be joined are not the parts of one run.
    #[error("{0}")]
    Parts(Problems),
    /// The configuration is not there.
    #[error(
        "{path} is not there; `--config FILE` names another place, the README shows a first one"
    )]
    NoConfig {
        /// Where it was looked for.
        path: String,
    },
    /// An argument or input is wrong.
    #[error("{0}")]
    Usage(String),
    /// The event cannot be used.
    #[error(transparent)]
    Event(#[from] EventError),
    /// What an agent uses cannot be told.
    #[error("{agent}: {why}")]
    Candidate {
        /// The agent.
        agent: AgentName,
        /// What is wrong, where, and what to do.
        why: String,
    },
    /// A recording cannot be read.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The variable that should hold the key is empty.
    #[error(
        "provider `{provider}` needs its key in the variable `{variable}`, which is not set{hint}"
    )]
    KeyMissing {
        /// The provider.
        provider: String,
        /// The variable.
        variable: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// Models were to be measured, and none answered, or not all questions were asked.
    #[error(
        "the models were not measured, so no floor can be proposed: {0}; `tunegate check --ping` tells whether they answer"
    )]
    Unmeasured(String),
    /// A client for a provider cannot be made.
    #[error(transparent)]
    Client(#[from] ProviderError),
    /// A provider refuses every question.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The judge's provider has no judge for us; nothing was asked.
    #[error("the judge `{model}` cannot be asked: {source}")]
    NoJudge {
        /// Its model ID.
        model: String,
        /// What its provider says.
        source: Refusal,
    },
    /// The judge's provider refuses every question, and answers are there already.
    #[error("the judge `{model}` cannot be asked: {source}{way_on}")]
    GradingRefused {
        /// Its model ID.
        model: String,
        /// What its provider says.
        source: Refusal,
        /// What becomes of the answers.
        way_on: &'static str,
    },
    /// GitHub cannot be read.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
    /// The repository on this machine cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The branch of baselines cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of baselines cannot be listed.
    #[error(
        "the stored baselines below `{folder}/` cannot be listed: {why}; run again, and if it stays so keep baselines on a branch (`baseline.store: branch`)"
    )]
    Shelf {
        /// The folder.
        folder: String,
        /// What happened.
        why: String,
    },
    /// Something else lies in the way to stored records.
    #[error(
        "`{path}` is a {kind} {at}, and what is behind it is not taken for stored baselines: put a folder with the records in its place, or name the folder that has them as `baseline.path`"
    )]
    NoFolder {
        /// What lies there.
        path: String,
        /// What it is.
        kind: EntryKind,
        /// Where it was looked for.
        at: String,
    },
    /// The branch of baselines was not fetched, so what is stored cannot be told.
    #[error(
        "the branch {branch}, where the records are, is not here; `git fetch {remote} {branch}:{branch}` brings it, {way_on}"
    )]
    NotFetched {
        /// The branch.
        branch: String,
        /// Where it usually is.
        remote: &'static str,
        /// What else helps.
        way_on: &'static str,
    },
    /// A stored record cannot be relied on.
    #[error(
        "the baseline {path} cannot be used: {source}; it was not written by this gate as it stands, so nothing is compared with it: restore or remove it"
    )]
    Baseline {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        source: SealError,
    },
    /// A stored record is not where it belongs.
    #[error("the baseline {path} cannot be used: {why}")]
    Misplaced {
        /// Where it was looked for.
        path: String,
        /// What is wrong, and what to do.
        why: String,
    },
    /// A record that somebody named cannot be relied on.
    #[error("{path}: {source}; name the run.json as a run wrote it")]
    NotRelied {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        source: SealError,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A signal came before there was anything to write down.
    #[error("interrupted; run this again")]
    Interrupted,
    /// An answer cannot be written down, so it does not count.
    #[error("{source}; see that there is room for more, then {way_on}")]
    Journal {
        /// What did not work.
        #[source]
        source: DiskError,
        /// What a person does then.
        way_on: &'static str,
    },
    /// The record cannot be written.
    #[error(transparent)]
    Record(#[from] SealError),
    /// A digest cannot be computed.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A document cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The table of samples cannot be written.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<Problems> for GateError {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl GateError {
    /// Somebody named an agent that there is not.
    pub(super) fn no_agent<'k>(name: &AgentName, known: impl Iterator<Item = &'k str>) -> Self {
        let known: Vec<&str> = known.collect();
        let near = nearest(name.as_str(), known.iter().copied());
        let hint = match (near, known.join(", ")) {
            (_, all) if all.is_empty() => "no agent is configured".to_owned(),
            (None, all) => format!("there are {all}"),
            (Some(near), all) => format!("did you mean {near}? There are {all}"),
        };
        Self::Usage(format!("there is no agent `{name}`: {hint}"))
    }

    /// The same where the run keeps a journal that it can go on with.
    #[must_use]
    pub const fn with_journal(mut self) -> Self {
        if let Self::GradingRefused { way_on, .. } = &mut self {
            *way_on = "; the answers that came are kept: `tunegate run --resume` has them graded";
        }
        if let Self::Journal { way_on, .. } = &mut self {
            *way_on =
                "`tunegate run --resume` goes on with the answers that came before, which are kept";
        }
        self
    }

    /// 2: what a person wrote is wrong. 3: something that is needed did not work. Never 1: that is a verdict.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Problems(_)
            | Self::Parts(_)
            | Self::NoConfig { .. }
            | Self::Usage(_)
            | Self::Event(_)
            | Self::Candidate { .. }
            | Self::Recording(_) => 2,
            Self::Git(why) if why.is_usage() => 2,
            Self::GitHub(why) if why.is_usage() => 2,
            Self::KeyMissing { .. }
            | Self::Unmeasured(_)
            | Self::Git(_)
            | Self::Client(_)
            | Self::Refused(_)
            | Self::NoJudge { .. }
            | Self::GradingRefused { .. }
            | Self::GitHub(_)
            | Self::Store(_)
            | Self::Shelf { .. }
            | Self::NoFolder { .. }
            | Self::Baseline { .. }
            | Self::Misplaced { .. }
            | Self::NotFetched { .. }
            | Self::NotRelied { .. }
            | Self::Disk(_)
            | Self::Journal { .. }
            | Self::Record(_)
            | Self::Digest(_)
            | Self::Report(_)
            | Self::Table(_) => 3,
            // Whoever knows the signal has its own code; SIGINT is the usual one.
            Self::Interrupted => 130,
        }
    }
}

/// The exit code of a look at the models alone: that of a model that did not work, where one did not answer.
pub const fn exit_code_of_pings(all_answered: bool) -> u8 {
    if all_answered { 0 } else { 3 }
}

/// The exit code of a run that came to a record. `interrupted` is the code of the signal that ended it.
pub fn exit_code(record: &RunRecord, interrupted: u8) -> u8 {
    if record.run.stopped == Some(Stopped::Interrupted) {
        return interrupted;
    }
    match record.verdict.outcome {
        Outcome::Pass | Outcome::Skipped => 0,
        Outcome::Fail => 1,
        Outcome::Error => 3,
        Outcome::Inconclusive => 4,
    }
}
