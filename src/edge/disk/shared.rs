//! Places that others may have prepared or write at the same time: what leads elsewhere, whose turn it is, and files that
//! never replace one. Decides nothing about what they mean.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use super::{DiskError, failed_to_write, fresh};

/// The first symbolic link on the way from a folder to a path below it, by its path from that folder with `/`. There is
/// none on a way that leaves the folder: whoever names that knows where it is.
pub fn link_below(root: &Path, path: &Path) -> Option<String> {
    let whole = root.join(path);
    let mut reached = PathBuf::new();
    for part in whole.strip_prefix(root).ok()?.components() {
        match part {
            Component::Normal(name) => reached.push(name),
            Component::ParentDir if reached.pop() => continue,
            Component::ParentDir | Component::Prefix(_) | Component::RootDir => return None,
            Component::CurDir => continue,
        }
        if fs::symlink_metadata(root.join(&reached)).is_ok_and(|found| found.is_symlink()) {
            return Some(reached.to_string_lossy().replace('\\', "/"));
        }
    }
    None
}

/// Waits until no other process has its turn in a folder, which is made where it is not there; the turn ends with what is
/// returned. Where a folder cannot be locked, nobody waits.
pub fn turn_in(folder: &Path) -> Result<Option<File>, DiskError> {
    fs::create_dir_all(folder).map_err(|source| DiskError {
        doing: "make the folder",
        path: folder.to_owned(),
        source,
    })?;
    let turn = File::open(folder).and_then(|file| file.lock().map(|()| file));
    Ok(turn.ok())
}

/// Writes a file whole if there is none at its path; says whether it did. Of several processes that do so at once one does.
pub fn write_new(path: &Path, content: &[u8]) -> Result<bool, DiskError> {
    let fail = failed_to_write(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(&fail)?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let written = fresh(&part).and_then(|mut file| file.write_all(content));
    let placed = written.and_then(|()| place(Path::new(&part), path, content));
    // A part is of no use; that it cannot be removed either is not the news.
    fs::remove_file(&part).ok();
    match placed {
        Ok(()) => Ok(true),
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(why) => Err(fail(why)),
    }
}

/// Gives a file its name, which a rename would take away from another one.
fn place(part: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    match fs::hard_link(part, path) {
        // Some file systems give a file one name only.
        Err(why) if why.kind() != ErrorKind::AlreadyExists => {
            let mut file = File::create_new(path)?;
            let written = file.write_all(content);
            if written.is_err() {
                fs::remove_file(path).ok();
            }
            written
        }
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_not_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/record.json");
        assert!(write_new(&path, b"first").unwrap());
        assert!(!write_new(&path, b"second").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        let left = fs::read_dir(path.parent().unwrap()).unwrap();
        assert_eq!(left.count(), 1);
    }

    #[test]
    fn whoever_has_the_turn_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baselines");
        let first = turn_in(&path).unwrap();
        let other = File::open(&path);
        assert_eq!(
            first.is_some(),
            other.is_ok_and(|other| other.try_lock().is_err())
        );
        drop(first);
        assert_eq!(turn_in(&path).unwrap().is_some(), cfg!(unix));
    }

    #[cfg(unix)]
    #[test]
    fn the_first_link_on_the_way_is_named_and_one_elsewhere_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("data")).unwrap();
        std::os::unix::fs::symlink("data", root.join("linked")).unwrap();
        std::os::unix::fs::symlink("gone", root.join("data/dangling")).unwrap();
        std::os::unix::fs::symlink(&root, folder.path().join("outside")).unwrap();
        let on_the_way = |path: &str| link_below(&root, Path::new(path));
        assert_eq!(on_the_way("linked/deep/file").as_deref(), Some("linked"));
        assert_eq!(on_the_way("data/../linked").as_deref(), Some("linked"));
        assert_eq!(
            on_the_way("data/dangling").as_deref(),
            Some("data/dangling")
        );
        for none in ["data/file", "absent/file", "../outside", "."] {
            assert_eq!(on_the_way(none), None, "{none}");
        }
        assert_eq!(link_below(&root, &folder.path().join("outside")), None);
    }
}
