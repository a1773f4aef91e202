//! A function of the template: its code, its limits, and its failures in Lambda's words.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::task::JoinError;

use functions::local::Returned;

use super::returned::MAX_PAYLOAD_BYTES;

/// One function's code: takes the event's bytes and the Lambda context, answers with what the function returned.
pub type Code =
    Arc<dyn Fn(Bytes, lambda_runtime::Context) -> BoxFuture<'static, Result<Returned, FunctionError>> + Send + Sync>;

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
    /// The failure of a function that reports an error of no type of its own.
    pub(super) fn unhandled(error: &dyn std::fmt::Display) -> FunctionError {
        FunctionError { error_type: "Unhandled".to_owned(), error_message: error.to_string() }
    }

    /// The failure of a function whose response is larger than [`MAX_PAYLOAD_BYTES`].
    pub(crate) fn response_too_large() -> FunctionError {
        FunctionError {
            error_type: "Function.ResponseSizeTooLarge".to_owned(),
            error_message: format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."
            ),
        }
    }

    /// The failure of a function that took longer than its timeout.
    pub(super) fn timed_out(timeout: Duration) -> FunctionError {
        FunctionError {
            error_type: "Sandbox.Timedout".to_owned(),
            error_message: format!("Task timed out after {:.2} seconds", timeout.as_secs_f64()),
        }
    }

    /// The failure of a function whose process died.
    pub(super) fn crashed(crash: &JoinError) -> FunctionError {
        FunctionError { error_type: "Runtime.ExitError".to_owned(), error_message: crash.to_string() }
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
