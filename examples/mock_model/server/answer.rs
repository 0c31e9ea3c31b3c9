//! What the model without a model says: text that looks like help in steps, made from the prompt alone.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

const STEPS: [&str; 12] = [
    "Open the settings page, choose `Integrations`, and check that the token has not expired.",
    "Run `systemctl status worker` and read the last 20 lines of its log.",
    "Compare the version with `app --version`; anything below 4.2 has this fault.",
    "Restart the queue with `app queue restart --wait 30`, for example after midnight.",
    "Ask the owner of the workspace to invite the bot again, as only owners can.",
    "Set `retries: 5` in `config.yaml` so that a short outage does not lose a message.",
    "Send one test message and expect it in the channel within 10 seconds.",
    "If nothing arrives, download the report under `/admin/events` and look for code 403.",
    "Keep the old key for 24 hours, because running jobs still use it.",
    "Write down what you changed, and remove what did not help.",
    "Check the quota of the account: 1,000 calls an hour are allowed on the free plan.",
    "Finally, close the ticket or reply with the request ID, such as `req_81c2`.",
];

/// What is asked, as far as it decides the answer.
#[derive(Debug, Deserialize)]
pub(super) struct Question<'b> {
    #[serde(borrow)]
    model: Cow<'b, str>,
    #[serde(borrow)]
    messages: Vec<Message<'b>>,
}

#[derive(Debug, Deserialize)]
struct Message<'b> {
    #[serde(borrow)]
    content: Cow<'b, str>,
}

/// The body of an answer.
#[derive(Debug, Serialize)]
pub(super) struct Completion<'q> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'q str,
    choices: [Choice; 1],
    usage: Usage,
}

#[derive(Debug, Serialize)]
struct Choice {
    index: u32,
    message: Said,
    finish_reason: &'static str,
}

#[derive(Debug, Serialize)]
struct Said {
    role: &'static str,
    content: String,
}

#[derive(Debug, Serialize)]
struct Usage {
    #[serde(rename = "prompt_tokens")]
    prompt: usize,
    #[serde(rename = "completion_tokens")]
    completion: usize,
    #[serde(rename = "total_tokens")]
    total: usize,
}

impl<'b> Question<'b> {
    /// The question in a body; none where it is not one of text.
    pub(super) fn read(body: &'b [u8]) -> Option<Self> {
        let question: Self = serde_json::from_slice(body).ok()?;
        (!question.messages.is_empty()).then_some(question)
    }

    /// The last message.
    pub(super) fn prompt(&self) -> &str {
        self.messages.last().map_or("", |last| &last.content)
    }

    /// The answer: the prompt's first sentence again, then steps, until there are so many bytes.
    pub(super) fn answered(&self, bytes: usize) -> Completion<'_> {
        let prompt = self.prompt();
        let seed = digest(prompt.as_bytes());
        let content = text(prompt, seed, bytes);
        // Four bytes a token is what English comes to.
        let (asked, said) = (prompt.len() / 4, content.len() / 4);
        Completion {
            id: format!("chatcmpl-{seed:016x}"),
            object: "chat.completion",
            created: 0,
            model: &self.model,
            choices: [Choice {
                index: 0,
                message: Said {
                    role: "assistant",
                    content,
                },
                finish_reason: "stop",
            }],
            usage: Usage {
                prompt: asked,
                completion: said,
                total: asked + said,
            },
        }
    }
}

fn text(prompt: &str, seed: u64, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 128);
    let first = prompt.split_inclusive(['.', '?', '!', '\n']).next();
    text.push_str(first.unwrap_or(prompt).trim());
    text.push_str("\n\n");
    // The next step is always a different one: 5 and 12 have no common divisor.
    let start = usize::from(seed.to_le_bytes()[0]);
    let mut number = 0;
    while text.len() < bytes {
        let step = STEPS[(start + number * 5) % STEPS.len()];
        number += 1;
        text.extend([number.to_string().as_str(), ". ", step, "\n"]);
    }
    text
}

/// FNV-1a: the same in every build, unlike the standard library's hasher.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
