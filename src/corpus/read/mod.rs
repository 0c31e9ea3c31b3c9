//! Reads one row out of the bytes of its line, in any of the shapes that people use. Texts without escapes are
//! borrowed, what is not part of the conversation is skipped.

mod content;
mod draft;
mod message;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::row::{Format, Row, Speaker};
use content::Content;
use draft::Draft;

/// Why a line is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// In a sentence without a full stop.
    pub why: String,
    /// The column in bytes, from 1, where one is known.
    pub column: Option<usize>,
}

impl Broken {
    fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            column: None,
        }
    }
}

/// The row that a line holds, or why it holds none.
pub fn row(line: &[u8]) -> Result<Row<'_>, Broken> {
    let mut text = serde_json::Deserializer::from_slice(line);
    let fields = Fields::deserialize(&mut text).map_err(|why| broken(&why))?;
    text.end().map_err(|why| broken(&why))?;
    fields.into_row()
}

fn broken(error: &serde_json::Error) -> Broken {
    let full = error.to_string();
    // The line is always 1 here: the caller knows which one it is.
    let why = full
        .split_once(" at line ")
        .map_or(full.as_str(), |(why, _)| why);
    let why = match error.classify() {
        serde_json::error::Category::Eof => format!("the JSON ends too early ({why})"),
        // What was found instead is content of the row, and may be a key.
        serde_json::error::Category::Data => match why.split_once(", expected ") {
            Some((_, wanted)) => format!("expected {wanted}"),
            None => why.to_owned(),
        },
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            format!("this is not JSON ({why})")
        }
    };
    Broken {
        why,
        column: Some(error.column()).filter(|column| *column > 0),
    }
}

/// The keys that make up a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Messages,
    Conversations,
    Contents,
    System,
    Instruction,
    Input,
    Output,
    Prompt,
    Completion,
    Chosen,
    Rejected,
    Task,
    Context,
    Expected,
    Text,
    Tools,
}

impl Key {
    /// What a list of messages is called where it stands under this key.
    fn list_name(self) -> &'static str {
        if self == Self::Conversations {
            "conversations"
        } else if self == Self::Contents {
            "contents"
        } else {
            "messages"
        }
    }

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "messages" => Self::Messages,
            "conversations" | "conversation" => Self::Conversations,
            "contents" => Self::Contents,
            "system" | "systemInstruction" | "system_instruction" | "system_prompt" => Self::System,
            "instruction" => Self::Instruction,
            "input" => Self::Input,
            "output" => Self::Output,
            "prompt" | "question" => Self::Prompt,
            "completion" | "response" | "answer" => Self::Completion,
            "chosen" | "preferred_output" => Self::Chosen,
            "rejected" | "non_preferred_output" => Self::Rejected,
            "task" => Self::Task,
            "context" => Self::Context,
            "expected_output" => Self::Expected,
            "text" => Self::Text,
            "tools" | "functions" => Self::Tools,
            _ => return None,
        })
    }
}

/// What a line holds of these keys.
#[derive(Debug, Default)]
struct Fields<'r>(Vec<(Key, Content<'r>)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object such as {\"messages\": [...]}")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fields<'de>, A::Error> {
                Fields::collect(map)
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

impl<'r> Fields<'r> {
    fn collect<A: MapAccess<'r>>(mut map: A) -> Result<Self, A::Error> {
        let mut fields = Self::default();
        while let Some(name) = map.next_key::<Name<'r>>()? {
            match Key::of(&name.0) {
                Some(Key::Tools) => fields
                    .0
                    .push((Key::Tools, map.next_value_seed(content::Whole)?)),
                Some(key) => fields.0.push((key, map.next_value()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }

    fn take(&mut self, wanted: Key) -> Option<Content<'r>> {
        let place = self.0.iter().rposition(|(key, _)| *key == wanted)?;
        let (_, content) = self.0.remove(place);
        (!matches!(content, Content::Nothing)).then_some(content)
    }

    fn has(&self, wanted: Key) -> bool {
        let mut fields = self.0.iter();
        fields.any(|(key, content)| *key == wanted && !matches!(content, Content::Nothing))
    }

    fn into_row(mut self) -> Result<Row<'r>, Broken> {
        let mut draft = Draft::default();
        draft.tools = self.take(Key::Tools).and_then(Content::into_whole);
        if let Some(system) = self.take(Key::System) {
            draft.say(Speaker::System, system);
        }
        let format = self.conversation(&mut draft)?;
        draft.finish(format)
    }

