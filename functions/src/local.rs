//! Calls a handler in this process, with the very bytes that Lambda would give its binary.

use std::convert::Infallible;
use std::sync::Arc;

use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Body, Request, Response};
use lambda_runtime::tower::ServiceExt;
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::lambda::app::App;
use shared::lambda::http::Exchange;
use shared::lambda::invocation;

use crate::runtime::Text;

/// All functions, by the names of their binaries.
pub const NAMES: [&str; 16] = [
    "status",
    "messages",
    "viewers",
    "likes",
    "stats",
    "like",
    "like-message",
    "send-message",
    "delete-message",
    "ticket",
    "ws-connect",
    "ws-message",
    "ws-disconnect",
    "broadcast",
    "fan-out",
    "housekeep",
];

/// Calls the function with this name.
///
/// # Errors
/// What Lambda would report as a function error: an event that cannot be read, or the handler's own failure.
pub async fn invoke(name: &str, app: Arc<App>, payload: &[u8], context: Context) -> Result<Vec<u8>, Error> {
    match name {
        "status" => http(crate::status::handle, app, payload, context).await,
        "messages" => http(crate::messages::handle, app, payload, context).await,
        "viewers" => http(crate::viewers::handle, app, payload, context).await,
        "likes" => http(crate::likes::handle, app, payload, context).await,
        "stats" => http(crate::stats::handle, app, payload, context).await,
        "like" => http(crate::like::handle, app, payload, context).await,
        "like-message" => http(crate::like_message::handle, app, payload, context).await,
        "send-message" => http(crate::send_message::handle, app, payload, context).await,
        "delete-message" => http(crate::delete_message::handle, app, payload, context).await,
        "ticket" => http(crate::ticket::handle, app, payload, context).await,
        "ws-connect" => event(crate::ws_connect::handle, app, payload, context).await,
        "ws-message" => event(crate::ws_message::handle, app, payload, context).await,
        "ws-disconnect" => event(crate::ws_disconnect::handle, app, payload, context).await,
        "broadcast" => event(crate::broadcast::handle, app, payload, context).await,
        "fan-out" => event(crate::fan_out::handle, app, payload, context).await,
        "housekeep" => event(crate::housekeep::handle, app, payload, context).await,
        other => Err(format!("there is no function {other}").into()),
    }
}

async fn http<Answer>(
    handle: impl Fn(Arc<App>, Request) -> Answer + Send + Sync,
    app: Arc<App>,
    payload: &[u8],
    context: Context,
) -> Result<Vec<u8>, Error>
where
    Answer: Future<Output = Response<Body>> + Send,
{
    let request: LambdaRequest = serde_json::from_slice(payload)?;
    let service = service_fn(|request: Request| {
        let exchange = Exchange::of(&request);
        let answer = exchange.serve(handle(Arc::clone(&app), request));
        async { Ok::<_, Infallible>(Text(answer.await)) }
    });
    let response = Adapter::from(service).oneshot(LambdaEvent::new(request, context)).await?;
    Ok(serde_json::to_vec(&response)?)
}

async fn event<Event, Answer, Outcome>(
    handle: impl Fn(Arc<App>, LambdaEvent<Event>) -> Outcome,
    app: Arc<App>,
    payload: &[u8],
    context: Context,
) -> Result<Vec<u8>, Error>
where
    Event: DeserializeOwned,
    Answer: Serialize,
    Outcome: Future<Output = Result<Answer, Error>>,
{
    let event = LambdaEvent::new(serde_json::from_slice(payload)?, context.clone());
    let outcome = invocation::serve(&context, None, handle(Arc::clone(&app), event)).await;
    app.chat.meter.print(app.chat.clock.now());
    Ok(serde_json::to_vec(&outcome?)?)
}
