//! Baselines and the audit of training data: where they are kept, and which findings are known.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::raw::{RawBaseline, RawIgnore, RawStore};
use super::settings::{Baseline, Store};
use super::units::AtLeastOne;
use crate::corpus::{AuditRules, Code, Ignore};
use crate::policy::Severity;
use crate::problem::{nearest, shown};
use crate::yaml::{Items, Spot, glob, repository_path};

/// The folder of baselines where `path` does not name another one.
const FOLDER: &str = "tunegate-baselines/";

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
            let folder = raw.path.as_deref().unwrap_or(FOLDER);
            let path = repository_path(spot.file(), folder);
            let path = path.map_err(|why| spot.child("path").report(why));
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
        pinned: raw.pinned.filter(|pinned| pinned != "none").inspect(|pinned| {
            if !is_commit(pinned) {
                spot.child("pinned").report(
                    "expected the commit whose record it is, in 7 to 40 hexadecimal digits, or `none`",
                );
            }
        }),
        answers: raw.answers.unwrap_or(default.answers),
    }
}

/// A commit, whole or as far as it is usually written.
fn is_commit(text: &str) -> bool {
    (7..=40).contains(&text.len()) && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
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

/// The key of `audit` that is neither a code nor `ignore`.
const CONTEXT_LENGTH: &str = "context_length";

pub(super) fn audit(spot: &Spot<'_>) -> AuditRules {
    let mut severities = BTreeMap::new();
    let codes = spot.entries().into_iter();
    for (name, value) in codes.filter(|(key, _)| !["ignore", CONTEXT_LENGTH].contains(key)) {
        match Code::named(name) {
            Some(code) => {
                let severity = value.read::<Severity>();
                severities.extend(severity.map(|severity| (code, severity)));
            }
            None => spot.report_key(name, no_code(name)),
        }
    }
    let list = spot.present("ignore");
    if let Some(list) = &list {
        list.read::<Items<RawIgnore>>();
    }
    let ignore = list.map(|list| list.items()).unwrap_or_default();
    let context = spot
        .present(CONTEXT_LENGTH)
        .and_then(|spot| spot.read::<AtLeastOne>());
    AuditRules {
        ignore: ignore.iter().filter_map(ignored).collect(),
        severities,
        context_length: context.map(|tokens| u64::from(tokens.0)),
    }
}

fn no_code(name: &str) -> String {
    let codes = Code::ALL.map(Code::as_str);
    let hint = match nearest(name, codes.into_iter().chain(["ignore", CONTEXT_LENGTH])) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", codes.join(", ")),
    };
    format!("`{}` is no code of a finding; {hint}", shown(name))
}

fn ignored(spot: &Spot<'_>) -> Option<Ignore> {
    let raw: RawIgnore = spot.read()?;
    let code = Code::named(&raw.code);
    if code.is_none() {
        spot.child("code").report(no_code(&raw.code));
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
    Some(Ignore {
        code: code?,
        path,
        reason: raw.reason,
        until,
    })
}
