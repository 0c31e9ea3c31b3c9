//! The patterns that were compiled last, for the whole process: the sides of a comparison, the samples of a case and
//! the copies of a suite share them. Holds a bounded number, so that a long stream of cases needs no more memory than a
//! short one. Without effect on what matches.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use regex::{Regex, RegexBuilder};

use super::typed::Typed;

/// Patterns that are kept. Some 30 KB each once they were used.
const MOST: usize = 512;

static SHELF: LazyLock<Mutex<Shelf>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Shelf {
    patterns: HashMap<Arc<str>, Arc<Compiled>>,
    /// The oldest first.
    order: VecDeque<Arc<str>>,
}

/// A pattern in the forms in which it was needed so far.
pub(super) struct Compiled {
    pattern: Arc<str>,
    typed: OnceLock<Option<Mutex<Typed>>>,
    any: OnceLock<Option<Regex>>,
}

/// The pattern's compiled forms, made when they are used.
pub(super) fn compiled(pattern: &Arc<str>) -> Arc<Compiled> {
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(compiled) = shelf.patterns.get(pattern) {
        return Arc::clone(compiled);
    }
    if shelf.order.len() >= MOST
        && let Some(oldest) = shelf.order.pop_front()
    {
        shelf.patterns.remove(&oldest);
    }
    let compiled = Arc::new(Compiled {
        pattern: Arc::clone(pattern),
        typed: OnceLock::new(),
        any: OnceLock::new(),
    });
    shelf.order.push_back(Arc::clone(pattern));
    shelf
        .patterns
        .insert(Arc::clone(pattern), Arc::clone(&compiled));
    compiled
}

impl Compiled {
    /// Whether it matches in a text given as [`super::typed::bytes`]; `None` where only the text itself can tell.
    pub(super) fn is_in_typed(&self, bytes: &[u8]) -> Option<bool> {
        let make = || Typed::new(&self.pattern).map(Mutex::new);
        let typed = self.typed.get_or_init(make).as_ref()?;
        let mut typed = typed.lock().unwrap_or_else(PoisonError::into_inner);
        typed.is_in(bytes)
    }

    /// Whether it matches in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        // The size was judged when the pattern was made.
        let make = || {
            RegexBuilder::new(&self.pattern)
                .size_limit(usize::MAX)
                .build()
                .ok()
        };
        let regex = self.any.get_or_init(make).as_ref();
        regex.is_some_and(|regex| regex.is_match(text))
    }
}
