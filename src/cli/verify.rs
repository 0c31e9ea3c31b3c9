//! `tunegate verify`: may this exact model ship?

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::action::connect;
use super::run::agent_name;
use super::{Common, Ending, variable};
use crate::agent::AgentName;
use crate::edge::disk;
use crate::figures::counted;
use crate::gate::release::{
    Approval, Approved, Attestation, Release, Shelf, Statement, verify, verify_stored,
};
use crate::gate::side::{Side, load};
use crate::gate::{Files, GateError};
use crate::report::escape;

/// A larger file of attestations than this does not exist.
const MOST_ATTESTED: usize = 26 * 1024 * 1024;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The record to decide again: a run.json; without it the newest stored one of the model
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The agent that ships
    #[arg(long, value_name = "NAME", value_parser = agent_name)]
    agent: Option<AgentName>,
    /// The model ID that ships
    #[arg(long, value_name = "ID", requires = "agent")]
    model: Option<String>,
    /// What `gh attestation verify --format json` printed about this model
    #[arg(long, value_name = "FILE", requires_all = ["agent", "signer_workflow"])]
    attested: Option<PathBuf>,
    /// The workflow that has to have signed: OWNER/REPOSITORY/.github/workflows/FILE
    #[arg(long, value_name = "PATH", requires = "attested")]
    signer_workflow: Option<String>,
    /// Write what is to be attested into this folder, where it is approved: AGENT.model.json and AGENT.predicate.json
    #[arg(long, value_name = "DIR", requires = "agent")]
    statement: Option<PathBuf>,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let path = common.config.display().to_string();
    let (root, name) = common.root_and_config()?;
    let files = Files::disk(root.clone());
    let Some(side) = load(&files, &name, None).await? else {
        return Err(GateError::NoConfig { path });
    };
    let release = Release {
        agent: arguments.agent.clone(),
        model: arguments.model.clone(),
        repository: variable("GITHUB_REPOSITORY"),
        attestation: attestation(arguments)?,
        for_signing: arguments.statement.is_some() && arguments.attested.is_none(),
    };
    let now = jiff::Timestamp::now();
    let approvals = match &arguments.record {
        Some(record) => vec![(
            release.agent.clone(),
            of_file(&side, record, &release, now)?,
        )],
        None => of_store(&root, &side, &release, now).await?,
    };
    let mut written = Vec::new();
    if let Some(folder) = &arguments.statement {
        for (name, approval) in &approvals {
            if let (Some(name), Some(statement)) = (name, approval.statement()?) {
                written.extend(place(folder, name, &statement)?);
            }
        }
    }
    Ok(say(&approvals, &written, common.json))
}

type Named = (Option<AgentName>, Approval);

fn of_file(
    side: &Side,
    record: &Path,
    release: &Release,
    now: jiff::Timestamp,
) -> Result<Approval, GateError> {
    match disk::read(record)? {
        Some(bytes) => verify(side, &bytes, release, now),
        None => Ok(Approval {
            refusals: vec![format!("there is no record at {}", record.display())],
            ..Approval::default()
        }),
    }
}

async fn of_store(
    root: &Path,
    side: &Side,
    release: &Release,
    now: jiff::Timestamp,
) -> Result<Vec<Named>, GateError> {
    let reachable = variable("GITHUB_REPOSITORY").is_some() && variable("GITHUB_TOKEN").is_some();
    let github = if reachable {
        Some(connect("GITHUB_TOKEN", "GITHUB_TOKEN")?)
    } else {
        None
    };
    let shelf = github
        .as_ref()
        .map_or(Shelf::Here(root), |github| Shelf::Forge(root, github));
    let approvals = verify_stored(shelf, side, release, now).await?;
    let named = approvals.into_iter();
    Ok(named
        .map(|(name, approval)| (Some(name), approval))
        .collect())
}

fn attestation(arguments: &Arguments) -> Result<Option<Attestation>, GateError> {
    let (Some(path), Some(workflow)) = (&arguments.attested, &arguments.signer_workflow) else {
        return Ok(None);
    };
    let parts: Vec<&str> = workflow.splitn(3, '/').collect();
    let [owner, name, file] = parts.as_slice() else {
        return Err(not_a_workflow(workflow));
    };
    if !file.starts_with(".github/workflows/") {
        return Err(not_a_workflow(workflow));
    }
    let shown = path.display().to_string();
    let Some(json) = disk::read_at_most(path, MOST_ATTESTED)? else {
        return Err(GateError::Usage(format!(
            "{shown}, which `--attested` names, is not there"
        )));
    };
    Ok(Some(Attestation {
        shown,
        json,
        workflow: workflow.clone(),
        repository: variable("GITHUB_REPOSITORY").unwrap_or_else(|| format!("{owner}/{name}")),
    }))
}

