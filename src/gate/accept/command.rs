//! `/tunegate accept AGENT REASON`, at the start of a line of a comment.

/// What people begin a line with.
const CALL: &str = "/tunegate";
/// The longest reason that is kept.
const MOST_CHARS: usize = 300;
/// How it is written.
const FORM: &str = "write `/tunegate accept AGENT REASON`";

/// A wish to let an agent pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// The agent's name, as it was written.
    pub(super) agent: String,
    /// Why.
    pub(super) reason: String,
}

/// The commands of a comment, each or why it is none. What is quoted, or stands in a block of code, is not meant.
pub(super) fn commands(body: &str) -> Vec<Result<Command, String>> {
    let mut fence: Option<&str> = None;
    let mut found = Vec::new();
    for line in body.lines() {
        let bare = line.trim_start();
        let opens = ["```", "~~~"]
            .into_iter()
            .find(|mark| bare.starts_with(mark));
        match (fence, opens) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => found.extend(command(line)),
            (Some(_), _) => {}
        }
    }
    found
}

fn command(line: &str) -> Option<Result<Command, String>> {
    let rest = line.strip_prefix(CALL)?;
    if !rest.starts_with(char::is_whitespace) && !rest.is_empty() {
        return None;
    }
    let (verb, rest) = word(rest);
    if verb != "accept" {
        return Some(Err(format!(
            "`{verb}` is nothing that can be asked; {FORM}"
        )));
    }
    let (agent, reason) = word(rest);
    if agent.is_empty() {
        return Some(Err(format!("it names no agent; {FORM}")));
    }
    let words: Vec<&str> = reason.split_whitespace().collect();
    let reason: String = words.join(" ").chars().take(MOST_CHARS).collect();
    if reason.is_empty() {
        return Some(Err(format!("it gives no reason; {FORM}")));
    }
    let agent = agent.to_owned();
    Some(Ok(Command { agent, reason }))
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
