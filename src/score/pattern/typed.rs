//! Patterns over ordinary text: ASCII and the marks that word processors and models put between words.
//!
//! There every character fits into a byte, and a character is part of a word exactly where ASCII says so. A pattern
//! narrowed to these characters is a tenth of the size of one for all of Unicode, and a lazy automaton searches it in
//! one pass. Decides nothing: a narrowed pattern matches exactly the ordinary texts that the pattern itself matches.

use std::borrow::Cow;

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, Hir, HirKind, Look};

/// Characters that are not ASCII and no part of a word, sorted; a character's byte is 128 and its place here.
#[rustfmt::skip]
const MARKS: [char; 88] = [
    '\u{a0}', '¡', '¢', '£', '¥', '§', '¨', '©', '«', '¬', '\u{ad}', '®', '¯', '°', '±', '²', '³', '´', '¶',
    '·', '¹', '»', '¼', '½', '¾', '¿', '×', '÷', '\u{2009}', '\u{200b}', '‐', '‑', '‒', '–', '—', '―', '‘', '’',
    '‚', '“', '”', '„', '†', '‡', '•', '…', '\u{202f}', '‰', '′', '″', '‹', '›', '⁄', '€', '℃', '№', '™', '←',
    '↑', '→', '↓', '↔', '⇒', '⇔', '−', '∞', '≈', '≠', '≤', '≥', '─', '│', '└', '├', '■', '□', '▪', '►', '●',
    '◦', '★', '☐', '☑', '✅', '✓', '✔', '❌', '➡',
];

/// The memory an automaton may fill before it starts again.
const CACHE: usize = 256 * 1024;

/// A text as one byte a character, if it is ordinary.
pub(super) fn bytes(text: &str) -> Option<Cow<'_, [u8]>> {
    if text.is_ascii() {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    text.chars()
        .map(byte)
        .collect::<Option<_>>()
        .map(Cow::Owned)
}

fn byte(c: char) -> Option<u8> {
    if c.is_ascii() {
        return u8::try_from(c).ok();
    }
    let place = MARKS.binary_search(&c).ok()?;
    u8::try_from(128 + place).ok()
}

/// The character of a byte above ASCII.
#[cfg(test)]
pub(super) fn mark(byte: u8) -> Option<char> {
    let place = usize::from(byte).checked_sub(128)?;
    MARKS.get(place).copied()
}

/// A pattern compiled for ordinary texts, with what it has learnt of them.
pub(super) struct Typed {
    automaton: DFA,
    cache: Cache,
}

impl Typed {
    /// The narrowed pattern, where it can be narrowed.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let hir = narrowed(&regex_syntax::parse(pattern).ok()?)?;
        let settings = thompson::Config::new()
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(super::MOST_BYTES));
        let states = NFA::compiler().configure(settings).build_from_hir(&hir);
        let settings = Config::new()
            .cache_capacity(CACHE)
            .skip_cache_capacity_check(true);
        let automaton = DFA::builder()
            .configure(settings)
            .build_from_nfa(states.ok()?);
        let automaton = automaton.ok()?;
        let cache = automaton.create_cache();
        Some(Self { automaton, cache })
    }

    /// Whether it matches somewhere in an ordinary text; `None` if the automaton gives up.
    pub(super) fn is_in(&mut self, bytes: &[u8]) -> Option<bool> {
        let input = Input::new(bytes).earliest(true);
        let found = self.automaton.try_search_fwd(&mut self.cache, &input);
        found.ok().map(|end| end.is_some())
    }
}

/// The same pattern over bytes of ordinary text; `None` where it speaks of bytes itself.
fn narrowed(hir: &Hir) -> Option<Hir> {
    let all = |parts: &[Hir]| parts.iter().map(narrowed).collect::<Option<Vec<_>>>();
    Some(match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
            bytes.map_or_else(Hir::fail, Hir::literal)
        }
        HirKind::Class(Class::Unicode(class)) => Hir::class(Class::Bytes(ordinary(class))),
        HirKind::Class(Class::Bytes(_)) => return None,
        HirKind::Look(look) => Hir::look(ascii(*look)?),
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(narrowed(&repetition.sub)?))
        }
        HirKind::Capture(capture) => narrowed(&capture.sub)?,
        HirKind::Concat(parts) => Hir::concat(all(parts)?),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)?),
    })
}

/// The members of a class that stand in ordinary text.
fn ordinary(class: &ClassUnicode) -> ClassBytes {
    let mut ranges = Vec::new();
    for range in class.iter() {
        let (start, end) = (range.start(), range.end());
        if start.is_ascii() {
            let end = end.min('\u{7f}');
            ranges.extend(byte(start).zip(byte(end)));
        }
        let first = MARKS.partition_point(|mark| *mark < start);
        let after = MARKS.partition_point(|mark| *mark <= end);
        if first < after {
            let place = |place: usize| u8::try_from(128 + place).ok();
            ranges.extend(place(first).zip(place(after - 1)));
        }
    }
    ClassBytes::new(
        ranges
            .into_iter()
            .map(|(start, end)| ClassBytesRange::new(start, end)),
    )
}

/// The same assertion on ordinary text, where ASCII decides what a word is.
const fn ascii(look: Look) -> Option<Look> {
    Some(match look {
        Look::WordUnicode => Look::WordAscii,
        Look::WordUnicodeNegate => Look::WordAsciiNegate,
        Look::WordStartUnicode => Look::WordStartAscii,
        Look::WordEndUnicode => Look::WordEndAscii,
        Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
        Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
        Look::Start | Look::End | Look::StartLF | Look::EndLF | Look::StartCRLF | Look::EndCRLF => {
            look
        }
        // Written for bytes, and so are their edges.
        Look::WordAscii
        | Look::WordAsciiNegate
        | Look::WordStartAscii
        | Look::WordEndAscii
        | Look::WordStartHalfAscii
        | Look::WordEndHalfAscii => return None,
    })
}
