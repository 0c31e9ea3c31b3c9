//! The table of disguises, a test for each of its lines, and what a hostile file could do.

use std::time::{Duration, Instant};

use super::What::{Prompt, PromptWithAnswer, Reference, ShortPrompt};
use super::{Contamination, Match, Probe, RowText, What};

/// 45 words.
const LONG: &str = "I am locked out of Fernboard. I asked for a new password at 9:10 and again at 9:25; the link in the \
    first e-mail says it's no longer valid, and the second one hasn't shown up in Outlook. How do I get back in?";

/// 11 words.
const MIDDLE: &str = "How do I test an async function with pytest and asyncio?";

const SHORT: &str = "How do I reset my password?";

/// 24 words.
const ANSWER: &str = "Use the newest link only: every request cancels the earlier ones. Look in the spam folder, then \
    allow no-reply@example.com as a safe sender.";

fn probe(prompt: &str, reference: Option<&str>) -> Probe {
    Probe {
        prompts: vec![prompt.to_owned()],
        reference: reference.map(str::to_owned),
    }
}

fn look(probes: &[Probe], asked: &[&str], answered: &[&str]) -> Vec<Match> {
    let mut found = Vec::new();
    Contamination::new(probes.to_vec()).look(RowText { asked, answered }, &mut found);
    found
}

/// What a row of one question and one answer holds of one case.
fn what(prompt: &str, reference: Option<&str>, asked: &str, answered: &str) -> Option<What> {
    let found = look(&[probe(prompt, reference)], &[asked], &[answered]);
    assert!(found.len() <= 1, "{found:?}");
    found.first().map(|found| found.what)
}

fn is_found(prompt: &str, asked: &str) -> bool {
    what(prompt, Some(ANSWER), asked, "Sorry, no.") == Some(Prompt)
}

/// All prompts of eight words or more are found in this disguise.
fn found_as(disguise: impl Fn(&str) -> String) {
    for prompt in [LONG, MIDDLE] {
        assert!(is_found(prompt, &disguise(prompt)), "{}", disguise(prompt));
    }
    let short = what(SHORT, Some(ANSWER), &disguise(SHORT), "Sorry, no.");
    assert_eq!(short, Some(ShortPrompt), "{}", disguise(SHORT));
}

fn not_found_as(disguise: impl Fn(&str) -> String) {
    for prompt in [LONG, MIDDLE, SHORT] {
        let found = what(prompt, Some(ANSWER), &disguise(prompt), "Sorry, no.");
        assert_eq!(found, None, "{}", disguise(prompt));
    }
}

fn every_second(text: &str, change: impl Fn(&str) -> String) -> String {
    let words = text.split(' ').enumerate();
    let changed = words.map(|(at, word)| {
        if at % 2 == 0 {
            change(word)
        } else {
            word.to_owned()
        }
    });
    changed.collect::<Vec<_>>().join(" ")
}

#[test]
fn verbatim_is_found() {
    found_as(str::to_owned);
}

#[test]
fn changed_case_is_found() {
    found_as(str::to_uppercase);
    found_as(|text| every_second(text, str::to_uppercase));
}

#[test]
fn changed_punctuation_is_found() {
    found_as(|text| text.replace(['.', ';', ',', '?'], " !! "));
    found_as(|text| format!("“{}…”", text.replace('\'', "’")));
}

#[test]
fn punctuation_taken_out_is_found() {
    found_as(|text| text.replace(|c: char| c.is_ascii_punctuation(), ""));
    found_as(|text| text.replace(|c: char| c.is_ascii_punctuation(), " "));
}

#[test]
fn changed_white_space_is_found() {
    found_as(|text| text.replace(' ', "\n\n   \t"));
    found_as(|text| text.replace(' ', "\u{a0}"));
    found_as(|text| format!("\r\n {text} \u{3000}"));
}

#[test]
fn markdown_around_words_is_found() {
    found_as(|text| {
        format!(
            "> ## {}",
            every_second(text, |word| format!("**_{word}_**"))
        )
    });
    found_as(|text| format!("```\n{text}\n```"));
    found_as(|text| text.replace(' ', "\n> "));
}

#[test]
fn accents_and_forms_are_found() {
    found_as(|text| every_second(text, |word| word.replace('o', "ö")));
    found_as(|text| every_second(text, |word| word.replace('e', "e\u{301}")));
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        _ => c,
    };
    found_as(|text| text.chars().map(wide).collect());
}

#[test]
fn what_cannot_be_seen_hides_nothing() {
    found_as(|text| text.replace('o', "o\u{200b}"));
    found_as(|text| text.replace('a', "a\u{ad}"));
    found_as(|text| format!("\u{feff}{text}"));
}

