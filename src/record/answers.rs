//! The answers beside a stored record: compressed JSON Lines in the order of its cases. What is read is held against the
//! digests under the record's seal, so that no other text can take an answer's place. Whether answers are kept at all is
//! decided elsewhere.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Take, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::case::with_calls;
use super::{CaseRecord, SealError};
use crate::agent::AgentName;
use crate::score::{ToolCall, answer_digest};
use crate::suite::CaseId;

/// A branch of data stays small: what is larger than this compressed is not kept.
const MOST_BYTES: usize = 20_000_000;
/// What unfolds to more was not written here. Answers in plain language shrink to a third, so this is no limit to them.
const MOST_TEXT: u64 = 400_000_000;
/// The longest answer that is read from a model has 4 MiB, each byte of which may take six in JSON.
const MOST_LINE: u64 = 32 * 1024 * 1024;

/// One answer.
#[derive(Serialize, Deserialize)]
struct Line<'l> {
    agent: Cow<'l, str>,
    case: Cow<'l, str>,
    sample: u32,
    answer: Cow<'l, str>,
    finish_reason: Option<Cow<'l, str>>,
    #[serde(default, skip_serializing_if = "<[ToolCall]>::is_empty")]
    tool_calls: Cow<'l, [ToolCall]>,
}

/// Packs answers, case by case.
#[derive(Debug)]
pub struct AnswerWriter {
    packed: GzEncoder<Vec<u8>>,
    text: u64,
    most_bytes: usize,
    too_large: bool,
}

/// What came of packing answers.
#[derive(Debug, PartialEq, Eq)]
pub enum Packed {
    /// There is no answer.
    Nothing,
    /// The bytes of the file.
    Whole(Vec<u8>),
    /// There are more than are kept.
    TooLarge,
}

impl Default for AnswerWriter {
    fn default() -> Self {
        Self::of_at_most(MOST_BYTES)
    }
}

impl AnswerWriter {
    fn of_at_most(most_bytes: usize) -> Self {
        Self {
            packed: GzEncoder::new(Vec::new(), Compression::default()),
            text: 0,
            most_bytes,
            too_large: false,
        }
    }

    /// Adds the answers of a case that has its words.
    pub fn add(&mut self, agent: &AgentName, case: &CaseRecord) -> io::Result<()> {
        for sample in &case.samples {
            let Some(text) = sample.text.as_deref() else {
                continue;
            };
            let Some(answer) = &text.answer else { continue };
            let line = Line {
                agent: agent.as_str().into(),
                case: case.id.as_str().into(),
                sample: sample.index,
                answer: answer.into(),
                finish_reason: text.finish_reason.as_deref().map(Cow::from),
                tool_calls: Cow::from(&text.tool_calls),
            };
            self.line(&line)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        if self.too_large {
            return Ok(());
        }
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.text = self.text.saturating_add(length);
        self.packed.write_all(&text)?;
        self.too_large = length > MOST_LINE
            || self.text > MOST_TEXT
            || self.packed.get_ref().len() > self.most_bytes;
        Ok(())
    }

    /// The file.
    pub fn finish(self) -> io::Result<Packed> {
        if self.text == 0 {
            return Ok(Packed::Nothing);
        }
        let packed = self.packed.finish()?;
        Ok(if self.too_large || packed.len() > self.most_bytes {
            Packed::TooLarge
        } else {
            Packed::Whole(packed)
        })
    }
}

/// Reads packed answers beside their record, case by case.
pub struct AnswerReader<'b> {
    text: BufReader<Take<GzDecoder<&'b [u8]>>>,
    next: Option<Line<'static>>,
}

impl<'b> AnswerReader<'b> {
    /// Begins with the first answer.
    pub fn new(packed: &'b [u8]) -> Self {
        let text = GzDecoder::new(packed).take(MOST_TEXT + 1);
        Self {
            text: BufReader::with_capacity(1 << 16, text),
            next: None,
        }
    }

