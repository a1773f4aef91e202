//! A gateway with closures as functions, and how it starts.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use futures_util::FutureExt;
use gateway::Cors;
use gateway::apis::in_process::InProcess;
use gateway::apis::router::{Apis, ApisOptions};
use gateway::door::AccessKey;
use gateway::engine::{Code, Engine, Function};
use gateway::limits::Limits;
use gateway::serve::serve;
use gateway::template::{AuthorizerSpec, CorsSpec, ErrorCaching, HttpRoute, IdentitySource, Template, WebSocketSpec};
use serde_json::{Value, json};
use shared::platform::clock::Clock;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Answer, Cloud, KEY_ID, SECRET};
use crate::way::Way;

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
            async move { answer.await.map(|value| Bytes::from(value.to_string()).into()) }.boxed()
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
            cors: CorsSpec::default(),
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
