//! Messages that are held until staff decide on them (docs/contract.md, Held messages).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::action_id::ActionId;
use super::held_id::HeldId;
use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::notice::Notice;
use crate::domain::caller::Caller;
use crate::domain::message::{ClientMessageId, Draft, MessageId};
use crate::domain::text::message_text::MessageText;
use crate::domain::time;
use crate::domain::wire::server_frame::ServerFrame;

/// So many messages of a user may wait in a session, so that nobody fills the list alone.
pub const MAX_WAITING: usize = 50;

/// Why a message is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// A term of the list holds it.
    Term,
    /// It has a link, and the session's modes hold links.
    Link,
    /// The session's modes hold everything.
    ReviewAll,
    /// The operator's review handler holds it.
    Review,
}

/// The decision on a held message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is a message like any other from now on.
    Approved,
    /// Nobody will see it.
    Denied,
    /// Nobody decided in time, so nobody will see it.
    Expired,
}

impl Decision {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Approved => "approved",
            Decision::Denied => "denied",
            Decision::Expired => "expired",
        }
    }
}

/// Whose held messages an act denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeniedHolds {
    /// Those of the act's user in all sessions.
    OfUser,
    /// Those of the act's user in the act's session.
    OfUserInSession,
    /// All of the act's session.
    OfSession,
}

/// A held message as it is stored, with its author as a stored message would have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldMessage {
    /// Its id, which holds the time.
    #[serde(rename = "held_id")]
    pub id: HeldId,
    /// The session in which it was sent.
    pub session_id: u64,
    /// The author, as its token told.
    pub author: Caller,
    text: String,
    /// The text as its author wrote it, if rules have changed it.
    #[serde(default)]
    original_text: Option<String>,
    client_message_id: Option<String>,
    /// The message that it replies to. Nothing of that message is kept here.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<String>,
    /// Whether the author's name could be taken for that of a member of the staff in the room.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    resembles_staff: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    question: bool,
    /// Why it is held.
    pub reason: HoldReason,
    /// The time at which it is denied if nobody has decided, in milliseconds since 1970.
    pub deadline_ms: i64,
    /// When its rows expire, in seconds since 1970.
    pub(crate) expires_at: Option<i64>,
}

impl HeldMessage {
    /// A message that is held from a time on, for so long at most.
    pub fn new(
        session_id: u64,
        author: &Caller,
        draft: &Draft,
        reason: HoldReason,
        (now, longest): (Timestamp, SignedDuration),
        expires_at: Option<i64>,
    ) -> HeldMessage {
        HeldMessage {
            id: HeldId::at(now),
            session_id,
            // The address is for the review handler alone.
            author: Caller { ip: None, ..author.clone() },
            text: draft.text.as_str().to_owned(),
            original_text: draft.original.as_ref().map(|text| text.as_str().to_owned()),
            client_message_id: draft.client_message_id.as_ref().map(|key| key.as_str().to_owned()),
            reply_to: draft.reply_to,
            mentions: draft.mentions.clone(),
            resembles_staff: draft.resembles_staff,
            question: draft.question,
            reason,
            deadline_ms: (now + longest).as_millisecond(),
            expires_at,
        }
    }

    /// Whether it is a question to the host.
    pub fn is_question(&self) -> bool {
        self.question
    }

    /// The client's key, if it gave one.
    pub fn client_message_id(&self) -> Option<&str> {
        self.client_message_id.as_deref()
    }

    /// The message as it was sent.
    pub fn draft(&self) -> Draft {
        let key = self.client_message_id.as_deref().and_then(|key| ClientMessageId::parse(key).ok());
        let original = self.original_text.clone().map(MessageText::stored);
        let (reply_to, mentions, resembles_staff) = (self.reply_to, self.mentions.clone(), self.resembles_staff);
        Draft {
            original,
            reply_to,
            mentions,
            resembles_staff,
            question: self.question,
            ..Draft::new(MessageText::stored(self.text.clone()), key)
        }
    }

    /// The text as its author wrote it, if rules have changed it.
    pub fn original_text(&self) -> Option<&str> {
        self.original_text.as_deref()
    }

    /// Whether it is too late to decide on it.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.deadline_ms <= now.as_millisecond()
    }

    /// The message as staff see it.
    pub fn view(&self, zone: &TimeZone) -> HeldView {
        HeldView {
            held_id: self.id.clone(),
            message: self.text.clone(),
            user_id: self.author.user_id.clone(),
            username: self.author.username.clone(),
            at: time::to_the_millisecond(self.id.time(), zone),
            deadline: time::to_the_second(time::full_second(self.deadline_ms), zone),
            reason: self.reason,
            reply_to: self.reply_to.map(|id| HeldReply { id }),
            mentions: self.mentions.clone(),
        }
    }
}

/// A held message, as staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldView {
    held_id: HeldId,
    message: String,
    user_id: String,
    username: String,
    at: String,
    deadline: String,
    reason: HoldReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<HeldReply>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<String>,
}

/// The message that a held one replies to: its id alone, because a notice waits in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct HeldReply {
    id: MessageId,
}

/// The decision on a held message, with what it needs to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// The message.
    pub held: HeldMessage,
    /// The decision.
    pub decision: Decision,
    /// The message that it became.
    pub message_id: Option<MessageId>,
    /// The act that decided.
    pub action_id: ActionId,
}

impl Resolution {
    /// What staff hear of the decision, and what the author hears.
    pub fn notices(&self, now: Timestamp, mut random: impl FnMut() -> u64) -> Vec<Notice> {
        let (held, decision) = (&self.held, self.decision.name());
        let (held_id, client_message_id) = (held.id.as_str(), held.client_message_id());
        let to_staff = ServerFrame::HeldResolved { held_id, decision, message_id: self.message_id };
        let to_author = match self.message_id {
            Some(message_id) => ServerFrame::MessageApproved { held_id, client_message_id, message_id },
            None => ServerFrame::MessageDenied { held_id, client_message_id, reason: decision },
        };
        let author = Audience::User(held.author.user_id.clone());
        vec![Notice::new(Audience::Staff, &to_staff, now, random()), Notice::new(author, &to_author, now, random())]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_held_message_is_what_was_sent_and_is_over_at_its_deadline() {
        let now: Timestamp = "2026-01-05T19:30:00.250Z".parse().unwrap();
        let author = Caller { user_id: "bob".to_owned(), username: "Bob".to_owned(), ..Caller::default() };
        let key = ClientMessageId::parse("key").unwrap();
        let draft = Draft {
            reply_to: Some(MessageId::new(1, 2)),
            mentions: vec!["ann".to_owned()],
            ..Draft::new(MessageText::parse("hi", 10).unwrap(), Some(key))
        };
        let longest = SignedDuration::from_secs(300);
        let held = HeldMessage::new(1, &author, &draft, HoldReason::ReviewAll, (now, longest), None);
        assert_eq!((held.draft(), held.id.time()), (draft, now));
        let last = now + longest - SignedDuration::from_millis(1);
        assert!(!held.is_over(last) && held.is_over(now + longest));
        let view = serde_json::to_value(held.view(&TimeZone::UTC)).unwrap();
        let expected = json!({"held_id": held.id, "message": "hi", "user_id": "bob", "username": "Bob",
            "at": "2026-01-05T19:30:00.250Z", "deadline": "2026-01-05T19:35:01Z", "reason": "review_all",
            "reply_to": {"id": 100_000_002}, "mentions": ["ann"]});
        assert_eq!(view, expected);
        let stored = serde_json::to_value(&held).unwrap();
        assert_eq!(serde_json::from_value::<HeldMessage>(stored).unwrap(), held);
    }
}
