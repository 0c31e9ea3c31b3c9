//! The audit alone: files that somebody names, or all data that the configuration names, every row looked at as new.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::cases::suite_case;
use super::group::{Group, Named};
use super::listing::Globs;
use super::today;
use crate::corpus::{AuditRules, Judged, Purpose, Standing, SuiteCase};
use crate::edge::EntryKind;
use crate::edge::disk;
use crate::gate::side::{Side, read_suite};
use crate::gate::{Files, GateError};
use crate::record::Audit;
use crate::suite::Suite;

/// What is audited.
#[derive(Debug, Default)]
pub struct AuditRequest {
    /// Files, as they were named; none means all data that the configuration names.
    pub files: Vec<PathBuf>,
    /// Files of which it was said that they are validation data.
    pub validation: Vec<PathBuf>,
    /// Suites whose prompts must not stand in the data, besides those of the configuration.
    pub suites: Vec<PathBuf>,
}

/// What came of an audit.
#[derive(Debug)]
pub struct AuditResult {
    /// What was read and found.
    pub audit: Audit,
    /// What a person should know.
    pub notices: Vec<String>,
}

/// Audits files of a working tree; `side` is what its configuration says, where there is one.
pub async fn audit(
    root: &Path,
    side: Option<&Side>,
    request: &AuditRequest,
) -> Result<AuditResult, GateError> {
    let mut notices = Vec::new();
    let mut extra = Vec::new();
    for path in &request.suites {
        extra.extend(cases(&suite(path).await?)?);
    }
    let groups = groups(root, side, request, &mut notices)?;
    let default = AuditRules::default();
    let rules = side.map_or(&default, |side| &side.config.audit);
    let mut judged = Judged::default();
    for mut group in groups {
        group.cases.extend(extra.iter().cloned());
        let agent = group.agent.clone();
        let audited = group.read(rules.context_length).await?;
        let mut of_group = rules.judge(audited, agent.as_ref(), today());
        let untouched = |path: &str| {
            request.files.is_empty() || named(root, request).any(|shown| shown == path)
        };
        of_group.files.retain(|file| untouched(&file.path));
        judged.join(of_group);
    }
    notices.append(&mut judged.expired);
    let audit = Audit {
        files: judged.files,
        findings: judged.findings,
        counts: judged.counts,
    };
    Ok(AuditResult { audit, notices })
}

fn named<'a>(root: &'a Path, request: &'a AuditRequest) -> impl Iterator<Item = String> + 'a {
    let all = request.files.iter().chain(&request.validation);
    all.map(|path| disk::shown_below(root, path))
}

fn groups(
    root: &Path,
    side: Option<&Side>,
    request: &AuditRequest,
    notices: &mut Vec<String>,
) -> Result<Vec<Group>, GateError> {
    let asked: BTreeSet<String> = named(root, request).collect();
    let mut taken = BTreeSet::new();
    let mut groups = Vec::new();
    for stand in side.into_iter().flat_map(|side| &side.stands) {
        let agent = &stand.agent;
        let mut files = Vec::new();
        let validation = covered(root, &agent.validation_data)?;
        let training = covered(root, &agent.training_data)?;
        let training = training
            .into_iter()
            .filter(|path| !validation.contains(path));
        let training = training
            .map(|path| (path, Purpose::Training))
            .collect::<Vec<_>>();
        let validation = validation
            .iter()
            .map(|path| (path.clone(), Purpose::Validation));
        for (path, purpose) in training.into_iter().chain(validation) {
            let standing = if asked.is_empty() || asked.contains(&path) {
                taken.insert(path.clone());
                Standing::AllNew
            } else {
                Standing::Untouched
            };
            files.push(Named {
                place: root.join(&path),
                shown: path,
                purpose,
                standing,
            });
        }
        let own = side.and_then(|side| side.suites.get(&agent.name));
        let cases = own
            .and_then(|suite| suite.as_ref().ok())
            .map_or(Ok(Vec::new()), cases)?;
        let group = Group {
            agent: Some(agent.name.clone()),
            files,
            cases,
        };
        groups.extend(group.is_asked().then_some(group));
    }
    let rest = strangers(root, request, &taken, notices);
    groups.extend(rest.is_asked().then_some(rest));
    if groups.is_empty() {
        let why = "there is no data to audit; name files, or set `training_data` of an agent in the configuration";
        return Err(GateError::Usage(why.to_owned()));
    }
    Ok(groups)
}

/// Named files that belong to no agent: audited together, validation data told by its name where nobody said it.
fn strangers(
    root: &Path,
    request: &AuditRequest,
    taken: &BTreeSet<String>,
    notices: &mut Vec<String>,
) -> Group {
    let said = request
        .validation
        .iter()
        .map(|path| (path, Some(Purpose::Validation)));
    let unsaid = request.files.iter().map(|path| (path, None));
    let mut files: Vec<Named> = Vec::new();
    for (path, purpose) in said.chain(unsaid) {
        let shown = disk::shown_below(root, path);
        if taken.contains(&shown) || files.iter().any(|file| file.shown == shown) {
            continue;
        }
        let purpose = purpose.unwrap_or_else(|| {
            let by_name = purpose_of(path);
            if by_name == Purpose::Validation && request.validation.is_empty() {
                notices.push(format!("{shown} is taken for validation data by its name; `--validation FILE` says so for others"));
            }
            by_name
        });
        files.push(Named {
            place: path.clone(),
            shown,
            purpose,
            standing: Standing::AllNew,
        });
    }
    Group {
        agent: None,
        files,
        cases: Vec::new(),
    }
}

/// What people call their validation data.
fn purpose_of(path: &Path) -> Purpose {
    let name = path
        .file_stem()
        .map(|name| name.to_string_lossy().to_lowercase());
    let is_word =
        |word: &str| ["val", "valid", "validation", "dev", "eval", "heldout"].contains(&word);
    let is_validation =
        name.is_some_and(|name| name.split(|c: char| !c.is_alphanumeric()).any(is_word));
    if is_validation {
        Purpose::Validation
    } else {
        Purpose::Training
    }
}

fn covered(root: &Path, patterns: &[String]) -> Result<Vec<String>, GateError> {
    let globs = Globs::of(patterns);
    let mut paths = Vec::new();
    for start in globs.starts() {
        paths.extend(disk::files_below(root, start)?);
    }
    paths.retain(|path| globs.cover(path, EntryKind::File));
    paths.sort();
    paths.dedup();
    Ok(paths)
}

async fn suite(path: &Path) -> Result<Suite, GateError> {
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let (suite, _) = read_suite(&Files::disk(folder), &name).await?;
    suite.map_err(GateError::Problems)
}

fn cases(suite: &Suite) -> Result<Vec<SuiteCase>, GateError> {
    (0..suite.len())
        .map(|index| suite_case(suite, index).map_err(GateError::Usage))
        .collect()
}
