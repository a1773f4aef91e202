//! Posts frames with little more than a pooled HTTP client. It is the only call that is made thousands of times a second.
//!
//! Requests are signed by the SDK's signing crate, but do without its orchestrator, which costs ten times as much as the post itself.
//! In a process that is the cloud as well, they go neither over a socket nor through a signature.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use futures_util::future::BoxFuture;
use http::uri::{Authority, Scheme};
use http::{Request, Uri};
use hyper_util::client::legacy::ResponseFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rustls::ClientConfig;

use super::network::Network;
use super::payload::Payload;
use super::post_error::PostError;

/// RFC 3986's unreserved characters stay as they are.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Posts to the sockets of one stage.
#[derive(Clone, Debug)]
pub struct Poster {
    way: Way,
    scheme: Scheme,
    authority: Authority,
    /// The path before `/@connections`: the stage.
    path: String,
}

#[derive(Clone, Debug)]
enum Way {
    Network(Box<Network>),
    InProcess(SharedHttpConnector),
}

impl Poster {
    /// A poster to the stage at this address (`https://…/{stage}`). It connects with the first post.
    pub fn new(endpoint: &Uri, region: &str, credentials: Credentials, tls: ClientConfig) -> Poster {
        Poster::on(Way::Network(Box::new(Network::new(region, credentials, tls))), endpoint)
    }

    /// A poster to the stage of this address, which the process itself answers.
    pub fn in_process(endpoint: &Uri, connector: SharedHttpConnector) -> Poster {
        Poster::on(Way::InProcess(connector), endpoint)
    }

    fn on(way: Way, endpoint: &Uri) -> Poster {
        let scheme = endpoint.scheme().cloned().unwrap_or(Scheme::HTTPS);
        let authority = endpoint.authority().cloned().unwrap_or_else(|| Authority::from_static("localhost"));
        let path = endpoint.path().trim_end_matches('/').to_owned();
        Poster { way, scheme, authority, path }
    }

    /// Begins to post one frame.
    pub(crate) fn begin(&self, connection_id: &str, payload: &Payload) -> Result<Response, PostError> {
        let id = percent_encode(connection_id.as_bytes(), PATH_SEGMENT);
        let uri = format!("{}://{}{}/@connections/{id}", self.scheme, self.authority, self.path);
        match &self.way {
            Way::Network(network) => network.begin(uri, payload).map(Response::Network),
            Way::InProcess(connector) => {
                let request = Request::post(uri).body(SdkBody::from(payload.text.clone()))?;
                let (connector, request) = (connector.clone(), HttpRequest::try_from(request)?);
                let response = async move { Ok(connector.call(request).await?.status().as_u16()) };
                Ok(Response::InProcess(Box::pin(response)))
            }
        }
    }
}

/// A post's response, which is nothing but its status. The post makes progress only while this is polled.
pub(crate) enum Response {
    /// Over the network.
    Network(ResponseFuture),
    /// From this process.
    InProcess(BoxFuture<'static, Result<u16, PostError>>),
}

impl Future for Response {
    type Output = Result<u16, PostError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Response::Network(response) => {
                let response = ready!(Pin::new(response).poll(context))?;
                Poll::Ready(Ok(response.status().as_u16()))
            }
            Response::InProcess(response) => response.as_mut().poll(context),
        }
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Response")
    }
}
