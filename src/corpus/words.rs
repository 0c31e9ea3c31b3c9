//! The words of a text as numbers that can be compared. Decides what a word is and when two spellings are the same
//! word; stores nothing and knows nothing of meaning. Words are 64-bit hashes, the same on every machine.
//!
//! Letters and digits make words, everything else separates them. The same word is: any case (`Straße`, `STRASSE`),
//! accents in one character, in two or left out (`é`, `e` + U+0301, `e`), full-width, mathematical and circled letters,
//! raised digits, the ligatures `ﬀ` to `ﬆ`. Zero-width characters, soft hyphens, Arabic and Hebrew vowel points inside
//! are passed over. A script without spaces (Chinese, Japanese, Thai, Lao, Burmese, Khmer) gives a word a character.
//!
//! Not undone: half-width and decomposed kana, decomposed Hangul, polytonic Greek, Roman numeral signs, fractions,
//! letters of another script that look alike, traditional for simplified Chinese.

/// One in every byte.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The bit that marks a byte which is not ASCII.
const HIGH: u64 = EACH * 0x80;

/// What turns an ASCII capital into its small letter and leaves small letters and digits alone.
const SMALL: u64 = EACH * 0x20;

/// A word's hash starts from this, so that no short word is nothing.
const START: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes; an odd number without structure.
const MIX: u64 = 0xd6e8_feb8_6659_fd93;

/// The base letters of U+00C0 to U+024F; a point where there is none.
const LATIN: &[u8] = b"\
aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.yaaaaaaccccccccdd\
..eeeeeeeeeegggggggghh..iiiiiiiiii..jjkk.llllll....nnnnnn...oooooo..rrrrrrssssss\
sstttt..uuuuuuuuuuuuwwyyyzzzzzzs................................oo.............u\
u............................aaiioouuuuuuuuuu.aaaa....ggkkoooo..j...gg..nnaa....\
aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............................";

/// The base letters of U+1E00 to U+1EFF.
const LATIN_ADDITIONAL: &[u8] = b"\
aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo\
oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s....\
aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu\
uuyyyyyyyy......";

/// Other small letters and digits with a mark or raised, and what is under it.
const MARKED: (&str, &str) = (
    "άέήίϊΐόύϋΰώςйѝѐёѓїќў¹²³⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉",
    "αεηιιιουυυωσииеегіку12304567890123456789",
);

/// The words of a text, in order.
pub(super) const fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// Mixes two numbers into one; both halves of the product count.
pub(super) const fn mixed(number: u64, with: u64) -> u64 {
    let product = (number as u128).wrapping_mul(with as u128);
    #[expect(clippy::cast_possible_truncation, reason = "in halves")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// The words of a text as hashes.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        loop {
            let mut first = eight(self.text.as_bytes(), self.at);
            let mut marks = letters(first);
            if marks & 0x80 == 0 {
                let starts = marks | first & HIGH;
                if starts == 0 {
                    self.at += 8;
                    if self.at >= self.text.len() {
                        return None;
                    }
                    continue;
                }
                self.at += bytes_below(starts);
                first = eight(self.text.as_bytes(), self.at);
                marks = letters(first);
            }
            if let Some(word) = self.ascii_word(first, marks).or_else(|| self.any_word()) {
                return Some(word);
            }
        }
    }
}

impl Words<'_> {
    /// The word that starts here with these bytes; `None`, with nothing passed, where it is not all ASCII.
    #[inline]
    fn ascii_word(&mut self, mut eight: u64, mut marks: u64) -> Option<u64> {
        let (mut at, mut hash) = (self.at, START);
        while marks == HIGH {
            hash = mixed(hash ^ (eight | SMALL), MIX);
            at += 8;
            eight = self::eight(self.text.as_bytes(), at);
            marks = letters(eight);
        }
        // The lowest mark among the gaps and all below it: the bytes of the word and the one that ends it.
        let gaps = marks ^ HIGH;
        let ended = gaps ^ (gaps - 1);
        if eight & ended & HIGH != 0 {
            return None;
        }
        let last = (eight | SMALL) & (ended >> 8);
        self.at = at + bytes_below(gaps) + 1;
        Some(mixed(hash ^ last, MIX))
    }

    /// The word that starts here, a character at a time; `None`, with at least one character passed, where none starts.
    #[cold]
    fn any_word(&mut self) -> Option<u64> {
        let mut word = Spelling::default();
        for c in self.text.get(self.at..).unwrap_or_default().chars() {
            let fold = Fold::of(c);
            if fold == Fold::Alone && word.is_begun {
                break;
            }
            self.at += c.len_utf8();
            match fold {
                Fold::Passed => {}
                Fold::Gap => break,
                Fold::Alone => {
                    word.push(c);
                    break;
                }
                Fold::Letter(c) => word.push(c),
                Fold::Letters(letters) => letters.chars().for_each(|c| word.push(c)),
            }
        }
        word.is_begun.then(|| word.hash())
    }
}

