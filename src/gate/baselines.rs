//! Finds and stores the baseline of each agent on the data branch.
//!
//! One immutable file an agent and run: `v1/GATE/AGENT/XX/COMMIT-RUN-ATTEMPT.json`, XX being the commit's first two
//! digits. A record that cannot be relied on is an error, never "no baseline".

use std::collections::BTreeMap;

use super::{GateError, Ledger};
use crate::agent::{AgentName, Candidate};
use crate::baseline::Baseline;
use crate::edge::github::{BranchStore, CommitSha, GitHub, NewFile};
use crate::record::{Kept, Outcome, RunRecord, read as read_record};
use crate::score::digest;

/// Commits that are looked through for a record: ten requests.
const MOST_PAGES: u32 = 10;

/// An agent whose baseline is wanted, with what it comes to on the deciding side.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a AgentName,
    pub(super) candidate: Option<&'a Candidate>,
}

/// The newest record of each agent at or before a commit, of the very candidate that the deciding side has.
pub(super) async fn find(
    github: &GitHub,
    store: &BranchStore<'_>,
    gate_id: &str,
    wanted: &[Wanted<'_>],
    from: &CommitSha,
) -> Result<BTreeMap<AgentName, Result<Baseline, String>>, GateError> {
    let paths = store.list().await?;
    let stored = index(&paths, gate_id);
    let mut found = BTreeMap::new();
    let mut open: Vec<&Wanted<'_>> = Vec::new();
    for one in wanted {
        if stored.contains_key(one.name.as_str()) {
            open.push(one);
        } else {
            found.insert(one.name.clone(), Err("no record is stored yet".to_owned()));
        }
    }
    for page in 1..=MOST_PAGES {
        if open.is_empty() {
            break;
        }
        let commits = github.ancestors(from, page).await?;
        for commit in &commits {
            settle(store, &stored, commit, &mut open, &mut found).await?;
        }
        if commits.is_empty() {
            break;
        }
    }
    for one in open {
        let why = "no record of the base's model is stored at or before the commit where the pull request began";
        found.insert(one.name.clone(), Err(why.to_owned()));
    }
    Ok(found)
}

/// The paths of records, by agent and commit, newest run last.
type Index<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a String>>>;

fn index<'a>(paths: &'a [String], gate_id: &str) -> Index<'a> {
    let mut index: Index<'a> = BTreeMap::new();
    for path in paths {
        let mut parts = path.split('/');
        let head = (parts.next(), parts.next());
        let (Some(agent), Some(_), Some(file), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if head != (Some("v1"), Some(gate_id)) {
            continue;
        }
        if let Some((commit, _)) = file.split_once('-') {
            index
                .entry(agent)
                .or_default()
                .entry(commit)
                .or_default()
                .push(path);
        }
    }
    for paths in index.values_mut().flat_map(BTreeMap::values_mut) {
        paths.sort_by_key(|path| run_and_attempt(path));
    }
    index
}

fn run_and_attempt(path: &str) -> (u64, u64) {
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".json");
    let mut numbers = name
        .split('-')
        .skip(1)
        .map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

async fn settle(
    store: &BranchStore<'_>,
    stored: &Index<'_>,
    commit: &CommitSha,
    open: &mut Vec<&Wanted<'_>>,
    found: &mut BTreeMap<AgentName, Result<Baseline, String>>,
) -> Result<(), GateError> {
    let mut settled = Vec::new();
    for one in open.iter() {
        let paths = stored
            .get(one.name.as_str())
            .and_then(|commits| commits.get(commit.as_str()));
        for path in paths.into_iter().flatten().rev() {
            let record = read(store, path).await?;
            if matches(&record, one)? {
                let baseline = Baseline {
                    record,
                    origin: (*path).clone(),
                };
                found.insert(one.name.clone(), Ok(baseline));
                settled.push(one.name.clone());
                break;
            }
        }
    }
    open.retain(|one| !settled.contains(one.name));
    Ok(())
}

async fn read(store: &BranchStore<'_>, path: &str) -> Result<RunRecord, GateError> {
    let Some(bytes) = store.read(path).await? else {
        return Err(GateError::Usage(format!(
            "the baseline {path} was listed and is not there"
        )));
    };
    // What the models said and lost back then is for people who open the record.
    read_record(|| Ok(&*bytes), Kept::Numbers).map_err(|source| GateError::Baseline {
        path: path.to_owned(),
        source,
    })
}

fn matches(record: &RunRecord, wanted: &Wanted<'_>) -> Result<bool, GateError> {
    let (Some(agent), Some(candidate), None) =
        (record.agent(wanted.name), wanted.candidate, record.shard)
    else {
        return Ok(false);
    };
    Ok(agent.candidate_digest == digest(candidate)?.to_string())
}

/// The files that make a passed run the baseline of the agents that it measured; none where it did not pass.
pub(super) fn files_of(ledger: &Ledger<'_>) -> Result<Vec<NewFile>, GateError> {
    let record = ledger.record();
    let (Outcome::Pass, Some(commit), None) = (
        record.verdict.outcome,
        record.source.commit.as_deref(),
        record.shard,
    ) else {
        return Ok(Vec::new());
    };
    let folder: String = commit.chars().take(2).collect();
    let mut files = Vec::new();
    for agent in record.touched().filter(|agent| agent.score.is_some()) {
        files.push(NewFile {
            path: format!(
                "v1/{}/{}/{folder}/{commit}-{}-{}.json",
                record.gate_id, agent.name, record.run.id, record.run.attempt
            ),
            bytes: ledger.stored(&agent.name)?,
        });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_by_agent_and_commit_and_a_later_run_comes_last() {
        let paths = [
            "v1/model-quality/qa/ab/abc-10-1.json",
            "v1/model-quality/qa/ab/abc-9-2.json",
            "v1/other/qa/ab/abc-99-1.json",
            "README.md",
            "v1/model-quality/qa/ab/deep/abc-1-1.json",
        ]
        .map(str::to_owned);
        let index = index(&paths, "model-quality");
        assert_eq!(index["qa"]["abc"], [&paths[1], &paths[0]]);
        assert_eq!(index.len(), 1);
    }
}
