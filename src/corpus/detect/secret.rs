//! Goes once through a text and asks the detector of each trigger that it meets. Decides which text wakes which
//! detector, nothing else.
//!
//! Every secret holds a long run without a blank, and prose hardly ever does. So triggers are looked for only in such
//! runs and right before them, which leaves out almost all of an ordinary text.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::context::run;
use super::format::Format;
use super::formats::FORMATS;
use super::{Hit, assignment, pair, pem, web};

/// What a detector is woken by.
enum Trigger {
    /// The formats that may start so: the longest prefix is found, and may start with another.
    Prefix(Vec<&'static Format>),
    Name,
    Bearer,
    Armour,
    AwsId,
    SchemeEnd,
    WebToken,
}

/// Texts, and what each of them wakes.
struct Triggers {
    texts: AhoCorasick,
    meanings: Vec<Trigger>,
}

static TRIGGERS: LazyLock<Option<Triggers>> = LazyLock::new(Triggers::build);

/// The shortest run that a secret holds: a value of a secret's name.
const SHORTEST_RUN: usize = 16;
/// How far before a run its trigger may stand: the armour of an encrypted key has two headers.
const LEAD: usize = 128;

/// What ends a run. Letters beyond ASCII do: languages without blanks would be one run.
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        ends[byte] = byte <= 0x20 || byte >= 0x7f;
        byte += 1;
    }
    let marks = b"\"'`,;()[]{}<>|";
    let mut mark = 0;
    while mark < marks.len() {
        ends[marks[mark] as usize] = true;
        mark += 1;
    }
    ends
};

/// Appends the hits of every detector; they may overlap.
pub(super) fn scan(text: &[u8], hits: &mut Vec<Hit>) {
    let Some(triggers) = TRIGGERS.as_ref() else {
        return;
    };
    let mut searched = 0;
    let mut at = 0;
    while let Some(run) = long_run(text, at) {
        let from = run.start.saturating_sub(LEAD).max(searched);
        for found in triggers
            .texts
            .find_iter(Input::new(text).span(from..run.end))
        {
            if let Some(trigger) = triggers.meanings.get(found.pattern().as_usize()) {
                detect(trigger, text, found.range(), hits);
            }
        }
        searched = run.end;
        at = run.end;
    }
}

/// The first long run that starts at a place or later. A run is read from its far end, so that most of a text is never
/// looked at.
fn long_run(text: &[u8], mut at: usize) -> Option<Range<usize>> {
    loop {
        let probe = text.get(at..at + SHORTEST_RUN)?;
        match probe.iter().rposition(|byte| ENDS[usize::from(*byte)]) {
            Some(last) => at += last + 1,
            None => {
                return Some(at..at + run(text, at, usize::MAX, |byte| !ENDS[usize::from(byte)]));
            }
        }
    }
}

fn detect(trigger: &Trigger, text: &[u8], at: Range<usize>, hits: &mut Vec<Hit>) {
    match trigger {
        Trigger::Prefix(formats) => tokens(formats, text, at.start, hits),
        Trigger::Name => hits.extend(assignment::value(text, at)),
        Trigger::Bearer => hits.extend(assignment::bearer(text, at.end)),
        Trigger::Armour => hits.extend(pem::key(text, at.start)),
        Trigger::AwsId => pair::keys(text, at.start, hits),
        Trigger::SchemeEnd => hits.extend(web::address(text, at.start)),
        Trigger::WebToken => hits.extend(web::token(text, at.start)),
    }
}

fn tokens(formats: &[&Format], text: &[u8], start: usize, hits: &mut Vec<Hit>) {
    for format in formats {
        if let Some((end, certainty)) = format.end(text, start) {
            hits.push(Hit {
                kind: format.kind,
                certainty,
                range: start..end,
            });
        }
    }
}

impl Triggers {
    fn build() -> Option<Self> {
        let mut triggers: Vec<(String, Trigger)> = Vec::new();
        let mut add = |text: &str, trigger| triggers.push((text.to_owned(), trigger));
        for format in FORMATS.iter() {
            let possible = FORMATS
                .iter()
                .filter(|other| format.prefix.starts_with(other.prefix));
            add(format.prefix, Trigger::Prefix(possible.collect()));
        }
        for name in assignment::NAMES.iter().flat_map(|name| spellings(name)) {
            add(&name, Trigger::Name);
        }
        for bearer in spellings(assignment::BEARER) {
            add(&bearer, Trigger::Bearer);
        }
        for id in pair::PREFIXES {
            add(id, Trigger::AwsId);
        }
        add(pem::BEGIN, Trigger::Armour);
        add(web::SCHEME_END, Trigger::SchemeEnd);
        add(web::TOKEN_START, Trigger::WebToken);
        let (texts, meanings): (Vec<_>, Vec<_>) = triggers.into_iter().unzip();
        let texts = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(texts)
            .ok()?;
        Some(Self { texts, meanings })
    }
}

