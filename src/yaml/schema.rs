//! JSON Schemas from the plain structs that are read, so that editors complete exactly what the reader accepts.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of a file. An absent key is allowed where its type says so; a key without a value never is.
pub fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    refuse_null(&mut schema);
    name(&mut schema);
    schema
}

/// Definitions are called after what they are, not after the structs that read them.
fn name(schema: &mut Value) {
    let plain = |name: &str| name.replace("Raw", "");
    match schema {
        Value::Object(object) => {
            for key in ["$ref", "title"] {
                if let Some(Value::String(name)) = object.get_mut(key) {
                    *name = plain(name);
                }
            }
            if let Some(Value::Object(definitions)) = object.get_mut("definitions") {
                let old = std::mem::take(definitions);
                definitions.extend(old.into_iter().map(|(name, schema)| (plain(&name), schema)));
            }
            object.values_mut().for_each(name);
        }
        Value::Array(values) => values.iter_mut().for_each(name),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn refuse_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            if let Some(Value::Array(values)) = object.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            object.values_mut().for_each(refuse_null);
        }
        Value::Array(values) => values.iter_mut().for_each(refuse_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
