//! `$default`: a frame is answered by the return value.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use shared::lambda::app::App;
use shared::lambda::websocket;

/// Answers one event.
pub async fn handle(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    websocket::message(app, event).await
}
