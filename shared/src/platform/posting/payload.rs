//! The payload of posts.

use std::fmt::Write;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;

/// A frame that is ready to be posted: encoded and hashed once for all sockets.
#[derive(Clone, Debug)]
pub struct Payload {
    pub(super) text: Bytes,
    /// In hexadecimal digits, as signatures need it.
    pub(super) sha256: Arc<str>,
}

impl Payload {
    /// The frame with this text.
    pub fn new(text: impl Into<String>) -> Payload {
        let text = Bytes::from(text.into());
        let mut sha256 = String::with_capacity(64);
        for byte in digest(&SHA256, &text).as_ref() {
            let _never_fails = write!(sha256, "{byte:02x}");
        }
        Payload { text, sha256: sha256.into() }
    }

    /// The size in bytes.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}
