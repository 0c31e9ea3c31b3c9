//! tunegate: a merge gate for fine-tuned language models.
//!
//! The modules are the rooms of a straight pipeline, listed in the order in which data walks through them. A room may
//! name only the rooms above it; `tests/architecture.rs` holds that order.
//!
//! | room | decides | touches the world |
//! |---|---|---|
//! | [`problem`] | how problems in people's files are placed and worded | no |
//! | [`yaml`] | YAML and JSON with places, safely read | no |
//! | [`figures`] | how numbers are written for people | no |
//! | [`stats`] | plausible ranges of means | no |
//! | [`score`] | was one answer good, and where did it lose points | no |
//! | [`suite`] | what is asked: cases and their expectations | no |
//! | [`agent`] | what is tested: model ID, system prompt, parameters | no |
//! | [`calibration`] | how far scores agree with people | no |
//! | [`self_test`] | would a suite notice bad answers | no |
//! | [`policy`] | the gate's rules, as data | no |
//! | [`corpus`] | what a row of training data is, which rows a change adds, what is wrong with them | no (reads what is opened) |
//! | [`runner`] | asking with bounded concurrency, retries, budget, deadline | no (takes a closure) |
//! | [`judge`] | what a model that grades is asked, and what its reply comes to | no |
//! | [`record`] | what was measured and concluded; the thing stored, compared and shown | no |
//! | [`change`] | which agents a pull request touches, and why | no |
//! | [`baseline`] | pairs a record with an earlier one, like with like | no |
//! | [`verdict`] | pass, fail or could not measure; the only place that says so | no |
//! | [`report`] | the documents people read | no |
//! | [`edge`] | disk, git, model APIs, GitHub; decides nothing | yes |
//! | [`config`] | `tunegate.yaml` into the types above | no |
//! | [`starter`] | what a repository holds already, and the files a team starts with | no (reads what is opened) |
//! | [`import`] | what files of other tools ask and expect, as a suite, and what of them is lost | no (reads what is opened) |
//! | [`gate`] | the pipeline: the only place where core and edge meet | through `edge` |
//! | [`cli`] | arguments and environment into gate settings | standard streams, environment |

pub mod agent;
pub mod baseline;
pub mod calibration;
pub mod change;
pub mod cli;
pub mod config;
pub mod corpus;
pub mod edge;
pub mod figures;
pub mod gate;
pub mod import;
pub mod judge;
pub mod policy;
pub mod problem;
pub mod record;
pub mod report;
pub mod runner;
pub mod score;
pub mod self_test;
pub mod starter;
pub mod stats;
pub mod suite;
pub mod verdict;
pub mod yaml;
