//! `tunegate demo`: the main job on recorded answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::{Common, Ending, out_folder};
use crate::gate::{self, Documents, GateError};
use crate::report::{Answers, Context, RunLine};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder for comment.md, report.html, summary.txt and run.json
    #[arg(long, value_name = "DIR", default_value = "tunegate-out", value_parser = out_folder())]
    out: PathBuf,
    /// Take configuration, suites, models and recordings from this folder instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let origin = arguments
        .from
        .clone()
        .map_or(gate::demo::Origin::Embedded, gate::demo::Origin::Folder);
    let demonstration = gate::demo::prepare(&origin).await?;
    let mut ledger = demonstration.run(&arguments.out).await?;
    let context = Context {
        answers: Answers::Excerpts,
        run: RunLine {
            gate_id: ledger.record().gate_id.clone(),
            run_id: "demo".into(),
            attempt: 1,
            ..RunLine::default()
        },
        old_answers: BTreeMap::new(),
        accepting: None,
        banners: vec![
            "demonstration: the answers of both models are recorded, no model was asked".to_owned(),
        ],
    };
    let documents = Documents::of(&mut ledger, &context)?;
    let written = documents.write(&mut ledger, &arguments.out)?;
    if common.json {
        return Ok(Ending::file(written.record, 0));
    }
    let code = gate::exit_code(ledger.record(), 0);
    let text = format!(
        "A pull request moves support_agent to a new model. This is the comment that the gate writes on it:\n\n{}\n\
         Written: {}, {}, {}, {}\n\
         The answers are recorded. On a real pull request the gate would exit with {code} and {}.\n\
         Would your suite notice bad answers? `tunegate check --self-test` spoils good ones and tells.\n\
         Now, in a repository with your own models: `tunegate init`.\n",
        documents.comment,
        written.comment.display(),
        written.page.display(),
        written.summary.display(),
        written.record.display(),
        if code == 0 {
            "the check would pass"
        } else {
            "the check would fail"
        },
    );
    Ok(Ending::printed(text, 0))
}
