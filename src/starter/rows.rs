//! Files of training and of validation data: whose they are, what they are for, and what is asked in them.

use std::collections::BTreeSet;

use super::name;
use crate::config::holds_a_key;
use crate::corpus::{Format, Row, Speaker, is_sensitive, row};
use crate::suite::{Message, Role};

/// Rows that are looked at in a file.
const LOOKED_AT: usize = 400;

/// Characters beyond which a question, or an answer, is no case that a person would read.
const MOST_ASKED: usize = 6_000;
const MOST_ANSWERED: usize = 3_000;

/// What a file of rows is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Training,
    Validation,
}

/// A file of rows that models learn from, or are validated with.
#[derive(Debug, Clone)]
pub(super) struct DataFile {
    pub(super) path: String,
    pub(super) purpose: Purpose,
    /// What may be its agent's name, by its path, the likeliest first.
    pub(super) names: Vec<String>,
    pub(super) format: Format,
    /// Rows that were read, and whether there are more.
    pub(super) rows: usize,
    pub(super) more: bool,
    /// The system prompt, where all of these rows have the same one.
    pub(super) system: Option<String>,
    /// What is asked in validation data and fits into a suite.
    pub(super) questions: Vec<Question>,
    /// What is asked in training data, so that no suite asks it.
    pub(super) learned: BTreeSet<String>,
}

/// A question as it is compared: training data and validation data write the same one differently.
pub(super) fn bare(question: &str) -> String {
    let words = question
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A row of validation data as a case.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) line: usize,
    pub(super) messages: Vec<Message>,
    pub(super) answer: Option<String>,
}

/// Words of a path that say what a file is for.
const VALIDATION: [&str; 13] = [
    "val",
    "valid",
    "validation",
    "dev",
    "eval",
    "evals",
    "evaluation",
    "test",
    "tests",
    "testset",
    "valset",
    "holdout",
    "heldout",
];
const TRAINING: [&str; 5] = ["train", "training", "trainset", "sft", "finetuning"];

impl Purpose {
    /// By the file's name, else by its innermost folder that says so as a whole: `dev-portal` is no `dev`. What says both is
    /// training data: nothing of it may be asked back.
    fn of(path: &str) -> Self {
        let path = path.to_ascii_lowercase();
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", &path));
        let words: Vec<&str> = file.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let holds = |list: &[&str]| words.iter().any(|word| list.contains(word));
        // Within a longer name these are words like any other, unless they stand at its end.
        let last = words
            .iter()
            .rev()
            .find(|word| **word != "jsonl" && !word.chars().all(|c| c.is_ascii_digit()));
        let ends_so = last.is_some_and(|word| VALIDATION.contains(word))
            || words
                .iter()
                .any(|word| ["val", "validation", "valid"].contains(word));
        if holds(&TRAINING) {
            return Self::Training;
        }
        if ends_so {
            return Self::Validation;
        }
        for folder in folders.rsplit('/') {
            if TRAINING.contains(&folder) {
                return Self::Training;
            }
            if VALIDATION.contains(&folder) {
                return Self::Validation;
            }
        }
        Self::Training
    }
}

/// What the start of a file holds, if that is rows: `bytes` may end within a line where `more` follows.
pub(super) fn data_file(path: &str, bytes: &[u8], more: bool) -> Option<DataFile> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    if more {
        lines.pop();
    }
    let written = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty());
    let (mut rows, mut broken) = (Vec::new(), 0_usize);
    // Of what models learn everything counts that was read; of the rest a person reads a few.
    let purpose = Purpose::of(path);
    let most = match purpose {
        Purpose::Training => usize::MAX,
        Purpose::Validation => LOOKED_AT,
    };
    for (at, line) in written.take(most) {
        match row(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)) {
            Ok(row) => rows.push((at + 1, row)),
            Err(_) => broken += 1,
        }
    }
    // A file of something else holds a row by chance at most; one with broken rows is for the audit.
    if rows.len() <= broken {
        return None;
    }
    let (_, first) = rows.first()?;
    let questions = match purpose {
        Purpose::Validation => rows
            .iter()
            .filter_map(|(line, row)| question(*line, row))
            .collect(),
        Purpose::Training => Vec::new(),
    };
    let learned = match purpose {
        Purpose::Training => rows
            .iter()
            .map(|(_, row)| bare(last_question(row)))
            .collect(),
        Purpose::Validation => BTreeSet::new(),
    };
    Some(DataFile {
        path: path.to_owned(),
        purpose,
        names: name::all_of_path(path).collect(),
        format: first.format,
        rows: rows.len(),
        more: more || lines.len() > most,
        system: shared_system(&rows),
        questions,
        learned,
    })
}

fn system_of<'a>(row: &'a Row<'_>) -> Option<&'a str> {
    let first = row.turns.first()?;
    let text = first.text.trim();
    (first.speaker == Speaker::System && !text.is_empty()).then_some(text)
}

