//! The canonical request of Signature Version 4, as a service forms it again from what arrived.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderMap;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode};

/// RFC 3986's unreserved characters stay as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A path arrives encoded once, and is signed encoded twice.
const ENCODED_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// The canonical request, of the headers that are said to be signed.
pub(super) fn request(head: &Parts, signed_headers: &str, body: &[u8]) -> String {
    let mut text = String::with_capacity(512);
    let path = utf8_percent_encode(head.uri.path(), ENCODED_PATH);
    // Writing to a `String` does not fail.
    let _written = write!(text, "{}\n{path}\n{}\n", head.method, query(head.uri.query().unwrap_or_default()));
    for name in signed_headers.split(';') {
        text.push_str(name);
        text.push(':');
        push_values(&mut text, &head.headers, name);
        text.push('\n');
    }
    let _written = write!(text, "\n{signed_headers}\n");
    push_hex(&mut text, digest(&SHA256, body).as_ref());
    text
}

/// Lower-case hexadecimal digits of 32 bytes.
pub(super) fn push_hex(text: &mut String, hash: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [b'0'; 64];
    for (index, byte) in hash.iter().enumerate().take(32) {
        digits[2 * index] = DIGITS[usize::from(byte >> 4)];
        digits[2 * index + 1] = DIGITS[usize::from(byte & 15)];
    }
    text.push_str(std::str::from_utf8(&digits).unwrap_or_default());
}

fn query(query: &str) -> String {
    if query.is_empty() {
        return String::new();
    }
    let encoded = |text: &str| {
        let bytes: Vec<u8> = percent_decode_str(text).collect();
        percent_encode(&bytes, ENCODED).to_string()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encoded(name), encoded(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The header's lines with commas between them, and single spaces within.
fn push_values(text: &mut String, headers: &HeaderMap, name: &str) {
    for (index, value) in headers.get_all(name).iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        if !value.contains([' ', '\t']) {
            text.push_str(&value);
            continue;
        }
        for (index, word) in value.split_ascii_whitespace().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
}
