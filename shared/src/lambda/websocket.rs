//! WebSocket events in, the status of a handshake or the answer to a frame out.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use aws_lambda_events::encodings::Body;
use lambda_http::http::HeaderValue;
use tokio::time::Instant;

use crate::domain::error::ChatError;
use crate::lambda::invocation;

/// A handshake, a frame, or the end of a socket.
pub type SocketEvent = ApiGatewayWebsocketProxyRequest;

/// The response of a hook, and its log line.
pub struct Reply {
    status: u16,
    body: String,
    subprotocol: Option<&'static str>,
    error: Option<ChatError>,
    line: &'static str,
}

impl Reply {
    /// Accepts a handshake, perhaps with a subprotocol, or refuses it with a status.
    pub fn to_handshake(outcome: Result<Option<&'static str>, ChatError>) -> Reply {
        let line = "handshake served";
        match outcome {
            Ok(subprotocol) => Reply { status: 200, body: String::new(), subprotocol, error: None, line },
            Err(error) => {
                Reply { status: error.status(), body: String::new(), subprotocol: None, error: Some(error), line }
            }
        }
    }

    /// Answers a frame, even a refused one: the body is sent by the route response.
    pub fn to_frame(body: String, refusal: Option<ChatError>) -> Reply {
        Reply { status: 200, body, subprotocol: None, error: refusal, line: "frame served" }
    }

    /// Acknowledges the end of a socket, which cannot be refused.
    pub fn to_end(outcome: Result<(), ChatError>) -> Reply {
        let line = "end of a socket served";
        Reply { status: 200, body: String::new(), subprotocol: None, error: outcome.err(), line }
    }
}

/// The connection id of the socket.
pub fn connection_id(event: &SocketEvent) -> &str {
    event.request_context.connection_id.as_deref().unwrap_or_default()
}

/// Awaits a hook's reply to an event, and logs its line, which contains neither the frame nor its answer.
pub async fn serve(event: &SocketEvent, reply: impl Future<Output = Reply>) -> ApiGatewayProxyResponse {
    let begun = Instant::now();
    let context = &event.request_context;
    invocation::note_ids(context.request_id.as_deref(), context.connection_id.as_deref());
    let reply = reply.await;
    let error = reply.error.as_ref();
    invocation::note_outcome(error.map_or("ok", ChatError::code));
    if let Some(ChatError::Unavailable(cause)) = error {
        tracing::error!(error = %cause, "socket failed");
    }
    let status = error.map_or(200, ChatError::status);
    tracing::info!(status, duration_ms = begun.elapsed().as_secs_f64() * 1000.0, "{}", reply.line);
    response(reply)
}

fn response(reply: Reply) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(reply.status);
    response.body = Some(Body::Text(reply.body));
    if let Some(subprotocol) = reply.subprotocol {
        response.headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static(subprotocol));
    }
    response
}
