//! Sets a scene from the files of one or two commits.

use std::collections::BTreeMap;

use super::suites::{refuse_broken_suites, suite_changes};
use super::{Asked, Scene};
use crate::agent::{Agent, AgentName, Candidate, ModelLocator};
use crate::change::{ChangedFiles, Rules, Selection, Sides, rule_changes, select};
use crate::config::gate_rules;
use crate::gate::side::{Side, load, model};
use crate::gate::{Files, GateError};
use crate::record::{AgentChange, Cause, CauseCode, Changes, RuleChange, RuleDirection};

const ADOPTION: &str = "the base branch has no configuration yet: this run reports under the rules of this pull \
                        request and does not block; they apply after the merge";
const BROKEN_BASE: &str = "the base branch's configuration cannot be read: this run reports under the rules of this \
                           pull request and does not block; they apply after the merge";

/// Reads both sides and selects what is touched. `None` where neither side has a configuration.
pub async fn set(
    base: &Files<'_>,
    head: &Files<'_>,
    changed: &ChangedFiles,
    asked: Asked<'_>,
) -> Result<Scene, GateError> {
    let path = asked.config_path;
    match load(base, path, None).await {
        Ok(Some(deciding)) => {
            let judged = match load(head, path, Some(&deciding.config.defaults)).await? {
                Some(side) => side,
                None => without_agents(&deciding),
            };
            refuse_broken_suites(&judged, changed)?;
            compare(deciding, judged, head, changed, asked).await
        }
        Ok(None) => adopt(load(head, path, None).await?, asked, ADOPTION),
        Err(GateError::Problems(_)) => adopt(load(head, path, None).await?, asked, BROKEN_BASE),
        Err(error) => Err(error),
    }
}

/// The scene of a single commit: its own rules, every agent asked for.
pub async fn single(files: &Files<'_>, asked: Asked<'_>) -> Result<Scene, GateError> {
    let Some(side) = load(files, asked.config_path, None).await? else {
        return Err(GateError::NoConfig {
            path: asked.config_path.to_owned(),
        });
    };
    known(&[&side], asked.agents)?;
    let everything = asked.agents.is_empty() || asked.all;
    let touched = side
        .stands
        .iter()
        .map(|stand| &stand.agent.name)
        .filter(|name| everything || asked.agents.contains(name))
        .map(|name| requested(name, CauseCode::Requested))
        .collect();
    alone(side, touched, None)
}

/// The scene of a push: its own rules decide, what differs from the commit before is asked.
pub async fn pushed(
    before: &Files<'_>,
    after: &Files<'_>,
    changed: &ChangedFiles,
    asked: Asked<'_>,
) -> Result<Scene, GateError> {
    let Some(now) = load(after, asked.config_path, None).await? else {
        return Err(GateError::NoConfig {
            path: asked.config_path.to_owned(),
        });
    };
    let then = match load(before, asked.config_path, None).await {
        Ok(Some(then)) => then,
        // A configuration that was absent or broken: everything is new.
        Ok(None) | Err(GateError::Problems(_)) => without_agents(&now),
        Err(error) => return Err(error),
    };
    let former = candidates(&then);
    let mut scene = compare(then, now, after, changed, asked).await?;
    scene.deciding = scene.judged.clone();
    // On its own branch an agent is not "new, not gating", and nobody is asked whether one may go.
    scene.selection.touched.append(&mut scene.selection.added);
    scene.selection.removed.clear();
    scene.selection.locators.clear();
    scene.changes = changes(&scene.selection, Vec::new());
    (scene.new_policy, scene.suites) = (None, BTreeMap::new());
    scene.former = former;
    if let Some(problems) = scene.deciding.suite_problems() {
        return Err(GateError::Problems(problems));
    }
    Ok(scene)
}

fn candidates(side: &Side) -> BTreeMap<AgentName, Candidate> {
    let known = side.stands.iter().filter_map(|stand| {
        stand
            .candidate
            .as_ref()
            .ok()
            .map(|candidate| (stand.agent.name.clone(), candidate.clone()))
    });
    known.collect()
}

fn adopt(judged: Option<Side>, asked: Asked<'_>, why: &'static str) -> Result<Scene, GateError> {
    let Some(side) = judged else {
        return Err(GateError::NoConfig {
            path: asked.config_path.to_owned(),
        });
    };
    let touched = side
        .stands
        .iter()
        .map(|stand| requested(&stand.agent.name, CauseCode::NewAgent))
        .collect();
    let rules = rule_changes(&Rules::default(), &gate_rules(&side.config.policy));
    let mut scene = alone(side, touched, Some(why))?;
    // Nothing holds now, so nothing is looser or stricter.
    let told = |(rule, _)| RuleChange {
        direction: RuleDirection::Other,
        ..rule
    };
    scene.changes.rules = rules.into_iter().map(told).collect();
    Ok(scene)
}

