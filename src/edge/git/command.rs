//! How git is started: never through a shell, with a short list of variables, and with every setting switched off that
//! lets a repository start a program or reach the network.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::error::GitError;

/// The oldest git that takes settings from its environment (`GIT_CONFIG_COUNT`).
const OLDEST: (u32, u32) = (2, 31);
const OLDEST_SHOWN: &str = "2.31";
/// What git needs of our own environment: to be found, and to find what its user set, such as files to ignore.
const KEPT: [&str; 3] = ["PATH", "HOME", "XDG_CONFIG_HOME"];
/// What it is told besides. Replaced objects are not what others have; a pathspec is a path.
const TOLD: [(&str, &str); 7] = [
    ("LC_ALL", "C"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    // What does not know GIT_NO_LAZY_FETCH yet, which came with 2.45, still may not fetch.
    ("GIT_ALLOW_PROTOCOL", "none"),
];
/// Settings that win over those of the repository.
const SETTINGS: [(&str, &str); 4] = [
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("diff.autoRefreshIndex", "true"),
    ("submodule.recurse", "false"),
];

/// Git in a folder.
#[derive(Debug)]
pub(super) struct Git {
    folder: PathBuf,
    settings: Vec<(OsString, OsString)>,
}

/// What git answered.
pub(super) struct Answer {
    pub(super) code: Option<i32>,
    pub(super) text: Vec<u8>,
    pub(super) complaint: String,
}

impl Git {
    /// Looks whether there is a git that will do, and switches off the programs through which the repository wants its
    /// files to pass.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, GitError> {
        let mut settings = vec![("safe.directory".into(), folder.into())];
        settings.extend(SETTINGS.map(|(name, value)| (name.into(), value.into())));
        let mut git = Self {
            folder: folder.to_owned(),
            settings,
        };
        git.look_at_version()?;
        git.switch_filters_off()?;
        Ok(git)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A call of git that nothing is written to yet.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("--no-optional-locks")
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(KEPT.iter().filter_map(|name| {
                let value = std::env::var_os(name)?;
                Some((OsStr::new(*name), value))
            }))
            .envs(TOLD)
            .env("GIT_CONFIG_COUNT", self.settings.len().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (place, (name, value)) in self.settings.iter().enumerate() {
            command
                .env(format!("GIT_CONFIG_KEY_{place}"), name)
                .env(format!("GIT_CONFIG_VALUE_{place}"), value);
        }
        // A signal from the terminal is for us to handle: what is being read is ended by us.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }

    /// Asks, whatever the answer.
    pub(super) fn ask(&self, doing: &str, arguments: &[&str]) -> Result<Answer, GitError> {
        let output = self.command(arguments).output();
        let Output {
            status,
            stdout,
            stderr,
        } = output.map_err(|source| failed(doing, source))?;
        Ok(Answer {
            code: status.code(),
            text: stdout,
            complaint: complaint(&stderr),
        })
    }

    /// Asks for what git must be able to tell.
    pub(super) fn tell(&self, doing: &str, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let answer = self.ask(doing, arguments)?;
        if answer.code == Some(0) {
            Ok(answer.text)
        } else {
            Err(answer.into_error(doing))
        }
    }

    fn look_at_version(&self) -> Result<(), GitError> {
        let text = self.tell("asking git for its version", &["--version"])?;
        let text = String::from_utf8_lossy(&text);
        let found = text.trim().trim_start_matches("git version ");
        let mut numbers = found.split('.').map_while(|part| part.parse().ok());
        let found_numbers: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if found_numbers >= OLDEST {
            return Ok(());
        }
        Err(GitError::Old {
            found: found.to_owned(),
            needed: OLDEST_SHOWN,
        })
    }

    /// A filter is a program that a repository's settings name. Git would start it to see whether a file changed.
    fn switch_filters_off(&mut self) -> Result<(), GitError> {
        let doing = "reading git's settings";
        let names = [
            "config",
            "--null",
            "--name-only",
            "--get-regexp",
            r"^filter\.",
        ];
        let answer = self.ask(doing, &names)?;
        // 1: there is none. 128: there is no repository, which is told by whoever needs one.
        let mut filters: Vec<&[u8]> = answer.text.split(|byte| *byte == 0).collect();
        for name in &mut filters {
            let end = name.iter().rposition(|byte| *byte == b'.').unwrap_or(0);
            *name = name.get(..end).unwrap_or_default();
        }
        filters.sort_unstable();
        filters.dedup();
        for filter in filters.into_iter().filter(|name| !name.is_empty()) {
            for (setting, value) in [("clean", ""), ("process", ""), ("required", "false")] {
                let mut name = text(filter);
                name.push(format!(".{setting}"));
                self.settings.push((name, value.into()));
            }
        }
        Ok(())
    }
}

impl Answer {
    pub(super) fn into_error(self, doing: &str) -> GitError {
        GitError::Failed {
            doing: doing.to_owned(),
            detail: self.complaint,
        }
    }

    /// Its first line.
    pub(super) fn line(&self) -> String {
        let text = String::from_utf8_lossy(&self.text);
        text.lines().next().unwrap_or_default().to_owned()
    }
}

pub(super) fn failed(doing: &str, source: io::Error) -> GitError {
    if source.kind() == io::ErrorKind::NotFound {
        return GitError::Missing;
    }
    GitError::Io {
        doing: doing.to_owned(),
        source,
    }
}

fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let first = text.lines().find(|line| !line.trim().is_empty());
    let first = first.map_or("it does not say why", |line| {
        line.strip_prefix("fatal: ").unwrap_or(line)
    });
    first.to_owned()
}

/// Bytes of git's as the operating system names things.
pub(super) fn text(bytes: &[u8]) -> OsString {
    #[cfg(unix)]
    return std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec());
    #[cfg(not(unix))]
    return String::from_utf8_lossy(bytes).into_owned().into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_caller_do_not_reach_git() {
        let git = Git {
            folder: PathBuf::from("/"),
            settings: vec![("core.pager".into(), "cat".into())],
        };
        let command = git.command(&["status"]);
        let names: Vec<String> = command
            .get_envs()
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        let known = [
            "GIT_ALLOW_PROTOCOL",
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_KEY_0",
            "GIT_CONFIG_VALUE_0",
            "GIT_LITERAL_PATHSPECS",
            "GIT_NO_LAZY_FETCH",
            "GIT_NO_REPLACE_OBJECTS",
            "GIT_OPTIONAL_LOCKS",
            "GIT_TERMINAL_PROMPT",
            "HOME",
            "LC_ALL",
            "PATH",
            "XDG_CONFIG_HOME",
        ];
        assert!(
            names.iter().all(|name| known.contains(&name.as_str())),
            "{names:?}"
        );
        assert!(names.iter().any(|name| name == "GIT_NO_LAZY_FETCH"));
    }

    #[test]
    fn the_first_line_of_a_complaint_is_told() {
        assert_eq!(complaint(b"\nfatal: bad object x\nmore\n"), "bad object x");
        assert_eq!(complaint(b"\n"), "it does not say why");
    }
}
