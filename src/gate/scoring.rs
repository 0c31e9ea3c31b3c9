//! Scores the answer of a sample: by the rules of its suite, and by the grades of the judge where there is one. An answer
//! whose grades are not there yet has no score.

use super::planned::PlannedAgent;
use crate::judge::{Grades, Judge, Question, Settled};
use crate::record::{Points, SampleRecord, SampleStatus, SampleText};
use crate::score::{self, Answer, Given, Scored, ToolCall, answer_digest};
use crate::suite::Case;

/// Whether an answer is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is, or it never will be.
    Final,
    /// A judge has to grade it first.
    Ungraded,
}

/// An answer that is to be scored.
pub(super) struct Said {
    pub(super) answer: String,
    pub(super) finish_reason: Option<String>,
    pub(super) tool_calls: Vec<ToolCall>,
    /// What the judge said of it.
    pub(super) grades: Option<Grades>,
    /// Why a vote of the judge is missing.
    pub(super) missing: Option<String>,
}

/// Scores an answer into its sample.
pub(super) fn score(
    planned: &PlannedAgent,
    case: &Case,
    said: Said,
    sample: &mut SampleRecord,
) -> Standing {
    let answer = Answer {
        finish_reason: said.finish_reason.as_deref(),
        tool_calls: &said.tool_calls,
        ..measured(sample, &said.answer)
    };
    let scored = by_rules(planned, case, &answer);
    let checks = scored.checks.clone();
    let (standing, scored) = match &planned.judge {
        None => (Standing::Final, Ok(scored)),
        Some(judge) => judged(planned, judge, &said, scored),
    };
    let (scored, why) = match scored {
        Ok(scored) => (Some(scored), None),
        Err(why) => (None, Some(why)),
    };
    sample.status = match &scored {
        Some(_) => SampleStatus::Scored,
        None => SampleStatus::Unscored,
    };
    sample.answer_sha256 = Some(answer_digest(&said.answer, &said.tool_calls));
    sample.score = scored.as_ref().map(|scored| scored.score);
    let (points, lost) = scored.map_or_else(Default::default, |scored| {
        let points: Points = scored.dimensions.into_iter().collect();
        (points, scored.lost)
    });
    sample.dimensions = points;
    sample.text = Some(Box::new(SampleText {
        why,
        answer: Some(said.answer),
        lost,
        checks,
        judge: said.grades.map(Box::new),
        finish_reason: said.finish_reason,
        tool_calls: said.tool_calls,
    }));
    if standing == Standing::Final {
        planned.graded(case, sample);
    }
    standing
}

fn by_rules(planned: &PlannedAgent, case: &Case, answer: &Answer<'_>) -> Scored {
    score::score(
        &planned.suite.scoring,
        &case.expectation,
        case.prompt(),
        answer,
    )
}

/// An answer with what was measured while it came.
const fn measured<'a>(sample: &SampleRecord, text: &'a str) -> Answer<'a> {
    Answer {
        latency_ms: sample.latency_ms,
        cost: sample.cost,
        ..Answer::new(text)
    }
}

/// The answer that a sample holds.
fn held(sample: &SampleRecord) -> Option<Answer<'_>> {
    let text = sample.text.as_deref()?;
    Some(Answer {
        finish_reason: text.finish_reason.as_deref(),
        tool_calls: &text.tool_calls,
        ..measured(sample, text.answer.as_deref()?)
    })
}

