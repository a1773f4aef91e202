//! One process of a function: it is started, gets events one after the other, and is killed when it is not needed any more.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lambda_runtime::Context;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};

use super::runtime::{Invocation, Outcome, Runtime, Runtimes};
use crate::cloud::engine::{FunctionError, lock};

/// How to start a process.
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) runtime_api: SocketAddr,
    /// Where its lines go; `None` is our own standard error.
    pub(super) log: Option<Arc<OwnedFd>>,
}

/// See the module.
pub(super) struct Instance {
    id: String,
    child: Mutex<Child>,
    runtime: Arc<Runtime>,
    queue: mpsc::Sender<Invocation>,
    runtimes: Runtimes,
    is_busy: Mutex<bool>,
}

impl Instance {
    /// Starts a process.
    ///
    /// # Errors
    /// If the system cannot start it.
    pub(super) fn spawn(program: &Program, runtimes: &Runtimes) -> io::Result<Instance> {
        let id = format!("{:032x}", rand::random::<u128>());
        let (queue, next) = mpsc::channel(1);
        let runtime = Arc::new(Runtime::new(next));
        runtimes.add(&id, &runtime);
        let log = || match &program.log {
            Some(log) => log.try_clone().map(Stdio::from),
            None => io::stderr().as_fd().try_clone_to_owned().map(Stdio::from),
        };
        let child = Command::new(&program.path)
            .env_clear()
            .envs(&program.environment)
            .env("AWS_LAMBDA_RUNTIME_API", format!("http://{}/{id}", program.runtime_api))
            .stdin(Stdio::null())
            .stdout(log()?)
            .stderr(log()?)
            .kill_on_drop(true)
            .spawn();
        let child = match child {
            Ok(child) => Mutex::new(child),
            Err(error) => {
                runtimes.remove(&id);
                return Err(error);
            }
        };
        Ok(Instance { id, child, runtime, queue, runtimes: runtimes.clone(), is_busy: Mutex::new(false) })
    }

    /// Whether the process has ended, or was given up in the middle of an invocation and must not be used.
    pub(super) fn has_ended(&self) -> bool {
        *lock(&self.is_busy) || !matches!(lock(&self.child).try_wait(), Ok(None))
    }

    /// Gives the process an event and waits for the outcome. Dropping the future gives the process up.
    pub(super) async fn invoke(&self, payload: Bytes, context: Context) -> Outcome {
        let request_id = context.request_id.clone();
        *lock(&self.is_busy) = true;
        let (outcome, mut answered) = oneshot::channel();
        let invocation = Invocation { payload, context, outcome };
        let answer = async {
            // The runtime keeps the receiver for as long as this instance lives.
            let _taken = self.queue.send(invocation).await;
            (&mut answered).await.unwrap_or_else(|_gone| Err(exited(&request_id, "no answer came")))
        };
        let outcome = tokio::select! {
            biased;
            outcome = answer => outcome,
            status = self.ended() => {
                let said = lock(&self.runtime.init_error).take();
                Err(said.unwrap_or_else(|| exited(&request_id, &status)))
            }
        };
        *lock(&self.is_busy) = false;
        outcome
    }

    /// Waits until the process ends; tells how.
    async fn ended(&self) -> String {
        // Waiting by polling would need a timer: SIGCHLD wakes `wait`, which borrows the child only while it is polled.
        let status = std::future::poll_fn(|context| {
            let mut child = lock(&self.child);
            let mut wait = std::pin::pin!(child.wait());
            wait.as_mut().poll(context)
        });
        match status.await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.runtimes.remove(&self.id);
    }
}

/// Lambda's report of a process that ended in the middle of an invocation.
fn exited(request_id: &str, how: &str) -> FunctionError {
    FunctionError {
        error_type: "Runtime.ExitError".to_owned(),
        error_message: format!("RequestId: {request_id} Error: Runtime exited: {how}"),
    }
}
