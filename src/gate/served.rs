//! Which models and deployments the servers say answered an agent. More than one within a run is a finding: its score is
//! a mixture. Notes and tells; decides nothing about the verdict.

use std::collections::BTreeMap;

use crate::agent::AgentName;
use crate::record::{AgentRecord, SampleRecord};

/// What was seen of an agent.
#[derive(Debug, Default)]
pub(super) struct Served {
    models: BTreeMap<String, Answers>,
    fingerprints: BTreeMap<String, Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    all: u32,
    cached: u32,
    reused: u32,
}

impl Served {
    /// Notes who gave an answer.
    pub(super) fn note(
        &mut self,
        model: Option<String>,
        fingerprint: Option<String>,
        sample: &SampleRecord,
    ) {
        for (place, name) in [
            (&mut self.models, model),
            (&mut self.fingerprints, fingerprint),
        ] {
            if let Some(name) = name {
                let answers = place.entry(name).or_default();
                answers.all += 1;
                answers.cached += u32::from(sample.cached && !sample.reused);
                answers.reused += u32::from(sample.reused);
            }
        }
    }

    /// Writes into the agent's record who gave most answers, and tells what changed within the run.
    pub(super) fn tell(&self, agent: &mut AgentRecord) -> Vec<String> {
        agent.served_model = most(&self.models);
        agent.system_fingerprint = most(&self.fingerprints);
        let models = self.models.iter();
        let models = models.filter(|(model, _)| !is_alias(&agent.model, model, &self.models));
        let told = [
            change(&agent.name, "served model", models),
            change(&agent.name, "system fingerprint", self.fingerprints.iter()),
        ];
        told.into_iter().flatten().collect()
    }
}

/// Of as many answers the first name, so that it does not matter in which order they came.
fn most(seen: &BTreeMap<String, Answers>) -> Option<String> {
    let by_answers = seen.iter().rev().max_by_key(|(_, answers)| answers.all);
    by_answers.map(|(name, _)| name.clone())
}

fn change<'a>(
    agent: &AgentName,
    what: &str,
    seen: impl Iterator<Item = (&'a String, &'a Answers)>,
) -> Option<String> {
    let seen: Vec<String> = seen.map(|(name, answers)| told(name, answers)).collect();
    (seen.len() > 1).then(|| {
        let seen = seen.join(", ");
        format!("{agent}: the {what} changed within the run ({seen}); the score is a mixture")
    })
}

fn told(name: &str, answers: &Answers) -> String {
    let all = answers.all;
    let kept = [(answers.cached, "cache"), (answers.reused, "baseline")].map(|(count, from)| {
        if count == 0 {
            String::new()
        } else {
            format!(", {count} of them from the {from}")
        }
    });
    let noun = if all == 1 { "answer" } else { "answers" };
    format!("`{name}` {all} {noun}{}", kept.concat())
}

/// A server that says now `x-latest`, as it was asked, and now the dated model behind it, names one model twice.
fn is_alias(asked: &str, served: &str, seen: &BTreeMap<String, Answers>) -> bool {
    let stem = served.strip_suffix("latest").filter(|_| served == asked);
    stem.is_some_and(|stem| {
        seen.keys()
            .any(|other| other != served && other.starts_with(stem))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(names: &[(&str, u32, u32)]) -> BTreeMap<String, Answers> {
        names
            .iter()
            .map(|(name, all, cached)| {
                let answers = Answers {
                    all: *all,
                    cached: *cached,
                    reused: 0,
                };
                ((*name).to_owned(), answers)
            })
            .collect()
    }

    fn told(asked: &str, names: &[(&str, u32, u32)]) -> Option<String> {
        let agent = AgentName::new("qa").unwrap();
        let seen = seen(names);
        let models = seen.iter();
        let models = models.filter(|(model, _)| !is_alias(asked, model, &seen));
        change(&agent, "served model", models)
    }

    #[test]
    fn two_models_in_one_run_are_told_with_their_answers() {
        assert_eq!(
            told("m", &[("m-2411", 7, 0), ("m-2502", 3, 2)]).as_deref(),
            Some(
                "qa: the served model changed within the run (`m-2411` 7 answers, `m-2502` 3 answers, 2 of them from \
                 the cache); the score is a mixture"
            )
        );
        assert_eq!(told("m", &[("m-2411", 10, 0)]), None);
    }

    #[test]
    fn an_alias_and_the_model_behind_it_are_one() {
        assert_eq!(
            told("m-latest", &[("m-latest", 5, 0), ("m-2411", 5, 0)]),
            None
        );
        assert!(told("m-latest", &[("m-2411", 5, 0), ("m-2502", 5, 0)]).is_some());
        assert!(told("m-latest", &[("m-latest", 5, 0), ("other", 5, 0)]).is_some());
    }
}
