//! A ticket replaces the token in one handshake. It keeps the token out of the socket's address, which proxies and browsers log.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;

/// How long a ticket is valid (docs/contract.md, Tickets).
pub const LIFETIME: SignedDuration = SignedDuration::from_secs(30);
/// Random bytes of a ticket: 256 bits cannot be guessed.
pub const TICKET_BYTES: usize = 32;

/// A ticket's secret bytes. There is no `Debug`, so that no log shows them by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket([u8; TICKET_BYTES]);

impl Ticket {
    /// The ticket made of these random bytes.
    pub fn from_bytes(bytes: [u8; TICKET_BYTES]) -> Ticket {
        Ticket(bytes)
    }

    /// Reads a client's text; `None` if it cannot be a ticket.
    pub fn parse(text: &str) -> Option<Ticket> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Ticket)
    }

    /// The text for the client: letters, digits, `-` and `_`, which need no escaping in a query or a subprotocol.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The secret bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_forty_three_characters_and_reads_back_as_itself() {
        let bytes = std::array::from_fn(|i| 255 - i as u8);
        let text = Ticket::from_bytes(bytes).to_text();
        assert_eq!(text.len(), 43);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
        assert_eq!(Ticket::parse(&text).expect("it reads back").as_bytes(), bytes);
    }

    #[test]
    fn a_ticket_has_one_spelling_and_nothing_else_is_one() {
        let text = Ticket::from_bytes([0; TICKET_BYTES]).to_text();
        // The last character carries two bits that belong to no byte: with them set, it would be a second spelling.
        let second_spelling = format!("{}B", &text[..42]);
        let padded = format!("{text}=");
        let standard_alphabet = text.replacen('A', "+", 1);
        let (short, long, spaced) = (&text[..42], format!("{text}AA"), format!(" {text}"));
        for wrong in ["", "x", "a.b.c", short, &long, &spaced, &second_spelling, &padded, &standard_alphabet, "é"] {
            assert!(Ticket::parse(wrong).is_none(), "{wrong:?}");
        }
    }
}
