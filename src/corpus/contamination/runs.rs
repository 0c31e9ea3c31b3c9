//! Text as its runs of eight words. Decides what a run is and which runs stand for a long text; not what is looked
//! for.

use super::super::words::{Words, is_unspaced, mixed, words};

/// Words in a run.
pub(super) const RUN: usize = 8;

/// Runs that stand for a text at most: those with the lowest hashes, so that two texts choose alike. A share of a
/// longer text is estimated from them, with a standard deviation of at most 4 of a hundred.
const MOST_RUNS: usize = 128;

/// Bits by which the hash turns a word; a run of one word repeated is not nothing.
const TURN: u32 = 9;

const MIX: u64 = 0x8ebc_6af0_9c88_c6e3;

/// The hash of eight words in a row.
pub(super) type Run = u32;

/// The runs of a text, in order, and what the whole text is.
#[derive(Debug)]
pub(super) struct Runs<'a> {
    words: Words<'a>,
    last: [u64; RUN],
    turned: u64,
    whole: u64,
    count: usize,
}

impl<'a> Runs<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self {
            words: words(text),
            last: [0; RUN],
            turned: 0,
            whole: 0,
            count: 0,
        }
    }

    /// How many words were read so far.
    pub(super) const fn words_read(&self) -> usize {
        self.count
    }

    /// The hash of all words read so far.
    pub(super) const fn whole(&self) -> u64 {
        self.whole
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    #[inline]
    fn next(&mut self) -> Option<Run> {
        loop {
            let word = self.words.next()?;
            let oldest = self.last.get_mut(self.count % RUN)?;
            let gone = std::mem::replace(oldest, word).rotate_left(TURN * 8);
            self.turned = self.turned.rotate_left(TURN) ^ word ^ gone;
            self.whole = mixed(self.whole.rotate_left(TURN) ^ word, MIX);
            self.count += 1;
            if self.count >= RUN {
                return Some(upper(self.turned.wrapping_mul(MIX)));
            }
        }
    }
}

/// The upper half, which every bit of the hash moves.
const fn upper(hash: u64) -> Run {
    (hash >> 32) as Run
}

/// One way to read a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// The hash of all its words.
    pub(super) whole: u64,
    /// How many words it has.
    pub(super) words: usize,
    /// Its different runs, or those that stand for them; sorted.
    pub(super) runs: Vec<Run>,
}

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        let mut all = Runs::of(text);
        let mut runs: Vec<Run> = all.by_ref().collect();
        runs.sort_unstable();
        runs.dedup();
        runs.truncate(MOST_RUNS);
        runs.shrink_to_fit();
        Self {
            whole: all.whole(),
            words: all.words_read(),
            runs,
        }
    }
}

/// The ways to spell a text that is looked for: as it stands and, where that makes other words, with its punctuation
/// taken out (`e-mail` as `email`, `don't` as `dont`), as it stands in data that was cleaned so.
pub(super) fn spellings(text: &str) -> Vec<String> {
    // Vowel signs and joiners of Indic scripts are marks to Unicode, but parts of words.
    let stays =
        |c: &char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '\u{900}'..='\u{dff}');
    let without: String = text.chars().filter(stays).collect();
    if words(text).eq(words(&without)) {
        vec![without]
    } else {
        vec![text.to_owned(), without]
    }
}

/// How many words a person would count, in quarters: a Chinese character is about half a word, a sign of another
/// script without spaces about a quarter.
pub(super) fn quarter_words(text: &str) -> usize {
    let missing = |c: char| match c {
        c if is_ideograph(c) => 2,
        c if is_unspaced(c) => 3,
        _ => 0,
    };
    let all = words(text).count().saturating_mul(4);
    let foreign = text.chars().filter(|c| !c.is_ascii());
    all.saturating_sub(foreign.map(missing).sum())
}

/// Chinese characters.
const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::{Reading, Runs, quarter_words, spellings};

    #[test]
    fn a_person_counts_fewer_words_than_characters() {
        assert_eq!(quarter_words("How do I?"), 12);
        assert_eq!(quarter_words("如何重置我的密码"), 16);
        assert_eq!(quarter_words("パスワード"), 5);
    }

    #[test]
    fn a_text_has_a_run_for_each_word_from_the_eighth_on() {
        for (words, runs) in [(0, 0), (7, 0), (8, 1), (20, 13)] {
            let text: Vec<String> = (0..words).map(|word| format!("w{word}")).collect();
            assert_eq!(Runs::of(&text.join(" ")).count(), runs);
        }
    }

    #[test]
    fn the_same_eight_words_are_the_same_run_wherever_they_stand() {
        let part = "the second mail has not shown up yet";
        let alone: Vec<_> = Runs::of(part).collect();
        let inside: Vec<_> =
            Runs::of("well, well, the second mail has not shown up yet, sorry").collect();
        assert_eq!(alone, inside[2..3]);
        assert!(!Runs::of("second the mail has not shown up yet").any(|run| run == alone[0]));
    }

    #[test]
    fn of_a_long_text_the_same_runs_stand_for_it_wherever_it_is_cut() {
        let text: Vec<String> = (0..1000).map(|word| format!("w{word}")).collect();
        let (whole, most) = (
            Reading::of(&text.join(" ")),
            Reading::of(&text[50..].join(" ")),
        );
        assert_eq!(whole.runs.len(), 128);
        let same = whole
            .runs
            .iter()
            .filter(|run| most.runs.contains(run))
            .count();
        assert!(same > 110, "{same}");
    }

    #[test]
    fn punctuation_inside_of_words_gives_a_second_spelling() {
        assert_eq!(spellings("Well, I do."), ["Well I do"]);
        assert_eq!(spellings("the e-mail"), ["the e-mail", "the email"]);
        assert_eq!(spellings("क्या मैं"), ["क्या मैं"]);
    }
}
