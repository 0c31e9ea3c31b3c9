//! English with the small words of another language: what is left of an answer in a wrong language when the terms of
//! the field, which are often English anyway, stay.

/// Fewer words than this make no text in another language.
const LEAST: usize = 8;

/// Small English words with German ones in their place.
const WORDS: [(&str, &str); 96] = [
    ("the", "die"),
    ("a", "eine"),
    ("an", "ein"),
    ("and", "und"),
    ("or", "oder"),
    ("but", "aber"),
    ("not", "nicht"),
    ("no", "kein"),
    ("of", "von"),
    ("to", "zu"),
    ("in", "in"),
    ("on", "auf"),
    ("at", "bei"),
    ("by", "durch"),
    ("for", "für"),
    ("from", "aus"),
    ("with", "mit"),
    ("without", "ohne"),
    ("into", "hinein"),
    ("over", "über"),
    ("under", "unter"),
    ("after", "nach"),
    ("before", "vor"),
    ("between", "zwischen"),
    ("during", "während"),
    ("until", "bis"),
    ("is", "ist"),
    ("are", "sind"),
    ("was", "war"),
    ("were", "waren"),
    ("be", "sein"),
    ("been", "gewesen"),
    ("has", "hat"),
    ("have", "haben"),
    ("had", "hatte"),
    ("do", "tun"),
    ("does", "tut"),
    ("can", "kann"),
    ("could", "könnte"),
    ("will", "wird"),
    ("would", "würde"),
    ("should", "sollte"),
    ("must", "muss"),
    ("may", "darf"),
    ("might", "möchte"),
    ("it", "es"),
    ("its", "sein"),
    ("this", "dieser"),
    ("that", "dass"),
    ("these", "diese"),
    ("those", "jene"),
    ("they", "sie"),
    ("them", "ihnen"),
    ("their", "ihre"),
    ("we", "wir"),
    ("our", "unser"),
    ("you", "Sie"),
    ("your", "Ihr"),
    ("i", "ich"),
    ("he", "er"),
    ("she", "sie"),
    ("who", "wer"),
    ("which", "welche"),
    ("what", "was"),
    ("when", "wenn"),
    ("where", "wo"),
    ("why", "warum"),
    ("how", "wie"),
    ("if", "falls"),
    ("because", "weil"),
    ("so", "also"),
    ("than", "als"),
    ("then", "dann"),
    ("as", "wie"),
    ("only", "nur"),
    ("also", "auch"),
    ("all", "alle"),
    ("any", "irgendein"),
    ("each", "jede"),
    ("every", "jeder"),
    ("more", "mehr"),
    ("most", "meisten"),
    ("some", "einige"),
    ("one", "eins"),
    ("two", "zwei"),
    ("three", "drei"),
    ("new", "neu"),
    ("other", "andere"),
    ("same", "gleiche"),
    ("here", "hier"),
    ("there", "dort"),
    ("now", "jetzt"),
    ("out", "aus"),
    ("up", "auf"),
    ("use", "benutzen"),
    ("make", "machen"),
];

/// The text with German small words outside of code; `None` where it has too few.
pub(super) fn german(text: &str) -> Option<String> {
    let (mut german, mut changed, mut in_code) = (String::new(), 0, false);
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            german.push_str(line);
            continue;
        }
        for piece in line.split_inclusive(|c: char| !c.is_alphabetic()) {
            let end = piece.trim_end_matches(char::is_alphabetic).len();
            let letters = piece.trim_end_matches(|c: char| !c.is_alphabetic());
            let rest = piece.strip_prefix(letters).unwrap_or_default();
            match small(letters) {
                Some(word) if end > 0 || rest.is_empty() => {
                    german.push_str(&like(letters, word));
                    german.push_str(rest);
                    changed += 1;
                }
                Some(_) | None => german.push_str(piece),
            }
        }
    }
    (changed >= LEAST).then_some(german)
}

fn small(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let mut words = WORDS.iter();
    words
        .find(|(english, _)| *english == lower)
        .map(|(_, german)| *german)
}

/// The word with a capital where the other has one.
fn like(model: &str, word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if model.starts_with(char::is_uppercase) => {
            first.to_uppercase().chain(letters).collect()
        }
        Some(_) | None => word.to_owned(),
    }
}
