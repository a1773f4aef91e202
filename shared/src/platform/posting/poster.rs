//! Posts frames with little more than a pooled HTTP client: the one call of which there are thousands a second.
//!
//! The SDK's own signing crate signs; its orchestrator, which costs ten times what a post itself costs, stays out of the way.
//! A connection speaks HTTP/2 where the other side offers it.

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

/// The name that `@connections` is signed for.
const SERVICE: &str = "execute-api";
/// Whoever does not take a connection within this time is as good as down.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
/// A post without an answer for so long has failed.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// RFC 3986's unreserved characters stay as they are.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why there is no answer to a post.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    /// The request cannot be signed or written down.
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// The other side is not there or broke off.
    #[error(transparent)]
    Transport(#[from] hyper_util::client::legacy::Error),
    /// It took longer than `ANSWER_WITHIN`.
    #[error("no answer in time")]
    Late,
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
    /// What stands before `/@connections`: the stage.
    path: String,
    region: String,
    identity: Identity,
}

impl Poster {
    /// A poster to the stage at this address (`https://…/{stage}`), without any connection yet.
    pub fn new(endpoint: &Uri, region: &str, credentials: Credentials, tls: ClientConfig) -> Poster {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_WITHIN));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions();
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector.wrap_connector(http));
        let scheme = endpoint.scheme().cloned().unwrap_or(Scheme::HTTPS);
        let authority = endpoint.authority().cloned().unwrap_or_else(|| Authority::from_static("localhost"));
        let path = endpoint.path().trim_end_matches('/').to_owned();
        Poster { client, scheme, authority, path, region: region.to_owned(), identity: credentials.into() }
    }

    /// Begins to post one frame. A body that is not read is drained by hyper, or its connection closed: nobody is interested in it.
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
