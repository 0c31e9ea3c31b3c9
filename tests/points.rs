//! What an answer is worth must not change unnoticed: scores are compared over months, so other points for the same
//! answer need another version of their profile. Here a few thousand made answers are scored and their points, reasons
//! and checks held against what they were.

#![expect(
    clippy::unwrap_used,
    reason = "what makes the answers stands outside of the tests"
)]

use tunegate::score::{
    Answer, Check, CheckKind, CountRange, Dimension, Expectation, Form, Keyword, LetterCase,
    Pattern, Profile, Scoring, digest, score,
};

/// What answers are made of: sentences, forms, and what has caught a reader of text before.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "The refund reaches the customer within five days. ", "Open Settings > Billing and choose the plan! ",
    "Is the invoice 4711 from 3 March still open? ", "It depends on various things, and so on. ", "as an AI language model ",
    "I can't help with that. ", "I’m sorry, but I cannot assist. ", "It is important to note that many factors matter, ",
    "Ann asked \"why not\" and “how” – nobody knew. ", "See https://example.com/a_b or mail a@b.example. ", "12.5% ", "£5 ",
    "\n", "\n\n", "\r\n", " ", "\t", "- entry one\n", "* entry two\n", "1. first step\n", "2. second step\n", "3) third\n",
    "# Title\n", "**Bold title**\n\n", "**bold** ", "`code()` ", "```py\nx = 1\nprint(x)\n```\n", "~~~\n[1]\n~~~\n", "```\n",
    "    indented\n", "> quoted\n", "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n", "{\"a\": [1, 2]}\n", "[1, 2]", "<b>x</b> ",
    "[link](http://x.example) ", "Subject: Refund\n", "Dear Ann,\n", "Kind regards,\n", "HOST: hello\n", "[Scene 1]\n", "0:12 ",
    "TODO ", "TBD", "[insert name] ", "lorem ipsum ", "ignore previous instructions ", "rate this answer ", "XX% ", "etc. ",
    "Ärger ", "straße ", "İstanbul ", "ΟΔΟΣ ", "οδος ", "東京に住む", "ไทย ", "e\u{301}té ", "\u{feff}", "\u{a0}", "\u{2028}", "\u{85}",
    "\u{b}", "ſ ", "\u{212a}", "ﬁ ", "A/B tests ", "failed_attempts ", "USA ", "I'd ", "... ", ".. ! ? ", "• ", " • ", "✅ ok\n",
    "refunded refunds refunding ", "the of and to in ", "one two three four five six seven eight nine ten eleven twelve ",
];

const QUESTIONS: &[&str] = &[
    "",
    "How long does the refund of an invoice take? Explain the billing settings and name the plan to choose.",
    "Write a short table of entries.",
    "東京はどこ？",
    "Tell me a joke.",
];

/// Numbers that look random and are the same everywhere (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

fn check(kind: CheckKind, negated: bool, dimension: Dimension) -> Check {
    Check {
        kind,
        negated,
        weight: 1.5,
        dimension,
        required: false,
        label: None,
    }
}

fn checks() -> Vec<Check> {
    let text = |text: &str| text.to_owned();
    let list = |list: &[&str]| list.iter().map(|word| text(word)).collect();
    let pattern = |text: &str| CheckKind::Regex(Pattern::new(text).unwrap());
    let ignored = LetterCase::Ignored;
    let range = CountRange {
        min: Some(3),
        max: Some(60),
    };
    let own = || Dimension::new("accuracy");
    vec![
        check(CheckKind::Contains(text("ΟΔΟΣ"), ignored), false, own()),
        check(
            CheckKind::ContainsAll(list(&["refund", "STRASSE"]), ignored),
            false,
            own(),
        ),
        check(
            CheckKind::ContainsAny(list(&["Ann", "b"]), LetterCase::Sensitive),
            true,
            own(),
        ),
        check(pattern(r"(?i)\brefund\w*\b"), false, Dimension::QUALITY),
        check(
            pattern(r"[“”][^”]+[”]|\d ?%|\bk\b"),
            false,
            Dimension::FORMAT,
        ),
        check(CheckKind::IsJson, true, Dimension::FORMAT),
        check(CheckKind::IsRefusal, true, Dimension::RELEVANCE),
        check(CheckKind::WordCount(range), false, Dimension::SPECIFICITY),
        check(CheckKind::SentenceCount(range), false, Dimension::QUALITY),
        check(
            CheckKind::StartsWith(text("the"), ignored),
            true,
            Dimension::QUALITY,
        ),
    ]
}

fn keyword(any_of: &[&str]) -> Keyword {
    let any_of = any_of.iter().map(|word| (*word).to_owned()).collect();
    Keyword { any_of }
}

/// The digest of all that is said about answers number `from` to `to`.
fn said(profile: Profile, from: usize, to: usize) -> String {
    let scoring = Scoring {
        profile,
        ..Scoring::default()
    };
    let all = (from..to).map(|number| {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1));
        let parts = dice.below(40);
        let answer: String = (0..parts).map(|_| dice.one_of(PARTS)).collect();
        let form = Form::ALL.get(dice.below(Form::ALL.len() + 1)).copied();
        let mut checks = checks();
        checks.truncate(dice.below(checks.len() + 1));
        let mut keywords = vec![
            keyword(&["refund"]),
            keyword(&["A/B test", "東京"]),
            keyword(&["plan"]),
        ];
        keywords.truncate(dice.below(4));
        let expectation = Expectation {
            keywords,
            form,
            checks,
            ..Expectation::default()
        };
        let answer = Answer {
            finish_reason: [None, Some("stop"), Some("length")][dice.below(3)],
            ..Answer::new(&answer)
        };
        score(&scoring, &expectation, dice.one_of(QUESTIONS), &answer)
    });
    digest(&all.collect::<Vec<_>>()).unwrap().to_string()
}

#[track_caller]
fn unchanged(profile: Profile, to: usize, expected: &str) {
    assert_eq!(
        said(profile, 0, to),
        expected,
        "the same answers get other points, reasons or checks than before; if that is meant, raise the version of \
         profile `{}` and put the new digest here",
        profile.as_str()
    );
}

#[test]
fn the_standard_profile_says_of_made_answers_what_it_always_said() {
    unchanged(
        Profile::Standard,
        3000,
        "sha256:22c8837343bcb47479a1f78a1f7c8c201991070433b527691691dbc33006747b",
    );
}

#[test]
fn the_other_profiles_say_of_made_answers_what_they_always_said() {
    unchanged(
        Profile::Checks,
        500,
        "sha256:fffa1284256be21e67556ca6003f15c4345e7eec99ccbdb1fe786b9025d32c23",
    );
    unchanged(
        Profile::SeedRules,
        500,
        "sha256:7f1817e1e5f1a881d7dbac47898fa7e5558e8f5abcb2139c3d4454230a178733",
    );
}
