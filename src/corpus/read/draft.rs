//! A row while it is put together from what its line holds.

use std::borrow::Cow;

use super::content::Content;
use super::{Broken, Key, message};
use crate::corpus::row::{Format, Row, Speaker, Turn};

/// A row in the making.
#[derive(Default)]
pub(super) struct Draft<'r> {
    pub(super) turns: Vec<Turn<'r>>,
    pub(super) rejected: Vec<Turn<'r>>,
    pub(super) tools: Option<Vec<u8>>,
    unknown_role: Option<Cow<'r, str>>,
    seen: message::Seen,
}

impl<'r> Draft<'r> {
    /// Adds what one side says: a text, or turns that name their speakers themselves.
    pub(super) fn say(&mut self, speaker: Speaker, content: Content<'r>) {
        match content {
            Content::Text(text) => self.turns.push(Turn {
                speaker,
                text,
                learned: None,
                calls: None,
            }),
            Content::Messages(list) => self.messages(list),
            Content::Object(_) | Content::Whole(_) | Content::Nothing => {}
        }
    }

    pub(super) fn list(&mut self, content: Content<'r>, key: Key) -> Result<(), Broken> {
        match content {
            Content::Messages(list) => self.messages(list),
            Content::Text(_) | Content::Object(_) | Content::Whole(_) | Content::Nothing => {
                let name = key.list_name();
                return Err(Broken::new(format!("`{name}` is not a list of messages")));
            }
        }
        Ok(())
    }

    fn messages(&mut self, list: Vec<message::Message<'r>>) {
        for message in list {
            self.seen.note(&message);
            let speaker = message.speaker();
            if speaker == Speaker::Unknown && self.unknown_role.is_none() {
                self.unknown_role = Some(message.role.unwrap_or_default());
            }
            self.turns.push(Turn {
                speaker,
                text: message.text,
                learned: message.learned,
                calls: message.calls,
            });
        }
    }

    pub(super) fn format_of(&self, key: Key) -> Format {
        if key == Key::Contents || self.seen.model_role {
            Format::Gemini
        } else if self.seen.from_value {
            Format::Sharegpt
        } else if key == Key::Conversations {
            Format::Adp
        } else {
            Format::Chat
        }
    }

    pub(super) fn finish(self, format: Format) -> Result<Row<'r>, Broken> {
        if self.turns.is_empty() {
            return Err(Broken::new("the conversation of this row is empty"));
        }
        Ok(Row {
            format,
            turns: self.turns,
            rejected: self.rejected,
            tools: self.tools,
            unknown_role: self.unknown_role,
        })
    }
}
