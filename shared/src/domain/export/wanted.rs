//! What of a session's log is exported, and what became of its messages.

use crate::domain::cover::Covers;
use crate::domain::moderation::kept::{Fate, MessageState};

/// What of a log is exported.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The session.
    pub session_id: u64,
    /// The last number that is final.
    pub up_to: u64,
    /// The acts that cover messages.
    pub covers: &'a Covers,
    /// Whether the texts of messages that are gone are asked for.
    pub include_deleted: bool,
    /// The user who alone is asked for.
    pub user_id: Option<&'a str>,
}

impl Wanted<'_> {
    /// What became of a message. One that was deleted by itself and is covered as well is deleted.
    pub fn state_of(&self, seq: u64, fate: &Fate) -> MessageState {
        let is_covered = self.covers.hides(&fate.user_id, seq) && fate.state != MessageState::Deleted;
        if is_covered { MessageState::Purged } else { fate.state }
    }
}
