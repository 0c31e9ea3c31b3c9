//! Names one part of a divided run: `2/4`. Which cases it asks is decided where a run is planned.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More parts than this are no longer parts.
const MOST: u32 = 256;

/// One part of a divided run, written `i/n`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// Its number, from 1.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// How many parts the run has.
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Another part of the same run, if there is one of that number.
    pub fn sibling(self, number: u32) -> Option<Self> {
        (1..=self.of)
            .contains(&number)
            .then_some(Self { number, ..self })
    }

    /// As people read it: `part 2 of 4`.
    pub fn in_words(self) -> String {
        format!("part {} of {}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = |text: &str| {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<u32>().ok()).flatten()
        };
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(number, of)| digits(number).zip(digits(of)));
        let Some((number, of)) = numbers else {
            return Err(format!(
                "`{text}` names no part; write `2/4` for the second of four"
            ));
        };
        if number == 0 || number > of || of > MOST {
            return Err(format!(
                "there is no part `{text}`; parts are `1/n` to `n/n`, n is at most {MOST}"
            ));
        }
        Ok(Self { number, of })
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_as_it_is_written() {
        for text in ["1/1", "2/4", "256/256"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_names_no_part_is_refused() {
        for text in [
            "", "2", "/", "1/", "0/4", "5/4", "+1/4", "1/257", "1/4/4", " 1/4", "a/b",
        ] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
