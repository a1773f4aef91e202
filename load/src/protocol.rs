//! The protocol of viewers' sockets: the chat's, or socket.io's for a peer to compare with (`load/peers/`).
//!
//! Of socket.io as much as its clients need: engine.io 4 over WebSocket alone, where each packet is a text frame that begins with its
//! type. An open namespace (`40`) is the answer to the client's `40` with its token; the server's ping is `2`, the client's pong `3`.

use clap::ValueEnum;
use serde_json::json;

use crate::frames;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// Documented in `docs/asyncapi.yaml`.
    LiveChat,
    /// socket.io 4.
    SocketIo,
}

/// A frame of the server about the connection itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The socket is in the room.
    Joined,
    /// The socket may not join.
    Refused,
    /// It wants an answer.
    Ping,
}

impl Protocol {
    /// The path of a socket.
    pub(crate) fn path(self, session: u64, token: &str, is_batched: bool) -> String {
        match self {
            Protocol::LiveChat => {
                let batch = if is_batched { "&batch=1" } else { "" };
                format!("/live-chat/ws/{session}?token={token}{batch}")
            }
            Protocol::SocketIo => "/socket.io/?EIO=4&transport=websocket".to_owned(),
        }
    }

    /// The frame with which a client asks to join, if the handshake does not.
    pub(crate) fn hello(self, token: &str) -> Option<Vec<u8>> {
        match self {
            Protocol::LiveChat => None,
            Protocol::SocketIo => Some(frames::text(format!("40{}", json!({ "token": token })).as_bytes())),
        }
    }

    /// What a text frame says of the connection, if it does.
    pub(crate) fn signal(self, frame: &[u8]) -> Option<Signal> {
        match (self, frame) {
            (Protocol::SocketIo, [b'4', b'0', ..]) => Some(Signal::Joined),
            (Protocol::SocketIo, [b'4', b'1' | b'4', ..]) => Some(Signal::Refused),
            (Protocol::SocketIo, b"2") => Some(Signal::Ping),
            _ => None,
        }
    }
}

/// The answer to [`Signal::Ping`].
pub(crate) fn pong() -> Vec<u8> {
    frames::text(b"3")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_of_socket_io_are_told_from_its_events() {
        let signal = |frame: &str| Protocol::SocketIo.signal(frame.as_bytes());
        assert_eq!(signal(r#"0{"sid":"x","upgrades":[],"pingInterval":25000}"#), None);
        assert_eq!(signal(r#"40{"sid":"y"}"#), Some(Signal::Joined));
        assert_eq!(signal(r#"44{"message":"unauthorized"}"#), Some(Signal::Refused));
        assert_eq!(signal("2"), Some(Signal::Ping));
        assert_eq!(signal(r#"42["event",{"type":"new_message"}]"#), None);
        assert_eq!(Protocol::LiveChat.signal(b"2"), None);
    }
}
