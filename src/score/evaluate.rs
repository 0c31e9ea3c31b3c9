//! Decides whether an answer passes a check. Knows nothing of points: profiles turn passes into those.

use std::cell::OnceCell;

use unicode_segmentation::UnicodeSegmentation;

use super::finding::{Finding, Holds};
use super::pattern::Searched;
use super::scored::{Answer, CheckResult};
use super::structure::{self, Reading};
use super::{
    Check, CheckKind, CostRange, CountRange, Expectation, LetterCase, code, describe, json,
    likeness, refusal, spoken, tool_call,
};

/// A check with what became of it.
pub(super) struct Outcome<'a> {
    pub(super) check: &'a Check,
    pub(super) result: CheckResult,
    /// What was found instead, where that helps a reader ("has 512").
    pub(super) found: Option<String>,
}

impl Outcome<'_> {
    /// Takes back a pass that the answer owes to words it borrowed: `own` is the same check of its own words alone.
    pub(super) fn bear(&mut self, own: &Self) {
        if self.result.pass
            && !own.result.pass
            && !self.check.negated
            && looks_for_text(&self.check.kind)
        {
            self.result.pass = false;
            self.found =
                Some("only in words of the question or in a string of keywords".to_owned());
        }
    }

    /// One sentence on a check that failed.
    pub(super) fn failure(&self) -> String {
        match &self.found {
            Some(found) => format!("check not met: {} ({found})", self.result.what),
            None => format!("check not met: {}", self.result.what),
        }
    }
}

/// Whether a check passes by what stands in the answer, rather than by what the answer is.
fn looks_for_text(kind: &CheckKind) -> bool {
    if let CheckKind::Any { checks, .. } = kind {
        let mut members = checks.iter();
        return members.any(|check| !check.negated && looks_for_text(&check.kind));
    }
    matches!(
        kind,
        CheckKind::Contains(..)
            | CheckKind::ContainsAny(..)
            | CheckKind::ContainsAll(..)
            | CheckKind::Regex(_)
    )
}

/// Every check with what became of it, in the suite's order.
pub(super) fn all<'a>(expectation: &'a Expectation, answer: Answer<'_>) -> Vec<Outcome<'a>> {
    let subject = Subject {
        answer,
        reference: expectation.reference.as_deref(),
        folded: OnceCell::new(),
        reading: Reading::new(answer.text),
        searched: Searched::new(answer.text),
    };
    let outcome = |check: &'a Check| {
        let finding = subject.look(&check.kind);
        Outcome {
            check,
            result: CheckResult {
                kind: check.kind.as_str().to_owned(),
                pass: finding.passes(check.negated),
                required: check.required,
                dimension: check.dimension.clone(),
                what: describe::check(check),
            },
            found: finding.found,
        }
    };
    expectation.checks.iter().map(outcome).collect()
}

/// An answer under test; what several checks need is made once.
struct Subject<'a> {
    answer: Answer<'a>,
    reference: Option<&'a str>,
    folded: OnceCell<String>,
    reading: Reading<'a>,
    searched: Searched<'a>,
}

