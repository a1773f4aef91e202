//! Remembers how a client wrote its header names: API Gateway's `CONNECT` events keep the case, and hyper does not.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::HeaderName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// As much of a connection's latest bytes is kept: more than any accepted head of a request has.
const KEPT_BYTES: usize = 16 * 1024;

/// Header names as a client wrote them.
#[derive(Debug, Default)]
pub(crate) struct HeaderCase(HashMap<String, String>);

impl HeaderCase {
    /// The client's way to write this name.
    pub(crate) fn original(&self, name: &HeaderName) -> String {
        self.0.get(name.as_str()).cloned().unwrap_or_else(|| name.as_str().to_owned())
    }
}

/// What was read from a connection since the last request.
#[derive(Clone, Debug, Default)]
pub struct Tape(Arc<Mutex<Option<Vec<u8>>>>);

impl Tape {
    /// Starts to remember.
    pub(crate) fn new() -> Tape {
        Tape(Arc::new(Mutex::new(Some(Vec::new()))))
    }

    /// The header names of the request that just arrived. What was read before is forgotten.
    pub(crate) fn take(&self) -> HeaderCase {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = kept.as_mut().map(std::mem::take).unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n');
        let names =
            lines.filter_map(|line| std::str::from_utf8(line.get(..line.iter().position(|b| *b == b':')?)?).ok());
        HeaderCase(names.map(|name| (name.to_ascii_lowercase(), name.to_owned())).collect())
    }

    /// Forgets what was read.
    pub(crate) fn clear(&self) {
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            kept.clear();
        }
    }

    /// Forgets everything for good: the connection speaks WebSocket from now on.
    pub(crate) fn stop(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn record(&self, read: &[u8]) {
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            kept.extend_from_slice(read);
            if kept.len() > 2 * KEPT_BYTES {
                kept.drain(..kept.len() - KEPT_BYTES);
            }
        }
    }
}

/// A connection that is remembered while it is read.
#[derive(Debug)]
pub(crate) struct Recorded<T> {
    inner: T,
    tape: Tape,
}

impl<T> Recorded<T> {
    /// Records what is read from `inner`.
    pub(crate) fn new(inner: T, tape: Tape) -> Recorded<T> {
        Recorded { inner, tape }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Recorded<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if outcome.is_ready() {
            self.tape.record(&buffer.filled()[before..]);
        }
        outcome
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Recorded<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
