//! What `gh attestation verify --format json` found, held against the record: it has checked the signature; that the right
//! workflow signed, for this model and this record, and that the test passed, is for us to see.

use serde_json::Value;

use super::Approved;
use super::manifest::{Manifest, PREDICATE_TYPE, hex};
use crate::problem::shown;
use crate::score::DigestError;

/// Who signs for workflows of GitHub.
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// An attestation that a pipeline fetched and verified.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// Where it came from, for people.
    pub shown: String,
    /// What was printed: a list of verified attestations.
    pub json: Vec<u8>,
    /// The workflow that has to have signed: `acme/models/.github/workflows/gate.yml`.
    pub workflow: String,
    /// The repository for which it has to have signed: `acme/models`.
    pub repository: String,
}

/// Names the workflow that signed, or says why none of the attestations counts.
pub(super) fn signer(
    attestation: &Attestation,
    approved: &Approved,
    branches: &dyn Fn(&str) -> bool,
) -> Result<Result<String, String>, DigestError> {
    let shown_at = &attestation.shown;
    let found: Vec<Value> = match serde_json::from_slice(&attestation.json) {
        Ok(found) => found,
        Err(why) => {
            return Ok(Err(format!(
                "{shown_at} is not what `gh attestation verify --format json` prints: {why}"
            )));
        }
    };
    let manifest = Manifest::of(approved).digest()?.to_string();
    let wanted = Wanted {
        attestation,
        approved,
        manifest: hex(&manifest),
        branches,
    };
    let mut why_not = None;
    for one in &found {
        match wanted.of(one) {
            Ok(signer) => return Ok(Ok(signer)),
            // Of several the one that comes closest explains most.
            Err(missed) => why_not = why_not.max(Some(missed)),
        }
    }
    Ok(Err(why_not.map_or_else(
        || format!("{shown_at} holds no attestation"),
        |missed| format!("{shown_at}: {}", missed.why),
    )))
}

/// What an attestation lacks, and how much of it was right until there.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Missed {
    right: u8,
    why: String,
}

struct Wanted<'a> {
    attestation: &'a Attestation,
    approved: &'a Approved,
    manifest: &'a str,
    branches: &'a dyn Fn(&str) -> bool,
}

impl Wanted<'_> {
    fn of(&self, found: &Value) -> Result<String, Missed> {
        let result = found.get("verificationResult").unwrap_or(&Value::Null);
        let statement = result.get("statement").unwrap_or(&Value::Null);
        let certificate = result.pointer("/signature/certificate");
        let checks: [&dyn Fn() -> Result<(), String>; 4] = [
            &|| predicate_type(statement),
            &|| self.subject(statement),
            &|| self.tested(statement),
            &|| self.signed(certificate.unwrap_or(&Value::Null)),
        ];
        for (right, check) in (0..).zip(checks) {
            check().map_err(|why| Missed { right, why })?;
        }
        Ok(self.attestation.workflow.clone())
    }

    fn subject(&self, statement: &Value) -> Result<(), String> {
        let subjects = statement.get("subject").and_then(Value::as_array);
        let mut digests = subjects
            .into_iter()
            .flatten()
            .filter_map(|subject| subject.pointer("/digest/sha256").and_then(Value::as_str));
        if digests.any(|digest| digest == self.manifest) {
            return Ok(());
        }
        Err(format!(
            "it is about another model than {} of {}, with the system prompt and the parameters that were measured",
            shown(&self.approved.model),
            self.approved.agent
        ))
    }

    /// What was tested, and what came of it.
    fn tested(&self, statement: &Value) -> Result<(), String> {
        let predicate = statement.get("predicate").unwrap_or(&Value::Null);
        for (name, digest) in [
            ("record", &self.approved.record_digest),
            ("suite", &self.approved.suite_digest),
        ] {
            let configured = configured(predicate, name);
            if configured != Some(hex(digest)) {
                return Err(format!("it was made for another {name} than this one"));
            }
        }
        let result = text(predicate, "result");
        match result {
            Some("PASSED") => Ok(()),
            Some("WARNED") if !self.approved.proven => Ok(()),
            Some("WARNED") => Err(
                "its result is WARNED: the model passed then without proof, and today's record is proven; attest it again"
                    .to_owned(),
            ),
            Some(_) | None => Err(format!(
                "its result is {}, not PASSED",
                shown(result.unwrap_or("absent"))
            )),
        }
    }

    fn signed(&self, certificate: &Value) -> Result<(), String> {
        let Attestation {
            workflow,
            repository,
            ..
        } = self.attestation;
        let issuer = text(certificate, "issuer").unwrap_or_default();
        if issuer != ISSUER {
            return Err(format!(
                "it was not signed by a workflow of GitHub, but by {}",
                shown(issuer)
            ));
        }
        let signer = text(certificate, "subjectAlternativeName").unwrap_or_default();
        let named = path_of(signer);
        let (path, at) = named.split_once('@').unwrap_or((named, ""));
        let wanted = if workflow.contains('@') { named } else { path };
        if wanted != workflow {
            return Err(format!(
                "it was signed by the workflow {}, not by {workflow}",
                shown(wanted)
            ));
        }
        let source = text(certificate, "sourceRepositoryURI").unwrap_or_default();
        if path_of(source) != repository {
            return Err(format!(
                "it was signed for the repository {}, not for {repository}",
                shown(path_of(source))
            ));
        }
        let reference = text(certificate, "sourceRepositoryRef").unwrap_or_default();
        if !reference
            .strip_prefix("refs/heads/")
            .is_some_and(self.branches)
        {
            return Err(format!(
                "it was signed at {}, which is no branch of `baseline.branches`",
                shown(reference)
            ));
        }
        // One of the repository's own workflows is signed for at its own ref; another repository's has one of its own, which
        // only a full name can hold.
        let is_own = path
            .strip_prefix(repository.as_str())
            .is_some_and(|rest| rest.starts_with('/'));
        let is_exact = workflow.contains('@') || (is_own && at == reference);
        if !is_exact {
            return Err(format!(
                "it was signed by {}, which is not of the commit that was tested; name a workflow of another repository with its \
                 ref, `{workflow}@REF`",
                shown(named)
            ));
        }
        Ok(())
    }
}

fn predicate_type(statement: &Value) -> Result<(), String> {
    let found = text(statement, "predicateType").unwrap_or("absent");
    if found == PREDICATE_TYPE {
        return Ok(());
    }
    Err(format!(
        "its predicate type is {}, not {PREDICATE_TYPE}",
        shown(found)
    ))
}

/// The digest of a resource that the predicate names.
fn configured<'v>(predicate: &'v Value, name: &str) -> Option<&'v str> {
    let all = predicate.get("configuration").and_then(Value::as_array)?;
    let one = all.iter().find(|one| text(one, "name") == Some(name))?;
    one.pointer("/digest/sha256").and_then(Value::as_str)
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

/// `https://github.com/acme/models` without its server: `acme/models`.
fn path_of(address: &str) -> &str {
    address
        .strip_prefix("https://github.com/")
        .unwrap_or(address)
}
