//! A review handler that says what a test tells it to say, and keeps what it was asked.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};

/// See the module.
pub struct ReviewServer {
    says: Mutex<Says>,
    asked: Mutex<Vec<Asked>>,
}

/// What the handler says.
#[derive(Clone, Debug)]
pub enum Says {
    /// A verdict, or anything else.
    Json(Value),
    /// A body of any kind.
    Text(String),
    /// A status.
    Status(u16),
    /// That the function has failed, as Lambda tells it.
    FunctionError,
    /// Nothing, for ever.
    Nothing,
    /// White space without an end.
    Endless,
}

/// What the handler was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The address.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The request.
    pub request: Value,
}

impl ReviewServer {
    /// Starts it: itself, and its address. It allows everything.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start() -> (Arc<ReviewServer>, String) {
        let says = Mutex::new(Says::Json(json!({"ReviewResult": "ALLOW"})));
        let server = Arc::new(ReviewServer { says, asked: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&server));
        (server, serve(router).await)
    }

    /// What it says from now on.
    pub fn say(&self, says: Says) {
        *lock(&self.says) = says;
    }

    /// The verdict from now on.
    pub fn verdict(&self, verdict: Value) {
        self.say(Says::Json(verdict));
    }

    /// All that it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.asked).clone()
    }

    /// How often it was asked so far.
    pub fn count(&self) -> usize {
        lock(&self.asked).len()
    }
}

/// Serves a handler on a port of its own, and returns its address.
///
/// # Panics
/// If there is no free port.
pub async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

async fn answer(State(server): State<Arc<ReviewServer>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let request = serde_json::from_slice(&body).expect("JSON");
    lock(&server.asked).push(Asked { uri, headers, request });
    let says = lock(&server.says).clone();
    match says {
        Says::Json(verdict) => verdict.to_string().into_response(),
        Says::Text(text) => text.into_response(),
        Says::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Says::FunctionError => {
            ([("x-amz-function-error", "Unhandled")], json!({"errorMessage": "it broke"}).to_string()).into_response()
        }
        Says::Nothing => std::future::pending().await,
        Says::Endless => {
            let chunk = Bytes::from_static(&[b' '; 64 * 1024]);
            Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone()))).into_response()
        }
    }
}
