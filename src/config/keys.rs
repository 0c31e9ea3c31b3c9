//! What looks like a key: such a text is never shown, wherever it stands.

/// How services begin the keys that they give out.
const PREFIXES: [&str; 8] = [
    "sk-",
    "sk_",
    "key-",
    "hf_",
    "gsk_",
    "ghp_",
    "github_pat_",
    "Bearer ",
];

/// True for texts of the kind that services give out as keys; names of variables in capitals are none.
pub(crate) fn looks_like_a_key(text: &str) -> bool {
    let has = |test: fn(&char) -> bool| text.chars().any(|c| test(&c));
    let mixed = has(char::is_ascii_lowercase)
        && (has(char::is_ascii_uppercase) || has(char::is_ascii_digit));
    let long = text.chars().count() >= 20;
    PREFIXES.iter().any(|prefix| text.starts_with(prefix)) || (long && mixed && !text.contains(' '))
}

/// True where a part of a longer text looks like a key. Names are not taken for one: between `-`, `_` and `.` they are
/// words, numbers or short.
pub(crate) fn holds_a_key(text: &str) -> bool {
    let separates = |c: char| c.is_whitespace() || "/:,;=&?@\"'()[]{}".contains(c);
    text.split(separates)
        .any(|part| looks_like_a_key(part) && !is_a_name(part))
}

fn is_a_name(text: &str) -> bool {
    let letters = |part: &str| part.chars().all(char::is_alphabetic);
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    text.split(['-', '_', '.'])
        .all(|part| part.len() <= 4 || (part.len() < 20 && letters(part)) || digits(part))
        && !PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_names_of_variables() {
        for key in [
            "sk-abc",
            "hf_abc",
            "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW",
            "abcdefabcdef12345678",
        ] {
            assert!(looks_like_a_key(key), "{key}");
        }
        for name in [
            "MISTRAL_API_KEY",
            "A_VERY_LONG_NAME_OF_A_VARIABLE_2",
            "key",
            "a tool that tells its Name and 1 more",
        ] {
            assert!(!looks_like_a_key(name), "{name}");
        }
    }

    #[test]
    fn a_key_is_found_inside_of_a_longer_text() {
        for text in [
            "https://gateway.example/sk-abc/v1",
            "https://gateway.example/3f2a9c1b-77aa-4c1d-9e0f-aa11bb22cc33/v1",
            "seen with aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW once",
        ] {
            assert!(holds_a_key(text), "{text}");
        }
        for text in [
            "https://api.mistral.ai/v1",
            "http://10.0.0.7:8000/v1",
            "open-mistral-nemo-2407",
            "ft:open-mistral-7b:daf5e488:20240430:c1bed559",
            "data/qa_agent/2026-01-05/train_set_v12.jsonl",
            "a reason: Known since ticket 4711, see notes",
        ] {
            assert!(!holds_a_key(text), "{text}");
        }
    }
}
