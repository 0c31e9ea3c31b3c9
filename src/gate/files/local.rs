//! Finds a file in a commit of the repository on this machine. A symbolic link reads as the file that it leads to, as
//! GitHub reads it.

use super::unreadable;
use crate::edge::git::Repository;
use crate::edge::{Entry, EntryKind, Tree};
use crate::gate::GateError;

/// Links that lead to links.
const MOST_LINKS: usize = 10;
pub(super) const LEADS_OUT: &str =
    "it is a symbolic link that leads to no file of this repository; put the file itself there";
pub(super) const SUBMODULE: &str = "it is a submodule, not a file";

/// The entry of a file; `None` where there is none.
pub(super) fn find<'t>(
    repository: &Repository,
    tree: &'t Tree,
    path: &str,
) -> Result<Option<&'t Entry>, GateError> {
    let mut wanted = path.to_owned();
    for _ in 0..=MOST_LINKS {
        let Some(entry) = tree.entries.iter().find(|entry| entry.path == wanted) else {
            let folder = format!("{wanted}/");
            let is_folder = tree
                .entries
                .iter()
                .any(|entry| entry.path.starts_with(&folder));
            return match (is_folder, wanted == path) {
                (true, true) => Err(unreadable(path, "it is a folder, not a file")),
                (false, true) => Ok(None),
                (_, false) => Err(unreadable(path, LEADS_OUT)),
            };
        };
        match entry.kind() {
            EntryKind::File => return Ok(Some(entry)),
            EntryKind::Submodule => return Err(unreadable(path, SUBMODULE)),
            EntryKind::Symlink => {
                let target = repository.blob(&entry.blob)?;
                let target = std::str::from_utf8(&target).ok();
                let target = target.and_then(|target| led_to(&wanted, target));
                wanted = target.ok_or_else(|| unreadable(path, LEADS_OUT))?;
            }
        }
    }
    Err(unreadable(path, LEADS_OUT))
}

/// The path that a link leads to, if that is inside of the repository.
fn led_to(link: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_file_beside_it_and_never_out() {
        for (link, target, led) in [
            ("a", "b", Some("b")),
            ("x/a", "b", Some("x/b")),
            ("x/y/a", "../../b/./c", Some("b/c")),
            ("a", "../b", None),
            ("x/a", "../../b", None),
            ("a", "/etc/passwd", None),
        ] {
            assert_eq!(led_to(link, target).as_deref(), led, "{link} -> {target}");
        }
    }
}
