//! The access key, and requests that are signed with it as an SDK does.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use reqwest::header::HeaderName;

/// The access key of every gateway here.
pub(crate) const KEY_ID: &str = "LOCALKEY";
pub(crate) const SECRET: &str = "the secret of the access key";

/// Signs a request as an SDK does, for a service of AWS.
pub(crate) fn signed(request: reqwest::RequestBuilder, service: &str) -> reqwest::Request {
    signed_with(request, service, (KEY_ID, SECRET), SystemTime::now())
}

/// Signs a request with this key id and secret, at this time.
pub(crate) fn signed_with(
    request: reqwest::RequestBuilder,
    service: &str,
    (id, secret): (&str, &str),
    at: SystemTime,
) -> reqwest::Request {
    let mut request = request.build().expect("a request");
    let identity = Credentials::new(id, secret, None, None, "test").into();
    let parameters = SigningParams::builder().identity(&identity).region("us-east-1").name(service).time(at);
    let parameters = parameters.settings(SigningSettings::default()).build().expect("all is there").into();
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text")));
    let body = SignableBody::Bytes(request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default());
    let signable = SignableRequest::new(request.method().as_str(), request.url().as_str(), headers, body);
    let (instructions, _) = sign(signable.expect("a request"), &parameters).expect("it is signed").into_parts();
    for (name, value) in instructions.headers() {
        request.headers_mut().insert(HeaderName::try_from(name).expect("a name"), value.parse().expect("a value"));
    }
    request
}
