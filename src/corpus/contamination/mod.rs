//! Questions and answers of the suites inside training data. Decides which rows hold one of them; not how bad that is,
//! nor which turns of a row are trained on (the caller hands them apart).
//!
//! Texts are compared as normalised words (`words`), so that case, punctuation, white space, Markdown, accents and
//! what stands around a text make no difference. What counts as found:
//!
//! - A **prompt of eight words or more**: at least 80 % of its runs of eight words stand in the row, in any turn, in
//!   any order. A prompt that stands there word for word has all of them. Runs that the prompts of other cases have
//!   too are their template: of the remaining ones 80 % must stand there as well, or every row made from that template
//!   would be found.
//! - A **shorter prompt**: one whole turn of the asking side equals it; of a case with several prompts and none of
//!   eight words, all of them do. "How do I reset my password?" inside of a longer turn says nothing.
//! - A **reference**: as the answer to a found prompt, 60 % of its runs of eight words stand in the trained answers;
//!   if it has three to seven words, all of them do, one after the other; if fewer, a whole answer equals it. Without
//!   its prompt it needs thirteen words and 80 %, as a prompt does.
//!
//! A Chinese character counts as half a word, a sign of Japanese kana or Thai as a quarter; runs are of eight of them.
//! Punctuation taken out of words (`e-mail` to `email`) is found too: each text is looked for in both spellings.
//!
//! The search is one look at a filter for each word of a row; only a row that holds one of the few runs that betray a
//! text is read again. Memory is about eight bytes for each word of the suites, of at most 128 runs a text. A row
//! names at most 64 cases.

mod anchors;
mod needles;
mod reference;
mod runs;
mod search;
#[cfg(test)]
mod tests;

use self::anchors::Anchors;
use self::needles::{Kind, Needles, Search};
use self::reference::Reference;
use self::runs::{Reading, quarter_words, spellings};
use self::search::{Seen, There};

/// Words of a prompt that is looked for inside of turns.
const LONG: usize = 8;

/// Words that a shorter prompt can have: four signs of a script without spaces count as one.
const SHORT: usize = 4 * LONG;

/// Cases that one row names.
const MOST_CASES: usize = 64;

/// What is looked for of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Probe {
    /// Every user message of the case.
    pub(super) prompts: Vec<String>,
    /// The answer that the suite gives as right.
    pub(super) reference: Option<String>,
}

/// A row as it is looked through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RowText<'a> {
    /// Texts of the system's and the user's turns.
    pub(super) asked: &'a [&'a str],
    /// Texts of the assistant's turns that are trained on.
    pub(super) answered: &'a [&'a str],
}

/// What of a case a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// The prompt with its reference as an answer; or, where the case has none, a long prompt word for word with any
    /// answer.
    PromptWithAnswer,
    /// A prompt of eight words or more, with another answer or not word for word.
    Prompt,
    /// A prompt of fewer words, with another answer or without a reference. Honest data holds such questions.
    ShortPrompt,
    /// The reference without its prompt.
    Reference,
}

/// A case of which a row holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match {
    /// The number of the probe.
    pub(super) probe: usize,
    /// What of it the row holds.
    pub(super) what: What,
    /// The percentage of the text's runs of words that stand in the row, 80 to 100.
    pub(super) percent: usize,
}

/// Looks for the questions and answers of suites.
#[derive(Debug)]
pub(super) struct Contamination {
    cases: Vec<Case>,
    needles: Needles,
    anchors: Anchors,
    /// Short prompts: all words as one hash, with the case, sorted.
    short: Vec<(u64, usize)>,
}

/// What is kept of a probe beside its long texts.
#[derive(Debug)]
struct Case {
    /// The hashes of each short prompt, one a spelling. Empty where a prompt is long.
    short: Vec<Vec<u64>>,
    reference: Option<Reference>,
}

/// A case whose prompt a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    case: usize,
    percent: usize,
    length: Length,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Length {
    Short,
    Long,
}

impl Contamination {
    /// Learns what to look for.
    pub(super) fn new(probes: Vec<Probe>) -> Self {
        let mut needles = Needles::default();
        let mut short = Vec::new();
        let mut cases = Vec::with_capacity(probes.len());
        for (number, probe) in probes.into_iter().enumerate() {
            let reference = probe.reference.as_deref();
            let case = Case {
                short: add_prompts(&probe.prompts, number, &mut needles),
                reference: reference.and_then(|text| Reference::of(text, number, &mut needles)),
            };
            short.extend(case.short.iter().flatten().map(|whole| (*whole, number)));
            cases.push(case);
        }
        short.sort_unstable();
        short.dedup();
        let anchors = needles.settle();
        Self {
            cases,
            needles,
            anchors,
            short,
        }
    }

