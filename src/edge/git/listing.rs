//! What a clone holds that nobody has named yet: its files, and the branch that others merge into.

use super::Repository;
use super::error::GitError;

impl Repository {
    /// The files of the working tree that git tracks or would take in, by path, sorted. Names that are not UTF-8 are left
    /// out.
    pub fn files(&self) -> Result<Vec<String>, GitError> {
        let arguments = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        let text = self.git.tell("listing files", &arguments)?;
        let names = text
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty());
        let mut names: Vec<String> = names
            .filter_map(|name| std::str::from_utf8(name).ok())
            .map(str::to_owned)
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The branch that others merge into, as far as this clone knows: the remote's own, else `main` or `master`, else the
    /// one that is checked out.
    pub fn main_branch(&self) -> Result<Option<String>, GitError> {
        let ask = |arguments: &[&str]| -> Result<Option<String>, GitError> {
            let answer = self.git.ask("looking for the main branch", arguments)?;
            let line = answer.line().trim().to_owned();
            Ok(Some(line).filter(|line| answer.code == Some(0) && !line.is_empty()))
        };
        let remote = ask(&["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"])?;
        if let Some(name) = remote
            .as_deref()
            .and_then(|name| name.strip_prefix("refs/remotes/origin/"))
        {
            return Ok(Some(name.to_owned()));
        }
        for name in ["main", "master"] {
            if !self.branches(name)?.is_empty() {
                return Ok(Some(name.to_owned()));
            }
        }
        ask(&["symbolic-ref", "--quiet", "--short", "HEAD"])
    }
}
