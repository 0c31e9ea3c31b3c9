//! How much memory a compiled pattern takes at most, told without compiling it.
//!
//! Follows how `regex` builds its automaton (32 bytes a state, 8 a transition), every detail taken at its dearest and
//! nothing shared. A bound that is too high costs time only: the pattern is then compiled to know.

use regex_syntax::hir::{Class, Hir, HirKind};
use regex_syntax::utf8::Utf8Sequences;

/// A state with its share of what leads to it.
const STATE: usize = 48;

/// What a group, a choice or a repetition adds around its parts.
const FRAME: usize = 4 * STATE;

/// A byte of a literal; literals side by side become a tree.
const LITERAL: usize = 2 * STATE;

/// No compiled pattern takes more bytes.
pub(super) fn bound(hir: &Hir) -> usize {
    let around = 4 * FRAME;
    part(hir).saturating_add(around)
}

fn part(hir: &Hir) -> usize {
    let all = |parts: &[Hir]| {
        let sum = |all: usize, hir| all.saturating_add(part(hir)).saturating_add(STATE);
        parts.iter().fold(FRAME, sum)
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => STATE,
        HirKind::Literal(literal) => LITERAL.saturating_mul(literal.0.len()),
        HirKind::Class(class) => of_class(class),
        HirKind::Repetition(repetition) => {
            let copies = repetition.max.map_or(repetition.min, |max| max);
            let copies = usize::try_from(copies).unwrap_or(usize::MAX);
            let each = part(&repetition.sub).saturating_add(FRAME);
            each.saturating_mul(copies.saturating_add(1))
        }
        HirKind::Capture(capture) => part(&capture.sub).saturating_add(FRAME),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => all(parts),
    }
}

fn of_class(class: &Class) -> usize {
    let bytes: usize = match class {
        Class::Bytes(class) => class.ranges().len(),
        Class::Unicode(class) => class
            .iter()
            .flat_map(|range| Utf8Sequences::new(range.start(), range.end()))
            .map(|sequence| sequence.len())
            .sum(),
    };
    FRAME.saturating_add(bytes.saturating_mul(STATE))
}
