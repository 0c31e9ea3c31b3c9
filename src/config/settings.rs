//! What the configuration says besides agents and the gate's rules, as the stages want it; defaults are here.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::yaml;

const DAY: Duration = Duration::from_hours(24);

/// Who answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Provider {
    /// An OpenAI-compatible chat API.
    OpenAi(OpenAi),
    /// Recorded answers.
    Replay {
        /// The folder of recordings, relative to the repository's root.
        path: String,
    },
}

/// An OpenAI-compatible chat API.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenAi {
    /// `http` or `https`, without credentials, query and trailing slash.
    pub base_url: String,
    /// The name of the variable that holds the key.
    pub api_key_env: Option<String>,
    /// Extra headers.
    pub headers: BTreeMap<String, String>,
    /// Merged into the body of each request.
    pub extra_body: serde_json::Map<String, serde_json::Value>,
    /// Questions in flight at once, to start with.
    pub concurrency: u32,
    /// The most requests a second.
    pub requests_per_second: Option<f64>,
    /// The most tokens a minute.
    pub tokens_per_minute: Option<u64>,
}

/// How a run asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Samples of each case.
    pub samples: u32,
    /// Cumulative sample counts of looks, ascending; empty where `samples` says how many.
    pub looks: Vec<u32>,
    /// What a run may cost, in the currency of the prices.
    pub budget_cost: Option<f64>,
    /// The tokens a run may use.
    pub budget_tokens: Option<u64>,
    /// When a run gives up.
    pub deadline: Duration,
    /// How often a question is asked again after a passing failure.
    pub retries: u32,
    /// The wait before the first retry; later ones wait longer.
    pub retry_delay: Duration,
    /// How long one question may take.
    pub timeout: Duration,
    /// The folder that keeps answers from run to run, relative to the repository's root.
    pub cache: Option<String>,
    /// The most bytes that the folder of answers may hold.
    pub cache_size: u64,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            samples: 1,
            looks: Vec::new(),
            budget_cost: None,
            budget_tokens: None,
            deadline: Duration::from_mins(20),
            retries: 4,
            retry_delay: Duration::from_millis(500),
            timeout: Duration::from_mins(1),
            cache: None,
            cache_size: 256_000_000,
        }
    }
}

/// Where baselines are kept and what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// Where they are kept.
    pub store: Store,
    /// The branches whose pushes may become the baseline, as globs.
    pub branches: Vec<String>,
    /// Whether the old model is always asked again.
    pub mode: BaselineMode,
    /// A record that is compared with besides the newest one.
    pub pinned: Option<String>,
    /// Whether answers are kept.
    pub answers: KeptAnswers,
}

impl Baseline {
    /// Whether a push to this branch may become the baseline.
    pub fn takes(&self, branch: &str) -> bool {
        // A glob that does not compile was refused when the configuration was read.
        let matches = |glob: &String| yaml::glob(glob).is_ok_and(|glob| glob.is_match(branch));
        self.branches.iter().any(matches)
    }
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            store: Store::Branch("tunegate-data".into()),
            branches: vec!["main".into()],
            mode: BaselineMode::Stored,
            pinned: None,
            answers: KeptAnswers::Auto,
        }
    }
}

/// Where baselines are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// A branch of the repository.
    Branch(String),
    /// A folder, relative to the repository's root.
    Path(String),
}

/// Whether the old model is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineMode {
    /// Its stored record is used.
    Stored,
    /// It is asked in the same run.
    Measure,
}

/// Whether a stored baseline keeps answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeptAnswers {
    /// In private repositories answers, in public ones digests.
    Auto,
    /// Answers.
    Keep,
    /// Digests only.
    Digests,
}

/// What `verify` asks of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The oldest record that still counts.
    pub max_age: Duration,
    /// Whether the record has to be proven: every bound holds, not only the measured values.
    pub require_proven: bool,
    /// Whether the record has to be attested.
    pub require_attestation: bool,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            max_age: DAY.saturating_mul(30),
            require_proven: true,
            require_attestation: false,
        }
    }
}

/// Who may accept a worse model, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The least permission.
    pub permission: Permission,
    /// How long an acceptance holds.
    pub expires: Duration,
}

impl Default for Accept {
    fn default() -> Self {
        Self {
            permission: Permission::Maintain,
            expires: DAY.saturating_mul(30),
        }
    }
}

/// A permission on the repository.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// May push.
    Write,
    /// May push and manage.
    Maintain,
    /// May do everything.
    Admin,
}
