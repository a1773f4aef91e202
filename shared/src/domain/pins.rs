//! Pins: up to three messages of a session that stand above the chat (docs/contract.md, Pins).

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::message::{Message, MessageId};
use crate::domain::session::Head;
use crate::domain::text::message_text::MessageText;
use crate::domain::wire::server_frame::MAX_BATCH_BYTES;

/// Pins at once.
pub const MAX_PINS: usize = 3;
/// The name of the state.
pub const STATE: &str = "pins";
/// The rest of the frame.
const FRAME_BYTES: usize = 128;
/// The end of a text that is cut.
const ELLIPSIS: &str = "…";

/// The pinned messages of a session: their ids and nothing of their texts, which are read anew each time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// The number of changes; 0 if nothing was ever pinned.
    pub version: u64,
    /// The newest pin first.
    pub message_ids: Vec<MessageId>,
}

impl Pins {
    /// Those of a session's head; `None` if nothing was ever pinned there.
    pub fn of(head: &Head) -> Option<Pins> {
        head.states.get(STATE).and_then(|row| Pins::deserialize(row).ok())
    }

    /// Whether a message is pinned.
    pub fn contains(&self, id: MessageId) -> bool {
        self.message_ids.contains(&id)
    }

    /// These messages alone, after a change.
    #[must_use]
    pub fn changed_to(&self, message_ids: Vec<MessageId>) -> Pins {
        Pins { version: self.version + 1, message_ids }
    }
}

/// Pinned messages in the form that fits into one frame: of the largest, what is beyond an equal share of it is left out.
pub fn fitted(mut messages: Vec<Message>) -> Vec<Message> {
    let bytes: usize = messages.iter().map(json_bytes).sum();
    if bytes > MAX_BATCH_BYTES - FRAME_BYTES {
        let share = (MAX_BATCH_BYTES - FRAME_BYTES) / messages.len();
        for message in &mut messages {
            fit(message, share);
        }
    }
    messages
}

/// Cuts a message down to so many bytes: first its text, or all that its author could make longer than that.
fn fit(message: &mut Message, bytes: usize) {
    if json_bytes(message) <= bytes {
        return;
    }
    message.truncated = true;
    let text = std::mem::take(&mut message.message);
    if json_bytes(message) > bytes / 2 {
        (message.reply_to, message.attributes) = (None, Default::default());
        message.mentions.clear();
    }
    let mut left = bytes.saturating_sub(json_bytes(message) + ELLIPSIS.len());
    loop {
        let cut = cut(&text, left) + ELLIPSIS;
        // Directions that the cut leaves open are closed again, which takes as many characters as opened them.
        message.message = MessageText::parse(&cut, usize::MAX).map_or(cut, |text| text.as_str().to_owned());
        if json_bytes(message) <= bytes || left == 0 {
            return;
        }
        left /= 2;
    }
}

/// As many whole graphemes as fit into so many bytes of JSON.
fn cut(text: &str, bytes: usize) -> String {
    let mut left = bytes;
    let fits = |grapheme: &&str| {
        let bytes: usize = grapheme.chars().map(escaped_bytes).sum();
        left = left.saturating_sub(bytes);
        left > 0
    };
    text.graphemes(true).take_while(fits).collect()
}

/// The bytes of a character of a text in JSON (RFC 8259, 7). A text has no other control characters.
fn escaped_bytes(c: char) -> usize {
    if matches!(c, '"' | '\\' | '\n' | '\t') { 2 } else { c.len_utf8() }
}

fn json_bytes(message: &Message) -> usize {
    serde_json::to_string(message).expect("a message has only text keys and finite numbers").len() + 1
}

#[cfg(test)]
mod tests {
    use crate::domain::caller::Attributes;
    use crate::domain::message::{MessageType, ReplyTo};
    use crate::domain::quote::Quote;
    use crate::domain::wire::server_frame::ServerFrame;

    use super::*;