fn not_a_workflow(found: &str) -> GateError {
    GateError::Usage(format!(
        "`--signer-workflow` is `{found}`; write OWNER/REPOSITORY/.github/workflows/FILE"
    ))
}

fn place(folder: &Path, name: &AgentName, statement: &Statement) -> Result<[String; 2], GateError> {
    let subject = folder.join(format!("{name}.model.json"));
    let predicate = folder.join(format!("{name}.predicate.json"));
    disk::write(&subject, &statement.subject)?;
    disk::write(&predicate, &statement.predicate)?;
    Ok([subject, predicate].map(|path| path.display().to_string()))
}

fn say(approvals: &[Named], written: &[String], json: bool) -> Ending {
    let approved = approvals.iter().all(|(_, approval)| approval.is_given());
    let code = u8::from(!approved);
    let text = if json {
        as_json(approvals, written)
    } else {
        as_text(approvals, written)
    };
    Ending::printed(text, code)
}

fn as_json(approvals: &[Named], written: &[String]) -> String {
    let all = |of: fn(&Approval) -> &Vec<String>| -> Vec<&String> {
        approvals
            .iter()
            .flat_map(|(_, approval)| of(approval))
            .collect()
    };
    let agents = approvals.iter().map(|(name, approval)| {
        let decided = approval.decided.as_ref();
        serde_json::json!({
            "agent": decided.map(|decided| &decided.agent).or(name.as_ref()),
            "model": decided.map(|decided| &decided.model),
            "approved": approval.is_given(),
            "proven": decided.is_some_and(|decided| decided.proven),
            "signer": approval.signer,
            "record": decided.map(|decided| serde_json::json!({
                "digest": decided.record_digest, "commit": decided.commit, "created": decided.created, "url": decided.url,
            })),
            "refusals": approval.refusals,
            "notes": approval.notes,
            "remarks": approval.remarks,
        })
    });
    let agents: Vec<_> = agents.collect();
    let value = serde_json::json!({
        "approved": approvals.iter().all(|(_, approval)| approval.is_given()),
        "attested": approvals.iter().all(|(_, approval)| approval.signer.is_some()),
        "refusals": all(|approval| &approval.refusals),
        "notes": all(|approval| &approval.notes),
        "remarks": all(|approval| &approval.remarks),
        "agents": agents,
        "written": written,
    });
    format!("{value}\n")
}

/// The answer of all comes first; a pipeline's log shows little more of a step than its first line.
fn as_text(approvals: &[Named], written: &[String]) -> String {
    let approved = approvals.iter().all(|(_, approval)| approval.is_given());
    let mut text = String::from(if approved { "APPROVED" } else { "NOT APPROVED" });
    for note in approvals.iter().flat_map(|(_, approval)| &approval.notes) {
        write!(text, " ({})", escape::plain(note)).ok();
    }
    let unsigned = approvals
        .iter()
        .filter(|(_, approval)| approval.signer.is_none());
    match unsigned.count() {
        0 => {}
        open if open == approvals.len() => text.push_str(" (UNATTESTED)"),
        open => write!(text, " (UNATTESTED: {})", counted(open, "agent")).unwrap_or_default(),
    }
    text.push('\n');
    for refusal in approvals
        .iter()
        .flat_map(|(_, approval)| &approval.refusals)
    {
        writeln!(text, "- {}", escape::plain(refusal)).ok();
    }
    for (_, approval) in approvals {
        for remark in &approval.remarks {
            writeln!(text, "note: {}", escape::plain(remark)).ok();
        }
        if let Some(decided) = &approval.decided {
            writeln!(text, "record: {}", escape::plain(&source(decided))).ok();
        }
        if let Some(signer) = &approval.signer {
            writeln!(text, "attested by {}", escape::plain(signer)).ok();
        }
    }
    for path in written {
        writeln!(text, "written: {}", escape::plain(path)).ok();
    }
    text
}

/// Which record was decided, of what.
fn source(decided: &Approved) -> String {
    let short = |commit: &String| commit.chars().take(7).collect::<String>();
    let commit = decided.commit.as_ref().map(short);
    let commit = commit.map_or_else(String::new, |commit| format!(", commit {commit}"));
    let log = decided
        .url
        .as_deref()
        .map_or_else(String::new, |url| format!(", {url}"));
    format!(
        "{} {}, {}{commit}, {}{log}",
        decided.agent, decided.model, decided.created, decided.record_digest
    )
}
