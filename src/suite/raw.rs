//! The shape of a suite file, before anything in it is judged. Descriptions end up in the published schema.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::Role;
use super::check_schema::RawCheck;
use crate::score::{Form, Profile};
use crate::yaml::Items;

/// A suite: what one agent is asked, and what good answers hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSuite {
    /// One sentence for people.
    #[schemars(extend("examples" = ["What customers ask about orders and refunds."]))]
    pub(super) description: Option<String>,
    /// How answers are scored.
    pub(super) scoring: Option<RawScoring>,
    /// The cases; their ids are unique.
    #[schemars(extend("examples" = [[{"id": "refund", "prompt": "How do I return a parcel?", "keywords": ["label", ["refund", "money back"]], "expect": "steps"}]]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    pub(super) cases: Option<Items<RawCase>>,
    /// A file of further cases, one JSON object a line, relative to this file.
    #[schemars(extend("examples" = ["qa_agent.jsonl"]))]
    pub(super) cases_from: Option<String>,
    /// Draft suites are asked and shown, never gate.
    pub(super) draft: Option<bool>,
}

/// How answers are scored.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`{profile: standard}`")]
pub(super) struct RawScoring {
    /// `standard`: signals and checks, every lost point explained. `checks`: ten times the weighted share of checks passed. `seed-rules`: the predecessor's scoring.
    #[serde(default)]
    #[schemars(schema_with = "profiles")]
    pub(super) profile: Option<Profile>,
    /// Weight of a dimension in the score, above 0; 1 where absent.
    #[schemars(extend("examples" = [{"quality": 2.0}]))]
    pub(super) weights: Option<BTreeMap<String, f64>>,
}

/// One thing that is asked, and what its answer is measured against.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{"required": ["prompt"]}, {"required": ["messages"]}]))]
pub(super) struct RawCase {
    /// Unique in the suite and stable: answers are compared with the baseline's by it.
    #[schemars(extend("examples" = ["refund"]))]
    pub(super) id: String,
    /// What the user says. Either this or `messages`.
    #[schemars(extend("examples" = ["How do I return a parcel?"]))]
    pub(super) prompt: Option<String>,
    /// A whole conversation that ends with the user. Either this or `prompt`.
    #[schemars(extend("examples" = [[{"role": "user", "content": "How do I return a parcel?"}]]))]
    pub(super) messages: Option<Vec<RawMessage>>,
    /// Words the answer should hold, with stems; an inner list means any of these.
    #[schemars(extend("examples" = [["label", ["refund", "money back"]]]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    pub(super) keywords: Option<Items<RawKeyword>>,
    /// The form the answer should come in.
    #[serde(default)]
    #[schemars(schema_with = "forms")]
    pub(super) expect: Option<Form>,
    /// Deterministic tests of the answer, one an entry.
    #[schemars(extend("examples" = [[{"contains": "14 days", "dimension": "specificity"}]]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    pub(super) checks: Option<Items<RawCheck>>,
    /// An answer known to be good.
    #[schemars(extend("examples" = ["Open Orders, choose the parcel and print the label."]))]
    pub(super) reference: Option<String>,
    /// What a judge should look at.
    #[schemars(extend("examples" = ["Names where the label is and when the money comes back."]))]
    pub(super) rubric: Option<String>,
    /// Free labels.
    #[schemars(extend("examples" = [["refunds"]]))]
    pub(super) tags: Option<Vec<String>>,
    /// Share of this case in the agent's score, above 0; 1 where absent.
    #[schemars(extend("examples" = [2.0]))]
    pub(super) weight: Option<f64>,
    /// Cases made from one template share it.
    #[schemars(extend("examples" = ["refund-template"]))]
    pub(super) cluster: Option<String>,
    /// Draft cases are asked and shown, never gate.
    pub(super) draft: Option<bool>,
}

/// One message of a conversation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "`{role: user, content: …}`")]
pub(super) struct RawMessage {
    /// Who speaks.
    #[schemars(schema_with = "roles")]
    pub(super) role: Role,
    /// What is said.
    #[schemars(extend("examples" = ["How do I return a parcel?"]))]
    pub(super) content: String,
}

fn profiles(_: &mut SchemaGenerator) -> Schema {
    let names = [Profile::Standard, Profile::Checks, Profile::SeedRules].map(Profile::as_str);
    json_schema!({"type": "string", "enum": names, "default": "standard"})
}

fn forms(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": Form::ALL.map(Form::as_str)})
}

fn roles(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["system", "user", "assistant"]})
}

/// A word, or several of which any one is enough.
#[derive(Debug)]
pub(super) struct RawKeyword(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for RawKeyword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = RawKeyword;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word (in quotes if it looks like a number) or a list of words")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<RawKeyword, E> {
                Ok(RawKeyword(vec![word.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RawKeyword, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(RawKeyword)
            }
        }
        deserializer.deserialize_any(Words)
    }
}

impl JsonSchema for RawKeyword {
    fn schema_name() -> Cow<'static, str> {
        "Keyword".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A word or phrase the answer should hold; an inner list means any of these.",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
            ]
        })
    }
}
