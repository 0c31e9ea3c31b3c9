//! Reads one side of a change: configuration, suites, and what each agent comes to there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::CaseFile;
use super::import::translated;
use super::{Files, GateError};
use crate::agent::{Agent, AgentName, Candidate, Defaults, SystemPrompt};
use crate::calibration::{Calibration, SCHEMA};
use crate::change::{At, Places, Stand};
use crate::config::{self, Config};
use crate::import::in_place;
use crate::judge::Judge;
use crate::problem::{Problem, Problems, shown};
use crate::score::Profile;
use crate::suite::{self, Suite};

/// One side of a change.
#[derive(Debug, Clone)]
pub struct Side {
    /// Its configuration.
    pub config: Config,
    /// Its agents.
    pub stands: Vec<Stand>,
    /// The suites of its agents, or what is wrong with them.
    pub suites: BTreeMap<AgentName, Result<Suite, Problems>>,
    /// How far scores agree with people, or why that is not known although a file is named.
    pub calibration: Option<Result<Arc<Calibration>, String>>,
}

/// Reads a side; `None` where it has no configuration. Its agents fall back to these defaults, or to its own.
pub async fn load(
    files: &Files<'_>,
    config_path: &str,
    defaults: Option<&Defaults>,
) -> Result<Option<Side>, GateError> {
    let Some(bytes) = files.read(config_path).await? else {
        return Ok(None);
    };
    let mut config = config::read(config_path, &bytes)?;
    if let Some(defaults) = defaults {
        for agent in &mut config.agents {
            *agent = agent.under(defaults);
        }
    }
    let mut stands = Vec::new();
    let mut suites = BTreeMap::new();
    for agent in &config.agents {
        let (suite, suite_files) = read_suite(files, &agent.suite).await?;
        suites.insert(agent.name.clone(), suite);
        stands.push(stand(files, config_path, agent, suite_files).await?);
    }
    let calibration = match &config.report.calibration {
        Some(path) => Some(calibration(files, path).await?),
        None => None,
    };
    Ok(Some(Side {
        config,
        stands,
        suites,
        calibration,
    }))
}

/// A file that is not there or not whole changes no verdict: what it says is not shown, and a person is told.
async fn calibration(
    files: &Files<'_>,
    path: &str,
) -> Result<Result<Arc<Calibration>, String>, GateError> {
    let hint = "`tunegate calibrate LABELS --out DIR` writes one";
    let Some(bytes) = files.read(path).await? else {
        return Ok(Err(format!(
            "report.calibration: {path} is not there; {hint}"
        )));
    };
    let read: Result<Calibration, _> = serde_json::from_slice(&bytes);
    Ok(match read {
        Ok(read) if read.schema == SCHEMA => Ok(Arc::new(read)),
        Ok(read) => Err(format!(
            "report.calibration: {path} is of the format `{}`, not `{SCHEMA}`; {hint}",
            shown(&read.schema)
        )),
        Err(why) => Err(format!(
            "report.calibration: {path} cannot be read: {why}; {hint}"
        )),
    })
}

impl Side {
    /// Who grades the answers of a suite, by this side; under `seed-rules` nobody has a say.
    pub(super) fn judge(&self, suite: &Suite) -> Option<Arc<Judge>> {
        let configured = self.config.judge.as_ref();
        let judge = configured.filter(|_| suite.scoring.profile != Profile::SeedRules);
        judge.map(|configured| Arc::new(configured.judge.clone()))
    }

    /// Every problem in its suites.
    pub fn suite_problems(&self) -> Option<Problems> {
        let mut all = Problems::default();
        for problems in self
            .suites
            .values()
            .filter_map(|suite| suite.as_ref().err())
        {
            all.extend(problems.clone());
        }
        (!all.is_empty()).then_some(all)
    }

    /// The agent's stand on this side.
    pub fn stand(&self, name: &AgentName) -> Option<&Stand> {
        self.stands.iter().find(|stand| stand.agent.name == *name)
    }
}

