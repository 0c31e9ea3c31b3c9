//! Lists of words, each written as one text with blanks between. Only compares; what a word means is for whoever keeps
//! the list.

use memchr::memmem;

use super::context::{before, byte};

/// A list of words in small letters, or of the first characters of something.
#[derive(Clone, Copy)]
pub(super) struct Words(&'static str);

impl Words {
    /// The words of a text, one blank between two.
    pub(super) const fn of(list: &'static str) -> Self {
        Self(list)
    }

    /// True for a word of the list, in exactly this case.
    pub(super) fn hold(self, word: &[u8]) -> bool {
        let list = self.0.as_bytes();
        !word.is_empty()
            && memmem::find_iter(list, word)
                .any(|at| before(list, at) == b' ' && byte(list, at + word.len()) == b' ')
    }

    /// True for a word of the list in whatever case.
    pub(super) fn hold_any_case(self, word: &[u8]) -> bool {
        self.hold(&word.to_ascii_lowercase())
    }

    /// True for a text that contains a word of the list, be it inside of another.
    pub(super) fn stand_in(self, text: &[u8]) -> bool {
        self.0
            .split(' ')
            .any(|listed| memmem::find(text, listed.as_bytes()).is_some())
    }

    /// True for what starts with a word of the list.
    pub(super) fn start(self, value: &[u8]) -> bool {
        self.0
            .split(' ')
            .any(|listed| value.starts_with(listed.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_whole_words_only() {
        let words = Words::of("one two-b three");
        assert!(words.hold(b"two-b"));
        assert!(!words.hold(b"two"));
        assert!(!words.hold(b"One"));
        assert!(words.hold_any_case(b"One"));
        assert!(!words.hold(b""));
        assert!(words.hold(b"one") && words.hold(b"three"));
        assert!(words.stand_in(b"someones"));
        assert!(words.start(b"threefold"));
        assert!(!words.start(b"thr"));
    }
}
