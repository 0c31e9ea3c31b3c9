//! What every page has: its style, its script where it has one, and the policy that allows these two and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The head of a page.
#[derive(Serialize)]
pub(super) struct Frame {
    policy: String,
    style: &'static str,
}

impl Frame {
    /// Of a page whose data the script shows.
    pub(super) fn with_script() -> Self {
        Self::allowing(&format!("script-src {}", source(SCRIPT)))
    }

    /// Of a page that is complete as it is.
    pub(super) fn without_script() -> Self {
        Self::allowing("script-src 'none'")
    }

    fn allowing(script: &str) -> Self {
        let style = source(STYLE);
        Self {
            policy: format!(
                "default-src 'none'; {script}; style-src {style}; base-uri 'none'; form-action 'none'"
            ),
            style: STYLE,
        }
    }
}

/// The end of a page with a script: the bytes between the tags are those that the policy names.
pub(super) fn end() -> String {
    format!("<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

/// A source expression of Content Security Policy Level 3, section 2.3.1: the digest of an element's text.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
