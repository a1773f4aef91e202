//! A message as it is stored.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::announcement::Color;
use crate::domain::caller::{Attributes, Caller, Rank};
use crate::domain::message::{Draft, Message, MessageId, MessageType, ReplyTo};
use crate::domain::quote::Quote;
use crate::domain::time;
use crate::platform::dynamo::keys;
use crate::platform::dynamo::keys::Key;
use crate::platform::trace::{self, TraceId};

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    pub(crate) session_id: u64,
    pub(crate) seq: u64,
    /// The author.
    pub user_id: String,
    username: String,
    profile_pic: Option<String>,
    /// That of a hidden or shadowed message has another name, so that whatever shows texts misses it.
    #[serde(alias = "hidden_text", alias = "shadow_text")]
    text: String,
    likes: u64,
    pub(crate) created_ms: i64,
    is_winner: bool,
    is_host: bool,
    badge: Option<String>,
    client_message_id: Option<String>,
    pub(crate) expires_at: Option<i64>,
    /// The trace id of the request that stored it.
    #[serde(default)]
    trace: Option<String>,
    /// The author's attributes. Older rows lack them, and so do those of authors without any.
    #[serde(default, rename = "author_attributes", skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
    /// Whether the author was of the staff, but no host. Older rows lack it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_staff: bool,
    /// Whether the author's name could be taken for that of a member of the staff in the room. Older rows lack it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    resembles_staff: bool,
    /// Whether the author was no viewer, such as a bot. Older rows lack it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_uncounted: bool,
    /// The text as its author wrote it, for staff, if rules or a review have changed it.
    #[serde(default)]
    original_text: Option<String>,
    /// Whether nobody but the author and staff sees it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    shadowed: bool,
    /// The message that it replies to. Nothing of that message is stored here: it may be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<String>,
    /// The colour of an announcement. Any other message has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announcement: Option<Color>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    question: bool,
    /// Whether staff have answered the question.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    answered: bool,
    /// What is shown of the message that it replies to, once that was read ([`super::store_quotes`]).
    #[serde(skip)]
    quote: Quote,
}

impl StoredMessage {
    pub(crate) fn new(
        session_id: u64,
        seq: u64,
        author: &Caller,
        draft: &Draft,
        now: Timestamp,
        expires_at: Option<i64>,
    ) -> StoredMessage {
        StoredMessage {
            session_id,
            seq,
            user_id: author.user_id.clone(),
            username: author.username.clone(),
            profile_pic: author.profile_pic.clone(),
            text: draft.text.as_str().to_owned(),
            likes: 0,
            created_ms: now.as_millisecond(),
            is_winner: author.is_winner(),
            is_host: author.is_host,
            badge: author.badge.clone(),
            client_message_id: draft.client_message_id.as_ref().map(|key| key.as_str().to_owned()),
            expires_at,
            trace: trace::current().map(|trace| trace.as_str().to_owned()),
            attributes: author.attributes.clone(),
            by_staff: author.is_staff() && !author.is_host,
            resembles_staff: draft.resembles_staff,
            by_uncounted: author.is_uncounted,
            original_text: draft.original.as_ref().map(|text| text.as_str().to_owned()),
            shadowed: false,
            reply_to: draft.reply_to,
            mentions: draft.mentions.clone(),
            announcement: draft.announcement,
            question: draft.question,
            answered: false,
            quote: Quote::default(),
        }
    }

    /// The message that it replies to.
    pub(super) fn reply_to(&self) -> Option<MessageId> {
        self.reply_to
    }

    /// Notes what is shown of the message that it replies to; without that, it counts as gone.
    pub(super) fn set_quote(&mut self, quote: Quote) {
        self.quote = quote;
    }

    /// What a reply shows of this message. It must be one that the readers of the reply may see.
    pub(super) fn quoted(&self) -> Quote {
        Quote::new(&self.user_id, &self.username, &self.text)
    }

    /// Whether nobody but the author and staff sees it.
    pub fn is_shadowed(&self) -> bool {
        self.shadowed
    }

    /// Whether the author was of the staff, or said it as the host.
    pub fn is_by_staff(&self) -> bool {
        self.by_staff || self.is_host || self.announcement.is_some()
    }

    /// Whether the author was no viewer.
    pub fn is_by_uncounted(&self) -> bool {
        self.by_uncounted
    }

    /// The rank of the author at least, as it was when the message was sent.
    pub fn author_rank(&self) -> Rank {
        match (self.is_host, self.by_staff) {
            (true, _) => Rank::Host,
            (false, true) => Rank::Moderator,
            (false, false) => Rank::Everybody,
        }
    }

    /// The author's name.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as its author wrote it, if rules or a review have changed it.
    pub fn original_text(&self) -> Option<&str> {
        self.original_text.as_deref()
    }

    /// The message's id.
    pub fn id(&self) -> MessageId {
        MessageId::new(self.session_id, self.seq)
    }

    /// Whether it is a question to the host.
    pub fn is_question(&self) -> bool {
        self.question
    }

    /// Whether staff have answered the question.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// The number of users who like it.
    pub fn likes(&self) -> u64 {
        self.likes
    }

    /// The key that its sender gave it.
    pub(super) fn client_message_id(&self) -> Option<&str> {
        self.client_message_id.as_deref()
    }

    /// The key of its row.
    pub(super) fn key(&self) -> Key {
        keys::message(self.session_id, self.seq)
    }

    /// The time of storage.
    pub fn created(&self) -> Timestamp {
        time::from_millis(self.created_ms)
    }

