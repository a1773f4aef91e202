//! The entry of the audit log for an act: never changed, never deleted (docs/contract.md, Moderation).
//!
//! It knows users by pseudonyms. Whatever tells about a person, and all free text, lies beside it, so that an erasure takes that away
//! and leaves the log as it is.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::action_id::ActionId;
use super::held_id::HeldId;
use super::standing::{SanctionKind, Scope};
use crate::domain::message::MessageId;
use crate::domain::time;

/// A random name of a user that only the chat table can resolve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pseudonym(pub(crate) String);

impl Pseudonym {
    /// A fresh one: 128 random bits.
    pub fn random() -> Pseudonym {
        Pseudonym(format!("{:032x}", rand::random::<u128>()))
    }

    /// That of what acts by itself, which is no user.
    pub fn of_nobody() -> Pseudonym {
        Pseudonym("0".to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorType {
    /// A person.
    User,
    /// A rule that judges messages, such as the limit of strikes.
    Automod,
    /// The operator's review handler.
    Review,
    /// Time that passed.
    System,
}

/// The sanction that an act imposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imposed {
    /// What it forbids.
    pub kind: SanctionKind,
    /// Where it holds.
    pub scope: Scope,
}

/// An entry, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id, which holds its time.
    pub id: ActionId,
    /// The name of the action on the wire.
    pub action: String,
    /// The actor.
    pub actor: Pseudonym,
    /// What the actor is.
    pub actor_type: ActorType,
    /// Whether a server of the customer acted for the actor.
    #[serde(default, rename = "by_service", skip_serializing_if = "std::ops::Not::not")]
    pub is_by_service: bool,
    /// The session, if one was open or named.
    pub session_id: Option<u64>,
    /// The user whom it concerns.
    pub target: Option<Pseudonym>,
    /// The messages that it concerns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub message_ids: Vec<MessageId>,
    /// The held message that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_id: Option<HeldId>,
    /// The sanction that it imposed. Older entries lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imposed: Option<Imposed>,
    /// The end of what it began, in milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// What else it changed.
    pub changes: Option<Value>,
}

impl Entry {
    /// Whether the act took messages that can be restored.
    pub fn takes_messages(&self) -> bool {
        let with_messages = self.changes.as_ref().is_some_and(|changes| changes["delete_messages"] == true);
        matches!(self.action.as_str(), "delete" | "purge" | "clear") || with_messages
    }
}

/// Entries of a session, the oldest first.
#[derive(Debug)]
pub struct LogSlice {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The act up to which the log was read, if there may be more.
    pub read_to: Option<ActionId>,
}

/// The free text of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryText {
    /// For staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The note itself, if the act is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl EntryText {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == EntryText::default()
    }
}

/// A person of an entry, if the pseudonym can still be resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The user's id; null after an erasure.
    pub user_id: Option<String>,
    /// The name at the time when the user was first named in the log.
    pub username: Option<String>,
}

/// An entry, as staff see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryView {
    id: ActionId,
    at: String,
    action: String,
    actor: Person,
    actor_type: ActorType,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    session_id: Option<u64>,
    target: TargetView,
    reason: Option<String>,
    explanation: Option<String>,
    until: Option<String>,
    changes: Option<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct TargetView {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    message_ids: Vec<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_id: Option<HeldId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl EntryView {
    /// The view of an entry with its people and its text.
    pub fn of(entry: Entry, actor: Person, target: Option<Person>, text: EntryText, zone: &TimeZone) -> EntryView {
        let (user_id, username) = target.map_or((None, None), |person| (Some(person.user_id), person.username));
        EntryView {
            at: time::to_the_millisecond(entry.id.time(), zone),
            id: entry.id,
            action: entry.action,
            actor,
            actor_type: entry.actor_type,
            via: entry.is_by_service.then_some("service"),
            session_id: entry.session_id,
            target: TargetView {
                user_id,
                username,
                message_ids: entry.message_ids,
                held_id: entry.held_id,
                note: text.note,
            },
            reason: text.reason,
            explanation: text.explanation,
            until: entry.until_ms.map(|until_ms| time::to_the_second(time::full_second(until_ms), zone)),
            changes: entry.changes,
        }
    }
}