    /// Adds what of the cases the row holds, in the order of the probes; each case once.
    pub(super) fn look(&self, row: RowText<'_>, found: &mut Vec<Match>) {
        let is_short_prompt =
            |count, whole| count <= SHORT && self.cases_asking(whole).next().is_some();
        let seen = Seen::of(row, &self.anchors, is_short_prompt);
        if seen.is_empty() {
            return;
        }
        let (mut asked, references) = self.confirmed(&seen, row);
        self.add_short(&seen, &mut asked);
        // Of the prompts of one case the best.
        asked.sort_unstable_by(|one, other| one.case.cmp(&other.case).then(other.cmp(one)));
        asked.dedup_by_key(|asked| asked.case);
        asked.truncate(MOST_CASES);
        let mut matches: Vec<Match> = asked.iter().map(|asked| self.judge(*asked, row)).collect();
        let is_asked = |case: &usize| asked.binary_search_by_key(case, |asked| asked.case).is_ok();
        matches.extend(
            references
                .into_iter()
                .filter(|alone| !is_asked(&alone.probe)),
        );
        matches.sort_unstable();
        matches.dedup_by_key(|found| found.probe);
        matches.truncate(MOST_CASES);
        found.append(&mut matches);
    }

    /// The cases that have a short prompt of these words.
    fn cases_asking(&self, whole: u64) -> impl Iterator<Item = usize> {
        let from = self.short.partition_point(|(other, _)| *other < whole);
        let rest = self.short.iter().skip(from).take(MOST_CASES);
        rest.take_while(move |(other, _)| *other == whole)
            .map(|(_, case)| *case)
    }

    /// The cases whose long prompt the row holds, and those whose reference it does.
    fn confirmed(&self, seen: &Seen, row: RowText<'_>) -> (Vec<Asked>, Vec<Match>) {
        let needles: Vec<_> = seen
            .texts
            .iter()
            .filter_map(|number| self.needles.get(*number))
            .collect();
        let runs = needles.iter().flat_map(|needle| needle.runs()).collect();
        let there = There::of(runs, row.asked.iter().chain(row.answered).copied());
        let (mut asked, mut references) = (Vec::new(), Vec::new());
        for needle in needles {
            let Some(percent) = needle.found(|run| there.has(run)) else {
                continue;
            };
            match needle.kind {
                Kind::Prompt => asked.extend(needle.cases.iter().map(|case| Asked {
                    case: *case,
                    percent,
                    length: Length::Long,
                })),
                Kind::Reference => references.extend(needle.cases.iter().map(|case| Match {
                    probe: *case,
                    what: What::Reference,
                    percent,
                })),
            }
        }
        (asked, references)
    }

    /// Adds the cases all of whose prompts are short and turns of the row.
    fn add_short(&self, seen: &Seen, asked: &mut Vec<Asked>) {
        let cases = seen
            .turns
            .iter()
            .take(MOST_CASES)
            .flat_map(|whole| self.cases_asking(*whole));
        let all_there = |case: &usize| {
            let prompts = self.cases.get(*case).map(|case| &case.short);
            prompts.is_some_and(|prompts| {
                prompts.iter().all(|spellings| {
                    spellings
                        .iter()
                        .any(|whole| seen.turns.binary_search(whole).is_ok())
                })
            })
        };
        asked.extend(cases.filter(all_there).map(|case| Asked {
            case,
            percent: 100,
            length: Length::Short,
        }));
    }

    /// What it means that the row holds the prompt of a case.
    fn judge(&self, asked: Asked, row: RowText<'_>) -> Match {
        let reference = self
            .cases
            .get(asked.case)
            .and_then(|case| case.reference.as_ref());
        let has_answer = || row.answered.iter().any(|answer| !answer.trim().is_empty());
        let is_answered = match (reference, asked.length) {
            (Some(reference), Length::Short | Length::Long) => {
                reference.answers(row.answered, &self.needles)
            }
            // A template of which the suite has one case lends its words to honest rows, but not all of them.
            (None, Length::Long) => asked.percent == 100 && has_answer(),
            (None, Length::Short) => false,
        };
        Match {
            probe: asked.case,
            percent: asked.percent,
            what: match (is_answered, asked.length) {
                (true, Length::Short | Length::Long) => What::PromptWithAnswer,
                (false, Length::Long) => What::Prompt,
                (false, Length::Short) => What::ShortPrompt,
            },
        }
    }
}

/// Takes up the long prompts of a case; gives back the hashes of its short ones where it has no others.
fn add_prompts(prompts: &[String], case: usize, needles: &mut Needles) -> Vec<Vec<u64>> {
    let is_long = |text: &&String| quarter_words(text) >= 4 * LONG;
    let (long, short): (Vec<&String>, Vec<&String>) = prompts.iter().partition(is_long);
    for prompt in &long {
        needles.add(Kind::Prompt, Search::Everywhere, prompt, case);
    }
    if !long.is_empty() {
        return Vec::new();
    }
    let readings = short.into_iter().map(|prompt| {
        let spellings = spellings(prompt);
        let all = spellings.iter().map(|text| Reading::of(text));
        let worded = all.filter(|reading| reading.words > 0);
        worded.map(|reading| reading.whole).collect()
    });
    readings
        .filter(|spellings: &Vec<u64>| !spellings.is_empty())
        .collect()
}
