//! What stored records are called: one immutable file an agent and run, `v1/GATE/AGENT/XX/COMMIT-RUN-ATTEMPT.json`, XX
//! being the commit's first two digits, and beside it, where answers are kept, the same path with `.answers.jsonl.gz`.
//! What runs by the clock measured has the same names below `v1-drift`: nothing is ever held against it.

use std::collections::BTreeMap;

use crate::agent::AgentName;
use crate::record::RunRecord;

/// How the name of a record ends.
const RECORD: &str = ".json";
/// How the name of the answers beside it ends instead.
const ANSWERS: &str = ".answers.jsonl.gz";

/// What a record is stored for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Series {
    /// Models are held against it.
    Baselines,
    /// It is shown, and decides nothing.
    Drift,
}

impl Series {
    const ALL: [Self; 2] = [Self::Baselines, Self::Drift];

    const fn root(self) -> &'static str {
        match self {
            Self::Baselines => "v1",
            Self::Drift => "v1-drift",
        }
    }

    /// That of a record's path.
    pub(super) fn of(path: &str) -> Option<Self> {
        let root = path.split('/').next();
        Self::ALL
            .into_iter()
            .find(|series| Some(series.root()) == root)
    }
}

/// Whether a path is one of the folders on the way to records: `v1/GATE/AGENT/XX`, or the beginning of one.
pub(super) fn leads_to_records(path: &str) -> bool {
    Series::of(path).is_some() && path.split('/').count() < 5
}

/// The path of what a record says of an agent; `None` where it is of no commit.
pub(super) fn path_of(record: &RunRecord, agent: &AgentName, series: Series) -> Option<String> {
    let commit = record.source.commit.as_deref()?;
    let folder: String = commit.chars().take(2).collect();
    let RunRecord { gate_id, run, .. } = record;
    let root = series.root();
    Some(format!(
        "{root}/{gate_id}/{agent}/{folder}/{commit}-{}-{}{RECORD}",
        run.id, run.attempt
    ))
}

/// The path of the answers beside a record.
pub(super) fn answers_of(record: &str) -> String {
    let stem = record.strip_suffix(RECORD).unwrap_or(record);
    format!("{stem}{ANSWERS}")
}

/// The paths of records, by agent and commit.
pub(super) type Index<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a String>>>;

/// The paths of all baselines of a gate, by agent.
pub(super) fn by_agent<'a>(
    paths: &'a [String],
    gate_id: &str,
) -> BTreeMap<&'a str, Vec<&'a String>> {
    flat(index(paths, gate_id))
}

/// The paths of all that runs by the clock measured for a gate, by agent.
pub(super) fn drift_by_agent<'a>(
    paths: &'a [String],
    gate_id: &str,
) -> BTreeMap<&'a str, Vec<&'a String>> {
    flat(index_of(Series::Drift, paths, gate_id))
}

fn flat(index: Index<'_>) -> BTreeMap<&str, Vec<&String>> {
    let agents = index.into_iter();
    agents
        .map(|(agent, commits)| (agent, commits.into_values().flatten().collect()))
        .collect()
}

/// The paths of the baselines of a gate.
pub(super) fn index<'a>(paths: &'a [String], gate_id: &str) -> Index<'a> {
    index_of(Series::Baselines, paths, gate_id)
}

fn index_of<'a>(series: Series, paths: &'a [String], gate_id: &str) -> Index<'a> {
    let mut index: Index<'a> = BTreeMap::new();
    for path in paths {
        let mut parts = path.split('/');
        let head = (parts.next(), parts.next());
        let (Some(agent), Some(_), Some(file), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if head != (Some(series.root()), Some(gate_id)) || !file.ends_with(RECORD) {
            continue;
        }
        if let Some(commit) = commit_of(path) {
            index
                .entry(agent)
                .or_default()
                .entry(commit)
                .or_default()
                .push(path);
        }
    }
    index
}

/// The commit that a record's name says.
pub(super) fn commit_of(path: &str) -> Option<&str> {
    let (commit, _) = stem(path).split_once('-')?;
    Some(commit)
}

/// The run and its attempt that a record's name says; `None` for a run that no workflow numbered.
pub(super) fn run_and_attempt(path: &str) -> Option<(u64, u64)> {
    let mut parts = stem(path).split('-').skip(1);
    let mut number = || parts.next()?.parse().ok();
    Some((number()?, number()?))
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.strip_suffix(RECORD).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_by_agent_and_commit() {
        let paths = [
            "v1/model-quality/qa/ab/abc-10-1.json",
            "v1/model-quality/qa/ab/abc-9-2.json",
            "v1/model-quality/qa/ab/abc-11-1.answers.jsonl.gz",
            "v1/other/qa/ab/abc-99-1.json",
            "v1-drift/model-quality/qa/ab/abc-12-1.json",
            "README.md",
            "v1/model-quality/qa/ab/deep/abc-1-1.json",
        ]
        .map(str::to_owned);
        let index = index(&paths, "model-quality");
        assert_eq!(index["qa"]["abc"], [&paths[0], &paths[1]]);
        assert_eq!(index.len(), 1);
        let drift = drift_by_agent(&paths, "model-quality");
        assert_eq!(drift["qa"], [&paths[4]]);
    }

    #[test]
    fn a_name_says_which_run_it_was_unless_no_workflow_numbered_it() {
        let of = |name: &str| run_and_attempt(&format!("v1/gate/qa/ab/{name}.json"));
        assert_eq!(of("abc-10-2"), Some((10, 2)));
        assert_eq!(of("abc-local-1"), None);
        assert_eq!(of("abc"), None);
    }
}