/// The points with the judge's own in them, or why there are none.
fn judged(
    planned: &PlannedAgent,
    judge: &Judge,
    said: &Said,
    scored: Scored,
) -> (Standing, Result<Scored, String>) {
    let scoring = &planned.suite.scoring;
    if !score::wants_grades(scoring, &said.answer, &scored) {
        let given = without_asking(judge, &said.answer, &scored);
        return (
            Standing::Final,
            Ok(score::with_grades(scoring, scored, given)),
        );
    }
    let Some(grades) = &said.grades else {
        return (
            Standing::Ungraded,
            Err("the judge did not grade it yet".to_owned()),
        );
    };
    let settled = match grades.settled(judge, said.missing.as_deref()) {
        Settled::Graded(grades) => {
            let given = grades.into_iter().map(|(dimension, grade)| Given {
                dimension,
                points: grade.points,
                why: match grade.why.as_str() {
                    "" => "the judge gave no reason".to_owned(),
                    why => format!("judge: {}", why.trim_end_matches('.')),
                },
            });
            Ok(score::with_grades(scoring, scored, given))
        }
        Settled::Unscored(why) => Err(why),
    };
    (Standing::Final, settled)
}

/// What a judge would be asked in vain: an empty answer has no points, and neither has one that fails a required check.
fn without_asking(judge: &Judge, answer: &str, scored: &Scored) -> Vec<Given> {
    let empty = answer.trim().is_empty();
    let why = if empty {
        "the answer is empty"
    } else {
        "a required check failed"
    };
    judge
        .dimensions()
        .filter(|dimension| empty || !scored.dimensions.contains_key(*dimension))
        .map(|dimension| Given {
            dimension: dimension.clone(),
            points: 0.0,
            why: why.to_owned(),
        })
        .collect()
}

/// Whether a check asks for something of the answer that was not written down with it. What it would say would be no fault
/// of the model.
pub(super) fn lacks_what_is_checked(case: &Case, sample: &SampleRecord) -> bool {
    held(sample).is_some_and(|answer| case.expectation.lacks(&answer))
}

/// Whether the answer that a sample holds can be scored without asking anybody: it is there, and where a judge has a say,
/// the grades that are stored with it answer the very question that this judge would be asked.
pub(super) fn can_score_again(planned: &PlannedAgent, case: &Case, sample: &SampleRecord) -> bool {
    let Some(answer) = held(sample) else {
        return false;
    };
    if lacks_what_is_checked(case, sample) {
        return false;
    }
    let Some(judge) = &planned.judge else {
        return true;
    };
    let scored = by_rules(planned, case, &answer);
    if !score::wants_grades(&planned.suite.scoring, answer.text, &scored) {
        return true;
    }
    let asked = Question::of(judge, case, answer.text).digest;
    let grades = sample.text.as_deref().and_then(|text| text.judge.as_ref());
    grades.is_some_and(|grades| grades.question == asked)
}

/// Scores the answer that a sample holds as it is scored now; false where that cannot be done without asking.
pub(super) fn score_again(planned: &PlannedAgent, case: &Case, sample: &mut SampleRecord) -> bool {
    if !can_score_again(planned, case, sample) {
        return false;
    }
    let text = sample.text.take().unwrap_or_default();
    let said = Said {
        answer: text.answer.unwrap_or_default(),
        finish_reason: text.finish_reason,
        tool_calls: text.tool_calls,
        grades: text
            .judge
            .filter(|_| planned.judge.is_some())
            .map(|grades| *grades),
        missing: None,
    };
    score(planned, case, said, sample) == Standing::Final
}

/// Whether a sample that was read somewhere says of its answer what would be said of it now.
pub(super) fn scores_the_same(planned: &PlannedAgent, case: &Case, sample: &SampleRecord) -> bool {
    let mut again = sample.clone();
    score_again(planned, case, &mut again) && again == *sample
}

/// Whether a sample that was read somewhere holds an answer that a judge has to grade first.
pub(super) fn waits_for_grades(planned: &PlannedAgent, case: &Case, sample: &SampleRecord) -> bool {
    let (Some(answer), Some(_)) = (held(sample), &planned.judge) else {
        return false;
    };
    let scored = by_rules(planned, case, &answer);
    sample.answer_sha256 == Some(answer_digest(answer.text, answer.tool_calls))
        && score::wants_grades(&planned.suite.scoring, answer.text, &scored)
}
