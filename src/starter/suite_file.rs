//! A draft of a suite: questions of the validation data, with the answers that they have there.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::agents::Found;
use super::rows::{DataFile, Question, bare};
use super::written::{block, comment, value};
use crate::suite::{Message, Role};

/// Cases of a draft: what a comparison can say something with, and a person can read through.
const CASES: usize = 20;

const HEAD: &str = "# yaml-language-server: $schema=https://raw.githubusercontent.com/tunegate/tunegate/main/schemas/suite.json\n";

/// The text of a draft, and how many questions are in it.
pub(super) fn draft(
    agent: &Found,
    learned: &BTreeSet<String>,
    has_system: bool,
) -> (String, usize) {
    let questions = spread(&questions(&agent.data, learned));
    let mut text = HEAD.to_owned();
    if questions.is_empty() {
        text.push_str(PLACE_HOLDER);
        return (text, 0);
    }
    text.push_str(DRAFT);
    text.push_str("cases:\n");
    let mut ids = BTreeSet::new();
    for (path, question) in &questions {
        case(&mut text, path, question, has_system, &mut ids);
    }
    (text, questions.len())
}

/// What is asked in training data, whosever it is.
pub(super) fn learned<'a>(data: impl IntoIterator<Item = &'a DataFile>) -> BTreeSet<String> {
    let files = data.into_iter();
    files.flat_map(|file| &file.learned).cloned().collect()
}

const DRAFT: &str = "\
# A draft of questions from the validation data. Draft cases are asked and shown, and never gate. Read each one, say what a
# good answer holds (keywords, expect, checks), then remove the line `draft: true`.
draft: true
";

const PLACE_HOLDER: &str = "\
# No question could be taken from validation data: there is none, or its rows call tools, may hold secrets, or stand in the
# training data as well, which must not be asked back. Write questions that your users ask, twenty for a start, say what a
# good answer holds, then remove the line `draft: true`.
draft: true
cases:
  - id: replace-me
    prompt: Replace this with a question that your users ask.
";

/// The different questions of all files, in their order.
fn questions<'a>(data: &'a [DataFile], learned: &BTreeSet<String>) -> Vec<(&'a str, &'a Question)> {
    let mut seen = BTreeSet::new();
    let all = data.iter().flat_map(|file| {
        let path = file.path.as_str();
        file.questions.iter().map(move |question| (path, question))
    });
    // What the model was trained on must not be asked back: a model that has seen the answer proves nothing.
    all.filter(|(_, question)| {
        let bare = bare(last(&question.messages));
        !learned.contains(&bare) && seen.insert(bare)
    })
    .collect()
}

/// At most [`CASES`] of them, from all over the files: data is often sorted by topic.
fn spread<'a>(all: &[(&'a str, &'a Question)]) -> Vec<(&'a str, &'a Question)> {
    let count = all.len().min(CASES);
    (0..count)
        .filter_map(|place| all.get(place * all.len() / count).copied())
        .collect()
}

fn last(messages: &[Message]) -> &str {
    messages.last().map_or("", |one| one.content.as_str())
}

fn case(
    text: &mut String,
    path: &str,
    question: &Question,
    has_system: bool,
    ids: &mut BTreeSet<String>,
) {
    let id = id(last(&question.messages), ids);
    writeln!(text, "  # {}:{}", comment(path), question.line).ok();
    writeln!(text, "  - id: {}", value(&id)).ok();
    // The configuration's system prompt comes before these messages anyway.
    let kept = |one: &&Message| !(has_system && one.role == Role::System);
    let messages: Vec<&Message> = question.messages.iter().filter(kept).collect();
    match messages.as_slice() {
        [only] => {
            writeln!(text, "    prompt: {}", block(&only.content, 6)).ok();
        }
        several => {
            text.push_str("    messages:\n");
            for one in several {
                let role = match one.role {
                    Role::System => "system",
                    Role::User => "user",
                    Role::Assistant => "assistant",
                };
                writeln!(
                    text,
                    "      - role: {role}\n        content: {}",
                    block(&one.content, 10)
                )
                .ok();
            }
        }
    }
    if let Some(answer) = &question.answer {
        writeln!(text, "    reference: {}", block(answer, 6)).ok();
    }
}

