//! A model server for tests: speaks the chat API of OpenAI and Mistral on a port of its own, answers from a table,
//! misbehaves on demand, and remembers what it was asked. It runs in its own thread, so tests may be of any kind.

use std::collections::{BTreeMap, VecDeque};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

#[path = "model/fault.rs"]
mod fault;
#[path = "model/line.rs"]
mod line;

pub(crate) use fault::Fault;
use fault::Scene;
use fault::{json_response, status_code};
use line::{Line, Lines};

/// Longer than any test.
const FOREVER: Duration = Duration::from_hours(1);
/// Longer than anything that a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);
/// Questions of the same words after which a rhythm of faults begins anew.
const PERIOD: usize = 10;

/// A chat request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) authorization: Option<String>,
    /// The encodings of an answer that the client offers to undo.
    pub(crate) accept_encoding: Option<String>,
    pub(crate) body: Value,
}

#[derive(Debug, Default)]
struct Memory {
    answers: BTreeMap<(String, String), String>,
    scripts: BTreeMap<String, Script>,
    otherwise: String,
    models: Vec<String>,
    pages: BTreeMap<String, Value>,
    look_up_fault: Option<Fault>,
    looked_up: usize,
    latency: Duration,
    faults: VecDeque<Fault>,
    always: Option<Fault>,
    always_for: Vec<(String, Fault)>,
    rhythm: Vec<(String, usize, Fault)>,
    turns: BTreeMap<String, usize>,
    held: Arc<Notify>,
    holding: usize,
    hung_up: usize,
    stall_after: Option<usize>,
    refuses_schemas: bool,
    waiting: Vec<mpsc::Sender<()>>,
    asked: Vec<Asked>,
    unexpected: Vec<String>,
    heard: usize,
    in_flight: usize,
    most_in_flight: usize,
}

/// A model that makes its answer of the question.
struct Script(Box<dyn FnMut(&Value) -> String + Send>);

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

type Shared = Arc<Mutex<Memory>>;

