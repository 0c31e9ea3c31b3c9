//! One row of training data, whatever shape it was written in: who says what, and what the model learns from it.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shape in which a row was written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// `messages` with the roles system, user, assistant: OpenAI, Mistral and most others.
    Chat,
    /// `messages` or `contents` in which the model's role is `model`: Gemini.
    Gemini,
    /// `conversations` with `role` and `content`, a `loss` a turn: the Agent Data Protocol.
    Adp,
    /// `conversations` with `from` and `value`: `ShareGPT`.
    Sharegpt,
    /// `instruction`, `input`, `output`: Alpaca.
    Alpaca,
    /// `prompt` and `completion` or `response`; `question` and `answer`.
    PromptCompletion,
    /// `task`, `context`, `expected_output`.
    Task,
    /// A prompt with a `chosen` and a `rejected` answer, or OpenAI's preferred and non-preferred output.
    Preference,
    /// `text` alone.
    Text,
}

impl Format {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat messages",
            Self::Gemini => "Gemini messages",
            Self::Adp => "ADP conversations",
            Self::Sharegpt => "ShareGPT conversations",
            Self::Alpaca => "instruction, input, output",
            Self::PromptCompletion => "prompt and completion",
            Self::Task => "task, context, expected output",
            Self::Preference => "preference pairs",
            Self::Text => "plain text",
        }
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Instructions to the model.
    System,
    /// The person asking.
    User,
    /// The model.
    Assistant,
    /// What a tool returned.
    Tool,
    /// A role that no trainer knows, or none.
    Unknown,
}

impl Speaker {
    /// Who speaks under this name of a role, in any of the formats.
    pub(super) fn of(role: &str) -> Self {
        match role {
            "system" | "developer" => Self::System,
            "user" | "human" | "prompter" => Self::User,
            "assistant" | "gpt" | "model" | "bot" | "chatgpt" | "chatbot" => Self::Assistant,
            "tool" | "function" | "observation" | "ipython" | "function_response" => Self::Tool,
            _ => Self::Unknown,
        }
    }

    /// The word for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Unknown => "unknown",
        }
    }
}

/// One turn of a row.
#[derive(Debug, Clone)]
pub struct Turn<'r> {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said; several parts are joined by a line break.
    pub text: Cow<'r, str>,
    /// Whether the row says that the model learns this turn; where it does not say, the model learns what it says itself.
    pub learned: Option<bool>,
    /// Calls of tools, as canonical JSON.
    pub calls: Option<Vec<u8>>,
}

impl Turn<'_> {
    /// Whether the model is trained to say this.
    pub fn is_learned(&self) -> bool {
        self.learned.unwrap_or(self.speaker == Speaker::Assistant)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_none() && self.text.trim().is_empty()
    }
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row<'r> {
    /// How it was written.
    pub format: Format,
    /// The conversation; never empty.
    pub turns: Vec<Turn<'r>>,
    /// In preference data, the answer that the model learns to avoid.
    pub rejected: Vec<Turn<'r>>,
    /// What the model is told it may call, as canonical JSON.
    pub tools: Option<Vec<u8>>,
    /// The first role that is none, as it was written.
    pub unknown_role: Option<Cow<'r, str>>,
}

impl<'r> Row<'r> {
    /// The place of the last answer, which everything before it asks for; past the end where there is none.
    pub fn last_answer(&self) -> usize {
        let mut places = (0..self.turns.len()).rev();
        let is_answer = |place: &usize| {
            let turn = self.turns.get(*place);
            turn.is_some_and(|turn| turn.speaker == Speaker::Assistant)
        };
        places.find(is_answer).unwrap_or(self.turns.len())
    }

    /// What is said to the model.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        let asked = self.turns.iter().filter(|turn| !turn.is_learned());
        asked.map(|turn| &*turn.text)
    }

    /// What the model learns to say.
    pub fn answered(&self) -> impl Iterator<Item = &str> {
        let learned = self.turns.iter().filter(|turn| turn.is_learned());
        learned.map(|turn| &*turn.text)
    }

    /// The first thing that a person says.
    pub fn first_question(&self) -> &str {
        let mut turns = self.turns.iter();
        let user = turns.find(|turn| turn.speaker == Speaker::User);
        user.or_else(|| self.turns.first())
            .map_or("", |turn| &*turn.text)
    }

    /// All turns, the rejected answer included.
    pub(super) fn everything(&self) -> impl Iterator<Item = &Turn<'r>> {
        self.turns.iter().chain(&self.rejected)
    }
}
