//! The local disk: reads files of a repository, writes the files of a run. Decides nothing about their content.

mod content;
mod journal;
mod part;
mod shared;

use std::fs;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub use content::{ContentName, entries_below, files_below, named_like, shown_below, with_content};
pub use journal::{Journal, Place};
pub use part::Part;
pub use shared::{link_below, turn_in, write_new};

/// Reading or writing a file failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {source}", .path.display())]
pub struct DiskError {
    /// What was tried.
    pub doing: &'static str,
    /// With which file.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

/// The root of the repository that holds a folder, and the folder's path below it, with `/`; `None` outside of one.
pub fn repository_around(folder: &Path) -> Option<(PathBuf, String)> {
    let folder = fs::canonicalize(folder).ok()?;
    let root = folder
        .ancestors()
        .find(|folder| folder.join(".git").exists())?;
    let inside: Option<Vec<&str>> = folder
        .strip_prefix(root)
        .ok()?
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect();
    Some((root.to_owned(), inside?.join("/")))
}

/// Where a path of a repository leads, links followed: `None` where that is nothing, outside, or git's own.
pub fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let (root, place) = (fs::canonicalize(root).ok()?, fs::canonicalize(path).ok()?);
    let below = place.strip_prefix(root).ok()?;
    let own = below.components().any(|part| part.as_os_str() == ".git");
    (!own).then_some(place)
}

/// Whether a file lies at a path: no folder, no link, nothing that would be waited for.
pub fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Whether anything lies at a path, were it a link that leads nowhere.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The bytes of a file; `None` where there is none.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DiskError {
            doing: "read",
            path: path.to_owned(),
            source,
        }),
    }
}

/// The bytes of a file, at most so many and one more, so that a larger one can be told; `None` where there is none.
pub fn read_at_most(path: &Path, most: usize) -> Result<Option<Vec<u8>>, DiskError> {
    let fail = |source| DiskError {
        doing: "read",
        path: path.to_owned(),
        source,
    };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(fail(source)),
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(fail)?;
    Ok(Some(bytes))
}

/// Whether a file of this name holds JSON Lines.
pub fn is_json_lines(name: &str) -> bool {
    has_ending(Path::new(name), "jsonl")
}

/// Whether the name of a file ends in a dot and this.
pub fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|end| end == ending)
}

/// The files of a folder whose names end in `.jsonl`, by path relative to `root`, sorted.
pub fn json_lines_in(root: &Path, folder: &str) -> Result<Vec<(String, Vec<u8>)>, DiskError> {
    let path = root.join(folder);
    let fail = |source| DiskError {
        doing: "read the folder",
        path: path.clone(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(&path).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        names.extend(
            name.to_str()
                .filter(|name| is_json_lines(name))
                .map(str::to_owned),
        );
    }
    names.sort();
    let mut files = Vec::new();
    for name in names {
        let bytes = read(&path.join(&name))?;
        files.extend(bytes.map(|bytes| (format!("{folder}/{name}"), bytes)));
    }
    Ok(files)
}

/// A file that is read from its start, and in parts again later.
#[derive(Debug)]
pub struct Text {
    file: Mutex<fs::File>,
    length: u64,
}

impl Text {
    /// Opens a file; `None` where there is none.
    pub fn open(path: &Path) -> Result<Option<Self>, DiskError> {
        let fail = |source| DiskError {
            doing: "read",
            path: path.to_owned(),
            source,
        };
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(fail(source)),
        };
        let length = file.metadata().map_err(fail)?.len();
        let file = Mutex::new(file);
        Ok(Some(Self { file, length }))
    }

    /// Bytes it had when it was opened.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Its content from the start. It must be read to its end before a part is read.
    pub fn from_start(&self) -> io::Result<BufReader<fs::File>> {
        let mut file = self.lock().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    }

    /// So many bytes from an offset.
    pub fn part(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = self.lock();
        let mut bytes = vec![0; length];
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, fs::File> {
        self.file
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Writes a file whole: a reader sees the former file or the new one, never a part.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), DiskError> {
    let fail = failed_to_write(path);
    write_with(path, |file| file.write_all(content.as_ref()).map_err(&fail))
}

/// The same with content that comes piece by piece.
pub fn write_with<T, E: From<DiskError>>(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<Part>) -> Result<T, E>,
) -> Result<T, E> {
    let fail = failed_to_write(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(&fail)?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let written = fresh(&part).map_err(&fail).map_err(E::from);
    let written = written.and_then(|file| {
        let mut file = BufWriter::with_capacity(1 << 16, Part::new(file));
        let result = content(&mut file).map_err(|why| {
            let broke = file.get_mut().broke();
            broke.map_or(why, |source| fail(source).into())
        })?;
        file.flush().map_err(&fail)?;
        fs::rename(&part, path).map_err(&fail)?;
        Ok(result)
    });
    if written.is_err() {
        // A part is of no use; that it cannot be removed either is not the news.
        fs::remove_file(&part).ok();
    }
    written
}

/// An empty file, whatever was there before.
fn fresh(path: impl AsRef<Path>) -> io::Result<fs::File> {
    clear(path.as_ref())?;
    fs::File::create_new(path)
}

/// Removes what is at a path, if anything is. A workspace may have been filled by a stranger: a link itself is removed,
/// not what it leads to.
fn clear(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What a file that cannot be written is told as.
pub fn failed_to_write(path: &Path) -> impl Fn(io::Error) -> DiskError {
    let path = path.to_owned();
    move |source| DiskError {
        doing: "write",
        path: path.clone(),
        source,
    }
}

/// The files of this name in a folder and in all folders below it, sorted; none where there is no such folder. Links are
/// not followed.
pub fn files_named(name: &str, folder: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        let fail = |source| DiskError {
            doing: "read the folder",
            path: folder.clone(),
            source,
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(source) if source.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(fail(source)),
        };
        for entry in entries {
            let entry = entry.map_err(fail)?;
            let kind = entry.file_type().map_err(fail)?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() && entry.file_name() == name {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether two paths lead to one file that is there.
pub fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Copies a file to wherever results are printed.
pub fn copy(path: &Path, to: &mut impl Write) -> Result<(), DiskError> {
    let copied = fs::File::open(path).and_then(|mut file| io::copy(&mut file, to));
    copied.map(drop).map_err(|source| DiskError {
        doing: "print",
        path: path.to_owned(),
        source,
    })
}

/// Gives a file the owner of another one: a container runs as root, and the runner's next step must be able to
/// replace what it left in the workspace. Best effort.
pub fn own_like(path: &Path, like: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        if let Ok(owner) = fs::metadata(like) {
            // A refusal means that the owner is ours already or cannot be changed; both leave a readable file.
            chown(path, Some(owner.uid()), Some(owner.gid())).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_waits_where_a_file_is_prepared_is_removed_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("run.json"), folder.path().join("other"));
        fs::write(&other, "not ours\n").unwrap();
        std::os::unix::fs::symlink(&other, folder.path().join("run.json.part")).unwrap();
        write(&path, "ours\n").unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "not ours\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours\n");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
    }

    #[test]
    fn what_an_interrupted_write_left_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        fs::write(folder.path().join("run.json.part"), "half of a longer text").unwrap();
        write(&path, "ours\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours\n");
    }
}
