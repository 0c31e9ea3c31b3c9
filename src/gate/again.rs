//! What a record comes to once more: under other rules, against another record, in other documents. Asks no model.

use std::collections::BTreeMap;
use std::path::Path;

use super::documents::{Documents, Written};
use super::rescore::{self, Scorers};
use super::{GateError, action, arms, page};
use crate::agent::AgentName;
use crate::baseline::{self, Baseline};
use crate::config::Config;
use crate::edge::disk;
use crate::policy::Policy;
use crate::record::{Against, AgentRecord, CaseRecord, Kept, RunRecord, overall, read, write};
use crate::report::{self, Answers, Context};
use crate::score::digest;
use crate::suite::CaseId;
use crate::verdict;

/// A whole run's record whose digest fits, with all that it holds.
pub fn open(path: &Path) -> Result<RunRecord, GateError> {
    record_of(path, &text_of(path)?, Kept::Everything)
}

/// The file of a record.
pub(super) fn text_of(path: &Path) -> Result<disk::Text, GateError> {
    disk::Text::open(path)?.ok_or_else(|| {
        GateError::Usage(format!(
            "{} is not there; name the run.json of a run",
            path.display()
        ))
    })
}

/// The record in a file, as much of it as is kept.
pub(super) fn record_of(
    path: &Path,
    text: &disk::Text,
    kept: Kept,
) -> Result<RunRecord, GateError> {
    let shown = path.display();
    let record = read(|| text.from_start(), kept).map_err(|source| GateError::NotRelied {
        path: shown.to_string(),
        source,
    })?;
    if let Some(part) = record.shard {
        return Err(GateError::Usage(format!(
            "{shown} is {} of a run, which has no verdict; `tunegate merge` joins the parts first",
            part.in_words()
        )));
    }
    Ok(record)
}

/// Decides a record under these rules. It stays as old as its answers are, and names what it was made from.
pub fn decide(record: &mut RunRecord, policy: &Policy) -> Result<(), GateError> {
    record.derived_from = Some(std::mem::take(&mut record.record_digest));
    record.policy = policy.clone();
    record.policy_digest = digest(policy)?.to_string();
    record.changes.after_merge = None;
    record.run.report_only = None;
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        agent.floor = policy.floor_of(&agent.name);
    }
    verdict::decide(policy, record).note(record);
    Ok(())
}

/// What a model answered before, to each case.
pub type Former = BTreeMap<(AgentName, CaseId), String>;

/// Holds the agents of one record against those of another, which was before, and decides under these rules. Gives the
/// answers of then.
pub fn compare(
    now: &mut RunRecord,
    mut then: RunRecord,
    policy: &Policy,
    scorers: Option<&Scorers>,
) -> Result<Former, GateError> {
    if now.gate_id != then.gate_id {
        return Err(GateError::Usage(format!(
            "the records are of two gates, `{}` and `{}` (`report.id`); they have nothing in common to compare",
            then.gate_id, now.gate_id
        )));
    }
    let mut told = Vec::new();
    for agent in &then.agents {
        if now.agent(&agent.name).is_none() {
            told.push(format!("{}: only in the first record", agent.name));
        }
    }
    if let Some(scorers) = scorers {
        told.extend(rescore::both(now, &mut then, scorers)?);
    }
    let former = answers_of(then.agents.iter().map(|agent| (&agent.name, agent)));
    let baseline = Baseline::scored_again(then, "the first record".to_owned());
    let created = now.created.clone();
    for agent in now
        .agents
        .iter_mut()
        .filter(|agent| !agent.cases.is_empty())
    {
        agent.touched = true;
        agent.unchanged = false;
        agent.looks.clear();
        agent.comparisons.clear();
        let compared = baseline
            .other(&agent.name, Against::Baseline)
            .and_then(|other| baseline::compare(agent, &other, &created));
        (agent.comparison, agent.not_compared) = match compared {
            Ok(comparison) => (Some(comparison), None),
            Err(why) => (None, Some(why.to_string())),
        };
        told.extend(agent.comparison.as_ref().and_then(|_| better(agent)));
    }
    now.arms.clear();
    now.run.looks = None;
    now.overall = overall(&now.agents);
    now.notices.clear();
    now.note(told);
    decide(now, policy)?;
    Ok(former)
}

/// More cases than this are not named.
const MOST_NAMED: usize = 5;

/// The cases that gained most; those that lost stand in every report.
fn better(agent: &AgentRecord) -> Option<String> {
    let pairs = agent.comparison.iter().flat_map(|held| &held.cases);
    let mut gained: Vec<_> = pairs.filter(|pair| pair.new - pair.old > 0.005).collect();
    gained.sort_by(|a, b| (b.new - b.old).total_cmp(&(a.new - a.old)));
    let all = gained.len();
    let named = gained.into_iter().take(MOST_NAMED).map(|pair| {
        let points = crate::figures::points;
        format!("{} {} → {}", pair.id, points(pair.old), points(pair.new))
    });
    let named: Vec<String> = named.collect();
    let more = match all.saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!named.is_empty()).then(|| format!("{}: got better: {}{more}", agent.name, named.join(", ")))
}

/// The rules of a configuration, else those that the record was decided under.
pub fn policy(config: Option<&Config>, record: &RunRecord) -> Policy {
    config.map_or_else(|| record.policy.clone(), |config| config.policy.clone())
}

/// What people read of a record, beside answers of before where there are some that it does not hold.
pub fn documents(
    record: &RunRecord,
    answers: Answers,
    former: Former,
) -> Result<Documents, GateError> {
    let mut old_answers = answers_of(arms::of(record, Against::OldModel));
    old_answers.extend(former);
    let context = Context {
        answers,
        run: action::run_line(record),
        old_answers,
        accepting: None,
        banners: Vec::new(),
    };
    Ok(Documents {
        comment: report::comment(record, &context)?,
        summary: report::summary(record, &context)?,
        junit: report::machine::junit(record)?,
        findings: report::machine::sarif(&record.audit, &record.tool.version),
        context,
    })
}

/// The page of a record, as text.
pub fn page(record: &RunRecord, documents: &Documents) -> Result<String, GateError> {
    page::text(record, &documents.context)
}

/// What these agents answered, the weakest answer to each case.
pub(super) fn answers_of<'r>(
    agents: impl Iterator<Item = (&'r AgentName, &'r AgentRecord)>,
) -> Former {
    let mut found = Former::new();
    for (name, agent) in agents {
        for case in &agent.cases {
            if let Some(answer) = arms::weakest(case) {
                found.insert((name.clone(), case.id.clone()), answer);
            }
        }
    }
    found
}

/// Closes a record and writes it into a folder with its documents.
pub fn save(
    record: &mut RunRecord,
    documents: &Documents,
    folder: &Path,
) -> Result<Written, GateError> {
    let written = Written::below(folder);
    let mut complete = |_: &AgentName, _: usize, case: &CaseRecord| case.written();
    disk::write_with(&written.record, |file| {
        write(record, &mut complete, file).map_err(GateError::from)
    })?;
    documents.texts(&written)?;
    page::of_record(record, &documents.context, &written.page)?;
    Ok(written)
}
