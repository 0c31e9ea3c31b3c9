//! What an approval says to the world outside: a file that names the model, whose digest an attestation is about, and the
//! in-toto predicate of its test.
//!
//! Predicate: <https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md>, version 0.1.

use serde::Serialize;
use serde_json::{Value, json};

use super::Approved;
use crate::agent::AgentName;
use crate::score::{Digest, DigestError, canonical, digest};

/// What the predicate's type is called in a statement.
pub const PREDICATE_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The format of the file that names a model.
const SCHEMA: &str = "tunegate.model/1";

/// A model as an attestation's subject: the same bytes wherever the same model is named.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Manifest<'a> {
    schema: &'static str,
    agent: &'a AgentName,
    model: &'a str,
    candidate_digest: &'a str,
}

impl<'a> Manifest<'a> {
    /// The manifest of what a record measured.
    pub(super) const fn of(approved: &'a Approved) -> Self {
        Self {
            schema: SCHEMA,
            agent: &approved.agent,
            model: approved.model.as_str(),
            candidate_digest: approved.candidate_digest.as_str(),
        }
    }

    /// Its digest, which an attestation has as its subject.
    pub(super) fn digest(&self) -> Result<Digest, DigestError> {
        digest(self)
    }
}

/// The files of an approval for `actions/attest`: the subject, and the predicate.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The manifest's canonical JSON: its SHA-256 is the subject's digest.
    pub subject: Vec<u8>,
    /// The predicate as JSON.
    pub predicate: String,
}

/// What is to be attested of an approved agent.
pub(super) fn statement(approved: &Approved) -> Result<Statement, DigestError> {
    let agent = std::slice::from_ref(&approved.agent);
    let (passed, warned): (&[AgentName], &[AgentName]) = if approved.proven {
        (agent, &[])
    } else {
        (&[], agent)
    };
    let predicate = json!({
        "result": if approved.proven { "PASSED" } else { "WARNED" },
        "configuration": [
            named("record", &approved.record_digest),
            named("suite", &approved.suite_digest),
            named("policy", &approved.policy_digest),
        ],
        "url": approved.url,
        "passedTests": passed,
        "warnedTests": warned,
        "failedTests": [],
    });
    Ok(Statement {
        subject: canonical(&Manifest::of(approved))?,
        predicate: format!("{predicate:#}\n"),
    })
}

/// A resource descriptor: what it is called, and its digest without the algorithm's name.
fn named(name: &str, digest: &str) -> Value {
    json!({"name": name, "digest": {"sha256": hex(digest)}})
}

/// The digits of a digest as others write it.
pub(super) fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}
