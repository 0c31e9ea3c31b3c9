//! The record that a person names with `--baseline`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::edge::disk;
use crate::gate::GateError;
use crate::record::{Kept, read};

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
