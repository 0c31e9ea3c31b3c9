//! Is a row a conversation that a model can learn from? Roles, order of turns, empty turns, length.

use super::code::Code;
use super::row::{Format, Row, Speaker};

/// What is wrong with the shape of a row, each kind once, in a sentence without a full stop.
pub(super) fn faults(row: &Row<'_>, tokens: u64, context: Option<u64>) -> Vec<(Code, String)> {
    let mut faults = Vec::new();
    if let Some(role) = &row.unknown_role {
        faults.push((Code::WrongRole, unknown_role(role)));
    }
    if row.format != Format::Text {
        faults.extend(order(row).map(|why| (Code::TurnOrder, why)));
        faults.extend(empty(row).map(|why| (Code::EmptyTurn, why)));
        faults.extend(answerless(row).map(|why| (Code::NoAnswer, why.to_owned())));
    }
    if let Some(context) = context.filter(|context| tokens > *context) {
        let why = format!("about {tokens} tokens, more than the context of {context}");
        faults.push((Code::RowTooLong, why));
    }
    faults
}

fn unknown_role(role: &str) -> String {
    if role.is_empty() {
        return "a turn has no role".to_owned();
    }
    let known = ["system", "user", "assistant", "tool"];
    let hint = crate::problem::nearest(role, known);
    let hint = hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!(
        "no trainer knows the role `{}`{hint}",
        crate::problem::shown(role)
    )
}

/// The first thing that is odd about the order of turns.
fn order(row: &Row<'_>) -> Option<String> {
    let speakers = || row.turns.iter().map(|turn| turn.speaker);
    if let Some(late) = speakers().skip(1).position(|who| who == Speaker::System)
        && speakers().next() != Some(Speaker::System)
    {
        return Some(format!(
            "turn {} is a system turn; it belongs first",
            late + 2
        ));
    }
    let first = speakers().find(|who| *who != Speaker::System);
    if first == Some(Speaker::Assistant) {
        return Some("the assistant speaks before anybody asked".to_owned());
    }
    let (mut longest, mut run, mut before) = ((1, Speaker::User), 0, None);
    for who in speakers() {
        run = if before == Some(who) { run + 1 } else { 1 };
        before = Some(who);
        // Several tools may answer one after the other.
        if run > longest.0 && who != Speaker::Tool {
            longest = (run, who);
        }
    }
    let (times, who) = longest;
    (times > 1).then(|| format!("{} speaks {times} times in a row", who.name()))
}

fn empty(row: &Row<'_>) -> Option<String> {
    let place = row.everything().position(super::row::Turn::is_empty)?;
    let turn = row.everything().nth(place)?;
    Some(format!(
        "turn {} ({}) is empty",
        place + 1,
        turn.speaker.name()
    ))
}

fn answerless(row: &Row<'_>) -> Option<&'static str> {
    if row.last_answer() == row.turns.len() {
        return Some("no turn of the assistant is in it");
    }
    let learns = row.turns.iter().any(super::row::Turn::is_learned);
    if !learns {
        return Some("no turn of it is learned: all have a loss or weight of 0");
    }
    let ends = row.turns.last().map(|turn| turn.speaker);
    (ends == Some(Speaker::User)).then_some("it ends with the user; nothing follows to learn")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::read::row;

    fn of(line: &str) -> Vec<(Code, String)> {
        faults(&row(line.as_bytes()).unwrap(), 10, None)
    }

    fn chat(turns: &[(&str, &str)]) -> Vec<(Code, String)> {
        let turns = turns
            .iter()
            .map(|(role, text)| serde_json::json!({"role": role, "content": text}));
        of(&serde_json::json!({"messages": turns.collect::<Vec<_>>()}).to_string())
    }

    fn one(code: Code, why: &str) -> Vec<(Code, String)> {
        vec![(code, why.to_owned())]
    }

    #[test]
    fn an_ordinary_conversation_has_no_fault() {
        assert_eq!(
            chat(&[
                ("system", "Be brief."),
                ("user", "Hi"),
                ("assistant", "Hello"),
                ("user", "Bye"),
                ("assistant", "Bye")
            ]),
            []
        );
        assert_eq!(
            chat(&[
                ("user", "Hi"),
                ("assistant", "I look."),
                ("tool", "1"),
                ("tool", "2"),
                ("assistant", "3")
            ]),
            []
        );
        assert_eq!(of(r#"{"text": "All of this is learned."}"#), []);
        assert_eq!(of(r#"{"prompt": "a", "completion": "b"}"#), []);
    }

    #[test]
    fn roles_are_known_or_named() {
        let fault = chat(&[("user", "Hi"), ("asistant", "Hello"), ("assistant", "x")]);
        assert_eq!(
            fault,
            one(
                Code::WrongRole,
                "no trainer knows the role `asistant`; did you mean `assistant`?"
            )
        );
        let fault =
            of(r#"{"messages": [{"content": "Hi"}, {"role": "assistant", "content": "x"}]}"#);
        assert_eq!(fault, one(Code::WrongRole, "a turn has no role"));
    }

    #[test]
    fn turns_follow_each_other() {
        let fault = chat(&[("user", "Hi"), ("system", "Be brief."), ("assistant", "x")]);
        assert_eq!(
            fault,
            one(Code::TurnOrder, "turn 2 is a system turn; it belongs first")
        );
        let fault = chat(&[("assistant", "x"), ("user", "Hi"), ("assistant", "x")]);
        assert_eq!(
            fault,
            one(Code::TurnOrder, "the assistant speaks before anybody asked")
        );
        let fault = chat(&[
            ("user", "Hi"),
            ("assistant", "a"),
            ("assistant", "b"),
            ("assistant", "c"),
        ]);
        assert_eq!(
            fault,
            one(Code::TurnOrder, "assistant speaks 3 times in a row")
        );
    }

    #[test]
    fn something_is_to_be_learned() {
        assert_eq!(chat(&[("user", "Hi")])[0].0, Code::NoAnswer);
        assert_eq!(
            chat(&[("user", "Hi"), ("assistant", "x"), ("user", "More")])[0].0,
            Code::NoAnswer
        );
        let row = r#"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0}]}"#;
        assert_eq!(
            of(row),
            one(
                Code::NoAnswer,
                "no turn of it is learned: all have a loss or weight of 0"
            )
        );
        assert_eq!(
            chat(&[("user", "Hi"), ("assistant", " \n")]),
            one(Code::EmptyTurn, "turn 2 (assistant) is empty")
        );
        let calls = r#"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f"}}]}]}"#;
        assert_eq!(of(calls), []);
    }

    #[test]
    fn a_row_fits_into_the_context() {
        let row = row(br#"{"prompt": "a", "completion": "b"}"#).unwrap();
        assert_eq!(faults(&row, 10, Some(10)), []);
        assert_eq!(
            faults(&row, 11, Some(10)),
            one(
                Code::RowTooLong,
                "about 11 tokens, more than the context of 10"
            )
        );
    }
}
