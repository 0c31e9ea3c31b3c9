//! Reads the grades out of what a judge said. Much may stand around the object, but what is no grade on the scale that
//! was asked for is unreadable: it is never stretched, rounded or guessed.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::Judge;
use crate::score::Dimension;

/// A longer reply is not looked through.
const MOST_BYTES: usize = 256 * 1024;
/// So many places are tried where an object may begin.
const MOST_OBJECTS: usize = 500;
/// Characters of a reason that are kept.
const MOST_WHY: usize = 400;
/// Keys by which a reply says on which scale it graded.
const SCALE: [&str; 6] = [
    "scale",
    "max",
    "maximum",
    "out_of",
    "max_points",
    "max_score",
];
/// Keys under which the points of one dimension may stand.
const POINTS: [&str; 4] = ["points", "score", "grade", "rating"];
/// Keys under which its reason may stand.
const WHY: [&str; 4] = ["why", "reason", "reasoning", "explanation"];

/// The grade of one dimension.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
pub struct Grade {
    /// 0 to 10.
    pub points: f64,
    /// The judge's reason, on one line and shortened; empty where it gave none.
    pub why: String,
}

/// Why a reply holds no grades: a sentence for people, without a word of the reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// The grades in a reply, one for each dimension of the judge.
pub fn read(
    judge: &Judge,
    reply: &str,
    finish_reason: Option<&str>,
) -> Result<BTreeMap<Dimension, Grade>, Unreadable> {
    if reply.len() > MOST_BYTES {
        return Err(unreadable("it is longer than 256 KB"));
    }
    // What a model thinks aloud before its reply is no reply.
    let said = reply.rsplit("</think>").next().unwrap_or(reply);
    let mut found: Option<BTreeMap<Dimension, Grade>> = None;
    for object in objects(said) {
        if !judge
            .dimensions()
            .any(|name| object.get(name.as_str()).is_some())
        {
            continue;
        }
        let grades = grades(judge, &object)?;
        match &found {
            None => found = Some(grades),
            Some(first) if same_points(first, &grades) => {}
            Some(_) => return Err(unreadable("it holds two objects with different grades")),
        }
    }
    found.ok_or_else(|| match finish_reason {
        Some("length" | "model_length") => {
            unreadable("it was cut off before the grades were complete; raise `judge.max_tokens`")
        }
        _ if said.trim().is_empty() => unreadable("it is empty"),
        _ => unreadable("it holds no JSON object with grades"),
    })
}

fn unreadable(why: impl Into<String>) -> Unreadable {
    Unreadable(why.into())
}

fn same_points(one: &BTreeMap<Dimension, Grade>, other: &BTreeMap<Dimension, Grade>) -> bool {
    one.iter().all(|(name, grade)| {
        let points = other.get(name).map(|other| other.points.to_bits());
        points == Some(grade.points.to_bits())
    })
}

/// An object with its keys as they stand there, doubles included.
#[derive(Debug)]
struct Object<T>(Vec<(String, T)>);

impl<T> Object<T> {
    /// The value of a key, whatever its capitals.
    fn get(&self, key: &str) -> Option<&T> {
        self.all(key).into_iter().next()
    }

