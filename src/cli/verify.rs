//! `tunegate verify`: may this exact model ship?

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::{Common, Ending};
use crate::agent::AgentName;
use crate::config;
use crate::edge::disk;
use crate::gate::release::{Approval, Release, verify};
use crate::gate::{Files, GateError};
use crate::report::escape;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The record to decide again: a run.json
    #[arg(long, value_name = "FILE")]
    record: PathBuf,
    /// The agent that ships
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// The model ID that ships
    #[arg(long, value_name = "ID")]
    model: Option<String>,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let path = common.config.display().to_string();
    let (root, name) = common.root_and_config()?;
    let Some(bytes) = Files::disk(root).read(&name).await? else {
        return Err(GateError::NoConfig { path });
    };
    let config = config::read(&name, &bytes)?;
    let agent = match &arguments.agent {
        None => None,
        Some(name) => Some(
            AgentName::new(name.as_str())
                .ok_or_else(|| GateError::Usage(format!("`{name}` is not an agent's name")))?,
        ),
    };
    let shown = arguments.record.display();
    let Some(record) = disk::read(&arguments.record)? else {
        return Ok(say(
            &Approval {
                refusals: vec![format!("there is no record at {shown}")],
                notes: Vec::new(),
            },
            common.json,
        ));
    };
    let release = Release {
        agent,
        model: arguments.model.clone(),
    };
    Ok(say(
        &verify(&config, &record, &release, jiff::Timestamp::now())?,
        common.json,
    ))
}

fn say(approval: &Approval, json: bool) -> Ending {
    let approved = approval.refusals.is_empty();
    let code = u8::from(!approved);
    if json {
        let value = serde_json::json!({"approved": approved, "refusals": approval.refusals, "notes": approval.notes});
        return Ending::printed(format!("{value}\n"), code);
    }
    let mut text = String::from(if approved { "APPROVED" } else { "NOT APPROVED" });
    for note in &approval.notes {
        write!(text, " ({})", escape::plain(note)).ok();
    }
    text.push('\n');
    for refusal in &approval.refusals {
        writeln!(text, "- {}", escape::plain(refusal)).ok();
    }
    Ending::printed(text, code)
}
