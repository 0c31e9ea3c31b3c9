//! GitHub's prompt files, OpenAI's evals and graders.

use super::{AGENTS, CODE, EMBEDDED, FORM, JUDGED, Row, SPACES, key};
use crate::import::report::Fidelity::{Approximate, Exact, NotTranslated};

const IDEALS: &str = "the rows' own ideal answers; white space before the answer does not count";

/// A GitHub `.prompt.yml`.
pub(in crate::import) const PROMPT_YML: &[Row] = &[
    key(
        &[
            "name",
            "description",
            "messages",
            "testData",
            "evaluators",
            "{{variable}}",
            "string: contains",
        ],
        Exact,
        "",
    ),
    key(&["string: equals"], Approximate, SPACES),
    key(
        &["string: startsWith"],
        Approximate,
        "white space before the answer does not count",
    ),
    key(
        &["string: endsWith"],
        Approximate,
        "white space after the answer does not count",
    ),
    key(
        &["llm"],
        Approximate,
        "its prompt goes into the case's `rubric`; a judge that you configure grades from 0 to 10, without the choices",
    ),
    key(
        &["llm: modelId"],
        NotTranslated,
        "the judge of your configuration grades; name the model there",
    ),
    key(
        &["uses: github/similarity"],
        Approximate,
        "`expected` is the case's `reference`, and the rubric asks how near it is",
    ),
    key(
        &[
            "uses: github/fluency",
            "uses: github/coherence",
            "uses: github/relevance",
            "uses: github/groundedness",
        ],
        Approximate,
        JUDGED,
    ),
    key(
        &["uses"],
        NotTranslated,
        "such a plugin is not known; write what a judge should look at into the case's `rubric`",
    ),
    key(&["model", "modelParameters"], NotTranslated, AGENTS),
    key(&["responseFormat", "jsonSchema"], NotTranslated, FORM),
    key(&["unknown"], NotTranslated, "this version does not know it"),
];

/// Classes and arguments of OpenAI's evals.
pub(in crate::import) const EVALS: &[Row] = &[
    key(
        &[
            "Includes",
            "ignore_case",
            "samples_jsonl",
            "few_shot_jsonl",
            "task_description",
        ],
        Exact,
        "",
    ),
    key(&["Match", "MatchWithSolvers"], Approximate, IDEALS),
    key(
        &["FuzzyMatch"],
        Approximate,
        "the answer holds the ideal one, upper and lower case alike; punctuation and articles count",
    ),
    key(
        &["JsonMatch", "JsonValidator"],
        Approximate,
        "JSON in the answer's one fenced block counts as well",
    ),
    key(
        &["ModelBasedClassify"],
        Approximate,
        "the prompt of its `modelgraded_spec` goes into the case's `rubric`; a judge that you configure grades from 0 to 10, without the choices",
    ),
    key(
        &["last message is the system's"],
        Approximate,
        "it is asked as the user's",
    ),
    key(
        &["name of a message"],
        Approximate,
        "left out; the role stays",
    ),
    key(
        &["args"],
        NotTranslated,
        "this version does not know such an argument",
    ),
    key(
        &["class"],
        NotTranslated,
        "the class is code of its own; write what it tests as checks, or into the case's `rubric`",
    ),
    key(
        &["sample"],
        NotTranslated,
        "the row has no `input` with text, or no `ideal`",
    ),
];

/// OpenAI's graders.
pub(in crate::import) const GRADERS: &[Row] = &[
    key(
        &[
            "string_check: like",
            "string_check: ilike",
            "item templates",
        ],
        Exact,
        "",
    ),
    key(
        &["string_check: eq", "string_check: ne"],
        Approximate,
        SPACES,
    ),
    key(
        &["text_similarity: fuzzy_match"],
        Approximate,
        "as `levenshtein` with a share as `min`",
    ),
    key(
        &["text_similarity: bleu"],
        Approximate,
        "not smoothed; the answer passes or not",
    ),
    key(
        &["text_similarity: gleu", "text_similarity: rouge"],
        Approximate,
        "the answer passes or not",
    ),
    key(
        &["text_similarity: meteor"],
        Approximate,
        "without synonyms, so it is lower; the answer passes or not",
    ),
    key(&["text_similarity: cosine"], NotTranslated, EMBEDDED),
    key(
        &["text_similarity without `pass_threshold`"],
        Approximate,
        "0.5 is taken",
    ),
    key(&["score_model"], Approximate, JUDGED),
    key(
        &["label_model"],
        Approximate,
        "the text goes into the case's `rubric`; a judge that you configure grades from 0 to 10, without the labels",
    ),
    key(
        &["multi"],
        Approximate,
        "each member is a check of its own; `calculate_output` is not computed",
    ),
    key(&["python"], NotTranslated, CODE),
    key(
        &["endpoint"],
        NotTranslated,
        "no address is opened; write what it tests as checks, or into the case's `rubric`",
    ),
    key(
        &["input"],
        NotTranslated,
        "only `{{sample.output_text}}` is the answer here",
    ),
    key(
        &["data_source"],
        NotTranslated,
        "the rows are not in the file; write them under `data_source.source.content` as `{item: …}`",
    ),
    key(&["unknown"], NotTranslated, "this version does not know it"),
];
