//! `tunegate calibrate`: how far scores agree with people.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Common, Ending, out_folder};
use crate::calibration::{Columns, Preferred, Reader, Scale};
use crate::edge::disk;
use crate::gate::calibrate::calibrate;
use crate::gate::side::load;
use crate::gate::{Files, GateError};
use crate::report::{self, escape};
use crate::score::Profile;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files of labels: JSON Lines, or CSV where the name ends in .csv
    #[arg(value_name = "LABELS", required = true)]
    labels: Vec<PathBuf>,
    /// Where a part of a label stands, as in answer=response; a name that starts with / is a JSON pointer (repeatable)
    #[arg(long, value_name = "KEY=COLUMN")]
    map: Vec<String>,
    /// The scale of ratings whose label names none, as in 1:5
    #[arg(long, value_name = "LOW:HIGH", value_parser = Scale::parse)]
    scale: Option<Scale>,
    /// The agent of labels that name none: its suite's rules score their answers
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// The better answer of every pair, where no column says so: of files of chosen and rejected answers
    #[arg(long, value_enum, value_name = "SIDE")]
    prefer: Option<Side>,
    /// Write calibration.json and a page, calibration.html, into this folder
    #[arg(long, value_name = "DIR", value_parser = out_folder())]
    out: Option<PathBuf>,
    /// Score every answer by this profile, whatever its suite says
    #[arg(long, value_enum)]
    profile: Option<Rules>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    A,
    B,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rules {
    /// Signals and checks
    Standard,
    /// The checks of the case alone
    Checks,
    /// Those of an earlier script
    #[value(name = "seed-rules")]
    Seed,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let (root, config_path) = common.root_and_config()?;
    let side = load(&Files::disk(root), &config_path, None).await?;
    if side.is_none() && common.config != Path::new("tunegate.yaml") {
        return Err(GateError::NoConfig { path: config_path });
    }
    let reader = Reader {
        columns: Columns::parse(arguments.map.iter().map(String::as_str))
            .map_err(GateError::Usage)?,
        scale: arguments.scale,
        agent: arguments.agent.clone(),
        prefer: arguments.prefer.map(|side| match side {
            Side::A => Preferred::A,
            Side::B => Preferred::B,
        }),
    };
    let profile = arguments.profile.map(|rules| match rules {
        Rules::Standard => Profile::Standard,
        Rules::Checks => Profile::Checks,
        Rules::Seed => Profile::SeedRules,
    });
    let calibration = calibrate(&arguments.labels, &reader, side.as_ref(), profile)?;
    let judge = side.as_ref().and_then(|side| side.config.judge.as_ref());
    let json = serde_json::to_string_pretty(&calibration);
    let json = json.map_err(crate::score::DigestError::from)? + "\n";
    let mut text = report::calibration(&calibration);
    if let Some(configured) = judge {
        let model = escape::plain(&configured.judge.model);
        let without = "was not asked: the figures are those of the rules without it";
        text.extend(["Note: the judge ", &model, " ", without, ".\n"]);
    }
    if let Some(folder) = &arguments.out {
        let (file, page) = (
            folder.join("calibration.json"),
            folder.join("calibration.html"),
        );
        disk::write(&page, report::page::calibration(&calibration)?)?;
        disk::write(&file, &json)?;
        let places = format!("Written: {}, {}\n", file.display(), page.display());
        text.push_str(&places);
    }
    let text = if common.json { json } else { text };
    Ok(Ending::printed(text, 0))
}
