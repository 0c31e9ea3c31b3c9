use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::alone::TOO_LONG;
use super::*;

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
            Language::Typescript,
            "interface A<T> { b?: T }\nexport const c = <T,>(d: A<T>): T | undefined => d.b satisfies unknown as T;\n",
        ),
        (
            Language::Typescript,
            "const a = (b: string) => <p key={b}>{b as string}</p>;\n",
        ),
        (
            Language::Typescript,
            "let a = <string>b;\nif (a.length < c) d();\n",
        ),
        (
            Language::Rust,
            "use std::io;\npub async fn a<T: Into<u8>>(b: &'static str) -> io::Result<T> { todo!() }\n",
        ),
        (
            Language::Rust,
            "let mut v = vec![1, 2];\nfor x in &mut v { *x += 1; }\nprintln!(\"{v:?}\");\n",
        ),
        (
            Language::Sql,
            "WITH late AS (SELECT id FROM orders WHERE due < now() - INTERVAL '1 day')\nSELECT o.id, count(*) AS n FROM late l JOIN orders o ON o.id = l.id GROUP BY 1 HAVING count(*) > 1 ORDER BY n DESC LIMIT 5;\n",
        ),
        (
            Language::Sql,
            "INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO UPDATE SET b = excluded.b RETURNING b;",
        ),
        (Language::Sql, "SELECT `a` FROM `b` LIMIT 1, 2"),
        (Language::Sql, "SELECT TOP 3 [a] FROM [b].[c]"),
        (
            Language::Bash,
            "#!/usr/bin/env bash\nset -euo pipefail\nfor f in *.log; do\n  [[ -s $f ]] && gzip -9 \"$f\" || echo \"${f%.log} is empty\" >&2\ndone\ncat <<'EOF' | wc -l\n$(not run\nEOF\n",
        ),
        (
            Language::Bash,
            "rm -- !(*.txt)\ncase $1 in -h|--help) usage;; *) exit 2;; esac\n",
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
    let why = why_not("let a: number = 1;\nlet b: = 2;\n", Language::Typescript);
    assert!(why.starts_with("line 2: "), "{why}");
    assert_eq!(
        why_not("SELECT a\nFROM b\nWHERE;", Language::Sql),
        "line 3: Expected: an expression, found: ;"
    );
    assert_eq!(
        why_not("SELECT a\nFROM b\nWHERE a = 1 -\n", Language::Sql),
        "line 3: Expected: an expression, found: EOF"
    );
    let why = why_not("if a; then\n  b\n", Language::Bash);
    assert_eq!(why, "line 2: expected Fi, got Eof");
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

#[test]
fn an_answer_is_sql_or_holds_some() {
    let is = |answer: &str| is_sql(&Reading::new(answer));
    let holds = |answer: &str| holds_sql(&Reading::new(answer));
    for answer in [
        "SELECT 1",
        "```sql\nSELECT 1;\nSELECT 2\n```",
        "Like this:\n\n```\nDELETE FROM a WHERE b IS NULL\n```\n",
    ] {
        assert!(is(answer).passes(false), "{answer}");
        assert!(holds(answer).passes(false), "{answer}");
    }
    let two = "```bash\npsql\n```\n\n```postgresql\nSELECT (\n```\n\n```sql\nSELECT 1\n```\n";
    assert!(holds(two).passes(false));
    assert!(!is(two).passes(false));
    for answer in [
        "",
        "   ",
        "-- nothing yet",
        "Ask the database.",
        "SELECT FROM",
        "```python\nx = 1\n```",
    ] {
        assert!(!is(answer).passes(false), "{answer}");
        assert!(!holds(answer).passes(false), "{answer}");
        assert!(holds(answer).passes(true), "{answer}");
    }
    let deep = format!("SELECT {}1{}", "(".repeat(63), ")".repeat(63));
    assert_eq!(is(&deep).holds, Holds::Untold);
    let hidden = format!("```sql\n{deep}\n```\n\n```sql\nSELECT (\n```\n");
    assert_eq!(holds(&hidden).holds, Holds::Untold);
}

#[test]
fn code_that_a_parser_reads_again_at_every_level_is_nested_less() {
    let generic = |levels: usize| format!("let a: {}A{};", "B<".repeat(levels), ">".repeat(levels));
    assert!(passes(&generic(8), Language::Typescript));
    assert_eq!(
        finding(&generic(9), Language::Typescript).holds,
        Holds::Untold
    );
    let compared = "if (a < b) c()\n".repeat(20);
    assert!(passes(&compared, Language::Typescript));
    let nested = |levels: usize| {
        format!(
            "a=`b`; echo {}c{}",
            "$(echo ".repeat(levels),
            ")".repeat(levels)
        )
    };
    assert!(passes(&nested(12), Language::Bash));
    assert_eq!(finding(&nested(13), Language::Bash).holds, Holds::Untold);
}

/// What makes parsers call themselves.
const UNITS: [&str; 110] = [
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
    "$(",
    "$((",
    "`",
    "${a:-",
    "\"$(",
    "<(",
    "if a; then ",
    "case a in (a) ",
    "[[ ( ",
    "[[ ! ",
    "<<A\n",
    "a=(",
    "f() {",
    "select ",
    "(select ",
    "select * from (",
    "select case when ",
    "with a as (",
    "exists (",
    "a in (select ",
    "interval ",
    "cast(",
    "array[",
    "struct<",
    "union ",
    "values (",
    "(a join ",
    "create table a (",
    "a between ",
    "lateral (",
    "map{",
    "a?(",
    "a?(b):c=>",
    "async<T>(",
    "(x:",
    "a<b>(",
    "type A<T extends ",
    "infer U extends ",
    "a extends b?",
    "new()=>",
    "satisfies ",
    "=>(",
];

/// Tests that take the time of parsers, one after the other.
static TIMED: Mutex<()> = Mutex::new(());

#[test]
fn no_code_overflows_the_stack_or_takes_long() {
    let _alone = TIMED.lock();
    for unit in UNITS {
        for length in [LIMITS.characters / 2, LIMITS.characters, 100_000] {
            let code = format!("{}\n", unit.repeat(length / unit.chars().count()));
            timed(&code, &Language::ALL);
        }
    }
}

/// What is tried again at each level takes twice as long with each: too long with a dozen, and below every limit.
#[test]
fn no_code_is_read_again_at_every_level() {
    let _alone = TIMED.lock();
    for times in [12, 30, 60] {
        for one in UNITS {
            timed(&one.repeat(times), &Language::ALL);
        }
    }
    thread::scope(|scope| {
        for (language, times) in Language::ALL.into_iter().flat_map(levels) {
            scope.spawn(move || {
                for one in UNITS {
                    for other in UNITS {
                        timed(&[one, other].concat().repeat(times), &[language]);
                    }
                }
            });
        }
    });
}

/// How often a pair is repeated: where less is read, as often as just passes with one bracket and with two.
fn levels(language: Language) -> impl Iterator<Item = (Language, usize)> {
    let times: &[usize] = match language {
        Language::Typescript => &[8, 16],
        Language::Bash => &[6, 12, 24],
        Language::Python
        | Language::Javascript
        | Language::Rust
        | Language::Sql
        | Language::Json
        | Language::Yaml => &[24],
    };
    times.iter().map(move |times| (language, *times))
}

/// Reads code in these languages. An unoptimised build on a busy machine takes milliseconds.
#[track_caller]
fn timed(code: &str, languages: &[Language]) {
    for &language in languages {
        let started = Instant::now();
        let finding = finding(code, language);
        let took = started.elapsed();
        let start: String = code.chars().take(40).collect();
        assert!(
            took < Duration::from_secs(10),
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
