//! `findings.sarif`: findings in training data for code scanning. The format is SARIF 2.1.0:
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::corpus::{Code, Finding};
use crate::policy::Severity;
use crate::record::Audit;
use crate::report::{HOME, escape};
use crate::score::Digest;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The findings of an audit as a SARIF log; the version is that of the program.
pub fn sarif(audit: &Audit, version: &str) -> String {
    let mut used: Vec<Code> = audit.findings.iter().map(|finding| finding.code).collect();
    used.sort();
    used.dedup();
    let results: Vec<Value> = audit
        .findings
        .iter()
        .map(|finding| result(finding, &used))
        .collect();
    let rules: Vec<Value> = used.iter().map(|code| rule(*code)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "tunegate",
                "semanticVersion": version,
                "informationUri": HOME,
                "rules": rules,
            }},
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "shortDescription": {"text": sentence(&code.counted(1))},
        "help": {"text": sentence(code.advice())},
        "helpUri": format!("{HOME}/blob/main/docs/training-data.md#{code}"),
        "defaultConfiguration": {"level": level(code.default_severity())},
    })
}

fn result(finding: &Finding, rules: &[Code]) -> Value {
    let place = rules.iter().position(|code| *code == finding.code);
    let excerpt = finding
        .excerpt
        .as_deref()
        .map(|excerpt| format!(" ({excerpt})"));
    let text = format!(
        "{}{}; {}",
        finding.message,
        excerpt.unwrap_or_default(),
        finding.advice
    );
    // What concerns a whole file stands at its first line: code scanning shows nothing without a line.
    let line = finding.line.unwrap_or(1);
    let location = json!({
        "artifactLocation": {"uri": uri(&finding.path), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": line},
    });
    // A row that moves within its file is the same finding, so its line is no part of what it is recognised by.
    let identity = json!([
        finding.code,
        finding.path,
        finding.excerpt.as_deref().unwrap_or(&finding.message)
    ]);
    json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": place,
        "level": level(finding.severity),
        "message": {"text": sentence(&text)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"tunegateFinding/v1": Digest::of(identity.to_string().as_bytes()).to_string()},
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "error",
        Severity::Warn => "warning",
    }
}

fn sentence(text: &str) -> String {
    let text = escape::plain(text);
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// A path as a relative reference (RFC 3986): everything but what a path may hold is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte);
        if plain {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").ok();
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(path: &str, line: Option<u64>) -> Finding {
        Finding {
            code: Code::Secret,
            severity: Severity::Fail,
            path: path.to_owned(),
            line,
            agents: Vec::new(),
            message: "GitHub token".to_owned(),
            excerpt: Some("ghp_…".to_owned()),
            advice: "revoke it".to_owned(),
        }
    }

    fn log(findings: Vec<Finding>) -> Value {
        let audit = Audit {
            findings,
            ..Audit::default()
        };
        serde_json::from_str(&sarif(&audit, "0.1.0")).unwrap()
    }

    #[test]
    fn a_finding_has_its_rule_level_and_place() {
        let log = log(vec![
            finding("data/a b:ü.jsonl", Some(7)),
            finding("x", None),
        ]);
        let run = &log["runs"][0];
        let result = &run["results"][0];
        assert_eq!(
            (&result["ruleId"], &result["level"]),
            (&json!("secret"), &json!("error"))
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["artifactLocation"]["uri"],
            "data/a%20b%3A%C3%BC.jsonl"
        );
        assert_eq!(place["region"]["startLine"], 7);
        assert_eq!(
            result["message"]["text"],
            "GitHub token (ghp_…); revoke it."
        );
        assert_eq!(
            run["results"][1]["locations"][0]["physicalLocation"]["region"]["startLine"],
            1
        );
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_row_that_moves_keeps_its_fingerprint() {
        let print = |line| {
            log(vec![finding("a", Some(line))])["runs"][0]["results"][0]["partialFingerprints"]
                .clone()
        };
        assert_eq!(print(1), print(2));
    }

    #[test]
    fn nothing_found_is_an_empty_list_of_results() {
        assert_eq!(log(Vec::new())["runs"][0]["results"], json!([]));
    }
}
