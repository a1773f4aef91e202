//! A proxy in front of DynamoDB or of `@connections` that holds back or repeats what a test chooses.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::meter::{Units, ask_for_units, units_of};

/// One request on its way.
#[derive(Clone, Debug)]
pub struct Passing {
    /// The operation, such as `PutItem`, or the HTTP method.
    pub operation: String,
    /// The access key id that signed it.
    pub caller: String,
    /// The path.
    pub path: String,
    /// The body as text.
    pub body: String,
}

/// What is to be done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It passes.
    Pass,
    /// It waits until the test lets it go.
    Hold,
    /// It is answered with this status and body instead.
    Answer(u16, String),
}

type Judge = Box<dyn FnMut(&Passing) -> Fate + Send>;

/// A request that waits.
pub struct Held {
    /// What it is.
    pub request: Passing,
    go: oneshot::Sender<()>,
}

impl Held {
    /// Lets it go.
    pub fn release(self) {
        let _client_is_gone = self.go.send(());
    }
}

/// See the module.
pub struct Proxy {
    address: SocketAddr,
    inner: Arc<Inner>,
    held: mpsc::UnboundedReceiver<Held>,
}

struct Inner {
    target: Mutex<String>,
    judge: Mutex<Judge>,
    holding: mpsc::UnboundedSender<Held>,
    /// What the requests since the last reading cost, if anybody wants to know.
    meter: Mutex<Option<Vec<(Passing, Units)>>>,
    http: reqwest::Client,
}

impl Proxy {
    /// Listens; everything passes at first.
    pub async fn start() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (holding, held) = mpsc::unbounded_channel();
        let judge: Judge = Box::new(|_| Fate::Pass);
        let inner = Arc::new(Inner {
            target: Mutex::default(),
            judge: Mutex::new(judge),
            holding,
            meter: Mutex::default(),
            http: crate::rest::http(),
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Proxy { address, inner, held }
    }

    /// The proxy's own address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where requests go.
    pub fn set_target(&self, url: &str) {
        url.clone_into(&mut self.inner.target.lock().expect("no panic holds it"));
    }

    /// From now on this decides about every request.
    pub fn judge(&self, judge: impl FnMut(&Passing) -> Fate + Send + 'static) {
        *self.inner.judge.lock().expect("no panic holds it") = Box::new(judge);
    }

    /// What the requests that passed since the last reading cost. The first reading starts the meter.
    pub fn read_meter(&self) -> Vec<(Passing, Units)> {
        self.inner.meter.lock().expect("no panic holds it").replace(Vec::new()).unwrap_or_default()
    }

    /// Waits for the next request that is held.
    pub async fn next_held(&mut self) -> Held {
        crate::within("a held request", self.held.recv()).await.expect("the proxy runs")
    }
}

async fn pass(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let passing = Passing {
        operation: target.and_then(|target| target.rsplit('.').next()).unwrap_or(parts.method.as_str()).to_owned(),
        caller: caller(&parts.headers).unwrap_or_default().to_owned(),
        path: parts.uri.path().to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let fate = (inner.judge.lock().expect("no panic holds it"))(&passing);
    match fate {
        Fate::Pass => {}
        Fate::Hold => {
            let (go, gone) = oneshot::channel();
            let _test_is_over = inner.holding.send(Held { request: passing.clone(), go });
            let _test_is_over = gone.await;
        }
        Fate::Answer(status, text) => return answer(status, Bytes::from(text)),
    }
    let target = inner.target.lock().expect("no panic holds it").clone();
    let url = format!("{target}{}", parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let mut headers = parts.headers;
    headers.remove("host");
    let is_metered = inner.meter.lock().expect("no panic holds it").is_some();
    let body = if is_metered { Bytes::from(ask_for_units(&body)) } else { body };
    headers.remove("content-length");
    let sent = inner.http.request(parts.method, url).headers(headers).body(body).send().await;
    let Ok(response) = sent else { return answer(502, Bytes::new()) };
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.unwrap_or_default();
    if let Some(meter) = inner.meter.lock().expect("no panic holds it").as_mut() {
        let units = units_of(&passing, &body);
        meter.push((passing, units));
    }
    let mut passed = answer(status.as_u16(), body);
    for (name, value) in &headers {
        if name != "content-length" && name != "transfer-encoding" {
            passed.headers_mut().insert(name, value.clone());
        }
    }
    passed
}

/// `Authorization: AWS4-HMAC-SHA256 Credential=KEY/20231114/us-east-1/dynamodb/aws4_request, …`
fn caller(headers: &HeaderMap) -> Option<&str> {
    let (_, credential) = headers.get("authorization")?.to_str().ok()?.split_once("Credential=")?;
    credential.split('/').next()
}

fn answer(status: u16, body: Bytes) -> Response {
    Response::builder().status(status).body(Body::from(body)).expect("a response")
}
