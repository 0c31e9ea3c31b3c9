//! What a grade of each dimension means: levels with anchors, so that two runs of a judge mean the same by a seven. Own
//! text takes their place.

use serde::Serialize;

use crate::score::Dimension;

/// What a dimension is graded by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rubric {
    /// What is graded.
    pub dimension: Dimension,
    /// What its grades mean.
    pub text: String,
}

const QUALITY: &str = "Is the answer correct, complete and well made?
10: correct and complete; an expert would send it unchanged.
8: correct; a minor point is missing or clumsy, nothing misleads.
6: mostly correct; an important point is missing, or a small error needs mending.
4: partly correct; a serious error or gap, a reader must check everything.
2: mostly wrong or barely an answer.
0: wrong, harmful or no answer.";

const RELEVANCE: &str = "Does the answer address what was asked?
10: every part of the request is addressed, and nothing beside the point.
8: addressed in full, with a little that was not asked for.
6: the main part is addressed, a lesser part is missed.
4: addressed in part; much is beside the point.
2: touches the subject and misses the request.
0: about something else.";

const FORMAT: &str = "Does the answer come in the form that the request calls for?
10: exactly the form and length that was asked for or that suits the request best.
8: the right form, with a small lapse.
6: readable; a better form was called for.
4: the form gets in the way of the content.
2: the wrong form; a reader has to rework it.
0: unusable as it stands.";

const SPECIFICITY: &str = "Does the answer name concrete things that a reader can act on?
10: concrete throughout: names, numbers, commands, examples or steps that fit this very case.
8: mostly concrete, with one general passage.
6: some concrete things among general advice.
4: mostly general; one or two concrete things.
2: general statements that would fit any request of this kind.
0: nothing concrete.";

impl Rubric {
    /// The anchored levels of a built-in dimension; `None` for one that a suite named itself.
    pub fn built_in(dimension: &Dimension) -> Option<Self> {
        let text = match dimension.as_str() {
            "quality" => QUALITY,
            "relevance" => RELEVANCE,
            "format" => FORMAT,
            "specificity" => SPECIFICITY,
            _ => return None,
        };
        Some(Self::own(dimension.clone(), text))
    }

    /// A rubric in the configuration's own words.
    pub fn own(dimension: Dimension, text: impl Into<String>) -> Self {
        Self {
            dimension,
            text: text.into(),
        }
    }
}
