//! Decides how much of a response is read: an answer whole or not at all, a complaint as far as it comes.

use reqwest::Response;

/// No honest answer is longer; reading stops here. Each request in flight may hold so much.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// Of what is said beside an error status, so much is read.
const LARGEST_COMPLAINT: usize = 64 * 1024;

/// Why an answer was not read to its end.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is longer than so many MiB.
    TooLong(usize),
    /// The connection broke, or the time was over.
    Broken(reqwest::Error),
}

/// The whole body of a success.
pub(super) async fn answer(response: &mut Response) -> Result<Vec<u8>, Unread> {
    let too_long = Unread::TooLong(LARGEST_ANSWER / 1024 / 1024);
    let declared = response.content_length().unwrap_or(0);
    if usize::try_from(declared).map_or(true, |length| length > LARGEST_ANSWER) {
        return Err(too_long);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Unread::Broken)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(too_long);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What is said beside an error status: the status decides, whatever becomes of its body.
pub(super) async fn complaint(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= LARGEST_COMPLAINT {
            body.truncate(LARGEST_COMPLAINT);
            break;
        }
    }
    body
}
