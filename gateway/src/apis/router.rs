//! All APIs of the local cloud over one registry of sockets, and which of them takes a request: of clients on the public port, of the
//! functions' SDK clients on the internal one.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use shared::platform::clock::Clock;
use tower::ServiceExt;

use crate::apis::connections::Connections;
use crate::apis::edge::{self, Destination};
use crate::apis::http_api::{Cors, HttpApi};
use crate::apis::websocket_api::WebSocketApi;
use crate::apis::{invoke_api, management_api};
use crate::cloud::engine::Engine;
use crate::cloud::template::Template;
use crate::http::limits::Limits;
use crate::http::peer::Peer;
use crate::http::reply::{self, Reply};
use crate::http::service::{Port, Service};

/// The parts of the APIs.
pub struct ApisOptions<'a> {
    /// Routes, stage and route selection come from here.
    pub template: &'a Template,
    /// Runs the functions.
    pub engine: Engine,
    /// Dates the events.
    pub clock: Clock,
    /// Sizes, rates and timers.
    pub limits: Limits,
    /// CORS of the HTTP API, if it is configured.
    pub cors: Option<Cors>,
    /// Everything on the public port that no API takes.
    pub pages: Router,
}

/// All APIs over one registry of sockets. Clones share it.
#[derive(Clone)]
pub struct Apis {
    inner: Arc<Inner>,
}

struct Inner {
    http: HttpApi,
    websocket: Arc<WebSocketApi>,
    connections: Arc<Connections>,
    engine: Engine,
    limits: Limits,
    stage: String,
    pages: Router,
}

impl Apis {
    /// Listens nowhere yet: that is what [`crate::http::serve::serve`] does with the services.
    pub fn new(options: ApisOptions<'_>) -> Apis {
        let ApisOptions { template, engine, clock, limits, cors, pages } = options;
        let connections = Arc::new(Connections::new(&limits));
        let http = HttpApi::new(&template.http_routes, cors, clock.clone(), limits.clone());
        let websocket = WebSocketApi::new(
            template.websocket.clone(),
            engine.clone(),
            clock,
            limits.clone(),
            Arc::clone(&connections),
        );
        let (websocket, stage) = (Arc::new(websocket), template.websocket.stage.clone());
        Apis { inner: Arc::new(Inner { http, websocket, connections, engine, limits, stage, pages }) }
    }

    /// The public port: the edge, with both APIs and the pages behind it.
    pub fn public_service(&self) -> ApiService {
        ApiService { apis: Arc::clone(&self.inner), port: Port::Public }
    }

    /// The internal port: the WebSocket API's own address, `@connections` and Lambda's Invoke API.
    pub fn internal_service(&self) -> ApiService {
        ApiService { apis: Arc::clone(&self.inner), port: Port::Internal }
    }

    /// The open sockets.
    pub fn connections(&self) -> Arc<Connections> {
        Arc::clone(&self.inner.connections)
    }
}

/// The APIs of one port.
#[derive(Clone)]
pub struct ApiService {
    apis: Arc<Inner>,
    port: Port,
}

impl Service for ApiService {
    fn port(&self) -> Port {
        self.port
    }

    fn limits(&self) -> &Limits {
        &self.apis.limits
    }

    async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        match self.port {
            Port::Public => self.apis.answer_public(request, peer).await,
            Port::Internal => self.apis.answer_internal(request, peer).await,
        }
    }

    async fn close_sockets(&self) {
        self.apis.websocket.shut_down().await;
    }
}

impl Inner {
    async fn answer_public(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        match edge::destination(request.uri().path(), request.uri().query()) {
            Destination::Socket(query) => self.websocket.answer(request, Some(&query), peer).await,
            Destination::Http => self.http.answer(&self.engine, request, peer).await,
            Destination::Pages => match self.pages.clone().oneshot(with_peer(request, peer)).await {
                Ok(reply) => reply,
                Err(never) => match never {},
            },
        }
    }

    async fn answer_internal(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        let path = request.uri().path().to_owned();
        if let Some(tail) = path.strip_prefix(invoke_api::PATH_PREFIX) {
            return invoke_api::answer(&self.engine, &self.limits, tail, request).await;
        }
        let mut segments = path
            .strip_prefix('/')
            .unwrap_or(&path)
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy());
        let address = [(); 4].map(|()| segments.next());
        match address.each_ref().map(Option::as_deref) {
            [Some(stage), None, ..] if stage == self.stage => {
                let query = request.uri().query().map(str::to_owned);
                self.websocket.answer(request, query.as_deref(), peer).await
            }
            [Some(stage), Some("@connections"), Some(id), None] if stage == self.stage => {
                management_api::answer(&self.connections, &self.limits, id, request).await
            }
            _ => reply::typed_error(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden"),
        }
    }
}

/// A request as the pages expect it: with the other end's address, as axum names it.
fn with_peer(request: Request<Incoming>, peer: &Peer) -> Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer.address));
    request
}