/// Eight bytes of the text from a place on, the first one lowest; zeros behind the end.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => (rest.iter().rev()).fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    }
}

/// The high bit of every byte that is an ASCII letter or digit. No addition carries into the next byte.
#[inline]
const fn letters(eight: u64) -> u64 {
    let low = eight & !HIGH;
    let small = low | SMALL;
    let letter = (small + EACH * (0x80 - b'a' as u64)) & !(small + EACH * (0x7f - b'z' as u64));
    let digit = (low + EACH * (0x80 - b'0' as u64)) & !(low + EACH * (0x7f - b'9' as u64));
    (letter | digit) & !eight & HIGH
}

/// How many bytes lie below the lowest mark.
#[inline]
const fn bytes_below(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// What a character is to words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    /// As if it were not there.
    Passed,
    /// Ends a word.
    Gap,
    /// A word of its own.
    Alone,
    /// Part of a word: small, without accent.
    Letter(char),
    /// Several letters written as one.
    Letters(&'static str),
}

impl Fold {
    /// The most frequent scripts first.
    fn of(c: char) -> Self {
        match c {
            '\0'..='\x7f' if c.is_ascii_alphanumeric() => Self::Letter(c.to_ascii_lowercase()),
            '\0'..='\x7f' | '\u{2010}'..='\u{2027}' => Self::Gap,
            '\u{430}'..='\u{44f}' if c != 'й' => Self::Letter(c),
            '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' => Self::Alone,
            '\u{ac00}'..='\u{d7a3}' => Self::Letter(c),
            c if is_passed(c) => Self::Passed,
            c if is_unspaced(c) && c.is_alphanumeric() => Self::Alone,
            c => several(c).map_or_else(|| Self::of_one(c), Self::Letters),
        }
    }

    fn of_one(c: char) -> Self {
        // Only `İ` has two small characters; the second is its dot.
        let small = c.to_lowercase().next().unwrap_or(c);
        match base(small) {
            Some(letter) => Self::Letter(letter),
            None if c.is_alphanumeric() || is_virama(c) => Self::Letter(small),
            None => Self::Gap,
        }
    }
}

/// Zero-width characters, direction and variation marks, accents on their own, vowel points.
const fn is_passed(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}' | '\u{61c}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{180b}'..='\u{180f}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
        // The dots that Indic scripts set below a letter.
        || matches!(c, '\u{900}'..='\u{dff}') && c as u32 & 0x7f == 0x3c
}

/// What joins two consonants of an Indic script; no letter to Unicode, but inside of a word.
const fn is_virama(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}') && c as u32 & 0x7f == 0x4d || c == '\u{dca}'
}

/// Letters of scripts that set no spaces between words.
pub(super) const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}')
}

/// The letter or digit under accents and forms, small; `None` where the character stands for itself.
fn base(c: char) -> Option<char> {
    let code = u32::from(c);
    let from = |table: &[u8], first: u32| {
        let letter = table.get(usize::try_from(code - first).ok()?)?;
        (*letter != b'.').then(|| char::from(*letter))
    };
    let letter = |number: u32| char::from_digit(10 + number % 26, 36);
    match c {
        '\u{c0}'..='\u{24f}' => from(LATIN, 0xc0),
        '\u{1e00}'..='\u{1eff}' => from(LATIN_ADDITIONAL, 0x1e00),
        '²' | '³' | '¹' | '\u{370}'..='\u{45f}' | '\u{2070}'..='\u{2089}' => {
            let (marked, bases) = MARKED;
            let mut pairs = marked.chars().zip(bases.chars());
            pairs.find(|(marked, _)| *marked == c).map(|(_, base)| base)
        }
        '\u{24b6}'..='\u{24e9}' => letter(code - 0x24b6),
        '\u{ff10}'..='\u{ff5a}' => char::from_u32(code - 0xfee0)
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase()),
        '\u{1d400}'..='\u{1d6a3}' => letter(code - 0x1d400),
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_digit((code - 0x1d7ce) % 10, 10),
        _ => None,
    }
}

/// The letters in a character that stands for several.
fn several(c: char) -> Option<&'static str> {
    let ligatures = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"];
    match c {
        'ß' | 'ẞ' => Some("ss"),
        'ﬀ'..='ﬆ' => ligatures.get(c as usize - 'ﬀ' as usize).copied(),
        _ => None,
    }
}

/// A word while it is read: the hash of its folded UTF-8, eight bytes at a time, as `ascii_word` makes it.
#[derive(Debug, Default)]
struct Spelling {
    is_begun: bool,
    hash: u64,
    last: u64,
    bits: u32,
}

