//! By which rules an answer is scored that a person judged: those of its agent's suite, of the case with the same prompt
//! where there is one; else those of the profile alone.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::{Judged, Label, UsedCase};
use crate::score::{Answer, Digest, Expectation, Profile, Scored, Scoring, score, score_digest};
use crate::suite::{Case, Suite};

/// The suites by whose rules answers are scored.
#[derive(Debug, Default)]
pub struct Scorer<'s> {
    suites: BTreeMap<String, Known<'s>>,
    profile: Option<Profile>,
}

#[derive(Debug)]
struct Known<'s> {
    suite: &'s Suite,
    scoring: Scoring,
    /// The first case with a prompt, by a mark of the prompt that means nothing outside of this process.
    by_prompt: HashMap<u64, usize>,
}

/// The points of one answer or of two.
#[derive(Debug, Clone, PartialEq)]
pub enum Points {
    /// Of the answer that was rated.
    One(Scored),
    /// Of the two answers that were compared.
    Two(Scored, Scored),
}

/// What a label's answers come to, and by which rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The points; none where the profile is `checks` and the case has no check.
    pub points: Option<Points>,
    /// The case with the same prompt.
    pub case: Option<UsedCase>,
    /// The rules where no case has the prompt.
    pub score_digest: Option<Digest>,
    /// Whether the configuration has the label's agent.
    pub configured: bool,
}

impl<'s> Scorer<'s> {
    /// Scores by the suites of these agents, or why a case of theirs cannot be read. A profile that is given takes the
    /// place of every suite's own.
    pub fn new(
        suites: impl IntoIterator<Item = (&'s str, &'s Suite)>,
        profile: Option<Profile>,
    ) -> Result<Self, String> {
        let known = suites.into_iter().map(|(agent, suite)| {
            let scoring = Scoring {
                profile: profile.unwrap_or(suite.scoring.profile),
                ..suite.scoring.clone()
            };
            let mut by_prompt = HashMap::new();
            for place in 0..suite.len() {
                let case = suite.case(place)?;
                by_prompt.entry(mark(case.prompt())).or_insert(place);
            }
            let known = Known {
                suite,
                scoring,
                by_prompt,
            };
            Ok((agent.to_owned(), known))
        });
        Ok(Self {
            suites: known.collect::<Result<_, String>>()?,
            profile,
        })
    }

    /// The points of a label's answers, or why the case with its prompt cannot be read.
    pub fn measure(&self, label: &Label) -> Result<Measured, String> {
        let known = label.agent.as_ref().and_then(|name| self.suites.get(name));
        let case = known.map(|known| known.case(&label.prompt)).transpose()?;
        let case = case.flatten();
        let general = Scoring {
            profile: self.profile.unwrap_or_default(),
            ..Scoring::default()
        };
        let scoring = known.map_or(&general, |known| &known.scoring);
        let nothing = Expectation::default();
        let expectation = case.as_ref().map_or(&nothing, |case| &case.expectation);
        let of_words = expectation.of_words();
        let points = |text| score(scoring, &of_words, &label.prompt, &Answer::new(text));
        let rules = scoring.profile != Profile::Checks || !of_words.checks.is_empty();
        let digest = score_digest(scoring, expectation);
        Ok(Measured {
            points: rules.then(|| match &label.judged {
                Judged::Rated { answer, .. } => Points::One(points(answer)),
                Judged::Pair { a, b, .. } => Points::Two(points(a), points(b)),
            }),
            score_digest: case.is_none().then_some(digest),
            case: case.map(|case| UsedCase {
                id: case.id.clone(),
                score_digest: digest,
            }),
            configured: known.is_some(),
        })
    }
}

impl Known<'_> {
    fn case(&self, prompt: &str) -> Result<Option<Arc<Case>>, String> {
        let Some(place) = self.by_prompt.get(&mark(prompt)) else {
            return Ok(None);
        };
        let case = self.suite.case(*place)?;
        Ok((case.prompt().trim() == prompt.trim()).then_some(case))
    }
}

fn mark(prompt: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    prompt.trim().hash(&mut hasher);
    hasher.finish()
}
