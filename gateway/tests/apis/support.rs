//! A separate gateway for each test: closures as functions, both ports on loopback, and all events that functions got.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use axum::Router;
use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use gateway::Cors;
use gateway::apis::in_process::InProcess;
use gateway::apis::router::{Apis, ApisOptions};
use gateway::door::AccessKey;
use gateway::engine::{Code, Engine, Function, FunctionError};
use gateway::limits::Limits;
use gateway::serve::serve;
use gateway::template::{AuthorizerSpec, ErrorCaching, HttpRoute, IdentitySource, Template, WebSocketSpec};
use reqwest::header::HeaderName;
use serde_json::{Value, json};
use shared::platform::clock::Clock;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

use crate::way::Way;

/// The access key of every gateway here.
pub(crate) const KEY_ID: &str = "LOCALKEY";
pub(crate) const SECRET: &str = "the secret of the access key";

/// Signs a request as an SDK does, for a service of AWS.
pub(crate) fn signed(request: reqwest::RequestBuilder, service: &str) -> reqwest::Request {
    signed_with(request, service, (KEY_ID, SECRET), SystemTime::now())
}

/// Signs a request with this key id and secret, at this time.
pub(crate) fn signed_with(
    request: reqwest::RequestBuilder,
    service: &str,
    (id, secret): (&str, &str),
    at: SystemTime,
) -> reqwest::Request {
    let mut request = request.build().expect("a request");
    let identity = Credentials::new(id, secret, None, None, "test").into();
    let parameters = SigningParams::builder().identity(&identity).region("us-east-1").name(service).time(at);
    let parameters = parameters.settings(SigningSettings::default()).build().expect("all is there").into();
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text")));
    let body = SignableBody::Bytes(request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default());
    let signable = SignableRequest::new(request.method().as_str(), request.url().as_str(), headers, body);
    let (instructions, _) = sign(signable.expect("a request"), &parameters).expect("it is signed").into_parts();
    for (name, value) in instructions.headers() {
        request.headers_mut().insert(HeaderName::try_from(name).expect("a name"), value.parse().expect("a value"));
    }
    request
}

/// A function's response, or its failure.
pub(crate) type Answer = Result<Value, FunctionError>;

/// Waits for an event, with a timeout.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it should have happened within 20 seconds")
}

/// A client for plain HTTP, which skips reading the system's certificates. It needs a TLS provider, because the smoke test's feature is
/// enabled for all.
pub(crate) fn http() -> reqwest::Client {
    let _already_installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().tls_built_in_root_certs(false).no_proxy().build();
    client.expect("a client without certificates")
}

/// A function's failure.
pub(crate) fn failure() -> FunctionError {
    FunctionError { error_type: "Unhandled".to_owned(), error_message: "secret detail".to_owned() }
}

/// A gateway that is about to start.
pub(crate) struct Builder {
    functions: BTreeMap<String, Function>,
    told: BTreeMap<String, Mutex<mpsc::UnboundedReceiver<Value>>>,
    pub(crate) websocket: WebSocketSpec,
    pub(crate) http_routes: Vec<HttpRoute>,
    pub(crate) limits: Limits,
    pub(crate) cors: Option<Cors>,
    pub(crate) pages: Router,
    pub(crate) error_caching: ErrorCaching,
}

/// A running gateway.
pub(crate) struct Cloud {
    pub(crate) public: SocketAddr,
    pub(crate) internal: SocketAddr,
    /// Which way the internal APIs are called.
    pub(crate) way: Way,
    pub(crate) in_process: SharedHttpConnector,
    /// The WebSocket API's own address.
    pub(crate) websocket: SocketAddr,
    pub(crate) apis: Apis,
    pub(crate) shutdown: CancellationToken,
    pub(crate) server: JoinHandle<()>,
    told: BTreeMap<String, Mutex<mpsc::UnboundedReceiver<Value>>>,
}

