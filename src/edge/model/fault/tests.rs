//! What each status and header leads to.

use http::HeaderValue;

use super::*;

fn identity() -> Identity {
    Identity {
        provider: "p".to_owned(),
        key_env: "KEY".to_owned(),
        key: Secret::new("sk-secret"),
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        })
        .collect()
}

fn refused(status: u16, body: &str) -> AskError {
    let status = StatusCode::from_u16(status).unwrap();
    identity().refused("m", status, &HeaderMap::new(), body.as_bytes())
}

fn kind(error: &AskError) -> &'static str {
    match error {
        AskError::Passing {
            fault: Fault::Throttled,
            ..
        } => "throttled",
        AskError::Passing {
            fault: Fault::Broken,
            ..
        } => "broken",
        AskError::Passing {
            fault: Fault::Unreachable,
            ..
        } => "unreachable",
        AskError::Question { .. } => "question",
        AskError::NoRecording { .. } => "no recording",
        AskError::Hopeless(Refusal::Key { .. }) => "key",
        AskError::Hopeless(Refusal::UnknownModel { .. }) => "model",
        AskError::Hopeless(Refusal::Quota { .. }) => "quota",
        AskError::Hopeless(Refusal::Redirect { .. }) => "redirect",
    }
}

#[test]
fn the_status_decides_what_a_failure_means() {
    for (statuses, expected) in [
        (&[401, 403][..], "key"),
        (&[402], "quota"),
        (&[404], "model"),
        (&[429, 498], "throttled"),
        (
            &[
                408, 409, 425, 499, 500, 502, 503, 504, 520, 522, 524, 529, 599,
            ],
            "broken",
        ),
        (&[400, 405, 410, 413, 415, 422, 451], "question"),
    ] {
        for status in statuses {
            assert_eq!(kind(&refused(*status, "no")), expected, "{status}");
        }
    }
}

#[test]
fn an_empty_account_is_not_haste() {
    let body =
        r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#;
    assert_eq!(kind(&refused(429, body)), "quota");
    let hard = r#"{"error":{"message":"Billing hard limit","code":"billing_hard_limit_reached"}}"#;
    assert_eq!(kind(&refused(400, hard)), "quota");
    let moonshot = r#"{"error":{"message":"no","type":"exceeded_current_quota_error"}}"#;
    assert_eq!(kind(&refused(429, moonshot)), "quota");
}

#[test]
fn a_missing_page_may_be_a_wrong_address() {
    let AskError::Hopeless(refusal) = refused(404, r#"{"detail":"Not Found"}"#) else {
        panic!("not hopeless");
    };
    assert!(
        refusal
            .to_string()
            .contains("Not Found; if the ID is right, check `base_url`")
    );
    let AskError::Hopeless(refusal) = refused(404, r#"{"error":"model 'm' not found"}"#) else {
        panic!("not hopeless");
    };
    assert!(!refusal.to_string().contains("base_url"));
}

#[test]
fn what_a_server_says_is_redacted_before_it_is_cut() {
    let body = format!("{}sk-secret", "x".repeat(295));
    let AskError::Question { why } = refused(400, &body) else {
        panic!("no question");
    };
    assert!(why.ends_with("x***") && !why.contains("sk-"), "{why}");
}

#[test]
fn a_redirect_names_the_host_and_nothing_else_of_its_target() {
    let target = headers(&[("location", "https://evil.example/v1?key=sk-secret")]);
    let error = identity().redirected(StatusCode::FOUND, &target);
    let expected = Refusal::Redirect {
        provider: "p".to_owned(),
        status: 302,
        host: "evil.example".to_owned(),
    };
    assert_eq!(error, AskError::Hopeless(expected));
}
