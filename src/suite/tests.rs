use proptest::prelude::*;

use super::*;
use crate::score::{CheckKind, LetterCase, Profile};

fn suite(text: &str) -> Result<Suite, String> {
    let file = read("suites/a.yaml", text.as_bytes()).and_then(|file| file.finish(None));
    file.map_err(|problems| problems.to_string())
}

/// What is wrong with one check entry, without the place.
fn check(entry: &str) -> String {
    let text = format!("cases:\n  - id: a\n    prompt: x\n    checks:\n      - {entry}\n");
    let problem = suite(&text).unwrap_err();
    let (_, message) = problem.split_once(": cases[0].checks[0]").unwrap();
    message.to_owned()
}

#[test]
fn the_documented_example_reads_without_the_checks_that_are_to_come() {
    let text = r"
# yaml-language-server: $schema=…/schemas/suite.json
description: Writing and reviewing tests.
scoring: {profile: standard, weights: {quality: 1, relevance: 1, format: 1, specificity: 1}}
cases:
  - id: pytest-async
    prompt: How do I test an async function with pytest?      # or messages: [{role, content}, …]
    keywords: [async, [pytest, unittest], await]               # words with stems; an inner list means any of these
    expect: code
    checks:
      - {contains: pytest.mark.asyncio, dimension: specificity, weight: 2}
      - {not-contains: TODO}
      - {word-count: {min: 40, max: 400}, dimension: format}
    reference: …
    rubric: …
    tags: [python, edge-case]
    weight: 1
    cluster: …
draft: false
";
    let suite = suite(text).unwrap();
    let case = &suite.cases[0];
    assert_eq!(
        case.prompt(),
        "How do I test an async function with pytest?"
    );
    assert_eq!(case.expectation.keywords[1].any_of, ["pytest", "unittest"]);
    assert_eq!(case.expectation.checks.len(), 3);
    assert!(case.expectation.checks[1].negated);
    assert_eq!(case.expectation.checks[0].dimension, Dimension::SPECIFICITY);
    assert_eq!(suite.scoring.profile, Profile::Standard);
}

#[test]
fn our_own_suites_read_without_a_problem_and_fit_their_schema() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let bytes = std::fs::read(&path).unwrap();
            let suite = read("suites/a.yaml", &bytes).and_then(|file| file.finish(None));
            assert_eq!(
                suite
                    .map(|suite| suite.cases.len())
                    .map_err(|e| e.to_string()),
                Ok(10),
                "{path:?}"
            );
            fits(&schema, std::str::from_utf8(&bytes).unwrap());
        }
    }
}

