use std::time::{Duration, Instant};

use serde_json::json;

use super::*;
use crate::score::finding::Holds;

fn is_so(notation: Notation, text: &str) -> bool {
    is(&Reading::new(text), notation).passes(false)
}

fn why_not(notation: Notation, text: &str) -> String {
    let finding = is(&Reading::new(text), notation);
    assert_eq!(finding.holds, Holds::No, "{text}");
    finding.found.unwrap_or_default()
}

fn stands_in(notation: Notation, text: &str) -> bool {
    holds(&Reading::new(text), notation).passes(false)
}

fn schema(value: serde_json::Value) -> Schema {
    Schema::new(value).unwrap()
}

#[test]
fn json_fits_its_schema_bare_or_in_the_one_fenced_block() {
    let person = schema(json!({
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    }));
    let fit = |text: &str| fits(&Reading::new(text), &person);
    assert!(fit(r#" {"name": "Ann", "age": 7} "#).passes(false));
    assert!(fit("Here:\n\n```json\n{\"name\": \"Ann\"}\n```\n").passes(false));
    let told = |text: &str| fit(text).found.unwrap_or_default();
    assert_eq!(
        told(r#"{"age": -1, "sex": 1}"#),
        "`/age`: must be >=0, but got -1; it: additionalProperties 'sex' not allowed; it: missing properties 'name'"
    );
    assert!(told("Sure! {}").starts_with("is not JSON: expected value"));
    assert_eq!(told("  "), "is empty");
    assert!(fit("[]").passes(true), "turned around");
}

#[test]
fn a_schema_stays_within_itself_and_says_where_it_is_wrong() {
    let fault = |value| Schema::new(value).unwrap_err();
    let typed = fault(json!({"properties": {"a": {"type": "strng"}}}));
    assert_eq!(typed.steps, ["properties", "a", "type"]);
    for elsewhere in [
        "https://example.com/x.json",
        "file:///etc/passwd",
        "other.json",
    ] {
        let why = fault(json!({"properties": {"a": {"$ref": elsewhere}}})).why;
        assert!(why.contains("not part of the schema"), "{why}");
    }
    let pattern = fault(json!({"properties": {"a": {"pattern": "a(?=b)"}}}));
    assert_eq!(
        pattern.steps.first().map(String::as_str),
        Some("properties")
    );
    assert!(pattern.why.contains("look-around"), "{}", pattern.why);
    let tree = json!({"$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"});
    assert_eq!(schema(tree).complaint(&json!({"next": {"next": {}}})), None);
    assert!(schema(json!({"$ref": "#"})).complaint(&json!(1)).is_some());
}

#[test]
fn a_format_is_held_to() {
    let mail = schema(json!({"type": "string", "format": "email"}));
    assert_eq!(mail.complaint(&json!("ann@example.com")), None);
    assert!(mail.complaint(&json!("ann")).is_some());
}

#[test]
fn json_between_words_is_found_and_may_have_to_fit() {
    let found = |text: &str| holds_json(&Reading::new(text), None).passes(false);
    assert!(found("Sure! {\"a\": 1} Anything else?"));
    assert!(found("see [draft], then [1, 2]"));
    assert!(!found("see [draft] and {name}; 42 is no structure"));
    assert!(!found("{\"a\": 1"));
    let wanted = schema(json!({"required": ["b"]}));
    let text = "first {\"a\": 1}, then {\"b\": 1}";
    assert!(holds_json(&Reading::new(text), Some(&wanted)).passes(false));
    let without = holds_json(&Reading::new("{\"a\": 1}"), Some(&wanted));
    assert_eq!(without.found.as_deref(), Some("it: missing properties 'b'"));
}

#[test]
fn xml_is_one_well_formed_document() {
    let xml = Notation::Xml;
    assert!(is_so(
        xml,
        "<?xml version=\"1.0\"?>\n<a b='1'><c/>text &amp; more</a>"
    ));
    assert!(is_so(xml, "Here:\n```xml\n<a/>\n```"));
    assert!(why_not(xml, "<a><b></a>").contains("expected 'b' tag, not 'a'"));
    assert!(why_not(xml, "plain").starts_with("is not XML"));
    assert!(why_not(xml, "<a/><b/>").starts_with("is not XML"));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"x\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
    assert_eq!(why_not(xml, bomb), "has a document type, which is not read");
}

#[test]
fn an_xml_element_is_found_between_words() {
    for text in [
        "It is <answer>42</answer>, of course.",
        "if a < b then <x:y z=\"1\"/>",
        "<a> <!-- <b> --> x </a>",
        "<a><b>broken outside, whole inside</b>",
    ] {
        assert!(stands_in(Notation::Xml, text), "{text}");
    }
    for text in [
        "a < b and c > d",
        "<br> and <name>",
        "<a>Bell & Co</a>",
        "<!-- <a/> -->",
        "<a b=1>x</a>",
        "</a>",
        "<",
    ] {
        assert!(!stands_in(Notation::Xml, text), "{text}");
    }
}

#[test]
fn html_is_made_of_elements_that_it_knows_and_nothing_else() {
    let html = Notation::Html;
    for text in [
        "<!DOCTYPE html><html><head><title>a < b</title></head><body><p>One<p>Two<br></body></html>",
        "<ul><li>a<li>b</ul>\n<my-card></my-card>",
        "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>",
        "<script>if (a < b) { x('</p>') }</script>",
        "```html\n<b>x</b>\n```",
    ] {
        let finding = is(&Reading::new(text), html);
        assert!(finding.passes(false), "{text}: {finding:?}");
    }
    assert_eq!(
        why_not(html, "Hello <b>you</b>"),
        "line 1: words stand outside of all elements"
    );
    assert_eq!(
        why_not(html, "<div>\n<p>a</div></div>"),
        "line 2: `</div>` closes nothing"
    );
    assert_eq!(
        why_not(html, "<div><b>a</div>"),
        "line 1: `<b>` is not closed before `</div>`"
    );
    assert_eq!(
        why_not(html, "<div>\n<b>a</b>"),
        "line 1: `<div>` is not closed"
    );
    assert_eq!(
        why_not(html, "<name>x</name>"),
        "line 1: `<name>` is no element of HTML"
    );
    assert_eq!(why_not(html, "<!-- a -->"), "holds no element of HTML");
    assert_eq!(
        why_not(html, "just words"),
        "line 1: words stand outside of all elements"
    );
}

#[test]
fn an_html_element_is_found_between_words() {
    assert!(stands_in(Notation::Html, "Press <kbd>Enter</kbd>."));
    assert!(stands_in(Notation::Html, "a<br>b"));
    assert!(!stands_in(
        Notation::Html,
        "List<String> and <b@example.com> and <p>"
    ));
    assert!(!stands_in(Notation::Html, "a < b > c"));
}

#[test]
fn yaml_is_a_mapping_or_a_list() {
    let yaml = Notation::Yaml;
    assert!(is_so(yaml, "a: 1\nb: [2, 3]\n"));
    assert!(is_so(yaml, "Here:\n\n```yaml\n- a\n- b\n```"));
    assert_eq!(
        why_not(yaml, "You can reset it in Settings."),
        "is plain text, neither a mapping nor a list"
    );
    assert!(why_not(yaml, "a: [1\n").starts_with("line "));
}

/// Text that parsers dislike, of about so many characters.
fn hostile(length: usize) -> Vec<String> {
    let units = [
        "[",
        "{\"a\":",
        "[1,",
        "[\",",
        "<a>",
        "<a ",
        "</a>",
        "<a b=\"",
        "<!--",
        "<![CDATA[",
        "<?",
        "<a><!-- -->",
        "&amp;",
        "<p>",
        "<div><p>",
        "</p>",
        "<script>",
        "<svg>",
        "- ",
        "? ",
        "a: ",
        "{a: ",
        "\"",
        "'",
        "\\",
        "```\n",
        "> ",
        "* ",
        "\u{0}",
        "\u{feff}",
        "é",
        "<a x:b='1' ",
        "&",
        "|\n ",
        "!!a ",
        "&a [*a, ",
        "[a](",
        "`",
    ];
    units
        .iter()
        .map(|unit| unit.repeat(length / unit.len() + 1))
        .collect()
}

#[test]
fn no_structure_overflows_or_grows_faster_than_its_text() {
    let any = schema(json!({"type": "object", "properties": {"a": {"type": "integer"}}}));
    let attributes = (0..10_000).map(|number| format!(" a{number}=''"));
    let attributes = format!("<a{}/>", attributes.collect::<String>());
    let scopes = (0..5_000).map(|number| format!("<a xmlns:a{number}='b'>"));
    let scopes: String = scopes.collect();
    let texts = hostile(100_000).into_iter().chain([attributes, scopes]);
    for text in texts {
        let started = Instant::now();
        let reading = Reading::new(&text);
        fits(&reading, &any);
        holds_json(&reading, Some(&any));
        for notation in [Notation::Xml, Notation::Html, Notation::Yaml] {
            is(&reading, notation);
            holds(&reading, notation);
        }
        let took = started.elapsed();
        let start: String = text.chars().take(12).collect();
        assert!(took < Duration::from_secs(5), "{start:?} took {took:?}");
    }
}

#[test]
fn what_is_too_long_cannot_be_told_either_way() {
    let text = format!("[{}1]", "1,".repeat(600_000));
    let finding = is(&Reading::new(&text), Notation::Yaml);
    assert!(!finding.passes(false) && !finding.passes(true));
}
