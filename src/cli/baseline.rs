//! The record that a person names with `--baseline`, and `tunegate baseline`: what is stored, and what a person adds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::action::connect;
use super::run::agent_name;
use super::{Common, Ending, variable};
use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::config::{self, Config, Store};
use crate::edge::disk;
use crate::edge::github::GitHub;
use crate::gate::again::open;
use crate::gate::history::{Stored, stored};
use crate::gate::keep::{Shelved, Wish, keeping};
use crate::gate::{Files, GateError};
use crate::record::{Kept, read};
use crate::report::{escape, history, page};

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
    #[command(
        after_help = "Example:\n  tunegate baseline history --limit 30\n  tunegate baseline history --html history.html"
    )]
    History {
        /// Only this agent
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
        /// At most so many records of an agent
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
        /// Write a page with charts into this file instead
        #[arg(long, value_name = "FILE", conflicts_with = "json")]
        html: Option<PathBuf>,
    },
    /// Make a record the baseline of its agents, whatever its verdict is. On a branch (`baseline.store: branch`) this needs
    /// the variables `GITHUB_REPOSITORY` and `GITHUB_TOKEN`
    #[command(
        after_help = "Example:\n  tunegate baseline accept tunegate-out/run.json --reason 'The new scale of the suite'"
    )]
    Accept(Accept),
}

#[derive(Debug, Args)]
struct Accept {
    /// The run.json of a run
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// Only this agent (repeatable)
    #[arg(long, value_name = "NAME", value_parser = agent_name)]
    agent: Vec<AgentName>,
    /// Why; wanted unless the record is a pass, and stored with it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Nothing of it is a verdict: a record that cannot be relied on is exit 3, and the others are shown all the same.
pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let (root, name) = common.root_and_config()?;
    let Some(bytes) = Files::disk(root.clone()).read(&name).await? else {
        let path = common.config.display().to_string();
        return Err(GateError::NoConfig { path });
    };
    let config = config::read(&name, &bytes)?;
    let (shown, agent) = match &arguments.what {
        What::Show { agent } => (Shown::Newest, agent),
        What::History { agent, limit, html } => (
            html.as_deref()
                .map_or(Shown::Trend(*limit), |file| Shown::Page(*limit, file)),
            agent,
        ),
        What::Accept(accept) => return accepted(common, accept, (&root, &config)).await,
    };
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
        stdout: text(common, shown, &found, only.as_ref())?,
        stderr: broken.concat(),
        code: if broken.is_empty() { 0 } else { 3 },
        ..Ending::default()
    })
}

/// What is shown of what is stored.
#[derive(Debug, Clone, Copy)]
enum Shown<'a> {
    Newest,
    /// At most so many records of an agent.
    Trend(usize),
    /// The same as a page.
    Page(usize, &'a Path),
}

fn text(
    common: &Common,
    shown: Shown<'_>,
    found: &Stored,
    only: Option<&AgentName>,
) -> Result<String, GateError> {
    if common.json {
        return Ok(format!(
            "{}\n",
            serde_json::json!({"agents": found.histories, "broken": found.broken})
        ));
    }
    let origin = escape::plain(&found.origin);
    if found.histories.iter().all(|one| one.steps.is_empty()) {
        return Ok(match (found.broken.is_empty(), only) {
            (false, _) => {
                format!("none of the stored records can be relied on; read from {origin}\n")
            }
            (true, None) => "no record is stored for this gate yet\n".to_owned(),
            (true, Some(only)) => {
                format!(
                    "no record of {} is stored yet\n",
                    escape::plain(only.as_str())
                )
            }
        });
    }
    Ok(match shown {
        Shown::Newest => history::newest(&found.histories) + &format!("read from {origin}\n"),
        Shown::Trend(limit) => {
            history::trend(&found.histories, limit) + &format!("read from {origin}\n")
        }
        Shown::Page(limit, file) => {
            let page = page::history(&found.histories, limit, &found.origin)?;
            disk::write(file, page)?;
            format!("Written: {}\n", escape::plain(&file.display().to_string()))
        }
    })
}

async fn accepted(
    common: &Common,
    accept: &Accept,
    (root, config): (&Path, &Config),
) -> Result<Ending, GateError> {
    let shown = accept.record.display().to_string();
    let wish = Wish {
        shown: &shown,
        agents: &accept.agent,
        reason: accept.reason.as_deref(),
    };
    let keeping = keeping(open(&accept.record)?, config, wish)?;
    let (kept, next) = match &config.baseline.store {
        Store::Path(folder) => (
            keeping.below(root, folder)?,
            "commit them: they count once the base branch has them\n",
        ),
        Store::Branch(branch) => (keeping.on_branch(&github()?, branch).await?, ""),
    };
    let next = if kept.stored.is_empty() { "" } else { next };
    Ok(Ending {
        stdout: told(common, &kept, next),
        ..Ending::default()
    })
}

fn told(common: &Common, kept: &Shelved, next: &str) -> String {
    let Shelved {
        stored,
        already,
        notices,
    } = kept;
    if common.json {
        let told = serde_json::json!({"stored": stored, "already": already, "notices": notices});
        return format!("{told}\n");
    }
    let stored = stored.iter().map(|path| format!("stored {path}"));
    let already = already
        .iter()
        .map(|path| format!("{path} is stored already"));
    let lines = stored.chain(already).chain(notices.iter().cloned());
    let lines: String = lines.map(|line| escape::plain(&line) + "\n").collect();
    lines + next
}

/// The repository's API, as a person connects to it.
fn github() -> Result<GitHub, GateError> {
    let wanted = ["GITHUB_REPOSITORY", "GITHUB_TOKEN"];
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|name| variable(name).is_none())
        .collect();
    if !missing.is_empty() {
        return Err(GateError::Usage(format!(
            "to write the branch of baselines, set {} (OWNER/NAME, and a token that may write contents; GITHUB_API_URL where \
             the forge is not github.com). A workflow run on a push does all this by itself where it passes",
            missing.join(" and ")
        )));
    }
    connect("GITHUB_TOKEN", "GITHUB_TOKEN")
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
    let one = |name: &AgentName| Baseline::new(record.baseline_of(name), shown.clone());
    Ok(names
        .iter()
        .map(|name| (name.clone(), Ok(one(name))))
        .collect())
}
