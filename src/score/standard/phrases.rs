//! The word lists of profile `standard`. Changing one changes points, so the profile's version goes up with it.

/// Words that carry no topic; sorted.
#[rustfmt::skip]
pub(super) const FUNCTION_WORDS: [&str; 167] = [
    "a", "about", "above", "after", "again", "against", "ain", "all", "also", "am", "an", "and", "any", "are", "aren",
    "as", "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "cannot",
    "could", "couldn", "d", "did", "didn", "do", "does", "doesn", "doing", "don", "down", "during", "each", "either",
    "else", "every", "few", "for", "from", "further", "had", "hadn", "has", "hasn", "have", "haven", "having", "he",
    "her", "here", "hers", "herself", "him", "himself", "his", "how", "i", "if", "in", "into", "is", "isn", "it",
    "its", "itself", "just", "let", "ll", "m", "may", "me", "might", "more", "most", "much", "must", "my", "myself",
    "neither", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other", "our", "ours",
    "ourselves", "out", "over", "own", "per", "re", "s", "same", "shall", "she", "should", "so", "some", "still",
    "such", "t", "than", "that", "the", "their", "theirs", "them", "themselves", "then", "there", "these", "they",
    "this", "those", "through", "to", "too", "under", "until", "up", "upon", "us", "ve", "very", "was", "wasn", "we",
    "were", "weren", "what", "when", "where", "which", "while", "who", "whom", "why", "will", "with", "within",
    "without", "won", "would", "wouldn", "yes", "yet", "you", "your", "yours", "yourself", "yourselves",
];

/// Stems by which a prompt says which form it wants, or is polite, rather than what it is about.
#[rustfmt::skip]
pub(super) const INSTRUCTION_WORDS: [&str; 40] = [
    "write", "give", "tell", "show", "pleas", "answer", "repli", "list", "tabl", "bullet", "number", "step", "json",
    "word", "short", "draft", "outlin", "return", "form", "includ", "need", "want", "like", "exact", "head", "format",
    "point", "paragraph", "creat", "make", "explain", "describ", "provid", "help", "take", "name", "two", "three",
    "one", "get",
];

/// Phrases that fill space in any answer to any question, and what each costs.
pub(super) const BOILERPLATE: [(&str, f64); 34] = [
    ("as an ai language model", 2.0),
    ("as an ai assistant", 2.0),
    ("as a large language model", 2.0),
    ("in today's fast-paced", 1.0),
    ("in today's digital", 1.0),
    ("in today's world", 1.0),
    ("in the ever-evolving", 1.0),
    ("many factors", 1.0),
    ("various factors", 1.0),
    ("it is important to note", 1.0),
    ("it's important to note", 1.0),
    ("it is worth noting", 1.0),
    ("follow best practices", 1.0),
    ("suits your needs", 1.0),
    ("fits your needs", 1.0),
    ("analyse the situation carefully", 1.0),
    ("analyze the situation carefully", 1.0),
    ("review the relevant documentation", 1.0),
    ("we understand that", 0.5),
    ("we take every", 1.0),
    ("best possible experience", 1.0),
    ("this is a complex topic", 1.0),
    ("delve into", 1.0),
    ("at the end of the day", 1.0),
    ("unlock the full potential", 1.0),
    ("to the next level", 1.0),
    ("look no further", 1.0),
    ("without further ado", 1.0),
    ("thank you for reaching out", 0.5),
    ("i hope this helps", 0.5),
    ("hope this email finds you well", 0.5),
    ("do not hesitate to contact", 0.5),
    ("feel free to contact us", 0.5),
    ("if you have any further questions", 0.5),
];

/// Words to whoever grades the answer.
pub(super) const TO_THE_GRADER: [&str; 14] = [
    "ignore previous instructions",
    "ignore all previous",
    "ignore the previous instructions",
    "ignore all prior",
    "ignore the above instructions",
    "disregard previous instructions",
    "disregard all previous",
    "rate this answer",
    "rate this response",
    "give this answer",
    "give this response",
    "award this answer",
    "score this answer",
    "note to the grader",
];

/// Text that somebody was going to replace.
pub(super) const PLACEHOLDERS: [&str; 21] = [
    "lorem ipsum",
    "[insert",
    "[your ",
    "[company",
    "[customer",
    "[client",
    "[name]",
    "[date]",
    "[product",
    "[recipient",
    "[link]",
    "[url]",
    "[amount]",
    "[number]",
    "[placeholder",
    "<insert",
    "<your ",
    "xx%",
    "xx %",
    "$xx",
    "€xx",
];

/// Words in capitals that mark unfinished work.
pub(super) const UNFINISHED: [&str; 4] = ["TODO", "TBD", "FIXME", "XXX"];

/// Words and phrases that sound like a statement and make none.
pub(super) const VAGUE: [&str; 32] = [
    "various",
    "several",
    "numerous",
    "a lot of",
    "a number of",
    "many different",
    "different causes",
    "things",
    "stuff",
    "etc",
    "and so on",
    "and more",
    "as needed",
    "if necessary",
    "where appropriate",
    "as appropriate",
    "best practices",
    "in general",
    "generally",
    "basically",
    "somehow",
    "some kind of",
    "some time",
    "carefully",
    "properly",
    "appropriately",
    "regularly",
    "a few times",
    "it depends",
    "as usual",
    "and the like",
    "in many ways",
];

/// How a mail starts.
pub(super) const GREETINGS: [&str; 10] = [
    "hi",
    "hello",
    "dear",
    "hey",
    "good morning",
    "good afternoon",
    "good evening",
    "greetings",
    "to whom",
    "welcome",
];

/// How a mail ends.
pub(super) const SIGN_OFFS: [&str; 24] = [
    "best",
    "kind regards",
    "warm regards",
    "regards",
    "sincerely",
    "yours",
    "cheers",
    "thanks",
    "thank you",
    "many thanks",
    "with thanks",
    "with best",
    "with kind",
    "with warm",
    "all the best",
    "see you",
    "happy",
    "warmly",
    "love",
    "take care",
    "respectfully",
    "cordially",
    "greetings",
    "until then",
];

/// Who or what speaks or is seen in a script.
pub(super) const CUES: [&str; 16] = [
    "voice-over",
    "voiceover",
    "voice over",
    "v.o.",
    "vo",
    "narrator",
    "host",
    "speaker",
    "picture",
    "visual",
    "video",
    "audio",
    "scene",
    "shot",
    "on screen",
    "on-screen",
];
