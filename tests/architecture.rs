//! The order of the rooms, held. The order itself is read from the table in `src/lib.rs`, so that map and test cannot
//! diverge: a room names only rooms above it, and only the rooms for it touch the world.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Lines of a file without its tests.
const MOST_LINES: usize = 300;

/// What touches the world, and the rooms (or `main`) that may name it. Tests read their own files.
const WORLD: [(&[&str], &[&str]); 8] = [
    (&["reqwest"], &["edge"]),
    (&["octocrab"], &["edge"]),
    (&["std", "fs"], &["edge"]),
    (&["std", "env"], &["edge", "cli"]),
    (&["std", "process"], &["edge", "main"]),
    (&["std", "net"], &["edge"]),
    (&["tokio", "fs"], &["edge"]),
    (&["tokio", "process"], &["edge"]),
];

/// A file of the library, without comments and texts.
struct Source {
    path: String,
    /// `gate::action` as its parts; empty for `lib.rs` and `main.rs`.
    module: Vec<String>,
    text: String,
    code: String,
    is_test: bool,
}

impl Source {
    fn room(&self) -> &str {
        match self.module.first() {
            Some(room) => room,
            None if self.path.ends_with("main.rs") => "main",
            None => "lib",
        }
    }

    fn code_without_tests(&self) -> String {
        if self.is_test {
            String::new()
        } else {
            without_tests(&self.code)
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("src"), &mut paths);
    paths.sort();
    let mut sources: Vec<Source> = paths.iter().map(|path| source(root, path)).collect();
    let tests: BTreeSet<Vec<String>> = sources
        .iter()
        .flat_map(|source| {
            let own = source.module.clone();
            test_files(&source.code).into_iter().map(move |name| {
                let mut module = own.clone();
                module.push(name);
                module
            })
        })
        .collect();
    for source in &mut sources {
        source.is_test = tests.iter().any(|test| source.module.starts_with(test));
    }
    assert!(sources.len() > 50, "only {} sources found", sources.len());
    sources
}

fn source(root: &Path, path: &Path) -> Source {
    let text = read(path);
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts = below.with_extension("");
    let mut module: Vec<String> = parts
        .components()
        .skip(1)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        module.pop();
    }
    Source {
        path: below.to_string_lossy().replace('\\', "/"),
        module,
        code: code_of(&text),
        text,
        is_test: false,
    }
}

/// The rooms in the order of the table in `lib.rs`.
fn rooms(map: &str) -> Vec<String> {
    map.lines()
        .filter_map(|line| line.strip_prefix("//! | [`")?.split_once("`]"))
        .map(|(room, _)| room.to_owned())
        .collect()
}

fn map() -> Vec<String> {
    rooms(&read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"),
    ))
}

/// The same text with comments, strings and characters blanked, so that only code is left; every place stays where it
/// is.
fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let before = at.checked_sub(1).and_then(|last| bytes.get(last));
        let in_word = before.is_some_and(|byte| is_word(*byte));
        let length = opaque(rest, in_word);
        for byte in code.iter_mut().skip(at).take(length) {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at += length.max(1);
    }
    String::from_utf8_lossy(&code).into_owned()
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The length of the comment, string or character at the start; 0 where code starts.
fn opaque(rest: &[u8], in_word: bool) -> usize {
    match rest {
        [b'/', b'/', ..] => rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        // The last: a character of several bytes; a lifetime is never followed by one.
        [b'\'', b'\\' | 0x80..=0xff, ..] | [b'\'', _, b'\'', ..] => quoted(rest, b'\''),
        [b'r' | b'b', ..] if !in_word => prefixed(rest),
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(pair) = rest.get(at..at + 2) {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        at += if *byte == b'\\' { 2 } else { 1 };
        if *byte == quote {
            break;
        }
    }
    at.min(rest.len())
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`; not `r#name`.
fn prefixed(rest: &[u8]) -> usize {
    let letters = rest
        .iter()
        .take(2)
        .take_while(|byte| matches!(byte, b'r' | b'b'))
        .count();
    let after = rest.get(letters..).unwrap_or_default();
    let raw = rest.get(..letters).unwrap_or_default().contains(&b'r');
    let hashes = after.iter().take_while(|byte| **byte == b'#').count();
    if after.get(hashes) != Some(&b'"') || (!raw && hashes > 0) {
        return 0;
    }
    if !raw {
        return letters + quoted(after, b'"');
    }
    let mut end = vec![b'"'];
    end.resize(hashes + 1, b'#');
    let body = after.get(hashes + 1..).unwrap_or_default();
    let length = body.windows(end.len()).position(|part| part == end);
    length.map_or(rest.len(), |length| {
        letters + hashes + 1 + length + end.len()
    })
}

/// Names and the marks that matter, with where they start.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let at = code.len() - rest.len();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if !token.trim().is_empty() {
            tokens.push((at, token));
        }
        rest = after;
    }
    tokens
}

