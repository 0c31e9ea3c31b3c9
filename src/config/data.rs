//! Baselines and the audit of training data: where they are kept, and which findings are known.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::raw::{RawBaseline, RawIgnore, RawStore};
use super::settings::{Audit, Baseline, Ignore, Store};
use crate::policy::Severity;
use crate::problem::shown;
use crate::yaml::{Items, Spot, glob, repository_path};

pub(super) fn baseline(spot: &Spot<'_>, raw: Option<RawBaseline>) -> Baseline {
    let default = Baseline::default();
    let Some(raw) = raw else {
        return default;
    };
    let store = match raw.store.unwrap_or(RawStore::Branch) {
        RawStore::Branch => {
            if spot.has("path") {
                spot.report_key(
                    "path",
                    "`path` has a meaning with `store: path` only; add that or remove it",
                );
            }
            let branch = raw
                .branch
                .filter(|branch| valid_branch(&spot.child("branch"), branch));
            branch.map_or(default.store, Store::Branch)
        }
        RawStore::Path => {
            if spot.has("branch") {
                spot.report_key(
                    "branch",
                    "`branch` has no meaning with `store: path`; remove it",
                );
            }
            if !spot.has("path") {
                spot.report("`store: path` needs `path`, the folder of baselines");
            }
            let path = raw.path.and_then(|path| {
                let path = repository_path(spot.file(), &path);
                path.map_err(|why| spot.child("path").report(why)).ok()
            });
            Store::Path(path.unwrap_or_default())
        }
    };
    for (pattern, spot) in raw
        .branches
        .iter()
        .flatten()
        .zip(spot.child("branches").items())
    {
        if let Err(why) = glob(pattern) {
            spot.report(why);
        }
    }
    Baseline {
        store,
        branches: raw.branches.unwrap_or(default.branches),
        mode: raw.mode.unwrap_or(default.mode),
        pinned: raw.pinned.filter(|pinned| pinned != "none"),
        answers: raw.answers.unwrap_or(default.answers),
    }
}

/// What git allows as the name of a branch, nearly: <https://git-scm.com/docs/git-check-ref-format>.
fn valid_branch(spot: &Spot<'_>, name: &str) -> bool {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let bad_part = |part: &str| {
        part.is_empty() || part.starts_with('.') || part.split('.').next_back() == Some("lock")
    };
    let bad = name.starts_with('-')
        || name.ends_with('.')
        || name.contains("..")
        || name.contains("@{")
        || name.chars().any(forbidden)
        || name.split('/').any(bad_part);
    if bad {
        spot.report(format!("`{}` is no name of a branch", shown(name)));
    }
    !bad
}

pub(super) fn audit(spot: &Spot<'_>) -> Audit {
    let mut severities = BTreeMap::new();
    for (code, value) in spot
        .entries()
        .into_iter()
        .filter(|(key, _)| *key != "ignore")
    {
        if valid_code(code) {
            severities.extend(
                value
                    .read::<Severity>()
                    .map(|severity| (code.to_owned(), severity)),
            );
        } else {
            spot.report_key(
                code,
                format!(
                    "`{}` is no code of a finding, such as duplicate-row",
                    shown(code)
                ),
            );
        }
    }
    let list = spot.present("ignore");
    if let Some(list) = &list {
        list.read::<Items<RawIgnore>>();
    }
    let ignore = list.map(|list| list.items()).unwrap_or_default();
    let ignore = ignore.iter().filter_map(ignored).collect();
    Audit { ignore, severities }
}

fn valid_code(code: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    code.starts_with(|c: char| c.is_ascii_lowercase()) && code.chars().all(word)
}

fn ignored(spot: &Spot<'_>) -> Option<Ignore> {
    let raw: RawIgnore = spot.read()?;
    if !valid_code(&raw.code) {
        spot.child("code")
            .report("this is no code of a finding, such as duplicate-row");
    }
    if raw.reason.trim().is_empty() {
        spot.child("reason")
            .report("the reason is empty; write why the finding is accepted");
    }
    let day = |until: String| {
        let day = until.parse::<Date>();
        if day.is_err() {
            let message = format!(
                "expected a day such as 2027-01-01, found \"{}\"",
                shown(&until)
            );
            spot.child("until").report(message);
        }
        day.ok()
    };
    let until = raw.until.and_then(day);
    let path = repository_path(spot.file(), &raw.path).and_then(|path| glob(&path).map(|_| path));
    let path = path.map_err(|why| spot.child("path").report(why)).ok()?;
    let (code, reason) = (raw.code, raw.reason);
    Some(Ignore {
        code,
        path,
        reason,
        until,
    })
}
