//! Runs functions as Lambda would: raw JSON in, raw JSON out, a time limit, and crashes that stay isolated.
//!
//! There are three kinds of code: the handlers [`in_process`] (the default), the bootstrap binaries as [`processes`], which
//! [`programs`] builds, and the functions behind a [`remote`] Invoke endpoint.

pub mod concurrency;
pub mod in_process;
pub mod processes;
pub mod programs;
pub mod remote;
pub mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

use self::concurrency::{ACCOUNT_QUOTA, Concurrency};
use self::trace::Trace;

/// Executions of one function that this machine runs at the same time. Further ones wait, so that a thousand sockets that end in one
/// moment do not ask the database for a thousand connections. While they wait, they are none of Lambda's concurrent executions: Lambda would
/// be done with them long ago.
const MAX_CONCURRENT_INVOCATIONS: usize = 256;

/// The largest event, and the largest response: 6 MB, with some room for the envelope. The number is from Lambda's own message.
pub const MAX_PAYLOAD_BYTES: usize = 6_291_556;

/// How long an asynchronous event waits for its next try after Lambda refused it, at first and at most.
const EVENT_BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// How long such an event is tried again.
const EVENT_AGE: Duration = Duration::from_secs(6 * 60 * 60);

/// One function's code: takes the event's bytes and the Lambda context, answers with the response's bytes.
pub type Code =
    Arc<dyn Fn(Bytes, lambda_runtime::Context) -> BoxFuture<'static, Result<Bytes, FunctionError>> + Send + Sync>;

/// The failure of a function, in the shape in which Lambda reports it.
#[derive(Clone, Debug, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// A short class name, such as `Unhandled` or `Sandbox.Timedout`.
    pub error_type: String,
    /// For the log only: it never reaches a client.
    pub error_message: String,
}

impl FunctionError {
    /// The failure of a function whose response is larger than [`MAX_PAYLOAD_BYTES`].
    pub(crate) fn response_too_large() -> FunctionError {
        FunctionError {
            error_type: "Function.ResponseSizeTooLarge".to_owned(),
            error_message: format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."
            ),
        }
    }
}

/// Why an invocation gave no result.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvokeError {
    /// The template has no function of this name.
    #[error("there is no function {0}")]
    NoSuchFunction(String),
    /// Too many executions are under way.
    #[error("the function {0} is throttled")]
    Throttled(String),
    /// The event is larger than [`MAX_PAYLOAD_BYTES`].
    #[error("the event of {0} is too large")]
    TooLarge(String),
    /// The function ran and failed, crashed or took longer than its timeout.
    #[error("the function {function} failed: {error:?}")]
    Failed {
        /// The function's name.
        function: String,
        /// The report, as Lambda would give it.
        error: FunctionError,
    },
}

/// A function's code with the limits that the template sets.
#[derive(Clone)]
pub struct Function {
    /// Its code.
    pub code: Code,
    /// `Timeout` of the template.
    pub timeout: Duration,
}

/// Wraps each function's code, given its name and its code: a test sees the events, and lets a function fail half-way.
#[derive(Clone)]
pub struct Middleware(pub Arc<Wrap>);

/// From a function's name and its code to what runs instead.
pub type Wrap = dyn Fn(&str, Code) -> Code + Send + Sync;

impl std::fmt::Debug for Middleware {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Middleware")
    }
}

/// All functions, by the names that the template gives them. Clones share one engine.
#[derive(Clone)]
pub struct Engine {
    functions: Arc<BTreeMap<String, (Function, Arc<Semaphore>)>>,
    concurrency: Concurrency,
    refused: Arc<Mutex<u64>>,
    finished: watch::Sender<u64>,
    invocations: Arc<Mutex<BTreeMap<String, u64>>>,
    running: Arc<Mutex<BTreeMap<u64, (String, AbortHandle)>>>,
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
        let run = tokio::spawn(tokio::time::timeout(function.timeout, (function.code)(payload, context)));
        let _running = Running::note(self, name, run.abort_handle());
        // A task of its own waits for the end, so that it is noticed even if the caller goes away.
        let (finished, invocations, counted) = (self.finished.clone(), Arc::clone(&self.invocations), name.to_owned());
        let ended = tokio::spawn(async move {
            let ended = run.await;
            drop((permit, execution));
            *lock(&invocations).entry(counted).or_default() += 1;
            finished.send_modify(|count| *count += 1);
            ended
        });
        let error = match ended.await.unwrap_or_else(Err) {
            Ok(Ok(Ok(response))) if response.len() <= MAX_PAYLOAD_BYTES => return Ok(response),
            Ok(Ok(Ok(_too_large))) => FunctionError::response_too_large(),
            Ok(Ok(Err(error))) => error,
            Ok(Err(_elapsed)) => FunctionError {
                error_type: "Sandbox.Timedout".to_owned(),
                error_message: format!("Task timed out after {:.2} seconds", function.timeout.as_secs_f64()),
            },
            Err(crash) => {
                FunctionError { error_type: "Runtime.ExitError".to_owned(), error_message: crash.to_string() }
            }
        };
        if lock(&self.ending).contains(name) {
            tracing::info!(
                function.name = name,
                error.r#type = error.error_type,
                "an invocation ended with the gateway"
            );
            return Err(InvokeError::Failed { function: name.to_owned(), error });
        }
        tracing::error!(
            function.name = name,
            error.r#type = error.error_type,
            error.message = error.error_message,
            "function failed"
        );
        Err(InvokeError::Failed { function: name.to_owned(), error })
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

/// An invocation's entry among the running ones, while it runs.
struct Running {
    running: Arc<Mutex<BTreeMap<u64, (String, AbortHandle)>>>,
    key: u64,
}

impl Running {
    fn note(engine: &Engine, name: &str, handle: AbortHandle) -> Running {
        let key = rand::random();
        lock(&engine.running).insert(key, (name.to_owned(), handle));
        Running { running: Arc::clone(&engine.running), key }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.key);
    }
}

/// Locks, even after a panic of another holder.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn context(function_name: &str, timeout: Duration, trace: &Trace) -> lambda_runtime::Context {
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + timeout;
    let mut context = lambda_runtime::Context::default();
    context.request_id = uuid_like();
    context.deadline = deadline.as_millis() as u64;
    context.xray_trace_id = Some(trace.as_str().to_owned());
    context.invoked_function_arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{function_name}");
    context
}

/// A request id of the form that Lambda uses (a version 4 UUID).
pub(crate) fn uuid_like() -> String {
    let r: u128 = rand::random();
    let hex = format!("{:032x}", (r & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
