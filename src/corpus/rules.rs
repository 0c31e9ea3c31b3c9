//! What the configuration makes of findings: how severe they are, and which are known and accepted.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::audit::Audited;
use super::code::Code;
use super::finding::{FileAudit, Finding, FindingCount, Listed, Tally};
use crate::agent::AgentName;
use crate::policy::Severity;
use crate::yaml;

/// What the audit of training data does with its findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditRules {
    /// Findings that are known and accepted.
    pub ignore: Vec<Ignore>,
    /// Severity by code, where it is not the default.
    pub severities: BTreeMap<Code, Severity>,
    /// The tokens that a row may have; no row is too long where absent.
    pub context_length: Option<u64>,
}

/// Findings of a code in some files that are known and accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The code of the findings.
    pub code: Code,
    /// A glob of files, relative to the repository's root.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The last day on which they are ignored.
    pub until: Option<Date>,
}

/// Findings in training data, ready to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// What the files hold.
    pub files: Vec<FileAudit>,
    /// The first findings of each kind in new rows, blocking ones first, then by place.
    pub findings: Vec<Finding>,
    /// How many there are of each kind.
    pub counts: Vec<FindingCount>,
    /// Entries of `audit.ignore` that have expired and would have accepted something.
    pub expired: Vec<String>,
}

impl AuditRules {
    /// How severe a finding of this code is.
    pub fn severity(&self, code: Code) -> Severity {
        let configured = self.severities.get(&code).copied();
        configured.unwrap_or_else(|| code.default_severity())
    }

    /// Judges what was found in the data of an agent. `today` decides which entries have expired.
    pub fn judge(&self, audited: Audited, agent: Option<&AgentName>, today: Date) -> Judged {
        let agents: Vec<AgentName> = agent.cloned().into_iter().collect();
        let mut judged = Judged {
            files: audited.files,
            ..Judged::default()
        };
        for file in &mut judged.files {
            file.agents.clone_from(&agents);
        }
        for (path, code, tally) in audited.tallies {
            self.tally(&mut judged, (path, code, tally), &agents, today);
        }
        judged.sort();
        judged
    }

    fn tally(
        &self,
        judged: &mut Judged,
        (path, code, tally): (String, Code, Tally),
        agents: &[AgentName],
        today: Date,
    ) {
        let severity = self.severity(code);
        let mut count = FindingCount {
            code,
            severity,
            path,
            new: tally.new,
            old: tally.old,
            ignored: 0,
        };
        match self.known(code, &count.path, today) {
            Accepted::Yes => (count.new, count.ignored) = (0, tally.new),
            Accepted::Until(until) => {
                if tally.new > 0 {
                    judged.expired.push(format!(
                        "the entry of `audit.ignore` for {code} in {} held until {until}: its findings count again",
                        count.path
                    ));
                }
                judged.list(&count, tally.listed, agents);
            }
            Accepted::No => judged.list(&count, tally.listed, agents),
        }
        judged.counts.push(count);
    }

    fn known(&self, code: Code, path: &str, today: Date) -> Accepted {
        let mut accepted = Accepted::No;
        // A glob that does not compile was refused when the configuration was read.
        let covers = |entry: &&Ignore| {
            entry.code == code && yaml::glob(&entry.path).is_ok_and(|glob| glob.is_match(path))
        };
        for entry in self.ignore.iter().filter(covers) {
            match entry.until {
                Some(until) if until < today => accepted = Accepted::Until(until),
                Some(_) | None => return Accepted::Yes,
            }
        }
        accepted
    }
}

enum Accepted {
    Yes,
    Until(Date),
    No,
}

impl Judged {
    fn list(&mut self, count: &FindingCount, listed: Vec<Listed>, agents: &[AgentName]) {
        self.findings.extend(listed.into_iter().map(|one| Finding {
            code: count.code,
            severity: count.severity,
            path: count.path.clone(),
            line: one.line,
            agents: agents.to_vec(),
            message: one.message,
            excerpt: one.excerpt,
            advice: count.code.advice().to_owned(),
        }));
    }

    /// Takes in what was judged of another agent's data. A file that both have is told once, for both.
    pub fn join(&mut self, other: Self) {
        for file in other.files {
            match self
                .files
                .iter_mut()
                .find(|known| known.path == file.path && known.validation == file.validation)
            {
                Some(known) => known.agents.extend(file.agents),
                None => self.files.push(file),
            }
        }
        for finding in other.findings {
            let same = |known: &&mut Finding| {
                known.code == finding.code
                    && known.path == finding.path
                    && known.line == finding.line
                    && known.message == finding.message
            };
            match self.findings.iter_mut().find(same) {
                Some(known) => known.agents.extend(finding.agents),
                None => self.findings.push(finding),
            }
        }
        for count in other.counts {
            match self
                .counts
                .iter_mut()
                .find(|known| known.code == count.code && known.path == count.path)
            {
                Some(known) if known.new + known.ignored < count.new + count.ignored => {
                    *known = count;
                }
                Some(_) => {}
                None => self.counts.push(count),
            }
        }
        self.expired.extend(other.expired);
        self.sort();
    }

    fn sort(&mut self) {
        let rank = |severity, code| {
            let place = Code::ALL.iter().position(|known| *known == code);
            (severity == Severity::Warn, place)
        };
        self.files.sort_by(|one, other| one.path.cmp(&other.path));
        self.findings.sort_by(|one, other| {
            let key = |finding: &Finding| (rank(finding.severity, finding.code), finding.line);
            (key(one).0, &one.path, key(one).1).cmp(&(key(other).0, &other.path, key(other).1))
        });
        self.counts.sort_by(|one, other| {
            (rank(one.severity, one.code), &one.path)
                .cmp(&(rank(other.severity, other.code), &other.path))
        });
        self.expired.sort();
        self.expired.dedup();
    }
}
