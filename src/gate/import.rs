//! Reads files of other tools with the files that they refer to, all of one commit or folder.

use std::path::{Path, PathBuf};

use super::{Files, GateError};
use crate::edge::disk;
use crate::import::{self, Format, Imported, MOST_BYTES};
use crate::problem::{Problem, Problems};
use crate::yaml;

/// Files name files, which name files: so often is looked what is still missing.
const MOST_ROUNDS: usize = 12;

/// Bytes of all files that one file refers to.
const MOST_READ: usize = 256 * 1024 * 1024;

/// What a file comes to, and the files that it refers to.
pub(super) async fn translated(
    files: &Files<'_>,
    format: Format,
    path: &str,
    bytes: &[u8],
) -> Result<(Result<Imported, Problems>, Vec<String>), GateError> {
    let mut known = import::Files::default();
    let mut read = 0;
    for _ in 0..MOST_ROUNDS {
        let imported = import::read(format, path, bytes, &known);
        let wanted = known.wanted();
        if wanted.is_empty() {
            return Ok((imported, known.read().map(str::to_owned).collect()));
        }
        for name in wanted {
            if read > MOST_READ {
                known.put(name, found_within(None, read));
                continue;
            }
            let found = match files.referred(&name, MOST_BYTES).await {
                Ok(found) => {
                    read += found.as_ref().map_or(0, Vec::len);
                    found_within(found, read)
                }
                // What people wrote is wrong with one file; the rest may still be of use.
                Err(GateError::Problems(problems)) => Err(first(&problems)),
                Err(GateError::GitHub(why)) if why.is_no_file() => Err(why.to_string()),
                Err(error) => return Err(error),
            };
            known.put(name, found);
        }
    }
    let message = format!("its files name further files more than {MOST_ROUNDS} deep");
    let problems = Problem::of_file(path, message).into();
    Ok((Err(problems), known.read().map(str::to_owned).collect()))
}

/// The bytes, unless all files together are too large to be kept.
fn found_within(found: Option<Vec<u8>>, read: usize) -> Result<Option<Vec<u8>>, String> {
    if read > MOST_READ {
        return Err("the files that are named have more than 256 MB; split the suite".to_owned());
    }
    Ok(found)
}

fn first(problems: &Problems) -> String {
    let first = problems.iter().next();
    first.map_or_else(String::new, |problem| problem.message.clone())
}

/// Translates a file on this machine, in the format that is named or that its content shows.
pub async fn import(file: &Path, format: Option<Format>) -> Result<Imported, GateError> {
    let (root, path) = place(file)?;
    let bytes = disk::read_at_most(file, yaml::MAX_BYTES)?;
    let Some(bytes) = bytes else {
        let message = format!("{} is not there", file.display());
        return Err(GateError::Usage(message));
    };
    let format = match format {
        Some(format) => format,
        None => import::guess(&path, &bytes).map_err(GateError::Problems)?,
    };
    let files = Files::disk(root);
    let (imported, _) = translated(&files, format, &path, &bytes).await?;
    imported.map_err(GateError::Problems)
}

/// The folder that nothing is read outside of, and the file's path below it: the repository, else the folder where the
/// command is given, else the file's own.
fn place(file: &Path) -> Result<(PathBuf, String), GateError> {
    let unusable = || GateError::Usage(format!("`{}` is no file that can be read", file.display()));
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(unusable)?;
    if let Some((root, inside)) = disk::repository_around(folder) {
        let path = if inside.is_empty() {
            name.to_owned()
        } else {
            format!("{inside}/{name}")
        };
        return Ok((root, path));
    }
    let here = Path::new(".");
    if let Some(place) = disk::inside(here, folder)
        && let Some(root) = disk::inside(here, here)
        && let Ok(below) = place.strip_prefix(&root)
        && let Some(below) = below.to_str()
    {
        let below = below.replace('\\', "/");
        let path = if below.is_empty() {
            name.to_owned()
        } else {
            format!("{below}/{name}")
        };
        return Ok((root, path));
    }
    Ok((folder.to_owned(), name.to_owned()))
}
