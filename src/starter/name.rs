//! Names of agents, as files, folders, keys and variables hold them.

/// Words around a name that say what the thing is, not whose it is.
const AROUND: [&str; 62] = [
    "active",
    "adapter",
    "alpaca",
    "anthropic",
    "base",
    "best",
    "chat",
    "checkpoint",
    "clean",
    "config",
    "configs",
    "current",
    "data",
    "dataset",
    "datasets",
    "default",
    "deployed",
    "deployment",
    "dev",
    "dpo",
    "eval",
    "evaluation",
    "examples",
    "file",
    "final",
    "fine",
    "finetune",
    "finetuned",
    "finetuning",
    "ft",
    "gemini",
    "heldout",
    "holdout",
    "id",
    "ids",
    "instructions",
    "jsonl",
    "latest",
    "llm",
    "messages",
    "mistral",
    "model",
    "modelid",
    "models",
    "name",
    "openai",
    "part",
    "preferences",
    "prod",
    "production",
    "prompt",
    "prompts",
    "samples",
    "settings",
    "sft",
    "sharegpt",
    "split",
    "system",
    "test",
    "train",
    "training",
    "tuned",
];

/// The same, beyond what fits in one list that is read at a glance: folders that hold everybody's files.
const FOLDERS: [&str; 27] = [
    "agents",
    "ai",
    "app",
    "apps",
    "assets",
    "backend",
    "env",
    "evals",
    "fixtures",
    "jobs",
    "lib",
    "logs",
    "packages",
    "resources",
    "services",
    "src",
    "staging",
    "target",
    "tests",
    "testset",
    "trainset",
    "tuning",
    "val",
    "valid",
    "validate",
    "validation",
    "valset",
];

/// Words of code.
const CODE: [&str; 69] = [
    "api",
    "args",
    "await",
    "call",
    "cfg",
    "class",
    "client",
    "compile",
    "completion",
    "completions",
    "const",
    "create",
    "def",
    "dict",
    "elif",
    "else",
    "enum",
    "environ",
    "export",
    "f",
    "fallback",
    "false",
    "from",
    "ftjob",
    "get",
    "getenv",
    "http",
    "https",
    "if",
    "import",
    "k",
    "key",
    "kind",
    "let",
    "list",
    "map",
    "match",
    "max",
    "n",
    "new",
    "none",
    "null",
    "options",
    "os",
    "p",
    "params",
    "private",
    "public",
    "re",
    "request",
    "response",
    "return",
    "self",
    "set",
    "startswith",
    "static",
    "str",
    "string",
    "temperature",
    "this",
    "tokens",
    "top",
    "true",
    "type",
    "url",
    "value",
    "values",
    "var",
    "x",
];

/// What an agent is called, beside its name.
const KINDS: [&str; 3] = ["agent", "assistant", "bot"];

/// The name in a key, a variable or a file's stem: `QA_AGENT_MODEL_ID` is `qa_agent`; `None` where no word of it names
/// anything.
pub(super) fn within(text: &str) -> Option<String> {
    // What is left of `größe` without its letters names nobody.
    if text.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        return None;
    }
    let words = words(text);
    let names = |word: &String| !is_around(word);
    let first = words.iter().position(names)?;
    let last = words.iter().rposition(names)?;
    let name = words.get(first..=last)?.join("_");
    // `agent_model` is some agent's model, and does not say which.
    let only_kind = KINDS.contains(&name.as_str());
    (!only_kind && crate::agent::AgentName::new(name.as_str()).is_some()).then_some(name)
}

/// The names in a path: of the file, then of its folders, the innermost first.
pub(super) fn all_of_path(path: &str) -> impl Iterator<Item = String> {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_start_matches('.').split('.').next();
    let parts = stem.into_iter().chain(folders.rsplit('/'));
    parts.filter_map(within)
}

/// The name in a path: of the file, or of the innermost folder that has one.
pub(super) fn of_path(path: &str) -> Option<String> {
    all_of_path(path).next()
}

/// What two names of one agent have in common: `qa`, `qa_agent` and `agent_qa` are one.
pub(super) fn key(name: &str) -> String {
    let words = words(name);
    let own: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !KINDS.contains(word))
        .collect();
    if own.is_empty() {
        words.join("_")
    } else {
        own.join("_")
    }
}

fn is_around(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    // `v2` and a date say which, not whose.
    word.is_empty()
        || word == "v"
        || AROUND.contains(&word)
        || FOLDERS.contains(&word)
        || CODE.contains(&word)
}

/// The words of a name in lower case, whichever way they are written together.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let begins = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_is_left_without_the_words_that_name_nobody() {
        for (text, name) in [
            ("QA_AGENT_MODEL_ID", Some("qa_agent")),
            ("supportAgentModel", Some("support_agent")),
            ("support_agent_openai_train", Some("support_agent")),
            ("legal-v2-2026-10-01", Some("legal")),
            ("fine_tuned_model", None),
            ("agent_model", None),
            ("model_id", None),
            ("Größe", None),
            ("", None),
        ] {
            let found = within(text);
            assert_eq!(found.as_deref(), name, "{text}");
        }
    }

    #[test]
    fn a_path_names_by_its_file_or_by_its_nearest_folder() {
        for (path, name) in [
            ("models/qa_agent.txt", Some("qa_agent")),
            ("models/qa_agent/model_id.txt", Some("qa_agent")),
            (
                "data/training/support_agent_train.jsonl",
                Some("support_agent"),
            ),
            ("data/legal/val/part-01.jsonl", Some("legal")),
            ("data/train.jsonl", None),
        ] {
            assert_eq!(of_path(path).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn an_agent_is_one_whatever_it_is_called_besides() {
        assert_eq!(key("qa_agent"), key("qa"));
        assert_eq!(key("SupportBot"), key("support_agent"));
        assert_eq!(key("agent"), "agent");
    }
}
