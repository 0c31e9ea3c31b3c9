//! A file that is being written. It remembers why it took no more: whoever fills it may tell that in words that name no
//! file.

use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};

/// A file that is not whole yet.
#[derive(Debug)]
pub struct Part {
    file: File,
    broke: Option<io::Error>,
}

impl Part {
    pub(super) fn new(file: File) -> Self {
        Self { file, broke: None }
    }

    /// Why it could not be written, if that is so.
    pub(super) fn broke(&mut self) -> Option<io::Error> {
        self.broke.take()
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        if let Err(why) = &written
            && why.kind() != ErrorKind::Interrupted
        {
            let number = why.raw_os_error();
            self.broke = Some(number.map_or(why.kind().into(), io::Error::from_raw_os_error));
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Part {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
