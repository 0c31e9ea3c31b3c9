//! Reads a record case by case and checks its digest on the way, without having all of it in memory. A file whose keys
//! do not stand in canonical order (somebody formatted it) is read whole instead; what is read is the same.

use std::fmt;
use std::io::{self, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::seal::{DIGEST_KEY, unseal_whole};
use super::{CaseRecord, PairedCase, RunRecord, SCHEMA, SealError};
use crate::score::Hasher;

/// How much of a record is kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Everything,
    /// Ids, digests, scores: not what was asked, said and lost.
    Numbers,
}

/// Is given each case before the record keeps it, with the places of its agent and of itself, and may take out of it
/// what is not to be kept. A file that is read whole after all is begun anew.
pub type Take<'t> = dyn FnMut(usize, usize, &mut CaseRecord) -> io::Result<()> + 't;

/// Reads a record and checks its schema and digest. `open` opens its text from the start.
pub fn read<R: Read>(
    open: impl FnMut() -> io::Result<R>,
    kept: Kept,
) -> Result<RunRecord, SealError> {
    read_each(open, &mut |_, _, case| {
        if kept == Kept::Numbers {
            case.forget_text();
        }
        Ok(())
    })
}

/// The same, case by case. What `take` was given is to be relied on only once this returned the record.
pub fn read_each<R: Read>(
    mut open: impl FnMut() -> io::Result<R>,
    take: &mut Take<'_>,
) -> Result<RunRecord, SealError> {
    if let Some(record) = streamed(open()?, take) {
        return Ok(record);
    }
    // Whatever is odd about it is told from the whole.
    let mut bytes = Vec::new();
    open()?.read_to_end(&mut bytes)?;
    let mut record = unseal_whole(&bytes)?;
    let all = record.agents.iter_mut().chain(&mut record.arms);
    for (agent, record) in all.enumerate() {
        for (place, case) in record.cases.iter_mut().enumerate() {
            take(agent, place, case)?;
        }
    }
    Ok(record)
}

fn streamed(text: impl Read, take: &mut Take<'_>) -> Option<RunRecord> {
    let mut sink = Sink {
        hasher: Hasher::default(),
        cases: Vec::new(),
        pairs: Vec::new(),
        take,
    };
    let mut text =
        serde_json::Deserializer::from_reader(io::BufReader::with_capacity(1 << 16, text));
    let part = Part {
        place: Place::Record,
        sink: &mut sink,
    };
    let shell = part.deserialize(&mut text).ok()?;
    text.end().ok()?;
    let mut record: RunRecord = serde_json::from_value(shell).ok()?;
    let sealed = sink.hasher.finish().to_string() == record.record_digest;
    if !sealed || record.schema != SCHEMA {
        return None;
    }
    let parts = sink.cases.into_iter().zip(sink.pairs);
    for (agent, (cases, pairs)) in record.agents.iter_mut().chain(&mut record.arms).zip(parts) {
        agent.cases = cases;
        if let Some(comparison) = &mut agent.comparison {
            comparison.cases = pairs;
        }
    }
    Some(record)
}

/// What is taken out of the shell on the way.
struct Sink<'t, 'c> {
    hasher: Hasher,
    /// By agent; the other models come after the agents, as the keys do.
    cases: Vec<Vec<CaseRecord>>,
    /// By agent.
    pairs: Vec<Vec<PairedCase>>,
    take: &'t mut Take<'c>,
}

/// Which part of a record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Record,
    Agents,
    Agent,
    Cases,
    Comparison,
    Pairs,
    /// Small enough to be read as one value.
    Plain,
}

impl Place {
    fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::Record, "agents" | "arms") => Self::Agents,
            (Self::Agent, "cases") => Self::Cases,
            (Self::Agent, "comparison") => Self::Comparison,
            (Self::Comparison, "cases") => Self::Pairs,
            _ => Self::Plain,
        }
    }
}

