//! One POST over the SDK's HTTP client, which follows no redirect.

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::retry::ErrorKind;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};

use super::not_taken::NotTaken;

/// So much of an answer's body is read. A connection whose answer was read to its end is used again.
const MAX_BODY: usize = 16 * 1024;

/// Sends the request that `make` makes. A connection that was kept while the function was frozen may be closed by now, and is replaced
/// once. The body is empty if it is longer than [`MAX_BODY`], or breaks off.
pub(super) async fn post(
    http: &Connector,
    make: impl Fn() -> Result<HttpRequest, NotTaken>,
) -> Result<(u16, Bytes), NotTaken> {
    let answer = match http.call(make()?).await {
        Err(error) if is_cut(&error) => http.call(make()?).await,
        outcome => outcome,
    };
    let answer = answer.map_err(|error| NotTaken::Connection(DisplayErrorContext(error).to_string()))?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), MAX_BODY).collect().await;
    Ok((status, body.map(|body| body.to_bytes()).unwrap_or_default()))
}

fn is_cut(error: &ConnectorError) -> bool {
    error.is_io() || error.as_other() == Some(ErrorKind::TransientError)
}
