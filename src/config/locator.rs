//! Where a model ID stands: in the configuration, or in a file that is read in one of three ways.

use regex::RegexBuilder;

use super::agents::inside;
use super::raw::RawLocator;
use crate::agent::{ModelLocator, model_id};
use crate::problem::shown;
use crate::yaml::{Pointer, Spot};

pub(super) fn locator(spot: &Spot<'_>, raw: RawLocator) -> Option<ModelLocator> {
    let refuse = |message: &str| {
        spot.report(message);
        None
    };
    match (
        spot.has("id"),
        spot.has("file"),
        spot.has("pointer"),
        spot.has("pattern"),
    ) {
        (true, true, ..) => {
            return refuse("a model ID stands in `id` or in `file`, here are both; keep one");
        }
        (false, false, ..) => {
            return refuse("nothing says where the model ID stands; add `id` or `file`");
        }
        (_, _, true, true) => {
            return refuse("`pointer` and `pattern` both look into the file; keep one");
        }
        (true, _, true, _) | (true, _, _, true) => {
            return refuse(
                "`pointer` and `pattern` look into a `file`, here is an `id`; remove them",
            );
        }
        (true, false, false, false) | (false, true, _, _) => {}
    }
    if let Some(id) = raw.id {
        let id = model_id(&id).map_err(|error| spot.child("id").report(error.to_string()));
        return id.ok().map(ModelLocator::Id);
    }
    let path = inside(&spot.child("file"), &raw.file?);
    match (raw.pointer, raw.pattern) {
        (Some(pointer), _) => {
            let valid = Pointer::new(&pointer).map_err(|why| spot.child("pointer").report(why));
            valid
                .ok()
                .and(path)
                .map(|path| ModelLocator::Pointer { path, pointer })
        }
        (None, Some(pattern)) => {
            let pattern = pattern_of(&spot.child("pattern"), &pattern);
            pattern
                .zip(path)
                .map(|(pattern, path)| ModelLocator::Pattern { path, pattern })
        }
        (None, None) if spot.has("pointer") || spot.has("pattern") => None,
        (None, None) => path.map(|path| ModelLocator::File { path }),
    }
}

fn pattern_of(spot: &Spot<'_>, pattern: &str) -> Option<regex::Regex> {
    let regex = match RegexBuilder::new(pattern).size_limit(1 << 20).build() {
        Ok(regex) => regex,
        Err(error) => {
            let reason = crate::suite::pattern_error(&error);
            spot.report(format!(
                "pattern `{}` does not compile: {reason}",
                shown(pattern)
            ));
            return None;
        }
    };
    let groups = regex.captures_len() - 1;
    if groups != 1 {
        let message = format!(
            "the pattern has {groups} capture groups; put parentheses around the model ID alone, and write `(?:…)` for others"
        );
        spot.report(message);
        return None;
    }
    Some(regex)
}
