//! Scores that somebody's own grader gave: read from lines, held against what was asked, put in the place of the points
//! of the dimensions that they name. Who graded is part of how answers were scored.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, BufRead, Read};

use serde::{Deserialize, Serialize};

use super::{GraderRecord, SampleRecord, SampleStatus};
use crate::agent::AgentName;
use crate::problem::{Problem, Problems, shown};
use crate::score::{Digest, DigestError, Dimension, Loss, digest, weighted_mean};
use crate::suite::CaseId;

/// The longest line that is read.
const MOST_LINE: u64 = 1 << 20;
/// Characters of a reason that are kept.
const MOST_WHY: usize = 500;
const FULL: f64 = 10.0;

/// One line of a file of scores.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    agent: String,
    case: String,
    sample: u32,
    dimension: String,
    score: f64,
    why: Option<String>,
    answer_sha256: Option<Digest>,
}

/// What one agent was asked, as far as scores can be of it.
#[derive(Debug, Default)]
pub struct Gradable {
    /// How many samples each case may have.
    pub cases: HashMap<CaseId, u32>,
    /// The dimensions that its suite knows.
    pub dimensions: BTreeSet<Dimension>,
    /// False where it is not asked this time: its lines are passed over.
    pub asked: bool,
}

/// What each agent was asked.
pub type GradableAgents = BTreeMap<AgentName, Gradable>;

/// The scores of a file, by agent.
#[derive(Debug, Default)]
pub struct Grades(BTreeMap<AgentName, AgentGrades>);

/// The scores of one agent.
#[derive(Debug, Clone, Default)]
pub struct AgentGrades {
    /// Who graded, and what.
    pub grader: GraderRecord,
    samples: HashMap<(CaseId, u32), Vec<Grade>>,
}

#[derive(Debug, Clone)]
struct Grade {
    dimension: Dimension,
    score: f64,
    why: Option<Box<str>>,
    answer: Option<Digest>,
    line: usize,
}

#[derive(Serialize)]
struct Graded<'a> {
    own_grader: &'a GraderRecord,
    otherwise: Digest,
}

impl Grades {
    /// The scores in a file, or every problem in it. `name` says whose they are; without one it is the digest of the
    /// file, so that scores of two files are never held against each other by accident.
    pub fn read(
        file: &str,
        mut text: impl BufRead,
        name: Option<&str>,
        known: &GradableAgents,
    ) -> io::Result<Result<Self, Problems>> {
        let mut reading = Reading {
            file,
            known,
            found: BTreeMap::new(),
            problems: Problems::default(),
        };
        let mut whole = crate::score::Hasher::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let mut rest = (&mut text).take(MOST_LINE);
            if rest.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            whole.bytes(&line);
            if rest.limit() == 0 {
                reading.problem(number, "is longer than 1 MiB; shorten `why`".to_owned());
                break;
            }
            if !line.trim_ascii().is_empty() {
                reading.line(number, &line);
            }
        }
        if reading.found.is_empty() && reading.problems.is_empty() {
            let message = "holds no score of an agent that is asked; write a line for each answer and dimension";
            reading.problems.push(Problem::of_file(file, message));
        }
        if !reading.problems.is_empty() {
            return Ok(Err(reading.problems));
        }
        let by = name.map_or_else(|| whole.finish().to_string(), str::to_owned);
        for own in reading.found.values_mut() {
            own.grader.name.clone_from(&by);
        }
        Ok(Ok(Self(reading.found)))
    }

    /// Those of an agent.
    pub fn of(&self, agent: &AgentName) -> Option<&AgentGrades> {
        self.0.get(agent)
    }
}

struct Reading<'r> {
    file: &'r str,
    known: &'r GradableAgents,
    found: BTreeMap<AgentName, AgentGrades>,
    problems: Problems,
}

