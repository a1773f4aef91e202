//! The edge alone, in front of an HTTP API and a WebSocket API that run elsewhere: one origin for both and the page.
//!
//! It speaks plain HTTP to them, as local emulators do; in the cloud, CloudFront is the edge.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{Request, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use shared::lambda::origin;
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::apis::edge::{self, Destination};
use crate::http::limits::Limits;
use crate::http::list_header::has_member;
use crate::http::peer::Peer;
use crate::http::reply::{self, Reply};
use crate::http::service::{Port, Service};

/// Where an API is: `http://HOST:PORT/its/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    authority: Authority,
    path: String,
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        let uri: Uri = text.parse().map_err(|_| format!("{text} is no address"))?;
        match (uri.scheme_str(), uri.authority()) {
            (Some("http"), Some(authority)) => {
                let path = uri.path().trim_end_matches('/').to_owned();
                Ok(Target { authority: authority.clone(), path })
            }
            _ => Err(format!("{text} is no http://HOST:PORT/PATH")),
        }
    }
}

/// The edge and the APIs behind it.
pub struct Upstream {
    /// The HTTP API.
    pub http: Target,
    /// The WebSocket API, with its stage.
    pub socket: Target,
    /// The secret by which functions know this edge, if they ask for one.
    pub origin_secret: Option<HeaderValue>,
    /// Everything that no API takes.
    pub pages: Router,
    /// Sizes and timers of this side.
    pub limits: Limits,
}

impl Service for Arc<Upstream> {
    fn port(&self) -> Port {
        Port::Public
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn answer(&self, request: Request<Incoming>, _peer: &Peer) -> Reply {
        let (path, query) = (request.uri().path(), request.uri().query());
        let answered = match edge::destination(path, query) {
            Destination::Pages => {
                return match self.pages.clone().oneshot(request.map(Body::new)).await {
                    Ok(reply) => reply,
                    Err(never) => match never {},
                };
            }
            Destination::Http => {
                let query = query.map_or(String::new(), |query| format!("?{query}"));
                let address = format!("{}{path}{query}", self.http.path);
                self.forward(&self.http, &address, request).await
            }
            Destination::Socket(query) => {
                let address = format!("{}?{query}", self.socket.path);
                self.forward(&self.socket, &address, request).await
            }
        };
        answered.unwrap_or_else(|error| {
            tracing::warn!(error = %error, "the API behind the edge did not answer");
            reply::message(StatusCode::BAD_GATEWAY, "Bad Gateway")
        })
    }

    /// The sockets end with their tunnels.
    async fn close_sockets(&self) {}
}

/// Why there is no answer from upstream.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Address(#[from] http::Error),
}

impl Upstream {
    /// Sends a request on, on a connection of its own. A handshake that is accepted makes a tunnel of both connections.
    async fn forward(&self, target: &Target, address: &str, mut request: Request<Incoming>) -> Result<Reply, Failure> {
        let stream = TcpStream::connect(target.authority.as_str()).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection.with_upgrades());

        let client = hyper::upgrade::on(&mut request);
        *request.uri_mut() = Uri::from(address.parse::<PathAndQuery>().map_err(http::Error::from)?);
        let host = HeaderValue::from_str(target.authority.as_str()).map_err(http::Error::from)?;
        let headers = request.headers_mut();
        headers.insert(HOST, host);
        if let Some(secret) = &self.origin_secret {
            // It replaces what the client sent under this name, as a header that CloudFront adds does.
            headers.insert(origin::HEADER, secret.clone());
        }
        // The only tunnel that anybody gets is a socket: any other protocol would bypass the edge.
        let is_handshake = has_member(headers, &UPGRADE, "websocket") && has_member(headers, &CONNECTION, "upgrade");
        headers.remove(CONNECTION);
        headers.remove(UPGRADE);
        headers.remove("http2-settings");
        if is_handshake {
            headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        }
        let mut response = sender.send_request(request).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let server = hyper::upgrade::on(&mut response);
            tokio::spawn(async move {
                if let (Ok(client), Ok(server)) = tokio::join!(client, server) {
                    let (mut client, mut server) = (TokioIo::new(client), TokioIo::new(server));
                    let _one_side_is_gone = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
            return Ok(response.map(|_| Body::empty()));
        }
        response.headers_mut().remove(CONNECTION);
        response.headers_mut().remove(TRANSFER_ENCODING);
        Ok(response.map(Body::new))
    }
}
