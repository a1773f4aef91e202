//! What a function is: its name, what calls it, and how it is served.

use std::pin::Pin;
use std::sync::Arc;

use lambda_http::Request;
use lambda_runtime::{Context, Error};
use shared::domain::caller::{Caller, Capability};
use shared::domain::error::ChatError;
use shared::lambda::app::App;
use shared::lambda::http::route_key;
use shared::lambda::reply::Reply;

use crate::returned::Returned;

/// Something that is awaited.
pub(crate) type Future<'a, Output> = Pin<Box<dyn std::future::Future<Output = Output> + Send + 'a>>;

/// The answer to a request, or why it is refused.
pub type Answer<'a> = Future<'a, Result<Reply, ChatError>>;

/// What an invocation returns, or what Lambda would report as a function error.
pub type Invocation<'a> = Future<'a, Result<Returned, Error>>;

/// A function: a Lambda binary.
#[derive(Clone, Copy)]
pub struct Function {
    /// The name: that of the file in `src/bin`, and `Binary` in `template.yaml`.
    pub name: &'static str,
    /// What calls it.
    pub trigger: Trigger,
    /// Serves it on Lambda, for as long as the process lives.
    pub main: fn() -> Result<(), Error>,
    /// Calls it in this process.
    pub invoke: for<'a> fn(Arc<App>, &'a [u8], Context) -> Invocation<'a>,
}

/// What calls a function.
#[derive(Clone, Copy)]
pub enum Trigger {
    /// Routes of the HTTP API.
    Routes(&'static [Route]),
    /// A route key of the WebSocket API.
    Hook {
        /// `$connect`, `$disconnect` or `$default`.
        key: &'static str,
        /// The module in `hooks`.
        handler: &'static str,
    },
    /// A stream, a schedule or another function.
    Job {
        /// The module in `jobs`.
        handler: &'static str,
    },
}

/// A route of the HTTP API.
#[derive(Clone, Copy)]
pub struct Route {
    /// API Gateway's `routeKey`: the method, a space and the path, such as `POST /live-chat/like-message/{message_id}`.
    pub key: &'static str,
    /// The module in `routes`.
    pub handler: &'static str,
    /// The capabilities one of which the caller has; if there are none here, a valid token is enough.
    pub needs: &'static [Capability],
    /// Answers a request; the caller is verified and has what the route needs.
    pub answer: for<'a> fn(&'a App, &'a Caller, &'a Request) -> Answer<'a>,
}

impl Function {
    /// Its routes of the HTTP API; none if something else calls it.
    pub fn routes(&self) -> &'static [Route] {
        match self.trigger {
            Trigger::Routes(routes) => routes,
            Trigger::Hook { .. } | Trigger::Job { .. } => &[],
        }
    }
}

impl Route {
    /// The route that API Gateway chose for a request. A function that has one route only has nothing to choose.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if it is none of the function's: while a new version takes over, the API may already send it
    /// requests for a route that the old version lacks.
    pub(crate) fn of<'a>(request: &Request, routes: &'a [Route]) -> Result<&'a Route, ChatError> {
        if let [route] = routes {
            return Ok(route);
        }
        let key = route_key(request).unwrap_or_default();
        let route = routes.iter().find(|route| route.key == key);
        route.ok_or_else(|| ChatError::unavailable(format!("this function has no route {key:?}")))
    }
}
