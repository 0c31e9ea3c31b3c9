//! What else a configuration of promptfoo holds.

use super::{AGENTS, CODE, Row, TRACED, key};
use crate::import::report::Fidelity::{Approximate, Exact, NotTranslated};

const SHOWN: &str = "how results are stored and shown is not a part of a suite";
const ATTACKS: &str = "attacks are not made up here; write those that matter as cases";

/// Keys of a promptfoo configuration.
pub(in crate::import) const TOP_KEYS: &[Row] = &[
    key(
        &[
            "description",
            "prompts",
            "tests",
            "defaultTest",
            "scenarios",
            "assertionTemplates",
        ],
        Exact,
        "",
    ),
    key(&["providers", "targets"], NotTranslated, AGENTS),
    key(
        &["env", "envPath"],
        NotTranslated,
        "no variable is read; models and their keys stand in `tunegate.yaml`",
    ),
    key(
        &["evaluateOptions", "commandLineOptions"],
        NotTranslated,
        "`run` in `tunegate.yaml` says how often and how fast is asked",
    ),
    key(
        &[
            "outputPath",
            "sharing",
            "writeLatestResults",
            "metadata",
            "tags",
        ],
        NotTranslated,
        SHOWN,
    ),
    key(&["redteam"], NotTranslated, ATTACKS),
    key(
        &["extensions", "nunjucksFilters"],
        NotTranslated,
        "nothing is run; write what it makes into the file",
    ),
    key(
        &["derivedMetrics"],
        NotTranslated,
        "scores are not computed by formulas; `scoring.weights` weighs dimensions",
    ),
    key(&["tracing"], NotTranslated, TRACED),
];

/// Keys of a test of promptfoo.
pub(in crate::import) const TEST_KEYS: &[Row] = &[
    key(
        &["vars", "assert", "description", "options", "prompts"],
        Exact,
        "",
    ),
    key(
        &["threshold"],
        Approximate,
        "a case gets points for what passes; `gate` in `tunegate.yaml` says how many are enough",
    ),
    key(&["metadata"], Approximate, "as tags"),
    key(&["provider", "providers"], NotTranslated, AGENTS),
    key(
        &["providerOutput"],
        NotTranslated,
        "answers that are known are recordings; `tunegate run --record FILE` writes them",
    ),
    key(&["assertScoringFunction"], NotTranslated, CODE),
];

/// Keys of the options of a test of promptfoo.
pub(in crate::import) const OPTION_KEYS: &[Row] = &[
    key(
        &[
            "prefix",
            "suffix",
            "disableVarExpansion",
            "disableDefaultAsserts",
            "disableConversationVar",
            "runSerially",
        ],
        Exact,
        "",
    ),
    key(
        &["transform", "postprocess"],
        NotTranslated,
        "nothing is run, so the checks of what it makes are left out; test the answer itself",
    ),
    key(
        &["transformVars"],
        NotTranslated,
        "nothing is run; write the values into `vars`",
    ),
    key(
        &["storeOutputAs"],
        NotTranslated,
        "one case cannot name the answer to another",
    ),
    key(
        &["provider", "rubricPrompt"],
        NotTranslated,
        "the judge stands in `tunegate.yaml`, under `judge`",
    ),
];

/// Keys beside an assertion of promptfoo.
pub(in crate::import) const ASSERT_KEYS: &[Row] = &[
    key(
        &["type", "value", "threshold", "weight", "assert", "$ref"],
        Exact,
        "",
    ),
    key(
        &["metric"],
        Approximate,
        "a dimension of that name; a case's dimensions count alike",
    ),
    key(
        &["transform"],
        NotTranslated,
        "nothing is run, so the check of what it makes is left out; test the answer itself",
    ),
    key(&["contextTransform"], NotTranslated, CODE),
    key(
        &["provider", "rubricPrompt"],
        NotTranslated,
        "the judge stands in `tunegate.yaml`, under `judge`",
    ),
    key(
        &["config"],
        NotTranslated,
        "nothing here takes such settings",
    ),
];

/// What else a promptfoo file may hold.
pub(in crate::import) const PROMPTFOO: &[Row] = &[
    key(
        &[
            "not-",
            "prompts: chat messages",
            "vars: lists",
            "templates",
            "file://",
            "tests: CSV",
        ],
        Exact,
        "",
    ),
    key(
        &["templates with `if` or `for`"],
        Approximate,
        "an empty list is nothing, and 1 is not the text `1`",
    ),
    key(
        &["regex with \\d, \\w or \\b"],
        Approximate,
        "`\\d`, `\\w` and `\\b` know every script here",
    ),
    key(
        &["name without a value"],
        Approximate,
        "nothing is put in its place",
    ),
    key(
        &["assert-set with threshold"],
        Approximate,
        "all its points or none: as many members have to pass",
    ),
    key(
        &["several references"],
        Approximate,
        "the most like one counts",
    ),
    key(
        &["weight: 0"],
        NotTranslated,
        "a check has a weight above 0; without one it is only shown there",
    ),
    key(
        &["prompts: last message is the system's"],
        Approximate,
        "it is asked as the user's",
    ),
    key(
        &["prompts: functions"],
        NotTranslated,
        "nothing is run; write the prompt that comes out as text",
    ),
    key(
        &["tests: functions and addresses"],
        NotTranslated,
        "nothing is run and no address is opened; write the tests into a file",
    ),
    key(&["unknown"], NotTranslated, "this version does not know it"),
];
