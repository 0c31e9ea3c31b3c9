//! What an agent is held against after its answers were scored again.

use std::collections::{BTreeMap, HashMap};

use crate::agent::AgentName;
use crate::baseline;
use crate::gate::arms;
use crate::record::{
    Against, AgentRecord, CaseRecord, Comparison, RunRecord, ScorePart, ScorerRecord,
};
use crate::score::Digest;
use crate::suite::CaseId;

/// How each case was scored before.
type Before = BTreeMap<AgentName, (ScorerRecord, HashMap<CaseId, Digest>)>;

pub(super) fn before(record: &RunRecord) -> Before {
    let agents = record.agents.iter().map(|agent| {
        let cases = agent.cases.iter();
        let digests = cases.map(|case| (case.id.clone(), case.score_digest));
        (
            agent.name.clone(),
            (agent.scorer.clone(), digests.collect()),
        )
    });
    agents.collect()
}

/// Holds the agents against whatever they were held against: other models of the record with their answers scored again,
/// stored records only in the cases that are scored as they were.
pub(super) fn hold_again(before: &Before, record: &mut RunRecord) {
    let created = record.created.clone();
    let (policy, arms) = (record.policy.clone(), record.arms.clone());
    for agent in &mut record.agents {
        if let Some(held) = agent.comparison.take() {
            let compared = arms::compared(&policy, agent, &arms, &created);
            let compared = compared.unwrap_or_else(|| narrowed(before, agent, &held));
            (agent.comparison, agent.not_compared) = match compared {
                Ok(held) => (Some(held), None),
                Err(why) => (None, Some(why)),
            };
        }
        let further = std::mem::take(&mut agent.comparisons).into_iter();
        let further = further.filter_map(|held| {
            let own = (held.against == Against::BaseModel)
                .then(|| arms::against_base(agent, &arms, &created))
                .flatten();
            own.unwrap_or_else(|| narrowed(before, agent, &held)).ok()
        });
        let further = further.collect();
        agent.comparisons = further;
    }
}

fn narrowed(before: &Before, agent: &AgentRecord, held: &Comparison) -> Result<Comparison, String> {
    let then = before.get(&agent.name);
    let (scorer, digests) = (then.map(|one| &one.0), then.map(|one| &one.1));
    let parts = scorer.map(|then| ScorePart::differing(&agent.scorer, then, false));
    let part = parts.and_then(|parts| parts.first().copied());
    let part = part.unwrap_or(ScorePart::Expectation);
    let fits = |case: &CaseRecord| {
        let before = digests.and_then(|digests| digests.get(&case.id));
        before.is_some_and(|before| *before == case.score_digest)
    };
    let why = format!(
        "not comparable: {part} changed, and the answers of the other side are not in this record"
    );
    baseline::narrowed(held, agent, fits, &why).map_err(|why| why.to_string())
}
