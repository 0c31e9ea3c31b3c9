//! What one row says that it should not say: keys, personal data, questions of a suite.

use super::code::Code;
use super::contamination::{Contamination, Match, RowText, What};
use super::detect::{self, Certainty, Hit};
use super::row::Row;

/// A case of a suite that must not stand in training data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteCase {
    /// Its id, for people.
    pub id: String,
    /// Every message of the user.
    pub prompts: Vec<String>,
    /// An answer known to be good.
    pub reference: Option<String>,
}

/// What was found in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) excerpt: Option<String>,
}

/// Most kinds of secrets or personal data that are named in one message.
const MOST_NAMED: usize = 4;

/// Looks into rows; room for what is found is kept from row to row.
#[derive(Debug, Default)]
pub(super) struct Examiner {
    cases: Vec<SuiteCase>,
    contamination: Option<Contamination>,
    hits: Vec<Hit>,
    matches: Vec<Match>,
    /// Rows that ask a suite's short question, such as other people ask too, by nothing but its wording.
    pub(super) short_prompts: u64,
}

impl Examiner {
    pub(super) fn new(cases: Vec<SuiteCase>) -> Self {
        let probes = cases.iter().map(|case| super::contamination::Probe {
            prompts: case.prompts.clone(),
            reference: case.reference.clone(),
        });
        let contamination = (!cases.is_empty()).then(|| Contamination::new(probes.collect()));
        Self {
            cases,
            contamination,
            ..Self::default()
        }
    }

    /// Everything that is found in a row; `line` is its raw text, which holds fields that are no part of the conversation.
    pub(super) fn look(&mut self, line: &str, row: &Row<'_>, found: &mut Vec<Found>) {
        self.leaks(line, found);
        // An escape that spells an ordinary letter hides it from a look at the raw text.
        if memchr::memmem::find(line.as_bytes(), b"\\u00").is_some() && found.is_empty() {
            for turn in row.everything() {
                self.leaks(&turn.text, found);
            }
        }
        self.suite(row, found);
    }

    /// Keys and personal data in the text of a line that is no row.
    pub(super) fn leaks(&mut self, text: &str, found: &mut Vec<Found>) {
        self.hits.clear();
        detect::secrets(text, &mut self.hits);
        let (sure, unsure) = (
            of_certainty(&self.hits, Certainty::Verified),
            of_certainty(&self.hits, Certainty::Possible),
        );
        found.extend(leak(text, &sure, Code::Secret));
        found.extend(leak(text, &unsure, Code::PossibleSecret));
        self.hits.clear();
        detect::personal_data(text, &mut self.hits);
        let personal: Vec<&Hit> = self.hits.iter().collect();
        found.extend(leak(text, &personal, Code::PersonalData));
    }

    fn suite(&mut self, row: &Row<'_>, found: &mut Vec<Found>) {
        let Some(contamination) = &self.contamination else {
            return;
        };
        let asked: Vec<&str> = row.asked().collect();
        let answered: Vec<&str> = row.answered().collect();
        self.matches.clear();
        let text = RowText {
            asked: &asked,
            answered: &answered,
        };
        contamination.look(text, &mut self.matches);
        let mut short = false;
        for one in &self.matches {
            let case = self
                .cases
                .get(one.probe)
                .map_or("", |case| case.id.as_str());
            let case = crate::problem::shown(case);
            let (code, message) = match one.what {
                What::PromptWithAnswer => (
                    Code::Contamination,
                    format!("the suite's prompt `{case}` is in this row, with an answer"),
                ),
                What::Prompt => (
                    Code::SuitePrompt,
                    format!("the suite's prompt `{case}` is in this row"),
                ),
                What::Reference => (
                    Code::SuiteReference,
                    format!("the reference answer of the suite's case `{case}` is in this row"),
                ),
                What::ShortPrompt => {
                    short = true;
                    continue;
                }
            };
            found.push(Found {
                code,
                message,
                excerpt: None,
            });
        }
        self.short_prompts += u64::from(short);
    }
}

fn of_certainty(hits: &[Hit], wanted: Certainty) -> Vec<&Hit> {
    hits.iter().filter(|hit| hit.certainty == wanted).collect()
}

/// All hits of one code in a row are one finding.
fn leak(text: &str, hits: &[&Hit], code: Code) -> Option<Found> {
    let first = hits.first()?;
    let mut kinds: Vec<&str> = Vec::new();
    for hit in hits {
        if !kinds.contains(&hit.kind) {
            kinds.push(hit.kind);
        }
    }
    let more = kinds.len().saturating_sub(MOST_NAMED);
    kinds.truncate(MOST_NAMED);
    let mut named = kinds.join(", ");
    if more > 0 {
        named = format!("{named} and {more} more kinds");
    }
    let message = if code == Code::PossibleSecret {
        format!("this may be a secret: {named}")
    } else {
        named
    };
    Some(Found {
        code,
        message,
        excerpt: Some(detect::redacted(text, first)),
    })
}

/// The start of a text on one line, with keys and personal data cut out of it.
pub(super) fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    // What is cut off in the middle would not be recognised: looked at with room to spare, cut afterwards.
    let start: String = text.chars().take(4 * MOST).collect();
    let mut hits = Vec::new();
    detect::secrets(&start, &mut hits);
    detect::personal_data(&start, &mut hits);
    hits.sort_by_key(|hit| hit.range.start);
    let (mut shown, mut at) = (String::new(), 0);
    for hit in &hits {
        if hit.range.start >= at {
            shown.push_str(start.get(at..hit.range.start).unwrap_or_default());
            shown.push_str(&detect::redacted(&start, hit));
            at = hit.range.end;
        }
    }
    shown.push_str(start.get(at..).unwrap_or_default());
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(MOST).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}
