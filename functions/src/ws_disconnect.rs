//! The WebSocket hook `disconnect`: a socket that closed is forgotten.

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
    Ok(websocket::disconnect(&app, &event.payload).await)
}
