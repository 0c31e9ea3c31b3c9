//! Keys that are read and checked although nothing in this version acts on them: said, so that nobody relies on a rule
//! that is not there.

use crate::yaml::Spot;

/// A key that is set and has no effect in this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its path: `release.require_attestation`.
    pub key: String,
    /// The line where its value stands.
    pub line: usize,
    /// What happens instead.
    pub message: String,
}

/// The key's path, the value that changes nothing because it is the default, and what happens instead.
const NOT_BUILT: [(&[&str], Option<&str>, &str); 1] = [(
    &["release", "require_attestation"],
    Some("false"),
    "attestations are not checked in this version, so `verify` cannot require one",
)];

pub(super) fn collect(root: &Spot<'_>) -> Vec<Notice> {
    let notice = |(keys, default, message): &(&[&str], Option<&str>, &str)| {
        let spot = keys
            .iter()
            .try_fold(root.clone(), |spot, key| spot.present(key))?;
        let written = spot.node().map(|node| node.describe().replace('"', ""));
        if default.is_some() && written.as_deref() == *default {
            return None;
        }
        Some(Notice {
            key: keys.join("."),
            line: spot.place().line,
            message: (*message).to_owned(),
        })
    };
    NOT_BUILT.iter().filter_map(notice).collect()
}
