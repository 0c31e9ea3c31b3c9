//! `tunegate explain`: what a code means, with an example and what to do.

use clap::Args;

use super::{Common, Ending};
use crate::gate::GateError;
use crate::problem::{nearest, shown};
use crate::report::explain::{codes, explained};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A code of a reason or of a finding, as `agent-regressed`; without one, all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let Some(code) = &arguments.code else {
        return Ok(Ending::printed(list(common.json), 0));
    };
    let Some(page) = explained(code) else {
        let near = nearest(code, codes());
        let advice = near.map_or_else(
            || "`tunegate explain` lists all".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let code = shown(code);
        return Err(GateError::Usage(format!("no code is `{code}`; {advice}")));
    };
    let text = if common.json {
        format!("{}\n", serde_json::json!(page))
    } else {
        page.in_words()
    };
    Ok(Ending::printed(text, 0))
}

fn list(json: bool) -> String {
    if json {
        let all: Vec<_> = codes().filter_map(explained).collect();
        return format!("{}\n", serde_json::json!(all));
    }
    codes().flat_map(|code| [code, "\n"]).collect()
}
