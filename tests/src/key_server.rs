//! A fake of Secrets Manager and of an identity provider, which counts what it is asked.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use futures_util::stream;
use serde_json::{Value, json};

/// The ARN of its secret.
pub const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:live-chat-abcdef";

/// See the module.
#[derive(Default)]
pub struct KeyServer {
    current: Mutex<Option<String>>,
    previous: Mutex<Option<String>>,
    keys: Mutex<Vec<Value>>,
    is_down: Mutex<bool>,
    asked: AtomicUsize,
}

impl KeyServer {
    /// Starts it: itself, and its address. The key set is at `/jwks`, and at `/endless` one without an end.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start() -> (Arc<KeyServer>, String) {
        let server = Arc::new(KeyServer::default());
        let router = Router::new().route("/", post(secret)).route("/jwks", get(jwks)).route("/endless", get(endless));
        let router = router.with_state(Arc::clone(&server));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (server, url)
    }

    /// Makes a secret the current one, and the current one the previous one.
    pub fn rotate(&self, secret: &str) {
        let before = lock(&self.current).replace(secret.to_owned());
        *lock(&self.previous) = before;
    }

    /// The keys of its set.
    pub fn keys(&self) -> MutexGuard<'_, Vec<Value>> {
        lock(&self.keys)
    }

    /// Whether it answers 500 from now on.
    pub fn set_down(&self, is_down: bool) {
        *lock(&self.is_down) = is_down;
    }

    /// How many requests there were so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn is_down(&self) -> bool {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *lock(&self.is_down)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

async fn secret(State(server): State<Arc<KeyServer>>, body: Bytes) -> (StatusCode, String) {
    if server.is_down() {
        return (StatusCode::INTERNAL_SERVER_ERROR, String::new());
    }
    let ask: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(ask["SecretId"], ARN);
    let version = if ask["VersionStage"] == "AWSCURRENT" { &server.current } else { &server.previous };
    match lock(version).clone() {
        Some(secret) => (StatusCode::OK, json!({"ARN": ARN, "SecretString": secret}).to_string()),
        None => (StatusCode::BAD_REQUEST, json!({"__type": "ResourceNotFoundException"}).to_string()),
    }
}

async fn jwks(State(server): State<Arc<KeyServer>>) -> (StatusCode, String) {
    if server.is_down() {
        return (StatusCode::INTERNAL_SERVER_ERROR, String::new());
    }
    let keys = server.keys().clone();
    (StatusCode::OK, json!({ "keys": keys }).to_string())
}

/// An endless key set without a `Content-Length`.
async fn endless(State(server): State<Arc<KeyServer>>) -> Body {
    server.asked.fetch_add(1, Ordering::SeqCst);
    let chunk = Bytes::from_static(&[b' '; 64 * 1024]);
    Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone())))
}