/// Every path that the code names, as its parts, resolved from the module that holds the code. Groups and nested
/// modules included.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut inside = module.to_vec();
    // For each open brace: whether it opened a module.
    let mut open = Vec::new();
    let mut at = 0;
    while let Some((_, token)) = tokens.get(at) {
        let text = |offset: usize| tokens.get(at + offset).map(|(_, token)| *token);
        let before = at.checked_sub(1).and_then(|last| tokens.get(last));
        let continues = before.is_some_and(|(_, token)| *token == "::");
        match *token {
            "mod" if text(2) == Some("{") => {
                inside.extend(text(1).map(str::to_owned));
                open.push(true);
                at += 3;
                continue;
            }
            "{" => open.push(false),
            "}" if open.pop() == Some(true) => {
                inside.pop();
            }
            word if !continues && is_name(word) && text(1) == Some("::") => {
                let mut written = Vec::new();
                at = tree(&tokens, at, &[], &mut written);
                found.extend(written.into_iter().map(|path| resolve(path, &inside)));
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads the path or use tree that starts at a token; returns the token behind it.
fn tree(
    tokens: &[(usize, &str)],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = prefix.to_vec();
    let token = |at: usize| tokens.get(at).map(|(_, token)| *token);
    while let Some(word) = token(at) {
        if word == "{" {
            at += 1;
            while token(at).is_some_and(|token| token != "}") {
                at = if token(at) == Some(",") {
                    at + 1
                } else {
                    tree(tokens, at, &path, found).max(at + 1)
                };
            }
            return at + 1;
        }
        if word == "*" {
            at += 1;
            break;
        }
        if !is_name(word) {
            break;
        }
        path.push(word.to_owned());
        at += 1;
        if token(at) != Some("::") {
            break;
        }
        at += 1;
    }
    found.push(path);
    if token(at) == Some("as") { at + 2 } else { at }
}

/// `crate::`, `self::` and `super::` replaced by what they stand for: `crate` first, then the module's parts.
fn resolve(path: Vec<String>, module: &[String]) -> Vec<String> {
    let mut base: Vec<String> = module.to_vec();
    let first = path.first().map(String::as_str);
    let mut rest = path.as_slice();
    match first {
        Some("crate" | "tunegate") => {
            base.clear();
            rest = path.get(1..).unwrap_or_default();
        }
        Some("self" | "super") => {
            while let Some((word, after)) = rest.split_first() {
                match word.as_str() {
                    "self" => {}
                    "super" => {
                        base.pop();
                    }
                    _ => break,
                }
                rest = after;
            }
        }
        Some(_) | None => return path,
    }
    let mut whole = vec!["crate".to_owned()];
    whole.append(&mut base);
    whole.extend_from_slice(rest);
    whole
}

/// The names in `#[cfg(test)] mod name;`.
fn test_files(code: &str) -> Vec<String> {
    let tokens = tokens(code);
    let words: Vec<&str> = tokens.iter().map(|(_, token)| *token).collect();
    let wanted = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let named = |part: &[&str]| match part {
        [start @ .., name, ";"] if start == wanted => Some((*name).to_owned()),
        _ => None,
    };
    words.windows(wanted.len() + 2).filter_map(named).collect()
}

/// The code with every `#[cfg(test)]` item that has a body blanked.
fn without_tests(code: &str) -> String {
    let mut text = code.to_owned();
    while let Some(start) = text.find("#[cfg(test)]") {
        let end = start + item(text.get(start..).unwrap_or_default());
        text.replace_range(start..end, &blank(&text, start..end));
    }
    text
}

fn blank(text: &str, range: Range<usize>) -> String {
    let lines = text.get(range).unwrap_or_default().matches('\n').count();
    "\n".repeat(lines)
}

/// The length of the item at the start: to its `;`, or to the end of its braces.
fn item(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The lines of a file that are not its tests.
fn length(source: &Source) -> usize {
    if source.is_test {
        return 0;
    }
    let mut lines = source.text.lines().count();
    let mut code = source.code.clone();
    while let Some(start) = code.find("#[cfg(test)]") {
        let end = start + item(code.get(start..).unwrap_or_default());
        lines -= 1 + code
            .get(start..end)
            .unwrap_or_default()
            .matches('\n')
            .count();
        code.replace_range(start..end, "");
    }
    lines
}

fn none(breaches: &[String]) {
    assert!(
        breaches.is_empty(),
        "{} breaches:\n{}",
        breaches.len(),
        breaches.join("\n")
    );
}

#[test]
fn the_map_names_every_room_once() {
    let mut map = map();
    assert!(map.len() >= 10, "the table of src/lib.rs is not read");
    let lib = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let mut declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    declared.sort_unstable();
    map.sort();
    assert_eq!(map, declared);
}

#[test]
fn a_room_names_only_rooms_above_it() {
    let map = map();
    let place = |room: &str| map.iter().position(|known| known == room);
    let (mut breaches, mut seen) = (Vec::new(), 0);
    for source in sources() {
        let Some(own) = place(source.room()) else {
            continue;
        };
        for path in paths(&source.code, &source.module) {
            let [first, room, ..] = path.as_slice() else {
                continue;
            };
            if let ("crate", Some(other)) = (first.as_str(), place(room)) {
                seen += usize::from(other != own);
                if other > own {
                    breaches.push(format!("{}: names {}", source.path, path.join("::")));
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} names across rooms found");
    none(&breaches);
}

#[test]
fn edges_do_not_name_each_other() {
    let sources = sources();
    let rooms: BTreeSet<&str> = sources
        .iter()
        .filter(|source| source.room() == "edge")
        .filter_map(|source| source.module.get(1).map(String::as_str))
        .collect();
    assert!(rooms.contains("github") && rooms.contains("model"));
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| source.room() == "edge") {
        let Some(own) = source.module.get(1) else {
            continue;
        };
        for path in paths(&source.code, &source.module) {
            let [first, room, other, ..] = path.as_slice() else {
                continue;
            };
            let across = first == "crate" && room == "edge" && other != own;
            if across && rooms.contains(other.as_str()) {
                breaches.push(format!("{}: names {}", source.path, path.join("::")));
            }
        }
    }
    none(&breaches);
}

#[test]
fn only_the_edge_touches_the_world() {
    let (mut breaches, mut seen) = (Vec::new(), 0);
    for source in sources() {
        for path in paths(&source.code_without_tests(), &source.module) {
            for (world, rooms) in WORLD {
                if !path
                    .iter()
                    .map(String::as_str)
                    .take(world.len())
                    .eq(world.iter().copied())
                {
                    continue;
                }
                seen += 1;
                if !rooms.contains(&source.room()) {
                    breaches.push(format!("{}: names {}", source.path, path.join("::")));
                }
            }
        }
    }
    assert!(seen > 5, "only {seen} uses of the world found");
    none(&breaches);
}

#[test]
fn every_file_says_what_it_decides() {
    let breaches: Vec<String> = sources()
        .iter()
        .filter(|source| !source.is_test && !source.text.starts_with("//! "))
        .map(|source| format!("{}: does not start with //!", source.path))
        .collect();
    none(&breaches);
}

#[test]
fn no_file_is_long() {
    let mut breaches = Vec::new();
    for source in sources() {
        let lines = length(&source);
        if lines > MOST_LINES {
            breaches.push(format!(
                "{}: {lines} lines, at most {MOST_LINES}",
                source.path
            ));
        }
    }
    none(&breaches);
}

mod scanner {
    use super::*;

    fn named(code: &str, module: &[&str]) -> Vec<String> {
        let module: Vec<String> = module.iter().map(|part| (*part).to_owned()).collect();
        let mut paths: Vec<String> = paths(&code_of(code), &module)
            .iter()
            .map(|path| path.join("::"))
            .collect();
        paths.sort();
        paths
    }

    #[test]
    fn groups_are_taken_apart() {
        let code = "use crate::{a, b as c, d::{self, e, f::*}};\npub(in crate::g) fn h() {}";
        let wanted = [
            "crate::a",
            "crate::b",
            "crate::d::e",
            "crate::d::f",
            "crate::d::self",
            "crate::g",
        ];
        assert_eq!(named(code, &["x"]), wanted);
    }

    #[test]
    fn paths_in_expressions_and_types_are_seen() {
        let code = "fn f(x: &crate::a::B<crate::c::D>) { crate::e::f(&x)?; $crate::g!(); }";
        let wanted = ["crate::a::B", "crate::c::D", "crate::e::f", "crate::g"];
        assert_eq!(named(code, &["x"]), wanted);
    }

    #[test]
    fn super_is_counted_from_where_it_stands() {
        let code = "use super::a; use super::super::b::c; mod inner { use super::d; fn f() { if x { super::super::e::f(); } } } use self::g::h;";
        let wanted = [
            "crate::b::c",
            "crate::x::a",
            "crate::x::e::f",
            "crate::x::y::d",
            "crate::x::y::g::h",
        ];
        assert_eq!(named(code, &["x", "y"]), wanted);
    }

    #[test]
    fn names_outside_of_the_crate_stay_as_written() {
        let code = "use std::{fs, env::var}; let x = octocrab::Octocrab::new();";
        let wanted = ["octocrab::Octocrab::new", "std::env::var", "std::fs"];
        assert_eq!(named(code, &["x"]), wanted);
    }

    #[test]
    fn comments_texts_and_characters_are_no_code() {
        let code = r##"
            //! [`crate::a`]
            /// crate::b
            /* crate::c /* crate::d */ crate::e */
            let x = "crate::f \" crate::g"; let y = r#"crate::h " crate::i"#; let z = br"crate::j";
            let q = ('"', '\'', '\\', 'ä', b'"', crate::k::L); fn f<'a>(x: &'a crate::m::N) {}
            let r#type = crate::o::p;
        "##;
        assert_eq!(
            named(code, &["x"]),
            ["crate::k::L", "crate::m::N", "crate::o::p"]
        );
    }

    #[test]
    fn tests_are_told_from_code() {
        let code = "mod a;\n#[cfg(test)]\nmod tests;\nuse std::fs;\n#[cfg(test)]\nmod more {\n fn f() { crate::x::y(); }\n}\nfn g() {}\n";
        assert_eq!(test_files(code), ["tests"]);
        let left = without_tests(code);
        assert!(left.contains("use std::fs;") && left.contains("fn g()"));
        assert!(!left.contains("crate::x") && !left.contains("mod tests"));
        let source = Source {
            path: String::new(),
            module: Vec::new(),
            text: code.to_owned(),
            code: code.to_owned(),
            is_test: false,
        };
        assert_eq!(length(&source), 3);
    }

    #[test]
    fn the_order_is_that_of_the_table() {
        let table = "//! | room | decides |\n//! |---|---|\n//! | [`b`] | x |\n//! | [`a`] | y |\n\npub mod a;\n";
        assert_eq!(rooms(table), ["b", "a"]);
    }
}
