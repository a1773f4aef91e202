//! Invokes a function of the operator: a plain call of Lambda's Invoke, or a POST to a server that stands in for the function.
//!
//! Lambda's SDK client is not in the functions that send messages: they have its signing crate and its HTTP client already
//! (docs/decisions/012-plain-invoke.md).

use std::time::SystemTime;

use aws_sigv4::http_request::SignableBody;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::retry::ErrorKind;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::platform::aws::signer::Signer;
use crate::platform::aws::{AwsEnvironment, trust};

/// The service name in the signatures of Lambda.
const SERVICE: &str = "lambda";
/// The header by which Lambda tells that the function itself has failed.
const FUNCTION_ERROR: &str = "x-amz-function-error";

/// A function that is invoked for its answer. The first call connects.
#[derive(Debug)]
pub struct Invoker {
    http: Connector,
    address: String,
    signer: Option<Signer>,
}

/// The failure of an invocation.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The request could not be made.
    #[error("the request cannot be made: {0}")]
    Request(Box<dyn std::error::Error + Send + Sync>),
    /// No answer came.
    #[error("no answer came: {0}")]
    Connection(String),
    /// The answer was another status than 200.
    #[error("the answer is {0}")]
    Status(u16),
    /// The function has failed.
    #[error("the function has failed: {0}")]
    Function(String),
    /// The answer is too large.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
}

impl Invoker {
    /// The Lambda function with this name or ARN in a region.
    pub fn of_function(aws: &AwsEnvironment, name: &str, region: &str) -> Invoker {
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let service = || format!("https://lambda.{region}.{suffix}");
        let endpoint = aws.lambda_endpoint.clone().unwrap_or_else(service);
        let (endpoint, name) = (endpoint.trim_end_matches('/'), utf8_percent_encode(name, NON_ALPHANUMERIC));
        Invoker {
            http: trust::amazon_connector(),
            address: format!("{endpoint}/2015-03-31/functions/{name}/invocations"),
            signer: Some(Signer::new(SERVICE, region, aws.credentials.clone())),
        }
    }

    /// The server at this address, which answers as the function would.
    pub fn of_server(address: &str) -> Invoker {
        Invoker { http: trust::amazon_connector(), address: address.to_owned(), signer: None }
    }

    /// Invokes it, and waits for its answer of at most so many bytes. It has no time limit of its own: drop it to give up.
    ///
    /// # Errors
    /// [`InvokeError`].
    pub async fn invoke(&self, payload: Vec<u8>, max_bytes: usize) -> Result<Bytes, InvokeError> {
        let payload = Bytes::from(payload);
        let answer = match self.http.call(self.request(&payload)?).await {
            Err(error) if is_cut(&error) => self.http.call(self.request(&payload)?).await,
            outcome => outcome,
        };
        let answer = answer.map_err(|error: ConnectorError| connection(error))?;
        check(&answer)?;
        // `Content-Length` may be wrong or missing, so the limit applies to the bytes themselves.
        let body = Limited::new(answer.into_body(), max_bytes).collect().await.map_err(|error| {
            let is_large = error.is::<LengthLimitError>();
            if is_large { InvokeError::TooLarge(max_bytes) } else { InvokeError::Connection(error.to_string()) }
        })?;
        Ok(body.to_bytes())
    }

    fn request(&self, payload: &Bytes) -> Result<HttpRequest, InvokeError> {
        let request = Request::post(&self.address).header("content-type", "application/json");
        let mut request =
            request.body(SdkBody::from(payload.clone())).map_err(|error| InvokeError::Request(error.into()))?;
        if let Some(signer) = &self.signer {
            let signature = signer.post(&self.address, SignableBody::Bytes(payload), SystemTime::now());
            signature.map_err(|error| InvokeError::Request(error.into()))?.apply_to_request_http1x(&mut request);
        }
        request.try_into().map_err(|error| InvokeError::Request(Box::new(error)))
    }
}

/// Whether the connection ended before an answer came. It may be one that was kept from an earlier invocation, and that the other side has
/// closed while this process was frozen.
fn is_cut(error: &ConnectorError) -> bool {
    error.is_io() || error.as_other() == Some(ErrorKind::TransientError)
}

fn connection(error: ConnectorError) -> InvokeError {
    InvokeError::Connection(DisplayErrorContext(error).to_string())
}

fn check(answer: &HttpResponse) -> Result<(), InvokeError> {
    match (answer.status().as_u16(), answer.headers().get(FUNCTION_ERROR)) {
        (_, Some(kind)) => Err(InvokeError::Function(kind.to_owned())),
        (200, None) => Ok(()),
        (status, None) => Err(InvokeError::Status(status)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers so many requests of each connection, and closes it with the next one. Returns its address and the number of
    /// requests.
    async fn closing_after(answers: usize) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (url, requests) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                for nth in 0.. {
                    // A request is less than a segment.
                    if stream.read(&mut [0; 4096]).await.unwrap_or_default() == 0 {
                        break;
                    }
                    counted.fetch_add(1, Ordering::SeqCst);
                    if nth == answers {
                        break;
                    }
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
                }
            }
        });
        (url, requests)
    }

    #[tokio::test]
    async fn a_kept_connection_that_is_closed_meanwhile_is_replaced_once() {
        let (url, requests) = closing_after(1).await;
        let invoker = Invoker::of_server(&url);
        for _ in 0..2 {
            assert_eq!(invoker.invoke(b"1".to_vec(), 100).await.unwrap(), "{}");
        }
        assert_eq!(requests.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_server_that_closes_each_connection_is_asked_twice() {
        let (url, requests) = closing_after(0).await;
        let outcome = Invoker::of_server(&url).invoke(b"1".to_vec(), 100).await;
        assert!(matches!(outcome, Err(InvokeError::Connection(_))), "{outcome:?}");
        assert_eq!(requests.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_no_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let outcome = Invoker::of_server(&url).invoke(b"1".to_vec(), 100).await;
        assert!(matches!(outcome, Err(InvokeError::Connection(_))), "{outcome:?}");
    }

    #[test]
    fn a_function_is_called_in_its_region() {
        let address = |variables: &[(&str, &str)], region| {
            let lookup =
                |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
            Invoker::of_function(&AwsEnvironment::from_lookup(lookup).unwrap(), "review:live", region).address
        };
        let path = "/2015-03-31/functions/review%3Alive/invocations";
        assert_eq!(address(&[], "eu-west-1"), format!("https://lambda.eu-west-1.amazonaws.com{path}"));
        assert_eq!(address(&[], "cn-north-1"), format!("https://lambda.cn-north-1.amazonaws.com.cn{path}"));
        let local = [("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1/")];
        assert_eq!(address(&local, "eu-west-1"), format!("http://127.0.0.1:1{path}"));
    }
}