/// The first words of a question, as an id that is not taken yet.
fn id(question: &str, taken: &mut BTreeSet<String>) -> String {
    let words = question.split(|c: char| !c.is_ascii_alphanumeric());
    let mut id = String::new();
    for word in words.filter(|word| !word.is_empty()).take(7) {
        if id.len() + word.len() > 48 {
            break;
        }
        if !id.is_empty() {
            id.push('-');
        }
        id.push_str(&word.to_ascii_lowercase());
    }
    if id.is_empty() {
        id.push_str("case");
    } else if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        id.insert_str(0, "case-");
    }
    let mut free = id.clone();
    let mut count = 1;
    while !taken.insert(free.clone()) {
        count += 1;
        free = format!("{id}-{count}");
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::starter::rows::data_file;
    use crate::suite::read;

    fn agent(rows: &[serde_json::Value]) -> Found {
        let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let file = data_file("data/qa/val.jsonl", lines.join("\n").as_bytes(), false).unwrap();
        Found {
            name: "qa".to_owned(),
            data: vec![file],
            ..Found::default()
        }
    }

    fn row(question: &str) -> serde_json::Value {
        serde_json::json!({"messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": question},
            {"role": "assistant", "content": "Yes:\n\n- a # b"},
        ]})
    }

    #[test]
    fn a_draft_is_a_suite_that_says_where_its_cases_come_from() {
        let (text, count) = draft(
            &agent(&[
                row("Is it: open?"),
                row("is it: open?"),
                row("Is it: open, really?\nNow?"),
            ]),
            &BTreeSet::new(),
            true,
        );
        assert_eq!(count, 2);
        let suite = read("suites/qa.yaml", text.as_bytes())
            .unwrap()
            .finish(None)
            .unwrap();
        assert!(suite.draft);
        let prompts: Vec<&str> = suite.cases.iter().map(|case| case.prompt()).collect();
        assert_eq!(prompts, ["Is it: open?", "Is it: open, really?\nNow?"]);
        assert_eq!(suite.cases[0].messages.len(), 1);
        assert_eq!(
            suite.cases[0].expectation.reference.as_deref(),
            Some("Yes:\n\n- a # b")
        );
        assert!(text.contains("# data/qa/val.jsonl:3\n"), "{text}");
    }

    #[test]
    fn what_was_trained_on_is_not_asked_back() {
        let mut agent = agent(&[row("Is it open?"), row("Is it closed?")]);
        let trained = row("is it OPEN").to_string();
        agent
            .data
            .extend(data_file("data/qa/train.jsonl", trained.as_bytes(), false));
        let (text, count) = draft(&agent, &learned(&agent.data), true);
        assert_eq!(count, 1);
        assert!(text.contains("Is it closed?"), "{text}");
    }

    #[test]
    fn a_conversation_keeps_its_turns() {
        let (text, _) = draft(&agent(&[row("Is it open?")]), &BTreeSet::new(), false);
        let suite = read("suites/qa.yaml", text.as_bytes())
            .unwrap()
            .finish(None)
            .unwrap();
        assert_eq!(suite.cases[0].messages[0].content, "Be brief.");
    }

    #[test]
    fn many_questions_are_taken_from_all_over_the_file() {
        let rows: Vec<_> = (0..100)
            .map(|at| row(&format!("Question number {at}?")))
            .collect();
        let (text, count) = draft(&agent(&rows), &BTreeSet::new(), true);
        assert_eq!(count, CASES);
        assert!(
            text.contains("number 0?") && text.contains("number 95?"),
            "{text}"
        );
    }

    #[test]
    fn a_draft_without_questions_says_what_to_write() {
        let (text, count) = draft(&Found::default(), &BTreeSet::new(), false);
        assert_eq!(count, 0);
        assert!(
            read("s.yaml", text.as_bytes())
                .unwrap()
                .finish(None)
                .unwrap()
                .draft
        );
    }

    #[test]
    fn an_id_is_made_of_words_and_taken_once() {
        let mut taken = BTreeSet::new();
        assert_eq!(
            id("How do I reset my password, please?", &mut taken),
            "how-do-i-reset-my-password-please"
        );
        assert_eq!(
            id("How do I reset my password, please?", &mut taken),
            "how-do-i-reset-my-password-please-2"
        );
        assert_eq!(id("私は東京", &mut taken), "case");
        assert_eq!(id("5 apples", &mut taken), "case-5-apples");
    }
}