fn shared_system(rows: &[(usize, Row<'_>)]) -> Option<String> {
    let (_, first) = rows.first()?;
    let system = system_of(first)?;
    let same = rows.iter().all(|(_, row)| system_of(row) == Some(system));
    same.then(|| system.to_owned())
}

/// The last thing that a person says before the last answer.
fn last_question<'a>(row: &'a Row<'_>) -> &'a str {
    let asked = row.turns.get(..row.last_answer()).unwrap_or_default();
    let mut turns = asked.iter().rev();
    let user = turns.find(|turn| turn.speaker == Speaker::User);
    user.map_or_else(|| row.first_question(), |turn| &*turn.text)
}

/// Whether a text should stay where it is. Copying is more careful than the audit, which must not cry wolf.
pub(super) fn is_private(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = [
        "password is ",
        "password:",
        "password=",
        "passwort:",
        "pin is ",
        "bearer ",
        "token=",
        "token:",
        "secret=",
        "api_key=",
        "api_key:",
    ];
    words.iter().any(|word| lower.contains(word)) || holds_a_key(text) || is_sensitive(text)
}

/// What a row asks before its last answer. Calls of tools are no part of a suite's messages.
fn question(line: usize, row: &Row<'_>) -> Option<Question> {
    if matches!(row.format, Format::Text) || row.tools.is_some() {
        return None;
    }
    let end = row.last_answer();
    let asked = row.turns.get(..end)?;
    let role = |speaker: Speaker| match speaker {
        Speaker::System => Some(Role::System),
        Speaker::User => Some(Role::User),
        Speaker::Assistant => Some(Role::Assistant),
        Speaker::Tool | Speaker::Unknown => None,
    };
    let messages: Option<Vec<Message>> = asked
        .iter()
        .filter(|turn| !turn.text.trim().is_empty())
        .map(|turn| {
            let role = role(turn.speaker).filter(|_| turn.calls.is_none())?;
            let content = turn.text.trim().to_owned();
            Some(Message { role, content })
        })
        .collect();
    let messages = messages?;
    let length: usize = messages.iter().map(|one| one.content.chars().count()).sum();
    let ends_with_user = messages.last().is_some_and(|one| one.role == Role::User);
    let fine = ends_with_user && length <= MOST_ASKED;
    if !fine || messages.iter().any(|one| is_private(&one.content)) {
        return None;
    }
    let answer = row.turns.get(end).map(|turn| turn.text.trim());
    let answer = answer.filter(|text| {
        !text.is_empty() && text.chars().count() <= MOST_ANSWERED && !is_private(text)
    });
    Some(Question {
        line,
        messages,
        answer: answer.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = r#"{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where is my order?"}, {"role": "assistant", "content": "On its way."}]}"#;

    #[test]
    fn validation_rows_become_questions_with_their_answers() {
        let found = data_file("data/support/val.jsonl", CHAT.as_bytes(), false).unwrap();
        assert_eq!(found.purpose, Purpose::Validation);
        assert_eq!(found.names, ["support"]);
        assert_eq!(found.system.as_deref(), Some("Be kind."));
        assert_eq!(found.questions[0].messages[1].content, "Where is my order?");
        assert_eq!(found.questions[0].answer.as_deref(), Some("On its way."));
    }

    #[test]
    fn the_last_word_of_a_path_says_what_a_file_is_for() {
        for (path, purpose) in [
            ("data/training/support_val.jsonl", Purpose::Validation),
            ("data/validation/train.jsonl", Purpose::Training),
            ("data/support.jsonl", Purpose::Training),
            ("data/latest/support.jsonl", Purpose::Training),
            ("data/dev-portal/conversations.jsonl", Purpose::Training),
            ("data/train_val_mix.jsonl", Purpose::Training),
            ("data/evals/support.jsonl", Purpose::Validation),
            ("data/support_dev.jsonl", Purpose::Validation),
        ] {
            assert_eq!(Purpose::of(path), purpose, "{path}");
        }
    }

    #[test]
    fn what_is_no_data_is_none_and_an_unfinished_line_is_not_held_against_it() {
        assert!(
            data_file(
                "a.jsonl",
                b"{\"level\": \"info\"}\n{\"level\": \"warn\"}\n",
                false
            )
            .is_none()
        );
        let cut = format!("{CHAT}\n{{\"mess");
        assert!(data_file("a/val.jsonl", cut.as_bytes(), true).is_some_and(|found| found.more));
        assert!(data_file("a.jsonl", b"", false).is_none());
    }

    #[test]
    fn what_nobody_should_copy_and_what_calls_tools_is_left_out() {
        let row =
            |text: &str| serde_json::json!({"prompt": text, "completion": "Yes."}).to_string();
        let questions = |line: &str| {
            data_file("val.jsonl", line.as_bytes(), false)
                .unwrap()
                .questions
                .len()
        };
        assert_eq!(questions(&row("Is it open on Sunday?")), 1);
        assert_eq!(questions(&row("Write to maria.lopez84@gmail.com")), 0);
        assert_eq!(questions(&row(&"long ".repeat(2_000))), 0);
        let tools = r#"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "tools": [{"type": "function", "function": {"name": "f"}}]}"#;
        assert_eq!(questions(tools), 0);
    }
}
