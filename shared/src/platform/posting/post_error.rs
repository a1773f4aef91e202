//! Why a post has no response.

use std::time::Duration;

use aws_sigv4::http_request::SigningError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::HttpError;

/// A post without a response for this long has failed.
pub(crate) const POST_TIMEOUT: Duration = Duration::from_secs(3);

/// The reason why a post has no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    /// The request cannot be built or signed.
    #[error("the request cannot be built: {0}")]
    Request(String),
    /// The connection failed.
    #[error(transparent)]
    Network(#[from] hyper_util::client::legacy::Error),
    /// This process did not answer.
    #[error(transparent)]
    InProcess(#[from] ConnectorError),
    /// No response came within [`POST_TIMEOUT`].
    #[error("no response in time")]
    Timeout,
}

impl From<SigningError> for PostError {
    fn from(error: SigningError) -> PostError {
        PostError::Request(error.to_string())
    }
}

impl From<http::Error> for PostError {
    fn from(error: http::Error) -> PostError {
        PostError::Request(error.to_string())
    }
}

impl From<HttpError> for PostError {
    fn from(error: HttpError) -> PostError {
        PostError::Request(error.to_string())
    }
}
