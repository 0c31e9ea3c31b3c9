//! Makes canonical JSON of cases on a thread of its own, while this one reads the words of the next and writes the last:
//! with thousands of cases, somebody waits for the record.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::{CaseRecord, SealError};
use crate::score::{Written, append_canonical};

/// So many cases go from one thread to the other at once.
const CHUNK: usize = 64;
/// So many chunks are between the threads at most.
const BETWEEN: usize = 3;

/// Canonical JSON of some cases, one behind the other.
struct Made {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Made {
    fn of(chunk: &[Whole]) -> Result<Self, serde_json::Error> {
        let mut made = Self {
            text: Vec::new(),
            ends: Vec::with_capacity(chunk.len()),
        };
        for case in chunk {
            append_canonical(case, &mut made.text)?;
            made.ends.push(made.text.len());
        }
        Ok(made)
    }

    fn each(&self, mut take: impl FnMut(&[u8]) -> Result<(), SealError>) -> Result<(), SealError> {
        let mut start = 0;
        self.ends.iter().try_for_each(|end| {
            let case = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            take(case)
        })
    }
}

type Whole = CaseRecord<Written>;
type Ready = Result<Made, serde_json::Error>;

/// Hands over each case as canonical JSON, in order.
pub(super) fn each_canonical(
    mut cases: impl Iterator<Item = Result<Whole, SealError>>,
    take: impl FnMut(&[u8]) -> Result<(), SealError>,
) -> Result<(), SealError> {
    let mut next = || {
        cases
            .by_ref()
            .take(CHUNK)
            .collect::<Result<Vec<_>, SealError>>()
    };
    let first = next()?;
    if first.len() < CHUNK {
        return alone(first, next, take);
    }
    thread::scope(|scope| {
        let (todo, orders) = channel();
        let (ready, done) = channel();
        let helper = thread::Builder::new().spawn_scoped(scope, move || serve(&orders, &ready));
        match helper {
            Ok(_) => together(first, next, take, &todo, &done),
            // A machine without a thread to spare takes its time.
            Err(_) => alone(first, next, take),
        }
    })
}

fn alone(
    mut chunk: Vec<Whole>,
    mut next: impl FnMut() -> Result<Vec<Whole>, SealError>,
    mut take: impl FnMut(&[u8]) -> Result<(), SealError>,
) -> Result<(), SealError> {
    while !chunk.is_empty() {
        Made::of(&chunk)?.each(&mut take)?;
        chunk = next()?;
    }
    Ok(())
}

fn together(
    mut chunk: Vec<Whole>,
    mut next: impl FnMut() -> Result<Vec<Whole>, SealError>,
    mut take: impl FnMut(&[u8]) -> Result<(), SealError>,
    todo: &Sender<Vec<Whole>>,
    done: &Receiver<Ready>,
) -> Result<(), SealError> {
    let mut between = 0;
    loop {
        let more = !chunk.is_empty();
        if more {
            todo.send(chunk).map_err(gone)?;
            between += 1;
        }
        while between > if more { BETWEEN } else { 0 } {
            done.recv().map_err(gone)??.each(&mut take)?;
            between -= 1;
        }
        if !more {
            return Ok(());
        }
        chunk = next()?;
    }
}

fn serve(orders: &Receiver<Vec<Whole>>, ready: &Sender<Ready>) {
    for chunk in orders {
        if ready.send(Made::of(&chunk)).is_err() {
            return;
        }
    }
}

fn gone<T>(_: T) -> io::Error {
    io::Error::other("the thread that writes cases has ended")
}
