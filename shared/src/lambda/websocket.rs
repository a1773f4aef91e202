//! WebSocket events in; the status of a handshake or the answer to a frame out.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use aws_lambda_events::encodings::Body;
use lambda_http::http::HeaderValue;
use tokio::time::Instant;

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::features::sockets::dispatch::Opening;
use crate::lambda::app::App;
use crate::lambda::invocation;

/// The subprotocols that carry a token or a ticket: a browser cannot set headers on a socket.
const BEARER: &str = "bearer";
const TICKET: &str = "ticket";

/// What a handshake brings to say who it is.
enum Credential {
    Token(String),
    Ticket(String),
}

/// Opens the socket of a CONNECT event.
pub async fn connect(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    let begun = begin(event);
    let (credential, subprotocol) = credential(app, event);
    let opening = opening(app, event, credential).await;
    let outcome = match opening {
        Ok(opening) => app.chat.open_socket(opening).await,
        Err(error) => Err(error),
    };
    end(outcome.as_ref().err(), begun, "handshake served");
    match outcome {
        Ok(()) => {
            let mut response = response(200, String::new());
            if let Some(subprotocol) = subprotocol {
                response.headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static(subprotocol));
            }
            response
        }
        Err(error) => response(error.status(), String::new()),
    }
}

/// Answers the frame of a MESSAGE event. The body goes back over the route response.
pub async fn message(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    let begun = begin(event);
    let frame = event.body.as_deref().unwrap_or_default();
    let (answer, refusal) = Box::pin(app.chat.answer(connection_id(event), frame)).await;
    end(refusal.as_ref(), begun, "frame served");
    response(200, answer)
}

/// Forgets the socket of a DISCONNECT event, which cannot be refused.
pub async fn disconnect(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    let begun = begin(event);
    let outcome = app.chat.close_socket(connection_id(event)).await;
    end(outcome.as_ref().err(), begun, "end of a socket served");
    response(200, String::new())
}

async fn opening(
    app: &App,
    event: &ApiGatewayWebsocketProxyRequest,
    credential: Option<Credential>,
) -> Result<Opening, ChatError> {
    let caller: Caller = match credential {
        Some(Credential::Token(token)) => app.verifier.verify(&token, app.chat.clock.now()).await?,
        Some(Credential::Ticket(ticket)) => app.chat.redeem_ticket(&ticket, connection_id(event)).await?,
        None => return Err(ChatError::Unauthorized("Bring a token or a ticket".to_owned())),
    };
    let query = |name: &str| event.query_string_parameters.first(name).unwrap_or_default().to_owned();
    Ok(Opening {
        connection_id: connection_id(event).to_owned(),
        session_id: query("session_id"),
        caller,
        connected_ms: app.chat.clock.now().as_millisecond(),
        batch: query("batch") == "1",
    })
}

/// What a handshake brings, and the subprotocol to agree on. The query comes first, as the guide does it; the first thing that is
/// there decides, whether it is good or not.
fn credential(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> (Option<Credential>, Option<&'static str>) {
    let offered = event.headers.get("sec-websocket-protocol").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut offered = offered.split(',').map(str::trim);
    let (by_subprotocol, subprotocol) = match (offered.next(), offered.next()) {
        (Some(BEARER), Some(token)) => (Some(Credential::Token(token.to_owned())), Some(BEARER)),
        (Some(TICKET), Some(ticket)) => (Some(Credential::Ticket(ticket.to_owned())), Some(TICKET)),
        _ => (None, None),
    };
    let query = |name: &str| event.query_string_parameters.first(name).map(str::to_owned);
    let token = query("token").filter(|_| app.chat.config.query_token).map(Credential::Token);
    (token.or_else(|| query("ticket").map(Credential::Ticket)).or(by_subprotocol), subprotocol)
}

fn connection_id(event: &ApiGatewayWebsocketProxyRequest) -> &str {
    event.request_context.connection_id.as_deref().unwrap_or_default()
}

fn response(status: u16, body: String) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(status);
    response.body = Some(Body::Text(body));
    response
}

/// Notes what the lines of this invocation name.
fn begin(event: &ApiGatewayWebsocketProxyRequest) -> Instant {
    let context = &event.request_context;
    invocation::note_ids(context.request_id.as_deref(), context.connection_id.as_deref());
    Instant::now()
}

/// Writes the invocation's line, which holds neither the frame nor its answer.
fn end(error: Option<&ChatError>, begun: Instant, what: &str) {
    invocation::note_outcome(error.map_or("ok", ChatError::code));
    if let Some(ChatError::Unavailable(cause)) = error {
        tracing::error!(error = %cause, "socket failed");
    }
    let status = error.map_or(200, ChatError::status);
    tracing::info!(status, duration_ms = begun.elapsed().as_secs_f64() * 1000.0, "{what}");
}
