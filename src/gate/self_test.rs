//! The self-test of suites: where the good answers come from that are spoilt.

use std::collections::BTreeMap;
use std::path::Path;

use super::side::Side;
use super::{Files, GateError, again};
use crate::agent::AgentName;
use crate::config::Provider;
use crate::edge::disk;
use crate::edge::model::{RecordingError, Replay};
use crate::report::Tested;
use crate::self_test::test;
use crate::suite::CaseId;

/// Which spoilings of recorded good answers the suites of this side notice. The answers are those that are named, or
/// those of the agents' providers of kind `replay`.
pub async fn self_test(
    files: &Files<'_>,
    side: &Side,
    answers: Option<&Path>,
) -> Result<Vec<Tested>, GateError> {
    if let Some(problems) = side.suite_problems() {
        return Err(problems.into());
    }
    let named = answers.map(Recorded::named).transpose()?;
    let mut replays: BTreeMap<&str, Recorded> = BTreeMap::new();
    for (name, provider) in &side.config.providers {
        if let (Provider::Replay { path }, None) = (provider, &named) {
            replays.insert(name, Recorded::replayed(files, path).await?);
        }
    }
    let mut tested = Vec::new();
    for stand in &side.stands {
        let agent = &stand.agent;
        let Some(Ok(suite)) = side.suites.get(&agent.name) else {
            continue;
        };
        let recorded = named.as_ref().or_else(|| replays.get(&*agent.provider));
        let model = stand.candidate.as_ref().ok();
        let model = model.map(|candidate| candidate.model.as_str());
        let of_agent = recorded.map(|recorded| recorded.of(&agent.name, model));
        let found = test(suite, side.config.policy.max_drop, |case| {
            of_agent.as_ref()?.get(&case.id).cloned()
        });
        tested.push(Tested {
            agent: agent.name.clone(),
            suite: suite.path.clone(),
            answers: recorded.map(|recorded| recorded.origin.clone()),
            result: found.map_err(GateError::Usage)?,
        });
    }
    Ok(tested)
}

/// Recorded answers, and where they come from.
struct Recorded {
    origin: String,
    answers: Vec<Said>,
}

struct Said {
    agent: AgentName,
    case: CaseId,
    sample: u32,
    model: String,
    answer: String,
}

impl Recorded {
    async fn replayed(files: &Files<'_>, path: &str) -> Result<Self, GateError> {
        let read = files.json_lines_in(path).await?;
        Self::of_lines(path, &read)
    }

    fn named(path: &Path) -> Result<Self, GateError> {
        let origin = path.display().to_string();
        if disk::has_ending(path, "json") {
            return Self::of_record(path, origin);
        }
        if !disk::has_ending(path, "jsonl") {
            let read = disk::json_lines_in(path, ".")?;
            return Self::of_lines(&origin, &read);
        }
        let Some(bytes) = disk::read(path)? else {
            return Err(GateError::Usage(format!(
                "{origin} is not there; `tunegate run --record FILE` writes one"
            )));
        };
        Self::of_lines(&origin, &[(origin.clone(), bytes)])
    }

    fn of_lines(origin: &str, files: &[(String, Vec<u8>)]) -> Result<Self, GateError> {
        if files.is_empty() {
            let path = origin.to_owned();
            return Err(RecordingError::Empty { path }.into());
        }
        let lines = files.iter();
        let replay = Replay::from_files(lines.map(|(name, bytes)| (name.as_str(), &**bytes)))?;
        let answers = replay.recorded().map(|one| Said {
            agent: one.agent.clone(),
            case: one.case.clone(),
            sample: one.sample,
            model: one.model.to_owned(),
            answer: one.answer.to_owned(),
        });
        Ok(Self {
            origin: origin.to_owned(),
            answers: answers.collect(),
        })
    }

    fn of_record(path: &Path, origin: String) -> Result<Self, GateError> {
        let mut answers = Vec::new();
        for agent in again::open(path)?.agents {
            for case in agent.cases {
                for sample in case.samples {
                    if let Some(answer) = sample.text.and_then(|text| text.answer) {
                        answers.push(Said {
                            agent: agent.name.clone(),
                            case: case.id.clone(),
                            sample: sample.index,
                            model: agent.model.clone(),
                            answer,
                        });
                    }
                }
            }
        }
        Ok(Self { origin, answers })
    }

    /// The first answer to each case of an agent: of this model, of another one where it has none.
    fn of(&self, agent: &AgentName, model: Option<&str>) -> BTreeMap<CaseId, String> {
        let mut own: Vec<&Said> = self
            .answers
            .iter()
            .filter(|said| said.agent == *agent)
            .collect();
        own.sort_by_key(|said| {
            let strange = model.is_some_and(|model| said.model != model);
            (strange, said.model.as_str(), said.sample)
        });
        let mut first = BTreeMap::new();
        for said in own {
            first
                .entry(said.case.clone())
                .or_insert_with(|| said.answer.clone());
        }
        first
    }
}
