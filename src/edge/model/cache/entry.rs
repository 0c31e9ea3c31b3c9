//! One kept answer: its name, made from everything that can change the answer, and its bytes, sealed so that nobody
//! without the provider's key can make or change one. Knows nothing of files.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::agent::AgentName;
use crate::edge::Secret;
use crate::runner::{Allowance, Ask, Reply, Usage};
use crate::score::{ToolCall, canonical};
use crate::suite::CaseId;

/// Part of every name: answers of another format are never found.
const FORMAT: u32 = 2;
/// What a kept answer begins with.
const HEAD: &str = "tunegate-answer/1 ";
/// What the sealing key is made for; the same provider's key makes others for other ends.
const LABEL: &[u8] = b"tunegate answer cache 1";
/// A name that a server gives to another model one day (`-latest`, a self-hosted name) is not trusted for ever.
pub(super) const MOST_AGE: Duration = Duration::from_hours(30 * 24);

/// Where a request goes: address and headers. Values of headers can be secrets, so they stand there as digests.
#[derive(Debug, Serialize)]
pub(super) struct Door {
    address: String,
    headers: BTreeMap<String, String>,
}

impl Door {
    pub(super) fn new(address: &str, headers: &BTreeMap<String, String>) -> Self {
        let digests = headers.iter().map(|(name, value)| {
            let digest = Sha256::digest(value.as_bytes());
            (name.to_lowercase(), hex(&digest))
        });
        Self {
            address: address.to_owned(),
            headers: digests.collect(),
        }
    }
}

/// The name of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::edge::model) struct Key([u8; 32]);

/// Agent and case do not reach the server, but they make two samples two: two cases with one prompt are two draws, and
/// a run from the cache repeats each of them.
#[derive(Serialize)]
struct Identity<'a> {
    format: u32,
    door: &'a Door,
    body: &'a Value,
    agent: &'a AgentName,
    case: &'a CaseId,
    sample: u32,
    /// Of a judge, which of its votes.
    #[serde(skip_serializing_if = "Option::is_none")]
    vote: Option<u32>,
}

impl Key {
    pub(super) fn of(door: &Door, ask: &Ask, body: &Value) -> Option<Self> {
        let identity = Identity {
            format: FORMAT,
            door,
            body,
            agent: &ask.agent,
            case: &ask.case.id,
            sample: ask.sample,
            vote: ask.grading.as_ref().map(|grading| grading.vote),
        };
        let text = canonical(&identity).ok()?;
        Some(Self(Sha256::digest(&text).into()))
    }

    /// In hexadecimal, 64 digits.
    pub(super) fn name(&self) -> String {
        hex(&self.0)
    }

    #[cfg(test)]
    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Why bytes are no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// They do not carry the seal for this name.
    Unproven,
    /// They are too old to be trusted.
    Old,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Seconds since 1970.
    asked: u64,
    text: String,
    finish_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    served_model: Option<String>,
    system_fingerprint: Option<String>,
    usage: Option<Usage>,
    latency_us: Option<u64>,
}

/// Seals answers and checks seals (HMAC-SHA256 over name and content).
#[derive(Debug)]
pub(super) struct Seal(hmac::Key);

impl Seal {
    /// Without a key the seal proves only that nothing was cut off.
    pub(super) fn new(key: Option<&Secret>) -> Self {
        let key = key.map_or("", Secret::expose);
        let made = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), LABEL);
        Self(hmac::Key::new(hmac::HMAC_SHA256, made.as_ref()))
    }

    /// The bytes of an answer.
    pub(super) fn close(&self, key: &Key, reply: &Reply, now: SystemTime) -> Option<Vec<u8>> {
        let kept = Kept {
            asked: seconds(now),
            text: reply.text.clone(),
            finish_reason: reply.finish_reason.clone(),
            tool_calls: reply.tool_calls.clone(),
            served_model: reply.served_model.clone(),
            system_fingerprint: reply.system_fingerprint.clone(),
            usage: reply.usage,
            latency_us: reply
                .latency
                .map(|latency| u64::try_from(latency.as_micros()).unwrap_or(u64::MAX)),
        };
        let content = serde_json::to_vec(&kept).ok()?;
        let tag = hmac::sign(&self.0, &bound(key, &content));
        let mut bytes = format!("{HEAD}{}\n", hex(tag.as_ref())).into_bytes();
        bytes.extend_from_slice(&content);
        Some(bytes)
    }

    /// The answer in these bytes, if they were sealed for this name.
    pub(super) fn open(&self, key: &Key, bytes: &[u8], now: SystemTime) -> Result<Reply, Unusable> {
        let read = || {
            let rest = bytes.strip_prefix(HEAD.as_bytes())?;
            let (tag, rest) = rest.split_at_checked(64)?;
            let content = rest.strip_prefix(b"\n")?;
            hmac::verify(&self.0, &bound(key, content), &unhex(tag)?).ok()?;
            serde_json::from_slice::<Kept>(content).ok()
        };
        let kept = read().ok_or(Unusable::Unproven)?;
        // A clock that went back makes answers younger, never older.
        if seconds(now).saturating_sub(kept.asked) > MOST_AGE.as_secs() {
            return Err(Unusable::Old);
        }
        Ok(Reply {
            text: kept.text,
            finish_reason: kept.finish_reason,
            tool_calls: kept.tool_calls,
            served_model: kept.served_model,
            system_fingerprint: kept.system_fingerprint,
            usage: kept.usage,
            latency: kept.latency_us.map(Duration::from_micros),
            cached: true,
            allowance: Allowance::default(),
        })
    }
}

/// A sealed answer under another name would be an answer to another question.
fn bound(key: &Key, content: &[u8]) -> Vec<u8> {
    [key.0.as_slice(), content].concat()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| DIGITS.get(usize::from(digit)))
        .collect()
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let pairs = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(value(high)? * 16 + value(low)?).ok(),
        _ => None,
    });
    pairs.collect()
}
