//! The file of a journal: a line is appended whole and handed to the operating system before it counts, and is read
//! again by its place. Decides nothing about what lines mean.

use std::cell::RefCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::DiskError;

/// Where a line stands in its journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    offset: u64,
    length: u32,
}

/// A journal that lines are appended to.
#[derive(Debug)]
pub struct Journal(RefCell<Text>);

#[derive(Debug)]
struct Text {
    storage: Storage,
    end: u64,
}

#[derive(Debug)]
enum Storage {
    /// One handle: its position is set before it is read from, and writing always appends.
    File { file: File, path: PathBuf },
    /// For runs that leave no files.
    Memory(Vec<u8>),
}

impl Journal {
    /// A journal that ends with the process.
    pub fn in_memory() -> Self {
        Self(RefCell::new(Text {
            storage: Storage::Memory(Vec::new()),
            end: 0,
        }))
    }

    /// A journal in a folder that leaves nothing behind: its file has no name any more. A link in its place is not
    /// followed.
    pub fn passing(folder: &Path) -> Result<Self, DiskError> {
        let path = folder.join(format!("words.{}.part", std::process::id()));
        let journal = Self::anew(&path)?;
        std::fs::remove_file(&path).map_err(failed("remove", &path))?;
        Ok(journal)
    }

    /// Opens the journal at a path, or makes an empty one. A second process that opens it fails.
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed("make the folder of", path))?;
        }
        let file = open(path)?;
        let end = file.metadata().map_err(failed("read", path))?.len();
        Ok(Self::of(file, path, end))
    }

    /// An empty journal at a path, whatever was there before: a link is removed, not followed.
    pub fn anew(path: &Path) -> Result<Self, DiskError> {
        super::clear(path).map_err(failed("remove", path))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed("make the folder of", path))?;
        }
        let new = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(path);
        let file = locked(new.map_err(failed("make", path))?, path)?;
        Ok(Self::of(file, path, 0))
    }

    fn of(file: File, path: &Path, end: u64) -> Self {
        let path = path.to_owned();
        let storage = Storage::File { file, path };
        Self(RefCell::new(Text { storage, end }))
    }

    /// Appends a line, given without its end. When this returns, the line outlives the process; where it fails, the
    /// journal is as it was before.
    pub fn append(&self, mut line: Vec<u8>) -> Result<Place, DiskError> {
        let text = &mut *self.0.borrow_mut();
        line.push(b'\n');
        let place = Place {
            offset: text.end,
            length: u32::try_from(line.len() - 1).unwrap_or(u32::MAX),
        };
        match &mut text.storage {
            Storage::Memory(bytes) => bytes.extend_from_slice(&line),
            Storage::File { file, path } => {
                file.write_all(&line).map_err(|why| {
                    // A full disk takes a part of a line. What cannot be cut off now is cut off on resuming.
                    file.set_len(text.end).ok();
                    failed("append to", path)(why)
                })?;
            }
        }
        text.end += u64::try_from(line.len()).unwrap_or(u64::MAX);
        Ok(place)
    }

    /// The line at a place.
    pub fn line(&self, place: Place) -> Result<Vec<u8>, DiskError> {
        let text = &mut *self.0.borrow_mut();
        let mut line = vec![0; usize::try_from(place.length).unwrap_or(usize::MAX)];
        match &mut text.storage {
            Storage::Memory(bytes) => {
                let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
                line = bytes.iter().skip(start).take(line.len()).copied().collect();
            }
            Storage::File { file, path } => {
                file.seek(SeekFrom::Start(place.offset))
                    .and_then(|_| file.read_exact(&mut line))
                    .map_err(failed("read", path))?;
            }
        }
        Ok(line)
    }

    /// Hands every whole line to `take`, with its place, in order.
    pub fn each<E: From<DiskError>>(
        &self,
        mut take: impl FnMut(&[u8], Place) -> Result<(), E>,
    ) -> Result<(), E> {
        let text = &mut *self.0.borrow_mut();
        let (mut reader, path): (Box<dyn BufRead>, &Path) = match &mut text.storage {
            Storage::Memory(bytes) => (Box::new(bytes.as_slice()), Path::new("")),
            Storage::File { file, path } => {
                file.seek(SeekFrom::Start(0))
                    .map_err(failed("read", path))?;
                (Box::new(BufReader::new(&*file)), path)
            }
        };
        let broken = failed("read", path);
        let (mut offset, mut line) = (0, Vec::new());
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(&broken)?;
            let Some(content) = line.strip_suffix(b"\n") else {
                return Ok(());
            };
            let place = Place {
                offset,
                length: u32::try_from(content.len()).unwrap_or(u32::MAX),
            };
            take(content, place)?;
            offset += u64::try_from(line.len()).unwrap_or(u64::MAX);
        }
    }

    /// Cuts off what follows the last whole line: the rest of one that a killed process could not finish.
    pub fn heal(&self) -> Result<(), DiskError> {
        let mut whole = 0;
        self.each::<DiskError>(|line, place| {
            whole = place.offset + u64::try_from(line.len()).unwrap_or(u64::MAX) + 1;
            Ok(())
        })?;
        self.cut(whole)
    }

    /// Empties the journal.
    pub fn clear(&self) -> Result<(), DiskError> {
        self.cut(0)
    }

    /// Gives the journal's file another name beside it, and starts an empty one.
    pub fn rotate(&self, name: &str) -> Result<(), DiskError> {
        let text = &mut *self.0.borrow_mut();
        match &mut text.storage {
            Storage::Memory(bytes) => bytes.clear(),
            Storage::File { file, path } => {
                std::fs::rename(&*path, path.with_file_name(name))
                    .map_err(failed("rename", path))?;
                *file = open(path)?;
            }
        }
        text.end = 0;
        Ok(())
    }

    /// Where it is; empty for one in memory.
    pub fn path(&self) -> PathBuf {
        match &self.0.borrow().storage {
            Storage::Memory(_) => PathBuf::new(),
            Storage::File { path, .. } => path.clone(),
        }
    }

    /// True where nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().end == 0
    }

    fn cut(&self, length: u64) -> Result<(), DiskError> {
        let text = &mut *self.0.borrow_mut();
        match &mut text.storage {
            Storage::Memory(bytes) => bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX)),
            Storage::File { file, path } => {
                file.set_len(length).map_err(failed("shorten", path))?;
            }
        }
        text.end = length;
        Ok(())
    }
}

