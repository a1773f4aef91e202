//! Where requests go that pass.

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::header::HeaderMap;
use hyper::{Method, Request, Response};

/// See the module.
#[derive(Clone)]
pub(super) enum Target {
    /// An address.
    Url(String),
    /// The database of a gateway of this process, which asks for no signature.
    Tables(SharedHttpConnector),
}

/// A request as it is forwarded.
pub(super) struct Onward {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Default for Target {
    fn default() -> Target {
        Target::Url(String::new())
    }
}

impl Target {
    /// The target's answer, or none if it cannot be reached.
    pub(super) async fn answer(self, http: &reqwest::Client, request: Onward) -> Option<Response<Bytes>> {
        match self {
            Target::Url(url) => over_network(http, &url, request).await,
            Target::Tables(database) => in_process(&database, request).await,
        }
    }
}

async fn in_process(database: &SharedHttpConnector, request: Onward) -> Option<Response<Bytes>> {
    let mut onward =
        Request::builder().method(request.method).uri(request.path).body(SdkBody::from(request.body)).ok()?;
    *onward.headers_mut() = request.headers;
    let response = database.call(onward.try_into().ok()?).await.ok()?;
    let (head, body) = response.try_into_http1x().ok()?.into_parts();
    Some(Response::from_parts(head, body.collect().await.ok()?.to_bytes()))
}

async fn over_network(http: &reqwest::Client, url: &str, request: Onward) -> Option<Response<Bytes>> {
    let Onward { method, path, mut headers, body } = request;
    let url = format!("{url}{path}");
    headers.remove("host");
    headers.remove("content-length");
    // What was signed for the proxy is signed again for its target: another host, and maybe another body.
    if let Some(signer) = signer(&headers).map(|(id, region, service)| [id, region, service].map(str::to_owned)) {
        let [id, region, service] = signer.each_ref().map(String::as_str);
        headers.remove("authorization");
        headers.remove("x-amz-date");
        crate::signed::add(&mut headers, (method.as_str(), &url), &body, (id, region, service));
    }
    let response = http.request(method, url).headers(headers).body(body).send().await.ok()?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut answer = Response::new(response.bytes().await.unwrap_or_default());
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Some(answer)
}

/// The access key id, the region and the service of `Authorization: AWS4-HMAC-SHA256
/// Credential=KEY/20231114/us-east-1/dynamodb/aws4_request, …`
pub(super) fn signer(headers: &HeaderMap) -> Option<(&str, &str, &str)> {
    let (_, credential) = headers.get("authorization")?.to_str().ok()?.split_once("Credential=")?;
    let mut parts = credential.split('/');
    let (id, _day) = (parts.next()?, parts.next()?);
    Some((id, parts.next()?, parts.next()?))
}
