//! Functions as Lambda runs them: the real bootstrap binaries, each instance a process that asks the Runtime API for one event
//! after the other. More events at once means more processes.

mod instance;
mod runtime;
mod runtime_api;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use self::instance::{Instance, Program};
use self::runtime::Runtimes;
use self::runtime_api::router;
use super::{Code, Engine, Function, FunctionError, lock};
use crate::cloud::template::Template;

/// Processes of one function. Lambda would start up to an account's thousand; here further events, which it would not refuse,
/// wait for a process.
const MAX_PROCESSES: usize = 24;

/// Where the bootstrap binaries are: paths by the functions' names.
pub type Programs = BTreeMap<String, PathBuf>;

/// An engine that runs every function of the template as processes with their environments, which write their lines to this
/// file, or to our own standard error.
///
/// # Errors
/// If the Runtime API finds no port, or a function has no program.
pub async fn engine(
    template: &Template,
    programs: &Programs,
    environment_of: impl Fn(&str) -> BTreeMap<String, String>,
    log: Option<Arc<OwnedFd>>,
) -> io::Result<Engine> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let runtimes = Runtimes::default();
    let serving = tokio::spawn(axum::serve(listener, router(runtimes.clone(), address.port())).into_future());
    let stop = Arc::new(StopOnDrop(serving.abort_handle()));
    let mut functions = BTreeMap::new();
    for (name, spec) in &template.functions {
        let path = programs.get(name).ok_or_else(|| io::Error::other(format!("there is no program of {name}")))?;
        let mut environment = environment_of(name);
        environment.extend([
            ("AWS_LAMBDA_FUNCTION_NAME".to_owned(), name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION".to_owned(), "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(), "256".to_owned()),
            ("AWS_LAMBDA_LOG_STREAM_NAME".to_owned(), "local".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME".to_owned(), format!("/aws/lambda/{name}")),
            ("_HANDLER".to_owned(), "bootstrap".to_owned()),
        ]);
        let pool = Arc::new(Pool {
            program: Program { path: path.clone(), environment, runtime_api: address, log: log.clone() },
            runtimes: runtimes.clone(),
            idle: Mutex::default(),
            permits: Semaphore::new(MAX_PROCESSES),
            _server: Arc::clone(&stop),
        });
        functions.insert(name.clone(), Function { code: code(pool), timeout: spec.timeout });
    }
    Ok(Engine::new(functions))
}

/// One function's processes.
struct Pool {
    program: Program,
    runtimes: Runtimes,
    idle: Mutex<Vec<Arc<Instance>>>,
    permits: Semaphore,
    _server: Arc<StopOnDrop>,
}

struct StopOnDrop(tokio::task::AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn code(pool: Arc<Pool>) -> Code {
    Arc::new(move |payload: Bytes, context| {
        let pool = Arc::clone(&pool);
        Box::pin(async move { pool.invoke(payload, context).await.map(Into::into) })
    })
}

impl Pool {
    /// Gives an event to an idle process, or to a new one. A process that failed is not used again; one whose invocation is
    /// given up half-way (a timeout, a test's kill) is killed, as Lambda does it.
    async fn invoke(&self, payload: Bytes, context: lambda_runtime::Context) -> Result<Bytes, FunctionError> {
        let _permit = self.permits.acquire().await.map_err(|closed| failure("Runtime.ExitError", &closed))?;
        let warm = lock(&self.idle).pop();
        let instance = match warm {
            Some(instance) if !instance.has_ended() => instance,
            _ => {
                let instance = Instance::spawn(&self.program, &self.runtimes)
                    .map_err(|error| failure("Runtime.InvalidEntrypoint", &error))?;
                Arc::new(instance)
            }
        };
        let answer = instance.invoke(payload, context).await;
        if !instance.has_ended() {
            lock(&self.idle).push(instance);
        }
        answer
    }
}

fn failure(error_type: &str, cause: &dyn std::fmt::Display) -> FunctionError {
    FunctionError { error_type: error_type.to_owned(), error_message: cause.to_string() }
}
