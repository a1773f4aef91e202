//! Posts over the network: a pooled HTTP client, and signatures by the SDK's signing crate.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::SignableBody;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;

use super::payload::Payload;
use super::post_error::PostError;
use crate::platform::aws::signer::Signer;

/// The service name in the signatures of `@connections`.
const SERVICE: &str = "execute-api";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The client and whom it signs as.
#[derive(Clone, Debug)]
pub(super) struct Network {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    signer: Signer,
}

impl Network {
    /// It connects with the first post, by HTTP/2 if the server offers it.
    pub(super) fn new(region: &str, credentials: Credentials, tls: ClientConfig) -> Network {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions();
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector.wrap_connector(http));
        Network { client, signer: Signer::new(SERVICE, region, credentials) }
    }

    /// Begins to post. The body of the response is never read: hyper drains it or closes the connection.
    pub(super) fn begin(&self, uri: String, payload: &Payload) -> Result<ResponseFuture, PostError> {
        Ok(self.client.request(self.request(uri, payload, SystemTime::now())?))
    }

    fn request(&self, uri: String, payload: &Payload, now: SystemTime) -> Result<Request<Full<Bytes>>, PostError> {
        let body = SignableBody::Precomputed(payload.sha256.to_string());
        let signature = self.signer.post(&uri, body, now)?;
        let mut request = Request::builder().method(Method::POST).uri(uri).body(Full::new(payload.text.clone()))?;
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}
