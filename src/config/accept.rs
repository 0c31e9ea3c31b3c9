//! Adds entries to `audit.ignore` of a configuration as people would write them: comments and layout stay as they are.

use std::fmt::Write as _;

use super::read;
use crate::corpus::Ignore;
use crate::yaml::{self, Log, Spot};

/// The text of a configuration with further entries, or why they have to be added by hand.
pub fn with_ignored(path: &str, text: &str, entries: &[Ignore]) -> Result<String, String> {
    if entries.is_empty() {
        return Ok(text.to_owned());
    }
    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
    let lines: Vec<String> = entries.iter().map(|entry| written(entry, folder)).collect();
    let by_hand = |why: &str| {
        let entries = lines.iter().fold(String::new(), |mut all, line| {
            write!(all, "\n    - {line}").ok();
            all
        });
        format!("{path}: {why}; add these entries to `audit.ignore` by hand:{entries}")
    };
    let place = place(path, text).map_err(by_hand)?;
    let new = inserted(text, &place, &lines);
    // What was written must be what was meant, whatever the layout.
    let accepted = read(path, new.as_bytes()).is_ok_and(|config| {
        entries
            .iter()
            .all(|entry| config.audit.ignore.contains(entry))
    });
    if accepted {
        Ok(new)
    } else {
        Err(by_hand("its layout is not one that can be added to safely"))
    }
}

/// Where entries go.
struct Place {
    /// After so many lines.
    line: usize,
    /// What stands before the entries.
    before: String,
    indent: String,
}

fn place(path: &str, text: &str) -> Result<Place, &'static str> {
    let unreadable = "it cannot be read";
    let node = yaml::yaml(path, text).map_err(|_| unreadable)?;
    let log = Log::new(path);
    let root = Spot::root(&log, &node);
    let lines: Vec<&str> = text.lines().collect();
    let Some(audit) = root.present("audit") else {
        return Ok(Place {
            line: lines.len(),
            before: "\naudit:\n  ignore:\n".to_owned(),
            indent: "    ".to_owned(),
        });
    };
    let indent_of = |line: usize| {
        let text = line
            .checked_sub(1)
            .and_then(|at| lines.get(at))
            .copied()
            .unwrap_or_default();
        let rest = text.trim_start();
        (
            text.get(..text.len() - rest.len())
                .unwrap_or_default()
                .to_owned(),
            rest,
        )
    };
    let flow = "`audit` is written on one line";
    if let Some(list) = audit.present("ignore") {
        let first = list.items().first().map(|item| item.place().line);
        let Some(first) = first else {
            return Err("`audit.ignore` is written as an empty list");
        };
        let (indent, rest) = indent_of(first);
        if !rest.starts_with("- ") {
            return Err("`audit.ignore` is written on one line");
        }
        return Ok(Place {
            line: first - 1,
            before: String::new(),
            indent,
        });
    }
    let first = audit.entries().first().map(|(_, spot)| spot.place().line);
    let Some(first) = first else { return Err(flow) };
    let (indent, rest) = indent_of(first);
    if rest.starts_with("audit:") || indent.is_empty() {
        return Err(flow);
    }
    Ok(Place {
        line: first - 1,
        before: format!("{indent}ignore:\n"),
        indent: format!("{indent}  "),
    })
}

fn inserted(text: &str, place: &Place, entries: &[String]) -> String {
    let mut new = String::with_capacity(text.len() + 100 * entries.len());
    let mut lines = text.split_inclusive('\n');
    for line in lines.by_ref().take(place.line) {
        new.push_str(line);
    }
    if !new.is_empty() && !new.ends_with('\n') {
        new.push('\n');
    }
    new.push_str(&place.before);
    for entry in entries {
        writeln!(new, "{}- {entry}", place.indent).ok();
    }
    new.extend(lines);
    new
}

/// An entry on one line; its path as it is seen from the configuration.
fn written(entry: &Ignore, folder: Option<&str>) -> String {
    let path = match folder {
        None => entry.path.clone(),
        Some(folder) => match entry
            .path
            .strip_prefix(folder)
            .and_then(|rest| rest.strip_prefix('/'))
        {
            Some(inside) => inside.to_owned(),
            None => format!("{}{}", "../".repeat(folder.split('/').count()), entry.path),
        },
    };
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let until = entry.until.map(|until| format!(", until: {until}"));
    format!(
        "{{code: {}, path: {}, reason: {}{}}}",
        entry.code,
        quoted(&path),
        quoted(&entry.reason),
        until.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Code;

    const SMALL: &str = "version: 1\nproviders: {p: {kind: replay, path: r}}\nagents: {a: {model: {id: m}, suite: s.yaml}}\n";

    fn entry(code: Code, path: &str) -> Ignore {
        Ignore {
            code,
            path: path.to_owned(),
            reason: "3 duplicates: \"known\"".to_owned(),
            until: Some(jiff::civil::date(2027, 5, 1)),
        }
    }

    fn added(path: &str, text: &str) -> Result<String, String> {
        with_ignored(
            path,
            text,
            &[
                entry(Code::DuplicateRow, "data/a.jsonl"),
                entry(Code::Leakage, "data/b.jsonl"),
            ],
        )
    }

    #[test]
    fn entries_are_added_where_there_was_no_audit() {
        let new = added("tunegate.yaml", SMALL.trim_end()).unwrap();
        assert!(new.starts_with(SMALL));
        assert!(new.ends_with("\naudit:\n  ignore:\n    - {code: duplicate-row, path: \"data/a.jsonl\", reason: \"3 duplicates: \\\"known\\\"\", until: 2027-05-01}\n    - {code: leakage, path: \"data/b.jsonl\", reason: \"3 duplicates: \\\"known\\\"\", until: 2027-05-01}\n"), "{new}");
    }

    #[test]
    fn entries_join_others_and_comments_stay() {
        let text = format!(
            "{SMALL}audit:\n  # strict\n  secret: fail\n  ignore:\n    # legacy\n    - {{code: imbalance, path: x, reason: y}}\ngate: {{floor: 8}}\n"
        );
        let new = added("tunegate.yaml", &text).unwrap();
        assert!(
            new.contains("    # legacy\n    - {code: duplicate-row"),
            "{new}"
        );
        assert!(
            new.contains("    - {code: imbalance, path: x, reason: y}\ngate: {floor: 8}\n"),
            "{new}"
        );
        let text = format!("{SMALL}audit:\n    secret: fail # strict\ngate: {{floor: 8}}\n");
        let new = added("tunegate.yaml", &text).unwrap();
        assert!(
            new.contains("audit:\n    ignore:\n      - {code: duplicate-row"),
            "{new}"
        );
        assert!(new.contains("\n    secret: fail # strict\n"), "{new}");
    }

    #[test]
    fn a_layout_that_cannot_be_added_to_gets_lines_to_copy() {
        for audit in [
            "audit: {secret: warn}\n",
            "audit: {ignore: [{code: secret, path: x, reason: y}]}\n",
            "audit:\n  ignore: []\n",
        ] {
            let why = added("tunegate.yaml", &format!("{SMALL}{audit}")).unwrap_err();
            assert!(
                why.contains("by hand:\n    - {code: duplicate-row"),
                "{why}"
            );
        }
    }

    #[test]
    fn paths_are_written_as_seen_from_the_configuration() {
        let new = added("data/tunegate.yaml", SMALL).unwrap();
        assert!(new.contains("path: \"a.jsonl\""), "{new}");
        let new = added("config/tunegate.yaml", SMALL).unwrap();
        assert!(new.contains("path: \"../data/a.jsonl\""), "{new}");
    }
}