fn fits(schema: &jsonschema::Validator, text: &str) {
    let tree = yaml::yaml("f", text).unwrap();
    let log = yaml::Log::new("f");
    let value: serde_json::Value = yaml::Spot::root(&log, &tree).read().unwrap();
    let errors: Vec<_> = schema
        .iter_errors(&value)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_suite_that_is_none_says_why() {
    assert_eq!(
        suite("a").unwrap_err(),
        "suites/a.yaml:1:1: expected a mapping (`key: value`), found \"a\""
    );
    assert_eq!(
        suite("cases: []").unwrap_err(),
        "suites/a.yaml: the suite has 0 cases; add one under `cases`, or name a file of cases in `cases_from`"
    );
    assert_eq!(
        suite("cases: 3").unwrap_err(),
        "suites/a.yaml:1:8: cases: expected a list, found the number 3"
    );
    assert!(
        suite("tests: []\nprompts: []")
            .unwrap_err()
            .contains("looks like a file of another tool")
    );
}

#[test]
fn all_problems_of_a_file_are_named_at_once() {
    let text = "\
scoring: {profile: standart, weights: {Quality: 1, format: 0, relevance: .inf}}
cases:
  - {id: one, prompt: a, messages: [{role: user, content: x}], keywords: [403, '', [], [a, 5]], expect: cod}
  - {prompt: x, id: 12}
  - {id: three}
  - {id: four, messages: [{role: tool, content: x}]}
  - {id: five, messages: [{role: user, content: x}, {role: assistant, content: y}]}
  - {id: six, messages: []}
  - {id: seven, prompt: '', weight: -1, tags: [a, true]}
  - {id: eight, promt: x, prompt: y}
cases_from: ../../x.jsonl
";
    insta::assert_snapshot!(suite(text).unwrap_err(), @r#"
    suites/a.yaml:1:20: scoring.profile: unknown value `standart`; did you mean `standard`?
    suites/a.yaml:1:49: scoring.weights.Quality: `Quality` is no dimension; write small letters, digits, `-` and `_`, a letter first
    suites/a.yaml:1:60: scoring.weights.format: expected a weight above 0, found 0
    suites/a.yaml:1:74: scoring.weights.relevance: expected a finite number, found the number .inf
    suites/a.yaml:3:26: cases[0].messages: a case has `prompt` or `messages`, here are both; keep one
    suites/a.yaml:3:75: cases[0].keywords[0]: expected a word (in quotes if it looks like a number) or a list of words, found the number 403
    suites/a.yaml:3:80: cases[0].keywords[1]: a keyword is empty; write a word or remove it
    suites/a.yaml:3:84: cases[0].keywords[2]: the list is empty; name at least one word
    suites/a.yaml:3:92: cases[0].keywords[3][1]: expected text, found the number 5; write it in quotes
    suites/a.yaml:3:105: cases[0].expect: unknown value `cod`; did you mean `code`?
    suites/a.yaml:4:21: cases[1].id: expected text, found the number 12; write it in quotes
    suites/a.yaml:5:5: cases[2]: the case asks nothing; add `prompt` or `messages`
    suites/a.yaml:6:34: cases[3].messages[0].role: unknown value `tool`; known: system, user, assistant
    suites/a.yaml:7:53: cases[4].messages[1]: the last message has to be the user's: the model answers it
    suites/a.yaml:8:25: cases[5].messages: the conversation is empty; add a message of the user's
    suites/a.yaml:9:25: cases[6].prompt: the prompt is empty; write what the user says
    suites/a.yaml:9:37: cases[6].weight: expected a weight above 0, found -1
    suites/a.yaml:9:51: cases[6].tags[1]: expected text, found true; write it in quotes
    suites/a.yaml:10:17: cases[7].promt: unknown key `promt`; did you mean `prompt`?
    suites/a.yaml:11:13: cases_from: the path leaves the repository; write one that stays inside it
    "#);
}

#[test]
fn a_check_of_another_tool_is_told_what_serves_here() {
    for (entry, message) in [
        (
            "{is-valid-json: true}",
            ".is-valid-json: unknown check `is-valid-json`; write `is-json: true`",
        ),
        (
            "{python: 'x'}",
            ".python: unknown check `python`; no check can start a process or name a URL",
        ),
        (
            "{is-valid-openai-tools-call: true}",
            ".is-valid-openai-tools-call: unknown check `is-valid-openai-tools-call`; write `tool-call` with the `name` of the tool and a JSON Schema of its `arguments`",
        ),
    ] {
        assert_eq!(check(entry), message);
    }
}

#[test]
fn a_value_that_a_check_cannot_take_is_told_with_what_it_takes() {
    for (entry, message) in [
        (
            "{language: german}",
            ".language: expected a two-letter code of a language, such as `en`, found \"german\"; known: af, ak, am, ar, az, be, bg, bn, ca, cs, cy, da, de, el, en, eo, es, et, fa, fi, fr, gu, he, hi, hr, hu, hy, id, it, ja, jv, ka, km, kn, ko, la, lt, lv, mk, ml, mr, my, ne, nl, no, or, pa, pl, pt, ro, ru, si, sk, sl, sn, sr, sv, ta, te, th, tk, tl, tr, uk, ur, uz, vi, yi, zh, zu",
        ),
        (
            "{latency: 2000}",
            ".latency: expected a range such as `{min: 40, max: 400}`, found the number 2000",
        ),
        (
            "{cost: {min: 2, max: 1}}",
            ".cost: `min` 2 is above `max` 1, so no answer could pass",
        ),
        (
            "{cost: {max: -1}}",
            ".cost.max: expected a cost of 0 or more, found -1",
        ),
        (
            "{cost: {}}",
            ".cost: expected `min`, `max` or both: `{max: 0.002}`",
        ),
        (
            "{tool-call: {nmae: find}}",
            ".tool-call.nmae: unknown key `nmae`; did you mean `name`?",
        ),
        (
            "{tool-call: {arguments: {type: objekt}}}",
            ".tool-call.arguments.type: not a JSON Schema that can be used: value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'",
        ),
    ] {
        assert_eq!(check(entry), message);
    }
}

#[test]
fn a_check_that_is_none_is_told_what_to_write() {
    for (entry, message) in [
        (
            "{contains: a, regex: b}",
            ".regex: an entry holds one check, here are `contains` and `regex`; write an entry for each",
        ),
        (
            "{icontains: x}",
            ".icontains: unknown check `icontains`; write `contains`: it ignores case here",
        ),
        (
            "{not-icontains: x}",
            ".not-icontains: unknown check `not-icontains`; write `not-contains`: it ignores case here",
        ),
        (
            "{contians: x}",
            ".contians: unknown check `contians`; did you mean `contains`?",
        ),
        (
            "{not-starts_with: x}",
            ".not-starts_with: unknown check `not-starts_with`; did you mean `not-starts-with`?",
        ),
        (
            "{contains: a, wieght: 2}",
            ".wieght: unknown key `wieght`; did you mean `weight`?",
        ),
        (
            "{code-parses: pyton}",
            ".code-parses: no parser for `pyton`; did you mean `python`?",
        ),
        (
            "{code-parses: cobol}",
            ".code-parses: no parser for `cobol`; known: python, javascript, typescript, rust, sql, bash, json, yaml",
        ),
        (
            "plain",
            ": expected a check such as `contains: some text`, found \"plain\"",
        ),
    ] {
        assert_eq!(check(entry), message);
    }
    assert!(
        check("{weight: 2}")
            .starts_with(": the entry holds no check; add one of: equals, contains,")
    );
    assert!(
        check("{zebra: 2}").starts_with(".zebra: unknown check `zebra`; known: equals, contains,")
    );
    assert!(
        check("{type: contains, value: x}").contains("write the check as one key with its value")
    );
}

#[test]
fn a_check_with_a_wrong_value_is_told_the_right_one() {
    for (entry, message) in [
        (
            "{word-count: {min: high, max: 3}}",
            ".word-count.min: expected a whole number, found \"high\"",
        ),
        (
            "{word-count: {min: 5, max: 3}}",
            ".word-count: `min` 5 is above `max` 3, so no answer could pass",
        ),
        (
            "{word-count: {}}",
            ".word-count: expected `min`, `max` or both: `{min: 40, max: 400}`",
        ),
        (
            "{word-count: 5}",
            ".word-count: expected a range such as `{min: 40, max: 400}`, found the number 5",
        ),
        (
            "{word-count: {minimum: 5}}",
            ".word-count.minimum: unknown key `minimum`; known: min, max",
        ),
        (
            "{regex: '([0-9]+'}",
            ".regex: pattern `([0-9]+` does not compile: unclosed group",
        ),
        (
            "{regex: '(\\w{900}){900}'}",
            ".regex: pattern `(\\w{900}){900}` does not compile: it is too large; use smaller repetition counts",
        ),
        (
            "{not-contains: a, not: true}",
            ".not: `not-contains` and `not` say not twice; keep one",
        ),
        (
            "{contains: 5}",
            ".contains: expected text, found the number 5; write it in quotes",
        ),
        (
            "{contains: [a, b]}",
            ".contains: expected text, found a list",
        ),
        (
            "{contains: ''}",
            ".contains: the text is empty, so every answer would pass; write the text that is meant",
        ),
    ] {
        assert_eq!(check(entry), message);
    }
}

#[test]
fn a_schema_that_is_none_is_told_where() {
    for (entry, message) in [
        (
            "{json-schema: true}",
            ".json-schema: expected a JSON Schema such as `{type: object, required: [id]}`, found true",
        ),
        (
            "{contains-json: yes}",
            ".contains-json: expected `true` or a JSON Schema, found \"yes\"",
        ),
        (
            "{contains-json: false}",
            ".contains-json: expected `true`; for the opposite write `not-contains-json: true`",
        ),
        (
            "{json-schema: {properties: {a: {$ref: 'https://example.com/a.json'}}}}",
            ".json-schema: not a JSON Schema that can be used: `$ref` names `https://example.com/a.json`, which is not part of the schema; copy it into `$defs`",
        ),
        (
            "{json-schema: {properties: {a: {pattern: 'a(?=b)'}}}}",
            ".json-schema.properties.a.pattern: not a JSON Schema that can be used: pattern `a(?=b)` cannot be used; write it without look-around and back-references",
        ),
    ] {
        assert_eq!(check(entry), message);
    }
    let typed = check("{json-schema: {properties: {a: {type: [object, strng]}}}}");
    assert!(
        typed
            .starts_with(".json-schema.properties.a.type[1]: not a JSON Schema that can be used: "),
        "{typed}"
    );
}

#[test]
fn a_threshold_that_is_none_is_told_what_is_missing() {
    for (entry, message) in [
        (
            "{rouge-l: {to: reference, min: 0.3}}",
            ".rouge-l.to: the case `a` has no `reference` to compare with; add it, or give the text under `text`",
        ),
        (
            "{any: [{not-bleu: {to: reference, min: 0.3}}]}",
            ".any[0].not-bleu.to: the case `a` has no `reference` to compare with; add it, or give the text under `text`",
        ),
        (
            "{rouge-l: 0.3}",
            ".rouge-l: expected a threshold such as `{to: reference, min: 0.3}`, found the number 0.3",
        ),
        (
            "{rouge-l: {to: answer, min: 0.3}}",
            ".rouge-l.to: expected `reference`, found \"answer\"; a text of its own stands under `text`",
        ),
        (
            "{meteor: {min: 0.3}}",
            ".meteor: it does not say like what; add `to: reference`, or a text under `text`",
        ),
        (
            "{bleu: {text: x}}",
            ".bleu: expected a threshold, such as `min: 0.3`",
        ),
        (
            "{bleu: {text: x, min: 30}}",
            ".bleu.min: expected a number above 0 and at most 1, found 30",
        ),
        (
            "{gleu: {text: x, min: 0.3, n: 12}}",
            ".gleu.n: expected a number of words from 1 to 9",
        ),
        (
            "{rouge-l: {text: x, min: 0.3, n: 2}}",
            ".rouge-l.n: `rouge-l` has no `n`; remove it",
        ),
        (
            "{rouge-n: {text: x, max: 3}}",
            ".rouge-n.max: `rouge-n` has no `max`, which counts edits; write `min`",
        ),
    ] {
        assert_eq!(check(entry), message);
    }
}

#[test]
fn a_list_flag_group_or_common_key_with_a_wrong_value_is_told_the_right_one() {
    for (entry, message) in [
        (
            "{contains-any: a}",
            ".contains-any: expected a list, found \"a\"; write `contains-any: [first, second]`",
        ),
        (
            "{contains-any: []}",
            ".contains-any: the list is empty; name at least one text",
        ),
        (
            "{is-json: false}",
            ".is-json: expected `true`; for the opposite write `not-is-json: true`",
        ),
        ("{any: []}", ".any: the group has no members; add checks"),
        (
            "{any: [{contains: a}], at_least: 3}",
            ".at_least: at least 3 of 1 checks is not possible; write 1 to 1",
        ),
        (
            "{any: [{regex: '('}]}",
            ".any[0].regex: pattern `(` does not compile: unclosed group",
        ),
        (
            "{contains: a, weight: 0}",
            ".weight: expected a weight above 0, found 0",
        ),
        (
            "{contains: a, dimension: Foo}",
            ".dimension: `Foo` is no dimension; write small letters, digits, `-` and `_`, a letter first",
        ),
        (
            "{contains: a, required: yes}",
            ".required: expected `true` or `false`, found \"yes\"",
        ),
        (
            "{is-json: true, case_sensitive: true}",
            ".case_sensitive: `case_sensitive` has no meaning for `is-json`, only for texts; remove it",
        ),
        (
            "{contains: a, at_least: 2}",
            ".at_least: `at_least` has no meaning for `contains`, only for `any`; remove it",
        ),
    ] {
        assert_eq!(check(entry), message);
    }
    assert!(check("{regex: 'a(?=b)'}").contains("look-around"));
    assert!(check("{regex: a, case_sensitive: true}").contains("write `(?i)`"));
}

#[test]
fn every_kind_of_check_is_read_as_it_stands() {
    let text = "
cases:
  - id: a
    prompt: x
    reference: y
    checks:
      - {equals: ''}
      - {not-contains: a, case_sensitive: true}
      - {contains-any: [a, b], not: true}
      - {contains-all: [a], weight: 2.5, required: true}
      - {starts-with: a}
      - {ends-with: a}
      - {regex: 'a+'}
      - {is-json: true}
      - {json-schema: {type: object, required: [a]}}
      - {contains-json: true}
      - {not-contains-json: {type: array}}
      - {is-xml: true}
      - {contains-xml: true}
      - {is-html: true}
      - {not-contains-html: true}
      - {is-yaml: true}
      - {levenshtein: {text: a, max: 5, min: 0.5}}
      - {rouge-n: {to: reference, min: 0.3, n: 2}}
      - {rouge-l: {to: reference, min: 0.3}}
      - {bleu: {to: reference, min: 0.3}}
      - {gleu: {to: reference, min: 0.3}}
      - {meteor: {to: reference, min: 0.3}}
      - {code-parses: yaml}
      - {not-is-refusal: true}
      - {word-count: {min: 1}}
      - {character-count: {max: 9}}
      - {sentence-count: {min: 1, max: 2}}
      - {finish-reason: stop}
      - {any: [{contains: a}, {not-contains: b}], at_least: 2, dimension: specificity}
";
    let suite = suite(text).unwrap();
    let checks = &suite.cases[0].expectation.checks;
    let names: Vec<_> = checks.iter().map(|check| check.kind.as_str()).collect();
    let all = "equals contains contains-any contains-all starts-with ends-with regex is-json \
               json-schema contains-json contains-json is-xml contains-xml is-html contains-html is-yaml \
               levenshtein rouge-n rouge-l bleu gleu meteor code-parses is-refusal \
               word-count character-count sentence-count finish-reason any";
    assert_eq!(names.join(" "), all);
    assert!(matches!(
        &checks[1].kind,
        CheckKind::Contains(_, LetterCase::Sensitive)
    ));
    let negated: Vec<_> = checks.iter().map(|check| check.negated).collect();
    assert_eq!(negated.iter().filter(|negated| **negated).count(), 5);
    assert!(checks[3].required && checks[3].weight > 2.0);
    let schema = jsonschema::validator_for(&schema()).unwrap();
    fits(&schema, text);
}

#[test]
fn ids_are_unique_across_the_suite_and_its_lines() {
    let yaml = "cases:\n  - {id: a, prompt: x}\ncases_from: more.jsonl\n";
    let lines = "{\"id\": \"b\", \"prompt\": \"x\"}\n\n{\"id\": \"a\", \"prompt\": \"z\"}\r\n";
    let file = read("suites/a.yaml", yaml.as_bytes()).unwrap();
    assert_eq!(file.cases_from(), Some("suites/more.jsonl"));
    let problems = file
        .finish(Some(("suites/more.jsonl", lines.as_bytes())))
        .unwrap_err();
    insta::assert_snapshot!(problems, @r"
    suites/more.jsonl:3: the id `a` is taken by the case at suites/a.yaml:2; give each case its own
    ");
}

#[test]
fn an_id_that_is_given_twice_is_told_beside_other_problems() {
    let yaml = "cases:\n  - {id: a, prompt: x, expect: codee}\n  - {id: a, prompt: y}\n";
    let problems = read("suites/a.yaml", yaml.as_bytes()).unwrap_err();
    insta::assert_snapshot!(problems, @r"
    suites/a.yaml:2:32: cases[0].expect: unknown value `codee`; did you mean `code`?
    suites/a.yaml:3:10: cases[1].id: the id `a` is taken by the case at suites/a.yaml:2; give each case its own
    ");
}

#[test]
fn cases_come_one_a_line_and_keep_their_order() {
    let yaml = "cases_from: more.jsonl\n";
    let lines = "{\"id\": \"b\", \"prompt\": \"x\", \"checks\": [{\"contains\": \"y\"}]}\n{\"id\": \"a\", \"prompt\": \"z\"}";
    let file = read("suites/a.yaml", yaml.as_bytes()).unwrap();
    let suite = file
        .finish(Some(("suites/more.jsonl", lines.as_bytes())))
        .unwrap();
    let ids: Vec<_> = suite.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["b", "a"]);
}

#[test]
fn problems_in_lines_name_the_line() {
    let lines = "{\"id\": 1, \"prompt\": \"x\"}\n{\"id\": \"b\"\n{\"id\": \"c\", \"prompt\": \"x\", \"checks\": [{\"regex\": \"(\"}]}";
    insta::assert_snapshot!(read_cases("c.jsonl", lines.as_bytes()).unwrap_err(), @r"
    c.jsonl:1: id: expected text, found the number 1; write it in quotes
    c.jsonl:2:10: not valid JSON: EOF while parsing an object
    c.jsonl:3: checks[0].regex: pattern `(` does not compile: unclosed group
    ");
}

#[test]
fn a_file_of_cases_that_is_not_there_is_a_problem() {
    let file = read("s.yaml", b"cases_from: more.jsonl").unwrap();
    assert!(
        file.finish(None)
            .unwrap_err()
            .to_string()
            .contains("`cases_from` names more.jsonl, which is not there")
    );
}

#[test]
fn the_profile_checks_needs_checks() {
    let problem = suite("scoring: {profile: checks}\ncases: [{id: a, prompt: x}]").unwrap_err();
    assert!(
        problem.contains("scores by checks alone, and this case has none"),
        "{problem}"
    );
}

#[test]
fn a_suite_with_windows_line_ends_and_a_byte_order_mark_reads() {
    let suite =
        suite("\u{feff}cases:\r\n  - id: a\r\n    prompt: >-\r\n      one\r\n      two\r\n")
            .unwrap();
    assert_eq!(suite.cases[0].prompt(), "one two");
}

#[test]
fn a_file_over_ten_megabytes_names_the_way_out() {
    let problem = read("s.yaml", &vec![b'#'; 11 * 1024 * 1024])
        .unwrap_err()
        .to_string();
    assert_eq!(
        problem,
        "s.yaml: the file has 11 MB, more than 10 MB; move the cases to a file of JSON lines and name it in `cases_from`"
    );
}

/// One line of cases, valid or nearly so.
fn case_lines() -> impl Strategy<Value = String> {
    let id = prop_oneof![Just(r#""a""#), Just(r#""""#), Just("1"), Just(r#"" a""#)];
    let rest = proptest::sample::subsequence(
        vec![
            r#""prompt": "x""#,
            r#""prompt": """#,
            r#""messages": [{"role": "user", "content": "x"}]"#,
            r#""keywords": ["x", ["y", "z"], []]"#,
            r#""keywords": ["x", ["y", "z"]]"#,
            r#""checks": [{"contains": "x"}, {"regex": "("}]"#,
            r#""checks": [{"contains": "x"}, {"regex": "\\bx"}]"#,
            r#""weight": 2"#,
            r#""weight": -1.5"#,
            r#""tags": ["a"]"#,
            r#""expect": "code""#,
            r#""reference": "del \u007f""#,
            "\"rubric\": \"\u{7f}\"",
            r#""nmae": 1"#,
        ],
        0..5,
    );
    let end = prop_oneof![4 => Just("}"), 1 => Just("}\r"), 1 => Just(""), 1 => Just("} x")];
    (id, rest, end).prop_map(|(id, rest, end)| {
        let rest: Vec<&str> = std::iter::once("").chain(rest).collect();
        format!("{{\"id\": {id}{}{end}", rest.join(", "))
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read("s.yaml", &bytes).map(|file| file.finish(None));
        let _ = read_cases("c.jsonl", &bytes);
    }

    #[test]
    fn text_that_looks_like_yaml_never_panics(
        text in "(cases|id|prompt|checks|any|regex|[-:{}\\[\\],|>&*!#%@\"' \n\t]|  |\n- |: |[a-z0-9é]){0,60}"
    ) {
        let _ = read("s.yaml", text.as_bytes()).map(|file| file.finish(None));
        let _ = read("s.yaml", format!("cases:\n  - {text}").as_bytes());
        let _ = read_cases("c.jsonl", text.as_bytes());
    }

    #[test]
    fn a_line_read_again_by_its_place_is_the_same_case_or_the_same_problems(line in case_lines()) {
        let file = format!("\n\n{line}\n");
        let all = read_cases("c.jsonl", file.as_bytes());
        let one = read_case("c.jsonl", &line, 3, Profile::Standard);
        match (all, one) {
            (Ok(all), Ok(one)) => prop_assert_eq!(format!("{all:?}"), format!("{:?}", [one])),
            (all, one) => prop_assert_eq!(
                all.err().map(|problems| problems.to_string()),
                one.err().map(|problems| problems.to_string())
            ),
        }
    }
}