fn open(path: &Path) -> Result<File, DiskError> {
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
        .map_err(failed("open", path))?;
    let file = locked(file, path)?;
    if is_at(&file, path) {
        Ok(file)
    } else {
        Err(in_use(path))
    }
}

fn locked(file: File, path: &Path) -> Result<File, DiskError> {
    match file.try_lock() {
        // A file system without locks has no second run either, as far as can be known.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(in_use(path)),
    }
}

fn in_use(path: &Path) -> DiskError {
    let why = "another run is writing it; wait for it, or choose another `--out`";
    failed("use", path)(io::Error::other(why))
}

/// False where another run gave the file another name between our opening and locking it.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = file.metadata().and_then(|ours| {
        let there = std::fs::metadata(path)?;
        Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino()))
    });
    same.unwrap_or(false)
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> DiskError {
    let path = path.to_owned();
    move |source| DiskError {
        doing,
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(journal: &Journal) -> Vec<String> {
        let mut lines = Vec::new();
        journal
            .each::<DiskError>(|line, _| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            })
            .unwrap();
        lines
    }

    #[test]
    fn lines_are_read_again_by_their_places_also_between_appends() {
        let folder = tempfile::tempdir().unwrap();
        for journal in [
            Journal::in_memory(),
            Journal::open(&folder.path().join("deep/journal.jsonl")).unwrap(),
        ] {
            let one = journal.append(b"one".to_vec()).unwrap();
            let empty = journal.append(Vec::new()).unwrap();
            assert_eq!(journal.line(one).unwrap(), b"one");
            let three = journal.append("drei ß".into()).unwrap();
            assert_eq!(journal.line(three).unwrap(), "drei ß".as_bytes());
            assert_eq!(journal.line(empty).unwrap(), b"");
            assert_eq!(lines(&journal), ["one", "", "drei ß"]);
        }
    }

    #[test]
    fn a_journal_cut_anywhere_keeps_every_whole_line_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let whole = b"first\nsecond\n";
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let journal = Journal::open(&path).unwrap();
            journal.heal().unwrap();
            journal.append(b"more".to_vec()).unwrap();
            let mut expected = vec!["first", "second"];
            expected.truncate(whole[..length].split(|byte| *byte == b'\n').count() - 1);
            expected.push("more");
            assert_eq!(lines(&journal), expected, "cut after {length} bytes");
        }
    }

    #[test]
    fn a_passing_journal_is_read_again_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::passing(folder.path()).unwrap();
        let one = journal.append(b"one".to_vec()).unwrap();
        assert_eq!(journal.line(one).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_second_writer_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let _first = Journal::open(&path).unwrap();
        let second = Journal::open(&path).unwrap_err().to_string();
        assert!(second.contains("another run is writing it"), "{second}");
    }

    #[cfg(unix)]
    #[test]
    fn a_journal_begun_anew_does_not_follow_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (
            folder.path().join("journal.jsonl"),
            folder.path().join("other"),
        );
        std::fs::write(&other, "not ours\n").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        let journal = Journal::anew(&path).unwrap();
        journal.append(b"ours".to_vec()).unwrap();
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "not ours\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "ours\n");
        drop(journal);
        assert!(Journal::anew(&path).unwrap().is_empty());
        assert!(Journal::anew(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_journal_that_got_another_name_while_it_was_opened_is_not_taken_for_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let file = File::create(&path).unwrap();
        assert!(is_at(&file, &path));
        std::fs::rename(&path, folder.path().join("previous")).unwrap();
        assert!(!is_at(&file, &path));
        File::create(&path).unwrap();
        assert!(!is_at(&file, &path));
    }

    #[test]
    fn what_was_written_is_there_for_a_process_that_opens_it_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        Journal::open(&path)
            .unwrap()
            .append(b"kept".to_vec())
            .unwrap();
        let again = Journal::open(&path).unwrap();
        assert_eq!(lines(&again), ["kept"]);
        again.rotate("journal.previous.jsonl").unwrap();
        assert!(again.is_empty());
        let kept = std::fs::read_to_string(folder.path().join("journal.previous.jsonl")).unwrap();
        assert_eq!(kept, "kept\n");
    }
}