    /// Everything but what stands in the same place in every format.
    fn conversation(&mut self, draft: &mut Draft<'r>) -> Result<Format, Broken> {
        if self.has(Key::Chosen) || self.has(Key::Rejected) {
            return self.preference(draft);
        }
        for key in [Key::Messages, Key::Conversations, Key::Contents] {
            if let Some(list) = self.take(key) {
                draft.list(list, key)?;
                return Ok(draft.format_of(key));
            }
        }
        let pairs = [
            (Key::Instruction, Key::Input, Key::Output, Format::Alpaca),
            (Key::Task, Key::Context, Key::Expected, Format::Task),
            (
                Key::Prompt,
                Key::Context,
                Key::Completion,
                Format::PromptCompletion,
            ),
            (
                Key::Input,
                Key::Context,
                Key::Output,
                Format::PromptCompletion,
            ),
        ];
        for (question, more, answer, format) in pairs {
            if self.has(question) && self.has(answer) {
                self.pair(draft, [question, more, answer]);
                return Ok(format);
            }
        }
        if let Some(text) = self.take(Key::Text) {
            draft.say(Speaker::Assistant, text);
            return Ok(Format::Text);
        }
        Err(Broken::new(
            "no conversation is in this row; it needs `messages`, `conversations`, `contents`, or a pair such as \
             `prompt` and `completion`",
        ))
    }

    fn pair(&mut self, draft: &mut Draft<'r>, keys: [Key; 3]) {
        let [question, more, answer] = keys.map(|key| self.take(key));
        let text = |content: Option<Content<'r>>| match content {
            Some(Content::Text(text)) if !text.trim().is_empty() => Some(text),
            _ => None,
        };
        match (question, more) {
            (Some(Content::Text(question)), more) => {
                let asked = match text(more) {
                    Some(more) => Cow::Owned(format!("{question}\n\n{more}")),
                    None => question,
                };
                draft.say(Speaker::User, Content::Text(asked));
            }
            (Some(question), _) => draft.say(Speaker::User, question),
            (None, _) => {}
        }
        if let Some(answer) = answer {
            draft.say(Speaker::Assistant, answer);
        }
    }

    fn preference(&mut self, draft: &mut Draft<'r>) -> Result<Format, Broken> {
        for key in [
            Key::Prompt,
            Key::Input,
            Key::Messages,
            Key::Conversations,
            Key::Instruction,
        ] {
            match self.take(key) {
                None => {}
                // OpenAI: `input` holds an object with `messages`.
                Some(Content::Object(mut inner)) => {
                    if let Some(list) = inner.take(Key::Messages) {
                        draft.list(list, key)?;
                    }
                    break;
                }
                Some(asked) => {
                    draft.say(Speaker::User, asked);
                    break;
                }
            }
        }
        let (chosen, rejected) = (self.take(Key::Chosen), self.take(Key::Rejected));
        let (Some(chosen), Some(rejected)) = (chosen, rejected) else {
            return Err(Broken::new(
                "a preference needs both answers: `chosen` and `rejected`",
            ));
        };
        draft.say(Speaker::Assistant, chosen);
        let mut other = Draft::default();
        other.say(Speaker::Assistant, rejected);
        draft.rejected = other.turns;
        Ok(Format::Preference)
    }
}

/// A key; borrowed where it has no escapes.
struct Name<'r>(Cow<'r, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(content::Text).map(Self)
    }
}

#[cfg(test)]
mod tests;
