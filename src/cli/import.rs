//! `tunegate import`: a file of another tool as a suite, and what of it is lost.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Common, Ending};
use crate::edge::disk;
use crate::figures::counted;
use crate::gate::{GateError, import};
use crate::import::{Fidelity, Format, Imported};
use crate::report::escape;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A promptfoo configuration, a GitHub .prompt.yml, a registry file of OpenAI's evals, or OpenAI's graders as JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The suite to write; a file that is there is never overwritten
    #[arg(long, value_name = "FILE", default_value = "suite.yaml")]
    out: PathBuf,
    /// What the file is, where its content does not show it
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Named>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Named {
    /// A promptfoo configuration
    Promptfoo,
    /// A GitHub .prompt.yml
    PromptYml,
    /// A registry file of OpenAI's evals
    OpenaiEvals,
    /// OpenAI's graders
    OpenaiGrader,
}

impl From<Named> for Format {
    fn from(named: Named) -> Self {
        match named {
            Named::Promptfoo => Self::Promptfoo,
            Named::PromptYml => Self::PromptYml,
            Named::OpenaiEvals => Self::OpenAiEvals,
            Named::OpenaiGrader => Self::OpenAiGrader,
        }
    }
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let format = arguments.format.map(Format::from);
    let imported = import::import(&arguments.file, format).await?;
    // What cannot be a suite is told with what is lost, and leaves no file.
    let suite = imported.suite().map_err(GateError::Problems);
    let written = match &suite {
        Ok(_) => write(&imported, &arguments.out)?,
        Err(_) => Vec::new(),
    };
    if common.json {
        let text = as_json(&imported, &written);
        return Ok(match suite {
            Ok(_) => Ending::printed(text, 0),
            Err(why) => Ending {
                stdout: text,
                ..Ending::from(why)
            },
        });
    }
    let mut text = as_text(&imported);
    match suite {
        Ok(_) => {
            for path in &written {
                writeln!(text, "Written: {}", escape::plain(path)).ok();
            }
            text.push_str("Next: read it, name it under `suite` of an agent in tunegate.yaml, then `tunegate check`\n");
            Ok(Ending::printed(text, 0))
        }
        Err(why) => Ok(Ending {
            stdout: text,
            ..Ending::from(why)
        }),
    }
}

/// Writes the suite, and its cases beside it where they are many.
fn write(imported: &Imported, out: &Path) -> Result<Vec<String>, GateError> {
    let beside = out.with_extension("jsonl");
    let name = beside
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let document = imported.document(&name.unwrap_or_default());
    let taken = |path: &Path| {
        let message = format!(
            "{} is there already and stays as it is; name another file with `--out`",
            path.display()
        );
        Err(GateError::Usage(message))
    };
    if disk::exists(out) {
        return taken(out);
    }
    let mut written = Vec::new();
    if let Some(lines) = &document.lines {
        if !disk::write_new(&beside, lines.as_bytes())? {
            return taken(&beside);
        }
        written.push(beside.display().to_string());
    }
    if !disk::write_new(out, document.yaml.as_bytes())? {
        return taken(out);
    }
    written.insert(0, out.display().to_string());
    Ok(written)
}

const FIDELITIES: [Fidelity; 3] = [
    Fidelity::NotTranslated,
    Fidelity::Approximate,
    Fidelity::Exact,
];

fn as_json(imported: &Imported, written: &[String]) -> String {
    let report = &imported.report;
    let lines: Vec<_> = report.lines().collect();
    let told = serde_json::json!({
        "format": imported.format.as_str(),
        "file": &*imported.path,
        "cases": imported.len(),
        "exact": report.count(Fidelity::Exact),
        "approximate": report.count(Fidelity::Approximate),
        "not_translated": report.count(Fidelity::NotTranslated),
        "lines": lines,
        "further": report.further,
        "written": written,
    });
    format!("{told}\n")
}

fn as_text(imported: &Imported) -> String {
    let report = &imported.report;
    let mut text = format!(
        "{}: {}, {}\n",
        escape::plain(&imported.path),
        imported.format.title(),
        counted(imported.len(), "case")
    );
    for fidelity in FIDELITIES {
        let lines: Vec<_> = report
            .lines()
            .filter(|line| line.fidelity == fidelity)
            .collect();
        if lines.is_empty() {
            continue;
        }
        writeln!(text, "\n{} ({})", fidelity.as_str(), report.count(fidelity)).ok();
        for line in lines {
            let times = if line.count > 1 {
                format!(" × {}", line.count)
            } else {
                String::new()
            };
            let note = if line.note.is_empty() {
                String::new()
            } else {
                format!(": {}", line.note)
            };
            let told = format!("{} {}{times}{note}", line.place, line.feature);
            writeln!(text, "  {}", escape::plain(&told)).ok();
        }
    }
    if report.further > 0 {
        writeln!(text, "\n{} more are counted and not listed", report.further).ok();
    }
    text.push('\n');
    text
}