impl Builder {
    /// Three WebSocket functions that accept everything; `$default` has a route response.
    pub(crate) fn new() -> Builder {
        let route = |key: &str, function: &str| (key.to_owned(), function.to_owned());
        let websocket = WebSocketSpec {
            stage: "prod".to_owned(),
            route_selection_expression: "$request.body.type".to_owned(),
            routes: BTreeMap::from([
                route("$connect", "ws-connect"),
                route("$default", "ws-message"),
                route("$disconnect", "ws-disconnect"),
            ]),
            route_responses: BTreeSet::from(["$default".to_owned()]),
            authorizer: None,
        };
        let builder = Builder {
            functions: BTreeMap::new(),
            told: BTreeMap::new(),
            websocket,
            http_routes: Vec::new(),
            limits: Limits::default(),
            cors: None,
            pages: Router::new().fallback(|| async { "a page" }),
            error_caching: ErrorCaching::none(),
        };
        let ok = |_| async { Ok(json!({ "statusCode": 200 })) };
        builder.function("ws-connect", ok).function("ws-message", ok).function("ws-disconnect", ok)
    }

    /// Replaces a function with a closure.
    pub(crate) fn function<F, A>(mut self, name: &str, code: F) -> Builder
    where
        F: Fn(Value) -> A + Send + Sync + 'static,
        A: Future<Output = Answer> + Send + 'static,
    {
        let (tell, told) = mpsc::unbounded_channel();
        let code: Code = Arc::new(move |payload: Bytes, _context| {
            let event: Value = serde_json::from_slice(&payload).expect("events are JSON");
            // A finished test no longer listens.
            let _ = tell.send(event.clone());
            let answer = code(event);
            async move { answer.await.map(|value| Bytes::from(value.to_string())) }.boxed()
        });
        self.functions.insert(name.to_owned(), Function { code, timeout: Duration::from_secs(60) });
        self.told.insert(name.to_owned(), Mutex::new(told));
        self
    }

    /// Adds a route to the HTTP API.
    pub(crate) fn http(mut self, method: &str, path: &str, function: &str) -> Builder {
        let (method, path, function) = (method.to_owned(), path.to_owned(), function.to_owned());
        self.http_routes.push(HttpRoute { method, path, function });
        self
    }

    /// Adds a route to the WebSocket API.
    pub(crate) fn route(mut self, key: &str, function: &str) -> Builder {
        self.websocket.routes.insert(key.to_owned(), function.to_owned());
        self
    }

    /// Removes a route from the WebSocket API.
    pub(crate) fn without_route(mut self, key: &str) -> Builder {
        self.websocket.routes.remove(key);
        self
    }

    /// Adds an authorizer before `$connect`, for handshakes with the query key `token` and the header `Origin`.
    pub(crate) fn authorizer(mut self, function: &str) -> Builder {
        let identity_sources = vec![IdentitySource::Query("token".into()), IdentitySource::Header("origin".into())];
        self.websocket.authorizer = Some(AuthorizerSpec { function: function.to_owned(), identity_sources });
        self
    }

    /// Gives a route a response.
    pub(crate) fn route_response(mut self, key: &str) -> Builder {
        self.websocket.route_responses.insert(key.to_owned());
        self
    }

    /// Changes the limits.
    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Builder {
        change(&mut self.limits);
        self
    }

    /// Starts the gateway.
    pub(crate) async fn start(self) -> Cloud {
        self.start_on(Way::Port).await
    }

