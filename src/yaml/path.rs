//! Paths as user files state them: relative to the file that holds them, inside the repository, with `/`.

use globset::{GlobBuilder, GlobMatcher};

/// The path relative to the repository's root, or what to write instead.
pub fn repository_path(holder: &str, path: &str) -> Result<String, String> {
    let plain = path.trim();
    if plain.is_empty() {
        return Err("the path is empty; name a file".into());
    }
    if path.contains('\\') {
        return Err("paths are written with `/` on every system; replace the `\\`".into());
    }
    if path.chars().any(char::is_control) {
        return Err("the path holds a control character; remove it".into());
    }
    if plain.len() != path.len() {
        return Err("the path starts or ends with white space; remove it".into());
    }
    let drive =
        path.chars().nth(1) == Some(':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || path.starts_with('~') || drive {
        return Err("the path is absolute; write it relative to the file that holds it, inside the repository".into());
    }
    let folder = holder.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                let left = "the path leaves the repository; write one that stays inside it";
                parts.pop().ok_or(left)?;
            }
            part if part.eq_ignore_ascii_case(".git") => {
                return Err("the path leads into `.git`; name a file of the repository".into());
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err("the path is the repository itself; name a file or folder in it".into());
    }
    Ok(parts.join("/"))
}

/// A compiled glob in which `*` does not cross `/` and `**` does, or why the pattern is none.
pub fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(false)
        .build();
    let reason = |error: globset::Error| format!("the glob does not compile: {}", error.kind());
    glob.map(|glob| glob.compile_matcher()).map_err(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_holds_them() {
        assert_eq!(
            repository_path("tunegate.yaml", "data/a.jsonl"),
            Ok("data/a.jsonl".into())
        );
        assert_eq!(
            repository_path("gate/tunegate.yaml", "../data/./a"),
            Ok("data/a".into())
        );
        assert_eq!(
            repository_path("gate/tunegate.yaml", "suites//a.yaml"),
            Ok("gate/suites/a.yaml".into())
        );
    }

    #[test]
    fn paths_that_leave_the_repository_are_refused() {
        for path in [
            "/etc/passwd",
            "../x",
            "a/../../x",
            "C:/x",
            "~/x",
            "a\\b",
            "a\0b",
            "",
            ".",
            " a",
            ".git/config",
            "a/.GIT/x",
        ] {
            assert!(repository_path("tunegate.yaml", path).is_err(), "{path}");
        }
    }

    #[test]
    fn one_star_stays_in_its_folder_and_two_do_not() {
        assert!(glob("data/*.jsonl").unwrap().is_match("data/a.jsonl"));
        assert!(!glob("data/*.jsonl").unwrap().is_match("data/val/a.jsonl"));
        assert!(
            glob("data/**/*.jsonl")
                .unwrap()
                .is_match("data/val/a.jsonl")
        );
        assert!(glob("data/[").is_err());
    }
}
