//! Decides whether an answer declines to answer: it says so near its start and says little else.
//!
//! English only. A longer answer that declines one part and helps with the rest is not a refusal, nor is a "we cannot"
//! of a company to its customer.

/// Words an answer may have and still be nothing but a refusal.
const MOST_WORDS: usize = 90;

/// Characters from the start within which it has to decline.
const OPENING: usize = 240;

/// What a model says of itself when it declines; a verb of [`HELPING`] has to follow soon.
const UNABLE: [&str; 14] = [
    "i can't",
    "i cannot",
    "i can not",
    "i'm unable to",
    "i am unable to",
    "i'm not able to",
    "i am not able to",
    "i won't",
    "i will not",
    "i wouldn't be able to",
    "i could not",
    "i'm not allowed to",
    "i am not allowed to",
    "i'm not comfortable",
];

const HELPING: [&str; 34] = [
    "help",
    "assist",
    "answer",
    "provide",
    "comply",
    "fulfil",
    "fulfill",
    "do that",
    "do this",
    "give",
    "create",
    "write",
    "generate",
    "produce",
    "discuss",
    "support",
    "engage",
    "offer",
    "respond",
    "share",
    "advise",
    "complete",
    "process",
    "continue",
    "participate",
    "perform",
    "recommend",
    "carry",
    "make",
    "providing",
    "helping",
    "writing",
    "access",
    "be able to",
];

/// Words between the two, as in "I cannot, in good conscience, help".
const BETWEEN: usize = 40;

/// Phrases that decline without another verb.
const DECLINING: [&str; 9] = [
    "i must decline",
    "i have to decline",
    "i need to decline",
    "i'm going to decline",
    "i respectfully decline",
    "against my guidelines",
    "violates my guidelines",
    "against my programming",
    "i'm sorry, but i can't",
];

/// Whether the answer declines to answer.
pub(super) fn is_refusal(text: &str) -> bool {
    if text.split_whitespace().take(MOST_WORDS + 1).count() > MOST_WORDS || text.contains("```") {
        return false;
    }
    let opening: String = text
        .trim_start()
        .chars()
        .take(OPENING)
        .flat_map(char::to_lowercase)
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    // Every phrase holds one of these; most answers hold none.
    if !["i ", "i'", " my "]
        .iter()
        .any(|part| opening.contains(part))
    {
        return false;
    }
    DECLINING.iter().any(|phrase| opening.contains(phrase))
        || UNABLE.iter().any(|phrase| declines(&opening, phrase))
}

fn declines(opening: &str, unable: &str) -> bool {
    opening.match_indices(unable).any(|(at, _)| {
        let before = opening.get(..at).and_then(|text| text.chars().next_back());
        let after: String = opening
            .get(at + unable.len()..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| !matches!(c, '.' | '!' | '?' | '\n'))
            .take(BETWEEN)
            .collect();
        !before.is_some_and(char::is_alphanumeric)
            && HELPING.iter().any(|verb| after.contains(verb))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_answers_that_decline_are_refusals() {
        for text in [
            "I can't help with that.",
            "I’m sorry, but I cannot assist with this request.",
            "As an AI language model, I am unable to provide legal advice.",
            "I'm not able to answer questions about other customers. Is there anything else?",
            "Unfortunately I must decline this one.",
        ] {
            assert!(is_refusal(text), "{text}");
        }
    }

    #[test]
    fn answers_that_help_are_not() {
        for text in [
            "",
            "You can reset the password in Settings.",
            "We cannot refund the fee, but your plan runs until June.",
            "I can't see your log, so please send it.",
            "I can't find a bug here.",
            "If I cannot sign in, what then? Open Settings and reset the password.",
        ] {
            assert!(!is_refusal(text), "{text}");
        }
    }

    #[test]
    fn a_long_answer_that_declines_one_part_is_not() {
        let text = format!(
            "I can't give legal advice. {}",
            "Section 3 limits it. ".repeat(40)
        );
        assert!(!is_refusal(&text));
    }
}
