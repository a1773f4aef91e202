//! Callers of the REST API: so many at the same time, each on a connection of its own, each calling again after its answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::join_all;
use hdrhistogram::Histogram;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::Instant;

use crate::args::LoadArgs;
use crate::error::LoadError;
use crate::histogram::{histogram, note};
use crate::http::Caller;
use crate::tokens::Tokens;
use crate::transport::Connector;

/// The figures of one call.
pub(crate) struct Called {
    pub(crate) call: String,
    pub(crate) seconds: f64,
    pub(crate) latency: Histogram<u64>,
    /// Answers other than 200.
    pub(crate) failed: BTreeMap<String, u64>,
}

/// One thing to be called.
struct Call {
    name: String,
    method: Method,
    path: String,
    body: Option<String>,
    latency: RefCell<Histogram<u64>>,
    failed: RefCell<BTreeMap<String, u64>>,
}

/// Where users of their own are taken for each call: a second like of a user is no like.
struct Users<'a> {
    tokens: &'a Tokens,
    next: &'a Cell<usize>,
}

/// Measures each call alone, or all together.
///
/// # Errors
/// [`LoadError`] if there are no tokens.
pub(crate) async fn measure(
    connector: &Rc<Connector>,
    args: &LoadArgs,
    tokens: &Tokens,
    next_user: &Cell<usize>,
) -> Result<Vec<Called>, LoadError> {
    let users = Users { tokens, next: next_user };
    let calls: Vec<Call> = args.rest.iter().map(|name| Call::named(name, args.path(name))).collect();
    let mut measured = Vec::new();
    if args.together {
        let seconds = run(connector, args, &users, &calls).await?;
        measured.extend(calls.into_iter().map(|call| call.into_called(seconds)));
    } else {
        for call in calls {
            let seconds = run(connector, args, &users, std::slice::from_ref(&call)).await?;
            measured.push(call.into_called(seconds));
        }
    }
    Ok(measured)
}

/// Calls in turn until time or requests are over. Answers with how long that took.
async fn run(connector: &Rc<Connector>, args: &LoadArgs, users: &Users<'_>, calls: &[Call]) -> Result<f64, LoadError> {
    let mut callers = Vec::new();
    for _ in 0..args.concurrency {
        let mut caller = Caller::new(connector);
        let token = users.token(&mut caller).await?;
        callers.push((caller, token));
    }
    let (begun, made) = (Instant::now(), Cell::new(0_usize));
    let end = begun + args.duration();
    let most = args.requests.map_or(usize::MAX, |requests| requests * calls.len());
    let calling = callers.into_iter().map(|(mut caller, mut token)| {
        let made = &made;
        async move {
            while made.get() < most && (args.requests.is_some() || Instant::now() < end) {
                let call = &calls[made.replace(made.get() + 1) % calls.len()];
                if call.name == "like" {
                    token = users.token(&mut caller).await?;
                }
                call.once(&mut caller, &token).await;
            }
            Ok::<(), LoadError>(())
        }
    });
    join_all(calling).await.into_iter().collect::<Result<(), LoadError>>()?;
    Ok(begun.elapsed().as_secs_f64())
}

impl Users<'_> {
    async fn token(&self, caller: &mut Caller) -> Result<String, LoadError> {
        let number = self.next.replace(self.next.get() + 1);
        self.tokens.of_user(number, caller).await
    }
}

impl Call {
    /// By the last part of its path; changes are POST requests.
    fn named(name: &str, path: String) -> Call {
        let (method, body) = match name {
            "send-message" => (Method::POST, Some(json!({"message": "a message of the load tool"}).to_string())),
            _ if name == "like" || name.starts_with("like-message/") => (Method::POST, None),
            _ => (Method::GET, None),
        };
        Call {
            name: name.to_owned(),
            method,
            path,
            body,
            latency: RefCell::new(histogram()),
            failed: RefCell::default(),
        }
    }

    async fn once(&self, caller: &mut Caller, token: &str) {
        let begun = Instant::now();
        let failed = match caller.call(self.method.clone(), &self.path, token, self.body.clone()).await {
            Ok(answer) if answer.status == StatusCode::OK => {
                note(&mut self.latency.borrow_mut(), begun.elapsed().as_micros() as u64);
                return;
            }
            Ok(answer) => answer.status.as_str().to_owned(),
            Err(cause) => cause,
        };
        *self.failed.borrow_mut().entry(failed).or_default() += 1;
    }

    fn into_called(self, seconds: f64) -> Called {
        let (latency, failed) = (self.latency.into_inner(), self.failed.into_inner());
        Called { call: self.name, seconds, latency, failed }
    }
}
