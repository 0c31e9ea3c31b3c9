//! Text that others wrote stays text: whatever stands in a record, the documents link, ping, hide and command nothing.
//!
//! Two questions are asked of every document: is it built exactly as with harmless words in the same places, and does
//! no text that GitHub would look at hold anything that GitHub turns into a link or a notification?
#![cfg(test)]

mod hostile {
    pub(crate) mod fragments;
    pub(crate) mod markdown;
    pub(crate) mod records;
}

use hostile::fragments::{hostile, longer};
use hostile::markdown::Parsed;
use hostile::records::{Source, context, record, touched_agent};
use proptest::prelude::*;
use tunegate::edge::runner_files::{Annotation, Level};
use tunegate::gate::publish::Told;
use tunegate::record::{Outcome, RunRecord};
use tunegate::report::{Answers, Context, MOST_BYTES, Notice, RunLine, audit, comment, summary};
use tunegate::score::{Answer, score};
use tunegate::suite::{self, Suite};

const MARKER: &str = "<!-- tunegate:v1:model-quality -->";
const RUN_LOG: &str = "https://github.example/acme/models/actions/runs/7";

fn suite_of(text: &str) -> Suite {
    let read = suite::read("suite.yaml", text.as_bytes());
    read.and_then(|file| file.finish(None))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Fail),
        Just(Outcome::Pass),
        Just(Outcome::Inconclusive),
        Just(Outcome::Error),
        Just(Outcome::Skipped),
    ]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(hostile(), 1..24)
}

fn comment_of(source: &mut Source, outcome: Outcome) -> String {
    let record = record(source, outcome);
    comment(&record, &context(source, &record, Answers::Excerpts)).unwrap()
}

#[track_caller]
fn inert(text: &str) {
    let parsed = Parsed::of(text);
    assert_eq!(parsed.links(), [RUN_LOG], "links in\n{text}");
    let none: [&str; 0] = [];
    assert_eq!(
        parsed.foreign_html(),
        none,
        "HTML that no template wrote in\n{text}"
    );
    assert_eq!(
        parsed.pings_and_links_to_be(),
        none,
        "GitHub would act on these in\n{text}"
    );
    assert!(text.starts_with(MARKER), "{text}");
    assert_eq!(text.matches("<!-- tunegate").count(), 1, "{text}");
    assert!(text.len() <= MOST_BYTES, "{} bytes", text.len());
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_comment_is_inert_whatever_stands_in_the_record(texts in texts(), outcome in outcome()) {
        inert(&comment_of(&mut Source::cycling(texts), outcome));
    }

    #[test]
    fn hostile_words_build_the_same_document_as_harmless_ones(texts in texts(), outcome in outcome()) {
        let hostile = comment_of(&mut Source::cycling(texts), outcome);
        let harmless = comment_of(&mut Source::harmless(), outcome);
        prop_assert_eq!(
            Parsed::of(&hostile).skeleton(),
            Parsed::of(&harmless).skeleton(),
            "{}", hostile
        );
    }

    #[test]
    fn a_notice_is_inert_whatever_a_provider_says(texts in texts()) {
        let mut source = Source::cycling(texts);
        let notice = Notice {
            run: RunLine { gate_id: "model-quality".into(), url: Some(RUN_LOG.into()), run_id: source.text(), attempt: 1, head: source.text() },
            headline: "⚠️ COULD NOT MEASURE".into(),
            do_this: "run the check again.".into(),
            details: (0..40).map(|_| source.text()).collect(),
        };
        inert(&notice.markdown().unwrap());
    }

    #[test]
    fn a_summary_commands_neither_runner_nor_terminal(texts in texts(), outcome in outcome()) {
        let mut source = Source::cycling(texts);
        let record = record(&mut source, outcome);
        let text = summary(&record, &context(&mut source, &record, Answers::Excerpts)).unwrap();
        obeyed_by_nobody(&text);
        prop_assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{}", text);
    }

    #[test]
    fn an_audit_commands_neither_runner_nor_terminal(texts in texts()) {
        let mut source = Source::cycling(texts);
        let record = record(&mut source, Outcome::Fail);
        let text = audit(&record.audit, &record.notices);
        prop_assert!(text.contains(" block"), "{}", text);
        obeyed_by_nobody(&text);
        prop_assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{}", text);
    }

    #[test]
    fn a_file_whose_name_is_a_command_commands_nobody(outcome in outcome()) {
        let mut source = Source::cycling(vec!["::add-mask::x".to_owned()]);
        let record = record(&mut source, outcome);
        let told = summary(&record, &context(&mut source, &record, Answers::Excerpts)).unwrap();
        let audited = audit(&record.audit, &record.notices);
        for line in told.lines().chain(audited.lines()) {
            prop_assert!(!line.trim_start().starts_with("::"), "{}", line);
        }
    }

    #[test]
    fn a_log_line_is_one_line_and_one_command(texts in texts()) {
        let told = Told::default();
        for text in &texts {
            told.say(Level::Error, text);
            told.line(text);
        }
        let log = told.take();
        obeyed_by_nobody(&log);
        let lines: Vec<&str> = log.lines().collect();
        prop_assert_eq!(lines.len(), 2 * texts.len());
        for pair in lines.chunks(2) {
            prop_assert!(pair[0].starts_with("::error title=tunegate::"), "{}", log);
            prop_assert!(pair[1].starts_with("tunegate: "), "{}", log);
        }
    }

    #[test]
    fn an_annotation_is_one_line_with_its_own_properties_only(text in hostile(), file in hostile()) {
        let annotation = Annotation { level: Level::Warning, title: Some(&text), file: Some(&file), line: Some(7), message: &text };
        let command = annotation.command();
        prop_assert!(!command.contains(['\n', '\r']), "{:?}", command);
        let properties = command.strip_prefix("::warning ").and_then(|rest| rest.split_once("::")).map(|(own, _)| own);
        let keys: Vec<&str> = properties.unwrap().split(',').map(|part| part.split_once('=').unwrap().0).collect();
        let expected: &[&str] = if file.is_empty() { &["line", "title"] } else { &["file", "line", "title"] };
        prop_assert_eq!(&keys[..], expected);
    }

    #[test]
    fn a_hidden_answer_is_nowhere(texts in texts(), outcome in outcome()) {
        let mut source = Source::cycling(texts).with_secret_answers("xyzzy");
        let record = record(&mut source, outcome);
        let hidden = comment(&record, &context(&mut source, &record, Answers::Hidden)).unwrap();
        prop_assert!(!hidden.contains("xyzzy"), "{}", hidden);
        let plain = summary(&record, &context(&mut source, &record, Answers::Hidden)).unwrap();
        prop_assert!(!plain.contains("xyzzy"), "{}", plain);
    }
}