impl Reading<'_> {
    fn problem(&mut self, number: usize, message: String) {
        let problem = Problem::of_file(self.file, message).at(number, None);
        self.problems.push(problem);
    }

    fn line(&mut self, number: usize, text: &[u8]) {
        let line: Line = match serde_json::from_slice(text) {
            Ok(line) => line,
            Err(why) => {
                let why = why.to_string();
                let why = why.split(" at line ").next().unwrap_or_default();
                return self.problem(
                    number,
                    format!("is no score ({why}); write {{\"agent\", \"case\", \"sample\", \"dimension\", \"score\", \"why\"}}"),
                );
            }
        };
        match self.held(&line) {
            Ok(Some(agent)) => self.take(agent, line, number),
            Ok(None) => {}
            Err(why) => why.into_iter().for_each(|why| self.problem(number, why)),
        }
    }

    /// The agent of a line that fits what was asked, `None` where that agent is not asked this time.
    fn held(&self, line: &Line) -> Result<Option<AgentName>, Vec<String>> {
        let name = AgentName::try_from(line.agent.clone()).ok();
        let known = name.as_ref().and_then(|name| self.known.get(name));
        let Some((name, known)) = name.as_ref().zip(known) else {
            let known: Vec<&str> = self.known.keys().map(AgentName::as_str).collect();
            return Err(vec![crate::problem::unknown("agent", &line.agent, &known)]);
        };
        if !known.asked {
            return Ok(None);
        }
        let mut why = Vec::new();
        match known.cases.get(&CaseId::new(line.case.as_str())) {
            None => why.push(format!("{name} has no case `{}`", shown(&line.case))),
            Some(samples) if line.sample >= *samples => why.push(format!(
                "the case `{}` of {name} has {samples} samples, counted from 0; found {}",
                shown(&line.case),
                line.sample
            )),
            Some(_) => {}
        }
        if !known
            .dimensions
            .contains(&Dimension::new(line.dimension.clone()))
        {
            let names: Vec<&str> = known.dimensions.iter().map(Dimension::as_str).collect();
            let unknown = crate::problem::unknown("dimension", &line.dimension, &names);
            why.push(format!(
                "{unknown}; a dimension of your own stands in `scoring.weights` of the suite"
            ));
        }
        if !(0.0..=FULL).contains(&line.score) {
            why.push(format!("`score` is 0 to 10; found {}", line.score));
        }
        if why.is_empty() {
            Ok(Some(name.clone()))
        } else {
            Err(why)
        }
    }

    fn take(&mut self, agent: AgentName, line: Line, number: usize) {
        let dimension = Dimension::new(line.dimension);
        let own = self.found.entry(agent).or_default();
        let key = (CaseId::new(line.case), line.sample);
        let grades = own.samples.entry(key).or_default();
        if let Some(first) = grades.iter().find(|one| one.dimension == dimension) {
            let message = format!(
                "the score of this sample in `{dimension}` stands in line {} already; keep one",
                first.line
            );
            return self.problem(number, message);
        }
        own.grader.dimensions.insert(dimension.clone());
        let why = line.why.filter(|why| !why.trim().is_empty());
        grades.push(Grade {
            dimension,
            score: line.score,
            why: why.map(|why| why.chars().take(MOST_WHY).collect::<String>().into()),
            answer: line.answer_sha256,
            line: number,
        });
    }
}

impl AgentGrades {
    /// Names how a case is scored that is otherwise scored as this digest says.
    pub fn score_digest(&self, otherwise: Digest) -> Result<Digest, DigestError> {
        digest(&Graded {
            own_grader: &self.grader,
            otherwise,
        })
    }

    /// Puts the grades of a scored sample in the place of its points; a failed required check still makes it 0. A sample
    /// that lacks one is unscored. Weights are 1 where absent.
    pub fn apply(
        &self,
        case: &CaseId,
        sample: &mut SampleRecord,
        weights: &BTreeMap<Dimension, f64>,
    ) {
        if sample.status != SampleStatus::Scored {
            return;
        }
        let key = (case.clone(), sample.index);
        let grades = self.samples.get(&key).map_or(&[][..], Vec::as_slice);
        if let Some(why) = self.missing(grades, sample.answer_sha256) {
            sample.unscore(&why);
            return;
        }
        let text = sample.text.get_or_insert_default();
        let mut failed = text
            .checks
            .iter()
            .filter(|check| check.required && !check.pass);
        let forfeit = failed
            .next()
            .map(|check| format!("required {}", check.what));
        let mut points: BTreeMap<Dimension, f64> = sample.dimensions.iter().collect();
        text.lost
            .retain(|loss| !self.grader.dimensions.contains(&loss.dimension));
        for grade in grades {
            let score = if forfeit.is_some() { 0.0 } else { grade.score };
            points.insert(grade.dimension.clone(), score);
            if FULL - score > 0.0 {
                let own = grade.why.as_deref().map(str::to_owned);
                let why = forfeit.clone().or(own);
                text.lost.push(Loss {
                    dimension: grade.dimension.clone(),
                    points: FULL - score,
                    why: why.unwrap_or_else(|| format!("graded by {}", self.grader.name)),
                });
            }
        }
        let weight = |name: &Dimension| weights.get(name).copied().unwrap_or(1.0);
        let weighed = points.iter().map(|(name, points)| (*points, weight(name)));
        sample.score = weighted_mean(weighed).map(|score| score.clamp(0.0, FULL));
        sample.dimensions = points.into_iter().collect();
    }

    fn missing(&self, grades: &[Grade], answer: Option<Digest>) -> Option<String> {
        let by = &self.grader.name;
        let given = |name: &&Dimension| grades.iter().any(|grade| grade.dimension == **name);
        if let Some(name) = self.grader.dimensions.iter().find(|name| !given(name)) {
            return Some(format!("{by} gave it no score in {name}"));
        }
        let other = grades
            .iter()
            .any(|grade| grade.answer.is_some() && grade.answer != answer);
        other.then(|| format!("{by} graded another answer"))
    }
}

#[cfg(test)]
mod tests;
