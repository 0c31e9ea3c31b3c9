//! Which files of a repository are worth a look, by their paths.

use super::sighting::has_ending;
use super::{CONFIG, WORKFLOW};

/// Bytes of a file of rows that are looked at.
const ROWS_READ: usize = 2_000_000;

/// The largest text in which model IDs and servers are looked for.
const TEXT_READ: usize = 1_000_000;

/// Folders in which no text of the team's own lies, and such as hold examples rather than what is used.
const NOT_OWN: [&str; 12] = [
    "node_modules",
    "vendor",
    "third_party",
    "site-packages",
    "__pycache__",
    "dist",
    "build",
    "target",
    "tunegate-out",
    "tunegate-baselines",
    "recordings",
    "venv",
];
const NOT_IN_USE: [&str; 10] = [
    "__mocks__",
    "__tests__",
    "docs",
    "examples",
    "fixtures",
    "mocks",
    "spec",
    "suites",
    "test",
    "tests",
];

/// Folders whose rows are samples or logs.
const NO_DATA: [&str; 5] = ["docs", "fixtures", "logs", "node_modules", "suites"];

const TEXTS: [&str; 32] = [
    "bash",
    "cfg",
    "cjs",
    "conf",
    "cs",
    "env",
    "go",
    "id",
    "ini",
    "java",
    "js",
    "json",
    "jsx",
    "kt",
    "mjs",
    "model",
    "php",
    "properties",
    "py",
    "rb",
    "rs",
    "scala",
    "sh",
    "swift",
    "tf",
    "tfvars",
    "toml",
    "ts",
    "tsx",
    "txt",
    "yaml",
    "yml",
];

/// Whether a file is the team's own, and a configuration can name it.
fn is_own(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    let foreign = |folder: &str| {
        NOT_OWN.contains(&folder) || (folder.starts_with('.') && folder != ".github")
    };
    let sayable = crate::yaml::repository_path(CONFIG, path).is_ok_and(|same| same == path);
    sayable && !path.contains(['*', '?', '[', ']', '{', '}']) && !folders.any(foreign)
}

/// How many bytes of a file are worth reading.
pub(super) fn most_read(path: &str) -> Option<usize> {
    if !is_own(path) {
        return None;
    }
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    if has_ending(path, &["jsonl"]) {
        let sample = |folder: &str| NO_DATA.contains(&folder);
        return (!folders.split('/').any(sample)).then_some(ROWS_READ);
    }
    if is_prompt(path) {
        return Some(TEXT_READ);
    }
    let in_use = !folders
        .split('/')
        .any(|folder| NOT_IN_USE.contains(&folder));
    let locked = file.contains("lock") || file.ends_with(".min.js");
    let own = path == WORKFLOW || file == CONFIG;
    let is_text = has_ending(file, &TEXTS) || !file.contains('.');
    (in_use && is_text && !locked && !own && !is_test(file)).then_some(TEXT_READ)
}

/// Whether a file tests code, by its name.
fn is_test(file: &str) -> bool {
    let marks = ["_test.", ".test.", ".spec."];
    file.starts_with("test_")
        || file == "conftest.py"
        || marks.iter().any(|mark| file.contains(mark))
}

pub(super) fn is_prompt(path: &str) -> bool {
    let mut parts = path.split(['/', '.', '_', '-']);
    let says = parts.any(|part| matches!(part, "prompt" | "prompts" | "system"));
    says && has_ending(path, &["md", "txt"]) && is_own(path)
}