fn alone(
    side: Side,
    touched: Vec<AgentChange>,
    report_only: Option<&'static str>,
) -> Result<Scene, GateError> {
    if let Some(problems) = side.suite_problems() {
        return Err(GateError::Problems(problems));
    }
    let selection = Selection {
        touched,
        ..Selection::default()
    };
    let (changes, former) = (changes(&selection, Vec::new()), candidates(&side));
    Ok(Scene {
        judged: side.clone(),
        deciding: side,
        changes,
        selection,
        report_only,
        former,
        new_policy: None,
        suites: BTreeMap::new(),
    })
}

async fn compare(
    deciding: Side,
    judged: Side,
    head: &Files<'_>,
    changed: &ChangedFiles,
    asked: Asked<'_>,
) -> Result<Scene, GateError> {
    known(&[&judged, &deciding], asked.agents)?;
    let mut locators = Vec::new();
    for stand in &deciding.stands {
        let found = by_base(&stand.agent, &judged, head).await?;
        locators.push((stand.agent.name.clone(), found));
    }
    let rules = rule_changes(&deciding.config.rules(), &judged.config.rules());
    let suites = suite_changes(&deciding, &judged, changed)?;
    let mut selection = select(Sides {
        base: &deciding.stands,
        head: &judged.stands,
        base_locators_on_head: &locators,
        files: changed,
        rules: &rules,
        suites: &suites,
    });
    let wanted: Vec<&AgentName> = if asked.all {
        judged
            .stands
            .iter()
            .map(|stand| &stand.agent.name)
            .collect()
    } else {
        asked.agents.iter().collect()
    };
    for name in wanted {
        let asked = requested(name, CauseCode::Requested);
        let mut known = selection.touched.iter_mut().chain(&mut selection.added);
        match known.find(|change| change.name == *name) {
            Some(change) => change.because.extend(asked.because),
            None if selection.removed.contains(name) => {}
            None => selection.touched.push(asked),
        }
    }
    let rules = rules.into_iter().map(|(rule, _)| rule).collect();
    let (told, former) = (changes(&selection, rules), candidates(&deciding));
    let policy = &judged.config.policy;
    Ok(Scene {
        new_policy: (*policy != deciding.config.policy).then(|| policy.clone()),
        suites,
        deciding,
        judged,
        changes: told,
        selection,
        report_only: None,
        former,
    })
}

/// The model ID that an agent's locator of the base finds at the head, or why it finds none. Where the ID stands in the
/// configuration, its place there is what is looked at.
async fn by_base(
    agent: &Agent,
    judged: &Side,
    head: &Files<'_>,
) -> Result<Result<String, String>, GateError> {
    if agent.locator.path().is_some() {
        let found = model(head, agent).await?;
        return Ok(found.map(|(model, _)| model));
    }
    let theirs = judged.stand(&agent.name).map(|stand| &stand.agent.locator);
    Ok(match theirs {
        Some(ModelLocator::Id(id)) => Ok(id.clone()),
        Some(_) | None => Err("the configuration itself holds no model ID any more".to_owned()),
    })
}

fn changes(selection: &Selection, rules: Vec<RuleChange>) -> Changes {
    Changes {
        agents: selection
            .touched
            .iter()
            .chain(&selection.added)
            .cloned()
            .collect(),
        rules,
        after_merge: None,
        removed: selection.removed.clone(),
        locators: selection.locators.clone(),
    }
}

pub(super) fn requested(name: &AgentName, code: CauseCode) -> AgentChange {
    AgentChange {
        name: name.clone(),
        because: vec![Cause::of(code)],
    }
}

fn without_agents(side: &Side) -> Side {
    Side {
        config: side.config.clone(),
        stands: Vec::new(),
        suites: BTreeMap::new(),
        calibration: None,
    }
}

/// A name is known where any of these sides has it.
pub(super) fn known(sides: &[&Side], names: &[AgentName]) -> Result<(), GateError> {
    let is_known = |name: &&AgentName| sides.iter().any(|side| side.stand(name).is_some());
    let Some(name) = names.iter().find(|name| !is_known(name)) else {
        return Ok(());
    };
    let stands = sides.iter().take(1).flat_map(|side| &side.stands);
    let known = stands.map(|stand| stand.agent.name.as_str());
    Err(GateError::no_agent(name, known))
}
