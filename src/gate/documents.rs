//! The files of a run, and the outputs that later steps of a workflow read.

use std::path::{Path, PathBuf};

use super::{GateError, JOURNAL, Ledger, arms, page};
use crate::edge::disk;
use crate::record::{Against, AgentRecord, Outcome, ReasonCode, RunRecord};
use crate::report::{self, Answers, Context};

/// The texts of a run that people read.
#[derive(Debug, Clone)]
pub struct Documents {
    /// `comment.md`.
    pub comment: String,
    /// `summary.txt`.
    pub summary: String,
    /// `junit.xml`.
    pub junit: String,
    /// `findings.sarif`.
    pub findings: String,
    /// What `report.html` says besides the record; it is written case by case.
    pub(super) context: Context,
}

/// Where the files of a run were written.
#[derive(Debug, Clone)]
pub struct Written {
    /// `run.json`.
    pub record: PathBuf,
    /// `comment.md`.
    pub comment: PathBuf,
    /// `summary.txt`.
    pub summary: PathBuf,
    /// `report.html`.
    pub page: PathBuf,
    /// `junit.xml`.
    pub junit: PathBuf,
    /// `findings.sarif`.
    pub findings: PathBuf,
    /// `journal.jsonl`.
    pub journal: PathBuf,
}

impl Documents {
    /// Everything that people read. The words of the cases that are quoted are put back into the record.
    pub fn of(ledger: &mut Ledger<'_>, context: &Context) -> Result<Self, GateError> {
        let quoted = report::quoted(&ledger.record);
        ledger.quote(&quoted)?;
        let mut context = context.clone();
        if context.answers == Answers::Excerpts {
            if let Some(plan) = ledger.words.plan() {
                context.old_answers = plan.former_answers(&quoted)?;
            }
            let measured = arms::answers(ledger, Against::OldModel, &quoted)?;
            context.old_answers.extend(measured);
        }
        Ok(Self {
            comment: report::comment(&ledger.record, &context)?,
            summary: report::summary(&ledger.record, &context)?,
            junit: report::machine::junit(&ledger.record)?,
            findings: report::machine::sarif(&ledger.record.audit, &ledger.record.tool.version),
            context,
        })
    }

    /// Writes the documents into a folder, the closed record first: it is what cannot be made again.
    pub fn write(&self, ledger: &mut Ledger<'_>, folder: &Path) -> Result<Written, GateError> {
        let written = Written::below(folder);
        disk::write_with(&written.record, |file| ledger.write(file))?;
        self.texts(&written)?;
        page::of_run(ledger, &self.context, &written.page)?;
        ledger.close()?;
        Ok(written)
    }

    /// Writes what is in memory.
    pub(super) fn texts(&self, written: &Written) -> Result<(), GateError> {
        disk::write(&written.comment, &self.comment)?;
        disk::write(&written.summary, &self.summary)?;
        disk::write(&written.junit, &self.junit)?;
        Ok(disk::write(&written.findings, &self.findings)?)
    }
}

impl Written {
    /// The names of a run's files in a folder.
    pub(super) fn below(folder: &Path) -> Self {
        Self {
            record: folder.join("run.json"),
            comment: folder.join("comment.md"),
            summary: folder.join("summary.txt"),
            page: folder.join("report.html"),
            junit: folder.join("junit.xml"),
            findings: folder.join("findings.sarif"),
            journal: folder.join(JOURNAL),
        }
    }

    /// Gives the files to the owner of `like`.
    pub fn own_like(&self, like: &Path) {
        let files = [
            &self.record,
            &self.comment,
            &self.summary,
            &self.page,
            &self.junit,
            &self.findings,
            &self.journal,
        ];
        for path in files {
            disk::own_like(path, like);
            if let Some(folder) = path.parent() {
                disk::own_like(folder, like);
            }
        }
    }
}

/// What a record says to later steps of a workflow.
pub fn outputs(record: &RunRecord) -> Vec<(&'static str, String)> {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let asked = record.touched().chain(&record.arms);
    let cost: Option<Vec<f64>> = asked.map(AgentRecord::cost).collect();
    // The youngest of the records that were compared with.
    let newest = record
        .touched()
        .filter_map(|agent| agent.comparison.as_ref())
        .min_by_key(|comparison| comparison.age_days.unwrap_or(u64::MAX))
        .and_then(|comparison| comparison.baseline_commit.clone());
    vec![
        ("outcome", record.verdict.outcome.to_string()),
        ("proven", record.verdict.proven.to_string()),
        ("score", number(record.overall.score)),
        ("baseline-score", number(record.overall.baseline)),
        ("change", number(record.overall.change)),
        (
            "failed-agents",
            names(record, |agent| {
                agent.touched && agent.verdict.outcome == Outcome::Fail
            }),
        ),
        (
            "approved-agents",
            names(record, |agent| {
                record.shard.is_none() && approved(record, agent)
            }),
        ),
        ("baseline-commit", newest.unwrap_or_default()),
        ("cost", number(cost.map(|costs| costs.iter().sum()))),
    ]
}

/// Its current model has an acceptable record: it passed now, or its stored record is of this very candidate. One that
/// only passes because the pull request does not change it is not acceptable.
fn approved(record: &RunRecord, agent: &AgentRecord) -> bool {
    if !agent.touched {
        return agent.score.is_some() && agent.stored_outcome == Some(Outcome::Pass);
    }
    let mut reasons = record.verdict.reasons.iter();
    let excused = reasons.any(|reason| {
        reason.agent.as_ref() == Some(&agent.name)
            && matches!(
                reason.code,
                ReasonCode::AgentBelowFloor
                    | ReasonCode::DimensionBelowFloor
                    | ReasonCode::AgentRegressed
                    | ReasonCode::CaseNewlyFailed
            )
    });
    let mut accepted = record.accepted.iter();
    let accepted =
        accepted.any(|accepted| accepted.agent == agent.name && accepted.is_of(Some(agent)));
    agent.verdict.outcome == Outcome::Pass && !agent.new && (accepted || !excused)
}

fn names(record: &RunRecord, wanted: impl Fn(&AgentRecord) -> bool) -> String {
    let names: Vec<&str> = record
        .agents
        .iter()
        .filter(|agent| wanted(agent))
        .map(|agent| agent.name.as_str())
        .collect();
    serde_json::Value::from(names).to_string()
}
