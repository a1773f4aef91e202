//! The gateway under test, as the clients of a run see it: its address (a new one after each kill), its clock, and the ids that it
//! has acknowledged so far.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use gateway::token::{Claims, mint};
use jiff::SignedDuration;
use serde_json::Value;
use shared::domain::cover::Cover;
use shared::domain::cover::PurgeOutcome;
use shared::platform::clock::Clock;
use shared::platform::dynamo::{Store, StoreError};

use super::names::Names;
use crate::answer::Answer;
use crate::history::Recorder;
use crate::log_guard;
use crate::schemas::rest::{self as schema, RestCall};
use crate::world::SECRET;

/// API Gateway answers every call within 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(35);

/// The first client of a run is a moderator.
pub(super) const STAFF: &str = "user";
/// Moderators who decide at the same time.
pub(super) const MODERATORS: [&str; 2] = [STAFF, "umpire"];
/// The host has no socket.
pub(super) const HOST: &str = "host";

/// All of the staff of a run.
pub(super) fn staff() -> BTreeSet<String> {
    [HOST].iter().chain(&MODERATORS).map(|user| (*user).to_owned()).collect()
}

/// See the module.
pub struct Server {
    base: Mutex<String>,
    /// The chat's clock.
    pub clock: Clock,
    /// Names of sockets, sends and reads.
    pub names: Names,
    http: reqwest::Client,
    recorder: Recorder,
    known: Mutex<Vec<u64>>,
    store: OnceLock<Store>,
}

impl Server {
    /// The gateway at this address.
    pub fn new(base: &str, clock: &Clock, recorder: &Recorder) -> Server {
        crate::schemas::prepare();
        log_guard::install();
        Server {
            base: Mutex::new(base.to_owned()),
            clock: clock.clone(),
            names: Names::default(),
            http: crate::rest::local_http(),
            recorder: recorder.clone(),
            known: Mutex::default(),
            store: OnceLock::new(),
        }
    }

    /// Lets clients purge and clear by this store.
    pub fn moderate_by(&self, store: Store) {
        self.store.set(store).unwrap_or_else(|_| panic!("there is one store"));
    }

    /// Purges or clears, and returns the last number that is covered; `None` if nobody may here, or there is no session yet.
    ///
    /// # Errors
    /// [`StoreError`]: the same call with the same act may be repeated.
    pub async fn cover(&self, act: u64, cover: &Cover) -> Result<Option<u64>, StoreError> {
        let (Some(store), now) = (self.store.get(), self.clock.now()) else { return Ok(None) };
        let Some(session) = store.session(1, now).await? else { return Ok(None) };
        match store.purge(&session, &format!("act {act}"), cover, now).await? {
            PurgeOutcome::Covered { up_to_seq } => Ok(Some(up_to_seq)),
            PurgeOutcome::TooMany => Ok(None),
        }
    }

    /// Changes the gateway's address.
    pub fn move_to(&self, base: &str) {
        base.clone_into(&mut self.base.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The chat's time in milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// The URL of a user's socket; every other user takes batches.
    pub fn socket_url(&self, user: &str) -> String {
        let batch = if user.len().is_multiple_of(2) { "&batch=1" } else { "" };
        format!("{}/live-chat/ws/1?token={}{batch}", self.base().replacen("http", "ws", 1), self.token(user))
    }

    /// A REST call; status and body, or `None` if there was no response. An undocumented response is recorded.
    pub async fn call(&self, user: &str, method: &str, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let url = format!("{}/live-chat/{path}", self.base());
        let mut request = self.http.request(method.parse().expect("a method"), url).bearer_auth(self.token(user));
        let body = body.map(|body| body.to_string());
        if let Some(body) = &body {
            log_guard::forbid_in(body);
            request = request.header("content-type", "application/json").body(body.clone());
        }
        let response = request.timeout(TIMEOUT).send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.ok()?;
        let answer = Answer { status, headers, json: serde_json::from_str(&text).unwrap_or_default(), text };
        let path = format!("/live-chat/{}", path.split('?').next().unwrap_or_default());
        let call = RestCall { method, path: &path, body: body.as_deref().map(str::as_bytes) };
        self.recorder.document(schema::check(&call, &answer));
        Some((status, answer.json))
    }

    /// Records an acknowledged message, which others may like.
    pub fn learn(&self, id: u64) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    /// One of the messages acknowledged so far.
    pub fn some_message(&self, dice: u64) -> Option<u64> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(dice as usize % known.len().max(1)).copied()
    }

    fn base(&self) -> String {
        self.base.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn token(&self, user: &str) -> String {
        let roles = match user {
            HOST => vec!["host".to_owned()],
            user if MODERATORS.contains(&user) => vec!["moderator".to_owned()],
            _ => Vec::new(),
        };
        let claims = Claims { sub: user.to_owned(), roles, ..Claims::default() };
        let token = mint(SECRET, &claims, self.clock.now(), SignedDuration::from_hours(24 * 365)).expect("a token");
        log_guard::forbid(&token);
        token
    }
}
