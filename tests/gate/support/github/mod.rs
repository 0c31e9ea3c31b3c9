//! A GitHub for tests: real git objects, the few endpoints that the gate uses, and faults on demand.
//!
//! State instead of scripted replies: a test sets a scene, runs the gate, and asks what the scene is
//! now. Every request and every reply is held to GitHub's published description (`tests/contract`),
//! and an endpoint that the fake lacks, a misspelt field or a fault that never happened fails the test
//! at its end. `history` and `git` are the repository, `routes` the endpoints, `faults` what goes
//! wrong, `events` the payloads that start a run, `hub` the test's hand on all of it.
#![cfg(test)]

mod contract;
mod description;
mod diff;
mod events;
mod examples;
mod faults;
mod git;
mod history;
mod hub;
mod routes;
mod schema;
mod server;
mod state;
mod wire;

mod tests;

use std::convert::Infallible;
use std::net::TcpListener;
use std::ops::Deref;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub(crate) use events::Event;
pub(crate) use faults::{Fault, On};
pub(crate) use history::{Change, Repository};
pub(crate) use hub::Hub;
pub(crate) use state::{Comment, HeadRepository, Permission, TokenKind};
pub(crate) use wire::Recorded;

/// A GitHub on a free port of this machine, until it is dropped. What can be done with it is in [`Hub`].
pub(crate) struct FakeGitHub {
    hub: Hub,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeGitHub {
    /// Serves the repository as github.com would: the API at the root of its host.
    pub(crate) fn start(repository: Repository) -> Self {
        Self::start_under("", repository)
    }

    /// Serves it as an Enterprise Server would: the API under a prefix, `/api/v3`.
    pub(crate) fn start_under(prefix: &'static str, repository: Repository) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let api = format!("http://{}{prefix}", listener.local_addr().unwrap());
        let place = examples::Place {
            api,
            full_name: repository.full_name().to_owned(),
        };
        let hub = Hub::new(state::State::new(repository, place, prefix));
        let (stop, stopped) = oneshot::channel();
        let serving = hub.clone();
        let thread = std::thread::spawn(move || server::serve(listener, serving, stopped));
        Self {
            hub,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Panics with everything that broke the contract, by the client, by the fake, or by the test's own plan.
    pub(crate) fn verify(&self) {
        let violations = self.take_violations();
        assert!(
            violations.is_empty(),
            "the contract with GitHub is broken:\n  {}",
            violations.join("\n  ")
        );
    }
}

impl Deref for FakeGitHub {
    type Target = Hub;

    fn deref(&self) -> &Hub {
        &self.hub
    }
}

impl Drop for FakeGitHub {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Joined, so that the repository's directory is not removed under a running git.
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(!matches!(ended, Some(Err(_))), "the fake's server panicked");
            self.verify();
        }
    }
}
