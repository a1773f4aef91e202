//! A socket's life: its handshake waits for the authorizer and `$connect`, and its end runs `$disconnect`.

use std::sync::Arc;

use bytes::Bytes;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use serde_json::Value;
use tokio::sync::oneshot;

use super::api::WebSocketApi;
use super::handshake::AcceptKey;
use super::{authorizer, handshake, socket};
use crate::apis::connections::{Client, Ending, new_id};
use crate::apis::events::websocket::{self as event, Handshake};
use crate::apis::events::{domain_name, header_text, trace_header};
use crate::cloud::engine::trace::Trace;
use crate::http::peer::Peer;
use crate::http::reply::{self, Reply};

/// The decision of `$connect`.
enum Verdict {
    Accepted { protocol: Option<HeaderValue> },
    Refused(Reply),
}

impl WebSocketApi {
    /// Answers a handshake. The query is the one that the API sees, which an edge may have rewritten.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        mut request: Request<Incoming>,
        query: Option<&str>,
        peer: &Peer,
    ) -> Reply {
        let key = match handshake::read(&request, self.limits.address_bytes) {
            Ok(key) => key,
            Err(refusal) => return *refusal,
        };
        if self.closing.is_cancelled() {
            return reply::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
        }
        let headers = request.headers();
        let mut client = Client {
            connection_id: new_id(),
            connected_at: self.clock.now(),
            source_ip: peer.address.ip().to_string(),
            user_agent: header_text(headers, "user-agent"),
            domain_name: domain_name(headers),
            authorizer: None,
        };
        let case = peer.raw_bytes.take();
        let trace = trace_header(headers, client.connected_at);
        let handshake = Handshake { headers, case: &case, query, local_port: peer.local_port, trace: &trace };
        let mut payload = event::connect(&self.spec.stage, &client, &handshake).payload;
        if let Some(spec) = &self.spec.authorizer {
            match authorizer::ask(spec, &self.engine, &self.spec.stage, &payload).await {
                Ok(context) => client.authorizer = Some(context),
                Err(refusal) => return *refusal,
            }
            payload = event::connect(&self.spec.stage, &client, &handshake).payload;
        }
        peer.raw_bytes.stop();
        let upgrade = hyper::upgrade::on(&mut request);
        let (answer, answered) = oneshot::channel();
        // A task of its own, because `$disconnect` is due even if the client leaves while `$connect` still runs.
        self.tasks.spawn(Arc::clone(self).live(client, (payload, Trace::of(Some(&trace))), key, answer, upgrade));
        answered.await.unwrap_or_else(|_| reply::message(StatusCode::BAD_GATEWAY, "Internal server error"))
    }

    /// A socket's whole life, from `$connect` to `$disconnect`.
    async fn live(
        self: Arc<Self>,
        client: Client,
        connect_event: (Bytes, Trace),
        key: AcceptKey,
        answer: oneshot::Sender<Reply>,
        upgrade: OnUpgrade,
    ) {
        let protocol = match Box::pin(self.connect(connect_event)).await {
            Verdict::Accepted { protocol } => protocol,
            Verdict::Refused(refusal) => {
                // The client may be gone already.
                let _ = answer.send(refusal);
                return;
            }
        };
        let (connection, outgoing) = self.connections.open(client);
        tracing::debug!(connection.id = connection.client.connection_id, "socket opened");
        // A client that left meanwhile shows as an upgrade that fails.
        let _ = answer.send(handshake::switch(&key, protocol));
        let ending = match upgrade.await {
            Ok(upgraded) => socket::run(&self, upgraded, &connection, outgoing).await,
            Err(_) => {
                self.connections.remove(&connection.client.connection_id);
                Ending::vanished()
            }
        };
        tracing::debug!(connection.id = connection.client.connection_id, close.code = ending.code, "socket closed");
        if let Some(function) = self.spec.routes.get("$disconnect") {
            let event = event::disconnect(&self.spec.stage, &connection.client, &ending, self.clock.now());
            // Too late to refuse anything, and the engine has logged a failure.
            let _ = self.engine.invoke(function, event.payload).await;
        }
    }

    async fn connect(&self, (event, trace): (Bytes, Trace)) -> Verdict {
        let Some(function) = self.spec.routes.get("$connect") else { return Verdict::Accepted { protocol: None } };
        let invocation = self.engine.invoke_traced(function, event, &trace);
        let returned = match tokio::time::timeout(self.limits.websocket_integration, invocation).await {
            Ok(Ok(returned)) => returned,
            Ok(Err(_logged_by_the_engine)) => return Verdict::bad_gateway(),
            Err(_elapsed) => {
                return Verdict::Refused(reply::message(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"));
            }
        };
        let value: Value = serde_json::from_slice(&returned).unwrap_or_default();
        match reply::status_of(&value["statusCode"]) {
            Some(status) if status.is_success() => Verdict::Accepted { protocol: protocol_of(&value["headers"]) },
            Some(status) => Verdict::Refused(reply::empty(status)),
            None => Verdict::bad_gateway(),
        }
    }
}

impl Verdict {
    fn bad_gateway() -> Verdict {
        Verdict::Refused(reply::message(StatusCode::BAD_GATEWAY, "Internal server error"))
    }
}

/// The one header of `$connect` that reaches the client.
fn protocol_of(headers: &Value) -> Option<HeaderValue> {
    let mut headers = headers.as_object()?.iter();
    let (_, protocol) = headers.find(|(name, _)| name.eq_ignore_ascii_case(SEC_WEBSOCKET_PROTOCOL.as_str()))?;
    HeaderValue::from_str(protocol.as_str()?).ok()
}
