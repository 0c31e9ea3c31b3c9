//! `--scores FILE`: the scores of somebody's own grader, for commands that decide.

use std::path::PathBuf;

use clap::Args;

use crate::gate::{GateError, read_grades};
use crate::record::{GradableAgents, Grades};

#[derive(Debug, Args)]
pub(super) struct Scores {
    /// Take the scores of your own grader from this file of JSON lines, in place of the dimensions that it names
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// Who graded, with a version: scores of another name are never held against these. Without it the file's digest
    #[arg(long, value_name = "NAME", requires = "scores", value_parser = name)]
    scores_by: Option<String>,
}

fn name(text: &str) -> Result<String, String> {
    let plain = !text.trim().is_empty() && !text.chars().any(char::is_control);
    if plain && text.chars().count() <= 64 {
        return Ok(text.trim().to_owned());
    }
    Err("a grader's name has 1 to 64 characters on one line".to_owned())
}

impl Scores {
    /// Whether there are any.
    pub(super) const fn are_given(&self) -> bool {
        self.scores.is_some()
    }

    /// The scores, where a file was named; every problem in it is an error.
    pub(super) fn read(
        &self,
        known: impl FnOnce() -> Result<GradableAgents, GateError>,
    ) -> Result<Option<Grades>, GateError> {
        let Some(path) = &self.scores else {
            return Ok(None);
        };
        read_grades(path, self.scores_by.as_deref(), &known()?).map(Some)
    }
}
