//! All APIs of the local cloud over one registry of sockets, and which of them takes a request: of clients on the public port, of the
//! functions' SDK clients on the internal one.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use shared::platform::clock::Clock;
use tower::ServiceExt;

use crate::apis::connections::Connections;
use crate::apis::edge::{self, Destination};
use crate::apis::error_cache::ErrorCache;
use crate::apis::http_api::{Cors, HttpApi};
use crate::apis::websocket_api::WebSocketApi;
use crate::apis::{invoke_api, management_api};
use crate::cloud::engine::Engine;
use crate::cloud::template::Template;
use crate::http::door::{AccessKey, Door, Protocol};
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
    /// The key of the functions, without which the internal port serves nobody.
    pub access_key: AccessKey,
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
    door: Door,
    errors: ErrorCache,
}

impl Apis {
    /// Listens nowhere yet: that is what [`crate::http::serve::serve`] does with the services.
    pub fn new(options: ApisOptions<'_>) -> Apis {
        let ApisOptions { template, engine, clock, limits, cors, pages, access_key } = options;
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
        let (door, errors) = (Door::new(access_key), ErrorCache::new(template.error_caching.clone()));
        Apis { inner: Arc::new(Inner { http, websocket, connections, engine, limits, stage, pages, door, errors }) }
    }

    /// The public port: the edge, with both APIs and the pages behind it.
    pub fn public_service(&self) -> ApiService {
        ApiService { apis: Arc::clone(&self.inner), port: Port::Public }
    }

    /// The internal port: `@connections` and Lambda's Invoke API, for who has the access key.
    pub fn internal_service(&self) -> ApiService {
        ApiService { apis: Arc::clone(&self.inner), port: Port::Internal }
    }

    /// The WebSocket API's own address, which is not the edge's. A local run serves it nowhere: clients come through the edge.
    pub fn websocket_service(&self) -> ApiService {
        ApiService { apis: Arc::clone(&self.inner), port: Port::WebSocketApi }
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
            Port::WebSocketApi => self.apis.answer_websocket(request, peer).await,
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
            Destination::Http => self.answer_http(request, peer).await,
            Destination::Pages => match self.pages.clone().oneshot(with_peer(request, peer)).await {
                Ok(reply) => reply,
                Err(never) => match never {},
            },
        }
    }

    /// The HTTP API behind the edge, which may know an error already.
    async fn answer_http(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if let Some(kept) = self.errors.find(&method, &path, Instant::now()) {
            return kept;
        }
        let reply = self.http.answer(&self.engine, request, peer).await;
        self.errors.keep(&method, &path, reply, Instant::now()).await
    }

    async fn answer_internal(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        let (head, body) = request.into_parts();
        let function = head.uri.path().strip_prefix(invoke_api::PATH_PREFIX);
        let protocol = if function.is_some() { Protocol::Lambda } else { Protocol::Connections };
        let knock = match self.door.knock(&head, peer.local_port, protocol) {
            Ok(knock) => knock,
            Err(refusal) => return refusal.reply(protocol),
        };
        let limit = match protocol {
            Protocol::Lambda => invoke_api::body_bytes(&self.limits, &head.headers),
            _ => self.limits.message_bytes,
        };
        let body = match reply::read_body(body, limit, self.limits.body_read).await {
            Ok(body) => body,
            Err(error) if protocol == Protocol::Lambda => return invoke_api::unread(error, limit),
            Err(error) => return management_api::unread(error),
        };
        if let Err(refusal) = self.door.open(&knock, &body) {
            return refusal.reply(protocol);
        }
        match function {
            Some(tail) => invoke_api::answer(&self.engine, tail, &head, body).await,
            None => self.answer_management(&head, body),
        }
    }

    fn answer_management(&self, head: &Parts, body: Bytes) -> Reply {
        let path = head.uri.path();
        let segments = path.strip_prefix('/').unwrap_or(path).split('/');
        let mut segments = segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy());
        let address = [(); 4].map(|()| segments.next());
        match address.each_ref().map(Option::as_deref) {
            [Some(stage), Some("@connections"), Some(id), None] if stage == self.stage => {
                management_api::answer(&self.connections, id, &head.method, body)
            }
            _ => forbidden(),
        }
    }

    async fn answer_websocket(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        let path = request.uri().path();
        if percent_decode_str(path.strip_prefix('/').unwrap_or(path)).decode_utf8_lossy() != self.stage {
            return forbidden();
        }
        let query = request.uri().query().map(str::to_owned);
        self.websocket.answer(request, query.as_deref(), peer).await
    }
}

fn forbidden() -> Reply {
    reply::typed_error(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden")
}

/// A request as the pages expect it: with the other end's address, as axum names it.
fn with_peer(request: Request<Incoming>, peer: &Peer) -> Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer.address));
    request
}
