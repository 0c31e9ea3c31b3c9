//! What became of a question, and what is told while a run goes on. Holds words only, decides nothing.

use std::time::Duration;

use super::plan::{Refusal, Reply};

/// What became of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The answer, or why there is none.
    pub status: Status,
    /// Requests that were made for it; 0 where none was started.
    pub attempts: u32,
}

impl Outcome {
    /// Requests beyond the first.
    pub const fn retries(&self) -> u32 {
        self.attempts.saturating_sub(1)
    }
}

/// Whether a question was answered. Unanswered is not zero points: nothing is known about the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The model said something, perhaps nothing at all.
    Answered(Reply),
    /// No answer came.
    Unanswered {
        /// The kind of reason.
        cause: Cause,
        /// One sentence for people, without a key in it.
        why: String,
    },
}

/// Why a question stayed without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The server could not be reached, throttled, or failed, and went on doing so.
    Transport,
    /// The budget was used up before its turn came.
    Budget,
    /// The time for the run was over.
    Deadline,
    /// A person or the runner stopped the run.
    Interrupted,
    /// The server refuses this question.
    Question,
    /// The recordings hold no answer to it.
    NoRecording,
}

impl Cause {
    /// The word that records and reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Budget => "budget",
            Self::Deadline => "deadline",
            Self::Interrupted => "interrupted",
            Self::Question => "question",
            Self::NoRecording => "no-recording",
        }
    }
}

/// Something that happened during a run. Requests in flight are those that started and have not ended.
#[derive(Debug)]
pub enum Event<'e> {
    /// A request is about to be made.
    Started {
        /// The number of this request for its question, from 1.
        attempt: u32,
    },
    /// A request is over, whatever came of it.
    Ended,
    /// A request failed and will be made again.
    Retrying {
        /// How long is waited first.
        wait: Duration,
        /// What went wrong, for people.
        why: &'e str,
    },
    /// Every question had its turn; these many are asked once more.
    LateRound {
        /// How many.
        questions: usize,
    },
    /// Nothing more will be done for a question.
    Finished {
        /// What became of it.
        outcome: &'e Outcome,
    },
}

/// Why a run ended before its last question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt<E> {
    /// The server refuses every question.
    Refused(Refusal),
    /// An outcome could not be kept.
    Unkept(E),
}

impl<E> From<Refusal> for Halt<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
