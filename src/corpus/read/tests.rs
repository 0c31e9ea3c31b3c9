//! The shapes that people use, and what is none of them.

use super::row;
use crate::corpus::identity;
use crate::corpus::row::{Format, Speaker};

fn turns(line: &str) -> Vec<(Speaker, String)> {
    let row = row(line.as_bytes()).unwrap();
    let turns = row.turns.iter();
    turns
        .map(|turn| (turn.speaker, turn.text.to_string()))
        .collect()
}

fn asked_and_answered(question: &str, answer: &str) -> Vec<(Speaker, String)> {
    vec![
        (Speaker::User, question.to_owned()),
        (Speaker::Assistant, answer.to_owned()),
    ]
}

fn why(line: &str) -> String {
    row(line.as_bytes()).unwrap_err().why
}

/// The same exchange in every shape.
const SHAPES: [(Format, &str); 12] = [
    (
        Format::Chat,
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}"#,
    ),
    (
        Format::Chat,
        r#"{"messages": [{"content": [{"type": "text", "text": "Hi"}], "role": "human"}, {"role": "assistant", "content": "Hello", "weight": 1}], "n": 1}"#,
    ),
    (
        Format::Gemini,
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "model", "content": "Hello"}]}"#,
    ),
    (
        Format::Gemini,
        r#"{"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello"}]}]}"#,
    ),
    (
        Format::Adp,
        r#"{"type": "react", "conversations": [{"role": "user", "content": "Hi", "loss": false}, {"role": "assistant", "content": "Hello", "loss": true}]}"#,
    ),
    (
        Format::Sharegpt,
        r#"{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}"#,
    ),
    (
        Format::Alpaca,
        r#"{"instruction": "Hi", "input": "", "output": "Hello"}"#,
    ),
    (
        Format::PromptCompletion,
        r#"{"prompt": "Hi", "completion": "Hello"}"#,
    ),
    (
        Format::PromptCompletion,
        r#"{"question": "Hi", "answer": "Hello"}"#,
    ),
    (
        Format::PromptCompletion,
        r#"{"prompt": [{"role": "user", "content": "Hi"}], "completion": [{"role": "assistant", "content": "Hello"}]}"#,
    ),
    (
        Format::Task,
        r#"{"task": "Hi", "context": null, "expected_output": "Hello", "difficulty": "easy"}"#,
    ),
    (
        Format::PromptCompletion,
        r#"{"input": "\u0048i", "output": "Hello"}"#,
    ),
];

#[test]
fn every_shape_is_read_and_the_same_exchange_is_the_same_row() {
    let first = identity::of(&row(SHAPES[0].1.as_bytes()).unwrap());
    for (format, line) in SHAPES {
        assert_eq!(turns(line), asked_and_answered("Hi", "Hello"), "{line}");
        let row = row(line.as_bytes()).unwrap();
        assert_eq!(row.format, format, "{line}");
        assert_eq!(identity::of(&row), first, "{line}");
    }
}

