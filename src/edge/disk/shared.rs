//! Places that others may have prepared: what leads elsewhere. Decides nothing about what that means.

use std::fs;
use std::path::{Component, Path, PathBuf};

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

#[cfg(test)]
mod tests {
    use super::*;

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
