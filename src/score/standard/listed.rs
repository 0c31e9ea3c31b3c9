//! Sentences that list what somebody may look for: several ways to say the same keyword, beside words of the question, and
//! hardly anything else. They win nothing, however many of the words they hold.

use super::words::{Stem, Words};
use crate::score::Keyword;

/// A shorter sentence is none that wins much.
const LEAST: usize = 8;

/// Function words are about four of ten in English sentences. A list has less than one of so many.
const LOOSE: usize = 4;

/// Ways to say a keyword beyond the first, over all keywords, from which a sentence lists them.
const SURPLUS: usize = 2;

/// Of so many words of a list at most one is neither a way to say a keyword nor a word of the question.
const OTHER: usize = 4;

/// In a language whose function words are not known, a comma or the like has to follow every so manyth word.
const SEPARATED: usize = 3;

/// Words from which a question shows that it is English, and one of how many of them is a function word then.
const ENGLISH: (usize, usize) = (10, 5);

/// What a list is made of.
pub(super) struct List {
    /// The ways to say each keyword that has several.
    ways: Vec<Vec<Vec<Stem>>>,
    /// The words of all keywords and of the question, sorted.
    looked_for: Vec<Stem>,
    /// Whether the function words of this question are those that we know.
    english: bool,
}

/// What a list would be made of; `None` where no sentence of the answer is one.
pub(super) fn list_of(answer: &Words, question: &str, keywords: &[Keyword]) -> Option<List> {
    let several = keywords.iter().filter(|keyword| keyword.any_of.len() > 1);
    let surplus: usize = several
        .clone()
        .map(|keyword| keyword.any_of.len() - 1)
        .sum();
    if surplus < SURPLUS || !answer.counted_sentences().any(is_candidate) {
        return None;
    }
    let stems = |word: &String| Words::of(word).stems;
    let ways = several.map(|keyword| {
        let ways = keyword.any_of.iter().map(stems);
        ways.filter(|way| !way.is_empty()).collect()
    });
    let asked = Words::of(question);
    let (enough, one_of) = ENGLISH;
    let every = keywords.iter().flat_map(|keyword| &keyword.any_of);
    let mut looked_for: Vec<Stem> = every.flat_map(stems).collect();
    looked_for.extend(&asked.stems);
    looked_for.sort_unstable();
    looked_for.dedup();
    let list = List {
        ways: ways.collect(),
        looked_for,
        english: asked.len() >= enough && one_of * asked.without_topic >= asked.len(),
    };
    let mut sentences = answer.counted_sentences();
    let any = sentences.any(|sentence| list.holds(sentence));
    any.then_some(list)
}

const fn is_candidate((stems, function): (&[Stem], usize)) -> bool {
    stems.len() >= LEAST && LOOSE * function < stems.len()
}

impl List {
    /// Whether a sentence is such a list. Rows of a table and members of JSON are no sentences.
    pub(super) fn is(&self, sentence: &str) -> bool {
        if sentence.trim_start().starts_with(['|', '{', '[', '"']) {
            return false;
        }
        let words = Words::of(sentence);
        let separators = sentence.matches([',', ';', '/', '·', '•', '|']).count();
        let mut parts = words.counted_sentences();
        (self.english || SEPARATED * separators >= words.len())
            && parts.any(|part| self.holds(part))
    }

    fn holds(&self, sentence: (&[Stem], usize)) -> bool {
        let (stems, _) = sentence;
        let looked_for = |word: &&Stem| self.looked_for.binary_search(word).is_ok();
        let other = stems.len() - stems.iter().filter(looked_for).count();
        if !is_candidate(sentence) || OTHER * other > stems.len() {
            return false;
        }
        let has = |way: &&Vec<Stem>| stems.windows(way.len()).any(|part| part == *way);
        let surplus = self.ways.iter().map(|ways| {
            let mut held: Vec<&Vec<Stem>> = ways.iter().filter(has).collect();
            held.sort_unstable();
            held.dedup();
            // "API key" says "API" once, not twice.
            let within = |way: &&&Vec<Stem>| {
                let mut longer = held.iter().filter(|other| other.len() > way.len());
                longer.any(|other| other.windows(way.len()).any(|part| part == **way))
            };
            let inner = held.iter().filter(within).count();
            (held.len() - inner).saturating_sub(1)
        });
        surplus.sum::<usize>() >= SURPLUS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &str = "Since the update, opening the dashboard shows me error 403. What should I try, in which order?";

    fn keywords() -> Vec<Keyword> {
        let groups: [&[&str]; 4] = [
            &["dashboard"],
            &["permission", "access", "access rights"],
            &["role", "admin", "owner"],
            &["cache", "cookie", "private window"],
        ];
        let any_of = |group: &[&str]| group.iter().map(|word| (*word).to_owned()).collect();
        groups
            .map(|group| Keyword {
                any_of: any_of(group),
            })
            .into()
    }

    fn is_list(sentence: &str) -> bool {
        let list = list_of(&Words::of(sentence), QUESTION, &keywords());
        list.is_some_and(|list| list.is(sentence))
    }

    #[test]
    fn every_way_to_say_the_keywords_is_a_list_whatever_stands_between() {
        for between in [", ", " ", "; ", " / "] {
            let words = [
                "dashboard",
                "permission",
                "access",
                "role",
                "admin",
                "owner",
                "cache",
                "cookie",
            ];
            assert!(is_list(&words.join(between)), "{between}");
            assert!(is_list(&format!("Keywords: {}.", words.join(between))));
        }
    }

    #[test]
    fn who_means_something_says_it_once() {
        for honest in [
            "Ask an admin to check that your role has access to the space of this dashboard.",
            "2. Dashboard still closed: ask space owner, clear cache, open Chrome anew, note error and time.",
            "- Owner: Mia. Action: restore dashboard access rights, space Revenue, until Tuesday, laptop included.",
            "2. Clear cache and cookies, reload dashboard in incognito window.",
            "3. Check your role's permissions, ask workspace owner to restore dashboard access.",
            "| dashboard | permission | access | role | admin | owner | cache | cookie |",
            "Necesita acceso, certificado, contrato, pasaporte, residencia, cuenta, trabajo, dashboard, cookie.",
        ] {
            assert!(!is_list(honest), "{honest}");
        }
    }
}
