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
const UNITS: [&str; 48] = [
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
    "\u{0}",
    "é",
];

#[test]
fn no_code_overflows_the_stack_or_takes_long() {
    for unit in UNITS {
        for length in [MOST_CHARACTERS, 100_000] {
            let count = length / unit.chars().count();
            let code = format!("{}\n", unit.repeat(count));
            for language in Language::ALL {
                let started = Instant::now();
                finding(&code, language);
                let took = started.elapsed();
                assert!(
                    took < Duration::from_secs(20),
                    "{unit:?} {language:?} took {took:?}"
                );
            }
        }
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
