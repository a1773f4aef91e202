//! The acts that can be asked for.

use crate::domain::caller::Capability;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::held_id::HeldId;
use crate::domain::moderation::modes::ModesChange;

/// An act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Messages are deleted.
    Delete {
        /// Their ids: 1 to 100, each once.
        message_ids: Vec<MessageId>,
    },
    /// The users may not send, react or report for so long.
    Timeout {
        /// The users.
        users: Users,
        /// Its length, in seconds.
        seconds: i64,
        /// Whether their messages of the session go, too.
        delete_messages: bool,
    },
    /// The users may not send, react, report or open a socket.
    Ban {
        /// The users.
        users: Users,
        /// Whether it holds in the session alone.
        session_only: bool,
        /// Whether their messages of the session go, too.
        delete_messages: bool,
    },
    /// Nobody but the users and staff sees what they write from now on. The users are told nothing.
    ShadowBan {
        /// The users.
        users: Users,
    },
    /// Whatever holds of a timeout, a ban and a shadow ban ends.
    Lift {
        /// The users.
        users: Users,
    },
    /// The users' sockets are closed.
    Disconnect {
        /// The users.
        users: Users,
    },
    /// The users' messages of the session go.
    Purge {
        /// The users.
        users: Users,
    },
    /// All messages of the session go.
    Clear,
    /// What an act took is back: a purge, a clear, or a sanction with `delete_messages`.
    Restore {
        /// The act.
        action_id: ActionId,
    },
    /// Modes of the session are set.
    SetModes {
        /// Those that are set.
        modes: ModesChange,
    },
    /// The strict set of modes is put over the others, or taken off.
    Shield {
        /// For so many minutes; `None` takes it off.
        minutes: Option<i64>,
    },
    /// The presets of a room are saved: `PUT /live-chat/moderation/presets`.
    PutPresets,
    /// A session is created: `POST /live-chat/sessions`.
    CreateSession,
    /// A session is changed: `PATCH /live-chat/sessions/{session_id}`.
    UpdateSession,
    /// A session is ended before its time: `POST /live-chat/sessions/{session_id}/end`.
    EndSession,
    /// A poll is started: `POST /live-chat/polls`.
    StartPoll,
    /// A poll is closed: `POST /live-chat/polls/{poll_id}/close`.
    ClosePoll,
    /// A draw is started: `POST /live-chat/draws`.
    StartDraw,
    /// The winners of a draw are published: `POST /live-chat/draws/{draw_id}/reveal`.
    RevealDraw,
    /// The next winner of a draw is published: `POST /live-chat/draws/{draw_id}/redraw`.
    Redraw,
    /// The reports of a message are dealt with. It is back if they have hidden it.
    DismissReports {
        /// The message.
        message_id: MessageId,
    },
    /// A message stands above the chat.
    Pin {
        /// The message.
        message_id: MessageId,
    },
    /// It does not any more.
    Unpin {
        /// The message.
        message_id: MessageId,
    },
    /// A question is marked as answered, or as open again: `POST /live-chat/questions/{message_id}/answered`.
    Answer {
        /// The question.
        message_id: MessageId,
        /// Whether it is answered.
        answered: bool,
    },
    /// Staff read it in the user's card.
    Note {
        /// The user.
        user_id: String,
        /// The note.
        text: String,
    },
    /// Tokens that were issued earlier do not count any more.
    RevokeTokens {
        /// The user.
        user_id: String,
        /// In whole seconds since 1970; `None` for now.
        issued_before: Option<i64>,
    },
    /// Whatever tells of the user goes, from all sessions.
    Erase {
        /// The user.
        user_id: String,
    },
    /// Held messages take the next numbers.
    Approve {
        /// The messages.
        holds: Holds,
    },
    /// Held messages are not stored.
    Deny {
        /// The messages.
        holds: Holds,
    },
}

/// What an action names: one, or many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<Id> {
    /// The answer is the entry itself.
    One(Id),
    /// 1 to 100, each once. The answer is a list.
    Many(Vec<Id>),
}

/// The users of an action: `user_id` or `user_ids`.
pub type Users = Named<String>;

/// The held messages of an action: `held_id` or `held_ids`.
pub type Holds = Named<HeldId>;

impl<Id> Named<Id> {
    /// The ids.
    pub fn ids(&self) -> &[Id] {
        match self {
            Named::One(id) => std::slice::from_ref(id),
            Named::Many(ids) => ids,
        }
    }
}

impl Act {
    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Act::Delete { .. } => "delete",
            Act::Timeout { .. } => "timeout",
            Act::Ban { .. } => "ban",
            Act::ShadowBan { .. } => "shadow_ban",
            Act::Lift { .. } => "lift",
            Act::Disconnect { .. } => "disconnect",
            Act::Purge { .. } => "purge",
            Act::Clear => "clear",
            Act::Restore { .. } => "restore",
            Act::SetModes { .. } => "set_modes",
            Act::Shield { .. } => "shield",
            Act::PutPresets => "put_presets",
            Act::Pin { .. } => "pin",
            Act::Unpin { .. } => "unpin",
            Act::Answer { .. } => "answer",
            Act::CreateSession => "create_session",
            Act::UpdateSession => "update_session",
            Act::EndSession => "end_session",
            Act::StartPoll => "start_poll",
            Act::ClosePoll => "close_poll",
            Act::StartDraw => "start_draw",
            Act::RevealDraw => "reveal_draw",
            Act::Redraw => "redraw",
            Act::Note { .. } => "note",
            Act::RevokeTokens { .. } => "revoke_tokens",
            Act::Erase { .. } => "erase",
            Act::DismissReports { .. } => "dismiss_reports",
            Act::Approve { .. } => "approve",
            Act::Deny { .. } => "deny",
        }
    }

    /// What the actor's token must have.
    pub fn capability(&self) -> Capability {
        match self {
            Act::RevokeTokens { .. }
            | Act::Erase { .. }
            | Act::PutPresets
            | Act::CreateSession
            | Act::UpdateSession
            | Act::EndSession => Capability::Manage,
            Act::Pin { .. } | Act::Unpin { .. } | Act::StartPoll | Act::ClosePoll => Capability::Announce,
            Act::StartDraw | Act::RevealDraw | Act::Redraw => Capability::Announce,
            _ => Capability::Moderate,
        }
    }

    /// The session of the message that it is about, if it is about one.
    pub fn session_of_message(&self) -> Option<u64> {
        match self {
            Act::DismissReports { message_id }
            | Act::Pin { message_id }
            | Act::Unpin { message_id }
            | Act::Answer { message_id, .. } => Some(message_id.session_id()),
            _ => None,
        }
    }

    /// Whether it is an act against its users, which nobody of an equal or lower rank may do.
    pub fn is_bound_by_rank(&self) -> bool {
        matches!(
            self,
            Act::Timeout { .. }
                | Act::Ban { .. }
                | Act::ShadowBan { .. }
                | Act::Lift { .. }
                | Act::Disconnect { .. }
                | Act::Purge { .. }
                | Act::RevokeTokens { .. }
                | Act::Erase { .. }
        )
    }
}
