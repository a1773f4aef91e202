//! `$connect`: a handshake is accepted or refused before the upgrade.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use shared::lambda::app::App;
use shared::lambda::websocket;

/// Answers one event.
pub async fn handle(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    websocket::connect(app, event).await
}