/// A name as programs write it: `api_key`, `API-KEY`, `apiKey`, `ApiKey`.
fn spellings(name: &str) -> Vec<String> {
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('_').collect();
    let titles: Vec<String> = parts.iter().map(|part| title(part)).collect();
    let camel = parts.iter().take(1).map(|part| (*part).to_owned());
    let camel: String = camel.chain(titles.iter().skip(1).cloned()).collect();
    let mut spellings = vec![camel];
    for joint in ["_", "-", ""] {
        spellings.push(parts.join(joint));
        spellings.push(parts.join(joint).to_ascii_uppercase());
        spellings.push(titles.join(joint));
    }
    spellings.sort();
    spellings.dedup();
    spellings
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::super::Certainty::{Possible, Verified};
    use super::super::sample::{ALNUM, Draw, found_secrets};
    use super::super::{format::Proof, formats};
    use super::*;

    /// A token of a line of the table, with what proves it.
    fn token(draw: &mut Draw, shape: &str, proof: Proof) -> String {
        let mut token = draw.token(shape);
        match proof {
            Proof::Checksum => token = draw.checked_token(shape.split('{').next().unwrap()),
            Proof::Marker(marker) => {
                let middle = token.len() - 28;
                token.replace_range(middle..middle + marker.len(), marker);
            }
            Proof::Shape | Proof::Hint => {}
        }
        token
    }

    #[test]
    fn a_token_of_every_format_is_found_in_a_row_and_in_a_text() {
        let mut draw = Draw::from(1);
        for (kind, shape, proof) in formats::TABLE {
            let mut missed = 0;
            for _ in 0..40 {
                let token = token(&mut draw, shape, *proof);
                let certainty = match proof {
                    Proof::Hint => Possible,
                    Proof::Shape | Proof::Checksum | Proof::Marker(_) => Verified,
                };
                let row = format!("{{\"content\": \"Use this:\\n{token}\\nand go on.\"}}");
                let text = format!("curl -H 'X-Auth: {token}' ('{token}')");
                let expected = (*kind, certainty, token.as_str());
                let found = found_secrets(&row) == [expected]
                    && found_secrets(&text) == [expected, expected];
                missed += u32::from(!found);
            }
            // A random value may look typed once in a while.
            assert!(missed <= 2, "{shape}: {missed} of 40 missed");
        }
    }

    #[test]
    fn one_wrong_character_makes_a_checked_token_possible_only() {
        let token = Draw::from(2).checked_token("ghp_");
        assert_eq!(found_secrets(&token)[0].1, Verified);
        let swapped: String = token.get(..20).unwrap().to_owned() + "Zq" + token.get(22..).unwrap();
        assert_eq!(found_secrets(&swapped)[0].1, Possible);
        let inside = format!("x{token}y");
        assert_eq!(
            found_secrets(&inside),
            [("GitHub token", Verified, token.as_str())]
        );
    }

    #[test]
    fn placeholders_examples_and_test_keys_are_silent() {
        for text in [
            "api_key=\"YOUR_KEY\"",
            "export OPENAI_API_KEY=sk~-your-key-goes-here-0123456789abcdef",
            "sk~-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "sk~-proj-abc123def456ghi789jkl012mno345pqr678stu901vwx234T3BlbkFJyz",
            "gh~p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "gh~p_1234567890abcdefghijklmnopqrstuvwxyz",
            "gh~p_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
            "gi~thub_pat_EXAMPLE_EXAMPLE",
            "AK~IAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "xo~xb-123456789012-123456789012-abcdefghijklmnopqrstuvwx",
            "https://ho~oks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "AI~zaSyA-your-google-maps-key-goes-here-",
            "AI~zaSyXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
            "hf~_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "hf~_your_token_here",
            "gl~pat-aaaaaaaaaaaaaaaaaaaa",
            "np~m_000000000000000000000000000000000000",
            "SG~.xxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "SK~0123456789abcdef0123456789abcdef",
            "do~p_v1_abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
            "The order number is #SK78932 and tracking EX9872345SKU is on its way.",
            "Model XR-550, serial hf_12, part sk-200, version npm_9",
            "pip install sk-learn hf_transfer && risk-free task-based ask-me",
            "{\"tool\": \"ticketing_system\", \"action\": \"analyze\", \"parameters\": {\"mode\": \"default\"}}",
            "sk_te~st_4eC39HqLyjWDarjtT1zdp7dc",
        ] {
            // Cut, so that no scanner takes this file for a leak.
            let text = text.replace('~', "");
            assert_eq!(found_secrets(&text), [], "{text}");
        }
    }

    #[test]
    fn a_token_inside_of_something_longer_is_none() {
        let body = Draw::from(3).text(ALNUM, 35);
        for text in [
            format!("AIza{body}9"),
            format!("xAIza{body}"),
            format!("a-AIza{body}"),
            format!("AIza{}", body.get(..34).unwrap()),
        ] {
            assert_eq!(found_secrets(&text), [], "{text}");
        }
        let key = format!("AIza{body}");
        assert_eq!(
            found_secrets(&format!("key={key}&q=1")),
            [("Google API key", Verified, key.as_str())]
        );
    }

    #[test]
    fn names_are_spelled_in_every_way() {
        let spellings = spellings("api_key");
        for spelling in [
            "api_key", "API_KEY", "apiKey", "ApiKey", "api-key", "apikey", "Api-Key",
        ] {
            assert!(spellings.iter().any(|one| one == spelling), "{spelling}");
        }
    }

    #[test]
    fn only_long_runs_are_searched() {
        assert_eq!(long_run(b"short words only, none of them long", 0), None);
        assert_eq!(long_run(b"a 0123456789abcdef b", 0), Some(2..18));
        assert_eq!(long_run("密钥密钥密钥密钥密钥".as_bytes(), 0), None);
        assert_eq!(long_run(b"0123456789abcde", 0), None);
    }
}
