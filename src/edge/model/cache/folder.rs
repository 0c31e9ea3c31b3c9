//! The files of kept answers: one each, in 256 folders by the first two digits of the name. A file appears whole or not
//! at all, so processes may share the folder; the time of last use is the file's own. Never follows a link, and never
//! removes what it would not have written.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::entry::Key;
use crate::edge::own_like;

/// What is larger was not written here.
const LARGEST: u64 = 64 * 1024 * 1024;
/// The smallest place that a file takes on usual disks; it also bounds how many there are.
const BLOCK: u64 = 4096;
/// A part that nobody finished for so long never will be.
const STALE: Duration = Duration::from_hours(1);
/// Tells programs that make backups to leave the folder out: <https://bford.info/cachedir/>.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Answers of language models, kept by tunegate.\n";

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    path: String,
    /// What tells the parts of this process from those of any other.
    own: u64,
    parts: AtomicU64,
}

/// A kept answer as far as its place is concerned.
struct Leaf {
    used: SystemTime,
    size: u64,
    path: PathBuf,
}

impl Folder {
    /// The folder, made where it is not there.
    pub(super) fn open(repository: &Path, path: &str) -> io::Result<Self> {
        let mut root = repository.to_owned();
        for part in Path::new(path).components() {
            let Component::Normal(name) = part else {
                continue;
            };
            root.push(name);
            match fs::symlink_metadata(&root) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(io::Error::new(ErrorKind::NotADirectory, "no folder")),
                Err(why) if why.kind() == ErrorKind::NotFound => {
                    make_folder(&root, repository)?;
                }
                Err(why) => return Err(why),
            }
        }
        let folder = Self {
            root,
            path: path.to_owned(),
            own: RandomState::new().hash_one(std::process::id()),
            parts: AtomicU64::new(0),
        };
        // Answers do not belong into a commit. A folder that takes neither file may still be read.
        folder.mark(".gitignore", "*\n").ok();
        folder.mark("CACHEDIR.TAG", TAG).ok();
        Ok(folder)
    }

    /// Its name for people.
    pub(super) fn shown(&self) -> String {
        format!("`{}`", self.path)
    }

    fn mark(&self, name: &str, content: &str) -> io::Result<()> {
        let path = self.root.join(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        file.write_all(content.as_bytes())?;
        own_like(&path, &self.root);
        Ok(())
    }

    /// The bytes of an answer, which counts as used now; `None` where there is none.
    pub(super) fn read(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        let path = self.place(key);
        let found = match fs::symlink_metadata(&path) {
            Ok(found) => found,
            Err(why) if is_absent(&why) => return Ok(None),
            Err(why) => return Err(why),
        };
        // A pipe would be waited for, a device read for ever. Neither carries a seal, nor do no bytes at all.
        if !found.is_file() || found.len() > LARGEST {
            return Ok(Some(Vec::new()));
        }
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(why) if is_absent(&why) => return Ok(None),
            Err(why) => return Err(why),
        };
        let mut bytes = Vec::new();
        (&mut file).take(LARGEST).read_to_end(&mut bytes)?;
        // Where it cannot be noted, the answer only goes sooner.
        file.set_modified(SystemTime::now()).ok();
        Ok(Some(bytes))
    }

    /// Keeps the bytes of an answer in place of any that are there.
    pub(super) fn write(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        let place = self.place(key);
        let drawer = place.parent().unwrap_or(&self.root);
        match fs::symlink_metadata(drawer) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(io::Error::new(ErrorKind::NotADirectory, "no folder")),
            Err(_) => make_folder(drawer, &self.root)?,
        }
        let number = self.parts.fetch_add(1, Ordering::Relaxed);
        let part = drawer.join(format!("{:x}-{number:x}.part", self.own));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&part)?;
        let written = file.write_all(bytes).and_then(|()| {
            own_like(&part, &self.root);
            fs::rename(&part, &place)
        });
        if written.is_err() {
            fs::remove_file(&part).ok();
        }
        written
    }

    /// Removes the answers that were used least recently, until the rest takes no more than `most` bytes. Best effort:
    /// another process may do the same at the same time.
    pub(super) fn sweep(&self, most: u64) {
        let mut total: u64 = 0;
        self.each(|leaf| total = total.saturating_add(leaf.size));
        if total <= most {
            return;
        }
        let mut leaves = Vec::new();
        self.each(|leaf| leaves.push(leaf));
        leaves.sort_unstable_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        for leaf in leaves {
            if total <= most {
                break;
            }
            if fs::remove_file(&leaf.path).is_ok() {
                total = total.saturating_sub(leaf.size);
            }
        }
    }

    /// Visits every answer, and clears away what a process that ended left half written.
    fn each(&self, mut visit: impl FnMut(Leaf)) {
        let now = SystemTime::now();
        for drawer in entries(&self.root) {
            let named = drawer
                .file_name()
                .to_str()
                .is_some_and(|name| is_hex(name, 2));
            if !named || !drawer.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            for entry in entries(&drawer.path()) {
                let Ok(found) = entry.metadata() else {
                    continue;
                };
                let used = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let name = entry.file_name();
                let name = name.to_str().unwrap_or_default();
                if is_hex(name, 62) && found.is_file() {
                    visit(Leaf {
                        used,
                        size: found.len().next_multiple_of(BLOCK).max(BLOCK),
                        path: entry.path(),
                    });
                } else if is_part(name)
                    && found.is_file()
                    && now.duration_since(used).is_ok_and(|age| age > STALE)
                {
                    fs::remove_file(entry.path()).ok();
                }
            }
        }
    }

    fn place(&self, key: &Key) -> PathBuf {
        let name = key.name();
        match name.split_at_checked(2) {
            Some((drawer, rest)) => self.root.join(drawer).join(rest),
            None => self.root.join(name),
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

/// Another process may make it at the same moment.
fn make_folder(folder: &Path, like: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => own_like(folder, like),
        Err(why) if why.kind() == ErrorKind::AlreadyExists => {}
        Err(why) => return Err(why),
    }
    Ok(())
}

fn is_absent(why: &io::Error) -> bool {
    matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn is_hex(name: &str, digits: usize) -> bool {
    name.len() == digits
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_part(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "part")
}