#[test]
fn inside_of_a_longer_turn_long_prompts_are_found() {
    for prompt in [LONG, MIDDLE] {
        assert!(is_found(
            prompt,
            &format!("Hello! {prompt} Thanks, and have a good day.")
        ));
        assert!(is_found(
            prompt,
            &format!("Here is what a customer wrote:\n{prompt}\n\nReply politely.")
        ));
        // In the answering side, too.
        assert_eq!(
            what(prompt, Some(ANSWER), "Make a question", prompt),
            Some(Prompt)
        );
    }
    let inside = format!("Hello! {SHORT} Thanks.");
    assert_eq!(what(SHORT, None, &inside, "Click."), None);
}

#[test]
fn in_any_turn_it_is_found() {
    let found = look(
        &[probe(MIDDLE, None), probe(SHORT, None)],
        &["You are kind.", "Hi", MIDDLE, "Thanks!", SHORT],
        &["Hello", "Like this: …", "You are welcome", "Click."],
    );
    let what: Vec<_> = found
        .iter()
        .map(|found| (found.probe, found.what))
        .collect();
    assert_eq!(what, [(0, PromptWithAnswer), (1, ShortPrompt)]);
}

#[test]
fn one_word_changed_in_a_long_prompt_is_found() {
    assert!(is_found(LONG, &LONG.replace("Outlook", "Thunderbird")));
    assert!(is_found(
        LONG,
        &LONG.replace("I am locked", "We are locked")
    ));
}

#[test]
fn one_word_changed_in_a_short_prompt_is_not() {
    assert!(!is_found(MIDDLE, &MIDDLE.replace("async", "asynchronous")));
    let changed = SHORT.replace("password", "passphrase");
    assert_eq!(what(SHORT, Some(ANSWER), &changed, ANSWER), Some(Reference));
}

#[test]
fn a_fifth_cut_off_is_found_and_more_is_not() {
    let words: Vec<&str> = LONG.split(' ').collect();
    assert!(is_found(LONG, &words[4..].join(" ")));
    assert!(is_found(LONG, &words[..words.len() - 4].join(" ")));
    assert!(!is_found(LONG, &words[words.len() / 2..].join(" ")));
}

#[test]
fn exchanged_sentences_are_found_where_they_are_long() {
    let part = |at: usize| {
        let words: Vec<String> = (0..30).map(|word| format!("{at}x{word}")).collect();
        words.join(" ") + " "
    };
    let long = [0, 1, 2, 3].map(part).concat();
    assert!(is_found(&long, &[3, 1, 2, 0].map(part).concat()));
    let sentences = [
        "It is late here now.",
        "I am still at work.",
        "Nothing can be done.",
        "Why is that so?",
    ];
    let (long, mut exchanged) = (sentences.join(" "), sentences);
    exchanged.reverse();
    assert!(!is_found(&long, &exchanged.join(" ")));
}

#[test]
fn split_over_two_turns_long_prompts_are_found() {
    let (first, second) = LONG.split_once("; ").unwrap();
    let long = format!("{LONG} {ANSWER}");
    let second = format!("{second} {ANSWER}");
    let found = look(&[probe(&long, Some("Yes."))], &[first, &second], &["No."]);
    assert_eq!(found.len(), 1);
}

#[test]
fn another_wording_is_not_found() {
    not_found_as(|_| {
        "What must I do to choose a new secret word, and how are asynchronous tests written?"
            .to_owned()
    });
    not_found_as(|_| {
        "Wie setze ich mein Passwort zurück und komme wieder in mein Konto hinein?".to_owned()
    });
}

#[test]
fn synonyms_are_not_found() {
    not_found_as(|text| every_second(text, |_| "thing".to_owned()));
}

#[test]
fn letters_spaced_out_are_not_found() {
    not_found_as(|text| text.chars().flat_map(|c| [c, ' ']).collect());
}

#[test]
fn words_run_together_are_not_found() {
    not_found_as(|text| text.replace(' ', ""));
}

#[test]
fn coded_text_is_not_found() {
    // Base64 of the short prompt, and letters moved by thirteen.
    not_found_as(|_| "SG93IGRvIEkgcmVzZXQgbXkgcGFzc3dvcmQ/".to_owned());
    let moved = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(c) + 13).unwrap(),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c) - 13).unwrap(),
        _ => c,
    };
    not_found_as(|text| text.chars().map(moved).collect());
}

#[test]
fn letters_that_look_alike_are_not_found() {
    not_found_as(|text| text.replace('o', "о").replace('a', "а").replace('s', "ѕ"));
}

#[test]
fn markup_inside_of_words_or_between_them_is_not_found() {
    not_found_as(|text| every_second(text, |word| format!("<b>{word}</b>")));
    not_found_as(|text| text.replace('o', "&#111;"));
    not_found_as(|text| text.replace(' ', "\\n"));
}

