//! What is told of a run, and when. A workflow may have more told than the configuration says, never less.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is told, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Tells the comments of several gates in one repository apart.
    pub id: String,
    /// When a comment is written, where the configuration says so.
    pub comment: Option<CommentWhen>,
    /// Whether answers are shown.
    pub answers: ShownAnswers,
    /// What `tunegate calibrate --out` wrote, relative to the repository's root.
    pub calibration: Option<String>,
}

impl Report {
    /// When a comment is written if the workflow asks for this: it may tell more than the configuration says, not less.
    pub fn comment(&self, asked: Option<CommentWhen>) -> CommentWhen {
        let written = match (self.comment, asked) {
            (Some(own), Some(asked)) if asked.rank() > own.rank() => Some(asked),
            (own, asked) => own.or(asked),
        };
        written.unwrap_or(CommentWhen::OnChange)
    }
}

impl Default for Report {
    fn default() -> Self {
        Self {
            id: "model-quality".into(),
            comment: None,
            answers: ShownAnswers::Auto,
            calibration: None,
        }
    }
}

/// When a comment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommentWhen {
    /// On every run.
    Always,
    /// When an agent is touched, or a rule changed.
    OnChange,
    /// When the gate does not pass.
    OnFailure,
    /// Never.
    Never,
}

impl fmt::Display for CommentWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "always",
            Self::OnChange => "on-change",
            Self::OnFailure => "on-failure",
            Self::Never => "never",
        })
    }
}

impl CommentWhen {
    /// Higher where more is told.
    const fn rank(self) -> u8 {
        match self {
            Self::Never => 0,
            Self::OnFailure => 1,
            Self::OnChange => 2,
            Self::Always => 3,
        }
    }
}

/// Whether answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShownAnswers {
    /// Excerpts in private repositories, none in public ones.
    Auto,
    /// Excerpts.
    Excerpts,
    /// None.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_may_have_more_told_and_not_less() {
        use CommentWhen::{Always, Never, OnChange, OnFailure};
        let when = |own, asked| {
            let comment = own;
            let report = Report {
                comment,
                ..Report::default()
            };
            report.comment(asked)
        };
        assert_eq!(when(None, None), OnChange);
        assert_eq!(when(None, Some(Never)), Never);
        assert_eq!(when(Some(OnChange), Some(Never)), OnChange);
        assert_eq!(when(Some(Always), Some(OnFailure)), Always);
        assert_eq!(when(Some(Never), Some(OnFailure)), OnFailure);
        assert_eq!(when(Some(OnFailure), None), OnFailure);
    }
}
