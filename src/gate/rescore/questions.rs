//! What a suite asks and how it scores, by the ids of its cases: what stored answers are held against.

use std::collections::HashMap;

use crate::gate::{GateError, PlannedAgent};
use crate::score::Digest;
use crate::suite::CaseId;

/// A case of a suite.
#[derive(Debug, Clone, Copy)]
pub(in crate::gate) struct Question {
    pub(in crate::gate) place: usize,
    pub(in crate::gate) ask_digest: Digest,
    pub(in crate::gate) score_digest: Digest,
}

/// The cases of a suite.
pub(in crate::gate) type Questions = HashMap<CaseId, Question>;

/// What this agent is asked now.
pub(in crate::gate) fn questions(planned: &PlannedAgent) -> Result<Questions, GateError> {
    let mut questions = HashMap::new();
    for place in 0..planned.cases() {
        let case = planned.case(place).map_err(GateError::Usage)?;
        let case = planned.unmeasured_case(&case, false)?;
        let question = Question {
            place,
            ask_digest: case.ask_digest,
            score_digest: case.score_digest,
        };
        questions.insert(case.id, question);
    }
    Ok(questions)
}