    /// Puts the answers back into the samples of a case that has its words. The cases come in the order of the record.
    pub fn complete(&mut self, agent: &AgentName, case: &mut CaseRecord) -> Result<(), SealError> {
        let id = case.id.clone();
        for sample in &mut case.samples {
            let Some(line) = self.next_of(agent, id.as_str(), sample.index)? else {
                continue;
            };
            let text = sample.text.get_or_insert_default();
            let fits = sample.answer_sha256 == Some(answer_digest(&line.answer, &line.tool_calls))
                && text.finish_reason.as_deref() == line.finish_reason.as_deref();
            if !fits {
                let index = sample.index;
                return Err(foreign(format!(
                    "what stands there for sample {index} of `{id}` is not what the model said"
                )));
            }
            text.answer = Some(line.answer.into_owned());
            text.tool_calls = line.tool_calls.into_owned();
        }
        Ok(())
    }

    /// The answers to one sample of each of these cases, of a file that fitted its record.
    pub fn find(
        mut self,
        wanted: &BTreeMap<&CaseId, u32>,
    ) -> Result<BTreeMap<CaseId, String>, SealError> {
        let mut found = BTreeMap::new();
        while found.len() < wanted.len() {
            let Some(line) = self.line()? else { break };
            let id = CaseId::new(&*line.case);
            if wanted.get(&id) == Some(&line.sample) {
                let said = with_calls(&line.answer, &line.tool_calls);
                found.insert(id, said.into_owned());
            }
        }
        Ok(found)
    }

    /// Sees to it that every answer had its place.
    pub fn end(mut self) -> Result<(), SealError> {
        self.fetch()?;
        match self.next {
            None => Ok(()),
            Some(line) => Err(foreign(format!(
                "there is no place for sample {} of `{}` in the record",
                line.sample, line.case
            ))),
        }
    }

    fn next_of(
        &mut self,
        agent: &AgentName,
        case: &str,
        sample: u32,
    ) -> Result<Option<Line<'static>>, SealError> {
        self.fetch()?;
        Ok(self.next.take_if(|line| {
            line.agent == agent.as_str() && line.case == case && line.sample == sample
        }))
    }

    fn fetch(&mut self) -> Result<(), SealError> {
        if self.next.is_none() {
            self.next = self.line()?;
        }
        Ok(())
    }

    fn line(&mut self) -> Result<Option<Line<'static>>, SealError> {
        let mut line = Vec::new();
        let mut rest = (&mut self.text).take(MOST_LINE + 1);
        rest.read_until(b'\n', &mut line)
            .map_err(|why| foreign(format!("it cannot be unpacked ({why})")))?;
        if rest.limit() == 0 || self.text.get_ref().limit() == 0 {
            return Err(foreign("it unfolds to more than is ever stored".to_owned()));
        }
        if line.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&line)
            .map(Some)
            .map_err(|why| foreign(format!("a line of it is no answer ({why})")))
    }
}

