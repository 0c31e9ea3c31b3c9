//! Assertions of promptfoo.

use super::{CODE, EMBEDDED, How, JUDGED, Row, SPACES, TRACED, key, row};
use crate::import::report::Fidelity::{Approximate, Exact, NotTranslated};

const CONTEXT: &str =
    "there is no such measure here; write what a judge should look at into the case's `rubric`";
const SERVED: &str = "no check asks a server for more than the answer";
const CALL: &str =
    "any call passes: the provider's tools are not known here; write `name` and `arguments`";

/// Assertions of promptfoo.
pub(in crate::import) const ASSERTIONS: &[Row] = &[
    row(&["contains"], Exact, "", How::Text("contains", true)),
    row(&["icontains"], Exact, "", How::Text("contains", false)),
    row(
        &["contains-any"],
        Exact,
        "",
        How::Texts("contains-any", true),
    ),
    row(
        &["icontains-any"],
        Exact,
        "",
        How::Texts("contains-any", false),
    ),
    row(
        &["contains-all"],
        Exact,
        "",
        How::Texts("contains-all", true),
    ),
    row(
        &["icontains-all"],
        Exact,
        "",
        How::Texts("contains-all", false),
    ),
    row(&["regex"], Exact, "", How::Regex),
    row(
        &["finish-reason"],
        Approximate,
        "compared in lower case, as servers write it",
        How::Reason,
    ),
    row(&["assert-set"], Exact, "", How::Set),
    row(&["equals"], Approximate, SPACES, How::Equals),
    row(
        &["starts-with"],
        Approximate,
        "white space before the answer does not count",
        How::Text("starts-with", true),
    ),
    row(
        &["is-json"],
        Approximate,
        "JSON in the answer's one fenced block counts as well",
        How::Json("is-json", "json-schema"),
    ),
    row(
        &["contains-json"],
        Approximate,
        "with a schema, any object or list that fits is enough; broken JSON is not mended",
        How::Json("contains-json", "contains-json"),
    ),
    row(
        &["is-xml"],
        Approximate,
        "a fenced block counts as well, and a document type is refused",
        How::Yes("is-xml"),
    ),
    row(
        &["contains-xml"],
        Approximate,
        "one well-formed element is enough",
        How::Yes("contains-xml"),
    ),
    row(
        &["is-html"],
        Approximate,
        "a fenced block counts as well; elements have to be known and closed",
        How::Yes("is-html"),
    ),
    row(
        &["contains-html"],
        Approximate,
        "an element of HTML with its end has to be there",
        How::Yes("contains-html"),
    ),
    row(
        &["is-sql"],
        Approximate,
        "a fenced block counts as well, and any dialect; which tables and columns are allowed is not looked at",
        How::Yes("is-sql"),
    ),
    row(
        &["contains-sql"],
        Approximate,
        "any fenced block and any dialect is enough; which tables and columns are allowed is not looked at",
        How::Yes("contains-sql"),
    ),
    row(
        &["is-refusal"],
        Approximate,
        "other phrases are known as a refusal",
        How::Yes("is-refusal"),
    ),
    row(
        &["word-count"],
        Approximate,
        "words are told apart by Unicode's rules, not by white space",
        How::Count("word-count"),
    ),
    row(
        &["levenshtein"],
        Approximate,
        SPACES,
        How::Like("levenshtein", "5"),
    ),
    row(
        &["rouge-n"],
        Approximate,
        "words are told apart in another way; the answer passes or not, without a share",
        How::Like("rouge-n", "0.75"),
    ),
    row(
        &["rouge-l"],
        Approximate,
        "words are told apart in another way; the answer passes or not, without a share",
        How::Like("rouge-l", "0.75"),
    ),
    row(
        &["bleu"],
        Approximate,
        "not smoothed; the answer passes or not, without a share",
        How::Like("bleu", "0.5"),
    ),
    row(
        &["gleu"],
        Approximate,
        "words are told apart in another way; the answer passes or not, without a share",
        How::Like("gleu", "0.5"),
    ),
    row(
        &["meteor"],
        Approximate,
        "without synonyms, so it is lower; the answer passes or not, without a share",
        How::Like("meteor", "0.5"),
    ),
    row(
        &["latency"],
        Approximate,
        "without queueing and retries, and in whole milliseconds",
        How::Most("latency"),
    ),
    row(
        &["cost"],
        Approximate,
        "by your `prices`, in their unit",
        How::Most("cost"),
    ),
    row(
        &[
            "is-valid-openai-tools-call",
            "is-valid-openai-function-call",
            "is-valid-function-call",
        ],
        Approximate,
        CALL,
        How::Call,
    ),
    row(
        &["tool-call-f1"],
        Approximate,
        "each tool that is named has to be called; further calls cost nothing",
        How::Calls,
    ),
    row(
        &["llm-rubric", "g-eval", "agent-rubric", "pi"],
        Approximate,
        JUDGED,
        How::Rubric(""),
    ),
    row(
        &["model-graded-closedqa"],
        Approximate,
        JUDGED,
        How::Rubric("The answer meets this criterion: "),
    ),
    row(
        &["factuality", "model-graded-factuality"],
        Approximate,
        JUDGED,
        How::Rubric("The facts of the answer agree with: "),
    ),
    row(
        &["search-rubric"],
        Approximate,
        "the text goes into the case's `rubric`; the judge searches nothing",
        How::Rubric(""),
    ),
    row(
        &["trajectory:goal-success"],
        Approximate,
        "the text goes into the case's `rubric`; the judge sees the answer, not its steps",
        How::Rubric("The answer reaches this goal: "),
    ),
    key(
        &["answer-relevance", "conversation-relevance"],
        NotTranslated,
        "let a judge grade `relevance`",
    ),
    key(
        &[
            "context-faithfulness",
            "context-recall",
            "context-relevance",
        ],
        NotTranslated,
        CONTEXT,
    ),
    key(&["javascript", "python", "ruby"], NotTranslated, CODE),
    key(
        &["webhook"],
        NotTranslated,
        "no address is opened; write what it tests as checks, or into the case's `rubric`",
    ),
    key(
        &[
            "similar",
            "similar:cosine",
            "similar:dot",
            "similar:euclidean",
        ],
        NotTranslated,
        EMBEDDED,
    ),
    key(
        &["classifier"],
        NotTranslated,
        "no classifier is asked; write what a judge should look at into the case's `rubric`",
    ),
    key(
        &["moderation", "guardrails", "perplexity", "perplexity-score"],
        NotTranslated,
        SERVED,
    ),
    key(&["rouge-s"], NotTranslated, "write `rouge-n` or `rouge-l`"),
    key(
        &[
            "skill-used",
            "trajectory:tool-used",
            "trajectory:tool-args-match",
            "trajectory:tool-sequence",
            "trajectory:step-count",
            "trace-span-count",
            "trace-span-duration",
            "trace-error-spans",
        ],
        NotTranslated,
        TRACED,
    ),
    key(
        &["select-best", "max-score"],
        NotTranslated,
        "answers are compared with the baseline's, not with one another",
    ),
    key(
        &["human"],
        NotTranslated,
        "`tunegate calibrate` reads the ratings of people",
    ),
];
