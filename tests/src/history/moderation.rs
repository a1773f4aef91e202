//! What staff ask for in a run, and what is heard of it.

use shared::domain::moderation::modes::Modes;

/// An act of moderation that is asked for, under a key of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Bans a user.
    Ban(String),
    /// Ends the ban of a user.
    Lift(String),
    /// Sends the held message with this id.
    Approve(String),
    /// Denies the held message with this id.
    Deny(String),
    /// Sets all modes of the room; those that hold are in [`Moderation::Asking`].
    SetModes,
}

impl Deed {
    /// The action on the wire.
    pub fn action(&self) -> &'static str {
        match self {
            Deed::Ban(_) => "ban",
            Deed::Lift(_) => "lift",
            Deed::Approve(_) => "approve",
            Deed::Deny(_) => "deny",
            Deed::SetModes => "set_modes",
        }
    }

    /// The held message that it decides on.
    pub fn held_id(&self) -> Option<&str> {
        match self {
            Deed::Approve(id) | Deed::Deny(id) => Some(id),
            Deed::Ban(_) | Deed::Lift(_) | Deed::SetModes => None,
        }
    }
}

/// An event of moderation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moderation {
    /// An act is being asked for, for the first time. It is repeated under its key until it is answered.
    Asking {
        /// Which act.
        act: u64,
        /// The moderator.
        by: String,
        /// What it does.
        deed: Deed,
        /// The modes that it sets.
        modes: Modes,
    },
    /// It was acknowledged.
    Done {
        /// Which act.
        act: u64,
        /// The id of its entry in the log.
        id: String,
        /// The message that it approved.
        message_id: Option<u64>,
    },
    /// It was refused because of what holds already (409).
    Conflict {
        /// Which act.
        act: u64,
        /// The sentence of the answer.
        detail: String,
    },
    /// The answer to a send whose message is or was held.
    Held {
        /// Which send.
        send: u64,
        /// The held message.
        held_id: String,
        /// What became of it: `held`, `approved`, `denied` or `expired`.
        status: String,
        /// Whether it had been held before.
        duplicate: bool,
        /// The time.
        at: i64,
    },
    /// A send was refused.
    Refused {
        /// Which send.
        send: u64,
        /// Why.
        code: String,
    },
    /// A frame for staff arrived.
    HeardForStaff {
        /// Which socket.
        socket: u64,
        /// Its type.
        frame: String,
    },
    /// `held_resolved` arrived.
    HeardDecision(Heard),
    /// `message_approved` or `message_denied` arrived.
    HeardOutcome(Heard),
    /// `modes_update` arrived.
    HeardModes {
        /// Which socket.
        socket: u64,
        /// The modes.
        modes: Modes,
    },
}

/// What a socket hears of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which socket.
    pub socket: u64,
    /// The held message.
    pub held_id: String,
    /// What became of it: `approved`, `denied` or `expired`.
    pub decision: String,
    /// The message that it became.
    pub message_id: Option<u64>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogEntry {
    /// Its id.
    pub id: String,
    /// The action.
    pub action: String,
    /// The moderator; `None` if the chat itself decided.
    pub actor: Option<String>,
    /// The user whom it concerns.
    pub user: Option<String>,
    /// The held message that it concerns.
    pub held_id: Option<String>,
    /// The messages that it concerns.
    pub message_ids: Vec<u64>,
    /// What the chat itself decided by: `expired`, `session_ended` or `action`.
    pub cause: Option<String>,
    /// The act because of which the chat decided.
    pub because_of: Option<String>,
}

impl LogEntry {
    /// What was asked for, if it is an act that runs ask for.
    pub(super) fn deed(&self) -> Option<Deed> {
        let (user, held_id) = (self.user.clone().unwrap_or_default(), self.held_id.clone().unwrap_or_default());
        Some(match self.action.as_str() {
            "ban" => Deed::Ban(user),
            "lift" => Deed::Lift(user),
            "approve" => Deed::Approve(held_id),
            "deny" => Deed::Deny(held_id),
            "set_modes" => Deed::SetModes,
            _ => return None,
        })
    }
}

/// A held message at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldRow {
    /// The author.
    pub user: String,
    /// The text.
    pub text: String,
    /// Whether it is in the list of what waits.
    pub waits: bool,
    /// The decision, with the id of its entry in the log and the message that it became.
    pub decision: Option<(String, String, Option<u64>)>,
}

/// The standing of a user at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandingRow {
    /// How often it was changed.
    pub version: u64,
    /// The acts whose sanctions hold.
    pub sanctions: Vec<String>,
}

/// The modes of the room at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModesRow {
    /// How often they were set.
    pub version: u64,
    /// Those that were set last.
    pub set: Modes,
    /// Those by which messages are judged.
    pub in_force: Modes,
}