impl Subject<'_> {
    fn look(&self, kind: &CheckKind) -> Finding {
        let text = self.answer.text;
        match kind {
            CheckKind::Equals(wanted, case) => self
                .compare(wanted.trim(), *case, |text, wanted| text.trim() == wanted)
                .into(),
            CheckKind::StartsWith(wanted, case) => self
                .compare(wanted, *case, |text, wanted| {
                    text.trim_start().starts_with(wanted)
                })
                .into(),
            CheckKind::EndsWith(wanted, case) => self
                .compare(wanted, *case, |text, wanted| {
                    text.trim_end().ends_with(wanted)
                })
                .into(),
            CheckKind::Contains(wanted, case) => self.contains(wanted, *case).into(),
            CheckKind::ContainsAny(list, case) => {
                list.iter().any(|w| self.contains(w, *case)).into()
            }
            CheckKind::ContainsAll(list, case) => self.contains_all(list, *case),
            CheckKind::Regex(pattern) => pattern.is_in(&self.searched).into(),
            CheckKind::IsJson => json::holds_json(text).into(),
            CheckKind::JsonSchema(schema) => structure::fits(&self.reading, schema),
            CheckKind::ContainsJson(schema) => {
                structure::holds_json(&self.reading, schema.as_ref())
            }
            CheckKind::Is(notation) => structure::is(&self.reading, *notation),
            CheckKind::Holds(notation) => structure::holds(&self.reading, *notation),
            CheckKind::IsSql => code::is_sql(&self.reading),
            CheckKind::ContainsSql => code::holds_sql(&self.reading),
            CheckKind::Like(likeness) => likeness::test(likeness, self.reference, text),
            CheckKind::CodeParses(language) => code::parses(&self.reading, *language),
            CheckKind::Language(language) => spoken::is_in(text, *language),
            CheckKind::IsRefusal => refusal::is_refusal(text).into(),
            CheckKind::WordCount(range) => counted(*range, text.unicode_words().count()),
            CheckKind::CharacterCount(range) => counted(*range, text.chars().count()),
            CheckKind::SentenceCount(range) => counted(*range, text.unicode_sentences().count()),
            CheckKind::FinishReason(wanted) => self.finished(wanted),
            CheckKind::Latency(range) => took(*range, self.answer.latency_ms),
            CheckKind::Cost(range) => cost(*range, self.answer.cost),
            CheckKind::ToolCall(_) if self.answer.lacks_calls() => {
                Finding::untold("its calls were not recorded")
            }
            CheckKind::ToolCall(call) => tool_call::is_among(self.answer.tool_calls, call),
            CheckKind::Any { checks, at_least } => self.group(checks, *at_least),
        }
    }

    fn compare(&self, wanted: &str, case: LetterCase, test: fn(&str, &str) -> bool) -> bool {
        match case {
            LetterCase::Sensitive => test(self.answer.text, wanted),
            LetterCase::Ignored => {
                let folded = self.folded.get_or_init(|| fold(self.answer.text));
                test(folded, &fold(wanted))
            }
        }
    }

    fn contains(&self, wanted: &str, case: LetterCase) -> bool {
        self.compare(wanted, case, |text, wanted| text.contains(wanted))
    }

    fn contains_all(&self, list: &[String], case: LetterCase) -> Finding {
        let missing: Vec<&str> = list
            .iter()
            .filter(|wanted| !self.contains(wanted, case))
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            return true.into();
        }
        Finding::no(format!("without {}", describe::quoted(&missing)))
    }

    fn finished(&self, wanted: &str) -> Finding {
        let reason = self.answer.finish_reason;
        let found = reason.map_or_else(|| "not known".to_owned(), |reason| format!("was {reason}"));
        Finding::seen(reason == Some(wanted), found)
    }

    fn group(&self, checks: &[Check], at_least: usize) -> Finding {
        let (mut passed, mut untold) = (0, 0);
        for check in checks {
            let finding = self.look(&check.kind);
            passed += usize::from(finding.passes(check.negated));
            untold += usize::from(finding.holds == Holds::Untold);
        }
        if passed < at_least && passed + untold >= at_least {
            return Finding::untold(format!("{passed} passed, {untold} cannot be told"));
        }
        Finding::seen(passed >= at_least, format!("{passed} passed"))
    }
}

fn counted(range: CountRange, count: usize) -> Finding {
    let count = count as u64;
    Finding::seen(range.holds(count), format!("has {count}"))
}

fn took(range: CountRange, latency_ms: Option<u64>) -> Finding {
    match latency_ms {
        Some(ms) => Finding::seen(range.holds(ms), format!("took {ms} ms")),
        None => Finding::untold("the time it took is not known"),
    }
}

fn cost(range: CostRange, cost: Option<f64>) -> Finding {
    match cost {
        Some(cost) => Finding::seen(range.holds(cost), format!("cost {}", rounded(cost))),
        None => Finding::untold("the cost is not known: the model has no price or no usage"),
    }
}

