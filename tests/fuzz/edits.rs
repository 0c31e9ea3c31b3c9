//! Good files with places that somebody changed: most of what is tried is read far enough to be understood wrongly.

/// Which file, and what becomes of it: a place, a kind of change, and its argument.
pub(crate) type Edits = (u8, Vec<(u16, u8, u8)>);

/// What means something to one of the formats, to a terminal, to Markdown or to arithmetic.
const TOKENS: &[&str] = &[
    "\n",
    "\r\n",
    "\n\n",
    " ",
    "\t",
    ":",
    ": ",
    "- ",
    "? ",
    "|\n",
    ">-\n",
    "#",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "!own ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "'",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\udfff\\ud800",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "\u{1f469}\u{200d}\u{1f680}",
    "a\u{301}\u{301}\u{301}\u{301}",
    "ß",
    "ﷺ",
    "\u{10ffff}",
    "null",
    "~",
    "true",
    "off",
    "NaN",
    ".nan",
    "-.inf",
    "1e999",
    "-1",
    "-0.0",
    "0",
    "0.1",
    "18446744073709551616",
    "99999999999999999999999999",
    "1_000",
    "0x7f",
    "1e-320",
    "${{ secrets.KEY }}",
    "{{ x }}",
    "{% for a in b %}",
    "../../etc/passwd",
    "/",
    "C:\\",
    "**/*",
    "[!",
    "(",
    ")",
    "(?i)",
    "(a+)+$",
    "{1,99999}",
    "\\p{L}",
    "<!--",
    "-->",
    "<details>",
    "</summary>",
    "```",
    "~~~",
    "`",
    "$$",
    "@somebody",
    "#1",
    "GH-1",
    "https://",
    "www.",
    "![",
    "](",
    "|",
    "::error::",
    "##[group]",
    "\u{1b}[2J",
    "</think>",
    "<think>",
    "data: ",
    "[DONE]",
    "id",
    "prompt",
    "messages",
    "checks",
    "keywords",
    "weight",
    "model",
    "agents",
    "suite",
    "gate",
    "judge",
    "role",
    "content",
    "tool_calls",
    "arguments",
    "choices",
    "error",
    "usage",
    "sha",
    "base",
    "head",
    "repo",
    "fork",
];
/// Longer than what is changed by hand, and still quickly read.
const MOST_BYTES: usize = 64 * 1024;

/// The file with its changes.
pub(crate) fn edited(files: &[&str], (file, edits): &Edits) -> Vec<u8> {
    let mut text = files[usize::from(*file) % files.len()].as_bytes().to_vec();
    for &(at, kind, how) in edits {
        let how = usize::from(how);
        let start = usize::from(at) % (text.len() + 1);
        let end = (start + how).min(text.len());
        let token = TOKENS[how % TOKENS.len()].as_bytes();
        match kind % 6 {
            0 => drop(text.drain(start..end)),
            1 => drop(text.splice(start..start, token.iter().copied())),
            2 => {
                let again = text[start..end].to_vec();
                text.splice(start..start, again);
            }
            3 => text.insert(start, u8::try_from(how).unwrap_or(0)),
            4 => {
                let end = start + word(&text[start..]);
                text.splice(start..end, token.iter().copied());
            }
            _ => {
                let many = token.repeat(how);
                text.splice(start..start, many);
            }
        }
        text.truncate(MOST_BYTES);
    }
    text
}

fn word(text: &[u8]) -> usize {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphanumeric());
    letters.count()
}
