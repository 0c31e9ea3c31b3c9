//! Turns GitHub's published examples into replies and events about our repository.
//!
//! An example is taken whole and only what the test is about is laid over it, so that the client sees
//! every field that it would see in life, wanted or not.

use serde_json::{Value, json};

use super::description;
use super::wire::encoded;

/// Where the published examples live, in the spellings that occur.
const PUBLISHED_REPOSITORIES: [&str; 5] = [
    "octocat/Hello-World",
    "Codertocat/Hello-World",
    "octokit/octokit.rb",
    "octocat/example",
    "jquery/jquery",
];
const PUBLISHED_OWNERS: [&str; 2] = ["octocat", "Codertocat"];

/// The repository that examples are made to speak of.
#[derive(Clone)]
pub(super) struct Place {
    /// The API's address, without a slash at the end.
    pub(super) api: String,
    pub(super) full_name: String,
}

impl Place {
    /// A REST example of the extract, moved to this place.
    pub(super) fn example(&self, name: &str) -> Value {
        self.moved(description::example(name))
    }

    /// The address of something in this repository.
    pub(super) fn url(&self, rest: &str) -> String {
        format!("{}/repos/{}/{rest}", self.api, self.full_name)
    }

    pub(super) fn html(&self, rest: &str) -> String {
        format!("https://github.com/{}/{rest}", self.full_name)
    }

    /// The same value, speaking of this place.
    pub(super) fn moved(&self, value: Value) -> Value {
        let (owner, name) = self.full_name.split_once('/').unwrap();
        map_text(value, &|text| {
            let mut text = text.replace("https://api.github.com", &self.api);
            for published in PUBLISHED_REPOSITORIES {
                text = text.replace(published, &self.full_name);
            }
            for published in PUBLISHED_OWNERS {
                text = text.replace(published, owner);
            }
            if text == "Hello-World" {
                name.to_owned()
            } else {
                text
            }
        })
    }

    /// A person or a bot as GitHub shows them beside what they did.
    pub(super) fn user(&self, login: &str) -> Value {
        let mut user = description::example("issue-comment")["user"].take();
        // In an address, a bot's brackets are escaped.
        user = map_text(user, &|text| {
            text.replace("octocat", &encoded(login))
                .replace("https://api.github.com", &self.api)
        });
        let kind = if login.ends_with("[bot]") {
            "Bot"
        } else {
            "User"
        };
        lay_over(
            &mut user,
            json!({"login": login, "id": user_id(login), "type": kind}),
        );
        user
    }
}

/// The ids of the two bots are public and clients know them; the others only have to be steady and distinct enough.
pub(super) fn user_id(login: &str) -> u64 {
    match login {
        "dependabot[bot]" => 49_699_333,
        "github-actions[bot]" => 41_898_282,
        other => {
            1000 + other
                .bytes()
                .fold(7, |sum: u64, byte| (sum * 31 + u64::from(byte)) % 1_000_000)
        }
    }
}

/// Lays `over` on `under`: objects field by field, everything else as it stands.
pub(super) fn lay_over(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                lay_over(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// The value with every text in it passed through `change`.
pub(super) fn map_text(value: Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| map_text(item, change))
            .collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, map_text(value, change)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}
