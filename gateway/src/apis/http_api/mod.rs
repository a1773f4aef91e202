//! The HTTP API: finds the route, invokes its function with a genuine event, and turns its response into HTTP.

mod cors;
mod response;
mod routes;

use axum::body::Body;
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use shared::platform::clock::Clock;

pub use cors::Cors;

use crate::apis::events::{http as event, trace_header};
use crate::cloud::engine::trace::Trace;
use crate::cloud::engine::{Engine, InvokeError};
use crate::cloud::template::HttpRoute;
use crate::http::limits::Limits;
use crate::http::peer::Peer;
use crate::http::reply::{self, BodyError, Reply};
use routes::Routes;

/// The HTTP API.
#[derive(Debug)]
pub(crate) struct HttpApi {
    routes: Routes,
    cors: Option<Cors>,
    clock: Clock,
    limits: Limits,
}

impl HttpApi {
    /// The API of these routes.
    pub(crate) fn new(routes: &[HttpRoute], cors: Option<Cors>, clock: Clock, limits: Limits) -> HttpApi {
        HttpApi { routes: Routes::new(routes), cors, clock, limits }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, engine: &Engine, request: Request<Incoming>, peer: &Peer) -> Reply {
        let origin = request.headers().get(http::header::ORIGIN).cloned();
        if let Some(preflight) = self.cors.as_ref().and_then(|cors| cors.preflight(&request)) {
            return preflight;
        }
        let mut reply = self.integrate(engine, request, peer).await;
        if let Some(cors) = &self.cors {
            cors.decorate(&mut reply, origin.as_ref());
        }
        reply
    }

    async fn integrate(&self, engine: &Engine, request: Request<Incoming>, peer: &Peer) -> Reply {
        let at = self.clock.now();
        let Some(found) = self.routes.find(request.method(), request.uri().path()) else {
            return reply::message(StatusCode::NOT_FOUND, "Not Found");
        };
        let (parts, body) = request.into_parts();
        let body = match reply::read_body(body, self.limits.http_body_bytes, self.limits.body_read).await {
            Ok(body) => body,
            Err(BodyError::TooLarge) => {
                return reply::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
            }
            Err(BodyError::Incomplete) => return reply::message(StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
        };
        let trace = trace_header(&parts.headers, at);
        let (payload, request_id) = event::request(&event::Request {
            parts: &parts,
            body: &body,
            route_key: &found.route.key,
            path_parameters: &found.parameters,
            source_ip: &peer.address.ip().to_string(),
            local_port: peer.local_port,
            trace: &trace,
            at,
        });
        let trace = Trace::of(Some(&trace));
        let invocation = engine.run(&found.route.function, payload, &trace);
        let mut reply = match tokio::time::timeout(self.limits.http_integration, invocation).await {
            Ok(Ok(returned)) => response::reply_of(returned).unwrap_or_else(internal_server_error),
            // (i) The documentation has only the words, and those of other limits.
            Ok(Err(InvokeError::Throttled(_))) => {
                reply::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
            Ok(Err(InvokeError::TooLarge(_))) => {
                reply::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
            }
            Ok(Err(_logged_by_the_engine)) => internal_server_error(),
            Err(_elapsed) => reply::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        if let Ok(request_id) = HeaderValue::from_str(&request_id) {
            reply.headers_mut().insert("apigw-requestid", request_id);
        }
        if parts.method == http::Method::HEAD {
            *reply.body_mut() = Body::empty();
        }
        reply
    }
}

fn internal_server_error() -> Reply {
    reply::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}
