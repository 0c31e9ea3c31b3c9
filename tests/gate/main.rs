//! The gate as a reviewer meets it: the real binary, started as GitHub's runner starts it, between a GitHub and a
//! model server of our own. One file a story.
#![cfg(test)]

mod support {
    pub(crate) mod github;
    pub(crate) mod job;
    pub(crate) mod judge;
    pub(crate) mod laptop;
    #[expect(dead_code, reason = "tests/model_client.rs uses the rest of it")]
    pub(crate) mod model;
    pub(crate) mod world;
}

mod accepted;
mod again;
mod baseline;
mod by_hand;
mod cache;
mod calibration;
mod calls;
mod cases;
mod changed;
mod comment;
mod commenting;
mod data;
mod dimensions;
mod disk;
mod drift;
mod events;
mod faults;
mod folder;
mod forge;
mod forks;
mod history;
mod image;
mod imported;
mod inputs;
mod judge;
mod judge_beside;
mod judge_stops;
mod kinds;
mod links;
mod looks;
mod measured;
mod newcomer;
mod newest;
mod outage;
mod page;
mod pinned;
mod preflight;
mod proxy;
mod release;
mod rescore;
mod reuse;
mod rules;
mod runner;
mod scores;
mod shards;
mod since;
mod situations;
mod stopped;
mod store;
mod stumbles;
mod three_way;
mod tls;
mod told;
mod verdict;
mod words;