#[test]
fn what_is_said_or_learned_otherwise_is_another_row() {
    let first = identity::of(&row(SHAPES[0].1.as_bytes()).unwrap());
    for line in [
        r#"{"prompt": "Hi", "completion": "Hello!"}"#,
        r#"{"prompt": "Hi ", "completion": "Hello"}"#,
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello", "weight": 0}]}"#,
        r#"{"conversations": [{"from": "human", "value": "Hi", "loss": true}, {"from": "gpt", "value": "Hello"}]}"#,
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}], "tools": [{"name": "f"}]}"#,
        r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello", "tool_calls": [{"name": "f"}]}]}"#,
        r#"{"system": "Be brief.", "prompt": "Hi", "completion": "Hello"}"#,
        r#"{"prompt": "Hi", "chosen": "Hello", "rejected": "Go away"}"#,
    ] {
        assert_ne!(
            identity::of(&row(line.as_bytes()).unwrap()).row,
            first.row,
            "{line}"
        );
    }
    let other_answer = identity::of(&row(br#"{"prompt": "Hi", "completion": "Yo"}"#).unwrap());
    assert_eq!(other_answer.prompt, first.prompt);
}

#[test]
fn more_of_a_question_belongs_to_it() {
    let line = r#"{"instruction": "Translate.", "input": "Hallo", "output": "Hello", "system": "You translate."}"#;
    let wanted = [
        (Speaker::System, "You translate.".to_owned()),
        (Speaker::User, "Translate.\n\nHallo".to_owned()),
        (Speaker::Assistant, "Hello".to_owned()),
    ];
    assert_eq!(turns(line), wanted);
    let gemini = r#"{"systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]}, "contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}, {"role": "model", "parts": [{"text": "c"}]}]}"#;
    assert_eq!(turns(gemini)[0], (Speaker::System, "Be brief.".to_owned()));
    assert_eq!(turns(gemini)[1], (Speaker::User, "a\nb".to_owned()));
    let image = r#"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}, {"type": "text", "text": "What is it?"}]}, {"role": "assistant", "content": "A cat"}]}"#;
    assert_eq!(turns(image)[0].1, "[image_url]\nWhat is it?");
}

#[test]
fn preferences_have_an_answer_that_is_learned_and_one_that_is_not() {
    for line in [
        r#"{"prompt": "Hi", "chosen": "Hello", "rejected": "Go away"}"#,
        r#"{"prompt": [{"role": "user", "content": "Hi"}], "chosen": [{"role": "assistant", "content": "Hello"}], "rejected": [{"role": "assistant", "content": "Go away"}]}"#,
        r#"{"input": {"messages": [{"role": "user", "content": "Hi"}], "tools": []}, "preferred_output": [{"role": "assistant", "content": "Hello"}], "non_preferred_output": [{"role": "assistant", "content": "Go away"}]}"#,
        r#"{"chosen": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}], "rejected": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Go away"}]}"#,
    ] {
        assert_eq!(turns(line), asked_and_answered("Hi", "Hello"), "{line}");
        let row = row(line.as_bytes()).unwrap();
        assert_eq!(row.format, Format::Preference);
        assert_eq!(row.rejected.last().unwrap().text, "Go away");
    }
    assert!(why(r#"{"prompt": "Hi", "chosen": "Hello"}"#).contains("both answers"));
}

#[test]
fn a_label_may_be_a_number() {
    assert_eq!(
        turns(r#"{"prompt": "2+2", "completion": 4}"#),
        asked_and_answered("2+2", "4")
    );
    assert_eq!(
        turns(r#"{"prompt": "ok?", "completion": true}"#),
        asked_and_answered("ok?", "true")
    );
}

#[test]
fn what_is_no_row_says_why() {
    assert!(why("{\"a\"").contains("ends too early"));
    assert!(why("not json").contains("not JSON"));
    assert!(why("[1]").contains("an object such as"));
    assert!(why("{} {}").contains("not JSON"));
    assert!(why("{}").contains("it needs `messages`"));
    assert!(why(r#"{"messages": []}"#).contains("is empty"));
    assert!(why(r#"{"messages": "Hi"}"#).contains("not a list"));
    assert!(why(r#"{"messages": [1]}"#).contains("a message such as"));
    assert!(why(r#"{"messages": [{"role": 1, "content": "x"}]}"#).contains("a text"));
    assert_eq!(
        why(r#"{"messages": ["sk-live"]}"#),
        "expected a message such as {\"role\": \"user\", \"content\": \"...\"}"
    );
    assert!(row(b"{\"prompt\": \"\xff\", \"completion\": \"\"}").is_err());
    let broken = row(br#"{"prompt": "a" "completion": "b"}"#).unwrap_err();
    assert_eq!(broken.column, Some(16));
    let deep = "[".repeat(100_000);
    assert!(row(format!("{{\"x\": {deep}").as_bytes()).is_err());
}

#[test]
fn of_a_key_that_stands_twice_the_last_one_counts_as_in_every_trainer() {
    let line = r#"{"prompt": "a", "completion": "b", "completion": "c"}"#;
    assert_eq!(turns(line), asked_and_answered("a", "c"));
}
