//! Values that are lists stand for one test each, as promptfoo reads them.

use serde_json::Value;

use super::test::Test;
use crate::import::template::Vars;

/// Combinations of one test.
const MOST: usize = 5_000;

/// Each combination of the values of a test, the last list turning first.
pub(super) fn combinations(test: &Test) -> Result<Vec<Vars>, String> {
    let mut all = vec![test.vars.clone()];
    if test.option("disableVarExpansion") == Some(&Value::Bool(true)) {
        return Ok(all);
    }
    for (name, value) in &test.vars {
        let Value::Array(items) = value else { continue };
        // As promptfoo has it, a list that does not start with a text is one value.
        if !items.first().is_some_and(Value::is_string) {
            continue;
        }
        let count = all.len().saturating_mul(items.len());
        if count > MOST || test.is_too_large(count) {
            return Err(format!(
                "its lists of values come to more than {MOST} combinations, or 256 MB; write the tests that matter"
            ));
        }
        all = all
            .iter()
            .flat_map(|vars| {
                items.iter().map(|item| {
                    let mut vars = vars.clone();
                    vars.insert(name.clone(), item.clone());
                    vars
                })
            })
            .collect();
    }
    Ok(all)
}
