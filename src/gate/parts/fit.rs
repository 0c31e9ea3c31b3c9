//! Whether records are parts of one run, each of them once; every difference in a sentence.

use std::collections::BTreeSet;

use super::{Part, shown};
use crate::problem::Problem;
use crate::record::{AgentRecord, RunRecord};

/// Parts that are not of the run of the first one, and parts that are there twice.
pub(super) fn strangers(parts: &[Part]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Some(first) = parts.first() else {
        return problems;
    };
    for (index, part) in parts.iter().enumerate() {
        let mut tell = |message| problems.push(Problem::of_file(shown(&part.path), message));
        let mut others = differences(&part.record, &first.record);
        if part.shard.of() != first.shard.of() {
            let words = part.shard.in_words();
            others.push(format!("it is {words}, not of {}", first.shard.of()));
        }
        if !others.is_empty() {
            let why = others.join("; ");
            tell(format!(
                "is of another run than {}: {why}",
                shown(&first.path)
            ));
        }
        let earlier = parts.iter().take(index);
        if let Some(twin) = earlier.into_iter().find(|one| one.shard == part.shard) {
            let words = part.shard.in_words();
            tell(format!(
                "is {words}, which {} is too; name one of them",
                shown(&twin.path)
            ));
        }
    }
    problems
}

/// How one record is of another run than the other, in sentences.
pub(super) fn differences(one: &RunRecord, other: &RunRecord) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, one: &str, other: &str| {
        if one != other {
            found.push(format!("{what} is `{one}`, not `{other}`"));
        }
    };
    let commit = |record: &RunRecord| record.source.commit.clone().unwrap_or_default();
    differ("the gate", &one.gate_id, &other.gate_id);
    differ("the commit", &commit(one), &commit(other));
    differ("the version", &one.tool.version, &other.tool.version);
    if one.policy_digest != other.policy_digest {
        found.push("the rules of the gate differ".to_owned());
    }
    if one.prices != other.prices {
        found.push("the prices differ".to_owned());
    }
    if one.plan_digest != other.plan_digest {
        let agents = one
            .touched()
            .filter_map(|agent| asked_otherwise(agent, other));
        let before = found.len();
        found.extend(agents);
        if found.len() == before {
            found.push("other agents or another number of samples are asked".to_owned());
        }
    }
    found
}

/// How an agent was asked otherwise than in another record.
fn asked_otherwise(agent: &AgentRecord, other: &RunRecord) -> Option<String> {
    let name = &agent.name;
    let Some(same) = other.agent(name).filter(|same| same.touched) else {
        return Some(format!("only this one asks {name}"));
    };
    if agent.model != same.model {
        let (model, other) = (&agent.model, &same.model);
        return Some(format!("{name} is asked as `{model}`, not as `{other}`"));
    }
    if agent.candidate_digest != same.candidate_digest {
        return Some(format!(
            "the system prompt or the parameters of {name} differ"
        ));
    }
    (agent.suite_digest != same.suite_digest).then(|| format!("the suite of {name} differs"))
}

/// The parts that nobody named.
pub(super) fn gaps(parts: &[Part]) -> Vec<Problem> {
    let Some(one) = parts.first().map(|part| part.shard) else {
        return Vec::new();
    };
    let there: BTreeSet<u32> = parts.iter().map(|part| part.shard.number()).collect();
    let missing = (1..=one.of()).filter(|number| !there.contains(number));
    let missing = missing.filter_map(|number| one.sibling(number));
    let message = "is missing: no record that can be used holds it; run it, and name its run.json";
    missing
        .map(|part| Problem::of_file(part.in_words(), message))
        .collect()
}
