//! The network of a history: it carries requests to simulated services without a socket, takes its time over them, and
//! has mishaps.
//!
//! Once a request has left, it gets there whether or not the program that sent it still lives, as packets do.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use chrono::TimeDelta;
use http::{Method, Request, Response, StatusCode, header};
use synodic_providers::transport::{Transport, TransportError};
use tokio::sync::oneshot;
use tower::ServiceExt;

use super::hands::Hands;
use super::step::{Mishap, Verb};

/// How long a client waits for an answer.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);
/// The longest answer that a simulator gives.
const ANSWER_LIMIT: usize = 64 << 20;

/// What the network needs to know of a service.
#[derive(Clone)]
pub struct Service {
    /// The simulator.
    pub router: Router,
    /// What kind of request this is.
    pub verb: fn(&Method, &str) -> Verb,
    /// What an error looks like.
    pub error: fn(u16) -> Vec<u8>,
    /// Looks at the service after a write has been carried out.
    pub after_write: Arc<dyn Fn() + Send + Sync>,
}

/// How the network is. A clone is the same network.
#[derive(Clone)]
pub struct Weather(Arc<Mutex<State>>);

struct State {
    seed: u64,
    latency_ms: u64,
    is_cut: bool,
    mishaps: VecDeque<Trouble>,
    poisoned: BTreeSet<String>,
    sent: BTreeMap<String, u32>,
    log: Vec<Line>,
}

struct Trouble {
    on: Verb,
    how: Mishap,
    skip: u8,
    times: u8,
}

/// A request that was carried to a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// The method.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// What kind of request it was.
    pub verb: Verb,
    /// What the service answered, and what became of that.
    pub outcome: String,
    /// When, in milliseconds.
    pub at: i64,
}

/// What is to become of one request.
#[derive(Clone, Copy, Debug)]
struct Fate {
    there: TimeDelta,
    back: TimeDelta,
    mishap: Option<Mishap>,
}

impl Weather {
    /// A calm network whose ways take up to `latency_ms` each.
    #[must_use]
    pub fn calm(seed: u64, latency_ms: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            seed,
            latency_ms,
            is_cut: false,
            mishaps: VecDeque::new(),
            poisoned: BTreeSet::new(),
            sent: BTreeMap::new(),
            log: Vec::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has `times` requests go wrong, after `skip` that do not.
    pub fn brew(&self, on: Verb, how: Mishap, skip: u8, times: u8) {
        self.lock().mishaps.push_back(Trouble { on, how, skip, times });
    }

    /// Has every change of the event with this id refused.
    pub fn poison(&self, id: &str) {
        self.lock().poisoned.insert(id.to_owned());
    }

    /// Takes the network away, or gives it back.
    pub fn cut(&self, is_cut: bool) {
        self.lock().is_cut = is_cut;
    }

    /// Ends all trouble.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.is_cut = false;
        state.mishaps.clear();
        state.poisoned.clear();
    }

    /// What was carried so far.
    #[must_use]
    pub fn log(&self) -> Vec<Line> {
        self.lock().log.clone()
    }

    /// How many writes were carried so far.
    #[must_use]
    pub fn writes(&self) -> usize {
        let is_write = |line: &&Line| matches!(line.verb, Verb::Create | Verb::Update | Verb::Delete);
        self.lock().log.iter().filter(is_write).count()
    }

    fn is_cut(&self) -> bool {
        self.lock().is_cut
    }

    /// Decides about a request from what it is and from how often it was sent before, so that it fares alike in a
    /// history from which other steps were left out.
    fn fate(&self, verb: Verb, method: &str, path: &str) -> Fate {
        let mut state = self.lock();
        let name = format!("{method} {path}");
        let times = state.sent.entry(name.clone()).or_default();
        *times += 1;
        let question = (*times, name);
        let way = |which: &str| {
            let mut hash = DefaultHasher::new();
            (state.seed, which, &question).hash(&mut hash);
            let millis = hash.finish() % (state.latency_ms + 1);
            TimeDelta::milliseconds(i64::try_from(millis).unwrap_or_default())
        };
        let (there, back) = (way("there"), way("back"));
        let is_poisoned = matches!(verb, Verb::Update | Verb::Delete)
            && state.poisoned.iter().any(|id| path.ends_with(id.as_str()));
        let refusal = Mishap::Status { status: 400, retry_after: None, applied: false };
        let mishap = if is_poisoned { Some(refusal) } else { state.strike(verb) };
        Fate { there, back, mishap }
    }
}

