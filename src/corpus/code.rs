//! The kinds of findings: their codes, how severe they are unless the configuration says otherwise, and what to do.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::Severity;

/// The kind of a finding in training data.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// A line that holds no row.
    BrokenRow,
    /// A suite prompt stands in the data together with an answer to it.
    Contamination,
    /// A validation row is in the training data too.
    Leakage,
    /// Something whose format proves that it is a key or password.
    Secret,
    /// A file whose rows could not be read.
    NotRead,
    /// A suite prompt stands in the data.
    SuitePrompt,
    /// A reference answer of a suite stands in the data.
    SuiteReference,
    /// Something that may be a key or password.
    PossibleSecret,
    /// A mail address, phone number, card number, bank account or IP address.
    PersonalData,
    /// A role that no trainer knows, or none.
    WrongRole,
    /// Turns in an order that conversations do not have.
    TurnOrder,
    /// A turn that says nothing.
    EmptyTurn,
    /// A row from which nothing can be learned.
    NoAnswer,
    /// A row that is longer than the model's context.
    RowTooLong,
    /// The same row again.
    DuplicateRow,
    /// A row that is nearly another one.
    NearDuplicate,
    /// A validation row that is nearly a training row.
    NearLeakage,
    /// The same question with different answers.
    LabelConflict,
    /// Rows of several formats in one file.
    MixedFormats,
    /// One answer far more often than the others.
    Imbalance,
    /// A file without rows.
    EmptyFile,
}

impl Code {
    /// All of them, worst first.
    pub const ALL: [Self; 21] = [
        Self::Secret,
        Self::Contamination,
        Self::Leakage,
        Self::BrokenRow,
        Self::NotRead,
        Self::SuitePrompt,
        Self::SuiteReference,
        Self::PossibleSecret,
        Self::PersonalData,
        Self::NearLeakage,
        Self::LabelConflict,
        Self::WrongRole,
        Self::TurnOrder,
        Self::EmptyTurn,
        Self::NoAnswer,
        Self::RowTooLong,
        Self::DuplicateRow,
        Self::NearDuplicate,
        Self::MixedFormats,
        Self::Imbalance,
        Self::EmptyFile,
    ];

