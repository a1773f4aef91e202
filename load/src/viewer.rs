//! One viewer: a socket that is opened and read until it ends.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf, ReadHalf};

use crate::frames::{self, Reader, Received};
use crate::protocol::{self, Protocol, Signal};
use crate::room::Room;
use crate::send_outcome::SendOutcome;
use crate::socket_writer::SocketWriter;
use crate::transport::Wire;

/// As much as is read at once, by all sockets into the same memory: a socket keeps only a frame's beginning.
const SCRATCH_BYTES: usize = 64 * 1024;
/// An answer to a handshake has no longer head.
const MAX_HEAD_BYTES: usize = 16 * 1024;

const PONG: &[u8] = br#"{"type":"pong""#;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH_BYTES]);
}

/// Opens a socket and listens to it in a task of its own.
///
/// # Errors
/// The status of a refused handshake, or the failure of the connection.
pub(crate) async fn join(
    room: &Rc<Room>,
    viewer: usize,
    path: &str,
    hello: Option<&[u8]>,
) -> Result<Rc<SocketWriter>, String> {
    let mut wire = room.connector.connect().await.map_err(|error| error.to_string())?;
    let authority = room.connector.target().authority();
    // The key protects from caches that take a handshake for a page, of which there are none: any will do.
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZCB0b29sIGtleSEhIQ==\r\n\r\n"
    );
    wire.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    wire.flush().await.map_err(|error| error.to_string())?;
    let early = handshake(&mut wire).await?;
    let mut reader = Reader::default();
    let early = match hello {
        None => early,
        Some(hello) => {
            wire.write_all(hello).await.map_err(|error| error.to_string())?;
            wire.flush().await.map_err(|error| error.to_string())?;
            welcome(room.protocol, &mut wire, &mut reader, early).await?;
            Vec::new()
        }
    };
    let (half, writer) = tokio::io::split(wire);
    let writer = Rc::new(SocketWriter::new(writer));
    tokio::task::spawn_local(listen(Rc::clone(room), viewer, half, (reader, early), Rc::clone(&writer)));
    Ok(writer)
}

/// Reads until the server has let the socket in. Nobody sends a message before everybody has joined, so none is among these frames.
async fn welcome(protocol: Protocol, wire: &mut Wire, reader: &mut Reader, early: Vec<u8>) -> Result<(), String> {
    let mut bytes = early;
    loop {
        let mut signal = None;
        let read = reader.feed(&bytes, |said| match said {
            Received::Text(frame) => signal = signal.or(protocol.signal(frame)),
            Received::Close(_) => signal = Some(Signal::Refused),
            Received::Ping(_) => {}
        });
        match (read, signal) {
            (Ok(()), Some(Signal::Joined)) => return Ok(()),
            (Ok(()), None | Some(Signal::Ping)) => {}
            (Ok(()), Some(Signal::Refused)) => return Err("refused".to_owned()),
            (Err(_), _) => return Err("no frames".to_owned()),
        }
        bytes.clear();
        if wire.read_buf(&mut bytes).await.map_err(|error| error.to_string())? == 0 {
            return Err("the server closed before it let the socket in".to_owned());
        }
    }
}

