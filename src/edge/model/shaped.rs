//! A client that tells a server the schema of the reply that it wants, until the server refuses that.

use std::sync::atomic::Ordering;

use super::client::Client;
use super::request::{Request, Shape};
use crate::runner::{Ask, AskError, Reply};

impl Client {
    pub(super) const fn question<'a>(&'a self, ask: &'a Ask, shape: Shape) -> Request<'a> {
        Request {
            ask,
            seed_key: self.seed_key,
            extra: &self.extra_body,
            shape,
        }
    }

    /// Makes one request. A server that refuses one with the schema of its reply is asked without, now and from then on.
    pub(super) async fn request(&self, ask: &Ask) -> Result<Reply, AskError> {
        if ask.grading.is_none() || self.shapeless.load(Ordering::Relaxed) {
            return self.request_as(ask, Shape::NotTold).await;
        }
        match self.request_as(ask, Shape::Told).await {
            Err(AskError::Question { .. }) => {
                let reply = self.request_as(ask, Shape::NotTold).await?;
                self.shapeless.store(true, Ordering::Relaxed);
                Ok(reply)
            }
            other => other,
        }
    }
}
