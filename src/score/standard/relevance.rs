//! Signals of relevance: are the words that the case expects there, and the words that the question is about?

use super::distinct::Distinct;
use super::words::Stem;
use super::{Signal, View, language, number, share};
use crate::score::Keyword;

/// Cost of holding none of the keywords: the suite's author named the words without which an answer misses the point.
const KEYWORDS: f64 = 6.0;

/// Cost of none of the question's words, next to keywords.
const TOPIC: f64 = 4.0;

/// The same where the case names no keywords, so that this is all there is to see.
const TOPIC_ALONE: f64 = 4.0;

/// Share of the question's content words that a full answer takes up; it need not repeat the question.
const COVERAGE: f64 = 0.35;

/// The same by share of the answer's own content words: what sums up a long text takes up little of it.
const OWN: f64 = 0.4;

/// Different words of the question beyond which its length no longer asks for more: nobody repeats a long document.
const MOST_WORDS: f64 = 24.0;

/// Content words from which a question's words are full evidence. "Tell me a joke" has one, and no joke repeats it.
const SURE: f64 = 8.0;

/// Cost of handing the question back, in every dimension but format.
pub(super) const ECHO: f64 = 8.0;

/// Share of an answer's content words that an echo has from the question.
const ECHOED: f64 = 0.85;

/// Fewer content words are too few to tell an echo from a label or a name.
const ECHO_WORDS: usize = 5;

/// A first sentence of as many words is a greeting.
const OPENING: usize = 3;

/// Questions of more words hold a text to work on, whose words an answer may well be made of.
const DOCUMENT: usize = 60;

/// Cost in quality and specificity of an answer to something else: however good it is, it is not good for this prompt.
const ELSEWHERE: f64 = 4.0;

/// Evidence at which an answer counts as one to this question, and at which it surely is not.
const HERE: f64 = 0.4;
const NOT_HERE: f64 = 0.1;

/// How far an answer addresses its question.
pub(super) struct Addressed {
    /// Share of the keywords held; absent where the case names none.
    keywords: Option<f64>,
    missing: Vec<String>,
    /// Share of the wanted coverage of the question's words, at most 1.
    topic: f64,
    /// Whether the answer is too short to tell by its words what it is about.
    brief: bool,
}

/// An answer of fewer words may be right without a word of the question.
const BRIEF: usize = 20;

impl Addressed {
    pub(super) fn by(view: &View<'_>) -> Self {
        let keywords = &view.expectation.keywords;
        let held = |keyword: &Keyword| keyword.any_of.iter().any(|word| view.words.hold(word));
        let missing: Vec<String> = keywords
            .iter()
            .filter(|keyword| !held(keyword))
            .map(|keyword| keyword.any_of.join("/"))
            .collect();
        let share = 1.0 - number(missing.len()) / number(keywords.len().max(1));
        Self {
            keywords: (!keywords.is_empty()).then_some(share),
            missing,
            topic: topic(view),
            brief: view.words.len() < BRIEF,
        }
    }

    /// What it costs in other dimensions to answer something else, and why.
    pub(super) fn elsewhere(&self) -> Option<(f64, String)> {
        let evidence = match self.keywords {
            // All that the suite's author looks for is there, in however few words.
            Some(_) if self.missing.is_empty() => return None,
            Some(keywords) => f64::midpoint(keywords, self.topic),
            None if self.brief => return None,
            None => self.topic,
        };
        let most = if self.keywords.is_some() {
            ELSEWHERE
        } else {
            ELSEWHERE / 4.0
        };
        let points = most * (1.0 - share(evidence, NOT_HERE, HERE));
        let why = if points < most / 2.0 {
            "addresses little of what was asked"
        } else {
            "answers something else than what was asked"
        };
        (points > 0.0).then(|| (points, why.to_owned()))
    }
}

fn topic(view: &View<'_>) -> f64 {
    let asked = view.prompt.content().len();
    if asked == 0 {
        return 1.0;
    }
    let held = view.prompt.shared_with(&view.words);
    let wanted = (number(asked) * COVERAGE).clamp(1.0, MOST_WORDS);
    let own = number(held) / (number(view.words.content().len()) * OWN).max(1.0);
    let missing = 1.0 - (number(held) / wanted).max(own).min(1.0);
    1.0 - missing * (number(asked) / SURE).min(1.0)
}

pub(super) fn signals(view: &View<'_>, addressed: &Addressed) -> Vec<Signal> {
    let mut signals = Vec::new();
    if let Some(held) = addressed.keywords {
        let why = format!("does not mention {}", addressed.missing.join(", "));
        signals.push(Signal::new(KEYWORDS * (1.0 - held), why));
    }
    let most = if addressed.keywords.is_some() {
        TOPIC
    } else {
        TOPIC_ALONE
    };
    let held = view.prompt.shared_with(&view.words);
    let why = format!(
        "takes up {held} of the {} words that the question is about",
        view.prompt.content().len()
    );
    signals.push(Signal::new(most * (1.0 - addressed.topic), why));
    signals.extend(language::foreign(view));
    signals
}

/// Says that the answer is the question again, if it is: hardly a word of its own, and it starts the question over or
/// is no sentence at all. Repeating a text on request (to correct or shorten it) is not an echo: the request is missing.
pub(super) fn echo(view: &View<'_>) -> Option<String> {
    let words = view.all_words();
    let content = words.content();
    if content.len() < ECHO_WORDS || 2 * words.len() > 3 * view.prompt.len() {
        return None;
    }
    let asked: Distinct<&Stem> = view.prompt.stems.iter().collect();
    let echoed = content.iter().filter(|word| asked.contains(word)).count();
    if number(echoed) < ECHOED * number(content.len()) {
        return None;
    }
    if opens_again(view) {
        Some("gives the question back instead of an answer".to_owned())
    } else {
        strung_words(view).then(|| "strings words of the question together".to_owned())
    }
}

/// Whether the words of the question's first sentence stand in the answer, mostly in their order.
fn opens_again(view: &View<'_>) -> bool {
    let first = view.asked.iter().find(|sentence| sentence.len() > OPENING);
    let opening = first.unwrap_or(&view.prompt).stems.windows(3).take(10);
    let opening: Vec<&[Stem]> = opening.collect();
    let again = opening
        .iter()
        .filter(|part| view.all_words().stems.windows(3).any(|own| own == **part))
        .count();
    !opening.is_empty() && 2 * again > opening.len()
}

/// Function words are about four of ten in English sentences; a string of search words has next to none.
fn strung_words(view: &View<'_>) -> bool {
    view.prompt.len() <= DOCUMENT
        && view.page.codes.is_empty()
        && !view.text.trim_start().starts_with(['{', '['])
        && view.all_words().len() >= 8
        && 10 * view.all_words().without_topic < view.all_words().len()
}