/// A cost as people write it: a millionth of a unit is finer than any price.
fn rounded(cost: f64) -> String {
    let text = format!("{cost:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" && cost > 0.0 {
        return "less than 0.000001".to_owned();
    }
    text.to_owned()
}

/// Lower case by Unicode's full mapping, one character at a time: unlike `str::to_lowercase` it does not look at a
/// character's neighbours, so that a part of a word is found in the word (Greek sigma has a form for word ends).
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            'ς' | 'Σ' => folded.push('σ'),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Dimension, ExpectedCall, Pattern, Schema, ToolCall};

    const IGNORED: LetterCase = LetterCase::Ignored;
    const SENSITIVE: LetterCase = LetterCase::Sensitive;

    fn check(kind: CheckKind) -> Check {
        Check {
            kind,
            negated: false,
            weight: 1.0,
            dimension: Dimension::QUALITY,
            required: false,
            label: None,
        }
    }

    fn with(check: Check) -> Expectation {
        Expectation {
            checks: vec![check],
            ..Expectation::default()
        }
    }

    fn passes(kind: CheckKind, text: &str) -> bool {
        all(&with(check(kind)), Answer::new(text))[0].result.pass
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn text_ignores_case_unless_told_otherwise() {
        assert!(passes(
            CheckKind::Contains("ReFund".into(), IGNORED),
            "a refund"
        ));
        assert!(!passes(
            CheckKind::Contains("ReFund".into(), SENSITIVE),
            "a refund"
        ));
        assert!(passes(
            CheckKind::Contains("ÄRGER".into(), IGNORED),
            "großer Ärger"
        ));
    }

    #[test]
    fn a_word_end_in_greek_is_still_the_same_letter() {
        assert!(passes(
            CheckKind::Contains("ΟΔΟΣ".into(), IGNORED),
            "η οδοστρωσία"
        ));
    }

    #[test]
    fn whole_text_comparisons_do_not_see_outer_white_space() {
        assert!(passes(
            CheckKind::Equals("Billing".into(), IGNORED),
            " billing\n"
        ));
        assert!(!passes(
            CheckKind::Equals("Billing".into(), IGNORED),
            "billing."
        ));
        assert!(passes(
            CheckKind::StartsWith("Subject:".into(), IGNORED),
            "\nsubject: x"
        ));
        assert!(passes(
            CheckKind::EndsWith("regards".into(), IGNORED),
            "Regards \n"
        ));
        assert!(!passes(
            CheckKind::EndsWith("regards".into(), IGNORED),
            "regards, Ann"
        ));
    }

    #[test]
    fn lists_need_one_or_all() {
        assert!(passes(
            CheckKind::ContainsAny(list(&["x", "fee"]), IGNORED),
            "a fee"
        ));
        assert!(!passes(
            CheckKind::ContainsAny(list(&["x", "y"]), IGNORED),
            "a fee"
        ));
        assert!(passes(
            CheckKind::ContainsAll(list(&["a", "fee"]), IGNORED),
            "a fee"
        ));
        assert!(!passes(
            CheckKind::ContainsAll(list(&["a", "y"]), IGNORED),
            "a fee"
        ));
    }

    #[test]
    fn a_pattern_matches_anywhere_and_keeps_its_own_flags() {
        let pattern = |text: &str| CheckKind::Regex(Pattern::new(text).unwrap());
        assert!(passes(pattern(r"\b1[.,]26"), "about $1.261M"));
        assert!(!passes(pattern("total"), "TOTAL"));
        assert!(passes(pattern("(?i)total"), "TOTAL"));
    }

    #[test]
    fn counts_are_inclusive_ranges_with_open_ends() {
        let range = |min, max| CountRange { min, max };
        assert!(passes(
            CheckKind::WordCount(range(Some(3), Some(3))),
            "It's 3.5 metres"
        ));
        assert!(!passes(
            CheckKind::WordCount(range(None, Some(2))),
            "It's 3.5 metres"
        ));
        assert!(passes(
            CheckKind::CharacterCount(range(Some(2), Some(2))),
            "👍é"
        ));
        assert!(passes(
            CheckKind::SentenceCount(range(Some(2), None)),
            "One here. Two here."
        ));
        assert!(!passes(
            CheckKind::SentenceCount(range(Some(3), None)),
            "One here. Two here."
        ));
    }

    #[test]
    fn a_finish_reason_that_is_not_known_is_not_the_wanted_one() {
        let checks = with(check(CheckKind::FinishReason("stop".into())));
        let reason = |finish_reason| Answer {
            finish_reason,
            ..Answer::new("x")
        };
        assert!(all(&checks, reason(Some("stop")))[0].result.pass);
        assert!(!all(&checks, reason(Some("length")))[0].result.pass);
        assert!(!all(&checks, reason(None))[0].result.pass);
    }

    #[test]
    fn not_turns_a_check_and_a_member_of_a_group_around() {
        let mut absent = check(CheckKind::Contains("TODO".into(), IGNORED));
        absent.negated = true;
        let present = check(CheckKind::Contains("fee".into(), IGNORED));
        let group = |at_least| CheckKind::Any {
            checks: vec![absent.clone(), present.clone()],
            at_least,
        };
        assert!(passes(group(2), "a fee"));
        assert!(passes(group(1), "todo: a fee"));
        assert!(!passes(group(2), "todo: a fee"));
    }

    #[test]
    fn a_failed_count_says_what_was_found() {
        let checks = with(check(CheckKind::WordCount(CountRange {
            min: Some(40),
            max: None,
        })));
        let outcome = &all(&checks, Answer::new("too short"))[0];
        assert_eq!(
            outcome.failure(),
            "check not met: word-count at least 40 (has 2)"
        );
    }

    #[test]
    fn what_is_not_known_of_an_answer_passes_neither_way() {
        let ms = CountRange {
            min: None,
            max: Some(2_000),
        };
        let price = CostRange {
            min: None,
            max: Some(0.002),
        };
        let known = Answer {
            latency_ms: Some(2_000),
            cost: Some(0.002),
            ..Answer::new("x")
        };
        let slow = Answer {
            latency_ms: Some(2_001),
            cost: Some(0.003),
            ..Answer::new("x")
        };
        let sum = Answer {
            cost: Some(0.001 + 0.0002 + 0.0008),
            ..known
        };
        assert!(
            all(&with(check(CheckKind::Cost(price))), sum)[0]
                .result
                .pass
        );
        for kind in [CheckKind::Latency(ms), CheckKind::Cost(price)] {
            let mut one = with(check(kind));
            assert!(all(&one, known)[0].result.pass);
            assert!(!all(&one, slow)[0].result.pass);
            assert!(!all(&one, Answer::new("x"))[0].result.pass);
            one.checks[0].negated = true;
            assert!(all(&one, slow)[0].result.pass);
            assert!(!all(&one, Answer::new("x"))[0].result.pass);
        }
    }

    #[test]
    fn a_call_counts_by_its_tool_and_by_arguments_that_fit() {
        let schema = serde_json::json!({"required": ["order"], "properties": {"order": {"type": "integer"}}});
        let wanted = CheckKind::ToolCall(ExpectedCall {
            name: Some("find".to_owned()),
            arguments: Some(Schema::new(schema).unwrap()),
        });
        let checks = with(check(wanted));
        let failure = |calls: &[(&str, &str)]| {
            let calls: Vec<ToolCall> = calls
                .iter()
                .map(|(name, arguments)| ToolCall {
                    name: (*name).to_owned(),
                    arguments: (*arguments).to_owned(),
                })
                .collect();
            let answer = Answer {
                tool_calls: &calls,
                ..Answer::new("Let me look.")
            };
            let outcome = all(&checks, answer).remove(0);
            outcome.found.filter(|_| !outcome.result.pass)
        };
        assert_eq!(failure(&[("find", "{\"order\": 7}")]), None);
        assert_eq!(
            failure(&[("send", "{}"), ("find", "{}"), ("find", "{\"order\": 7}")]),
            None,
            "one of several"
        );
        for (calls, why) in [
            (&[][..], "no tool was called"),
            (&[("send", "{}")][..], "called \"send\""),
            (
                &[("find", "")][..],
                "arguments: it: missing properties 'order'",
            ),
            (&[("find", "[7]")][..], "the arguments are no JSON object"),
        ] {
            assert_eq!(failure(calls).as_deref(), Some(why));
        }
        let broken = failure(&[("find", "{\"order\": ")]).unwrap();
        assert!(
            broken.starts_with("the arguments are no JSON: "),
            "{broken}"
        );
    }

    #[test]
    fn calls_that_nobody_could_read_pass_neither_way() {
        let find = CheckKind::ToolCall(ExpectedCall {
            name: Some("find".to_owned()),
            arguments: None,
        });
        let checks = with(check(find));
        let mut not = checks.clone();
        not.checks[0].negated = true;
        let long = [ToolCall {
            name: "find".to_owned(),
            arguments: " ".repeat(1_000_001),
        }];
        let unread = Answer {
            tool_calls: &long,
            ..Answer::new("")
        };
        let lost = Answer {
            finish_reason: Some("tool_calls"),
            ..Answer::new("Let me look.")
        };
        for answer in [unread, lost] {
            assert!(!all(&checks, answer)[0].result.pass);
            assert!(!all(&not, answer)[0].result.pass);
        }
        // An answer that calls nothing, from a server that speaks of no call, is known to call nothing.
        assert!(all(&not, Answer::new(""))[0].result.pass);
    }
}
