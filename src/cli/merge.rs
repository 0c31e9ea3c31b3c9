//! `tunegate merge`: the parts of a divided run become one record with a verdict.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::baseline::baselines;
use super::{Common, Ending, out_folder};
use crate::agent::AgentName;
use crate::edge::disk::{self, Journal};
use crate::gate::merge::{merge, not_asked_again, prices};
use crate::gate::{self, Documents, GateError, Parts, action};
use crate::report::{Answers, Context};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run.json of every part
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
    /// Compare with this record; `none` compares with nothing
    #[arg(long, value_name = "FILE", default_value = "none")]
    baseline: PathBuf,
    /// Folder for run.json, comment.md and summary.txt
    #[arg(long, value_name = "DIR", default_value = "tunegate-out", value_parser = out_folder())]
    out: PathBuf,
}

/// Nobody can interrupt what asks nothing; an interrupted part is refused.
const NOT_INTERRUPTED: u8 = 130;

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let own = arguments.out.join("run.json");
    if let Some(same) = arguments
        .records
        .iter()
        .find(|one| disk::is_same(one, &own))
    {
        return Err(GateError::Usage(format!(
            "{} would be overwritten by the joined record; name another folder with `--out DIR`",
            same.display()
        )));
    }
    let mut parts = Parts::read(&arguments.records)?;
    let names: Vec<AgentName> = parts.agents().cloned().collect();
    let baselines = baselines(Some(&arguments.baseline), &names)?;
    let prices = prices(&parts);
    let spool = Journal::passing(&arguments.out)?;
    let mut ledger = merge(&mut parts, &prices, &baselines, spool)?;
    let context = Context {
        answers: Answers::Excerpts,
        run: action::run_line(ledger.record()),
        old_answers: BTreeMap::new(),
        accepting: None,
        banners: not_asked_again(ledger.record()).into_iter().collect(),
    };
    let documents = Documents::of(&mut ledger, &context)?;
    let code = gate::exit_code(ledger.record(), NOT_INTERRUPTED);
    let saved = documents.write(&mut ledger, &arguments.out);
    Ok(Ending::of_run(common, documents.summary, saved, code))
}