/// One part; as a value without what went to the sink.
struct Part<'s, 't, 'c> {
    place: Place,
    sink: &'s mut Sink<'t, 'c>,
}

impl<'de> DeserializeSeed<'de> for Part<'_, '_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.place == Place::Plain {
            return self.sink.plain(deserializer);
        }
        deserializer.deserialize_any(self)
    }
}

impl Sink<'_, '_> {
    fn plain<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<Value, D::Error> {
        let value = Value::deserialize(deserializer)?;
        self.hasher.value(&value).map_err(D::Error::custom)?;
        Ok(value)
    }

    fn comma(&mut self, first: &mut bool) {
        if !std::mem::replace(first, false) {
            self.hasher.bytes(b",");
        }
    }
}

impl<'de> Visitor<'de> for Part<'_, '_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of a run record")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.sink.hasher.bytes(b"null");
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        let mut last: Option<String> = None;
        let mut first = true;
        self.sink.hasher.bytes(b"{");
        while let Some(key) = members.next_key::<String>()? {
            if last.as_ref().is_some_and(|last| *last >= key) || !key.is_ascii() {
                return Err(A::Error::custom("the keys are not in canonical order"));
            }
            let value = if self.place == Place::Record && key == DIGEST_KEY {
                members.next_value()?
            } else {
                self.sink.comma(&mut first);
                self.sink.hasher.value(&key).map_err(A::Error::custom)?;
                self.sink.hasher.bytes(b":");
                members.next_value_seed(Part {
                    place: self.place.below(&key),
                    sink: self.sink,
                })?
            };
            object.insert(key.clone(), value);
            last = Some(key);
        }
        self.sink.hasher.bytes(b"}");
        Ok(Value::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        let mut first = true;
        self.sink.hasher.bytes(b"[");
        loop {
            // Whether there is one more entry is known only after it was asked for, so the comma comes first.
            let before = self.sink.hasher.clone();
            self.sink.comma(&mut first);
            let more = match self.place {
                Place::Agents => {
                    self.sink.cases.push(Vec::new());
                    self.sink.pairs.push(Vec::new());
                    let agent = entries.next_element_seed(Part {
                        place: Place::Agent,
                        sink: self.sink,
                    })?;
                    agent.map(|agent| list.push(agent))
                }
                Place::Cases => self.sink.case(&mut entries)?,
                Place::Pairs => self.sink.pair(&mut entries)?,
                Place::Record | Place::Agent | Place::Comparison | Place::Plain => {
                    return Err(A::Error::custom("a list where an object belongs"));
                }
            };
            if more.is_none() {
                self.sink.hasher = before;
                break;
            }
        }
        self.sink.hasher.bytes(b"]");
        Ok(Value::Array(list))
    }
}

impl Sink<'_, '_> {
    fn case<'de, A: SeqAccess<'de>>(&mut self, entries: &mut A) -> Result<Option<()>, A::Error> {
        let Some(value) = entries.next_element::<Value>()? else {
            return Ok(None);
        };
        self.hasher.value(&value).map_err(A::Error::custom)?;
        let mut case: CaseRecord = serde_json::from_value(value).map_err(A::Error::custom)?;
        let agent = self.cases.len().saturating_sub(1);
        let place = self.cases.last().map_or(0, Vec::len);
        (self.take)(agent, place, &mut case).map_err(A::Error::custom)?;
        Ok(self.cases.last_mut().map(|cases| cases.push(case)))
    }

    fn pair<'de, A: SeqAccess<'de>>(&mut self, entries: &mut A) -> Result<Option<()>, A::Error> {
        let Some(value) = entries.next_element::<Value>()? else {
            return Ok(None);
        };
        self.hasher.value(&value).map_err(A::Error::custom)?;
        let pair: PairedCase = serde_json::from_value(value).map_err(A::Error::custom)?;
        Ok(self.pairs.last_mut().map(|pairs| pairs.push(pair)))
    }
}
