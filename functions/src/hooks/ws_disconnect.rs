//! `$disconnect`: a socket that closed is forgotten.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use shared::lambda::app::App;
use shared::lambda::websocket;

/// Answers one event.
pub async fn handle(app: &App, event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    websocket::disconnect(app, event).await
}
