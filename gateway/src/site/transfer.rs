//! How a file reaches a browser: compressed if the browser takes that, and not at all if the browser has it already. In the cloud,
//! CloudFront and S3 do the same.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Below this size CloudFront does not compress, either: a small file gains nothing.
const MIN_COMPRESSED: usize = 1_000;

/// The compressed forms of the files that were asked for. There are as many as files: a file is compressed once, not for each visitor.
#[derive(Default)]
pub(super) struct Transfer {
    compressed: Mutex<HashMap<u128, Bytes>>,
}

impl Transfer {
    /// The answer with a file of which `headers` tell, to a request that has the headers `asked`.
    pub(super) fn answer(&self, asked: &HeaderMap, mut headers: HeaderMap, file: Vec<u8>) -> Response {
        let fingerprint = fingerprint_of(&file);
        let may_compress = file.len() >= MIN_COMPRESSED && is_text(&headers);
        let compressed = (may_compress && takes_gzip(asked)).then(|| self.compressed(fingerprint, &file));
        let (suffix, body) = match compressed {
            Some(Ok(compressed)) => ("-gzip", compressed),
            Some(Err(_)) | None => ("", Bytes::from(file)),
        };
        if may_compress {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        // Both forms have a validator of their own: they are different bytes (RFC 9110, 8.8.3.3).
        let tag = format!("\"{fingerprint:032x}{suffix}\"");
        let is_known = names(asked, &tag);
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        if is_known {
            headers.remove(CONTENT_TYPE);
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        if !suffix.is_empty() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        (headers, body).into_response()
    }

    fn compressed(&self, fingerprint: u128, file: &[u8]) -> io::Result<Bytes> {
        let mut compressed = self.compressed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = compressed.get(&fingerprint) {
            return Ok(found.clone());
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(file)?;
        let made = Bytes::from(encoder.finish()?);
        compressed.insert(fingerprint, made.clone());
        Ok(made)
    }
}

/// Half a SHA-256 is enough to tell files apart.
fn fingerprint_of(file: &[u8]) -> u128 {
    let digest = digest(&SHA256, file);
    digest.as_ref().iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/") || ["image/svg+xml", "application/json"].contains(&kind)
}

/// `gzip` without the weight 0, by which a client refuses it (RFC 9110, 12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    members(asked, ACCEPT_ENCODING).any(|member| {
        let (coding, weight) = member.split_once(';').unwrap_or((member, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        coding.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
    })
}

/// Whether the client has the file with this validator. The comparison is weak (RFC 9110, 13.1.2).
fn names(asked: &HeaderMap, tag: &str) -> bool {
    members(asked, IF_NONE_MATCH).any(|member| member == "*" || member.trim_start_matches("W/") == tag)
}

fn members(asked: &HeaderMap, list: HeaderName) -> impl Iterator<Item = &str> {
    let lines = asked.get_all(list).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use axum::body::to_bytes;
    use flate2::read::GzDecoder;

    use super::*;

    const SCRIPT: &str = "text/javascript; charset=utf-8";

    /// The answer to a request with these headers.
    async fn answer(kind: &'static str, file: &[u8], asked: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Bytes) {
        let asked = asked.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let transfer = Transfer::default();
        let answer = transfer.answer(&asked.collect(), headers, file.to_vec());
        let (parts, body) = answer.into_parts();
        (parts.status, parts.headers, to_bytes(body, usize::MAX).await.unwrap())
    }

    fn long() -> Vec<u8> {
        b"a file of some length; ".repeat(100)
    }

    #[tokio::test]
    async fn a_browser_that_takes_gzip_gets_the_same_file_in_fewer_bytes() {
        for takes in ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5"] {
            let (status, headers, body) = answer(SCRIPT, &long(), &[(ACCEPT_ENCODING, takes)]).await;
            assert_eq!((status, &headers[CONTENT_ENCODING]), (StatusCode::OK, &HeaderValue::from_static("gzip")));
            assert!(body.len() < 200, "{} bytes", body.len());
            let mut file = Vec::new();
            GzDecoder::new(body.as_ref()).read_to_end(&mut file).unwrap();
            assert_eq!(file, long());
        }
    }

    #[tokio::test]
    async fn nobody_else_gets_it_compressed_but_a_cache_is_told_that_it_could_be() {
        for asked in [
            &[][..],
            &[(ACCEPT_ENCODING, "br")],
            &[(ACCEPT_ENCODING, "gzip;q=0")],
            &[(ACCEPT_ENCODING, "gzip;q=0.000, br")],
        ] {
            let (_, headers, body) = answer(SCRIPT, &long(), asked).await;
            assert_eq!((headers.get(CONTENT_ENCODING), body.as_ref()), (None, &long()[..]), "{asked:?}");
            assert_eq!(headers[VARY], "accept-encoding");
        }
    }

    #[tokio::test]
    async fn pictures_and_small_files_stay_as_they_are() {
        for (kind, file) in [("image/png", long()), (SCRIPT, b"short".to_vec())] {
            let (_, headers, body) = answer(kind, &file, &[(ACCEPT_ENCODING, "gzip")]).await;
            assert_eq!((headers.get(CONTENT_ENCODING), headers.get(VARY)), (None, None), "{kind}");
            assert_eq!(body, file);
        }
    }

    #[tokio::test]
    async fn a_file_that_the_browser_has_is_not_sent_again() {
        for takes in ["identity", "gzip"] {
            let known = answer(SCRIPT, &long(), &[(ACCEPT_ENCODING, takes)]).await.1[ETAG].to_str().unwrap().to_owned();
            let weak = format!("\"another\", W/{known}");
            for names in [known.as_str(), &weak, "*"] {
                let (status, headers, body) =
                    answer(SCRIPT, &long(), &[(ACCEPT_ENCODING, takes), (IF_NONE_MATCH, names)]).await;
                assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{names}");
                assert_eq!(
                    (&headers[ETAG], &headers[VARY]),
                    (&HeaderValue::from_str(&known).unwrap(), &HeaderValue::from_static("accept-encoding"))
                );
                assert_eq!((headers.get(CONTENT_TYPE), headers.get(CONTENT_ENCODING)), (None, None));
            }
            let (status, ..) = answer(SCRIPT, b"changed", &[(IF_NONE_MATCH, &known)]).await;
            assert_eq!(status, StatusCode::OK);
        }
    }

    #[tokio::test]
    async fn the_validator_of_one_form_is_not_that_of_the_other() {
        let plain = answer(SCRIPT, &long(), &[]).await.1[ETAG].to_str().unwrap().to_owned();
        let (status, headers, _) = answer(SCRIPT, &long(), &[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, &plain)]).await;
        assert_eq!(status, StatusCode::OK);
        assert_ne!(headers[ETAG], plain);
    }
}