    /// The code as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BrokenRow => "broken-row",
            Self::Contamination => "contamination",
            Self::Leakage => "leakage",
            Self::Secret => "secret",
            Self::NotRead => "not-read",
            Self::SuitePrompt => "suite-prompt",
            Self::SuiteReference => "suite-reference",
            Self::PossibleSecret => "possible-secret",
            Self::PersonalData => "personal-data",
            Self::WrongRole => "wrong-role",
            Self::TurnOrder => "turn-order",
            Self::EmptyTurn => "empty-turn",
            Self::NoAnswer => "no-answer",
            Self::RowTooLong => "row-too-long",
            Self::DuplicateRow => "duplicate-row",
            Self::NearDuplicate => "near-duplicate",
            Self::NearLeakage => "near-leakage",
            Self::LabelConflict => "label-conflict",
            Self::MixedFormats => "mixed-formats",
            Self::Imbalance => "imbalance",
            Self::EmptyFile => "empty-file",
        }
    }

    /// The code of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// What it does where the configuration is silent.
    pub const fn default_severity(self) -> Severity {
        match self {
            Self::BrokenRow | Self::Contamination | Self::Leakage | Self::Secret => Severity::Fail,
            Self::NotRead
            | Self::SuitePrompt
            | Self::SuiteReference
            | Self::PossibleSecret
            | Self::PersonalData
            | Self::WrongRole
            | Self::TurnOrder
            | Self::EmptyTurn
            | Self::NoAnswer
            | Self::RowTooLong
            | Self::DuplicateRow
            | Self::NearDuplicate
            | Self::NearLeakage
            | Self::LabelConflict
            | Self::MixedFormats
            | Self::Imbalance
            | Self::EmptyFile => Severity::Warn,
        }
    }

    /// What so many of them are called, for a data owner.
    pub fn counted(self, count: u64) -> String {
        let (one, many) = match self {
            Self::BrokenRow => ("broken row", "broken rows"),
            Self::Contamination => (
                "suite prompt with its answer",
                "suite prompts with their answers",
            ),
            Self::Leakage => (
                "validation row that is also in training",
                "validation rows that are also in training",
            ),
            Self::Secret => ("secret", "secrets"),
            Self::NotRead => ("file not read", "files not read"),
            Self::SuitePrompt => ("suite prompt", "suite prompts"),
            Self::SuiteReference => ("suite reference", "suite references"),
            Self::PossibleSecret => ("possible secret", "possible secrets"),
            Self::PersonalData => ("row with personal data", "rows with personal data"),
            Self::WrongRole => ("row with an unknown role", "rows with an unknown role"),
            Self::TurnOrder => ("row with an odd turn order", "rows with an odd turn order"),
            Self::EmptyTurn => ("row with an empty turn", "rows with an empty turn"),
            Self::NoAnswer => ("row without an answer", "rows without an answer"),
            Self::RowTooLong => ("row that is too long", "rows that are too long"),
            Self::DuplicateRow => ("duplicate", "duplicates"),
            Self::NearDuplicate => ("near duplicate", "near duplicates"),
            Self::NearLeakage => (
                "validation row that is nearly a training row",
                "validation rows that are nearly training rows",
            ),
            Self::LabelConflict => (
                "question with different answers",
                "questions with different answers",
            ),
            Self::MixedFormats => ("file of mixed formats", "files of mixed formats"),
            Self::Imbalance => ("file out of balance", "files out of balance"),
            Self::EmptyFile => ("empty file", "empty files"),
        };
        let name = if count == 1 { one } else { many };
        format!("{count} {name}")
    }

    /// What a data owner does about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::BrokenRow => {
                "mend the line or remove it; a trainer stops at it or skips it silently"
            }
            Self::Contamination => {
                "remove the row, or replace the suite's case: a model that has seen the answer proves nothing"
            }
            Self::Leakage => {
                "remove the row from one of the two files; a validation loss over rows that were trained on says nothing"
            }
            Self::Secret => {
                "revoke the key first, then remove it from the row and from git's history; a model repeats what it learned"
            }
            Self::NotRead => {
                "make the file readable for the gate (see the message); until then nobody knows what it adds"
            }
            Self::SuitePrompt => {
                "see whether the row gives the suite's answer away; if so, remove it"
            }
            Self::SuiteReference => {
                "remove the row, or write another reference for the suite's case"
            }
            Self::PossibleSecret => {
                "see whether it is a real key; if so revoke it, else write an obvious placeholder"
            }
            Self::PersonalData => {
                "replace it by an invented one; if it may be trained on, say so in `audit.ignore`"
            }
            Self::WrongRole => "write system, user, assistant or tool",
            Self::TurnOrder => {
                "let a system turn come first, then a user turn, and let user and assistant take turns"
            }
            Self::EmptyTurn => "fill the turn or remove it",
            Self::NoAnswer => "add the answer that the model should learn, or remove the row",
            Self::RowTooLong => {
                "split or shorten the row; what is beyond the context is cut off and not learned"
            }
            Self::DuplicateRow => "remove the copies, unless the row should weigh more",
            Self::NearDuplicate => "keep the better one of the two",
            Self::NearLeakage => {
                "replace the validation row by one that the model cannot have learned by heart"
            }
            Self::LabelConflict => {
                "keep the answer that is meant; the model learns a mixture of both"
            }
            Self::MixedFormats => {
                "write all rows of a file in one format; most trainers read only one"
            }
            Self::Imbalance => {
                "add rows with the rarer answers, or expect the model to prefer the frequent one"
            }
            Self::EmptyFile => "add rows, or remove the file",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_written_as_its_name() {
        for code in Code::ALL {
            let written = serde_json::to_value(code).unwrap();
            assert_eq!(written, code.as_str());
            assert_eq!(Code::named(code.as_str()), Some(code));
            assert!(code.counted(1).starts_with("1 ") && code.counted(2).starts_with("2 "));
        }
        assert_eq!(Code::named("typo"), None);
    }
}
