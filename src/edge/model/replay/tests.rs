//! What a recording answers, and what it is refused for.

use std::sync::Arc;

use super::*;
use crate::agent::{Candidate, Parameters};
use crate::score::Expectation;
use crate::suite::Case;

const ONE: &str = r#"{"agent":"qa","case":"one","sample":0,"model":"ft:a","answer":"Yes.","finish_reason":"stop","latency_ms":812,"usage":{"prompt_tokens":11,"completion_tokens":2}}"#;

fn ask(replay: &Replay, case: &str, sample: u32, model: &str) -> Result<Reply, AskError> {
    replay.ask(&Ask {
        agent: AgentName::new("qa").unwrap(),
        case: Arc::new(Case {
            id: CaseId::new(case),
            messages: Vec::new(),
            expectation: Expectation::default(),
            tags: Vec::new(),
            weight: 1.0,
            cluster: None,
            draft: false,
        }),
        sample,
        candidate: Arc::new(Candidate {
            model: model.to_owned(),
            system: None,
            parameters: Parameters::default(),
        }),
        grading: None,
    })
}

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes()));
    match Replay::from_files(files) {
        Err(RecordingError::Lines { problems }) => problems,
        other => panic!("no problems: {other:?}"),
    }
}

#[test]
fn a_recorded_answer_comes_back_with_all_that_was_recorded() {
    let replay = Replay::from_files([("a.jsonl", ONE.as_bytes())]).unwrap();
    assert_eq!(
        ask(&replay, "one", 0, "ft:a"),
        Ok(Reply {
            text: "Yes.".to_owned(),
            finish_reason: Some("stop".to_owned()),
            tool_calls: Vec::new(),
            served_model: Some("ft:a".to_owned()),
            system_fingerprint: None,
            usage: Some(Usage {
                prompt_tokens: 11,
                completion_tokens: 2
            }),
            latency: Some(Duration::from_millis(812)),
            cached: false,
            allowance: Allowance::default(),
        })
    );
}

#[test]
fn another_case_sample_or_model_has_no_recording() {
    let replay = Replay::from_files([("a.jsonl", ONE.as_bytes())]).unwrap();
    for (case, sample, model) in [("two", 0, "ft:a"), ("one", 1, "ft:a"), ("one", 0, "ft:b")] {
        let Err(AskError::NoRecording { why }) = ask(&replay, case, sample, model) else {
            panic!("answered {case} {sample} {model}");
        };
        assert!(why.contains(case) && why.contains(model), "{why}");
    }
}

#[test]
fn marks_blank_lines_and_unknown_keys_are_no_problem() {
    let short = r#"{"agent":"qa","case":"two","sample":0,"model":"m","answer":"","score":3}"#;
    let text = format!("\u{feff}{ONE}\r\n\r\n{short}\r\n");
    let replay = Replay::from_files([("a.jsonl", text.as_bytes())]).unwrap();
    assert_eq!(replay.answers.len(), 2);
    assert_eq!(ask(&replay, "two", 0, "m").unwrap().text, "");
}

#[test]
fn every_bad_line_is_told_with_its_place() {
    let bad = format!("{ONE}\n{{\"agent\":\"qa\"}}\n\nnot json\n");
    assert_eq!(
        problems(&[("a.jsonl", &bad), ("b.jsonl", "[]\n")]),
        [
            "a.jsonl:2:14: missing field `case`",
            "a.jsonl:4:2: expected ident",
            "b.jsonl:1:2: invalid length 0, expected an object with `agent`, `case`, `sample`, `model` and `answer`",
        ]
    );
}

#[test]
fn a_second_answer_to_a_question_is_refused_with_both_places() {
    assert_eq!(
        problems(&[("a.jsonl", ONE), ("b.jsonl", &format!("\n{ONE}"))]),
        [
            "b.jsonl:2: a second answer to case `one` of agent `qa`, sample 0, model `ft:a`; \
             the first is at a.jsonl:1, remove one"
        ]
    );
}

#[test]
fn a_long_list_of_problems_is_cut_and_counted() {
    let message = Replay::from_files([("a", "x\n".repeat(23).as_bytes())]).unwrap_err();
    let message = message.to_string();
    assert!(
        message.starts_with("the recordings have 23 problem(s):\n  a:1:1: "),
        "{message}"
    );
    assert!(message.ends_with("\n  and 3 more"), "{message}");
}
