//! The doors of the local cloud and how they hang together: one port for everybody, one for the functions' SDK clients.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{HOST, TRANSFER_ENCODING};
use http::{Request, StatusCode, Version};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use shared::platform::clock::Clock;
use tokio::time::Instant;
use tower::ServiceExt;

use crate::apis::connections::Connections;
use crate::apis::edge::{self, Destination};
use crate::apis::http_api::{Cors, HttpDoor};
use crate::apis::upstream::Elsewhere;
use crate::apis::websocket_api::WebSocketDoor;
use crate::apis::{invoke_api, management_api};
use crate::cloud::engine::Engine;
use crate::cloud::template::Template;
use crate::http::limits::Limits;
use crate::http::peer::Peer;
use crate::http::reply::{self, Reply};

/// What the doors are made of.
pub struct DoorsOptions<'a> {
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

/// All doors over one registry of sockets. Clones share it.
#[derive(Clone)]
pub struct Doors {
    inner: Arc<Inner>,
}

struct Inner {
    http: HttpDoor,
    websocket: Arc<WebSocketDoor>,
    connections: Arc<Connections>,
    engine: Engine,
    limits: Limits,
    stage: String,
    pages: Router,
}

impl Doors {
    /// Opens nothing yet: that is what [`crate::http::serve::serve`] does with the services.
    pub fn new(options: DoorsOptions<'_>) -> Doors {
        let DoorsOptions { template, engine, clock, limits, cors, pages } = options;
        let connections = Arc::new(Connections::new(&limits));
        let http = HttpDoor::new(&template.http_routes, cors, clock.clone(), limits.clone());
        let websocket = WebSocketDoor::new(
            template.websocket.clone(),
            engine.clone(),
            clock,
            limits.clone(),
            Arc::clone(&connections),
        );
        let (websocket, stage) = (Arc::new(websocket), template.websocket.stage.clone());
        Doors { inner: Arc::new(Inner { http, websocket, connections, engine, limits, stage, pages }) }
    }

    /// The public port: the edge, with both APIs and the pages behind it.
    pub fn public_service(&self) -> Service {
        Service { behind: Behind::Doors(Arc::clone(&self.inner)), entrance: Entrance::Public }
    }

    /// The internal port: the WebSocket API's own address, `@connections` and Lambda's Invoke API.
    pub fn internal_service(&self) -> Service {
        Service { behind: Behind::Doors(Arc::clone(&self.inner)), entrance: Entrance::Internal }
    }

    /// The open sockets.
    pub fn connections(&self) -> Arc<Connections> {
        Arc::clone(&self.inner.connections)
    }
}

#[derive(Clone, Copy)]
enum Entrance {
    Public,
    Internal,
}

/// What answers the requests of one port.
#[derive(Clone)]
pub struct Service {
    behind: Behind,
    entrance: Entrance,
}

#[derive(Clone)]
enum Behind {
    Doors(Arc<Inner>),
    Elsewhere(Arc<Elsewhere>),
}

impl Service {
    /// The edge in front of doors elsewhere.
    pub fn edge(elsewhere: Elsewhere) -> Service {
        Service { behind: Behind::Elsewhere(Arc::new(elsewhere)), entrance: Entrance::Public }
    }

    /// Answers one request and writes its line of the access log, which holds neither query nor body.
    pub(crate) async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Reply {
        let begun = Instant::now();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let reply = match (&self.behind, self.entrance) {
            _ if !names_its_host(&request) => reply::message(StatusCode::BAD_REQUEST, "Bad Request"),
            _ if !is_decoded(&request) => reply::last_message(StatusCode::NOT_IMPLEMENTED, "Not Implemented"),
            (Behind::Doors(doors), Entrance::Public) => doors.answer_public(request, &peer).await,
            (Behind::Doors(doors), Entrance::Internal) => doors.answer_internal(request, &peer).await,
            (Behind::Elsewhere(elsewhere), _) => elsewhere.answer(request).await,
        };
        peer.tape.clear();
        let (status, duration_ms) = (reply.status().as_u16(), begun.elapsed().as_secs_f64() * 1_000.0);
        match self.entrance {
            Entrance::Public => {
                tracing::info!(http.method = %method, http.path = path, http.status = status, duration_ms, "request")
            }
            // A busy room makes thousands of these in a second.
            Entrance::Internal => {
                tracing::debug!(http.method = %method, http.path = path, http.status = status, duration_ms, "internal request")
            }
        }
        reply
    }

    pub(crate) fn limits(&self) -> &Limits {
        match &self.behind {
            Behind::Doors(doors) => &doors.limits,
            Behind::Elsewhere(elsewhere) => &elsewhere.limits,
        }
    }

    pub(crate) async fn close_sockets(&self) {
        // The sockets of an edge end with their tunnels.
        if let Behind::Doors(doors) = &self.behind {
            doors.websocket.shut_down().await;
        }
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

/// Whether it is clear which host a request is for (RFC 9112, 3.2): one `Host` header, which an address in the request
/// line does not contradict. HTTP/1.0 may leave it out.
fn names_its_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let named = request.uri().authority();
            named.is_none_or(|named| named.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes()))
        }
        (None, _) => request.version() < Version::HTTP_11,
        _ => false,
    }
}

/// Whether the body is what it will be taken for: chunks are put together, every other coding would be left as it is
/// (RFC 9112, 6.1).
fn is_decoded<B>(request: &Request<B>) -> bool {
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        _ => false,
    }
}

/// A request as the pages expect it: with the other end's address, as axum names it.
fn with_peer(request: Request<Incoming>, peer: &Peer) -> Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer.address));
    request
}
