//! Messages that viewers do not see any more, and what staff know of them (docs/contract.md, What is kept).

use jiff::Timestamp;
use serde::Serialize;

use super::action_id::ActionId;
use crate::domain::time;

/// Whether viewers see a message, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// They do.
    Standing,
    /// Its author or staff deleted it.
    Deleted,
    /// Its reports have hidden it, and staff have not decided yet.
    Hidden,
    /// Its author and staff do, and nobody else.
    Shadowed,
    /// A purge or a clear covers it.
    Purged,
    /// It waits for a decision.
    Held,
    /// It was held, and staff denied it.
    Denied,
    /// It was held, and nobody decided in time.
    Expired,
}

/// What became of a message, as its row tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The author.
    pub user_id: String,
    /// The state, but for what covers the message.
    pub state: MessageState,
    /// The acts that deleted it, took that back, or removed its text.
    pub acts: Vec<ActionId>,
    /// The act that has deleted it, if an act has.
    pub deleted_by: Option<ActionId>,
    /// Whether its author and staff alone saw it before.
    pub is_shadowed: bool,
    /// Whether its text was removed on account of a purge or a clear, so that nothing brings it back.
    pub is_removed: bool,
    /// The time of storage, in milliseconds since 1970.
    pub created_ms: i64,
    /// The time of the last change, in milliseconds since 1970: a like, or what took it out of the room.
    pub changed_ms: Option<i64>,
}

impl Fate {
    /// The time of storage.
    pub fn created(&self) -> Timestamp {
        time::from_millis(self.created_ms)
    }

    /// Whether this act has deleted the message, and that can be taken back.
    pub fn is_undone_with(&self, act: &ActionId) -> bool {
        self.deleted_by.as_ref() == Some(act) && !self.is_removed
    }
}
