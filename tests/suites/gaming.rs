//! What costs nothing may win nothing: an answer that is padded, repeated, stuffed with keywords or handed the question
//! again keeps its points or loses some.

use proptest::prelude::*;
use tunegate::score::Answer;
use tunegate::suite::Case;

use super::{Recorded, Shipped, shipped};

/// Points that such an answer may win by chance.
const LUCK: f64 = 0.2;

/// Fluent sentences that say nothing.
const FILLING: [&str; 24] = [
    "It is important to note that every situation is different and deserves careful attention.",
    "There are many factors to consider, and each of them can make a real difference.",
    "Taking the time to understand the details will help you make the right decision.",
    "In general, a thoughtful approach leads to better results in the long run.",
    "Of course, the best choice always depends on your own goals and circumstances.",
    "Overall, staying organised and informed is the key to lasting success.",
    "Please do not hesitate to reach out if anything remains unclear.",
    "I hope this helps you to move forward with confidence.",
    "As with anything in life, patience and consistency tend to pay off.",
    "By following these suggestions, you will be well prepared for whatever comes next.",
    "This topic has many sides, and it is worth looking at all of them.",
    "Communication and cooperation play a crucial role at every stage of the process.",
    "Remember that small improvements can add up to something significant over time.",
    "With the right mindset and the proper tools, nearly anything is possible.",
    "Experts agree that a balanced view is usually the most sensible one.",
    "In today's fast-paced world, it pays to keep an open mind.",
    "At the end of the day, quality matters more than quantity.",
    "The following points are meant as a helpful overview and not as a complete list.",
    "Each step builds on the previous one, so it makes sense to go in order.",
    "Many people find that a clear plan makes everything easier.",
    "It goes without saying that regular review is an essential part of any good practice.",
    "Ultimately, the outcome will be shaped by the effort that everyone involved puts in.",
    "We understand that this may seem like a lot, and we are here to support you.",
    "Let us take a closer look at what this means and why it is relevant.",
];

/// One thing that costs a model nothing.
#[derive(Debug, Clone)]
enum Trick {
    /// So many filling sentences, from this one on, at the end or in front.
    Pad(usize, usize, bool),
    /// A paragraph of the answer again, so often.
    Repeat(usize, usize),
    /// The whole answer again.
    Double,
    /// The keywords in a row, so often.
    Stuff(usize),
    /// Every way to say each keyword and the longer words of the question, so often, with this between them.
    List(usize, &'static str),
    /// The keywords in a sentence.
    Mention,
    /// The question, at the end or in front.
    Echo(bool),
}

fn trick() -> impl Strategy<Value = Trick> {
    prop_oneof![
        (1_usize..12, 0..FILLING.len(), any::<bool>())
            .prop_map(|(n, at, end)| Trick::Pad(n, at, end)),
        (0_usize..8, 1_usize..6).prop_map(|(part, times)| Trick::Repeat(part, times)),
        Just(Trick::Double),
        (1_usize..4).prop_map(Trick::Stuff),
        (
            1_usize..4,
            prop::sample::select(vec![", ", " ", "; ", " / "])
        )
            .prop_map(|(times, between)| Trick::List(times, between)),
        Just(Trick::Mention),
        any::<bool>().prop_map(Trick::Echo),
    ]
}

fn placed(text: &str, more: &str, at_end: bool) -> String {
    if at_end {
        format!("{text}\n\n{more}")
    } else {
        format!("{more}\n\n{text}")
    }
}

fn played(trick: &Trick, text: &str, case: &Case) -> String {
    let keywords: Vec<&str> = case
        .expectation
        .keywords
        .iter()
        .filter_map(|keyword| keyword.any_of.first())
        .map(String::as_str)
        .collect();
    match trick {
        Trick::Pad(count, at, end) => {
            let sentences: Vec<&str> = FILLING.into_iter().cycle().skip(*at).take(*count).collect();
            placed(text, &sentences.join(" "), *end)
        }
        Trick::Repeat(part, times) => {
            let parts: Vec<&str> = text.split("\n\n").collect();
            let again = format!("\n\n{}", parts[part % parts.len()]);
            format!("{text}{}", again.repeat(*times))
        }
        Trick::Double => format!("{text}\n\n{text}"),
        Trick::Stuff(times) => {
            let row = format!("{}. ", keywords.join(", "));
            placed(text, &row.repeat(*times), true)
        }
        Trick::List(times, between) => {
            let every = case.expectation.keywords.iter();
            let every = every.flat_map(|keyword| keyword.any_of.iter().map(String::as_str));
            let asked = case.prompt().split(|c: char| !c.is_alphanumeric());
            let asked = asked.filter(|word| word.chars().count() > 4).take(40);
            let words: Vec<&str> = every.chain(asked).collect();
            let row = format!("Keywords: {}.\n\n", words.join(between));
            placed(text, &row.repeat(*times), true)
        }
        Trick::Mention => placed(
            text,
            &format!("This answer is about {}.", keywords.join(", ")),
            true,
        ),
        Trick::Echo(end) => placed(text, case.prompt(), *end),
    }
}

/// Every recorded answer of every agent.
fn each(agents: &[Shipped], mut found: impl FnMut(&Shipped, &Case, &Recorded)) {
    for agent in agents {
        for line in &agent.recorded {
            let mut cases = agent.suite.cases.iter();
            if let Some(case) = cases.find(|case| case.id.as_str() == line.case) {
                found(agent, case, line);
            }
        }
    }
}

/// The answers that win by these tricks.
fn winners(agents: &[Shipped], tricks: &[Trick]) -> Vec<String> {
    let mut winners = Vec::new();
    each(agents, |agent, case, line| {
        let text = tricks.iter().fold(line.answer.clone(), |text, trick| {
            played(trick, &text, case)
        });
        let answer = Answer {
            text: &text,
            ..line.answer()
        };
        let (before, after) = (
            agent.points(case, line.answer()),
            agent.points(case, answer),
        );
        if after > before + LUCK {
            winners.push(agent.at(
                case,
                &format!(
                    "{tricks:?} of {} win: {before:.2} to {after:.2}",
                    line.model
                ),
            ));
        }
    });
    winners
}

#[test]
fn each_trick_alone_wins_nothing() {
    let agents = shipped();
    let tricks = [
        Trick::Pad(3, 0, true),
        Trick::Pad(12, 5, true),
        Trick::Pad(6, 12, false),
        Trick::Pad(4, 8, false),
        Trick::Repeat(0, 1),
        Trick::Repeat(1, 5),
        Trick::Double,
        Trick::Stuff(1),
        Trick::Stuff(3),
        Trick::List(1, ", "),
        Trick::List(3, ", "),
        Trick::List(1, " "),
        Trick::List(2, "; "),
        Trick::Mention,
        Trick::Echo(true),
        Trick::Echo(false),
    ];
    let won: Vec<String> = tricks
        .iter()
        .flat_map(|trick| winners(&agents, std::slice::from_ref(trick)))
        .collect();
    super::none(&won);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn tricks_on_top_of_tricks_win_nothing(tricks in prop::collection::vec(trick(), 1..4)) {
        let won = winners(&shipped(), &tricks);
        prop_assert!(won.is_empty(), "{}", won.join("\n"));
    }
}
