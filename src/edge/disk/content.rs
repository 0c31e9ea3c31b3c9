//! A file of a working tree that is taken for a file of a commit: only where its content has that file's name.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::{DiskError, Text};
use crate::edge::EntryKind;

/// What names the content of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentName {
    /// Git's name of the blob, in hexadecimal digits.
    Blob(String),
    /// Git LFS: a SHA-256 of the content itself, in hexadecimal digits.
    Sha256(String),
}

/// The pieces in which a file is read.
const PIECE: usize = 1 << 17;

/// Opens a file if it holds exactly this content; `None` where it does not, or is no file.
pub fn with_content(path: &Path, wanted: &ContentName) -> Result<Option<Text>, DiskError> {
    // A link is not what a commit calls a file.
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        return Ok(None);
    }
    let Some(text) = Text::open(path)? else {
        return Ok(None);
    };
    let fail = |source| DiskError {
        doing: "read",
        path: path.to_owned(),
        source,
    };
    let name = name(&text, wanted).map_err(fail)?;
    let (ContentName::Blob(wanted) | ContentName::Sha256(wanted)) = wanted;
    Ok((name == *wanted).then_some(text))
}

/// What names a text in the way in which another one is named. A blob without a name is one of most repositories.
pub fn named_like(text: &Text, other: &ContentName) -> io::Result<ContentName> {
    let name = name(text, other)?;
    Ok(match other {
        ContentName::Blob(_) => ContentName::Blob(name),
        ContentName::Sha256(_) => ContentName::Sha256(name),
    })
}

/// The name of a text of the same kind as the one that is wanted.
fn name(text: &Text, wanted: &ContentName) -> io::Result<String> {
    let mut hasher = match wanted {
        ContentName::Sha256(_) => Context::new(&SHA256),
        ContentName::Blob(name) => {
            // Git names objects by SHA-1, or by SHA-256 in repositories that were made for it.
            let algorithm = if name.len() == 64 {
                &SHA256
            } else {
                &SHA1_FOR_LEGACY_USE_ONLY
            };
            let mut hasher = Context::new(algorithm);
            hasher.update(format!("blob {}\0", text.length()).as_bytes());
            hasher
        }
    };
    let mut reader = text.from_start()?;
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece)? {
            0 => break,
            length => hasher.update(piece.get(..length).unwrap_or_default()),
        }
    }
    Ok(hexadecimal(hasher.finish().as_ref()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

/// A path as people read it: from the root with `/` where it lies below it, else as it was given.
pub fn shown_below(root: &Path, path: &Path) -> String {
    let inside = fs::canonicalize(root).ok().zip(fs::canonicalize(path).ok());
    let inside = inside.and_then(|(root, path)| Some(path.strip_prefix(root).ok()?.to_path_buf()));
    let shown = inside.unwrap_or_else(|| path.to_path_buf());
    shown.to_string_lossy().replace('\\', "/")
}

/// The files below a folder of a repository, by path from its root, sorted; those of `.git` and linked ones left out.
/// There are none where there is no such folder; a path that is a file is that file.
pub fn files_below(root: &Path, start: &str) -> Result<Vec<String>, DiskError> {
    let entries = entries_below(root, start)?.into_iter();
    let files = entries.filter(|(_, kind)| *kind == EntryKind::File);
    Ok(files.map(|(path, _)| path).collect())
}

/// The same with the links, which are not walked through.
pub fn entries_below(root: &Path, start: &str) -> Result<Vec<(String, EntryKind)>, DiskError> {
    let (mut found, mut open) = (Vec::new(), vec![PathBuf::from(start)]);
    while let Some(inside) = open.pop() {
        let path = root.join(&inside);
        let fail = |source| DiskError {
            doing: "read the folder",
            path: path.clone(),
            source,
        };
        let kind = match fs::symlink_metadata(&path) {
            Ok(found) => found.file_type(),
            Err(source) if source.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(fail(source)),
        };
        let named = match (kind.is_file(), kind.is_symlink()) {
            (true, _) => Some(EntryKind::File),
            (_, true) => Some(EntryKind::Symlink),
            (false, false) => None,
        };
        if let Some(named) = named {
            let path = inside.to_str().map(|inside| inside.replace('\\', "/"));
            found.extend(path.map(|path| (path, named)));
        } else if kind.is_dir() && !inside.ends_with(".git") {
            for entry in fs::read_dir(&path).map_err(fail)? {
                open.push(inside.join(entry.map_err(fail)?.file_name()));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `git hash-object` and `sha256sum` say so of "hello\n".
    const BLOB: &str = "ce013625030ba8dba906f756967f9e9ca394464a";
    const SHA256: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    #[test]
    fn a_file_is_taken_only_for_the_content_that_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "hello\n").unwrap();
        let is = |wanted| with_content(&path, &wanted).unwrap().is_some();
        assert!(is(ContentName::Blob(BLOB.to_owned())));
        assert!(is(ContentName::Sha256(SHA256.to_owned())));
        assert!(!is(ContentName::Blob("0".repeat(40))));
        assert!(!is(ContentName::Blob("0".repeat(64))));
        assert!(!is(ContentName::Sha256(BLOB.to_owned())));
        let text = Text::open(&path).unwrap().unwrap();
        let blob = ContentName::Blob(BLOB.to_owned());
        for like in [
            ContentName::Blob(String::new()),
            ContentName::Blob("0".repeat(40)),
        ] {
            assert_eq!(named_like(&text, &like).unwrap(), blob);
        }
        // `git hash-object` says so in a repository of SHA-256.
        let long = "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4";
        assert_eq!(
            named_like(&text, &ContentName::Blob("0".repeat(64))).unwrap(),
            ContentName::Blob(long.to_owned())
        );
        assert_eq!(
            named_like(&text, &ContentName::Sha256(String::new())).unwrap(),
            ContentName::Sha256(SHA256.to_owned())
        );
        let absent = with_content(
            &folder.path().join("b"),
            &ContentName::Blob(BLOB.to_owned()),
        );
        assert!(absent.unwrap().is_none());
        assert!(
            with_content(folder.path(), &ContentName::Blob(BLOB.to_owned()))
                .unwrap()
                .is_none()
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_no_file_and_is_not_walked_through() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("data/deep")).unwrap();
        fs::create_dir_all(root.join("data/.git")).unwrap();
        for name in ["data/b.jsonl", "data/deep/a.jsonl", "data/.git/config"] {
            fs::write(root.join(name), "hello\n").unwrap();
        }
        std::os::unix::fs::symlink(root.join("data/b.jsonl"), root.join("data/c.jsonl")).unwrap();
        std::os::unix::fs::symlink(root.join("data"), root.join("linked")).unwrap();
        assert_eq!(
            files_below(root, "data").unwrap(),
            ["data/b.jsonl", "data/deep/a.jsonl"]
        );
        assert_eq!(files_below(root, "data/b.jsonl").unwrap(), ["data/b.jsonl"]);
        assert_eq!(files_below(root, "linked").unwrap(), Vec::<String>::new());
        assert_eq!(files_below(root, "absent").unwrap(), Vec::<String>::new());
        let linked = with_content(
            &root.join("data/c.jsonl"),
            &ContentName::Blob(BLOB.to_owned()),
        );
        assert!(linked.unwrap().is_none());
    }
}
