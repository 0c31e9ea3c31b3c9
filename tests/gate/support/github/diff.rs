//! What changed between two commits, as git sees it and as GitHub words it.

use super::history::Repository;

/// One changed file.
pub(super) struct FileChange {
    pub(super) status: &'static str,
    pub(super) path: String,
    pub(super) previous: Option<String>,
    /// The blob at head, or the last one of a file that is gone.
    pub(super) sha: String,
    pub(super) additions: u64,
    pub(super) deletions: u64,
}

impl Repository {
    /// The files that differ between two commits, renames found at git's usual similarity, ordered by path.
    pub(super) fn diff(&self, from: &str, to: &str) -> Vec<FileChange> {
        let output = self.git(&[
            "diff-tree",
            "-r",
            "-z",
            "-M",
            "--raw",
            "--numstat",
            "--no-abbrev",
            from,
            to,
        ]);
        let mut fields = output.split_terminator('\0').peekable();
        let mut changes = Vec::new();
        while let Some(raw) = fields.next_if(|field| field.starts_with(':')) {
            changes.push(parse_raw(raw, &mut fields));
        }
        for change in &mut changes {
            let counts = fields.next().unwrap();
            let mut parts = counts.splitn(3, '\t');
            // A binary file is counted as `-`, which GitHub words as zero lines.
            change.additions = parts.next().unwrap().parse().unwrap_or(0);
            change.deletions = parts.next().unwrap().parse().unwrap_or(0);
            if parts.next() == Some("") {
                fields.nth(1);
            }
        }
        changes
    }
}

fn parse_raw<'a>(raw: &str, fields: &mut impl Iterator<Item = &'a str>) -> FileChange {
    let facts: Vec<&str> = raw.trim_start_matches(':').split(' ').collect();
    let [old_mode, new_mode, old_sha, new_sha, letter] = facts[..] else {
        panic!("git diff-tree said {raw}")
    };
    let first = fields.next().unwrap().to_owned();
    let (previous, path) = match letter.as_bytes()[0] {
        b'R' | b'C' => (Some(first), fields.next().unwrap().to_owned()),
        _ => (None, first),
    };
    let status = match letter.as_bytes()[0] {
        b'A' => "added",
        b'D' => "removed",
        b'R' => "renamed",
        b'C' => "copied",
        // Same bytes under another mode, or a file that became a link.
        b'T' => "changed",
        _ if old_sha == new_sha && old_mode != new_mode => "changed",
        _ => "modified",
    };
    let sha = if status == "removed" {
        old_sha
    } else {
        new_sha
    };
    FileChange {
        status,
        path,
        previous,
        sha: sha.to_owned(),
        additions: 0,
        deletions: 0,
    }
}
