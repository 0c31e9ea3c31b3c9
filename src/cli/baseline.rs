//! The record that a person names with `--baseline`, and `tunegate baseline`: what is stored.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, Subcommand};

use super::{Common, Ending};
use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::config;
use crate::edge::disk;
use crate::gate::history::{Stored, stored};
use crate::gate::{Files, GateError};
use crate::record::{Kept, read};
use crate::report::{escape, history};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The newest stored record of each agent
    #[command(after_help = "Example:\n  tunegate baseline show --agent qa_agent")]
    Show {
        /// Only this agent
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
    },
    /// How the scores of each agent went, and at which commit one moved
    #[command(after_help = "Example:\n  tunegate baseline history --limit 30")]
    History {
        /// Only this agent
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
        /// At most so many records of an agent
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
    },
}

/// Nothing of it is a verdict: a record that cannot be relied on is exit 3, and the others are shown all the same.
pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let (root, name) = common.root_and_config()?;
    let Some(bytes) = Files::disk(root.clone()).read(&name).await? else {
        let path = common.config.display().to_string();
        return Err(GateError::NoConfig { path });
    };
    let config = config::read(&name, &bytes)?;
    let (What::Show { agent } | What::History { agent, .. }) = &arguments.what;
    let only = match agent {
        Some(name) => Some(
            AgentName::new(name.as_str())
                .ok_or_else(|| GateError::Usage(format!("`{name}` is not an agent's name")))?,
        ),
        None => None,
    };
    let found = stored(&root, &config, only.as_ref()).await?;
    let broken: Vec<String> = found
        .broken
        .iter()
        .map(|why| format!("tunegate: {}\n", escape::plain(why)))
        .collect();
    Ok(Ending {
        stdout: text(common, &arguments.what, &found),
        stderr: broken.concat(),
        code: if broken.is_empty() { 0 } else { 3 },
        ..Ending::default()
    })
}

fn text(common: &Common, what: &What, found: &Stored) -> String {
    if common.json {
        return format!(
            "{}\n",
            serde_json::json!({"agents": found.histories, "broken": found.broken})
        );
    }
    let told = match what {
        What::Show { .. } => history::newest(&found.histories),
        What::History { limit, .. } => history::trend(&found.histories, *limit),
    };
    if told.is_empty() {
        return "no record is stored for this gate yet\n".to_owned();
    }
    format!("{told}read from {}\n", escape::plain(&found.origin))
}

/// The baseline of each agent; a path that is absent or `none` compares with nothing.
pub(super) fn baselines(
    path: Option<&Path>,
    names: &[AgentName],
) -> Result<BTreeMap<AgentName, Result<Baseline, String>>, GateError> {
    let Some(path) = path.filter(|path| *path != Path::new("none")) else {
        let none = || Err("none was given; `--baseline FILE` names a record".to_owned());
        return Ok(names.iter().map(|name| (name.clone(), none())).collect());
    };
    let shown = path.display().to_string();
    let Some(text) = disk::Text::open(path)? else {
        return Err(GateError::Usage(format!(
            "the baseline {shown} is not there; name a run.json, or `none`"
        )));
    };
    let record =
        read(|| text.from_start(), Kept::Numbers).map_err(|source| GateError::Baseline {
            path: shown.clone(),
            source,
        })?;
    if let Some(part) = record.shard {
        return Err(GateError::Usage(format!(
            "{shown} is {} of a run, not a baseline; `tunegate merge` joins the parts first",
            part.in_words()
        )));
    }
    let one = |name: &AgentName| Baseline {
        record: record.baseline_of(name),
        origin: shown.clone(),
    };
    Ok(names
        .iter()
        .map(|name| (name.clone(), Ok(one(name))))
        .collect())
}
