//! The servers and recordings that answer questions. Turns HTTP into replies and named errors; whether a question is
//! asked again is the runner's business.

mod allowance;
mod body;
mod cache;
mod client;
mod complaint;
mod fault;
mod halves;
mod kept;
mod preflight;
mod replay;
mod request;
mod shaped;
mod stream;
mod wire;

pub use cache::Cache;
pub use client::{Client, ProviderError, ProviderSettings};
pub use preflight::{About, ModelCheck};
pub use replay::{RecordingError, Replay};

use crate::runner::{Ask, AskError, Reply};

/// Where answers come from.
#[derive(Debug)]
pub enum Provider {
    /// A server with an OpenAI-compatible chat API.
    OpenAi(Box<Client>),
    /// Answers that were recorded earlier.
    Replay(Replay),
}

impl Provider {
    /// Whether asking costs nothing, since the answer is kept or recorded.
    pub fn holds(&self, ask: &Ask) -> bool {
        match self {
            Self::OpenAi(client) => client.holds(ask),
            Self::Replay(_) => true,
        }
    }

    /// Asks once.
    pub async fn ask(&self, ask: &Ask) -> Result<Reply, AskError> {
        match self {
            Self::OpenAi(client) => client.ask(ask).await,
            Self::Replay(replay) => replay.ask(ask),
        }
    }
}
