//! Scores of somebody's own grader: of what they may be, and where they go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::scene::Scene;
use super::{GateError, Plan, PlannedAgent};
use crate::config::Config;
use crate::edge::disk;
use crate::record::{
    Against, AgentRecord, Gradable, GradableAgents, Grades, RunRecord, SampleRecord, SampleStatus,
};
use crate::score::Dimension;
use crate::suite::Case;

/// Newly failed cases are asked so many times more.
const ASKED_AGAIN: u32 = 2;

/// The scores in a file; every problem in it is an error. `name` says who graded.
pub fn read_grades(
    path: &Path,
    name: Option<&str>,
    known: &GradableAgents,
) -> Result<Grades, GateError> {
    let shown = path.display().to_string();
    let Some(text) = disk::Text::open(path)? else {
        return Err(GateError::Usage(format!(
            "the scores {shown} are not there; name a file of JSON lines"
        )));
    };
    let unreadable = |source| disk::DiskError {
        doing: "read",
        path: path.to_owned(),
        source,
    };
    let text = text.from_start().map_err(unreadable)?;
    let grades = Grades::read(&shown, text, name, known).map_err(unreadable)?;
    grades.map_err(GateError::Problems)
}

/// What the scores of a record may be of. Answers that were graded already are not graded twice.
pub fn gradable(record: &RunRecord) -> Result<GradableAgents, GateError> {
    let mut known = BTreeMap::new();
    for agent in record.agents.iter().chain(&record.arms) {
        if let Some(grader) = &agent.scorer.grader {
            return Err(GateError::Usage(format!(
                "the record holds scores of `{}` already; decide from the record that it was made from",
                grader.name
            )));
        }
        known.insert(agent.name.clone(), in_record(agent));
    }
    Ok(known)
}

fn in_record(agent: &AgentRecord) -> Gradable {
    let mut dimensions: BTreeSet<Dimension> = Dimension::BUILT_IN.into();
    dimensions.extend(agent.scorer.weights.keys().cloned());
    dimensions.extend(agent.dimensions.keys().cloned());
    let cases = agent.cases.iter().map(|case| {
        let answered = case.samples.iter();
        let answered = answered.filter(|sample| sample.status != SampleStatus::Unanswered);
        let samples = answered.map(|sample| sample.index + 1).max();
        (case.id.clone(), samples.unwrap_or(0))
    });
    Gradable {
        cases: cases.collect(),
        dimensions,
        asked: agent.touched || agent.arm.is_some(),
    }
}

impl Plan {
    /// What the scores of this run may be of.
    pub fn gradable(&self, config: &Config) -> Result<GradableAgents, GateError> {
        let mut known = BTreeMap::new();
        for agent in &config.agents {
            known.insert(agent.name.clone(), Gradable::default());
        }
        let most = self.schedule().into_iter().max().unwrap_or(1) + ASKED_AGAIN;
        for planned in &self.agents {
            let own = &planned.agent.name;
            let others = [Against::OldModel, Against::BaseModel];
            let others = others.map(|against| own.beside(against.as_str()));
            for name in others.into_iter().flatten().chain([own.clone()]) {
                known.insert(name, in_plan(planned, most)?);
            }
        }
        Ok(known)
    }

    /// Says what else is held against: the answers of a record that somebody named, scored as the new ones are, and the old
    /// model where nothing is stored. `none` is nothing.
    pub fn hold_against(
        &mut self,
        scene: &Scene,
        named: Option<&Path>,
        grades: Option<&Grades>,
    ) -> Result<(), GateError> {
        if named == Some(Path::new("none")) {
            return Ok(());
        }
        if let Some(named) = named {
            self.rescore_named(named)?;
        }
        self.measure_old(scene)?;
        self.grade(grades);
        Ok(())
    }

    /// Gives each agent the scores of its own grader.
    pub fn grade(&mut self, grades: Option<&Grades>) {
        for planned in &mut self.agents {
            let own = grades.and_then(|grades| grades.of(&planned.agent.name));
            planned.grades = own.map(|own| Arc::new(own.clone()));
        }
    }
}

impl PlannedAgent {
    /// Puts the grades of its own grader, where there is one, in the place of a sample's points.
    pub(super) fn graded(&self, case: &Case, sample: &mut SampleRecord) {
        if let Some(own) = &self.grades {
            own.apply(&case.id, sample, &self.suite.scoring.weights);
        }
    }
}

fn in_plan(planned: &PlannedAgent, most: u32) -> Result<Gradable, GateError> {
    let mut known = Gradable {
        dimensions: Dimension::BUILT_IN.into(),
        asked: true,
        ..Gradable::default()
    };
    let weights = planned.suite.scoring.weights.keys();
    known.dimensions.extend(weights.cloned());
    // Scores are of the whole run, also where only a part of it is asked here.
    for place in 0..planned.all() {
        let case = planned.at(place).map_err(GateError::Usage)?;
        let checks = case.expectation.checks.iter();
        known
            .dimensions
            .extend(checks.map(|check| check.dimension.clone()));
        known.cases.insert(case.id.clone(), most);
    }
    Ok(known)
}
