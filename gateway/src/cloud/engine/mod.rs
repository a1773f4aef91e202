//! Runs functions as Lambda would: raw JSON in, raw JSON out, a time limit, and crashes that stay isolated.
//!
//! There are three kinds of code: the handlers [`in_process`] (the default), the bootstrap binaries as [`processes`], which
//! [`programs`] builds, and the functions behind a [`remote`] Invoke endpoint.

pub mod concurrency;
mod context;
mod function;
pub mod in_process;
pub mod processes;
pub mod programs;
pub mod remote;
mod returned;
mod running;
pub mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use functions::local::Returned;
use tokio::sync::{Semaphore, watch};

use self::concurrency::{ACCOUNT_QUOTA, Concurrency};
use self::context::context;
pub(crate) use self::context::uuid_like;
pub use self::function::{Code, Function, FunctionError, InvokeError, Middleware, Wrap};
pub use self::returned::MAX_PAYLOAD_BYTES;
use self::returned::is_within_the_limit;
pub(crate) use self::running::lock;
use self::running::{End, Entries, Running};
use self::trace::Trace;

/// Executions of one function that this machine runs at the same time. Further ones wait, so that a thousand sockets that end in one
/// moment do not ask the database for a thousand connections. While they wait, they are none of Lambda's concurrent executions: Lambda would
/// be done with them long ago.
const MAX_CONCURRENT_INVOCATIONS: usize = 256;

/// How long an asynchronous event waits for its next try after Lambda refused it, at first and at most.
const EVENT_BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// How long such an event is tried again.
const EVENT_AGE: Duration = Duration::from_secs(6 * 60 * 60);

/// All functions, by the names that the template gives them. Clones share one engine.
#[derive(Clone)]
pub struct Engine {
    functions: Arc<BTreeMap<String, (Function, Arc<Semaphore>)>>,
    concurrency: Concurrency,
    refused: Arc<Mutex<u64>>,
    finished: watch::Sender<u64>,
    invocations: Arc<Mutex<BTreeMap<String, u64>>>,
    running: Entries,
    /// Functions whose invocations end with the gateway.
    ending: Arc<Mutex<BTreeSet<String>>>,
}

impl Engine {
    /// An engine over these functions.
    pub fn new(functions: BTreeMap<String, Function>) -> Engine {
        let with_permits = |(name, function)| (name, (function, Arc::new(Semaphore::new(MAX_CONCURRENT_INVOCATIONS))));
        Engine {
            functions: Arc::new(functions.into_iter().map(with_permits).collect()),
            concurrency: Concurrency::new(ACCOUNT_QUOTA, &BTreeMap::new()),
            refused: Arc::default(),
            finished: watch::Sender::new(0),
            invocations: Arc::default(),
            running: Arc::default(),
            ending: Arc::default(),
        }
    }

    /// The same functions in an account with this quota of concurrent executions, some of which are reserved for a function.
    pub fn limited_to(self, account: usize, reserved: &BTreeMap<String, usize>) -> Engine {
        Engine { concurrency: Concurrency::new(account, reserved), ..self }
    }

    /// The same functions, wrapped. Running invocations are not touched.
    pub fn wrapped_in(self, middleware: &Middleware) -> Engine {
        let functions = self.functions.iter().map(|(name, (function, permits))| {
            let code = (middleware.0)(name, Arc::clone(&function.code));
            (name.clone(), (Function { code, timeout: function.timeout }, Arc::clone(permits)))
        });
        Engine { functions: Arc::new(functions.collect()), ..self }
    }

    /// Runs a function to its end, even if the caller goes away meanwhile.
    ///
    /// # Errors
    /// [`InvokeError`] if there is no such function, if Lambda refuses the invocation, or if it failed, crashed or ran into its timeout.
    pub async fn invoke(&self, name: &str, payload: Bytes) -> Result<Bytes, InvokeError> {
        self.invoke_traced(name, payload, &Trace::of(None)).await
    }