async fn stand(
    files: &Files<'_>,
    config_path: &str,
    agent: &Agent,
    suite_files: Vec<String>,
) -> Result<Stand, GateError> {
    let (candidate, line) = match model(files, agent).await? {
        Ok((model, line)) => {
            let system = system(files, agent).await?;
            let candidate = system.map(|system| Candidate {
                model,
                system,
                parameters: agent.parameters.clone(),
            });
            (candidate, line)
        }
        Err(why) => (Err(why), None),
    };
    Ok(Stand {
        agent: agent.clone(),
        candidate,
        places: places(config_path, agent, line),
        suite_files,
    })
}

fn places(config_path: &str, agent: &Agent, model_line: Option<u64>) -> Places {
    let in_config = |line| At {
        path: config_path.to_owned(),
        line,
    };
    let model = match agent.locator.path() {
        Some(path) => At {
            path: path.to_owned(),
            line: model_line,
        },
        None => in_config(Some(agent.lines.model)),
    };
    let system = match &agent.system {
        Some(SystemPrompt::File(path)) => At {
            path: path.clone(),
            line: None,
        },
        Some(SystemPrompt::Text(_)) | None => in_config(agent.lines.system),
    };
    Places {
        model,
        system,
        parameters: in_config(agent.lines.parameters),
    }
}

/// The model ID that an agent's locator finds in these files, with its line, or why it finds none.
pub(super) async fn model(
    files: &Files<'_>,
    agent: &Agent,
) -> Result<Result<(String, Option<u64>), String>, GateError> {
    let bytes = match agent.locator.path() {
        Some(path) => files.read(path).await?,
        None => None,
    };
    let found = agent.locator.find(bytes.as_deref());
    let line = bytes
        .as_deref()
        .and_then(|bytes| agent.locator.found_at(bytes))
        .map(|line| line as u64);
    Ok(found
        .map(|model| (model, line))
        .map_err(|why| why.to_string()))
}

async fn system(
    files: &Files<'_>,
    agent: &Agent,
) -> Result<Result<Option<String>, String>, GateError> {
    let path = match &agent.system {
        None => return Ok(Ok(None)),
        Some(SystemPrompt::Text(text)) => return Ok(Ok(Some(text.clone()))),
        Some(SystemPrompt::File(path)) => path,
    };
    let Some(bytes) = files.read(path).await? else {
        return Ok(Err(format!(
            "the system prompt {path} is not there; add it or change `system.file`"
        )));
    };
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text.trim_start_matches('\u{feff}').trim().to_owned())),
        Err(_) => Err(format!(
            "the system prompt {path} is not UTF-8 text; save it as UTF-8"
        )),
    })
}

/// A suite with the files that it is made of, or what is wrong with it.
pub(super) async fn read_suite(
    files: &Files<'_>,
    path: &str,
) -> Result<(Result<Suite, Problems>, Vec<String>), GateError> {
    let mut read = vec![path.to_owned()];
    let Some(bytes) = files.read(path).await? else {
        let problem = Problem::of_file(
            path,
            "the suite is not there; add it or change `suite` of its agent",
        );
        return Ok((Err(problem.into()), read));
    };
    if let Some(format) = in_place(path, &bytes) {
        let (imported, further) = translated(files, format, path, &bytes).await?;
        read.extend(further);
        return Ok((imported.and_then(|imported| imported.suite()), read));
    }
    let file = match suite::read(path, &bytes) {
        Ok(file) => file,
        Err(problems) => return Ok((Err(problems), read)),
    };
    let Some(cases) = file.cases_from().map(str::to_owned) else {
        return Ok((file.finish(None), read));
    };
    read.push(cases.clone());
    let suite = match files.cases(&cases).await? {
        None => file.finish(None),
        Some(CaseFile::Whole(bytes)) => file.finish(Some((&cases, &bytes))),
        Some(CaseFile::Streamed { text, read }) => file.finish_streamed(&cases, text, read),
    };
    Ok((suite, read))
}
