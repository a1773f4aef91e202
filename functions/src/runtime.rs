//! Serves a handler on Lambda: logs, settings and clients first, then one event after the other.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lambda_http::{Body, IntoResponse, Request, Response};
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::lambda::app::App;
use shared::lambda::http::Exchange;
use shared::lambda::{invocation, log};

/// Serves a route of the HTTP API.
///
/// # Errors
/// A setting that cannot be used, or the runtime's own failure.
pub async fn serve_http<Answer>(handle: impl Fn(Arc<App>, Request) -> Answer + Send + Sync) -> Result<(), Error>
where
    Answer: Future<Output = Response<Body>> + Send,
{
    let app = start()?;
    lambda_http::run(service_fn(|request: Request| {
        let exchange = Exchange::of(&request);
        let answer = Box::pin(exchange.serve(handle(Arc::clone(&app), request)));
        async { Ok::<_, Infallible>(Text(answer.await)) }
    }))
    .await
}

/// An answer whose body is text already. Left to itself `lambda_http` would look for its charset, and bring the tables of all
/// charsets that browsers know into each binary.
pub(crate) struct Text(pub(crate) Response<Body>);

impl IntoResponse for Text {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        Box::pin(ready(self.0))
    }
}

/// Serves any other event.
///
/// # Errors
/// A setting that cannot be used, or the runtime's own failure.
pub async fn serve<Event, Answer, Outcome>(
    handle: impl Fn(Arc<App>, LambdaEvent<Event>) -> Outcome,
) -> Result<(), Error>
where
    Event: DeserializeOwned,
    Answer: Serialize,
    Outcome: Future<Output = Result<Answer, Error>>,
{
    let app = start()?;
    // Boxed, for the compiler follows nested futures only so deep.
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| {
        let (app, context) = (Arc::clone(&app), event.context.clone());
        let work = handle(Arc::clone(&app), event);
        Box::pin(async move {
            let outcome = invocation::serve(&context, None, work).await;
            app.chat.meter.print(app.chat.clock.now());
            outcome
        })
    }))
    .await
}

/// How long Lambda lets this invocation run.
pub(crate) fn time_left(context: &Context) -> Duration {
    context.deadline().duration_since(SystemTime::now()).unwrap_or_default()
}

fn start() -> Result<Arc<App>, Error> {
    log::init();
    Ok(App::from_environment()?)
}