#[test]
fn the_reference_as_the_answer_makes_it_worse() {
    for prompt in [LONG, MIDDLE, SHORT] {
        let answer = format!("Sure. {}", ANSWER.to_uppercase());
        assert_eq!(
            what(prompt, Some(ANSWER), prompt, &answer),
            Some(PromptWithAnswer)
        );
    }
}

#[test]
fn part_of_the_reference_is_enough_beside_its_prompt_but_not_alone() {
    let words: Vec<&str> = ANSWER.split(' ').collect();
    let most = words[..17].join(" ");
    assert_eq!(
        what(SHORT, Some(ANSWER), SHORT, &most),
        Some(PromptWithAnswer)
    );
    assert_eq!(what(SHORT, Some(ANSWER), "Hi", &most), None);
    let half = words[..11].join(" ");
    assert_eq!(what(SHORT, Some(ANSWER), SHORT, &half), Some(ShortPrompt));
}

#[test]
fn the_reference_alone_is_told() {
    assert_eq!(
        what(MIDDLE, Some(ANSWER), "Where is the mail?", ANSWER),
        Some(Reference)
    );
    // Twelve words say little without their question.
    let twelve = "Open the settings of your profile, choose security and then new password.";
    assert_eq!(what(MIDDLE, Some(twelve), "Where?", twelve), None);
    assert_eq!(
        what(MIDDLE, Some(twelve), MIDDLE, twelve),
        Some(PromptWithAnswer)
    );
}

#[test]
fn a_reference_in_the_question_is_no_answer() {
    let asked = format!("{MIDDLE} {ANSWER}");
    assert_eq!(what(MIDDLE, Some(ANSWER), &asked, "No."), Some(Prompt));
}

#[test]
fn a_reference_of_few_words_stands_in_the_answer_in_order() {
    let reference = Some("Click on profile");
    assert_eq!(
        what(SHORT, reference, SHORT, "First click on “Profile”, then …"),
        Some(PromptWithAnswer)
    );
    assert_eq!(
        what(SHORT, reference, SHORT, "On your profile click"),
        Some(ShortPrompt)
    );
    assert_eq!(
        what(SHORT, reference, "Where is it?", "Click on profile"),
        None
    );
}

#[test]
fn a_reference_of_one_word_is_the_whole_answer() {
    assert_eq!(
        what(MIDDLE, Some("billing"), MIDDLE, "**Billing.**"),
        Some(PromptWithAnswer)
    );
    assert_eq!(
        what(MIDDLE, Some("billing"), MIDDLE, "It is about billing"),
        Some(Prompt)
    );
    assert_eq!(
        what(SHORT, Some("billing"), SHORT, "billing"),
        Some(PromptWithAnswer)
    );
}

#[test]
fn without_a_reference_any_answer_to_the_whole_prompt_counts() {
    assert_eq!(
        what(MIDDLE, None, MIDDLE, "Use pytest-asyncio."),
        Some(PromptWithAnswer)
    );
    assert_eq!(what(MIDDLE, None, MIDDLE, " \n"), Some(Prompt));
    assert_eq!(
        what(MIDDLE, Some(" … "), MIDDLE, "Yes"),
        Some(PromptWithAnswer)
    );
    assert_eq!(what(SHORT, None, SHORT, "Click."), Some(ShortPrompt));
    // Not word for word: perhaps another question from the same template.
    let other = LONG.replace("Outlook", "Thunderbird");
    assert_eq!(what(LONG, None, &other, "Click."), Some(Prompt));
}

#[test]
fn how_much_stands_there_is_told() {
    let whole = look(&[probe(LONG, None)], &[LONG], &[]);
    assert_eq!(whole[0].percent, 100);
    let part = look(
        &[probe(LONG, None)],
        &[&LONG.replace("Outlook", "Thunderbird")],
        &[],
    );
    assert!((80..100).contains(&part[0].percent), "{part:?}");
}

#[test]
fn rows_from_the_template_of_several_cases_are_not_their_prompts() {
    let template = |ticket: &str| {
        format!(
            "Classify the ticket below as one of billing, access, data or other. Answer with the one word alone, in \
             small letters, without a full stop and without an explanation, even where two of them would fit. {LONG} \
             Ticket: {ticket}"
        )
    };
    let probes = [
        probe(&template("My card was charged twice."), Some("billing")),
        probe(&template("I see error 403 since Tuesday."), Some("access")),
        probe(&template("The export has no header."), Some("data")),
    ];
    let honest = template("Nobody can open the board of my team.");
    assert_eq!(look(&probes, &[&honest], &["access"]), []);
    let found = look(&probes, &[&probes[1].prompts[0]], &["access"]);
    let what: Vec<_> = found
        .iter()
        .map(|found| (found.probe, found.what))
        .collect();
    assert_eq!(what, [(1, PromptWithAnswer)]);
}

