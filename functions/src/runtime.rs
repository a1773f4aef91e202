//! Serves a function on Lambda: logs, settings and clients first, then one event after the other.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use lambda_http::http::Method;
use lambda_http::{Body, IntoResponse, Request, Response};
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::features::standing::check::Deed;
use shared::lambda::app::App;
use shared::lambda::exchange::Exchange;
use shared::lambda::http;
use shared::lambda::{invocation, log, origin};
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::function::{self, Route};

/// The handler of events that are no HTTP requests.
pub(crate) type Handler<Event, Outcome> =
    for<'a> fn(&'a App, LambdaEvent<Event>) -> function::Future<'a, Result<Outcome, Error>>;

/// Serves routes of the HTTP API.
///
/// # Errors
/// A setting that cannot be used, or the runtime's own failure.
pub(crate) fn serve_http(routes: &'static [Route]) -> Result<(), Error> {
    block_on(async {
        let app = start()?;
        lambda_http::run(service_fn(|request: Request| {
            let answer = Box::pin(respond(Arc::clone(&app), routes, request));
            async { Ok::<_, Infallible>(Text(answer.await)) }
        }))
        .await
    })
}

/// Serves any other events.
///
/// # Errors
/// A setting that cannot be used, or the runtime's own failure.
pub(crate) fn serve<Event, Outcome>(handle: Handler<Event, Outcome>) -> Result<(), Error>
where
    Event: DeserializeOwned,
    Outcome: Serialize,
{
    block_on(async {
        let app = start()?;
        // Boxed, for the compiler follows nested futures only so deep.
        lambda_runtime::run(service_fn(|event| Box::pin(serve_event(handle, Arc::clone(&app), event)))).await
    })
}

/// The response to one request that came through the edge: its route's handler answers the verified caller.
pub(crate) async fn respond(app: Arc<App>, routes: &'static [Route], mut request: Request) -> Response<Body> {
    http::share_standing(&mut request);
    let answer = async {
        origin::check(&app.chat.config.origin, request.headers())?;
        let route = Route::of(&request, routes)?;
        let caller = http::caller(&app, &request).await?;
        caller.require_any(route.needs)?;
        let answer = (route.answer)(&app, &caller, &request);
        let standing = async {
            let standing = http::standing(&app, &caller, &request).await?;
            app.chat.judge_standing(&standing, None, &caller, Deed::Read)
        };
        match *request.method() {
            // What takes part asks for the standing itself, in its own order.
            Method::POST => answer.await,
            Method::GET => tokio::try_join!(standing, answer).map(|(_, answer)| answer),
            _ => {
                standing.await?;
                answer.await
            }
        }
    };
    let response = async { http::respond(&request, answer.await) };
    let response = Exchange::of(&request).serve(response).await;
    app.chat.meter.print(app.chat.clock.now());
    response
}

/// The outcome of one event that is no HTTP request.
pub(crate) async fn serve_event<Event, Outcome>(
    handle: Handler<Event, Outcome>,
    app: Arc<App>,
    event: LambdaEvent<Event>,
) -> Result<Outcome, Error> {
    let context = event.context.clone();
    let outcome = invocation::serve(&context, None, handle(&app, event)).await;
    app.chat.meter.print(app.chat.clock.now());
    outcome
}

/// When Lambda ends this invocation.
pub(crate) fn deadline(context: &Context) -> Instant {
    Instant::now() + context.deadline().duration_since(SystemTime::now()).unwrap_or_default()
}

/// A response whose body is text already. Left to itself `lambda_http` would look for its charset, and bring the tables of all
/// charsets that browsers know into each binary.
pub(crate) struct Text(pub(crate) Response<Body>);

impl IntoResponse for Text {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        Box::pin(ready(self.0))
    }
}

fn start() -> Result<Arc<App>, Error> {
    log::init();
    Ok(App::from_environment()?)
}

fn block_on(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    Builder::new_current_thread().enable_all().build()?.block_on(work)
}
