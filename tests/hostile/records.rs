//! A run record that has something in every place, and somebody's words in every place that somebody else may fill.

use std::collections::BTreeMap;

use serde_json::json;
use tunegate::agent::{AgentName, Parameters};
use tunegate::corpus::{Code, FileAudit, Finding, FindingCount};
use tunegate::judge::{Grade, Grades, Vote};
use tunegate::policy::{Policy, Severity};
use tunegate::record::{
    Accepted, AfterMerge, Against, AgentChange, AgentRecord, AgentVerdict, Audit, CaseRecord,
    CaseText, Cause, CauseCode, Changes, Comparison, Counts, DataFile, DataRecord, Excluded,
    LatencyRecord, Method, Outcome, Overall, PairedCase, Reason, ReasonCode, RuleChange,
    RuleDirection, RunInfo, RunRecord, SCHEMA, SampleRecord, SampleStatus, SampleText,
    ScorerRecord, SelfTestRecord, Source as Commits, SpoilingRecord, Tool, UsageRecord, Verdict,
};
use tunegate::report::{Answers, Context, RunLine};
use tunegate::runner::Usage;
use tunegate::score::{CheckResult, Digest, Dimension, Loss, ToolCall};
use tunegate::self_test::Spoiling;
use tunegate::suite::{CaseId, Message, Role};

/// Where the words come from: the same ones again and again, so that each place sees each of them.
pub(crate) struct Source {
    texts: Vec<String>,
    next: usize,
    answers: Option<&'static str>,
}

impl Source {
    /// These words in turn.
    pub(crate) fn cycling(texts: Vec<String>) -> Self {
        Self {
            texts,
            next: 0,
            answers: None,
        }
    }

    /// Words that mean nothing to anybody.
    pub(crate) fn harmless() -> Self {
        Self::cycling(vec!["plain words".to_owned()])
    }

    /// The same words everywhere but in answers, which hold a word of their own.
    pub(crate) fn with_secret_answers(self, word: &'static str) -> Self {
        Self {
            answers: Some(word),
            ..self
        }
    }

    /// The next words.
    pub(crate) fn text(&mut self) -> String {
        let text = self.texts[self.next % self.texts.len()].clone();
        self.next += 1;
        text
    }

    fn answer(&mut self) -> String {
        let text = self.text();
        match self.answers {
            Some(word) => format!("{word} {text} {word}"),
            None => text,
        }
    }
}

/// A context with words of others in its banners, and with an old answer to each case of a record.
pub(crate) fn context(source: &mut Source, record: &RunRecord, answers: Answers) -> Context {
    let cases = record.agents.iter().flat_map(|agent| {
        let cases = agent.cases.iter();
        cases.map(|case| (agent.name.clone(), case.id.clone()))
    });
    let old_answers = cases.map(|case| (case, source.answer())).collect();
    Context {
        answers,
        run: RunLine {
            gate_id: "model-quality".to_owned(),
            run_id: "7".to_owned(),
            attempt: 1,
            head: "4f2c1ab".to_owned(),
            url: Some("https://github.example/acme/models/actions/runs/7".to_owned()),
        },
        banners: vec![source.text(), source.text()],
        old_answers,
        accepting: None,
    }
}

/// A record with four agents; names of agents are such as look like something else.
pub(crate) fn record(source: &mut Source, outcome: Outcome) -> RunRecord {
    let mut uncompared = touched_agent(source, "GH-12");
    uncompared.comparison = None;
    uncompared.not_compared = Some(source.text());
    let mut carried = touched_agent(source, "_1._");
    carried.touched = false;
    carried.comparison = None;
    carried.cases.clear();
    let agents = vec![
        touched_agent(source, "www.evil.example"),
        uncompared,
        touched_agent(source, "__a--b__"),
        carried,
    ];
    RunRecord {
        schema: SCHEMA.to_owned(),
        record_digest: String::new(),
        tool: Tool {
            version: source.text(),
        },
        created: "2026-11-02T03:04:05Z".to_owned(),
        gate_id: "model-quality".to_owned(),
        run: RunInfo {
            id: "7".to_owned(),
            attempt: 1,
            actor: Some(source.text()),
            report_only: (outcome == Outcome::Fail).then(|| source.text()),
            ..RunInfo::default()
        },
        source: Commits {
            branch: Some(source.text()),
            head_repo: Some(source.text()),
            event: source.text(),
            ..Commits::default()
        },
        policy: Policy::default(),
        policy_digest: String::new(),
        prices: json!({"currency": source.text()}),
        plan_digest: String::new(),
        shard: None,
        derived_from: None,
        accepted: vec![accepted(source)],
        kept_because: None,
        verdict: verdict(source, outcome),
        overall: Overall {
            score: Some(7.5),
            ..Overall::default()
        },
        agents,
        arms: Vec::new(),
        audit: audit(source),
        changes: changes(source),
        notices: vec![source.text(), source.text(), source.text()],
    }
}