fn foreign(why: String) -> SealError {
    SealError::Answers(why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::score::Digest;

    const SAID: [&str; 3] = ["Grüße\n🙂", "", "\u{0}\"quoted\""];

    fn agent() -> AgentName {
        AgentName::new("qa").unwrap()
    }

    /// A case with these answers; one without is unanswered.
    fn case(id: &str, answers: &[Option<&str>]) -> CaseRecord {
        let samples = (0..).zip(answers).map(|(index, answer): (u32, _)| {
            json!({
                "index": index, "look": 1, "status": if answer.is_some() { "scored" } else { "unanswered" }, "why": null,
                "answer": answer, "answer_sha256": answer.map(|text| Digest::of(text.as_bytes())), "score": answer.map(|_| 9.0),
                "dimensions": {}, "lost": [], "checks": [], "judge": null, "finish_reason": "stop", "latency_ms": 1,
                "attempts": 1, "usage": null, "cached": false,
            })
        });
        serde_json::from_value(json!({
            "id": id, "ask_digest": Digest::of(b"ask"), "score_digest": Digest::of(b"score"), "messages": [],
            "expectation": {}, "tags": [], "weight": 1.0, "score": null, "dimensions": {}, "samples": samples.collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    fn cases() -> [CaseRecord; 3] {
        [
            case("a", &[Some(SAID[0]), None, Some(SAID[1])]),
            case("b", &[None]),
            case("c", &[Some(SAID[2])]),
        ]
    }

    fn packed(cases: &[CaseRecord]) -> Vec<u8> {
        let mut writer = AnswerWriter::default();
        for case in cases {
            writer.add(&agent(), case).unwrap();
        }
        match writer.finish().unwrap() {
            Packed::Whole(bytes) => bytes,
            other @ (Packed::Nothing | Packed::TooLarge) => panic!("{other:?}"),
        }
    }

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    fn unpacked(bytes: &[u8], cases: &mut [CaseRecord]) -> Result<(), SealError> {
        let mut reader = AnswerReader::new(bytes);
        for case in cases {
            case.forget_answers();
            reader.complete(&agent(), case)?;
        }
        reader.end()
    }

    #[track_caller]
    fn refused(bytes: &[u8], words: &str) {
        let why = unpacked(bytes, &mut cases()).unwrap_err().to_string();
        assert!(why.contains(words), "{why}");
    }

    #[test]
    fn answers_are_read_back_into_their_samples() {
        let mut read = cases();
        unpacked(&packed(&cases()), &mut read).unwrap();
        assert_eq!(read, cases());
    }

    #[test]
    fn single_answers_are_found() {
        let (a, b, c) = (CaseId::new("a"), CaseId::new("b"), CaseId::new("c"));
        let wanted = BTreeMap::from([(&a, 2), (&b, 0), (&c, 0)]);
        let bytes = packed(&cases());
        let found = AnswerReader::new(&bytes).find(&wanted).unwrap();
        let said = [(a, SAID[1].to_owned()), (c, SAID[2].to_owned())];
        assert_eq!(found, BTreeMap::from(said));
    }

    #[test]
    fn the_same_answers_make_the_same_bytes() {
        assert_eq!(packed(&cases()), packed(&cases()));
    }

    #[test]
    fn a_sample_without_its_answer_stays_without_one() {
        let mut read = cases();
        unpacked(&packed(&cases()[..1]), &mut read).unwrap();
        let [a, _, c] = read;
        assert_eq!(a, cases()[0]);
        assert_eq!(c.samples[0].text.as_ref().unwrap().answer, None);
    }

    #[test]
    fn another_answer_another_ending_and_another_order_do_not_fit() {
        let mut other = cases();
        other[2] = case("c", &[Some("other")]);
        refused(
            &packed(&other),
            "sample 0 of `c` is not what the model said",
        );

        let mut cut = cases();
        let text = cut[0].samples[0].text.as_mut().unwrap();
        text.finish_reason = Some("length".to_owned());
        refused(&packed(&cut), "sample 0 of `a`");

        let [a, b, c] = cases();
        refused(&packed(&[c, a, b]), "there is no place for sample 0 of `a`");
        let more = [cases().to_vec(), vec![case("d", &[Some("more")])]].concat();
        refused(&packed(&more), "there is no place for sample 0 of `d`");
    }

    #[test]
    fn what_is_no_file_of_answers_is_refused() {
        refused(b"", "cannot be unpacked");
        refused(b"text", "cannot be unpacked");
        let whole = packed(&cases());
        refused(&whole[..whole.len() / 2], "cannot be unpacked");
        refused(&gzipped(b"{}\n"), "no answer");
    }

    #[test]
    fn a_file_that_unfolds_without_end_is_given_up() {
        let one_line = gzipped(&vec![b' '; usize::try_from(MOST_LINE).unwrap() + 2]);
        assert!(one_line.len() < 100_000);
        refused(&one_line, "unfolds to more");
    }

    #[test]
    fn answers_that_unfold_to_more_than_is_read_are_not_packed() {
        let long = "a".repeat(usize::try_from(MOST_LINE).unwrap());
        let mut writer = AnswerWriter::default();
        writer.add(&agent(), &case("a", &[Some(&long)])).unwrap();
        assert_eq!(writer.finish().unwrap(), Packed::TooLarge);
    }

    #[test]
    fn more_bytes_than_are_kept_are_too_many_and_none_are_nothing() {
        let room = packed(&cases()).len();
        for (room, fits) in [(room, true), (room - 1, false)] {
            let mut writer = AnswerWriter::of_at_most(room);
            for case in cases() {
                writer.add(&agent(), &case).unwrap();
            }
            let whole = matches!(writer.finish().unwrap(), Packed::Whole(_));
            assert_eq!(whole, fits);
        }
        let nothing = AnswerWriter::default().finish().unwrap();
        assert_eq!(nothing, Packed::Nothing);
    }
}
