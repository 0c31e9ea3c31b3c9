//! `tunegate audit`: the look into training data alone.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Common, Ending};
use crate::edge::disk;
use crate::gate::data::{self, AuditRequest, AuditResult};
use crate::gate::side::{Side, load};
use crate::gate::{Files, GateError};
use crate::report;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files of training data; all data that the configuration names where there is none
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A file of validation data (repeatable)
    #[arg(long, value_name = "FILE")]
    validation: Vec<PathBuf>,
    /// A suite whose prompts must not stand in the data (repeatable)
    #[arg(long, value_name = "FILE")]
    suite: Vec<PathBuf>,
    /// Also write the findings to this file, in SARIF 2.1.0
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Accept what is found: write it into `audit.ignore` of the configuration, for half a year
    #[arg(long)]
    accept_existing: bool,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let (root, config_path) = common.root_and_config()?;
    let side = load(&Files::disk(root.clone()), &config_path, None).await?;
    let named = !arguments.files.is_empty() || !arguments.validation.is_empty();
    if side.is_none() && (!named || arguments.accept_existing) {
        return Err(GateError::NoConfig { path: config_path });
    }
    let request = AuditRequest {
        files: arguments.files.clone(),
        validation: arguments.validation.clone(),
        suites: arguments.suite.clone(),
    };
    let result = data::audit(&root, side.as_ref(), &request).await?;
    if let Some(path) = &arguments.sarif {
        disk::write(
            path,
            report::machine::sarif(&result.audit, env!("CARGO_PKG_VERSION")),
        )?;
    }
    if let (true, Some(side)) = (arguments.accept_existing, &side) {
        return accept(&root, side, &result);
    }
    let code = u8::from(result.audit.blocking().next().is_some());
    let text = if common.json {
        format!(
            "{}\n",
            serde_json::json!({"audit": result.audit, "notices": result.notices})
        )
    } else {
        report::audit(&result.audit, &result.notices)
    };
    Ok(Ending::printed(text, code))
}

fn accept(root: &Path, side: &Side, result: &AuditResult) -> Result<Ending, GateError> {
    let path = root.join(&side.config.path);
    let bytes = disk::read(&path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let (new, entries) = data::accepting(&side.config, &text, &result.audit)?;
    let secrets = result
        .audit
        .counts
        .iter()
        .filter(|count| count.code == crate::corpus::Code::Secret);
    let secrets: u64 = secrets.map(|count| count.new).sum();
    let mut said = if entries == 0 {
        "nothing to accept\n".to_owned()
    } else {
        disk::write(&path, &new)?;
        format!(
            "{}: {entries} entries added to `audit.ignore`; read them, give reasons of your own, commit them\n",
            path.display()
        )
    };
    if secrets > 0 {
        let told = format!("{secrets} secrets are not accepted this way: revoke and remove them\n");
        said += &told;
    }
    Ok(Ending::printed(said, u8::from(secrets > 0)))
}
