//! What is known of other tools' files, and how well it is translated: one table for the translation and for the
//! documentation.

mod assertions;
mod keys;
mod others;

pub(super) use assertions::ASSERTIONS;
pub(super) use keys::{ASSERT_KEYS, OPTION_KEYS, PROMPTFOO, TEST_KEYS, TOP_KEYS};
pub(super) use others::{EVALS, GRADERS, PROMPT_YML};

use super::Format;
use super::report::Fidelity;

/// How an assertion becomes a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// A text; whether upper and lower case are told apart.
    Text(&'static str, bool),
    /// A list of texts; the same.
    Texts(&'static str, bool),
    Equals,
    Regex,
    /// With a schema another check than without.
    Json(&'static str, &'static str),
    Yes(&'static str),
    Count(&'static str),
    /// Likeness with the threshold where none is written.
    Like(&'static str, &'static str),
    Most(&'static str),
    Reason,
    Call,
    Calls,
    /// Words before the text in the case's rubric.
    Rubric(&'static str),
    Set,
    Nothing,
}

/// Things that other files hold, of which one is to be said.
pub(super) struct Row {
    pub(super) names: &'static [&'static str],
    pub(super) fidelity: Fidelity,
    pub(super) note: &'static str,
    pub(super) how: How,
}

const fn row(
    names: &'static [&'static str],
    fidelity: Fidelity,
    note: &'static str,
    how: How,
) -> Row {
    Row {
        names,
        fidelity,
        note,
        how,
    }
}

const fn key(names: &'static [&'static str], fidelity: Fidelity, note: &'static str) -> Row {
    row(names, fidelity, note, How::Nothing)
}

const JUDGED: &str =
    "the text goes into the case's `rubric`; a judge that you configure grades by it";
const CODE: &str = "nothing is run; write what it tests as checks, or into the case's `rubric`";
const EMBEDDED: &str = "no embeddings are asked for; write `rouge-l`, `meteor` or a `rubric`";
const TRACED: &str = "an answer has no trace here; `tool-call` tests the calls of one answer";
const SPACES: &str = "white space around the answer does not count";
const AGENTS: &str =
    "models, parameters and keys stand in `tunegate.yaml`, under `agents` and `providers`";
const FORM: &str =
    "`parameters.extra` of the agent asks for a form; a `json-schema` check tests it";

/// Whether a note is about how something is asked: that never is why nothing is asked.
pub(super) fn is_about_agents(note: &str) -> bool {
    [AGENTS, FORM].contains(&note)
}

/// The row of a name.
pub(super) fn find<'r>(rows: &'r [Row], name: &str) -> Option<&'r Row> {
    rows.iter().find(|row| row.names.contains(&name))
}

type Named = (&'static str, &'static [Row]);

/// All rows of a format, each part with what stands before its names.
pub(super) const fn parts(format: Format) -> &'static [Named] {
    match format {
        Format::Promptfoo => &[
            ("", PROMPTFOO),
            ("", TOP_KEYS),
            ("test: ", TEST_KEYS),
            ("options: ", OPTION_KEYS),
            ("beside an assertion: ", ASSERT_KEYS),
            ("assert: ", ASSERTIONS),
        ],
        Format::PromptYml => &[("", PROMPT_YML)],
        Format::OpenAiEvals => &[("", EVALS)],
        Format::OpenAiGrader => &[("", GRADERS)],
    }
}
