//! Scores what models answered back then as answers are scored today, or as somebody's own grader says. Asks no model; of a record of any size, one case is
//! in memory with its words.

mod both;
mod held;
mod moves;
mod questions;
mod scorer;
mod told;

use std::io;
use std::path::Path;

use super::{Files, GateError, Ledger, PlannedAgent, again, side};
use crate::agent::Candidate;
use crate::config::{Config, Prices};
use crate::edge::disk::{Journal, Text};
use crate::policy::Policy;
use crate::record::{AgentRecord, Grades, Kept, RunRecord, overall, read_each};
pub use both::{both, differ};
use held::{before, hold_again};
use moves::Moves;
pub(super) use questions::{Question, Questions, questions};
use scorer::Scorer;
pub use told::was;
use told::{in_words, unscored};

/// The configuration and the suites of today.
#[derive(Debug)]
pub struct Scorers(side::Side);

impl Scorers {
    /// Those of these files. A suite that cannot be read scores nothing, and is an error with all of its problems.
    pub async fn load(files: &Files<'_>, config_path: &str) -> Result<Self, GateError> {
        let side = side::load(files, config_path, None).await?;
        let side = side.ok_or_else(|| GateError::NoConfig {
            path: config_path.to_owned(),
        })?;
        match side.suite_problems() {
            Some(problems) => Err(GateError::Problems(problems)),
            None => Ok(Self(side)),
        }
    }

    /// The configuration.
    pub const fn config(&self) -> &Config {
        &self.0.config
    }

    /// An agent of a record, or another model that was asked for one, with the suite that the agent has today; `None`
    /// where the configuration no longer has it. What was asked then stays as it was asked.
    fn planned(&self, then: &AgentRecord) -> Option<PlannedAgent> {
        let mut agents = self.0.config.agents.iter();
        let agent = agents.find(|agent| match then.arm {
            Some(against) => agent.name.beside(against.as_str()).as_ref() == Some(&then.name),
            None => agent.name == then.name,
        })?;
        let suite = self.0.suites.get(&agent.name)?.as_ref().ok()?;
        let candidate = Candidate {
            model: then.model.clone(),
            system: None,
            parameters: then.parameters.clone(),
        };
        Some(PlannedAgent {
            agent: agent.clone(),
            candidate,
            suite: suite.clone(),
            added: None,
            new: false,
            arm: None,
            part: None,
            judge: self.0.judge(suite),
            grades: None,
        })
    }
}

/// What scores again.
#[derive(Debug, Clone, Copy)]
pub struct By<'b> {
    /// The suites of today; without them every answer keeps its points.
    pub suites: Option<&'b Scorers>,
    /// The scores of an own grader, in the place of the points of the dimensions that they name.
    pub grades: Option<&'b Grades>,
}

/// A record whose answers are to be scored again.
#[derive(Debug)]
pub struct Stored {
    shown: String,
    text: Text,
    /// In numbers; the other models stand behind the agents, as they do in the file.
    record: RunRecord,
}

impl Stored {
    /// A whole run's record whose digest fits.
    pub fn open(path: &Path) -> Result<Self, GateError> {
        let text = again::text_of(path)?;
        let record = again::record_of(path, &text, Kept::Numbers)?;
        let shown = path.display().to_string();
        Ok(Self {
            shown,
            text,
            record,
        })
    }

    /// The record in numbers.
    pub const fn record(&self) -> &RunRecord {
        &self.record
    }

    /// The prices that it was asked under.
    pub fn prices(&self) -> Prices {
        Prices::recorded(&self.record.prices).unwrap_or_default()
    }

    /// The record with its answers scored again, and decided under these rules. `spool` keeps the words until
    /// they are written.
    pub fn rescored<'p>(
        self,
        by: By<'_>,
        policy: &Policy,
        prices: &'p Prices,
        spool: Journal,
    ) -> Result<Ledger<'p>, GateError> {
        // What is kept of the first reading moves on: of very many cases, numbers alone are large.
        let Self {
            shown,
            text,
            mut record,
        } = self;
        let digest = record.record_digest.clone();
        let arms = std::mem::take(&mut record.arms);
        record.agents.extend(arms);
        let before = before(&record);
        let mut all = Vec::new();
        let mut told = Vec::new();
        for agent in &mut record.agents {
            let planned = by.suites.and_then(|suites| suites.planned(agent));
            let planned = planned.filter(|_| !agent.cases.is_empty());
            let scorer = planned.map(|planned| Scorer::of(planned, agent));
            let scorer = scorer.transpose()?;
            if by.suites.is_some() {
                told.extend(unscored(agent, scorer.as_ref())?);
            }
            let grades = by.grades.and_then(|grades| grades.of(&agent.name));
            all.push(Moves::of(agent, scorer, grades));
        }
        let mut ledger = Ledger::spooling(prices, record, spool);
        pour((&shown, &text), &digest, &mut all, &mut ledger)?;
        let record = &mut ledger.record;
        for (agent, moves) in record.agents.iter_mut().zip(all) {
            moves.sign(agent)?;
            told.extend(in_words(agent));
        }
        record.arms = record.take_arms();
        hold_again(&before, record);
        record.overall = overall(&record.agents);
        record.note(told);
        again::decide(record, policy)?;
        Ok(ledger)
    }
}

/// Reads every case with its words, scores it and hands it on.
fn pour(
    (shown, text): (&str, &Text),
    digest: &str,
    all: &mut [Moves<'_>],
    ledger: &mut Ledger<'_>,
) -> Result<(), GateError> {
    let mut failed = None;
    let read = read_each(|| text.from_start(), &mut |agent, place, case| {
        let moved = all.get_mut(agent).ok_or("it has more agents now");
        let poured = moved
            .map_err(|why| GateError::Usage(why.to_owned()))
            .and_then(|moves| moves.pour((agent, place), case, ledger));
        case.forget_text();
        case.samples = Vec::new();
        poured.map_err(|why| {
            failed = Some(why);
            io::Error::other("a case cannot be scored again")
        })
    });
    if let Some(why) = failed {
        return Err(why);
    }
    match read {
        Ok(now) if now.record_digest == digest => Ok(()),
        Ok(_) | Err(_) => Err(GateError::Usage(format!(
            "{shown} cannot be read a second time, or changed meanwhile; decide again"
        ))),
    }
}