    /// The trace id of the request that stored it.
    pub fn trace(&self) -> Option<TraceId> {
        self.trace.as_deref().and_then(TraceId::parse)
    }

    /// The most bytes that the message takes in a list of JSON, in any time zone.
    pub(super) fn json_bytes(&self) -> usize {
        /// An offset such as `-05:00` in place of `Z`, the comma, and `"user_liked":false,`.
        const MORE: usize = 5 + 1 + 19;
        /// A quote that nobody has read yet is taken for a long one.
        const QUOTE: usize = 1_500;
        let message = self.to_wire(&TimeZone::UTC);
        let quote = if self.reply_to().is_some() { QUOTE } else { 0 };
        serde_json::to_string(&message).expect("a message has only text keys and finite numbers").len() + MORE + quote
    }

    /// A bound of [`StoredMessage::json_bytes`] that is found without writing the message; `None` for one with rare fields.
    pub(super) fn json_bytes_at_most(&self) -> Option<usize> {
        /// The names of all fields, and what is no text.
        const REST: usize = 700;
        let is_rare = self.reply_to.is_some() || !self.attributes.is_empty() || !self.mentions.is_empty();
        let optional = [&self.profile_pic, &self.badge, &self.client_message_id];
        let texts = [&self.user_id, &self.username, &self.text].into_iter().chain(optional.into_iter().flatten());
        (!is_rare).then(|| REST + texts.map(|text| escaped_bytes(text)).sum::<usize>())
    }

    fn message_type(&self) -> MessageType {
        match (self.announcement, self.question) {
            (Some(_), _) => MessageType::Announcement,
            (None, true) => MessageType::Question,
            (None, false) => MessageType::Text,
        }
    }

    /// The message as clients see it.
    pub fn to_wire(&self, zone: &TimeZone) -> Message {
        self.clone().into_wire(zone)
    }

    fn into_wire(self, zone: &TimeZone) -> Message {
        Message {
            id: self.id(),
            seq: self.seq,
            session_id: self.session_id,
            message_type: self.message_type(),
            user_id: self.user_id,
            username: self.username,
            profile_pic: self.profile_pic,
            message: self.text,
            likes: self.likes,
            created_at: time::to_the_millisecond(time::from_millis(self.created_ms), zone),
            is_winner: self.is_winner,
            is_host: self.is_host,
            is_moderator: self.by_staff,
            resembles_staff: self.resembles_staff,
            badge: self.badge,
            client_message_id: self.client_message_id,
            attributes: self.attributes,
            shadowed: false,
            reply_to: self.reply_to.map(|id| ReplyTo { id, quote: self.quote }),
            mentions: self.mentions,
            color: self.announcement,
            answered: self.question.then_some(self.answered),
            truncated: false,
        }
    }

    /// The message as this reader sees it: staff are told that it is shadowed, its author is not.
    pub fn into_wire_for(self, reader: &Caller, zone: &TimeZone) -> Message {
        let shadowed = self.shadowed && reader.reads_as_staff();
        Message { shadowed, ..self.into_wire(zone) }
    }

    /// The message as staff see it.
    pub fn to_wire_for_staff(&self, zone: &TimeZone) -> Message {
        Message { shadowed: self.shadowed, ..self.to_wire(zone) }
    }
}

/// The most bytes that a text takes in JSON, without its quotes.
fn escaped_bytes(text: &str) -> usize {
    /// `\u001f` in place of one byte.
    const MORE: usize = 5;
    let is_escaped = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    text.len() + MORE * text.as_bytes().iter().filter(|byte| is_escaped(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with all fields but the rare ones as long as they get.
    fn long_message(text: &str) -> StoredMessage {
        let largest = MessageId::checked(90_071_991, 99_999_999).unwrap();
        StoredMessage {
            session_id: largest.session_id(),
            seq: largest.seq(),
            user_id: text.to_owned(),
            username: text.to_owned(),
            profile_pic: Some(text.to_owned()),
            text: text.to_owned(),
            likes: u64::MAX,
            created_ms: i64::MAX,
            is_winner: false,
            is_host: false,
            badge: Some(text.to_owned()),
            client_message_id: Some(text.to_owned()),
            expires_at: None,
            trace: None,
            attributes: Attributes::default(),
            by_staff: true,
            resembles_staff: true,
            by_uncounted: true,
            original_text: Some(text.to_owned()),
            shadowed: true,
            reply_to: None,
            mentions: Vec::new(),
            announcement: Some(Color::Primary),
            question: true,
            answered: true,
            quote: Quote::default(),
        }
    }

    #[test]
    fn the_bound_of_a_messages_size_is_never_less_than_the_size() {
        for text in ["", "a", "é🎉", "\"quoted\"", "\\\\", "\u{0}\u{1f}\n", &"x\u{7f}".repeat(5_000)] {
            let message = long_message(text);
            let (bound, size) = (message.json_bytes_at_most().unwrap(), message.json_bytes());
            assert!(bound >= size, "{text:?}: {bound} of {size}");
            assert!(bound <= size + 500 + 30 * text.len(), "{text:?}: {bound} of {size}: it would be of no use");
        }
        let reply = StoredMessage { reply_to: Some(MessageId::new(1, 2)), ..long_message("a") };
        let mentioning = StoredMessage { mentions: vec!["bob".to_owned()], ..long_message("a") };
        let team = [("team".to_owned(), "red".to_owned())];
        let described = StoredMessage { attributes: team.into(), ..long_message("a") };
        for rare in [reply, mentioning, described] {
            assert_eq!(rare.json_bytes_at_most(), None);
        }
    }
}
