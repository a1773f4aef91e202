//! A client that may break every rule: it writes its handshake and its frames by hand.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::within;

/// The headers of a proper handshake.
pub(crate) const HANDSHAKE: &str = "Host: example.test:8000\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A TCP connection to the gateway.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
}

impl Raw {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr) -> Raw {
        Raw { stream: within(TcpStream::connect(address)).await.expect("the gateway listens") }
    }

    /// Connects and opens a socket.
    pub(crate) async fn open(address: SocketAddr) -> Raw {
        let mut raw = Raw::connect(address).await;
        let head = raw.request("/prod", HANDSHAKE).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        raw
    }

    /// Sends a GET request and reads the head of the response.
    pub(crate) async fn request(&mut self, target: &str, headers: &str) -> String {
        self.begin(target, headers).await;
        self.head().await
    }

    /// Sends a GET request.
    pub(crate) async fn begin(&mut self, target: &str, headers: &str) {
        self.write(format!("GET {target} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await;
    }

    /// Reads the head of a response.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within(self.stream.read_u8()).await.expect("the head is complete"));
        }
        String::from_utf8(head).expect("heads are text")
    }

    /// Sends bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within(self.stream.write_all(bytes)).await.expect("the gateway takes it");
    }

    /// Sends a masked frame, whose first byte holds the flags and the opcode.
    pub(crate) async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.write(&frame(first, payload)).await;
    }

    /// Reads a frame: its first byte and its payload.
    pub(crate) async fn read_frame(&mut self) -> (u8, Vec<u8>) {
        let read = async {
            let first = self.stream.read_u8().await?;
            let length = match self.stream.read_u8().await? {
                126 => usize::from(self.stream.read_u16().await?),
                127 => self.stream.read_u64().await? as usize,
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.stream.read_exact(&mut payload).await?;
            Ok::<_, std::io::Error>((first, payload))
        };
        within(read).await.expect("the frame is complete")
    }

    /// The code of the close frame that comes next.
    pub(crate) async fn close_code(&mut self) -> u16 {
        let (first, payload) = self.read_frame().await;
        assert_eq!(first, 0x88, "a close frame should come");
        u16::from_be_bytes([payload[0], payload[1]])
    }

    /// Whether the gateway closed its side of the connection in order, rather than resetting it.
    pub(crate) async fn is_finished(&mut self) -> bool {
        matches!(within(self.stream.read(&mut [0; 1])).await, Ok(0))
    }

    /// Whether the gateway ended the connection.
    pub(crate) async fn is_ended(&mut self) -> bool {
        matches!(within(self.stream.read(&mut [0; 1])).await, Ok(0) | Err(_))
    }
}

/// A masked frame's bytes. The mask is zero, which is allowed and leaves the payload readable.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    masked_frame(first, [0; 4], payload)
}

/// A frame's bytes under a mask.
pub(crate) fn masked_frame(first: u8, mask: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let length = match payload.len() {
        short @ ..126 => vec![short as u8],
        medium @ ..65_536 => [&[126], (medium as u16).to_be_bytes().as_slice()].concat(),
        long => [&[127], (long as u64).to_be_bytes().as_slice()].concat(),
    };
    frame_of_length(first, &length, mask, payload)
}

/// A masked frame's bytes with any length field: its 7 bits, and the 2 or 8 bytes that may follow them.
pub(crate) fn frame_of_length(first: u8, length: &[u8], mask: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    bytes.extend_from_slice(length);
    bytes[1] |= 0x80;
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}