/// Everything of it is of others but the agent's name.
fn accepted(source: &mut Source) -> Accepted {
    Accepted {
        agent: name("www.evil.example"),
        model: Some(source.text()),
        candidate_digest: Some(source.text()),
        by: source.text(),
        permission: source.text(),
        reason: source.text(),
        at: source.text(),
        until: source.text(),
        comment: Some(format!("https://{}", source.text())),
        commit: Some(source.text()),
    }
}

fn verdict(source: &mut Source, outcome: Outcome) -> Verdict {
    let codes = [
        ReasonCode::ModelLocatorChanged,
        ReasonCode::AgentRegressed,
        ReasonCode::TooManyUnanswered,
        ReasonCode::NotCompared,
        ReasonCode::SomeUnanswered,
    ];
    let reasons = codes.into_iter().enumerate().map(|(index, code)| Reason {
        code,
        agent: AgentName::new("www.evil.example"),
        message: source.text(),
        blocking: index < 3 && outcome != Outcome::Pass,
        accepted_by: (index == 3 || outcome == Outcome::Pass).then(|| source.text()),
    });
    Verdict {
        outcome,
        proven: false,
        reasons: reasons.collect(),
    }
}

fn changes(source: &mut Source) -> Changes {
    let codes = [
        CauseCode::ModelId,
        CauseCode::TrainingData,
        CauseCode::Doubt,
        CauseCode::Suite,
        CauseCode::Parameters,
        CauseCode::Rule,
    ];
    let because = codes.into_iter().map(|code| Cause {
        code,
        path: Some(source.text()),
        line: Some(12),
        old: Some(source.text()),
        new: Some(source.text()),
        detail: Some(source.text()),
        ..Cause::of(code)
    });
    let because = because.collect();
    let directions = [RuleDirection::Looser, RuleDirection::Other];
    let rules = directions.into_iter().map(|direction| RuleChange {
        key: source.text(),
        old: source.text(),
        new: source.text(),
        direction,
    });
    let rules = rules.collect();
    let reason = Reason {
        code: ReasonCode::AgentBelowFloor,
        agent: AgentName::new("www.evil.example"),
        message: source.text(),
        blocking: true,
        accepted_by: None,
    };
    Changes {
        rules,
        after_merge: Some(AfterMerge {
            outcome: Outcome::Fail,
            proven: false,
            reasons: vec![reason],
        }),
        agents: vec![AgentChange {
            name: name("www.evil.example"),
            because,
        }],
        ..Changes::default()
    }
}

fn audit(source: &mut Source) -> Audit {
    let path = source.text();
    Audit {
        files: vec![FileAudit {
            path: path.clone(),
            rows: 3,
            rows_added: 3,
            not_read: None,
            ..FileAudit::default()
        }],
        findings: vec![Finding {
            code: Code::Secret,
            severity: Severity::Fail,
            path: path.clone(),
            line: Some(1),
            agents: vec![name("www.evil.example")],
            message: source.text(),
            excerpt: Some(source.text()),
            advice: source.text(),
        }],
        counts: vec![FindingCount {
            code: Code::Secret,
            severity: Severity::Fail,
            path,
            new: 1,
            old: 1,
            ignored: 0,
        }],
    }
}

fn name(name: &str) -> AgentName {
    AgentName::new(name).unwrap()
}

/// An agent that failed, with three cases that got worse.
pub(crate) fn touched_agent(source: &mut Source, called: &str) -> AgentRecord {
    let mut cases: Vec<CaseRecord> = (0..3).map(|index| case(source, index)).collect();
    cases.extend((3..5).map(|index| CaseRecord {
        new: true,
        ..case(source, index)
    }));
    AgentRecord {
        name: name(called),
        model: source.text(),
        served_model: Some(source.text()),
        system_fingerprint: Some(source.text()),
        provider: source.text(),
        parameters: Parameters::default(),
        candidate_digest: source.text(),
        touched: true,
        arm: None,
        new: false,
        unchanged: false,
        measured: None,
        score: Some(4.0),
        interval: None,
        interval_level: None,
        spread: None,
        dimensions: dimensions(),
        verdict: AgentVerdict {
            outcome: Outcome::Fail,
            proven: false,
        },
        stored_outcome: None,
        floor: Some(8.0),
        suite_digest: source.text(),
        data: data(source),
        scorer: scorer(source),
        rescored: None,
        judge: None,
        calibration: None,
        self_test: Some(self_test(source)),
        looks: Vec::new(),
        comparison: Some(comparison(source, &cases)),
        not_compared: None,
        comparisons: Vec::new(),
        counts: Counts {
            planned: 3,
            cases: 3,
            samples: 3,
            scored: 3,
            ..Counts::default()
        },
        usage: UsageRecord {
            prompt_tokens: 10,
            completion_tokens: 20,
            cost: Some(0.01),
        },
        latency_ms: LatencyRecord::default(),
        part: None,
        cases,
    }
}