#[track_caller]
fn obeyed_by_nobody(text: &str) {
    assert!(!text.contains("##["), "{text}");
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
}

#[test]
fn an_answer_that_may_be_shown_is() {
    let mut source = Source::harmless().with_secret_answers("xyzzy");
    let record = record(&mut source, Outcome::Fail);
    let text = comment(&record, &context(&mut source, &record, Answers::Excerpts)).unwrap();
    assert!(text.contains("xyzzy"), "{text}");
}

/// A loss is explained without the answer's own words: it is shown where answers are not.
#[test]
fn no_reason_for_a_lost_point_quotes_the_answer() {
    let suite = "
cases:
  - id: a
    prompt: Name three steps to a refund.
    keywords: [refund, [invoice, bill]]
    expect: steps
    checks:
      - {contains: refund, dimension: specificity}
      - {not-contains: xyzzy}
      - {equals: done}
      - {starts-with: Dear}
      - {contains-all: [one, two]}
      - {regex: '^[0-9]+$'}
      - {word-count: {min: 100}}
      - {finish-reason: stop}
      - {is-json: true}
      - {any: [{contains: paid}, {contains: settled}]}
";
    let answers = [
        "xyzzy",
        "I cannot help with xyzzy.",
        "xyzzy xyzzy xyzzy. Xyzzy is very good, really nice and quite xyzzy.",
        "{\"xyzzy\": [1, 2",
        "# xyzzy\n\n- xyzzy\n- xyzzy\n\n```xyzzy\nxyzzy(\n",
        "As an AI language model, xyzzy. As an AI language model, xyzzy. As an AI language model, xyzzy.",
    ];
    for profile in ["standard", "checks", "seed-rules"] {
        let checked = suite.replace(
            "expect: steps\n",
            if profile == "seed-rules" {
                "\n"
            } else {
                "expect: steps\n"
            },
        );
        let text = format!("scoring: {{profile: {profile}}}{checked}");
        let suite = suite_of(&text);
        let case = &suite.cases[0];
        for answer in answers {
            let answer = Answer {
                finish_reason: Some("length"),
                ..Answer::new(answer)
            };
            let scored = score(&suite.scoring, &case.expectation, case.prompt(), &answer);
            for loss in scored.lost {
                assert!(
                    !loss.why.to_lowercase().contains("xyzzy") || loss.why.contains("not-contains"),
                    "{}",
                    loss.why
                );
            }
        }
    }
}

