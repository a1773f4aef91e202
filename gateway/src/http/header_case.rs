//! The case of a client's header names: API Gateway's `CONNECT` events keep it, and hyper does not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderName;

/// How many of a connection's latest bytes are kept: more than the head of any accepted request has.
const KEPT_BYTES: usize = 16 * 1024;

/// Header names as a client wrote them.
#[derive(Debug, Default)]
pub(crate) struct HeaderCase(HashMap<String, String>);

impl HeaderCase {
    /// The name as the client wrote it.
    pub(crate) fn original(&self, name: &HeaderName) -> String {
        self.0.get(name.as_str()).cloned().unwrap_or_else(|| name.as_str().to_owned())
    }
}

/// The bytes that were read from a connection since the last request.
#[derive(Clone, Debug, Default)]
pub struct RawBytes(Arc<Mutex<Option<Vec<u8>>>>);

impl RawBytes {
    /// Starts recording.
    pub(crate) fn new() -> RawBytes {
        RawBytes(Arc::new(Mutex::new(Some(Vec::new()))))
    }

    /// The header names of the request that just arrived. Earlier bytes are dropped.
    pub(crate) fn take(&self) -> HeaderCase {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = kept.as_mut().map(std::mem::take).unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n');
        let names =
            lines.filter_map(|line| std::str::from_utf8(line.get(..line.iter().position(|b| *b == b':')?)?).ok());
        HeaderCase(names.map(|name| (name.to_ascii_lowercase(), name.to_owned())).collect())
    }

    /// Drops the bytes that were read.
    pub(crate) fn clear(&self) {
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            kept.clear();
        }
    }

    /// Stops recording for good: the connection speaks WebSocket from now on.
    pub(crate) fn stop(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Adds bytes that were read.
    pub(crate) fn record(&self, read: &[u8]) {
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            kept.extend_from_slice(read);
            if kept.len() > 2 * KEPT_BYTES {
                kept.drain(..kept.len() - KEPT_BYTES);
            }
        }
    }
}
