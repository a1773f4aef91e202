//! What a process and the Runtime API share: the next invocation, the current one, and how the process failed to start.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lambda_runtime::Context;
use tokio::sync::{mpsc, oneshot};

use crate::cloud::engine::{FunctionError, lock};

/// The result of an invocation.
pub(super) type Outcome = Result<Bytes, FunctionError>;

/// One event on its way to the process.
pub(super) struct Invocation {
    pub(super) payload: Bytes,
    pub(super) context: Context,
    pub(super) outcome: oneshot::Sender<Outcome>,
}

/// The Runtime API's side of one process.
pub(super) struct Runtime {
    pub(super) next: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    /// The request id of the current invocation, and where its outcome goes.
    pub(super) current: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
    /// Why the process could not start, if it said so.
    pub(super) init_error: Mutex<Option<FunctionError>>,
}

impl Runtime {
    /// A process that takes its invocations from here.
    pub(super) fn new(next: mpsc::Receiver<Invocation>) -> Runtime {
        Runtime { next: tokio::sync::Mutex::new(next), current: Mutex::default(), init_error: Mutex::default() }
    }
}

/// Every running process, by its id. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Runtimes(Arc<Mutex<HashMap<String, Arc<Runtime>>>>);

impl Runtimes {
    pub(super) fn add(&self, id: &str, runtime: &Arc<Runtime>) {
        lock(&self.0).insert(id.to_owned(), Arc::clone(runtime));
    }

    pub(super) fn remove(&self, id: &str) {
        lock(&self.0).remove(id);
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Runtime>> {
        lock(&self.0).get(id).cloned()
    }
}