/// The server; it ends with this value.
#[derive(Debug)]
pub(crate) struct FakeModel {
    address: SocketAddr,
    memory: Shared,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeModel {
    /// A server on a free port that answers everything with "an answer".
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok((listener.local_addr()?, listener))
        });
        let (address, listener) = listener.unwrap_or_else(|error| panic!("no port: {error}"));
        let memory = Shared::default();
        "an answer".clone_into(&mut lock(&memory).otherwise);
        let (stop, stopped) = oneshot::channel();
        let router = router(Arc::clone(&memory));
        let thread = std::thread::spawn(move || serve(listener, router, stopped));
        Self {
            address,
            memory,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What stands before `/chat/completions`.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Answers a model's prompt, which is the last thing the user says, with a text.
    pub(crate) fn answers(&self, model: &str, prompt: &str, text: &str) -> &Self {
        let key = (model.to_owned(), prompt.to_owned());
        self.memory().answers.insert(key, text.to_owned());
        self
    }

    /// Lets a model make its answers of the questions.
    pub(crate) fn plays(
        &self,
        model: &str,
        script: impl FnMut(&Value) -> String + Send + 'static,
    ) -> &Self {
        let script = Script(Box::new(script));
        self.memory().scripts.insert(model.to_owned(), script);
        self
    }

    /// Answers everything that has no answer of its own with a text.
    pub(crate) fn otherwise(&self, text: &str) -> &Self {
        text.clone_into(&mut self.memory().otherwise);
        self
    }

    /// Lists a model at `/models`.
    pub(crate) fn knows(&self, model: &str) -> &Self {
        self.memory().models.push(model.to_owned());
        self
    }

    /// Lists a model, with these fields on its page.
    pub(crate) fn describes(&self, model: &str, page: &Value) -> &Self {
        self.memory().pages.insert(model.to_owned(), page.clone());
        self.knows(model)
    }

    /// Misbehaves in this way whenever it is asked about its models.
    pub(crate) fn fails_look_ups(&self, fault: Fault) -> &Self {
        self.memory().look_up_fault = Some(fault);
        self
    }

    /// The number of questions about models.
    pub(crate) fn looked_up(&self) -> usize {
        self.memory().looked_up
    }

    /// Takes so long for each answer.
    pub(crate) fn takes(&self, latency: Duration) -> &Self {
        self.memory().latency = latency;
        self
    }

    /// Misbehaves in these ways, one request each, and then no more.
    pub(crate) fn fails(&self, faults: impl IntoIterator<Item = Fault>) -> &Self {
        self.memory().faults.extend(faults);
        self
    }

    /// Misbehaves in the same way from now on.
    pub(crate) fn always_fails(&self, fault: Fault) -> &Self {
        self.memory().always = Some(fault);
        self
    }

    /// Lists a model no more.
    pub(crate) fn forgets(&self, model: &str) -> &Self {
        self.memory().models.retain(|known| known != model);
        self
    }

    /// Misbehaves in the same way whenever the question holds one of these texts, or is for a model of that name.
    pub(crate) fn always_fails_for(&self, parts: &[&str], fault: &Fault) -> &Self {
        let faults = parts.iter().map(|part| ((*part).to_owned(), fault.clone()));
        self.memory().always_for.extend(faults);
        self
    }

    /// Misbehaves no more where a question was picked out.
    pub(crate) fn works_again(&self) {
        self.memory().always_for.clear();
    }

    /// Of every ten requests with the same question, where it holds this text, misbehaves at these; counted from 1, for
    /// each model on its own, and from now on.
    pub(crate) fn fails_at(&self, part: &str, rhythm: impl IntoIterator<Item = (usize, Fault)>) {
        let mut memory = self.memory();
        let rhythm = rhythm.into_iter();
        memory
            .rhythm
            .extend(rhythm.map(|(at, fault)| (part.to_owned(), at, fault)));
        memory.turns.clear();
    }

    /// Refuses every request with the schema of its answer.
    pub(crate) fn takes_no_schema(&self) {
        self.memory().refuses_schemas = true;
    }

    /// Answers whoever is kept waiting by [`Fault::Held`].
    pub(crate) fn let_go(&self) {
        self.memory().held.notify_waiters();
    }

    /// Returns as soon as so many questions are held and so many long answers were not read to their end.
    pub(crate) fn wait_until(&self, holding: usize, hung_up: usize) {
        self.wait_for(|memory| memory.holding >= holding && memory.hung_up >= hung_up);
    }

    /// Answers so many more requests, and then none any more.
    pub(crate) fn stalls_after(&self, requests: usize) -> &Self {
        let mut memory = self.memory();
        memory.stall_after = Some(memory.asked.len() + requests);
        drop(memory);
        self
    }

    /// Answers everything again that comes from now on.
    pub(crate) fn goes_on(&self) {
        self.memory().stall_after = None;
    }

    /// Returns as soon as so many chat requests have come.
    pub(crate) fn wait_for_questions(&self, count: usize) {
        self.wait_for(|memory| memory.asked.len() >= count);
    }

    /// Returns as soon as a chat request has come.
    pub(crate) fn wait_for_a_question(&self) {
        self.wait_for(|memory| !memory.asked.is_empty());
    }

    /// Returns as soon as it was asked about its models.
    pub(crate) fn wait_for_a_look_up(&self) {
        self.wait_for(|memory| memory.looked_up > 0);
    }

    fn wait_for(&self, came: impl Fn(&Memory) -> bool) {
        loop {
            let mut memory = self.memory();
            if came(&memory) {
                return;
            }
            let (tell, told) = mpsc::channel();
            memory.waiting.push(tell);
            drop(memory);
            told.recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("nothing came within {PATIENCE:?}"));
        }
    }

    /// Every chat request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.memory().asked.clone()
    }

    /// The number of requests of any kind.
    pub(crate) fn heard(&self) -> usize {
        self.memory().heard
    }

    /// The most chat requests that were open at the same time.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.memory().most_in_flight
    }

    /// Panics if anything was requested that this server does not have.
    pub(crate) fn verify(&self) {
        let unexpected = self.memory().unexpected.clone();
        assert!(unexpected.is_empty(), "unexpected requests: {unexpected:?}");
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn lock(memory: &Shared) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)
            .unwrap_or_else(|error| panic!("no listener: {error}"));
        let service = router.into_make_service_with_connect_info::<Line>();
        tokio::select! {
            served = async { axum::serve(Lines(listener), service).await } => drop(served),
            _ = stopped => {}
        }
    });
}

fn router(memory: Shared) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(list))
        .route("/v1/models/{*id}", get(model))
        .fallback(unexpected)
        .layer(from_fn_with_state(Arc::clone(&memory), hear))
        .with_state(memory)
}

async fn hear(State(memory): State<Shared>, request: Request, next: Next) -> Response {
    lock(&memory).heard += 1;
    next.run(request).await
}

/// Counts a request as open until dropped, also when the client went away.
struct Open(Shared);

impl Open {
    fn new(memory: &Shared) -> Self {
        let mut open = lock(memory);
        open.in_flight += 1;
        open.most_in_flight = open.most_in_flight.max(open.in_flight);
        Self(Arc::clone(memory))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        lock(&self.0).in_flight -= 1;
    }
}

