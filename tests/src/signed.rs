//! Signs requests as an SDK does, with the access key of all worlds.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use gateway::door::AccessKey;
use reqwest::header::HeaderMap;

/// The secret of the key, whatever its id.
pub const SECRET: &str = "local";

/// The access key of all worlds.
pub fn access_key() -> AccessKey {
    AccessKey::new("local", SECRET)
}

/// Adds a signature by this access key id, for this region and service, to the headers of a request.
///
/// # Panics
/// If the request cannot be signed.
pub fn add(
    headers: &mut HeaderMap,
    (method, url): (&str, &str),
    body: &[u8],
    (id, region, service): (&str, &str, &str),
) {
    let identity = Credentials::new(id, SECRET, None, None, "tests").into();
    let parameters = SigningParams::builder().identity(&identity).region(region).name(service).time(SystemTime::now());
    let parameters = parameters.settings(SigningSettings::default()).build().expect("all is there").into();
    let signed = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let request = SignableRequest::new(method, url, signed, SignableBody::Bytes(body)).expect("a request");
    let (instructions, _) = sign(request, &parameters).expect("it is signed").into_parts();
    for (name, value) in instructions.headers() {
        headers.insert(reqwest::header::HeaderName::try_from(name).expect("a name"), value.parse().expect("a value"));
    }
}
