//! A model that grades answers: what it is asked, how its reply is read, and what several of its votes come to.
//!
//! Calls no model and knows no thresholds. Whatever an answer says, it is data between two fences to the judge, and
//! whatever the judge says is a text of a stranger: a reply that is not exactly a grade is none.

mod prompt;
mod reply;
mod rubric;
#[cfg(test)]
mod tests;
mod votes;

use std::time::Duration;

use serde::Serialize;

pub use prompt::{PROMPT_VERSION, Question};
pub use reply::{Grade, Unreadable, read};
pub use rubric::Rubric;
pub use votes::{Grades, Settled, Vote};

use crate::agent::Parameters;
use crate::score::{Digest, Dimension, digest};

/// Who grades, and by what.
#[derive(Debug, Clone, PartialEq)]
pub struct Judge {
    /// Through whom it is asked; a key of `providers`.
    pub provider: String,
    /// Its model ID.
    pub model: String,
    /// Grades of each answer, 1 to 9 and odd; their median counts.
    pub votes: u32,
    /// What it grades, each by a rubric of its own; at least one, sorted by name.
    pub rubrics: Vec<Rubric>,
    /// What it is asked with.
    pub parameters: Parameters,
    /// How long one grade may take.
    pub timeout: Duration,
}

/// What decides a grade besides the question, the answer and the case.
#[derive(Serialize)]
struct Identity<'a> {
    prompt_version: u32,
    model: &'a str,
    votes: u32,
    rubrics: &'a [Rubric],
    parameters: &'a Parameters,
}

impl Judge {
    /// Names what decides a grade: model, rubrics, votes, parameters, version of the prompt. Not through whom it is
    /// asked, nor how long that may take.
    pub fn identity(&self) -> Digest {
        let identity = Identity {
            prompt_version: PROMPT_VERSION,
            model: &self.model,
            votes: self.votes,
            rubrics: &self.rubrics,
            parameters: &self.parameters,
        };
        // Only a number that is none has no canonical JSON; the configuration lets none in.
        digest(&identity).unwrap_or_else(|_| Digest::of(self.model.as_bytes()))
    }

    /// What it grades.
    pub fn dimensions(&self) -> impl Iterator<Item = &Dimension> {
        self.rubrics.iter().map(|rubric| &rubric.dimension)
    }
}
