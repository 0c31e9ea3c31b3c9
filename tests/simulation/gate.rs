//! The gate's own pipeline on made-up answers: tally, pairing, verdict.

use serde_json::json;
use tunegate::baseline::{Other, compare};
use tunegate::policy::Policy;
use tunegate::record::{Against, AgentRecord, Outcome, RunRecord, overall};
use tunegate::score::Digest;
use tunegate::verdict::decide;

use super::generator::{Models, Random, Truth};

/// The truths of the published table, in its order.
pub(crate) const TRUTHS: [Truth; 7] = [
    Truth::Everywhere(0.0),
    Truth::Everywhere(0.25),
    Truth::Everywhere(0.5),
    Truth::Everywhere(0.75),
    Truth::Everywhere(1.0),
    Truth::Somewhere(0.5),
    Truth::Somewhere(1.0),
];

/// How many prompts there are, and how often each side answers each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) prompts: usize,
    pub(crate) old: usize,
    pub(crate) new: usize,
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Proven,
    NotProven,
    Fail,
}

/// A gate with one agent, ready to be filled with answers.
pub(crate) struct Gate {
    policy: Policy,
    record: RunRecord,
    old: AgentRecord,
}

impl Gate {
    pub(crate) fn new(size: Size) -> Self {
        let record = record(size.prompts, size.new);
        Self {
            // The rule of newly failed cases asks again before it counts, which nobody does here.
            policy: Policy {
                max_newly_failed: u32::MAX,
                ..Policy::default()
            },
            old: record_of(size.prompts, size.old),
            record,
        }
    }

    /// One pull request: new answers of both models to new prompts.
    pub(crate) fn judge(&mut self, models: &Models, random: &mut Random, size: Size) -> Said {
        let answers = (0..size.prompts).map(|_| models.answers(random, (size.old, size.new)));
        let (old, new): (Vec<_>, Vec<_>) = answers.unzip();
        self.decide(&old, &new)
    }

    /// The verdict on these scores of each answer to each prompt.
    pub(crate) fn decide(&mut self, old: &[Vec<f64>], new: &[Vec<f64>]) -> Said {
        let Some(agent) = self.record.agents.first_mut() else {
            panic!("there is one agent");
        };
        fill(agent, new);
        fill(&mut self.old, old);
        let other = Other {
            against: Against::Baseline,
            agent: &self.old,
            commit: None,
            created: "2026-10-30T12:00:00Z",
            rescored: None,
        };
        agent.comparison = Some(compare(agent, &other, "2026-11-02T12:00:00Z").unwrap());
        self.record.overall = overall(&self.record.agents);
        let decided = decide(&self.policy, &self.record).verdict;
        match (decided.outcome, decided.proven) {
            (Outcome::Pass, true) => Said::Proven,
            (Outcome::Pass, false) => Said::NotProven,
            (Outcome::Fail, _) => Said::Fail,
            other => panic!("{other:?}"),
        }
    }
}

fn fill(agent: &mut AgentRecord, scores: &[Vec<f64>]) {
    for (case, scores) in agent.cases.iter_mut().zip(scores) {
        for (sample, score) in case.samples.iter_mut().zip(scores) {
            sample.score = Some(*score);
        }
    }
    agent.tally();
}

/// Of so many pull requests, the shares that were proven to hold, that were not proven, and that failed, in percent.
pub(crate) fn shares(models: &Models, size: Size, runs: u32, seed: u64) -> [f64; 3] {
    let mut random = Random::seeded(seed);
    let mut gate = Gate::new(size);
    let mut counts = [0_u32; 3];
    for _ in 0..runs {
        let place = match gate.judge(models, &mut random, size) {
            Said::Proven => 0,
            Said::NotProven => 1,
            Said::Fail => 2,
        };
        counts[place] += 1;
    }
    counts.map(|count| 100.0 * f64::from(count) / f64::from(runs))
}

fn record_of(prompts: usize, samples: usize) -> AgentRecord {
    record(prompts, samples).agents.remove(0)
}

/// A record of one agent that has no floor, without scores. No two answers are the same bytes.
pub(crate) fn record(prompts: usize, samples: usize) -> RunRecord {
    let sample = |case: usize, index: usize| {
        json!({
            "index": index, "look": 1, "status": "scored", "why": null, "answer": null,
            "answer_sha256": Digest::of(format!("{case} {index}").as_bytes()), "score": 0.0, "dimensions": {}, "lost": [],
            "checks": [], "judge": null, "finish_reason": "stop", "latency_ms": 1, "attempts": 1, "usage": null, "cached": false,
        })
    };
    let case = |id: usize| {
        json!({
            "id": format!("case-{id:05}"), "ask_digest": Digest::of(b"ask"), "score_digest": Digest::of(b"score"), "messages": [],
            "expectation": {}, "tags": [], "weight": 1.0, "score": null, "dimensions": {},
            "samples": (0..samples).map(|index| sample(id, index)).collect::<Vec<_>>(),
        })
    };
    let agent = json!({
        "name": "qa", "model": "m", "served_model": null, "provider": "p", "parameters": {}, "candidate_digest": "",
        "touched": true, "score": null, "interval": null, "interval_level": null, "dimensions": {},
        "verdict": {"outcome": "pass", "proven": false}, "floor": null, "suite_digest": "",
        "data": {"digest": null, "files": [], "trained_on": null}, "scorer": {"profile": "standard", "version": 1},
        "judge": null, "looks": [], "comparison": null, "comparisons": [],
        "counts": {"planned": 0, "cases": 0, "samples": 0, "scored": 0, "unanswered": 0, "unscored": 0, "retries": 0, "cached": 0, "reused": 0},
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": null}, "latency_ms": {"p50": null, "p95": null},
        "cases": (0..prompts).map(case).collect::<Vec<_>>(),
    });
    serde_json::from_value(json!({
        "schema": "tunegate.run/1", "tool": {"version": "0"}, "created": "2026-11-02T12:00:00Z", "gate_id": "g",
        "run": {"id": "1", "attempt": 1, "url": null, "actor": null, "workflow_ref": null, "started": "", "finished": ""},
        "source": {"commit": null, "base": null, "merge_base": null, "branch": null, "head_repo": null, "event": "push", "pull_request": null},
        "policy": {}, "policy_digest": "", "prices": {}, "plan_digest": "", "shard": null, "derived_from": null, "accepted": [],
        "verdict": {"outcome": "pass", "proven": false, "reasons": []},
        "overall": {"score": null, "interval": null, "baseline": null, "change": null, "dimensions": {}},
        "agents": [agent], "audit": {"files": [], "findings": []}, "changes": {"agents": [], "rules": []},
    }))
    .unwrap()
}
