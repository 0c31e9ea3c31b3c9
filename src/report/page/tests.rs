//! What a reader finds on a page, and what words of others cannot do there.

use serde_json::{Value, json};

use super::super::tests::{context, record};
use super::*;
use crate::report::Answers;

const HOSTILE: &str = "</script></style><!--<img src=x onerror=alert(1)>'\"\u{202e}\u{2028}&amp;";

fn written(record: &RunRecord, context: &Context) -> String {
    let mut words = |name: &AgentName, range: Range<usize>| -> Result<Vec<Told>, String> {
        let cases = &record.agent(name).unwrap().cases[range];
        let told = cases.iter().map(|case| Told {
            case: case.clone(),
            old: Some(HOSTILE.to_owned()),
            base: None,
        });
        Ok(told.collect())
    };
    let mut page = Vec::new();
    write(record, context, &mut words, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// Every string of a record that others may have written.
fn spoilt(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (key, value) in members {
                let theirs = matches!(
                    key.as_str(),
                    "content"
                        | "answer"
                        | "why"
                        | "model"
                        | "message"
                        | "expectation"
                        | "tags"
                        | "not_compared"
                        | "path"
                        | "detail"
                        | "old"
                        | "new"
                        | "notices"
                        | "what"
                        | "baseline_model"
                        | "commit"
                        | "provider"
                        | "cluster"
                        | "url"
                );
                *value = if theirs && value.is_string() {
                    json!(HOSTILE)
                } else if theirs && value.is_array() {
                    json!([HOSTILE])
                } else {
                    spoilt(value.take())
                };
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = spoilt(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

#[test]
fn nothing_that_others_wrote_becomes_part_of_the_page() {
    let plain = record(&[("qa", Some(9.0), Some(7.0))]);
    let text = spoilt(serde_json::to_value(&plain).unwrap());
    let spoilt: RunRecord = serde_json::from_value(text).unwrap();
    let mut context = context(&[HOSTILE]);
    context.run.url = Some(format!("https://example.com/{HOSTILE}"));
    let page = written(&spoilt, &context);

    let count = |wanted: &str| page.matches(wanted).count();
    assert_eq!((count("<script"), count("</script")), (2, 2), "{page}");
    assert_eq!((count("<style"), count("</style")), (1, 1), "{page}");
    assert_eq!((count("<img"), count("<!--")), (0, 0), "{page}");
    assert!(!page.contains(['\u{202e}', '\u{2028}']), "{page}");
    let data = data(&page);
    let shown = data["cases"][0]["samples"][0]["answer"][0]
        .as_str()
        .unwrap();
    assert!(shown.contains("<img src=x onerror=alert(1)>"), "{shown}");
}

#[test]
fn the_policy_names_the_digests_of_the_style_and_the_script_that_the_page_has() {
    use base64::Engine as _;
    use sha2::Digest as _;

    let page = written(&record(&[("qa", Some(9.0), Some(9.0))]), &context(&[]));
    let between = |open: &str, close: &str| {
        let (_, rest) = page.split_once(open).unwrap();
        let text = rest.split_once(close).unwrap().0;
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text))
    };
    let (head, _) = page.split_once("<title>").unwrap();
    let head = head.replace("&#x27;", "'").replace("&#x2f;", "/");
    let (style, script) = (
        between("<style>", "</style>"),
        between("<script>", "</script>"),
    );
    for wanted in [
        "default-src 'none'".to_owned(),
        format!("style-src 'sha256-{style}'"),
        format!("script-src 'sha256-{script}'"),
    ] {
        assert!(head.contains(&wanted), "{wanted} in {head}");
    }
}

#[test]
fn no_two_places_of_a_page_have_one_name() {
    let mut record = record(&[("qa", Some(9.0), Some(9.0))]);
    let file = json!({
        "path": "train.jsonl", "bytes": 1, "rows": 1, "distinct": 1, "rows_added": 1, "rows_removed": 0,
        "rows_changed": 0, "approximate_tokens": 1,
    });
    record.audit.files = serde_json::from_value(json!([file])).unwrap();
    let page = written(&record, &context(&[]));
    let ids = page.split(" id=\"").skip(1);
    let mut ids: Vec<&str> = ids
        .filter_map(|rest| Some(rest.split_once('"')?.0))
        .collect();
    ids.sort_unstable();
    assert!(ids.contains(&"training-data"), "{ids:?}");
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
}

#[test]
fn agents_stand_best_first_and_those_without_a_score_last() {
    let record = record(&[
        ("low", Some(6.0), Some(6.0)),
        ("out", Some(9.0), None),
        ("high", Some(9.0), Some(9.0)),
    ]);
    let page = written(&record, &context(&[]));
    let places = ["high", "low", "out"].map(|name| {
        page.find(&format!("<th scope=\"row\">{name}</th>"))
            .unwrap()
    });
    assert!(places.is_sorted(), "{places:?}");
    assert!(
        page.contains("aria-label=\"low: 6.00, plausible range "),
        "{page}"
    );
}

#[test]
fn where_answers_are_hidden_no_answer_is_in_the_page() {
    let hidden = Context {
        answers: Answers::Hidden,
        ..context(&[])
    };
    let page = written(&record(&[("qa", Some(9.0), Some(7.0))]), &hidden);
    assert!(!page.contains("We are sorry."), "{page}");
    assert_eq!(data(&page)["hidden"], true);
}

#[test]
fn what_stands_between_backticks_is_shown_as_code_and_stays_text() {
    let shown = |text: &str| spans(text).to_string();
    assert_eq!(
        shown("set `gate.floor` or `<b>`"),
        "set <code>gate.floor</code> or <code>&lt;b&gt;</code>"
    );
    assert_eq!(shown("one ` alone, <b>"), "one ` alone, &lt;b&gt;");
    assert_eq!(shown("``"), "<code></code>");
}

#[test]
fn only_an_address_of_the_web_is_linked() {
    assert_eq!(address("javascript:alert(1)"), None);
    assert_eq!(address("file:///etc/passwd"), None);
    assert_eq!(
        address("https://example.com/\"onclick=\"x").as_deref(),
        Some("https://example.com/onclick=x")
    );
}

#[test]
fn a_history_draws_each_record_and_marks_where_a_score_moved() {
    use crate::report::history::{History, Step};
    let step = |day: u32, score: Option<f64>| Step {
        path: String::new(),
        commit: format!("abcdef0{day}"),
        created: format!("2026-11-0{day}T10:00:00Z"),
        model: HOSTILE.to_owned(),
        score,
        interval: score.map(|score| [score - 0.3, score + 0.2]),
        prompts: 20,
        answers: true,
        scheduled: day == 2,
        kept_because: (day == 3).then(|| HOSTILE.to_owned()),
    };
    let scores = [Some(8.4), Some(8.5), Some(7.5), None, Some(7.6)];
    let steps = (1..).zip(scores).map(|(day, score)| step(day, score));
    let histories = [History {
        agent: AgentName::new("qa").unwrap(),
        steps: steps.collect(),
    }];
    let page = history(&histories, 20, "here").unwrap();
    let count = |wanted: &str| page.matches(wanted).count();
    assert_eq!(count("<circle class=\"now"), 4, "{page}");
    assert_eq!(
        count("<line class=\"step\""),
        2,
        "no line over a record without a score: {page}"
    );
    assert_eq!(count("▼ −1.00, more than noise"), 1, "{page}");
    assert_eq!(
        (count("<img"), count("<script"), count("</style")),
        (0, 0, 1),
        "{page}"
    );
    let last = history(&histories, 1, "here").unwrap();
    assert_eq!(last.matches("<circle class=\"now").count(), 1);
    assert!(
        history(&[], 20, "here")
            .unwrap()
            .contains("No record is stored")
    );
}
