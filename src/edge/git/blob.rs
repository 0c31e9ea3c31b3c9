//! The content of objects, from a git that stays and answers one question after the other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::command::{Git, failed};
use super::error::GitError;

/// What is told of each object that is named.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// Its size.
    Size,
    /// Its size, and then its content.
    Content,
}

/// A git that is asked for objects.
#[derive(Debug)]
pub(super) struct Objects {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    pub(super) fn start(git: &Git, told: Told) -> Result<Self, GitError> {
        let mode = match told {
            Told::Size => "--batch-check",
            Told::Content => "--batch",
        };
        let doing = "starting git";
        let mut process = git
            .command(&["cat-file", mode])
            .stdin(Stdio::piped())
            // Nobody would read it meanwhile, and a full pipe would be waited for.
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| failed(doing, source))?;
        let (Some(questions), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(failed(doing, io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Self {
            process,
            questions,
            answers: BufReader::with_capacity(1 << 16, answers),
        })
    }

    /// The size of a blob. Where content is told, it is to be read next.
    pub(super) fn size(&mut self, blob: &str) -> Result<u64, GitError> {
        let absent = || GitError::Absent(blob.to_owned());
        // Anything else could be taken for a revision, or for two questions.
        if !blob.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(absent());
        }
        let doing = format!("reading the object {blob}");
        let mut line = String::new();
        let asked = writeln!(self.questions, "{blob}").and_then(|()| self.questions.flush());
        asked
            .and_then(|()| self.answers.read_line(&mut line))
            .map_err(|source| failed(&doing, source))?;
        let mut words = line.split_whitespace().skip(1);
        match (words.next(), words.next().map(str::parse)) {
            (Some("blob"), Some(Ok(size))) => Ok(size),
            // A git that may not fetch what it lacks says so, or ends.
            (Some("missing") | None, _) => Err(absent()),
            (Some(kind), _) => Err(GitError::Failed {
                doing,
                detail: format!("it is a {kind}"),
            }),
        }
    }

    /// The content whose size was told, to its end.
    pub(super) fn content(&mut self, blob: &str, size: u64) -> Result<Vec<u8>, GitError> {
        let mut bytes = Vec::new();
        // A line feed follows.
        let read = (&mut self.answers).take(size.saturating_add(1));
        let read = { read }.read_to_end(&mut bytes);
        let whole = read.and_then(|_| match bytes.pop() {
            Some(b'\n') if u64::try_from(bytes.len()).is_ok_and(|length| length == size) => Ok(()),
            Some(_) | None => Err(io::ErrorKind::UnexpectedEof.into()),
        });
        let doing = || format!("reading the object {blob}");
        whole.map_err(|source| failed(&doing(), source))?;
        Ok(bytes)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It has nothing to write, so it may end at once; that it ended already is what is wanted.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The content of a blob, read piece by piece.
#[derive(Debug)]
pub struct Blob {
    objects: Objects,
    size: u64,
    left: u64,
}

impl Blob {
    pub(super) fn open(git: &Git, blob: &str) -> Result<Self, GitError> {
        let mut objects = Objects::start(git, Told::Content)?;
        let size = objects.size(blob)?;
        Ok(Self {
            objects,
            size,
            left: size,
        })
    }

    /// Its size in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl BufRead for Blob {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let piece = self.objects.answers.fill_buf()?;
        if piece.is_empty() {
            // Git ended early: that is not the end of the file.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(piece.get(..most).unwrap_or(piece))
    }

    fn consume(&mut self, amount: usize) {
        self.objects.answers.consume(amount);
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(amount);
    }
}

impl Read for Blob {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let piece = self.fill_buf()?;
        let length = piece.len().min(into.len());
        if let (Some(into), Some(piece)) = (into.get_mut(..length), piece.get(..length)) {
            into.copy_from_slice(piece);
        }
        self.consume(length);
        Ok(length)
    }
}
