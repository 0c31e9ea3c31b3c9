//! Runs a parser that others wrote so that it cannot take the run along: in a thread of its own, with a stack for long
//! code, for a bounded time, and without an end of the process where it panics.

use std::cell::Cell;
use std::panic;
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::Unread;

/// Stack of a parser, and how much more for each byte of code: a chain such as `not not not` is one call a word.
const STACK: usize = 8 * 1024 * 1024;
const STACK_A_BYTE: usize = 8 * 1024;

/// Far above what any code within the limits is known to take: a run must not wait for ever for what nobody foresaw.
const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const TOO_LONG: &str = "the parser did not end";
const GAVE_UP: &str = "the parser gave up";

/// What a parser says of code; nothing where it panicked.
type Said = Option<Result<(), Unread>>;

thread_local! {
    /// In the thread of a parser: where it says that it panicked.
    static LAST_WORD: Cell<Option<Sender<Said>>> = const { Cell::new(None) };
}

/// What the parser says of the code; untold where it says nothing.
pub(super) fn run(
    code: &str,
    parse: impl FnOnce(&str) -> Result<(), Unread> + Send + 'static,
) -> Result<(), Unread> {
    outlive_panics();
    let (say, said) = mpsc::channel();
    let code = code.to_owned();
    let parser = thread::Builder::new().stack_size(STACK + STACK_A_BYTE * code.len());
    let parser = parser.spawn(move || {
        LAST_WORD.set(Some(say.clone()));
        say.send(Some(parse(&code))).ok();
    });
    parser.map_err(|_| Unread::Untold("there is no memory for the parser".to_owned()))?;
    match said.recv_timeout(PATIENCE) {
        Ok(Some(parsed)) => parsed,
        Ok(None) | Err(RecvTimeoutError::Disconnected) => Err(Unread::Untold(GAVE_UP.to_owned())),
        Err(RecvTimeoutError::Timeout) => Err(Unread::Untold(TOO_LONG.to_owned())),
    }
}

/// A release is built without unwinding, which is a quarter of the binary: there a panic ends the process. The hook comes
/// before that, and does not return in the thread of a parser, which sleeps until the process ends. It sleeps with the
/// lock on hooks, so nobody can set another one from then on, and nobody here does.
fn outlive_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let Ok(Some(say)) = LAST_WORD.try_with(Cell::take) else {
                return others(panic);
            };
            say.send(None).ok();
            while cfg!(panic = "abort") {
                thread::park();
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_that_panics_says_nothing_and_ends_nothing() {
        let gave_up = run("code", |_| panic!("a bug of somebody else"));
        assert_eq!(gave_up, Err(Unread::Untold(GAVE_UP.to_owned())));
        assert_eq!(run("code", |_| Ok(())), Ok(()));
    }

    #[test]
    fn a_panic_elsewhere_is_told_as_ever() {
        assert_eq!(run("code", |_| Ok(())), Ok(()));
        let other = thread::spawn(|| panic!("ours"));
        assert!(other.join().is_err());
    }
}
