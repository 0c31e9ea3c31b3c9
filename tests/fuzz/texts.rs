//! What a run stores, is started by, and shows: records, journals, events, escaped words.

use bolero::check;
use tunegate::edge::github::{Event, EventError, WorkflowRun};
use tunegate::record::{self, JournalLine, Kept, Lock, Outcome, RunRecord, Settled};
use tunegate::report::{Answers, MOST_BYTES, comment, escape};

use crate::edited_text;
use crate::edits::{Edits, edited};
use crate::hostile::markdown::Parsed;
use crate::hostile::records::{Source, context, record};

const EVENTS: &[(&str, &str)] = &[
    (
        "pull_request",
        include_str!("../contract/events/pull_request.opened.json"),
    ),
    ("push", include_str!("../contract/events/push.json")),
    (
        "merge_group",
        include_str!("../contract/events/merge_group.checks_requested.json"),
    ),
    (
        "workflow_dispatch",
        include_str!("../contract/events/workflow_dispatch.json"),
    ),
    (
        "workflow_run",
        include_str!("../contract/events/workflow_run.completed.json"),
    ),
];
const JOURNAL: &[&str] = &[
    "{\"sample\":{\"agent\":\"qa\",\"case\":\"one\",\"spent\":{\"requests\":1,\"prompt_tokens\":10,\"completion_tokens\":5},\"sample\":{\"index\":0,\"status\":\"scored\",\"score\":7.5,\"dimensions\":{\"quality\":7.5},\"attempts\":1}}}",
    "{\"finished\":{\"record_digest\":\"sha256:00\"}}",
];
const MARKDOWN: &[&str] = &[
    "A | table\n--- | ---\n`x` | **y**\n\n[a]: https://example.com\n![b][a] <a@b.example> @somebody #12 GH-12 acme/models#1\n\n<details><summary>x</summary>\n\n$$y$$ ~~z~~ [^1]\n\n[^1]: note\n",
    "</code></pre></details><!-- tunegate:v1:model-quality --><script>\n````\n~~~\n    code\n- [ ] a\n1) b\n===\n",
];

fn good() -> RunRecord {
    record(&mut Source::harmless(), Outcome::Fail)
}

#[test]
fn no_edit_of_a_sealed_record_passes_unnoticed() {
    let mut record = good();
    let sealed = String::from_utf8(record.seal().unwrap()).unwrap();
    check!().with_type::<Edits>().for_each(|edits| {
        let text = edited(&[&sealed], edits);
        for kept in [Kept::Everything, Kept::Numbers] {
            if let Ok(read) = record::read(|| Ok(text.as_slice()), kept) {
                assert_eq!(read.record_digest, record.record_digest);
                assert_eq!(kept == Kept::Everything, read == record);
            }
        }
    });
}

#[test]
fn whatever_a_record_says_is_stored_as_it_is_and_shown_inert() {
    let text = serde_json::to_string(&good()).unwrap();
    check!().with_type::<Edits>().for_each(|edits| {
        let Ok(mut odd) = serde_json::from_slice::<RunRecord>(&edited(&[&text], edits)) else {
            return;
        };
        let Ok(sealed) = odd.seal() else { return };
        let Ok(read) = record::read(|| Ok(sealed.as_slice()), Kept::Everything) else {
            return;
        };
        assert_eq!(read, odd);
        let source = &mut Source::harmless();
        let shown = comment(&read, &context(source, &read, Answers::Excerpts)).unwrap();
        assert!(shown.len() <= MOST_BYTES);
        assert_eq!(shown.matches("<!-- tunegate").count(), 1, "{shown}");
        let parsed = Parsed::of(&shown);
        assert!(parsed.foreign_html().is_empty(), "{shown}");
        assert!(parsed.pings_and_links_to_be().is_empty(), "{shown}");
    });
}

#[test]
fn a_line_of_a_journal_is_understood_or_not() {
    check!().with_type::<Edits>().for_each(|edits| {
        let line = edited(JOURNAL, edits);
        if let Ok(line) = serde_json::from_slice::<JournalLine<Settled>>(&line) {
            let written = serde_json::to_vec(&line).unwrap();
            let again: JournalLine<Settled> = serde_json::from_slice(&written).unwrap();
            assert_eq!(serde_json::to_vec(&again).unwrap(), written);
        }
    });
}

#[test]
fn a_lock_file_is_read_or_refused() {
    let lock = "{\"schema\":\"tunegate.lock/1\",\"models\":[{\"agent\":\"qa\",\"model\":\"m\",\"data\":[]}]}";
    check!().with_type::<Edits>().for_each(|edits| {
        let text = edited(&[lock], edits);
        if let Ok(lock) = Lock::read(&text) {
            let written = lock.text().unwrap();
            assert_eq!(
                Lock::read(written.as_bytes()).unwrap().text().unwrap(),
                written
            );
        }
    });
}

fn told(why: &EventError) {
    let told = why.to_string();
    assert!(!told.chars().any(char::is_control), "{told:?}");
}

#[test]
fn an_event_is_understood_or_refused_in_one_line() {
    let texts: Vec<&str> = EVENTS.iter().map(|(_, text)| *text).collect();
    check!().with_type::<Edits>().for_each(|edits| {
        let payload = edited(&texts, edits);
        let (name, _) = EVENTS[usize::from(edits.0) % EVENTS.len()];
        match Event::read(name, &payload) {
            Ok(Event::PullRequest(pull)) => assert!(!pull.reviewed),
            Ok(event) => drop(event),
            Err(why) => told(&why),
        }
        if let Err(why) = Event::reviewed(&payload) {
            told(&why);
        }
        if let Err(why) = WorkflowRun::read(&payload) {
            told(&why);
        }
    });
}

#[test]
fn words_of_others_stay_words_wherever_they_are_shown() {
    check!().with_type::<Edits>().for_each(|edits| {
        let text = edited_text(MARKDOWN, edits);
        let (inline, code) = (escape::inline(&text), escape::code(&text));
        let (html, block) = (escape::html_code(&text), escape::block(&text));
        let shown = format!(
            "| a | b |\n|---|---|\n| {inline} | {code} |\n\n{inline}\n\n- {inline}: {code}\n\n<details><summary>{html}</summary>\n\n{block}\n\nend\n"
        );
        let plain = format!(
            "| a | b |\n|---|---|\n| {0} | {1} |\n\n{0}\n\n- {0}: {1}\n\n<details><summary>{2}</summary>\n\n{3}\n\nend\n",
            escape::inline("x"), escape::code("x"), escape::html_code("x"), escape::block("x")
        );
        let parsed = Parsed::of(&shown);
        assert!(parsed.links().is_empty(), "{shown}");
        assert!(parsed.foreign_html().is_empty(), "{shown}");
        assert!(parsed.pings_and_links_to_be().is_empty(), "{shown}");
        if !inline.is_empty() {
            assert_eq!(parsed.skeleton(), Parsed::of(&plain).skeleton(), "{shown}");
        }
        let line = escape::plain(&text);
        assert!(!line.chars().any(char::is_control), "{line:?}");
    });
}
