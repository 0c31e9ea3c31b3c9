//! How many tokens a text has, roughly: no tokenizer is part of the program, since each one is larger than all of it.
//! Four ASCII characters count as a token, every other character as one.

/// Tokens of a text, approximately.
pub(super) fn approximate(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let ascii = bytes.iter().filter(|byte| byte.is_ascii()).count();
    let others = bytes.iter().filter(|byte| **byte >= 0xc0).count();
    u64::try_from(ascii.div_ceil(4) + others).unwrap_or(u64::MAX)
}