    /// Runs a function for an asynchronous event: one that is refused for now is tried again, later and later.
    ///
    /// # Errors
    /// Those of [`Engine::invoke`]; a refusal only after six hours.
    pub async fn invoke_event(&self, name: &str, payload: Bytes, trace: &Trace) -> Result<Bytes, InvokeError> {
        let (mut wait, most) = EVENT_BACKOFF;
        let given_up = Instant::now() + EVENT_AGE;
        loop {
            match self.invoke_traced(name, payload.clone(), trace).await {
                Err(InvokeError::Throttled(_)) if Instant::now() < given_up => tokio::time::sleep(wait).await,
                ended => return ended,
            }
            wait = (wait * 2).min(most);
        }
    }

    /// Runs a function as part of a trace.
    ///
    /// # Errors
    /// Those of [`Engine::invoke`].
    pub async fn invoke_traced(&self, name: &str, payload: Bytes, trace: &Trace) -> Result<Bytes, InvokeError> {
        let returned = self.run(name, payload, trace).await?;
        returned.into_json().map_err(|error| self.failed(name, FunctionError::unhandled(&error)))
    }

    /// [`Engine::invoke_traced`] for whoever reads a response without its JSON.
    ///
    /// # Errors
    /// Those of [`Engine::invoke`].
    pub(crate) async fn run(&self, name: &str, payload: Bytes, trace: &Trace) -> Result<Returned, InvokeError> {
        let known = self.functions.get(name);
        let (function, permits) = known.ok_or_else(|| InvokeError::NoSuchFunction(name.to_owned()))?;
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(InvokeError::TooLarge(name.to_owned()));
        }
        // The semaphore is never closed, so there is a permit in the end.
        let permit = Arc::clone(permits).acquire_owned().await.ok();
        let Some(execution) = self.concurrency.admit(name) else {
            *lock(&self.refused) += 1;
            tracing::warn!(function.name = name, "an invocation was refused: too many are under way");
            return Err(InvokeError::Throttled(name.to_owned()));
        };
        let context = context(name, function.timeout, trace);
        let end = End {
            places: Some((permit, execution)),
            finished: self.finished.clone(),
            invocations: Arc::clone(&self.invocations),
            name: name.to_owned(),
        };
        let work = tokio::time::timeout(function.timeout, (function.code)(payload, context));
        let run = tokio::spawn(async move {
            let _end = end;
            work.await
        });
        let _running = Running::note(&self.running, name, run.abort_handle());
        let error = match run.await {
            Ok(Ok(Ok(returned))) if is_within_the_limit(&returned) => return Ok(returned),
            Ok(Ok(Ok(_too_large))) => FunctionError::response_too_large(),
            Ok(Ok(Err(error))) => error,
            Ok(Err(_elapsed)) => FunctionError::timed_out(function.timeout),
            Err(crash) => FunctionError::crashed(&crash),
        };
        Err(self.failed(name, error))
    }

    fn failed(&self, name: &str, error: FunctionError) -> InvokeError {
        self.log(name, &error);
        InvokeError::Failed { function: name.to_owned(), error }
    }

    fn log(&self, name: &str, error: &FunctionError) {
        if lock(&self.ending).contains(name) {
            tracing::info!(
                function.name = name,
                error.r#type = error.error_type,
                "an invocation ended with the gateway"
            );
            return;
        }
        tracing::error!(
            function.name = name,
            error.r#type = error.error_type,
            error.message = error.error_message,
            "function failed"
        );
    }

    /// Counts finished invocations: a change means that a table may have changed.
    pub fn finished(&self) -> watch::Receiver<u64> {
        self.finished.subscribe()
    }

    /// How many invocations of each function have ended so far.
    pub fn invocations(&self) -> BTreeMap<String, u64> {
        lock(&self.invocations).clone()
    }

    /// How many invocations were refused so far, because too many were under way.
    pub fn refused(&self) -> u64 {
        *lock(&self.refused)
    }

    /// Ends every running invocation of a function, as a crash of its process would. Answers with how many there were.
    pub fn kill_running(&self, name: &str) -> usize {
        let running = lock(&self.running);
        let victims = running.values().filter(|(running, _)| running == name);
        victims.map(|(_, handle)| handle.abort()).count()
    }

    /// Ends every running invocation of a function because the gateway ends: that is no failure of the function.
    pub fn end_running(&self, name: &str) {
        lock(&self.ending).insert(name.to_owned());
        self.kill_running(name);
    }

    /// The names of all functions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }
}
