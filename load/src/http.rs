//! One caller of the REST API: a connection that is kept, and opened again when it breaks.

use std::rc::Rc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use crate::error::LoadError;
use crate::transport::Connector;

/// See the module.
pub struct Caller {
    connector: Rc<Connector>,
    authority: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

/// The answer to a call.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Caller {
    /// A caller without a connection yet.
    pub fn new(connector: &Rc<Connector>) -> Caller {
        Caller { connector: Rc::clone(connector), authority: connector.target().authority(), connection: None }
    }

    /// Calls and reads the whole answer. It runs in a `LocalSet`.
    ///
    /// # Errors
    /// Why the chat cannot be reached.
    pub async fn call(
        &mut self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<String>,
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.authority);
        if !token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = Full::new(body.map(Bytes::from).unwrap_or_default());
        let request = request.body(body).map_err(|error| error.to_string())?;
        let answered = self.exchange(request).await;
        if answered.is_err() {
            self.connection = None;
        }
        answered.map_err(|error| error.to_string())
    }

    /// A call that must succeed.
    pub(crate) async fn get(&mut self, path: &str, token: &str) -> Result<Value, LoadError> {
        let failed = |cause: String| LoadError::Chat(format!("GET {path} failed: {cause}"));
        let answer = self.call(Method::GET, path, token, None).await.map_err(failed)?;
        if answer.status != StatusCode::OK {
            return Err(failed(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))));
        }
        Ok(answer.json())
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Box<dyn std::error::Error>> {
        // A connection that the other side has closed meanwhile is not ready any more.
        let mut kept = self.connection.take();
        if let Some(open) = &mut kept
            && open.ready().await.is_err()
        {
            kept = None;
        }
        let mut connection = match kept {
            Some(open) => open,
            None => {
                let (open, driver) = handshake(TokioIo::new(self.connector.connect().await?)).await?;
                tokio::task::spawn_local(driver);
                open
            }
        };
        let response = connection.send_request(request).await?;
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await?.to_bytes();
        self.connection = Some(connection);
        Ok(Answer { status, headers, body, retry_after })
    }
}