fn plain_record(outcome: Outcome) -> (RunRecord, Context) {
    let mut source = Source::harmless();
    let record = record(&mut source, outcome);
    let context = context(&mut source, &record, Answers::Excerpts);
    (record, context)
}

#[test]
fn five_hundred_agents_fit_into_a_comment() {
    for outcome in [Outcome::Fail, Outcome::Pass] {
        let (mut record, context) = plain_record(outcome);
        let mut source = Source::harmless();
        let template = touched_agent(&mut source, "agent");
        record.agents = (0..500)
            .map(|n| {
                let mut agent = template.clone();
                let name =
                    format!("an_agent_with_quite_a_long_name_as_people_like_to_have_it_{n:03}");
                agent.name = tunegate::agent::AgentName::new(name).unwrap();
                agent
            })
            .collect();
        let text = comment(&record, &context).unwrap();
        inert(&text);
        assert!(text.contains("more in the run's files"), "{text}");
        assert!(text.lines().nth(2).unwrap().len() < 600, "{text}");
    }
}

#[test]
fn a_comment_of_exactly_the_bound_is_whole_and_one_byte_more_is_cut() {
    // Shorter than what is cut itself, and so long that they are no more lines than a list may have.
    const LONG: usize = 290;
    let (record, mut context) = plain_record(Outcome::Fail);
    let mut written = |banners: &[String]| {
        context.banners = banners.to_vec();
        comment(&record, &context).unwrap()
    };
    let of = |letter: &str, length: usize| letter.repeat(length / letter.len());
    for letter in ["a", "ä"] {
        let mut banners = vec![of(letter, LONG)];
        let one = written(&banners).len();
        let each = written(&[of(letter, LONG), of(letter, LONG)]).len() - one;
        let beside = each - LONG;
        let left = MOST_BYTES - one;
        banners.resize(left / each, of(letter, LONG));
        // Two shorter ones take what is left to the byte.
        let rest = left + each - banners.len() * each - 2 * beside;
        let (first, second) = (rest / 2 / 2 * 2, rest - rest / 2 / 2 * 2);
        banners.extend([of(letter, first), "b".repeat(second)]);
        let whole = written(&banners);
        assert_eq!(whole.len(), MOST_BYTES, "{letter}");
        inert(&whole);
        assert!(whole.contains(&banners[banners.len() - 1]));

        banners[0].push('c');
        let cut = written(&banners);
        assert!(cut.len() < MOST_BYTES, "{letter}: {} bytes", cut.len());
        inert(&cut);
    }
}

#[test]
fn five_thousand_reasons_fit_into_a_comment_and_are_counted() {
    let (mut record, context) = plain_record(Outcome::Fail);
    let reason = record.verdict.reasons[0].clone();
    record.verdict.reasons = vec![reason; 5_000];
    let text = comment(&record, &context).unwrap();
    inert(&text);
    assert!(text.contains("more in the run's files"), "{text}");
    assert!(text.contains("| agent | result |"), "the table survives");
}

#[test]
fn answers_prompts_and_messages_of_two_megabytes_fit_into_a_comment() {
    for unit in ["a", "ä🙂", "`", "|@#12 ", "line\n", "<!--"] {
        let text = unit.repeat(2_000_000 / unit.len());
        let mut source = Source::cycling(vec![text]);
        let written = comment_of(&mut source, Outcome::Fail);
        inert(&written);
        assert!(written.contains("more characters"), "{unit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_hostile_texts_stay_inert_where_they_are_cut(texts in proptest::collection::vec(longer(), 1..6)) {
        inert(&comment_of(&mut Source::cycling(texts), Outcome::Fail));
    }
}

#[test]
fn a_record_with_a_name_that_is_none_is_refused() {
    let mut source = Source::harmless();
    let mut record = record(&mut source, Outcome::Pass);
    let sealed = String::from_utf8(record.seal().unwrap()).unwrap();
    let name = record.agents[0].name.as_str();
    let forged = sealed.replace(&format!("\"{name}\""), "\"::add-mask::x\"");
    assert_ne!(forged, sealed);
    let error = tunegate::record::unseal(forged.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(error.contains("is not an agent's name"), "{error}");
}
