//! Checks the header of every frame of a client before the library reads it.
//!
//! The library looks at a frame when all of it has arrived, and accepts some headers that RFC 6455 forbids: a length in more
//! bytes than it needs, a length with its top bit set. Here an invalid header ends the socket as soon as it arrives.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream of frames that ends before the first one with an invalid header.
#[derive(Debug)]
pub(super) struct CheckedFrames<T> {
    inner: T,
    frames: Frames,
    is_broken: bool,
}

/// A frame's header breaks RFC 6455.
#[derive(Debug, thiserror::Error)]
#[error("a frame's header breaks RFC 6455")]
pub(super) struct InvalidHeader;

impl<T> CheckedFrames<T> {
    /// Checks the bytes that are read from `inner`.
    pub(super) fn new(inner: T) -> CheckedFrames<T> {
        CheckedFrames { inner, frames: Frames::default(), is_broken: false }
    }

    /// The stream itself, for bytes after the last frame.
    pub(super) fn into_inner(self) -> T {
        self.inner
    }

    /// Whether this is the error of an invalid header.
    pub(super) fn is_invalid_header(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|error| error.is::<InvalidHeader>())
    }
}

/// Where in which frame the stream is.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; 10],
    known: usize,
    /// The bytes of the frame that are still to come after its header: the mask and the payload.
    rest: u64,
}

impl Frames {
    /// `Ok` if all of these bytes belong to valid frames, else the number of bytes before the invalid one.
    fn judge(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let (mut at, mut begin) = (0, 0);
        while at < bytes.len() {
            if self.rest > 0 {
                let skipped = (bytes.len() - at).min(usize::try_from(self.rest).unwrap_or(usize::MAX));
                self.rest -= skipped as u64;
                at += skipped;
                continue;
            }
            if self.known == 0 {
                begin = at;
            }
            self.head[self.known] = bytes[at];
            self.known += 1;
            at += 1;
            match payload_bytes(&self.head[..self.known]) {
                Err(InvalidHeader) => return Err(begin),
                Ok(Some(payload)) => (self.known, self.rest) = (0, MASK_BYTES + payload),
                Ok(None) => {}
            }
        }
        Ok(())
    }
}

const MASK_BYTES: u64 = 4;

/// The length of a frame's payload, if so much of its head is enough to know it (RFC 6455, 5.2).
fn payload_bytes(head: &[u8]) -> Result<Option<u64>, InvalidHeader> {
    let first = head[0];
    let (is_last, is_control) = (first & 0x80 != 0, first & 0x08 != 0);
    let is_known = matches!(first & 0x0f, 0x0..=0x2 | 0x8..=0xa);
    if first & 0x70 != 0 || !is_known || (is_control && !is_last) {
        return Err(InvalidHeader);
    }
    let Some(second) = head.get(1) else { return Ok(None) };
    let (is_masked, short) = (second & 0x80 != 0, second & 0x7f);
    if !is_masked || (is_control && short > 125) {
        return Err(InvalidHeader);
    }
    let (length, least) = match (short, &head[2..]) {
        (..=125, _) => return Ok(Some(u64::from(short))),
        (126, [a, b]) => (u64::from(u16::from_be_bytes([*a, *b])), 126),
        (127, [a, b, c, d, e, f, g, h]) => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), 1 << 16),
        _ => return Ok(None),
    };
    match length {
        length if length < least || length >> 63 != 0 => Err(InvalidHeader),
        length => Ok(Some(length)),
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for CheckedFrames<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wrong = || Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, InvalidHeader)));
        if self.is_broken {
            return wrong();
        }
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if let Err(good) = self.frames.judge(&buffer.filled()[before..]) {
            self.is_broken = true;
            buffer.set_filled(before + good);
            // No bytes at all would mean that the stream ended in order.
            if good == 0 {
                return wrong();
            }
        }
        outcome
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for CheckedFrames<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two good frames and the begin of a wrong one.
    const STREAM: &[u8] = b"\x81\x82maskhi\x01\xfe\x00\x7emask\x89";

    /// The accepted part of the stream, if it arrives in pieces of this size.
    fn good_bytes(stream: &[u8], piece: usize) -> usize {
        let mut frames = Frames::default();
        let mut good = 0;
        for bytes in stream.chunks(piece) {
            match frames.judge(bytes) {
                Ok(()) => good += bytes.len(),
                Err(before) => return good + before,
            }
        }
        good
    }

    #[test]
    fn whatever_the_pieces_the_stream_breaks_off_at_the_wrong_frame() {
        let payload = [b'x'; 126];
        let good = [&STREAM[..STREAM.len() - 1], &payload].concat();
        let stream = [good.as_slice(), b"\xc1\x80mask"].concat();
        for piece in 1..stream.len() {
            assert_eq!(good_bytes(&stream, piece), good.len(), "pieces of {piece}");
        }
    }

    #[test]
    fn every_head_is_right_or_wrong_by_its_first_two_bytes_and_its_length() {
        let judge = |head: &[u8]| payload_bytes(head).map_err(|_| "wrong");
        assert_eq!(judge(&[0x81]), Ok(None));
        assert_eq!(judge(&[0x81, 0x85]), Ok(Some(5)));
        assert_eq!(judge(&[0x82, 0xfe, 0, 126]), Ok(Some(126)));
        assert_eq!(judge(&[0x82, 0xfe, 0, 125]), Err("wrong"));
        assert_eq!(judge(&[0x80, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]), Ok(Some(65_536)));
        assert_eq!(judge(&[0x80, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), Err("wrong"));
        assert_eq!(judge(&[0x80, 0xff, 0x80, 0, 0, 0, 0, 1, 0, 0]), Err("wrong"));
        for wrong in [&[0x83_u8][..], &[0x8b], &[0xc1], &[0xa1], &[0x91], &[0x09], &[0x81, 5], &[0x89, 0xfe]] {
            assert_eq!(judge(wrong), Err("wrong"), "{wrong:x?}");
        }
    }
}
