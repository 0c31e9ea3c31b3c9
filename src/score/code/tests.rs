use std::time::{Duration, Instant};

use super::*;
use crate::score::finding::Holds;

fn finding(answer: &str, language: Language) -> Finding {
    parses(&Reading::new(answer), language)
}

fn passes(answer: &str, language: Language) -> bool {
    finding(answer, language).passes(false)
}

fn why_not(answer: &str, language: Language) -> String {
    let finding = finding(answer, language);
    assert_eq!(finding.holds, Holds::No, "{answer}");
    finding.found.unwrap_or_default()
}

#[test]
fn code_is_read_by_the_parser_of_its_language() {
    for (language, code) in [
        (
            Language::Python,
            "async def a(x: int = 1) -> str:\n    match x:\n        case 1: return f\"{x!r}\"\n",
        ),
        (Language::Python, "dash = '\\N{EM DASH}'\n"),
        (
            Language::Javascript,
            "import a from 'a';\nconst b = async () => <p>{await a?.()}</p>;\n",
        ),
        (Language::Javascript, "with (a) { b = 010; }\n"),
        (
            Language::Rust,
            "use std::io;\npub async fn a<T: Into<u8>>(b: &'static str) -> io::Result<T> { todo!() }\n",
        ),
        (
            Language::Rust,
            "let mut v = vec![1, 2];\nfor x in &mut v { *x += 1; }\nprintln!(\"{v:?}\");\n",
        ),
        (Language::Json, "{\"a\": [1, 2.5e3, null]}"),
        (Language::Yaml, "a:\n  - b: c\n"),
    ] {
        assert!(passes(code, language), "{:?}", finding(code, language));
        let answer = format!("Like this:\n\n```{}\n{code}\n```\n", language.as_str());
        assert!(passes(&answer, language), "{answer}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let python = "```python\ndef a():\n\nreturn 1\n```";
    let why = why_not(python, Language::Python);
    assert!(
        why.starts_with("line 3: Expected an indented block"),
        "{why}"
    );
    let why = why_not("let a = 1;\nlet b = ;\n", Language::Javascript);
    assert!(why.starts_with("line 2: "), "{why}");
    let why = why_not("let a: number = 1;", Language::Javascript);
    assert!(why.starts_with("line 1: "), "{why}");
    let why = why_not("fn a() {\n    let = 1;\n}\n", Language::Rust);
    assert!(why.starts_with("line 2: expected"), "{why}");
    assert_eq!(
        why_not("{\"a\": 1,\n}", Language::Json),
        "line 2: trailing comma"
    );
    assert!(why_not("a: b\n  c: d", Language::Yaml).starts_with("line "));
}

#[test]
fn blocks_of_the_language_come_first_then_those_without_a_label_then_the_answer() {
    let mixed = "```bash\npip install (\n```\n\n```py\nx = 1\n```\n\n```\nnot python (\n```\n";
    assert!(passes(mixed, Language::Python));
    assert!(passes("```\nx = 1\n```\n", Language::Python));
    assert!(passes("x = 1", Language::Python));
    let second = "```python\nx = 1\n```\n\n```python\nx = (\n```\n";
    assert!(why_not(second, Language::Python).starts_with("block 2, line "));
    assert_eq!(
        why_not("```js\nlet x;\n```\n", Language::Python),
        "holds no python"
    );
    assert_eq!(
        why_not("```python\n\n```\n", Language::Python),
        "holds no python"
    );
    assert_eq!(why_not("  ", Language::Python), "holds no python");
    assert!(why_not("You can use a loop for that.", Language::Python).starts_with("line 1: "));
}

/// What makes parsers call themselves.
const UNITS: [&str; 68] = [
    "(",
    "[",
    "{",
    "-",
    "!",
    "~",
    "not ",
    "lambda:",
    "x if x else ",
    "f\"{",
    "a**",
    "await ",
    "*",
    "x=",
    "if x:",
    "a.",
    "a(",
    "@",
    "yield ",
    "a<",
    "a and ",
    "x=>",
    "a?b:",
    "`${",
    "new ",
    "if(a)",
    "else ",
    "async x=>",
    "<T>",
    "a as ",
    "typeof ",
    "type A=keyof ",
    "()=>",
    "for(;;)",
    "b:",
    "<a>",
    "</a>",
    "- ",
    "? ",
    "\"",
    "'",
    "\\",
    "class A extends ",
    "x=async(a=",
    "f<a,",
    "import(\"",
    "&mut ",
    "|x| ",
    "a::<",
    "fn a() {",
    "impl<T> A for ",
    "a | ",
    "a && ",
    "! ",
    "\u{0}",
    "é",
    "({a=a<",
    "(a)=>([a]=",
    "match x {",
    "case a in a) ",
    "for<'a> ",
    "where T:",
    "with (",
    "(a,",
    "({a:",
    "[a]=",
    "x if ",
    "f'{",
];

#[test]
fn no_code_overflows_the_stack_or_takes_long() {
    for unit in UNITS {
        for length in [MOST_CHARACTERS, 100_000] {
            timed(&format!("{}\n", unit.repeat(length / unit.chars().count())));
        }
    }
}

/// What is tried again at each level takes twice as long with each: too long with a dozen, and below every limit.
#[test]
fn no_code_is_read_again_at_every_level() {
    for times in [12, 30, 60] {
        for one in UNITS {
            timed(&one.repeat(times));
        }
    }
    for one in UNITS {
        for other in UNITS {
            timed(&[one, other].concat().repeat(24));
        }
    }
}

/// Reads code in every language. An unoptimised build on a busy machine takes milliseconds.
#[track_caller]
fn timed(code: &str) {
    for language in Language::ALL {
        let started = Instant::now();
        let finding = finding(code, language);
        let took = started.elapsed();
        let start: String = code.chars().take(40).collect();
        assert!(
            took < Duration::from_secs(5),
            "{start:?} {language:?} took {took:?}"
        );
        assert!(
            finding.found.as_deref() != Some(TOO_LONG),
            "{start:?} {language:?}"
        );
    }
}

#[test]
fn what_is_nested_too_deep_cannot_be_told_either_way() {
    let deep = finding(&"(".repeat(100_000), Language::Python);
    assert!(!deep.passes(false) && !deep.passes(true));
    let nested = format!("x = {}1{}", "(".repeat(60), ")".repeat(60));
    assert!(passes(&nested, Language::Python));
    let deeper = format!("x = {}1{}", "(".repeat(65), ")".repeat(65));
    assert_eq!(finding(&deeper, Language::Python).holds, Holds::Untold);
}
