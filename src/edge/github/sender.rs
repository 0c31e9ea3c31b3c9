//! What octocrab sends with: the client that models are asked with too, so that a proxy means the same for both.

use std::error::Error;

use octocrab::Octocrab;

use super::route::Origin;
use super::timing::Timing;
use crate::edge::http_client;

/// Paths are built elsewhere and octocrab gets the origin alone: it would put `/api/v3` before `/api/graphql`.
pub(super) fn octocrab(
    origin: &Origin,
    token: &str,
    timing: &Timing,
) -> Result<Octocrab, Box<dyn Error>> {
    let encrypted = origin.is_encrypted();
    let mut http = http_client(encrypted)
        .connect_timeout(timing.pause)
        .read_timeout(timing.pause);
    if !encrypted {
        // Such an address is one of this machine: a proxy would read the token.
        http = http.no_proxy();
    }
    let octocrab = Octocrab::builder()
        .base_uri(origin.to_string())?
        .personal_token(token);
    Ok(octocrab.build_with_reqwest(http.build()?)?)
}

/// What an error that comes from there is about. Two layers above it only say that there was one, and where.
pub(super) fn cause<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let mut at = Some(error);
    while let Some(here) = at {
        if here.is::<reqwest::Error>() {
            return here.source().unwrap_or(here);
        }
        at = here.source();
    }
    error
}