    /// Starts the gateway, whose internal APIs are called this way.
    pub(crate) async fn start_on(self, way: Way) -> Cloud {
        let template = Template {
            functions: BTreeMap::new(),
            http_routes: self.http_routes,
            websocket: self.websocket,
            tables: Vec::new(),
            event_source_mappings: Vec::new(),
            schedules: Vec::new(),
            error_caching: self.error_caching,
        };
        let apis = Apis::new(ApisOptions {
            template: &template,
            engine: Engine::new(self.functions).limited_to(self.limits.concurrent_executions, &BTreeMap::new()),
            clock: Clock::system(),
            limits: self.limits,
            cors: self.cors,
            pages: self.pages,
            access_key: AccessKey::new(KEY_ID, SECRET),
        });
        let in_process = InProcess::default();
        in_process.leads_to(&apis);
        let listeners = [listener().await, listener().await, listener().await];
        let [public, internal, websocket] =
            listeners.each_ref().map(|listener| listener.local_addr().expect("it is bound"));
        let shutdown = CancellationToken::new();
        let [public_listener, internal_listener, websocket_listener] = listeners;
        let serving = [
            serve(vec![public_listener], apis.public_service(), shutdown.clone()),
            serve(vec![internal_listener], apis.internal_service(), shutdown.clone()),
            serve(vec![websocket_listener], apis.websocket_service(), shutdown.clone()),
        ];
        let server = tokio::spawn(async move {
            futures_util::future::join_all(serving).await;
        });
        let in_process = in_process.connector();
        Cloud { public, internal, way, in_process, websocket, apis, shutdown, server, told: self.told }
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port")
}

impl Cloud {
    /// The next event that a function got.
    pub(crate) async fn event(&self, function: &str) -> Value {
        within(self.told[function].lock().await.recv()).await.expect("the function lives as long as the gateway")
    }

    /// How many events of a function the test has not read yet.
    pub(crate) async fn waiting_events(&self, function: &str) -> usize {
        self.told[function].lock().await.len()
    }

    /// A URL of the strict WebSocket API.
    pub(crate) fn strict(&self, path_and_query: &str) -> String {
        format!("ws://{}{path_and_query}", self.websocket)
    }

    /// Opens a socket and takes the `CONNECT` event's id.
    pub(crate) async fn socket(&self) -> Socket {
        let (stream, _) = within(connect_async(self.strict("/prod"))).await.expect("the handshake succeeds");
        let id = connection_id(&self.event("ws-connect").await);
        Socket { stream, id }
    }

    /// The status with which a handshake is refused.
    pub(crate) async fn refusal(&self, path_and_query: &str) -> u16 {
        match within(connect_async(self.strict(path_and_query))).await {
            Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
            other => panic!("the handshake should be refused, not {other:?}"),
        }
    }

    /// Sends a signed request to `@connections`.
    pub(crate) async fn management(&self, method: reqwest::Method, id: &str, body: &str) -> reqwest::Response {
        let id = id.replace('=', "%3D");
        let url = format!("http://{}/prod/@connections/{id}", self.internal);
        self.call(http().request(method, url).body(body.to_owned()), "execute-api").await
    }

    /// Posts to a socket and returns the status.
    pub(crate) async fn post(&self, id: &str, body: &str) -> u16 {
        self.management(reqwest::Method::POST, id, body).await.status().as_u16()
    }

    /// Posts frames of 100 KB to a socket that does not read until its queue is full. Returns how many were taken. The text of each
    /// begins with its number.
    pub(crate) async fn post_until_full(&self, id: &str) -> usize {
        let mut taken = 0;
        while self.post(id, &format!("{taken} {}", "x".repeat(100 * 1024))).await == 200 {
            taken += 1;
            assert!(taken < 1_000, "the queue took 100 MB");
        }
        taken
    }
}

/// `requestContext.connectionId` of an event.
pub(crate) fn connection_id(event: &Value) -> String {
    text(event, "/requestContext/connectionId")
}

/// A text in an event.
pub(crate) fn text(event: &Value, pointer: &str) -> String {
    let found = event.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is no text in {event}")).to_owned()
}

/// A client's end of a socket.
pub(crate) struct Socket {
    pub(crate) stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) id: String,
}

impl Socket {
    /// Sends a text frame.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    /// Sends any frame.
    pub(crate) async fn send_message(&mut self, message: Message) {
        within(self.stream.send(message)).await.expect("the socket takes it");
    }

    /// The next text frame.
    pub(crate) async fn text(&mut self) -> String {
        match within(self.stream.next()).await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("a text frame should come, not {other:?}"),
        }
    }

    /// The close frame that ends the socket; other frames before it are skipped.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match within(self.stream.next()).await {
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return (code.into(), reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("a close frame should come, not {other:?}"),
            }
        }
    }
}
