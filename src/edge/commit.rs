//! The name of a commit, wherever its repository lies.

use std::fmt;

/// The name of a commit, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitSha(String);

impl CommitSha {
    /// The name, or `None` where the text is not 40 or 64 hexadecimal digits.
    pub fn new(text: &str) -> Option<Self> {
        let right = matches!(text.len(), 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit());
        right.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the name that stands for "no commit".
    pub fn is_zero(&self) -> bool {
        self.0.chars().all(|c| c == '0')
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forty_or_sixty_four_hexadecimal_digits_are_a_commit() {
        assert_eq!(
            CommitSha::new(&"AB".repeat(20)).unwrap().as_str(),
            "ab".repeat(20)
        );
        assert!(CommitSha::new(&"0f".repeat(32)).is_some());
        for wrong in [
            "",
            "main",
            &"a".repeat(39),
            &"a".repeat(41),
            &"g".repeat(40),
        ] {
            assert_eq!(CommitSha::new(wrong), None, "{wrong}");
        }
        assert!(CommitSha::new(&"0".repeat(40)).unwrap().is_zero());
    }
}