#[test]
fn cases_with_the_same_prompt_are_all_told() {
    let probes = [
        probe(MIDDLE, Some("one")),
        probe(SHORT, None),
        probe(MIDDLE, Some("two")),
        probe(SHORT, None),
    ];
    let found = look(&probes, &[MIDDLE, SHORT], &["Two"]);
    let what: Vec<_> = found
        .iter()
        .map(|found| (found.probe, found.what))
        .collect();
    assert_eq!(
        what,
        [
            (0, Prompt),
            (1, ShortPrompt),
            (2, PromptWithAnswer),
            (3, ShortPrompt)
        ]
    );
}

#[test]
fn of_several_prompts_any_long_one_is_enough_and_short_ones_must_all_be_there() {
    let several = |prompts: &[&str]| Probe {
        prompts: prompts.iter().map(|prompt| (*prompt).to_owned()).collect(),
        reference: None,
    };
    let found = |probe: Probe, asked: &[&str]| !look(&[probe], asked, &[]).is_empty();
    assert!(found(several(&["Hi!", MIDDLE]), &[MIDDLE]));
    assert!(!found(several(&["Hi!", MIDDLE]), &["Hi!"]));
    assert!(!found(several(&["Hi!", SHORT]), &["Hi!"]));
    assert!(found(several(&["Hi!", SHORT]), &["hi", SHORT]));
}

#[test]
fn prompts_without_words_are_never_found() {
    let probes = [probe("", None), probe("???", Some("!")), Probe::default()];
    assert_eq!(look(&probes, &["", "???", "🙂"], &["!"]), []);
    assert_eq!(look(&[], &[LONG], &[ANSWER]), []);
}

#[test]
fn scripts_without_spaces_are_found() {
    let chinese = "我昨天在系统里申请了两次新密码，但是邮件里的链接已经失效了，应该怎么办？";
    assert!(is_found(chinese, &format!("您好。{chinese}谢谢")));
    let short = "如何重置我的密码";
    assert_eq!(
        what(short, None, "如何重置我的密码？", "好"),
        Some(ShortPrompt)
    );
    assert_eq!(what(short, None, "请问如何重置我的密码？", "好"), None);
}

#[test]
fn a_planted_prompt_is_found_among_many_rows() {
    let mut seed = 1_u64;
    let mut any = |most: u64| {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (seed >> 33) % most
    };
    let contamination = Contamination::new(vec![probe(LONG, None), probe(MIDDLE, None)]);
    let vocabulary: Vec<&str> = LONG
        .split(' ')
        .chain(MIDDLE.split(' '))
        .chain(ANSWER.split(' '))
        .collect();
    let mut rows = Vec::new();
    for row in 0..20_000 {
        let words: Vec<&str> = (0..20)
            .map(|_| vocabulary[usize::try_from(any(70)).unwrap()])
            .collect();
        let asked = match row {
            777 => format!("hi {} {}", MIDDLE.to_lowercase(), words.join(" ")),
            _ => words.join(" "),
        };
        let mut found = Vec::new();
        contamination.look(
            RowText {
                asked: &[&asked],
                answered: &["Yes"],
            },
            &mut found,
        );
        rows.extend(found.iter().map(|found| (row, found.probe)));
    }
    assert_eq!(rows, [(777, 1)]);
}

/// Ten times what it takes without optimisation; a square of the rows would take hours.
const SOON: Duration = Duration::from_mins(1);

#[test]
fn one_word_repeated_takes_no_square_of_time() {
    let start = Instant::now();
    let text = "no ".repeat(500_000);
    let probes = [
        probe(&"no ".repeat(1000), None),
        probe(&"no ".repeat(9), Some(&"no ".repeat(20))),
    ];
    let found = look(&probes, &[&text], &[&text]);
    assert_eq!(found.len(), 2);
    assert!(start.elapsed() < SOON);
}

#[test]
fn many_cases_with_the_same_words_take_no_square_of_time() {
    let start = Instant::now();
    // The same eight words in all, and nothing in them that others do not have.
    let part = |at: usize| {
        format!(
            "{} {at} {at} {at} {at} {at} {at} {at} {at}",
            "no ".repeat(9)
        )
    };
    let probes: Vec<Probe> = (0..2000)
        .map(|at| probe(&format!("{} {}", part(at / 2), part(1000 + at / 2)), None))
        .collect();
    let text = (0..2000).map(part).collect::<Vec<_>>().join(" ");
    let contamination = Contamination::new(probes);
    let mut found = Vec::new();
    for _ in 0..5 {
        contamination.look(
            RowText {
                asked: &[&text],
                answered: &[&text],
            },
            &mut found,
        );
    }
    assert_eq!(found.len(), 5 * super::MOST_CASES);
    assert!(start.elapsed() < SOON);
}
