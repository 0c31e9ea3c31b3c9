//! Writes a record case by case, so that a run of many cases never has all of its words in memory. What is written is
//! canonical JSON (RFC 8785) with line breaks, so that whoever reads it can check its digest on the way.

use std::io::{Seek, SeekFrom, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::beside;
use super::seal::DIGEST_KEY;
use super::{AgentRecord, CaseRecord, PairedCase, RunRecord, SealError};
use crate::agent::AgentName;
use crate::score::{Digest, Hasher, Written, canonical};

/// Puts the words back into a case of an agent, given with its place among the agent's cases; called once for each.
pub type Complete<'c> =
    dyn FnMut(&AgentName, usize, &CaseRecord) -> Result<CaseRecord<Written>, SealError> + 'c;

/// Writes the record and sets its digest.
pub fn write(
    record: &mut RunRecord,
    complete: &mut Complete<'_>,
    out: &mut (impl Write + Seek),
) -> Result<(), SealError> {
    let agents = std::mem::take(&mut record.agents);
    let arms = std::mem::take(&mut record.arms);
    record.record_digest = Digest::of(b"").to_string();
    let mut shell = serde_json::to_value(&*record);
    if let (Ok(Value::Object(shell)), false) = (&mut shell, arms.is_empty()) {
        shell.insert("arms".to_owned(), Value::Array(Vec::new()));
    }
    record.agents = agents;
    record.arms = arms;
    let mut writer = Writer {
        out,
        hasher: Hasher::default(),
    };
    let place = writer.record(shell?, (&mut record.agents, &mut record.arms), complete)?;
    record.record_digest = writer.hasher.finish().to_string();
    let digest = serde_json::to_vec(&record.record_digest)?;
    out.seek(SeekFrom::Start(place))?;
    out.write_all(&digest)?;
    out.seek(SeekFrom::End(0))?;
    Ok(out.write_all(b"\n")?)
}

/// Everything goes two ways: to whoever keeps it, and under the digest.
struct Writer<'w, W> {
    out: &'w mut W,
    hasher: Hasher,
}

/// Where a line ends for people; white space is no part of canonical JSON.
const BREAK: &[u8] = b"\n";

impl<W: Write + Seek> Writer<'_, W> {
    /// Returns where the digest stands, which is known last.
    fn record(
        &mut self,
        shell: Value,
        (agents, arms): (&mut [AgentRecord], &mut [AgentRecord]),
        complete: &mut Complete<'_>,
    ) -> Result<u64, SealError> {
        let mut digest_place = 0;
        self.both(b"{")?;
        for (index, (key, value)) in sorted(shell).into_iter().enumerate() {
            if key == DIGEST_KEY {
                self.out.write_all(b",\n\"record_digest\":")?;
                digest_place = self.out.stream_position()?;
                serde_json::to_writer(&mut *self.out, &value)?;
                continue;
            }
            self.comma(index)?;
            self.out.write_all(BREAK)?;
            self.key(&key)?;
            match key.as_str() {
                "agents" => self.agents(agents, complete)?,
                "arms" => self.agents(arms, complete)?,
                _ => self.value(&value)?,
            }
        }
        self.both(b"}")?;
        Ok(digest_place)
    }

    fn agents(
        &mut self,
        agents: &mut [AgentRecord],
        complete: &mut Complete<'_>,
    ) -> Result<(), SealError> {
        self.both(b"[")?;
        for (index, agent) in agents.iter_mut().enumerate() {
            self.comma(index)?;
            self.out.write_all(BREAK)?;
            let cases = std::mem::take(&mut agent.cases);
            let pairs = agent
                .comparison
                .as_mut()
                .map(|comparison| std::mem::take(&mut comparison.cases))
                .unwrap_or_default();
            let shell = serde_json::to_value(&*agent);
            let written = match shell {
                Ok(shell) => self.agent(shell, &agent.name, &cases, &pairs, complete),
                Err(error) => Err(error.into()),
            };
            agent.cases = cases;
            if let Some(comparison) = &mut agent.comparison {
                comparison.cases = pairs;
            }
            written?;
        }
        self.both(b"]")
    }

    fn agent(
        &mut self,
        shell: Value,
        name: &AgentName,
        cases: &[CaseRecord],
        pairs: &[PairedCase],
        complete: &mut Complete<'_>,
    ) -> Result<(), SealError> {
        self.object(shell, |writer, key, value| match key {
            "cases" => {
                let cases = cases.iter().enumerate();
                writer.cases(cases.map(|(place, case)| complete(name, place, case)))
            }
            "comparison" if value.is_object() => {
                writer.object(value, |writer, key, value| match key {
                    "cases" => writer.pairs(pairs),
                    _ => writer.value(&value),
                })
            }
            _ => writer.value(&value),
        })
    }

    fn object(
        &mut self,
        shell: Value,
        mut member: impl FnMut(&mut Self, &str, Value) -> Result<(), SealError>,
    ) -> Result<(), SealError> {
        self.both(b"{")?;
        for (index, (key, value)) in sorted(shell).into_iter().enumerate() {
            self.comma(index)?;
            self.key(&key)?;
            member(self, &key, value)?;
        }
        self.both(b"}")
    }

    fn cases(
        &mut self,
        cases: impl Iterator<Item = Result<CaseRecord<Written>, SealError>>,
    ) -> Result<(), SealError> {
        self.both(b"[")?;
        let mut index = 0;
        beside::each_canonical(cases, |case| {
            self.entry(index, case)?;
            index += 1;
            Ok(())
        })?;
        self.both(b"]")
    }

    fn pairs(&mut self, pairs: &[PairedCase]) -> Result<(), SealError> {
        self.both(b"[")?;
        for (index, pair) in pairs.iter().enumerate() {
            self.entry(index, &canonical(pair)?)?;
        }
        self.both(b"]")
    }

    /// One entry a line.
    fn entry(&mut self, index: usize, canonical: &[u8]) -> Result<(), SealError> {
        self.comma(index)?;
        self.out.write_all(BREAK)?;
        self.both(canonical)
    }

    fn comma(&mut self, index: usize) -> Result<(), SealError> {
        if index == 0 { Ok(()) } else { self.both(b",") }
    }

    fn key(&mut self, key: &str) -> Result<(), SealError> {
        self.value(&key)?;
        self.both(b":")
    }

    fn value(&mut self, value: &impl Serialize) -> Result<(), SealError> {
        let bytes = canonical(value)?;
        self.both(&bytes)
    }

    fn both(&mut self, bytes: &[u8]) -> Result<(), SealError> {
        self.hasher.bytes(bytes);
        Ok(self.out.write_all(bytes)?)
    }
}

/// The members of an object in the order of canonical JSON. All of our keys are ASCII.
fn sorted(shell: Value) -> Vec<(String, Value)> {
    let map = match shell {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    };
    let mut members: Vec<_> = map.into_iter().collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members
}
