//! What several votes of a judge on one answer come to: the median of each dimension. An answer is graded once more
//! than half of its votes can be read; until then nothing is known of it, which is not zero points.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Grade, Judge};
use crate::runner::Usage;
use crate::score::{Digest, Dimension};

/// What a judge said of one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grades {
    /// Names the judge with its rubrics, and the question it was asked: grades of one name can stand for each other.
    pub question: Digest,
    /// Each vote, in order.
    pub votes: Vec<Vote>,
    /// Tokens of all votes.
    pub usage: Usage,
    /// What they cost, in the currency of the prices; absent where the judge has no price.
    pub cost: Option<f64>,
}

/// One reply of a judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vote {
    /// From 0.
    pub vote: u32,
    /// By dimension; empty where the reply could not be read.
    pub grades: BTreeMap<Dimension, Grade>,
    /// Why it could not be read.
    pub unreadable: Option<String>,
    /// What the judge said, where answers are kept.
    pub reply: Option<String>,
    /// Why the judge stopped, in the server's word.
    pub finish_reason: Option<String>,
    /// True where it was asked once more, since its first reply could not be read.
    pub again: bool,
    /// True where its reply was kept from earlier: nothing was paid for it in this run.
    pub cached: bool,
    /// Tokens, those of a first reply that could not be read included.
    pub usage: Usage,
}

/// What the votes on an answer come to.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The median of each dimension.
    Graded(BTreeMap<Dimension, Grade>),
    /// Too few votes could be read; why, for people.
    Unscored(String),
}

impl Grades {
    /// What the votes come to; `missing` says why a vote is not there.
    pub fn settled(&self, judge: &Judge, missing: Option<&str>) -> Settled {
        let read: Vec<&Vote> = self
            .votes
            .iter()
            .filter(|vote| vote.unreadable.is_none())
            .collect();
        let needed = judge.votes / 2 + 1;
        if u32::try_from(read.len()).unwrap_or(u32::MAX) < needed {
            let told = self
                .votes
                .iter()
                .find_map(|vote| vote.unreadable.as_deref());
            let why = match (missing, told) {
                (Some(why), _) => format!("the judge gave no grade: {why}"),
                (None, Some(why)) => {
                    format!("the judge's reply cannot be read, asked twice: {why}")
                }
                (None, None) => "the judge was not asked".to_owned(),
            };
            return Settled::Unscored(why);
        }
        let medians = judge.dimensions().filter_map(|dimension| {
            let all = read.iter().filter_map(|vote| vote.grades.get(dimension));
            Some((dimension.clone(), median(all.collect())?))
        });
        Settled::Graded(medians.collect())
    }

    /// Tokens that were paid for in this run.
    pub fn paid(&self) -> Usage {
        let paid = self.votes.iter().filter(|vote| !vote.cached);
        paid.fold(Usage::default(), |sum, vote| sum.plus(vote.usage))
    }

    /// Forgets what may repeat words of the answer.
    pub fn forget_words(&mut self) {
        for vote in &mut self.votes {
            vote.reply = None;
            vote.unreadable = vote.unreadable.as_ref().map(|_| "not kept".to_owned());
            for grade in vote.grades.values_mut() {
                grade.why.clear();
            }
        }
    }
}

/// The middle of the points, between the two middle ones of an even number; the reason is that of the vote next to it.
fn median(mut all: Vec<&Grade>) -> Option<Grade> {
    all.sort_by(|one, other| one.points.total_cmp(&other.points));
    let upper = all.len() / 2;
    let lower = (all.len().checked_sub(1)?) / 2;
    let (low, high) = (all.get(lower)?, all.get(upper)?);
    Some(Grade {
        points: f64::midpoint(low.points, high.points),
        why: low.why.clone(),
    })
}
