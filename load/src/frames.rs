//! WebSocket frames as a client reads and writes them, with little work for each: a room of ten thousand is read on one core.

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received<'a> {
    Text(&'a [u8]),
    Ping(&'a [u8]),
    /// The close code, 1005 if there was none.
    Close(u16),
}

/// The other side does not speak the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProtocolError;

const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
/// No frame of the chat is larger (API Gateway's messages end at 128 KB).
const MAX_FRAME_BYTES: usize = 1024 * 1024;

/// Cuts the bytes of a socket into frames. It keeps only an incomplete frame.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    partial: Vec<u8>,
    /// The beginning of a fragmented message.
    message: Vec<u8>,
}

impl Reader {
    /// Takes received bytes and hands on each whole message.
    pub(crate) fn feed(&mut self, received: &[u8], mut hear: impl FnMut(Received<'_>)) -> Result<(), ProtocolError> {
        if self.partial.is_empty() {
            let used = self.cut(received, &mut hear)?;
            self.partial.extend_from_slice(&received[used..]);
            return Ok(());
        }
        let mut bytes = std::mem::take(&mut self.partial);
        bytes.extend_from_slice(received);
        let used = self.cut(&bytes, &mut hear)?;
        if used < bytes.len() {
            bytes.drain(..used);
            self.partial = bytes;
        }
        Ok(())
    }

    /// Hands on the whole frames; answers with how many bytes they were.
    fn cut(&mut self, bytes: &[u8], hear: &mut impl FnMut(Received<'_>)) -> Result<usize, ProtocolError> {
        let mut used = 0;
        while let Some((header, length)) = header(&bytes[used..])? {
            let first = bytes[used];
            let Some(payload) = bytes.get(used + header..used + header + length) else { break };
            used += header + length;
            let (is_last, opcode) = (first & 0x80 != 0, first & 0x0f);
            match opcode {
                CLOSE => hear(Received::Close(match payload {
                    [high, low, ..] => u16::from_be_bytes([*high, *low]),
                    _ => 1005,
                })),
                PING => hear(Received::Ping(payload)),
                PONG => {}
                TEXT | BINARY if is_last => hear(Received::Text(payload)),
                TEXT | BINARY => self.message = payload.to_vec(),
                0 => {
                    self.message.extend_from_slice(payload);
                    if is_last {
                        hear(Received::Text(&std::mem::take(&mut self.message)));
                    }
                }
                _ => return Err(ProtocolError),
            }
        }
        Ok(used)
    }
}

/// The lengths of a frame's header and of its payload, if the header is whole.
fn header(bytes: &[u8]) -> Result<Option<(usize, usize)>, ProtocolError> {
    let [_, second, rest @ ..] = bytes else { return Ok(None) };
    let (header, length) = match (second, rest) {
        (126, [a, b, ..]) => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        (127, [a, b, c, d, e, f, g, h, ..]) => (10, u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) as usize),
        (126 | 127, _) => return Ok(None),
        // A server must not mask.
        (128.., _) => return Err(ProtocolError),
        (length, _) => (2, usize::from(*length)),
    };
    if length > MAX_FRAME_BYTES { Err(ProtocolError) } else { Ok(Some((header, length))) }
}

/// A client's text frame. The mask protects proxies from scripts, which this is none: a fixed one will do.
pub(crate) fn text(payload: &[u8]) -> Vec<u8> {
    client_frame(TEXT, payload)
}

/// The answer to a ping.
pub(crate) fn pong(payload: &[u8]) -> Vec<u8> {
    client_frame(PONG, payload)
}

/// Says good-bye, with the usual code.
pub(crate) fn close() -> Vec<u8> {
    client_frame(CLOSE, &1000_u16.to_be_bytes())
}

fn client_frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x3c, 0x5a, 0x69, 0x96];
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let masked = client_frame(first & 0x0f, payload);
        let header = masked.len() - payload.len() - 4;
        let mut frame = masked[..header].to_vec();
        (frame[0], frame[1]) = (first, frame[1] & 0x7f);
        frame.extend_from_slice(payload);
        frame
    }

    fn heard(pieces: &[&[u8]]) -> Vec<String> {
        let (mut reader, mut heard) = (Reader::default(), Vec::new());
        for piece in pieces {
            let told = reader.feed(piece, |said| {
                heard.push(match said {
                    Received::Text(text) => format!("{} bytes from {}", text.len(), text.first().copied().unwrap_or(0)),
                    Received::Ping(ping) => format!("ping {}", ping.len()),
                    Received::Close(code) => format!("close {code}"),
                });
            });
            assert_eq!(told, Ok(()));
        }
        assert!(reader.partial.is_empty() && reader.message.is_empty());
        heard
    }

    #[test]
    fn frames_of_all_lengths_are_read_however_they_are_cut() {
        let mut stream = Vec::new();
        for length in [0, 1, 125, 126, 300, 0xffff, 0x1_0000] {
            stream.extend(server_frame(0x81, &vec![7; length]));
        }
        stream.extend(server_frame(0x01, b"ab"));
        stream.extend(server_frame(0x89, b"?"));
        stream.extend(server_frame(0x80, b"c"));
        stream.extend(server_frame(0x88, &[0x03, 0xe8]));
        let whole = heard(&[&stream]);
        assert_eq!(whole.len(), 10, "{whole:?}");
        assert_eq!(&whole[6..], ["65536 bytes from 7", "ping 1", "3 bytes from 97", "close 1000"]);
        for size in [1, 2, 3, 1000, 4096] {
            let pieces: Vec<&[u8]> = stream.chunks(size).collect();
            assert_eq!(heard(&pieces), whole, "in pieces of {size}");
        }
    }

    #[test]
    fn a_masked_or_endless_frame_is_no_servers() {
        let mut reader = Reader::default();
        assert_eq!(reader.feed(&text(b"x"), |_| {}), Err(ProtocolError));
        assert_eq!(Reader::default().feed(&[0x81, 127, 255, 0, 0, 0, 0, 0, 0, 0], |_| {}), Err(ProtocolError));
    }
}
