//! A model server that notes every question and decides the moment at which its client dies. Threads and sockets only:
//! whoever is killed between two bytes should find nothing clever at the other end.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);
/// What the server counts for every answer.
pub(crate) const TOKENS: usize = 10;

/// When the client is killed: so many questions or answers after it was started.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// The question has come and is not answered.
    Asked(usize),
    /// The last byte of the answer is handed over.
    Answered(usize),
}

#[derive(Debug, Default)]
struct State {
    asked: Vec<String>,
    answered: usize,
    /// Answers that were begun.
    granted: usize,
    open: usize,
    victim: Option<(Child, Moment)>,
    killed: Option<Child>,
    /// Questions that hold one of these words fail.
    failing: BTreeSet<&'static str>,
    /// Questions that hold one of these words get no good answer when they are noted for the first time.
    forgetful: BTreeSet<&'static str>,
    /// Answers in all, after which no further one comes.
    most: Option<usize>,
    uncounted: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The server; it lives as long as the test binary.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            shared: Arc::default(),
        };
        let shared = Arc::clone(&server.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                shared.state().open += 1;
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    // A client that is killed leaves in the middle of anything.
                    serve(&stream.unwrap(), &shared).ok();
                    shared.state().open -= 1;
                    shared.changed.notify_all();
                });
            }
        });
        server
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Every question so far, in the order in which they came.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.state().asked.clone()
    }

    /// Forgets the questions so far.
    pub(crate) fn clear(&self) {
        self.shared.state().asked.clear();
    }

    /// Questions with one of these words fail from now on.
    pub(crate) fn fails_for(&self, words: impl IntoIterator<Item = &'static str>) {
        self.shared.state().failing = words.into_iter().collect();
    }

    /// Knows nothing when a question with one of these words comes for the first time since the log is empty.
    pub(crate) fn is_forgetful_about(&self, words: impl IntoIterator<Item = &'static str>) {
        self.shared.state().forgetful = words.into_iter().collect();
    }

    /// Answers so many more questions; `None` is all of them.
    pub(crate) fn answers(&self, more: Option<usize>) {
        let mut state = self.shared.state();
        state.granted = 0;
        state.most = more;
    }

    /// Says no more how many tokens an answer took.
    pub(crate) fn stops_counting(&self) {
        self.shared.state().uncounted = true;
    }

    /// Starts a client, kills it at a moment, and returns when nothing of it is left.
    pub(crate) fn kill(&self, mut client: Command, moment: Moment) {
        let mut state = self.shared.state();
        let moment = match moment {
            Moment::Asked(n) => Moment::Asked(state.asked.len() + n),
            Moment::Answered(n) => Moment::Answered(state.answered + n),
        };
        state.victim = Some((client.spawn().unwrap(), moment));
        let mut state = self.wait(state, |state| state.killed.is_some());
        let mut killed = state.killed.take().unwrap();
        drop(state);
        killed.wait().unwrap();
        self.wait_until_quiet();
    }

    /// Returns when so many questions wait for an answer that does not come.
    pub(crate) fn wait_for_questions(&self, unanswered: usize) {
        drop(self.wait(self.shared.state(), |state| {
            state.asked.len() >= state.answered + unanswered
        }));
    }

    /// Returns when everything that was sent was read: connections are taken in order, so this one is the last.
    fn wait_until_quiet(&self) {
        let mut last = TcpStream::connect(self.address).unwrap();
        last.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        last.read_to_end(&mut Vec::new()).unwrap();
        drop(last);
        drop(self.wait(self.shared.state(), |state| state.open == 0));
    }

    fn wait<'s>(
        &self,
        state: MutexGuard<'s, State>,
        until: impl Fn(&State) -> bool,
    ) -> MutexGuard<'s, State> {
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !until(state));
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "it does not come: {:?}", state.victim);
        state
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that something happened; kills the client if that is its moment.
    fn note(&self, what: impl FnOnce(&mut State)) {
        let mut state = self.state();
        what(&mut state);
        let come = state
            .victim
            .as_ref()
            .is_some_and(|(_, moment)| match moment {
                Moment::Asked(n) => state.asked.len() >= *n,
                Moment::Answered(n) => state.answered >= *n,
            });
        if come && let Some((mut child, _)) = state.victim.take() {
            child.kill().unwrap();
            state.killed = Some(child);
        }
        drop(state);
        self.changed.notify_all();
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(body) = request(&mut reader)? {
        let question = question(&body);
        shared.note(|state| state.asked.push(question.clone()));
        let mut state = shared.state();
        let fails = state.failing.iter().any(|word| question.contains(word));
        let silent = state.most.is_some_and(|most| state.granted >= most);
        state.granted += usize::from(!silent);
        let counted = !state.uncounted;
        let times = state.asked.iter().filter(|one| **one == question).count();
        let knows = times > 1 || !state.forgetful.iter().any(|word| question.contains(word));
        drop(state);
        if silent {
            // Whoever asked gives up some time.
            return reader.read_to_end(&mut Vec::new()).map(drop);
        }
        let (status, answer) = if fails {
            (
                "500 Internal Server Error",
                json!({"error": {"message": "down"}}),
            )
        } else {
            ("200 OK", answer(&question, knows, counted))
        };
        let answer = answer.to_string();
        let mut response = String::new();
        write!(
            response,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        )
        .unwrap();
        let mut stream = stream;
        stream.write_all(response.as_bytes())?;
        shared.note(|state| state.answered += 1);
    }
    Ok(())
}

/// The body of the next request, `None` after the last one.
fn request(reader: &mut impl BufRead) -> std::io::Result<Option<Value>> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body).ok())
}

fn question(body: &Value) -> String {
    let messages = body["messages"].as_array().unwrap();
    messages.last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// What is answered depends on the question only: a third of the answers lacks one of the two words that are asked for.
fn answer(question: &str, knows: bool, counted: bool) -> Value {
    let number: usize = question
        .chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap();
    let text = match number % 3 {
        _ if !knows => "no idea",
        0 => "red",
        _ => "red, blue",
    };
    let mut answer = json!({
        "object": "chat.completion",
        "model": "ft:a",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": format!("{number}: {text} \u{2713}")},
            "finish_reason": "stop",
        }],
    });
    if counted {
        answer["usage"] = json!({"prompt_tokens": TOKENS - 1, "completion_tokens": 1});
    }
    answer
}