fn scorer(source: &mut Source) -> ScorerRecord {
    ScorerRecord {
        profile: source.text(),
        version: 1,
        weights: BTreeMap::new(),
        grader: None,
    }
}

fn self_test(source: &mut Source) -> SelfTestRecord {
    SelfTestRecord {
        cases: 3,
        max_drop: 0.5,
        spoilings: vec![SpoilingRecord {
            spoiling: Spoiling::Padded,
            tried: 3,
            noticed: 1,
            missed: vec![CaseId::new(source.text()), CaseId::new(source.text())],
        }],
    }
}

fn data(source: &mut Source) -> DataRecord {
    DataRecord {
        digest: Some(source.text()),
        files: vec![DataFile {
            path: source.text(),
            digest: source.text(),
            bytes: None,
        }],
        trained_on: Some(source.text()),
        ..DataRecord::default()
    }
}

fn comparison(source: &mut Source, cases: &[CaseRecord]) -> Comparison {
    let paired = |case: &CaseRecord| PairedCase {
        id: case.id.clone(),
        old: 9.0,
        new: 4.0,
        old_dimensions: case.dimensions.clone(),
        old_spread: None,
    };
    Comparison {
        against: Against::Baseline,
        baseline_commit: Some(source.text()),
        age_days: Some(3),
        baseline_model: Some(source.text()),
        baseline_score: 9.0,
        change: -5.0,
        interval: None,
        method: Method::PlainDifference,
        p_value: None,
        p_adjusted: None,
        p_sign_flip: None,
        pairs: 3,
        planned_pairs: None,
        excluded: vec![Excluded {
            id: CaseId::new(source.text()),
            why: source.text(),
        }],
        detectable_drop: None,
        rescored: None,
        cases: cases
            .iter()
            .filter(|case| case.gates())
            .map(paired)
            .collect(),
    }
}

/// Two of them are a suite's own, one of which looks like what it is not.
fn dimensions() -> BTreeMap<Dimension, f64> {
    let names = [
        Dimension::QUALITY,
        Dimension::FORMAT,
        Dimension::new("tone|@user #12"),
    ];
    names.into_iter().map(|name| (name, 4.0)).collect()
}

fn case(source: &mut Source, index: u32) -> CaseRecord {
    CaseRecord {
        id: CaseId::new(format!("{index}{}", source.text())),
        ask_digest: Digest::of(b"ask"),
        score_digest: Digest::of(b"score"),
        text: Some(Box::new(CaseText {
            messages: vec![
                Message {
                    role: Role::System,
                    content: source.text(),
                },
                Message {
                    role: Role::User,
                    content: source.text(),
                },
            ],
            expectation: json!({"keywords": [source.text()]}),
            tags: vec![source.text()],
        })),
        weight: 1.0,
        cluster: Some(source.text().into()),
        draft: false,
        new: false,
        score: Some(4.0),
        dimensions: dimensions().into_iter().collect(),
        samples: vec![sample(source)],
    }
}

fn sample(source: &mut Source) -> SampleRecord {
    let dimensions_lost = [
        Dimension::QUALITY,
        Dimension::FORMAT,
        Dimension::SPECIFICITY,
        Dimension::RELEVANCE,
    ];
    let lost = dimensions_lost.into_iter().map(|dimension| Loss {
        dimension,
        points: 3.0,
        why: source.text(),
    });
    let lost = lost.collect();
    SampleRecord {
        index: 0,
        look: 1,
        status: SampleStatus::Scored,
        text: Some(Box::new(SampleText {
            why: Some(source.text()),
            answer: Some(source.answer()),
            lost,
            checks: vec![CheckResult {
                kind: source.text(),
                pass: false,
                required: false,
                dimension: Dimension::QUALITY,
                what: source.text(),
            }],
            judge: Some(Box::new(graded(source))),
            finish_reason: Some(source.text()),
            tool_calls: vec![ToolCall {
                name: source.text(),
                arguments: source.text(),
            }],
        })),
        answer_sha256: Some(Digest::of(b"answer")),
        score: Some(4.0),
        dimensions: dimensions().into_iter().collect(),
        latency_ms: Some(812),
        attempts: 1,
        usage: None,
        cost: None,
        cached: false,
        reused: false,
    }
}

fn graded(source: &mut Source) -> Grades {
    let grade = Grade {
        points: 4.0,
        why: source.text(),
    };
    let vote = Vote {
        vote: 0,
        grades: [(Dimension::QUALITY, grade)].into_iter().collect(),
        unreadable: Some(source.text()),
        reply: Some(source.text()),
        finish_reason: Some(source.text()),
        again: true,
        cached: false,
        usage: Usage::default(),
    };
    Grades {
        question: Digest::of(b"question"),
        votes: vec![vote],
        usage: Usage::default(),
        cost: None,
    }
}
