//! A proxy in front of DynamoDB or `@connections` that holds, delays, refuses, repeats or cuts the requests that a test selects.

mod meter;
mod request;
mod target;
mod unprocessed;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway::Gateway;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

pub use self::meter::Units;
use self::meter::{ask_for_units, units_of};
pub use self::request::ProxiedRequest;
use self::target::{Onward, Target, signer};

/// Returns true for this long, counted from its first call: however late a machine makes that, the time is long enough.
pub fn for_a_while(time: Duration) -> impl FnMut() -> bool {
    let mut began = None;
    move || began.get_or_insert_with(Instant::now).elapsed() < time
}

/// The fate of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It passes.
    Pass,
    /// It waits until the test releases it.
    Hold,
    /// It passes after this delay.
    Delay(Duration),
    /// It does not pass, and is answered with this status and body.
    Answer(u16, String),
    /// It passes, but is answered with this status and body.
    AnswerAfter(u16, String),
    /// The connection is cut before the request passes.
    Cut,
    /// It passes, but the connection is cut before the response.
    CutAfter,
    /// Only this many parts of a batch pass: the others come back as unprocessed.
    Unprocessed(usize),
}

impl Fate {
    /// DynamoDB denies it, and no retry helps.
    pub fn denied() -> Fate {
        let body = r#"{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "no"}"#;
        Fate::Answer(400, body.to_owned())
    }
}

type Judge = Box<dyn FnMut(&ProxiedRequest) -> Fate + Send>;

/// A request that is held.
pub struct Held {
    /// The request.
    pub request: ProxiedRequest,
    go: oneshot::Sender<()>,
}

impl Held {
    /// Releases it.
    pub fn release(self) {
        let _client_is_gone = self.go.send(());
    }
}

/// See the module. It ends when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    inner: Arc<Inner>,
    held: mpsc::UnboundedReceiver<Held>,
    serving: tokio::task::AbortHandle,
}

struct Inner {
    target: Mutex<Target>,
    judge: Mutex<Judge>,
    holding: mpsc::UnboundedSender<Held>,
    /// The units of each request since the last reading, if the meter is on.
    meter: Mutex<Option<Vec<(ProxiedRequest, Units)>>>,
    http: reqwest::Client,
}

impl Proxy {
    /// Starts listening; at first, every request passes.
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
            http: crate::rest::local_http(),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&inner))).abort_handle();
        Proxy { address, inner, held, serving }
    }

    /// The proxy's own address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The target of the requests.
    pub fn set_target(&self, url: &str) {
        *self.inner.target.lock().expect("no panic holds it") = Target::Url(url.to_owned());
    }

    /// The requests go to the tables of this gateway, without its port.
    pub fn lead_to_tables_of(&self, gateway: &Gateway) {
        *self.inner.target.lock().expect("no panic holds it") = Target::Tables(gateway.database());
    }

    /// From now on, this decides the fate of every request.
    pub fn judge(&self, judge: impl FnMut(&ProxiedRequest) -> Fate + Send + 'static) {
        *self.inner.judge.lock().expect("no panic holds it") = Box::new(judge);
    }

    /// The units of each request since the last reading. The first reading starts the meter.
    pub fn read_meter(&self) -> Vec<(ProxiedRequest, Units)> {
        self.inner.meter.lock().expect("no panic holds it").replace(Vec::new()).unwrap_or_default()
    }

    /// Waits for the next request that is held.
    pub async fn next_held(&mut self) -> Held {
        crate::within("a held request", self.held.recv()).await.expect("the proxy runs")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The error of a request without a response: hyper closes a connection whose service fails.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
struct IsCut;

type Answer = Response<Full<Bytes>>;

async fn serve(listener: TcpListener, inner: Arc<Inner>) -> Infallible {
    // Its connections end with the proxy: clients keep theirs open for later, and hundreds of runs would hold thousands.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _peer)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        let inner = Arc::clone(&inner);
        connections.spawn(async move {
            let service = service_fn(|request| pass(Arc::clone(&inner), request));
            // The connection is over, whichever side cut it.
            let _over = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn pass(inner: Arc<Inner>, request: Request<Incoming>) -> Result<Answer, IsCut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let passing = ProxiedRequest {
        operation: target.and_then(|target| target.rsplit('.').next()).unwrap_or(parts.method.as_str()).to_owned(),
        caller: signer(&parts.headers).map_or("", |(id, ..)| id).to_owned(),
        path: parts.uri.path().to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let fate = (inner.judge.lock().expect("no panic holds it"))(&passing);
    let mut request = Onward {
        method: parts.method,
        path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: parts.headers,
        body,
    };
    match fate {
        Fate::Pass => {}
        Fate::Hold => {
            let (go, gone) = oneshot::channel();
            let _test_is_over = inner.holding.send(Held { request: passing.clone(), go });
            let _test_is_over = gone.await;
        }
        Fate::Delay(time) => tokio::time::sleep(time).await,
        Fate::Answer(status, text) => return Ok(answer(status, Bytes::from(text))),
        Fate::Cut => return Err(IsCut),
        Fate::AnswerAfter(status, text) => {
            inner.forward(request, passing).await;
            return Ok(answer(status, Bytes::from(text)));
        }
        Fate::CutAfter => {
            inner.forward(request, passing).await;
            return Err(IsCut);
        }
        Fate::Unprocessed(pass) => {
            let (first, rest) = unprocessed::split(&passing.body, pass);
            request.body = Bytes::from(first);
            let answered = inner.forward(request, passing.clone()).await;
            let body = answered.into_body().collect().await.map(http_body_util::Collected::to_bytes);
            let body = unprocessed::join(&passing.operation, &body.unwrap_or_default(), rest);
            return Ok(answer(200, Bytes::from(body)));
        }
    }
    Ok(inner.forward(request, passing).await)
}

impl Inner {
    async fn forward(&self, request: Onward, passing: ProxiedRequest) -> Answer {
        let target = self.target.lock().expect("no panic holds it").clone();
        let is_metered = self.meter.lock().expect("no panic holds it").is_some();
        let body = if is_metered { Bytes::from(ask_for_units(&request.body)) } else { request.body };
        let Some(response) = target.answer(&self.http, Onward { body, ..request }).await else {
            return answer(502, Bytes::new());
        };
        if let Some(meter) = self.meter.lock().expect("no panic holds it").as_mut() {
            let units = units_of(&passing, response.body());
            meter.push((passing, units));
        }
        let (mut head, body) = response.into_parts();
        head.headers.remove("content-length");
        head.headers.remove("transfer-encoding");
        Response::from_parts(head, Full::new(body))
    }
}

fn answer(status: u16, body: Bytes) -> Answer {
    Response::builder().status(status).body(Full::new(body)).expect("a response")
}
