//! Verifies a signature as AWS does (Signature Version 4), written from its description and apart from the signing crate.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::test_api::RecordedRequest;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Whether the request was signed for `execute-api` in this region with this secret key.
pub(crate) fn verify(request: &RecordedRequest, secret: &str, region: &str) -> Result<(), String> {
    let authorization = request.headers["authorization"].to_str().expect("a signed request");
    let part = |name: &str| {
        let rest = authorization.split_once(&format!("{name}=")).expect("a signed request").1;
        rest.split(',').next().expect("a signed request").to_owned()
    };
    let (signed, signature) = (part("SignedHeaders"), part("Signature"));
    let header = |name: &str| match name {
        "host" => request.host.clone(),
        _ => request.headers[name].to_str().expect("a signed request").trim().to_owned(),
    };
    let headers: String = signed.split(';').map(|name| format!("{name}:{}\n", header(name))).collect();
    let path: Vec<_> =
        request.path.split('/').map(|segment| utf8_percent_encode(segment, UNRESERVED).to_string()).collect();
    let body = hex(digest(&SHA256, request.body.as_bytes()).as_ref());
    let canonical = format!("{}\n{}\n\n{headers}\n{signed}\n{body}", request.method, path.join("/"));
    let time = header("x-amz-date");
    let scope = format!("{}/{region}/execute-api/aws4_request", &time[..8]);
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(digest(&SHA256, canonical.as_bytes()).as_ref()));
    let key = [&time[..8], region, "execute-api", "aws4_request"]
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    let expected = hex(&hmac(&key, text.as_bytes()));
    if expected == signature { Ok(()) } else { Err(format!("expected {expected} for\n{canonical}")) }
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), data).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
