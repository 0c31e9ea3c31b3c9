//! `tunegate.lock`: every model that became a baseline, with the data that it is said to be made from. It lies beside the
//! records, and outlives them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Origin;
use crate::agent::AgentName;

/// The schema that this version writes.
const SCHEMA: &str = "tunegate.lock/1";

/// Models and what they are said to be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lock {
    /// Always `tunegate.lock/1`.
    pub schema: String,
    /// One entry a model of an agent, in the order in which they became baselines.
    pub models: Vec<LockedModel>,
}

/// A model that became a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockedModel {
    /// Whose model it is.
    pub agent: AgentName,
    /// Its ID.
    pub model: String,
    /// The digest of the data that it is said to be made from; absent where nobody said.
    pub data: Option<String>,
    /// What speaks for that.
    pub origin: Option<Origin>,
    /// The model that was fine-tuned, as the configuration says.
    pub base_model: Option<String>,
    /// When it first became a baseline, RFC 3339.
    pub date: String,
    /// The commit at which it did.
    pub commit: Option<String>,
    /// The provider's name of the job that made it, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            models: Vec::new(),
        }
    }
}

impl Lock {
    /// The lock in a text, or why it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let lock: Self = serde_json::from_slice(bytes).map_err(|why| why.to_string())?;
        if lock.schema == SCHEMA {
            Ok(lock)
        } else {
            let found: String = lock.schema.chars().take(60).collect();
            Err(format!(
                "its schema is `{found}`; this version reads `{SCHEMA}`"
            ))
        }
    }

    /// Takes a model in. What was said of it first stands: a model is made once.
    pub fn add(&mut self, model: LockedModel) {
        let same =
            |known: &&mut LockedModel| known.agent == model.agent && known.model == model.model;
        match self.models.iter_mut().find(same) {
            None => self.models.push(model),
            Some(known) => {
                if known.data.is_none() {
                    (known.data, known.origin) = (model.data, model.origin);
                }
                known.job = known.job.take().or(model.job);
            }
        }
    }

    /// What is known of a model of an agent.
    pub fn find(&self, agent: &AgentName, model: &str) -> Option<&LockedModel> {
        let mut models = self.models.iter();
        models.find(|known| known.agent == *agent && known.model == model)
    }

    /// The lock as text, an entry a line, so that its history can be read.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let models: Result<Vec<String>, _> =
            self.models.iter().map(serde_json::to_string).collect();
        let models = models?.join(",\n    ");
        let schema = Value::from(self.schema.as_str());
        let list = if models.is_empty() {
            "[]".to_owned()
        } else {
            format!("[\n    {models}\n  ]")
        };
        Ok(format!(
            "{{\n  \"schema\": {schema},\n  \"models\": {list}\n}}\n"
        ))
    }

    /// The JSON Schema of a lock.
    pub fn json_schema() -> Value {
        schemars::schema_for!(Self).to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(id: &str, data: Option<&str>) -> LockedModel {
        LockedModel {
            agent: AgentName::new("qa").unwrap(),
            model: id.to_owned(),
            data: data.map(str::to_owned),
            origin: data.map(|_| Origin::Claimed),
            base_model: None,
            date: "2026-05-03T10:00:00Z".to_owned(),
            commit: None,
            job: None,
        }
    }

    #[test]
    fn what_was_said_first_of_a_model_stands() {
        let mut lock = Lock::default();
        lock.add(model("a", None));
        lock.add(model("a", Some("sha256:1")));
        lock.add(model("a", Some("sha256:2")));
        lock.add(model("b", Some("sha256:3")));
        assert_eq!(lock.models.len(), 2);
        let agent = AgentName::new("qa").unwrap();
        assert_eq!(
            lock.find(&agent, "a").unwrap().data.as_deref(),
            Some("sha256:1")
        );
        assert_eq!(Lock::read(lock.text().unwrap().as_bytes()), Ok(lock));
    }

    #[test]
    fn another_schema_is_refused() {
        assert!(
            Lock::read(b"{\"schema\": \"tunegate.lock/9\", \"models\": []}")
                .unwrap_err()
                .contains("tunegate.lock/9")
        );
        assert!(Lock::read(b"[]").is_err());
    }
}
