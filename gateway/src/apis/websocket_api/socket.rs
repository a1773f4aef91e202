//! An open socket: reads frames, writes its queue, and notices every way in which it can end.

use std::future::pending;
use std::sync::Arc;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use super::api::WebSocketApi;
use super::frame_headers::CheckedFrames;
use crate::apis::connections::{Connection, Ending, Outgoing};
use crate::http::limits::Limits;

type Socket = WebSocketStream<CheckedFrames<TokioIo<Upgraded>>>;

/// Small, because there may be ten thousand of them.
const BUFFER_BYTES: usize = 4 * 1024;

/// How an open socket stopped being one.
enum Outcome {
    /// The client sent a close frame, which is to be answered.
    ClosedByClient(Ending),
    /// A close frame was sent from this side.
    ClosedByUs(Ending),
    /// The client broke a rule, which the close frame names.
    Fault(Ending),
    /// The connection is gone, or its client does not read.
    Lost(Ending),
}

/// Serves a socket until it ends; returns why it ended.
pub(super) async fn run(
    api: &Arc<WebSocketApi>,
    upgraded: Upgraded,
    connection: &Arc<Connection>,
    outgoing: mpsc::UnboundedReceiver<Outgoing>,
) -> Ending {
    let limits = &api.limits;
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        // One message and some pongs. Pongs beyond that are left out, and a client that asked for so many without
        // reading them is cut off at the next message to it.
        .max_write_buffer_size(limits.message_bytes + 16 * BUFFER_BYTES)
        .max_frame_size(Some(limits.frame_bytes))
        .max_message_size(Some(limits.message_bytes));
    let socket =
        WebSocketStream::from_raw_socket(CheckedFrames::new(TokioIo::new(upgraded)), Role::Server, Some(config)).await;
    let (mut sink, mut stream) = socket.split();
    let outcome = tokio::select! {
        biased;
        outcome = read(api, connection, &mut stream) => outcome,
        outcome = write(connection, &mut sink, outgoing) => outcome,
        outcome = supervise(api, connection) => outcome,
    };
    api.connections.remove(&connection.client.connection_id);
    let ending = match &outcome {
        Outcome::ClosedByClient(ending) | Outcome::ClosedByUs(ending) => ending.clone(),
        Outcome::Fault(ending) | Outcome::Lost(ending) => ending.clone(),
    };
    if let Ok(socket) = sink.reunite(stream) {
        // Beside the `$disconnect` function, which must not wait for a slow client.
        api.tasks.spawn(tokio::time::timeout(limits.closing, closing_handshake(socket, outcome)));
    }
    ending
}

/// Reads until the client closes, breaks a rule or vanishes.
async fn read(api: &Arc<WebSocketApi>, connection: &Arc<Connection>, stream: &mut SplitStream<Socket>) -> Outcome {
    let permits = Arc::new(Semaphore::new(api.limits.concurrent_messages));
    while let Some(frame) = stream.next().await {
        connection.touch();
        match frame {
            Ok(Message::Text(text)) => {
                let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
                api.dispatch(connection, text, permit);
            }
            Ok(Message::Binary(_)) => return Outcome::Fault(Ending::new(1003, "Binary frames are not supported")),
            Ok(Message::Close(None)) => {
                let ending = Ending::new(1005, "Client-side close frame status not set");
                return Outcome::ClosedByClient(ending);
            }
            Ok(Message::Close(Some(frame))) => {
                let ending = Ending::new(frame.code.into(), frame.reason.as_str());
                return Outcome::ClosedByClient(ending);
            }
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(error) => return outcome_of(&error),
        }
    }
    Outcome::Lost(Ending::vanished())
}

fn outcome_of(error: &tungstenite::Error) -> Outcome {
    use tungstenite::error::ProtocolError;
    match error {
        tungstenite::Error::Capacity(_) => Outcome::Fault(Ending::new(1009, "Message too large")),
        tungstenite::Error::Utf8(_) => Outcome::Fault(Ending::new(1007, "Text is not valid UTF-8")),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Outcome::Lost(Ending::vanished()),
        tungstenite::Error::Protocol(_) => Outcome::Fault(Ending::new(1002, "Protocol error")),
        tungstenite::Error::Io(error) if CheckedFrames::<()>::is_invalid_header(error) => {
            Outcome::Fault(Ending::new(1002, "Protocol error"))
        }
        _ => Outcome::Lost(Ending::vanished()),
    }
}

/// Writes the queue until the socket is to be closed.
async fn write(
    connection: &Connection,
    sink: &mut SplitSink<Socket, Message>,
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
) -> Outcome {
    while let Some(next) = outgoing.recv().await {
        let mut next = Some(next);
        while let Some(item) = next {
            let written = match item {
                Outgoing::Text(text, _share) => sink.feed(Message::Text(text)).await,
                Outgoing::Close => {
                    let ending = connection.requested_ending().cloned().unwrap_or_else(Ending::going_away);
                    let sent = sink.send(Message::Close(Some(close_frame(&ending)))).await;
                    return if sent.is_ok() { Outcome::ClosedByUs(ending) } else { Outcome::Lost(ending) };
                }
            };
            if written.is_err() {
                return lost_while_writing().await;
            }
            connection.touch();
            next = outgoing.try_recv().ok();
        }
        if sink.flush().await.is_err() {
            return lost_while_writing().await;
        }
    }
    Outcome::Lost(Ending::vanished())
}

/// The reader sees the same end, and may find its cause: a close frame that is still unread.
async fn lost_while_writing() -> Outcome {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    Outcome::Lost(Ending::vanished())
}

/// Asks for the socket's end when its time is over or the gateway closes, and enforces it if the client does not read.
async fn supervise(api: &WebSocketApi, connection: &Connection) -> Outcome {
    let limits: &Limits = &api.limits;
    loop {
        tokio::select! {
            biased;
            () = connection.close_requested() => break,
            () = api.closing.cancelled() => connection.close(Ending::going_away()),
            () = tokio::time::sleep_until(connection.expires_at(limits)) => {
                if connection.expires_at(limits) <= tokio::time::Instant::now() {
                    connection.close(Ending::going_away());
                }
            }
        }
    }
    tokio::time::sleep(limits.closing).await;
    match connection.requested_ending() {
        Some(ending) => Outcome::Lost(ending.clone()),
        None => pending().await,
    }
}

/// The closing handshake. The caller bounds its time.
async fn closing_handshake(mut socket: Socket, outcome: Outcome) {
    match outcome {
        // The answer to a close frame is queued by the library already.
        Outcome::ClosedByClient(_) => {
            let _ = socket.flush().await;
            linger(socket).await;
        }
        Outcome::ClosedByUs(_) => while let Some(Ok(_)) = socket.next().await {},
        Outcome::Fault(ending) => {
            if socket.send(Message::Close(Some(close_frame(&ending)))).await.is_ok() {
                linger(socket).await;
            }
        }
        Outcome::Lost(_) => {}
    }
}

/// Ends the stream and reads the rest of it: closing over unread bytes would reset the connection, and the client would see
/// that instead of the close frame.
async fn linger(socket: Socket) {
    let mut stream = socket.into_inner().into_inner();
    let mut unread = [0; 512];
    if stream.shutdown().await.is_ok() {
        while let Ok(1..) = stream.read(&mut unread).await {}
    }
}

fn close_frame(ending: &Ending) -> CloseFrame {
    CloseFrame { code: CloseCode::from(ending.code), reason: ending.reason.as_str().into() }
}
