use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn text(value: &impl Serialize) -> String {
    String::from_utf8(canonical(value).unwrap()).unwrap()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1e25..1e25).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..8)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

proptest! {
    #[test]
    fn it_is_what_another_implementation_writes(value in any_json()) {
        prop_assert_eq!(canonical(&value).unwrap(), serde_json_canonicalizer::to_vec(&value).unwrap());
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, char),
    Struct { wide: i8, deep: Option<f32> },
}

#[derive(Serialize)]
struct Whole {
    zoom: f64,
    shapes: Vec<Shape>,
    #[serde(flatten)]
    more: BTreeMap<String, (i16, u32)>,
    nothing: (),
    above: i64,
}

#[test]
fn every_kind_of_type_is_written_as_another_implementation_does() {
    let whole = Whole {
        zoom: 1e21,
        shapes: vec![
            Shape::Unit,
            Shape::Newtype(1),
            Shape::Tuple(2, '\u{1f}'),
            Shape::Struct {
                wide: -3,
                deep: Some(0.5),
            },
            Shape::Struct {
                wide: 0,
                deep: None,
            },
        ],
        more: BTreeMap::from([("mid".to_owned(), (-4, 5)), ("azimuth".to_owned(), (6, 7))]),
        nothing: (),
        above: 1 << 60,
    };
    let expected = serde_json_canonicalizer::to_string(&whole).unwrap();
    assert_eq!(text(&whole), expected);
    assert!(expected.starts_with(r#"{"above":1152921504606847000,"azimuth":[6,7],"#));
}

/// The example of RFC 8785, section 3.2.3.
#[test]
fn keys_are_ordered_by_their_utf16_code_units() {
    let value = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
        "\u{f6}": "Latin Small Letter O With Diaeresis",
    });
    let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
                    \"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\
                    \"\u{1f600}\":\"Emoji: Grinning Face\",\
                    \"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
    assert_eq!(text(&value), expected);
}

#[derive(Serialize)]
struct Twice {
    key: u8,
    #[serde(flatten)]
    more: BTreeMap<String, u8>,
}

#[test]
fn what_has_no_canonical_json_is_refused() {
    let refused = |error: Result<Vec<u8>, Error>| error.unwrap_err().to_string();
    assert_eq!(refused(canonical(&[f64::NAN])), "a number is not finite");
    assert_eq!(refused(canonical(&f32::INFINITY)), "a number is not finite");
    assert_eq!(
        refused(canonical(&BTreeMap::from([(1, 1)]))),
        "a map key is no text"
    );
    let twice = Twice {
        key: 1,
        more: BTreeMap::from([("key".to_owned(), 2), ("a".to_owned(), 3)]),
    };
    assert_eq!(
        refused(canonical(&twice)),
        "a key stands twice in an object"
    );
}