impl State {
    fn strike(&mut self, verb: Verb) -> Option<Mishap> {
        let is_meant = |trouble: &Trouble| trouble.on == Verb::Any || trouble.on == verb;
        for index in 0..self.mishaps.len() {
            let Some(trouble) = self.mishaps.get_mut(index).filter(|trouble| is_meant(trouble)) else {
                continue;
            };
            if trouble.skip > 0 {
                trouble.skip -= 1;
                continue;
            }
            trouble.times = trouble.times.saturating_sub(1);
            let how = trouble.how;
            if trouble.times == 0 {
                self.mishaps.remove(index);
            }
            return Some(how);
        }
        None
    }
}

/// The way to one service.
#[derive(Clone)]
pub struct Wire {
    service: Service,
    weather: Weather,
    hands: Hands,
}

impl Wire {
    /// A way to `service`.
    #[must_use]
    pub const fn new(service: Service, weather: Weather, hands: Hands) -> Self {
        Self { service, weather, hands }
    }

    /// Asks the service something that no mishap befalls and nobody counts, as whoever checks the outcome does.
    pub async fn ask(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        self.carried_out(request).await
    }

    async fn travel(self, request: Request<Vec<u8>>, verb: Verb, fate: Fate) -> Answer {
        let (method, target) = (request.method().to_string(), request.uri().path_and_query().cloned());
        self.hands.after(fate.there).await;
        let (outcome, answer) = if self.weather.is_cut() {
            ("lost on its way".to_owned(), no_answer("the network is gone"))
        } else {
            self.meet(request, verb, fate.mishap).await
        };
        let line = Line {
            method,
            target: target.map(|target| target.to_string()).unwrap_or_default(),
            verb,
            outcome,
            at: self.hands.now().timestamp_millis(),
        };
        self.weather.lock().log.push(line);
        self.hands.after(fate.back).await;
        if self.weather.is_cut() { no_answer("the network is gone") } else { answer }
    }

    /// What becomes of a request that has arrived.
    async fn meet(&self, request: Request<Vec<u8>>, verb: Verb, mishap: Option<Mishap>) -> (String, Answer) {
        let is_applied = match mishap {
            None | Some(Mishap::ResetAfter | Mishap::Truncated) => true,
            Some(Mishap::Refused | Mishap::ResetBefore) => false,
            Some(Mishap::Silence { applied } | Mishap::Status { applied, .. }) => applied,
        };
        let answered = if is_applied {
            let answer = self.carried_out(request).await;
            if answer.status().is_success() && matches!(verb, Verb::Create | Verb::Update | Verb::Delete) {
                (self.service.after_write)();
            }
            Some(answer)
        } else {
            None
        };
        let status = answered.as_ref().map_or(0, |answer| answer.status().as_u16());
        let outcome = mishap.map_or_else(|| status.to_string(), |mishap| format!("{status} {mishap:?}"));
        let answer = match (mishap, answered) {
            (None, Some(answer)) => Ok(answer),
            (Some(Mishap::Truncated), Some(answer)) => Ok(truncated(answer)),
            (Some(Mishap::Refused), _) => {
                Err(TransportError::Unreachable { reason: "connection refused".to_owned() })
            }
            (Some(Mishap::Status { status, retry_after, .. }), _) => {
                Ok(error(status, retry_after, (self.service.error)(status)))
            }
            (Some(Mishap::Silence { .. }), _) => {
                self.hands.after(PATIENCE).await;
                no_answer("timed out")
            }
            (Some(Mishap::ResetBefore | Mishap::ResetAfter | Mishap::Truncated) | None, _) => {
                no_answer("connection reset")
            }
        };
        (outcome, answer)
    }

    async fn carried_out(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let Ok(answer) = self.service.router.clone().oneshot(request.map(Body::from)).await;
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, ANSWER_LIMIT).await.expect("a simulator answers");
        Response::from_parts(parts, body.to_vec())
    }
}

type Answer = Result<Response<Vec<u8>>, TransportError>;

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request<Vec<u8>>) -> Answer {
        if self.weather.is_cut() {
            return Err(TransportError::Unreachable { reason: "the network is gone".to_owned() });
        }
        let verb = (self.service.verb)(request.method(), request.uri().path());
        let fate = self.weather.fate(verb, request.method().as_str(), request.uri().path());
        let (answer, answered) = oneshot::channel();
        let wire = self.clone();
        tokio::spawn(async move {
            // Whoever asked may be gone by then.
            let _ = answer.send(wire.travel(request, verb, fate).await);
        });
        answered.await.unwrap_or_else(|_| no_answer("the network broke down"))
    }
}

fn no_answer(reason: &str) -> Answer {
    Err(TransportError::NoAnswer { reason: reason.to_owned() })
}

/// Half an answer: what a client makes of it that was told no length, or did not look.
fn truncated(answer: Response<Vec<u8>>) -> Response<Vec<u8>> {
    answer.map(|mut body| {
        body.truncate(body.len() / 2);
        body
    })
}

fn error(status: u16, retry_after: Option<u32>, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}
