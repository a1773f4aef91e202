//! Posts frames with little more than a pooled HTTP client. It is the only call that is made thousands of times a second.
//!
//! Requests are signed by the SDK's signing crate, but do without its orchestrator, which costs ten times as much as the post itself.
//! A connection speaks HTTP/2 if the server offers it.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningError, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Method, Request, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rustls::ClientConfig;

use super::payload::Payload;

/// The service name in the signatures of `@connections`.
const SERVICE: &str = "execute-api";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A post without a response for this long has failed.
pub(crate) const POST_TIMEOUT: Duration = Duration::from_secs(3);
/// RFC 3986's unreserved characters stay as they are.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The reason why a post has no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    /// The request cannot be built or signed.
    #[error("the request cannot be built: {0}")]
    Request(String),
    /// The connection failed.
    #[error(transparent)]
    Transport(#[from] hyper_util::client::legacy::Error),
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

/// Posts to the sockets of one stage.
#[derive(Clone, Debug)]
pub struct Poster {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    scheme: Scheme,
    authority: Authority,
    /// The path before `/@connections`: the stage.
    path: String,
    region: String,
    identity: Identity,
}

impl Poster {
    /// A poster to the stage at this address (`https://…/{stage}`). It connects with the first post.
    pub fn new(endpoint: &Uri, region: &str, credentials: Credentials, tls: ClientConfig) -> Poster {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions();
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector.wrap_connector(http));
        let scheme = endpoint.scheme().cloned().unwrap_or(Scheme::HTTPS);
        let authority = endpoint.authority().cloned().unwrap_or_else(|| Authority::from_static("localhost"));
        let path = endpoint.path().trim_end_matches('/').to_owned();
        Poster { client, scheme, authority, path, region: region.to_owned(), identity: credentials.into() }
    }

    /// Begins to post one frame. The body of the response is never read: hyper drains it or closes the connection.
    pub(crate) fn begin(&self, connection_id: &str, payload: &Payload) -> Result<ResponseFuture, PostError> {
        Ok(self.client.request(self.request(connection_id, payload, SystemTime::now())?))
    }

    fn request(
        &self,
        connection_id: &str,
        payload: &Payload,
        now: SystemTime,
    ) -> Result<Request<Full<Bytes>>, PostError> {
        let id = percent_encode(connection_id.as_bytes(), PATH_SEGMENT);
        let uri = format!("{}://{}{}/@connections/{id}", self.scheme, self.authority, self.path);
        let params = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| PostError::Request(error.to_string()))?;
        let body = SignableBody::Precomputed(payload.sha256.to_string());
        let signable = SignableRequest::new("POST", &uri, std::iter::empty(), body)?;
        let (signature, _) = sign(signable, &params.into())?.into_parts();
        let mut request = Request::builder().method(Method::POST).uri(uri).body(Full::new(payload.text.clone()))?;
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}