    fn all(&self, key: &str) -> Vec<&T> {
        let same = |(name, _): &&(String, T)| name.trim().eq_ignore_ascii_case(key);
        self.0.iter().filter(same).map(|(_, value)| value).collect()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<T>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// What may stand for a dimension.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum Member {
    Object(Object<Value>),
    Plain(Value),
}

/// The objects in a text, outermost first; what stands inside of one that holds grades is not looked at again.
fn objects(text: &str) -> Vec<Object<Member>> {
    let mut found = Vec::new();
    let mut rest = text;
    for _ in 0..MOST_OBJECTS {
        let Some((_, from)) = rest.find('{').and_then(|at| rest.split_at_checked(at)) else {
            break;
        };
        let mut whole = serde_json::Deserializer::from_str(from).into_iter::<Object<Member>>();
        let next = whole.next();
        let length = whole.byte_offset();
        let skipped = match next {
            Some(Ok(object)) if object.holds_grades() => {
                found.push(object);
                length
            }
            // A wrapper, or no object at all: one may begin inside of it.
            Some(Ok(_) | Err(_)) | None => 1,
        };
        rest = from.get(skipped.max(1)..).unwrap_or_default();
    }
    found
}

impl Object<Member> {
    /// Whether a member looks like a grade: a number, or an object with points.
    fn holds_grades(&self) -> bool {
        self.0.iter().any(|(_, member)| match member {
            Member::Plain(value) => value.is_number() || value.is_string(),
            Member::Object(inner) => POINTS.iter().any(|key| inner.get(key).is_some()),
        })
    }
}

fn grades(
    judge: &Judge,
    object: &Object<Member>,
) -> Result<BTreeMap<Dimension, Grade>, Unreadable> {
    for key in SCALE {
        for member in object.all(key) {
            match member {
                Member::Plain(value) => on_our_scale(value)?,
                Member::Object(_) => return Err(unreadable("it grades on a scale of its own")),
            }
        }
    }
    let mut grades = BTreeMap::new();
    for dimension in judge.dimensions() {
        let mut members = object.all(dimension.as_str()).into_iter();
        let member = members
            .next()
            .ok_or_else(|| unreadable(format!("it has no grade for {dimension}")))?;
        if members.next().is_some() {
            return Err(unreadable(format!("it grades {dimension} twice")));
        }
        grades.insert(dimension.clone(), grade(dimension, member)?);
    }
    Ok(grades)
}

fn grade(dimension: &Dimension, member: &Member) -> Result<Grade, Unreadable> {
    let (points, why) = match member {
        Member::Plain(value) => (value, ""),
        Member::Object(inner) => {
            for value in SCALE.iter().flat_map(|key| inner.all(key)) {
                on_our_scale(value)?;
            }
            let mut points = POINTS.iter().flat_map(|key| inner.all(key));
            let first = points
                .next()
                .ok_or_else(|| unreadable(format!("it has no points for {dimension}")))?;
            if points.next().is_some() {
                return Err(unreadable(format!("it grades {dimension} twice")));
            }
            let why = WHY.iter().find_map(|key| inner.get(key)?.as_str());
            (first, why.unwrap_or_default())
        }
    };
    Ok(Grade {
        points: points_of(dimension, points)?,
        why: one_line(why),
    })
}

/// A stated scale is that from 0 to 10, or the reply is on another one.
fn on_our_scale(stated: &Value) -> Result<(), Unreadable> {
    let ours = match stated {
        Value::Number(number) => number.as_f64().is_some_and(is_ten),
        Value::String(text) => {
            let mut numbers = text.rsplit(|c: char| !c.is_ascii_digit() && c != '.');
            let last = numbers.find_map(|part| part.parse().ok());
            last.is_some_and(is_ten)
        }
        Value::Array(ends) => ends.last().and_then(Value::as_f64).is_some_and(is_ten),
        Value::Null | Value::Bool(_) | Value::Object(_) => false,
    };
    if ours {
        return Ok(());
    }
    Err(unreadable("it grades on another scale than 0 to 10"))
}

fn is_ten(number: f64) -> bool {
    number.to_bits() == 10.0_f64.to_bits()
}

/// Points as a number, or as a text that says nothing but the number, or the number out of ten.
fn points_of(dimension: &Dimension, value: &Value) -> Result<f64, Unreadable> {
    // Words of a judge may be those of the answer, which not everybody may read.
    let shown = || match value {
        Value::Number(number) => format!(": {number}"),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            String::new()
        }
    };
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.split_once('/') {
            Some((points, of)) => {
                on_our_scale(&Value::from(of.trim()))?;
                points.trim().parse().ok()
            }
            None => text.trim().parse().ok(),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let number: f64 = number
        .ok_or_else(|| unreadable(format!("its grade for {dimension} is no number{}", shown())))?;
    let halves = number * 2.0;
    let whole = halves.fract().abs() <= 0.0;
    if !(0.0..=10.0).contains(&number) || !whole {
        return Err(unreadable(format!(
            "its grade for {dimension} is not on the scale of whole points from 0 to 10{}",
            shown()
        )));
    }
    if number > 0.0 && number < 1.0 {
        // Half a point of ten, or half of everything on a scale up to one.
        return Err(unreadable(format!(
            "its grade for {dimension} may be on a scale from 0 to 1{}",
            shown()
        )));
    }
    // Minus zero is zero.
    Ok(number + 0.0)
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let mut chars = text.chars();
    let kept: String = chars.by_ref().take(MOST_WHY).collect();
    if chars.next().is_some() {
        format!("{kept}…")
    } else {
        kept
    }
}
