//! The words of two texts as numbers: the same word has the same number in both.

use std::collections::HashMap;

/// The words of an answer and of the text it is compared with.
pub(super) struct Pair {
    pub(super) answer: Vec<u32>,
    pub(super) model: Vec<u32>,
    /// The word of each number.
    pub(super) words: Vec<String>,
}

impl Pair {
    pub(super) fn of(answer: &str, model: &str) -> Self {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut words = Vec::new();
        let mut read = |text: &str| -> Vec<u32> {
            let text = text.to_lowercase();
            let tokens = text.split(|c: char| !c.is_alphanumeric());
            let tokens = tokens.filter(|token| !token.is_empty());
            let number = |token: &str| {
                if let Some(number) = numbers.get(token) {
                    return *number;
                }
                let number = u32::try_from(words.len()).unwrap_or(u32::MAX);
                words.push(token.to_owned());
                numbers.insert(token.to_owned(), number);
                number
            };
            tokens.map(number).collect()
        };
        let (answer, model) = (read(answer), read(model));
        Self {
            answer,
            model,
            words,
        }
    }
}
