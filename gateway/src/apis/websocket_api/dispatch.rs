//! One message: to the function of its route, and the answer back, if the route has one.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::api::WebSocketApi;
use crate::apis::connections::{Connection, Ending, PostError, new_id};
use crate::apis::events::websocket as event;

impl WebSocketApi {
    /// Runs a message's function beside the other messages of its socket. The permit is released when it is done.
    pub(super) fn dispatch(
        self: &Arc<Self>,
        connection: &Arc<Connection>,
        text: Utf8Bytes,
        permit: OwnedSemaphorePermit,
    ) {
        let (api, connection) = (Arc::clone(self), Arc::clone(connection));
        self.tasks.spawn(async move {
            if let Some(answer) = api.answer_to(&connection, &text).await
                && let Err(PostError::Full) = connection.post_within(answer, api.limits.stuck_answer).await
            {
                connection.close(Ending::going_away());
            }
            drop(permit);
        });
    }

    /// The answer to the sender, if there is one.
    async fn answer_to(&self, connection: &Connection, text: &str) -> Option<Utf8Bytes> {
        let client = &connection.client;
        let Some((route_key, function)) = self.route_of(text) else {
            return Some(error_frame("Forbidden", &client.connection_id, &new_id()));
        };
        let event = event::message(&self.spec.stage, client, route_key, text, self.clock.now());
        let invocation = self.engine.invoke(function, event.payload);
        let error = match tokio::time::timeout(self.limits.websocket_integration, invocation).await {
            Ok(Ok(_)) if !self.spec.route_responses.contains(route_key) => return None,
            Ok(Ok(returned)) => match body_of(&returned) {
                Some(body) if body.len() <= self.limits.message_bytes => return (!body.is_empty()).then_some(body),
                _ => "Internal server error",
            },
            Ok(Err(_logged_by_the_engine)) => "Internal server error",
            Err(_elapsed) => "Endpoint request timed out",
        };
        Some(error_frame(error, &client.connection_id, &event.request_id))
    }

    /// The route's key and function: the selected one, else `$default`. A message cannot select `$connect`.
    fn route_of(&self, text: &str) -> Option<(&str, &str)> {
        let selected = self.selection.key_of(text).filter(|key| !key.starts_with('$'));
        let route = selected.and_then(|key| self.spec.routes.get_key_value(&key));
        let (key, function) = route.or_else(|| self.spec.routes.get_key_value("$default"))?;
        Some((key, function))
    }
}

/// The `body` of a function's response, or `None` if it returned no response at all.
fn body_of(returned: &Bytes) -> Option<Utf8Bytes> {
    let mut value: Value = serde_json::from_slice(returned).ok()?;
    value.get("statusCode")?;
    let body = match value.get_mut("body").map(Value::take) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(body)) => body,
        Some(_) => return None,
    };
    match value.get("isBase64Encoded") {
        Some(Value::Bool(true)) => Utf8Bytes::try_from(STANDARD.decode(body).ok()?).ok(),
        _ => Some(Utf8Bytes::from(body)),
    }
}

/// The gateway's own error, to the byte as AWS writes it.
fn error_frame(message: &str, connection_id: &str, request_id: &str) -> Utf8Bytes {
    format!(r#"{{"message": "{message}", "connectionId":"{connection_id}", "requestId":"{request_id}"}}"#).into()
}
