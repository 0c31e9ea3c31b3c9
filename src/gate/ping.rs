//! One tiny question to each agent: does its address answer, is the key right, does the model exist?

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Files, Plan, PlannedAgent, Providers, Secrets, Variables};
use crate::agent::AgentName;
use crate::config::Config;
use crate::edge::model::Provider;
use crate::runner::{Ask, AskError};
use crate::score::Expectation;
use crate::suite::{Case, CaseId, Message, Role};

/// What is asked. The answer is not looked at.
const QUESTION: &str = "Reply with the one word OK.";

/// Tokens of the answer, where the agent bounds them at all: a server that wants another key for that is asked without.
const TOKENS: u32 = 16;

/// What became of the question to one agent.
#[derive(Debug)]
pub struct Ping {
    /// The agent.
    pub agent: AgentName,
    /// Who answers for it.
    pub provider: String,
    /// Its model ID.
    pub model: String,
    /// How it went.
    pub pong: Pong,
}

/// How it went.
#[derive(Debug)]
pub enum Pong {
    /// It answered after this time.
    Answered {
        /// Wall time of the request.
        latency: Option<Duration>,
        /// The model that the server says answered.
        served_model: Option<String>,
    },
    /// Its answers are recorded: there is nobody to ask.
    Recorded,
    /// It did not, and why.
    Silent(String),
}

/// Asks each agent of a plan once, one after the other.
pub async fn ping(
    plan: &Plan,
    config: &Config,
    files: &Files<'_>,
    variables: Variables<'_>,
) -> Vec<Ping> {
    let mut pings = Vec::with_capacity(plan.agents.len());
    for planned in &plan.agents {
        let name = planned.agent.provider.as_str();
        let wanted = BTreeSet::from([name]);
        let providers = Providers::prepare(config, &wanted, files, variables, Secrets::Local).await;
        let pong = match providers {
            Ok(providers) => asked(planned, &providers).await,
            Err(why) => Pong::Silent(why.to_string()),
        };
        pings.push(Ping {
            agent: planned.agent.name.clone(),
            provider: name.to_owned(),
            model: planned.candidate.model.clone(),
            pong,
        });
    }
    pings
}

async fn asked(planned: &PlannedAgent, providers: &Providers) -> Pong {
    let provider = match providers.get(&planned.agent.provider) {
        Ok(Provider::Replay(_)) => return Pong::Recorded,
        Ok(provider) => provider,
        Err(why) => return Pong::Silent(why.to_string()),
    };
    match provider.ask(&question(planned)).await {
        Ok(reply) => Pong::Answered {
            latency: reply.latency,
            served_model: reply.served_model,
        },
        Err(AskError::Hopeless(refusal)) => Pong::Silent(refusal.to_string()),
        Err(
            AskError::Passing { why, .. }
            | AskError::Question { why }
            | AskError::NoRecording { why },
        ) => Pong::Silent(why),
    }
}

fn question(planned: &PlannedAgent) -> Ask {
    let mut candidate = planned.candidate.clone();
    let bound = &mut candidate.parameters.max_tokens;
    *bound = bound.map(|most| most.min(TOKENS));
    let case = Case {
        id: CaseId::new("ping"),
        messages: vec![Message {
            role: Role::User,
            content: QUESTION.to_owned(),
        }],
        expectation: Expectation::default(),
        tags: Vec::new(),
        weight: 1.0,
        cluster: None,
        draft: true,
    };
    Ask {
        agent: planned.agent.name.clone(),
        case: Arc::new(case),
        sample: 1,
        candidate: Arc::new(candidate),
        grading: None,
    }
}

impl Ping {
    /// Whether something has to be mended before a run.
    pub const fn failed(&self) -> bool {
        matches!(self.pong, Pong::Silent(_))
    }
}
