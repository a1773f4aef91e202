//! The service behind a port. Each request is checked by the rules of RFC 9112 before it, and logged after it.

use http::header::{HOST, TRANSFER_ENCODING};
use http::{Request, StatusCode, Version};
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::http::limits::Limits;
use crate::http::peer::Peer;
use crate::http::reply::{self, Reply};

/// Which port a service is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// For clients.
    Public,
    /// For the functions' SDK clients.
    Internal,
    /// The WebSocket API's own address.
    WebSocketApi,
}

/// Answers the requests of one port. Clones share it.
pub trait Service: Clone + Send + Sync + 'static {
    /// The port.
    fn port(&self) -> Port;

    /// Sizes and timers of its connections.
    fn limits(&self) -> &Limits;

    /// Answers one request.
    fn answer(&self, request: Request<Incoming>, peer: &Peer) -> impl Future<Output = Reply> + Send;

    /// Closes all sockets, and waits for their `$disconnect` functions.
    fn close_sockets(&self) -> impl Future<Output = ()> + Send;
}

/// Answers one request, if it is sound, and writes its line of the access log, which holds neither query nor body.
pub(super) async fn answer(service: &impl Service, request: Request<Incoming>, peer: &Peer) -> Reply {
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let reply = if !names_its_host(&request) {
        reply::message(StatusCode::BAD_REQUEST, "Bad Request")
    } else if !is_decoded(&request) {
        reply::last_message(StatusCode::NOT_IMPLEMENTED, "Not Implemented")
    } else {
        service.answer(request, peer).await
    };
    peer.raw_bytes.clear();
    let (status, duration_ms) = (reply.status().as_u16(), begun.elapsed().as_secs_f64() * 1_000.0);
    match service.port() {
        Port::Public | Port::WebSocketApi => {
            tracing::info!(http.method = %method, http.path = path, http.status = status, duration_ms, "request")
        }
        // A busy room makes thousands of these in a second.
        Port::Internal => {
            tracing::debug!(http.method = %method, http.path = path, http.status = status, duration_ms, "internal request")
        }
    }
    reply
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

/// Whether the body is decoded before a function sees it: chunks are joined, any other coding would stay (RFC 9112, 6.1).
fn is_decoded<B>(request: &Request<B>) -> bool {
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        _ => false,
    }
}
