//! The WebSocket hook `connect`: a handshake is accepted or refused before the upgrade.

use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use lambda_runtime::{Error, LambdaEvent};
use shared::lambda::app::App;
use shared::lambda::websocket;

/// Serves one event.
///
/// # Errors
/// None: whatever goes wrong is part of the answer.
pub async fn handle(
    app: Arc<App>,
    event: LambdaEvent<ApiGatewayWebsocketProxyRequest>,
) -> Result<ApiGatewayProxyResponse, Error> {
    Ok(websocket::connect(&app, &event.payload).await)
}