    fn message(text: String) -> Message {
        Message {
            id: MessageId::new(1, 2),
            seq: 2,
            session_id: 1,
            user_id: "ann".to_owned(),
            username: "Ann".to_owned(),
            profile_pic: None,
            message: text,
            message_type: MessageType::Text,
            likes: 0,
            created_at: "2026-11-23T16:38:45.921-05:00".to_owned(),
            is_winner: false,
            is_host: false,
            is_moderator: false,
            resembles_staff: false,
            badge: None,
            client_message_id: None,
            attributes: Attributes::default(),
            shadowed: false,
            reply_to: None,
            mentions: Vec::new(),
            color: None,
            answered: None,
            truncated: false,
        }
    }

    /// A message that is as long as any can be.
    fn longest() -> Message {
        let control = "\u{1}".repeat(255);
        let attributes = [("a".to_owned(), "\u{1}".repeat(1_023))];
        let quote =
            Quote {
                user_id: Some(control.clone()), username: Some("😀".repeat(100)), excerpt: Some("😀".repeat(100))
            };
        Message {
            user_id: control,
            username: "😀".repeat(100),
            profile_pic: Some("\"".repeat(2_048)),
            badge: Some("😀".repeat(50)),
            client_message_id: Some("\"".repeat(128)),
            attributes: Attributes::from(attributes),
            reply_to: Some(ReplyTo { id: MessageId::new(1, 1), quote }),
            mentions: vec!["\"".repeat(255); 5],
            ..message("😀".repeat(5_000))
        }
    }

    fn frame(pins: Vec<Message>) -> String {
        ServerFrame::PinsUpdate { pins, pins_version: u64::MAX }.to_json()
    }

    #[test]
    fn three_of_the_longest_messages_fit_into_a_frame() {
        let pins = fitted(vec![longest(), longest(), longest()]);
        assert!(pins.iter().all(|pin| pin.truncated && pin.message.len() > 1_000 && pin.message.ends_with('…')));
        let bytes = frame(pins).len();
        assert!(bytes <= MAX_BATCH_BYTES, "{bytes} bytes");
    }

    #[test]
    fn what_fits_stays_whole() {
        let long = |n: usize| message("é".repeat(n));
        for pins in [vec![], vec![long(5_000)], vec![long(5_000), long(5_000), long(3_000)]] {
            assert_eq!(fitted(pins.clone()), pins);
        }
        let pins = fitted(vec![long(5_000), message("short".to_owned()), message("\n\"".repeat(2_500)), longest()]);
        assert_eq!(pins[1], message("short".to_owned()));
        assert!(frame(pins).len() <= MAX_BATCH_BYTES);
    }

    #[test]
    fn a_text_is_cut_between_graphemes_and_closes_its_directions() {
        let mut turned = message(format!("\u{202e}{}", "👩‍👩‍👧".repeat(800)));
        fit(&mut turned, 2_000);
        let text = turned.message.strip_prefix('\u{202e}').and_then(|text| text.strip_suffix("…\u{202c}")).unwrap();
        assert!(!text.is_empty() && text.replace("👩‍👩‍👧", "").is_empty(), "{text}");
        // What a cut leaves open takes as much again to close.
        let nested = || message(format!("{}x{}", "\u{202e}".repeat(2_499), "\u{202c}".repeat(2_499)));
        let pins = fitted(vec![nested(), nested(), nested()]);
        assert!(frame(pins).len() <= MAX_BATCH_BYTES);
    }

    #[test]
    fn a_change_moves_the_version() {
        let (one, two) = (MessageId::new(1, 1), MessageId::new(1, 2));
        let pins = Pins::default().changed_to(vec![one]).changed_to(vec![two, one]);
        assert!(pins.contains(one) && pins.contains(two) && !pins.contains(MessageId::new(1, 3)));
        let row = r#"{"version":2,"message_ids":[100000002,100000001]}"#;
        assert_eq!(serde_json::to_string(&pins).unwrap(), row);
    }
}