impl Spelling {
    fn push(&mut self, c: char) {
        self.is_begun = true;
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            self.last |= u64::from(byte) << self.bits;
            self.bits += 8;
            if self.bits == u64::BITS {
                (self.hash, self.last, self.bits) = (self.hash() ^ START, 0, 0);
            }
        }
    }

    fn hash(&self) -> u64 {
        mixed(START ^ self.hash ^ self.last, MIX)
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    fn same(one: &str, other: &str) {
        let all = |text| words(text).collect::<Vec<_>>();
        assert_eq!(all(one), all(other), "{one:?} and {other:?}");
    }

    fn count(text: &str) -> usize {
        words(text).count()
    }

    /// The words by the slow way alone, as texts.
    fn spelled(text: &str) -> Vec<String> {
        let split = |c: char| !c.is_ascii_alphanumeric();
        let small = text.to_ascii_lowercase();
        let parts = small.split(split).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }

    #[test]
    fn ascii_words_are_split_and_folded_wherever_they_lie() {
        let alphabet = b"ab9Z -.{[`@_/:\n";
        let mut seed = 7_u64;
        for length in 0..400 {
            let text: String = (0..length)
                .map(|_| {
                    seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(11);
                    // Long words and long gaps both occur.
                    let any = usize::try_from(seed >> 40).unwrap();
                    let few = if any & 64 == 0 { 4 } else { alphabet.len() };
                    char::from(alphabet[any % few])
                })
                .collect();
            let expected: Vec<u64> = spelled(&text)
                .iter()
                .map(|word| words(word).next().unwrap())
                .collect();
            assert_eq!(words(&text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_slow_way_hashes_as_the_fast_one() {
        for word in [
            "a",
            "abcdefg",
            "abcdefgh",
            "abcdefghi",
            "abcdefghijklmnop",
            "0123456789abcdefg",
        ] {
            // A zero-width joiner forces the slow way.
            same(word, &format!("{word}\u{200d}"));
            same(word, &format!("\u{feff}{word}"));
        }
    }

    #[test]
    fn different_words_differ() {
        let texts = [
            "a",
            "b",
            "aa",
            "ab",
            "ba",
            "abcdefgh",
            "abcdefghi",
            "abcdefgi",
            "ä1",
            "ж",
            "日",
            "本",
        ];
        let mut all: Vec<u64> = texts.iter().flat_map(|text| words(text)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), texts.len());
    }

    #[test]
    fn hashes_never_change() {
        let all: Vec<u64> = words("Reset Straße 日").collect();
        assert_eq!(
            all,
            [
                0xd943_aa35_8c75_23d6,
                0xf3c8_a8f6_6489_7c20,
                0x5ab0_a37c_0e9b_60e6
            ]
        );
    }

    #[test]
    fn case_is_folded_in_every_script() {
        same("STRASSE Straße straẞe", "strasse strasse strasse");
        same("ΟΔΟΣ", "οδός");
        same("ЙОГУРТ ещё", "йогурт еще");
        same("İstanbul IŞIK", "istanbul ışık");
    }

    #[test]
    fn accents_and_forms_are_no_difference() {
        same("café naïve", "cafe\u{301} nai\u{308}ve");
        same("café", "cafe");
        same("Ｒｅｓｅｔ １２", "reset 12");
        same("𝐑𝐞𝐬𝐞𝐭 𝟙𝟚 Ⓡⓔset m²", "reset 12 reset m2");
        same("oﬀice ﬁle ﬂow", "office file flow");
        same("كِتَاب", "كتاب");
    }

    #[test]
    fn what_cannot_be_seen_is_passed_over() {
        same("re\u{200b}set pass\u{ad}word \u{feff}a", "reset password a");
        assert_eq!(count("\u{200b}\u{feff} \u{301}"), 0);
    }

    #[test]
    fn punctuation_of_every_script_separates() {
        same("it’s “so”—said", "it's \"so\" - said");
        same("（你好）。", "你好");
        assert_eq!(count("«да» ¿qué? …!"), 2);
        assert_eq!(count("🙂 👍🏽 — ***"), 0);
        assert_eq!(count(""), 0);
    }

    #[test]
    fn scripts_without_spaces_give_a_word_a_character() {
        assert_eq!(count("如何重置密码ABC吗"), 8);
        assert_eq!(count("パスワード"), 5);
        assert_eq!(count("비밀번호를 재설정"), 2);
        assert_eq!(count("क्या मैं"), 2);
    }

    #[test]
    fn a_text_cut_anywhere_is_read_to_its_end() {
        let text = "Grüße aus Köln, ÀÉ日本 x\u{301}y ꙮ 𝐀𝐁 ﷺ İi";
        for (end, _) in text.char_indices() {
            for start in 0..end {
                let _ = text.get(start..end).map(count);
            }
        }
    }
}
