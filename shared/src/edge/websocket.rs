//! WebSocket events in; the status of a handshake or the answer to a frame out.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use aws_lambda_events::encodings::Body;
use lambda_http::http::HeaderValue;

use super::app::App;
use crate::rules::error::ChatError;
use crate::use_cases::socket::Opening;

/// The subprotocol that carries a token: a browser cannot set headers on a socket.
const BEARER: &str = "bearer";

/// Opens the socket of a CONNECT event.
pub async fn connect(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    let (token, subprotocol) = token(app, event);
    let opening = opening(app, event, token.as_deref()).await;
    let outcome = match opening {
        Ok(opening) => app.chat.open_socket(opening).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => {
            let mut response = response(200, String::new());
            if let Some(subprotocol) = subprotocol {
                response.headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static(subprotocol));
            }
            response
        }
        Err(error) => {
            log_refusal(event, &error);
            response(error.status(), String::new())
        }
    }
}

/// Answers the frame of a MESSAGE event. The body goes back over the route response.
pub async fn message(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    let frame = event.body.as_deref().unwrap_or_default();
    response(200, Box::pin(app.chat.answer(connection_id(event), frame)).await)
}

/// Forgets the socket of a DISCONNECT event, which cannot be refused.
pub async fn disconnect(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    if let Err(error) = app.chat.close_socket(connection_id(event)).await {
        log_refusal(event, &error);
    }
    response(200, String::new())
}

async fn opening(
    app: &App,
    event: &ApiGatewayWebsocketProxyRequest,
    token: Option<&str>,
) -> Result<Opening, ChatError> {
    let token = token.ok_or_else(|| ChatError::Unauthorized("Bring a token".to_owned()))?;
    let caller = app.verifier.verify(token, app.chat.clock.now()).await?;
    let query = |name: &str| event.query_string_parameters.first(name).unwrap_or_default().to_owned();
    Ok(Opening {
        connection_id: connection_id(event).to_owned(),
        session_id: query("session_id"),
        caller,
        connected_ms: app.chat.clock.now().as_millisecond(),
        batch: query("batch") == "1",
    })
}

/// The token of a handshake and the subprotocol to agree on: the query comes first, as the guide does it.
fn token(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> (Option<String>, Option<&'static str>) {
    let offered = event.headers.get("sec-websocket-protocol").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut offered = offered.split(',').map(str::trim);
    let by_subprotocol = match (offered.next(), offered.next()) {
        (Some(BEARER), Some(token)) => Some(token.to_owned()),
        _ => None,
    };
    let subprotocol = by_subprotocol.is_some().then_some(BEARER);
    let by_query = event.query_string_parameters.first("token").filter(|_| app.chat.config.query_token);
    (by_query.map(str::to_owned).or(by_subprotocol), subprotocol)
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

fn log_refusal(event: &ApiGatewayWebsocketProxyRequest, error: &ChatError) {
    let request_id = event.request_context.request_id.as_deref().unwrap_or_default();
    match error {
        ChatError::Unavailable(cause) => {
            tracing::error!(request.id = request_id, connection.id = connection_id(event), error = %cause, "socket failed");
        }
        _ => tracing::info!(
            request.id = request_id,
            connection.id = connection_id(event),
            outcome = error.code(),
            "socket refused"
        ),
    }
}
