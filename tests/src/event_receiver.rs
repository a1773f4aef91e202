//! A receiver of events that answers what a test tells it to answer, and keeps what it was sent.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::watch;

use crate::review_server::serve;
use crate::within;

/// The secret with which events are signed for it.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// See the module.
pub struct EventReceiver {
    answer: Mutex<ReceiverAnswer>,
    received: watch::Sender<Vec<Received>>,
    /// Its address.
    pub url: String,
}

/// What it answers.
#[derive(Clone, Debug)]
pub enum ReceiverAnswer {
    /// This status.
    Status(u16),
    /// A redirect to this address.
    Redirect(String),
    /// This body, with a success.
    Body(String),
    /// Nothing, for ever.
    Nothing,
}

/// What it was sent.
#[derive(Clone, Debug)]
pub struct Received {
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Bytes,
    /// The body.
    pub body: Value,
}

impl Received {
    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The event's id.
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The event's type.
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default()
    }
}

impl EventReceiver {
    /// Starts it. It takes everything.
    pub async fn start() -> Arc<EventReceiver> {
        let (answer, received) = (Mutex::new(ReceiverAnswer::Status(204)), watch::Sender::default());
        let state: Arc<OnceLock<Arc<EventReceiver>>> = Arc::default();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&state));
        let url = serve(router).await;
        let receiver = Arc::new(EventReceiver { answer, received, url });
        let _first = state.set(Arc::clone(&receiver));
        receiver
    }

    /// What it answers from now on.
    pub fn answer(&self, answer: ReceiverAnswer) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// Forgets what it was sent so far.
    pub fn forget(&self) {
        self.received.send_replace(Vec::new());
    }

    /// All that it was sent so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Waits until what it was sent is as a test wants it.
    pub async fn until(&self, what: &str, is_enough: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let mut received = self.received.subscribe();
        let seen = within(what, received.wait_for(|received| is_enough(received))).await;
        seen.expect("the receiver lives as long as the test").clone()
    }

    /// Waits for the first event of a type.
    pub async fn first(&self, kind: &str) -> Received {
        let received = self.until(kind, |received| received.iter().any(|one| one.kind() == kind)).await;
        received.into_iter().find(|one| one.kind() == kind).expect("it was waited for")
    }
}

async fn receive(State(state): State<Arc<OnceLock<Arc<EventReceiver>>>>, headers: HeaderMap, bytes: Bytes) -> Response {
    let Some(receiver) = state.get() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let answer = receiver.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    receiver.received.send_modify(|received| received.push(Received { headers, bytes, body }));
    match answer {
        ReceiverAnswer::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        ReceiverAnswer::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        ReceiverAnswer::Body(body) => body.into_response(),
        ReceiverAnswer::Nothing => std::future::pending().await,
    }
}