impl Memory {
    /// Wakes whoever waits for something to happen.
    fn tell(&mut self) {
        for waiting in self.waiting.drain(..) {
            // Whoever waited may have given up.
            waiting.send(()).ok();
        }
    }
}

async fn chat(
    State(memory): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let _open = Open::new(&memory);
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let header = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let authorization = header("authorization");
    let (fault, latency, answer) = {
        let mut memory = lock(&memory);
        memory.asked.push(Asked {
            authorization: authorization.clone(),
            accept_encoding: header("accept-encoding"),
            body: body.clone(),
        });
        memory.tell();
        let stalls = memory
            .stall_after
            .is_some_and(|most| memory.asked.len() > most);
        let latency = if stalls { FOREVER } else { memory.latency };
        let fault = fault(&mut memory, &body);
        (fault, latency, answer(&mut memory, &body))
    };
    tokio::time::sleep(latency).await;
    match fault {
        None => json_response(StatusCode::OK, &answer),
        Some(fault) => {
            let scene = Scene {
                authorization: authorization.as_deref(),
                answer: &answer,
                line: &line,
                memory: &memory,
            };
            fault.instead(scene).await
        }
    }
}

fn fault(memory: &mut Memory, body: &Value) -> Option<Fault> {
    if memory.refuses_schemas && body.get("response_format").is_some() {
        let refusal = "response_format is not supported".to_owned();
        return Some(Fault::Status(400, refusal));
    }
    let asked = prompt(body);
    let same = format!("{} {asked}", body["model"]);
    let turn = memory.turns.entry(same).or_default();
    *turn = *turn % PERIOD + 1;
    let turn = *turn;
    let mut rhythm = memory.rhythm.iter();
    if let Some((.., fault)) = rhythm.find(|(part, at, _)| *at == turn && asked.contains(part)) {
        return Some(fault.clone());
    }
    let own = memory
        .always_for
        .iter()
        .find(|(part, _)| asked.contains(part) || body["model"] == *part);
    let always = own
        .map(|(_, fault)| fault)
        .or(memory.always.as_ref())
        .cloned();
    memory.faults.pop_front().or(always)
}

/// The last thing that the user says.
fn prompt(body: &Value) -> &str {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    messages
        .iter()
        .rev()
        .find(|message| message["role"] == "user")
        .and_then(|message| message["content"].as_str())
        .unwrap_or_default()
}

fn answer(memory: &mut Memory, body: &Value) -> Value {
    let model = body["model"].as_str().unwrap_or_default();
    let key = (model.to_owned(), prompt(body).to_owned());
    let scripted = memory.scripts.get_mut(model).map(|script| (script.0)(body));
    let known = || {
        memory
            .answers
            .get(&key)
            .unwrap_or(&memory.otherwise)
            .clone()
    };
    let text = scripted.unwrap_or_else(known);
    json!({
        "id": "cmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "system_fingerprint": "fp_1",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
        }],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    })
}

async fn list(
    State(memory): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
) -> Response {
    let models = lock(&memory).models.clone();
    let data: Vec<Value> = models.iter().map(|id| json!({"id": id})).collect();
    let list = json!({"object": "list", "data": data});
    told_of_models((&memory, &line), &headers, StatusCode::OK, &list).await
}

async fn model(
    State(memory): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let (known, more) = {
        let memory = lock(&memory);
        (memory.models.contains(&id), memory.pages.get(&id).cloned())
    };
    let (status, body) = if known {
        let mut page = json!({"id": id, "object": "model"});
        for (key, value) in more.iter().filter_map(Value::as_object).flatten() {
            page[key] = value.clone();
        }
        (StatusCode::OK, page)
    } else {
        let error = json!({"object": "error", "message": format!("No such model: {id}")});
        (StatusCode::NOT_FOUND, error)
    };
    told_of_models((&memory, &line), &headers, status, &body).await
}

async fn told_of_models(
    (memory, line): (&Shared, &Line),
    headers: &HeaderMap,
    status: StatusCode,
    body: &Value,
) -> Response {
    let fault = {
        let mut memory = lock(memory);
        memory.looked_up += 1;
        memory.tell();
        memory.look_up_fault.clone()
    };
    let authorization = headers.get("authorization");
    let authorization = authorization.and_then(|value| value.to_str().ok());
    match fault {
        None => json_response(status, body),
        Some(fault) => {
            let scene = Scene {
                authorization,
                answer: body,
                line,
                memory,
            };
            fault.instead(scene).await
        }
    }
}

async fn unexpected(State(memory): State<Shared>, method: Method, uri: Uri) -> Response {
    lock(&memory).unexpected.push(format!("{method} {uri}"));
    status_code(404).into_response()
}
