//! All APIs of the local cloud over one registry of sockets, and which of them takes a request: of clients on the public port, of the
//! functions' SDK clients on the internal one or in this process.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use shared::platform::clock::Clock;
use tower::ServiceExt;

use crate::apis::connections::Connections;
use crate::apis::edge::{self, Destination};
use crate::apis::error_cache::ErrorCache;
use crate::apis::http_api::{Cors, HttpApi};
use crate::apis::internal_apis::{InternalApis, forbidden};
use crate::apis::websocket_api::WebSocketApi;
use crate::cloud::engine::Engine;
use crate::cloud::template::Template;
use crate::http::door::{AccessKey, Door};
use crate::http::limits::Limits;
use crate::http::peer::Peer;
use crate::http::reply::Reply;
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
    /// The key of functions that run elsewhere, without which the internal port serves nobody.
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
    internal: Arc<InternalApis>,
    pages: Router,
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
        let internal = Arc::new(InternalApis { connections, engine, limits, stage, door });
        Apis { inner: Arc::new(Inner { http, websocket, internal, pages, errors }) }
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
        Arc::clone(&self.inner.internal.connections)
    }

    /// The APIs that functions call.
    pub(super) fn internal(&self) -> &Arc<InternalApis> {
        &self.inner.internal
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
        &self.apis.internal.limits
    }

    async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        match self.port {
            Port::Public => self.apis.answer_public(request, peer).await,
            Port::Internal => self.apis.internal.answer_at_the_door(request, peer.local_port).await,
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
        let reply = self.http.answer(&self.internal.engine, request, peer).await;
        self.errors.keep(&method, &path, reply, Instant::now()).await
    }

    async fn answer_websocket(&self, request: Request<Incoming>, peer: &Peer) -> Reply {
        let path = request.uri().path();
        if percent_decode_str(path.strip_prefix('/').unwrap_or(path)).decode_utf8_lossy() != self.internal.stage {
            return forbidden();
        }
        let query = request.uri().query().map(str::to_owned);
        self.websocket.answer(request, query.as_deref(), peer).await
    }
}

/// A request as the pages expect it: with the other end's address, as axum names it.
fn with_peer(request: Request<Incoming>, peer: &Peer) -> Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer.address));
    request
}
