//! `/tunegate accept AGENT REASON`, at the start of a line of a comment.

/// What people begin a line with.
const CALL: &str = "/tunegate";
/// The longest reason that is kept.
const MOST_CHARS: usize = 300;
/// The longest name that is shown.
const MOST_NAME: usize = 80;
/// Commands of one comment that are read.
const MOST_COMMANDS: usize = 20;
/// How it is written.
const FORM: &str = "write `/tunegate accept AGENT REASON`";

/// A wish to let an agent pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// The gate that is meant, where one is: `GATE/AGENT`.
    pub(super) gate: Option<String>,
    /// The agent's name, as it was written.
    pub(super) agent: String,
    /// Why.
    pub(super) reason: String,
}

/// What a line stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Open,
    /// A block of code that so many of these characters began.
    Code(char, usize),
    /// A comment of HTML, which nobody sees.
    Hidden,
}

/// The commands of a comment, each or why it is none. What is quoted, hidden, or stands in a block of code is not meant.
pub(super) fn commands(body: &str) -> Vec<Result<Command, String>> {
    let mut place = Place::Open;
    let mut found = Vec::new();
    for line in body.lines() {
        if place == Place::Open {
            found.extend(command(line));
        }
        place = after(place, line);
    }
    found.truncate(MOST_COMMANDS);
    found
}

fn after(place: Place, line: &str) -> Place {
    let fence = fence(line);
    match (place, fence) {
        (Place::Open, Some((mark, length, _))) => Place::Code(mark, length),
        (Place::Code(mark, length), Some((other, closing, rest)))
            if other == mark && closing >= length && rest.trim().is_empty() =>
        {
            Place::Open
        }
        (Place::Code(..), _) => place,
        (Place::Open | Place::Hidden, _) => hidden(place, line),
    }
}

/// The characters that begin or end a block of code, how many, and what follows them.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let bare = line.trim_start();
    let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = bare.trim_start_matches(mark);
    let length = bare.len() - rest.len();
    // In the line that begins one, back-ticks do not stand again.
    let inline = mark == '`' && rest.contains('`');
    (length >= 3 && !inline).then_some((mark, length, rest))
}

/// Whether a comment of HTML is open at the end of a line.
fn hidden(mut place: Place, line: &str) -> Place {
    let mut rest = line;
    loop {
        let (mark, next) = match place {
            Place::Hidden => ("-->", Place::Open),
            Place::Open | Place::Code(..) => ("<!--", Place::Hidden),
        };
        let Some((_, behind)) = rest.split_once(mark) else {
            return place;
        };
        (place, rest) = (next, behind);
    }
}

fn command(line: &str) -> Option<Result<Command, String>> {
    let rest = line.strip_prefix(CALL)?;
    if !rest.starts_with(char::is_whitespace) && !rest.is_empty() {
        return None;
    }
    let (verb, rest) = word(rest);
    if verb != "accept" {
        return Some(Err(format!(
            "`{}` is nothing that can be asked; {FORM}",
            cut(verb, MOST_NAME)
        )));
    }
    let (agent, reason) = word(rest);
    if agent.is_empty() {
        return Some(Err(format!("it names no agent; {FORM}")));
    }
    let words: Vec<&str> = reason.split_whitespace().collect();
    let reason = cut(&words.join(" "), MOST_CHARS);
    if reason.is_empty() {
        return Some(Err(format!("it gives no reason; {FORM}")));
    }
    let (gate, agent) = match agent.split_once('/') {
        Some((gate, agent)) => (Some(cut(gate, MOST_NAME)), agent),
        None => (None, agent),
    };
    let agent = cut(agent, MOST_NAME);
    Some(Ok(Command {
        gate,
        agent,
        reason,
    }))
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(body: &str) -> Vec<(String, String)> {
        let read = commands(body).into_iter();
        read.map(|command| command.map(|one| (one.agent, one.reason)).unwrap())
            .collect()
    }

    fn pair(agent: &str, reason: &str) -> (String, String) {
        (agent.to_owned(), reason.to_owned())
    }

    #[test]
    fn an_agent_and_a_reason_are_accepted_wherever_a_line_begins() {
        let body = "Looked at it.\r\n/tunegate accept qa_agent  the old\tanswers were too long\r\n\n/tunegate accept legal x";
        let wanted = [
            pair("qa_agent", "the old answers were too long"),
            pair("legal", "x"),
        ];
        assert_eq!(only(body), wanted);
    }

    #[test]
    fn what_is_quoted_shown_as_code_or_said_in_passing_is_not_meant() {
        for body in [
            "> /tunegate accept qa fine",
            "Shall we /tunegate accept qa fine?",
            "  /tunegate accept qa fine",
            "```\n/tunegate accept qa fine\n```",
            "~~~text\n```\n/tunegate accept qa fine\n~~~",
            "```\n/tunegate accept qa fine",
            "/tunegatekeeper accept qa fine",
            "LGTM",
        ] {
            assert_eq!(commands(body), [], "{body}");
        }
        assert_eq!(
            only("```\ncode\n```\n/tunegate accept qa fine"),
            [pair("qa", "fine")]
        );
    }

    #[test]
    fn a_block_ends_only_where_markdown_ends_it_and_what_is_hidden_is_not_meant() {
        for body in [
            "````\n```text\n/tunegate accept qa fine\n```\n````",
            "```\n``` x\n/tunegate accept qa fine\n```",
            "~~~\n```\n/tunegate accept qa fine",
            "<!--\n/tunegate accept qa fine\n-->",
            "a <!-- b --> c <!--\n/tunegate accept qa fine",
        ] {
            assert_eq!(commands(body), [], "{body}");
        }
        for body in [
            "`````\nx\n``````\n/tunegate accept qa fine",
            "```x```\n/tunegate accept qa fine",
            "<!-- a -->\n/tunegate accept qa fine",
        ] {
            assert_eq!(only(body), [pair("qa", "fine")], "{body}");
        }
    }

    #[test]
    fn a_gate_may_be_named_and_a_comment_has_an_end() {
        let command = commands("/tunegate accept eu/qa fine").remove(0).unwrap();
        assert_eq!(command.gate.as_deref(), Some("eu"));
        assert_eq!(command.agent, "qa");
        let many = "/tunegate accept qa fine\n".repeat(5000);
        assert_eq!(commands(&many).len(), MOST_COMMANDS);
        let long = format!("/tunegate {}", "x".repeat(5000));
        assert!(commands(&long).remove(0).unwrap_err().len() < 200);
    }

    #[test]
    fn what_is_half_a_command_says_what_is_missing() {
        for (body, why) in [
            ("/tunegate", "`` is nothing that can be asked"),
            (
                "/tunegate approve qa fine",
                "`approve` is nothing that can be asked",
            ),
            ("/tunegate accept", "it names no agent"),
            ("/tunegate accept qa", "it gives no reason"),
            ("/tunegate accept qa \u{a0} ", "it gives no reason"),
        ] {
            let told = commands(body).remove(0).unwrap_err();
            assert!(told.contains(why), "{told}");
            assert!(told.contains(FORM), "{told}");
        }
    }

    #[test]
    fn a_reason_has_an_end() {
        let body = format!("/tunegate accept qa {}", "ä".repeat(5000));
        assert_eq!(
            commands(&body).remove(0).unwrap().reason.chars().count(),
            MOST_CHARS
        );
    }
}