/// Reads the answer's head; returns the bytes after it, which are the first frames.
async fn handshake(wire: &mut Wire) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]);
            let status = head.split_whitespace().nth(1).unwrap_or("no status").to_owned();
            return if status == "101" { Ok(bytes.split_off(end + 4)) } else { Err(status) };
        }
        match wire.read_buf(&mut bytes).await {
            Ok(1..) if bytes.len() < MAX_HEAD_BYTES => {}
            Ok(_) => return Err("no answer to the handshake".to_owned()),
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// `begun` is the reader with the bytes that it has yet to take.
async fn listen(
    room: Rc<Room>,
    viewer: usize,
    mut wire: ReadHalf<Wire>,
    begun: (Reader, Vec<u8>),
    writer: Rc<SocketWriter>,
) {
    let (mut reader, early) = begun;
    let mut outcome = take(&room, viewer, &mut reader, &early, &writer);
    while let Ok(None) = outcome {
        outcome = poll_fn(|cx| {
            SCRATCH.with_borrow_mut(|scratch| {
                let mut buffer = ReadBuf::new(scratch);
                Pin::new(&mut wire).poll_read(cx, &mut buffer).map(|read| match read {
                    Ok(()) if buffer.filled().is_empty() => Ok(Some(1006)),
                    Ok(()) => take(&room, viewer, &mut reader, buffer.filled(), &writer),
                    Err(_reset) => Ok(Some(1006)),
                })
            })
        })
        .await;
    }
    room.note_closed(outcome.ok().flatten().unwrap_or(1002));
}

/// Takes received bytes; the close code if they end the socket.
fn take(
    room: &Rc<Room>,
    viewer: usize,
    reader: &mut Reader,
    bytes: &[u8],
    writer: &Rc<SocketWriter>,
) -> Result<Option<u16>, frames::ProtocolError> {
    let (at_us, mut closed) = (room.now_us(), None);
    reader.feed(bytes, |said| match said {
        Received::Text(frame) => {
            if room.protocol.signal(frame) == Some(Signal::Ping) {
                answer(writer, protocol::pong());
            } else if frame.starts_with(PONG) {
                room.note_pong();
            } else if let Some(answer) = answer_in(frame) {
                room.note_answer(&answer, at_us, writer);
            } else {
                room.note_frame(frame.len());
                room.hear(viewer, frame, at_us);
            }
        }
        Received::Ping(payload) => answer(writer, frames::pong(payload)),
        Received::Close(code) => closed = Some(code),
    })?;
    Ok(closed)
}

fn answer(writer: &Rc<SocketWriter>, frame: Vec<u8>) {
    let writer = Rc::clone(writer);
    tokio::task::spawn_local(async move { writer.send(&frame).await });
}

/// The answer to a message, if this frame is one. Answers are few, so they are parsed.
fn answer_in(frame: &[u8]) -> Option<SendOutcome> {
    /// Ids are `session × 100000000 + number`.
    const NUMBERS_PER_SESSION: u64 = 100_000_000;
    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Frame {
        Ack {
            message_id: u64,
        },
        Error {
            code: String,
            #[serde(default)]
            retry_after_ms: u64,
        },
    }
    if !frame.starts_with(br#"{"type":"ack""#) && !frame.starts_with(br#"{"type":"error""#) {
        // API Gateway's own error has no type.
        let is_gateways = frame.starts_with(br#"{"message": ""#);
        let code = || String::from_utf8_lossy(&frame[13..frame.len().min(50)]).into_owned();
        return is_gateways.then(|| SendOutcome::Refused { code: code(), retry_after_ms: 0 });
    }
    match serde_json::from_slice(frame).ok()? {
        Frame::Ack { message_id } => Some(SendOutcome::Accepted { seq: message_id % NUMBERS_PER_SESSION }),
        Frame::Error { code, retry_after_ms } => Some(SendOutcome::Refused { code, retry_after_ms }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_events() {
        let ack =
            br#"{"type":"ack","client_message_id":null,"message_id":100000007,"created_at":"x","duplicate":false}"#;
        assert_eq!(answer_in(ack), Some(SendOutcome::Accepted { seq: 7 }));
        let error = br#"{"type":"error","code":"rate_limited","message":"Slow","retry_after_ms":5}"#;
        let refused = SendOutcome::Refused { code: "rate_limited".to_owned(), retry_after_ms: 5 };
        assert_eq!(answer_in(error), Some(refused));
        let gateways = br#"{"message": "Forbidden", "connectionId":"x=", "requestId":"y"}"#;
        assert!(matches!(answer_in(gateways), Some(SendOutcome::Refused { .. })));
        assert_eq!(answer_in(br#"{"type":"viewer_count_update","viewer_count":1}"#), None);
    }
}
