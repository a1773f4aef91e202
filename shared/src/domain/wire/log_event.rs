//! The numbered events of a session's log that are no messages. Each takes a number, so that it has its place among the messages, and
//! `resume` repeats it (docs/contract.md, Purge and clear, and Events).

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::caller::attributes::Attributes;

/// A numbered event, as its frame and `resumed.events` show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEvent {
    /// The event's number.
    pub seq: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: LogEventKind,
}

/// What a numbered event says. A row of the log stores it under the same names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LogEventKind {
    /// The messages of a user are gone.
    UserPurged {
        /// The user.
        user_id: String,
        /// The last number that is covered.
        up_to_seq: u64,
    },
    /// All messages are gone.
    ChatCleared {
        /// The last number that is covered.
        up_to_seq: u64,
    },
    /// Messages that were gone are back: clients read these numbers again.
    MessagesRestored {
        /// The first number.
        from_seq: u64,
        /// The last number.
        up_to_seq: u64,
    },
    /// What the application of a host tells its clients.
    #[serde(rename = "event")]
    Custom {
        /// Its name.
        name: String,
        /// What it says.
        #[serde(default)]
        attributes: Attributes,
    },
}

impl LogEventKind {
    /// Whether it takes messages out of the room, or brings them back.
    pub fn concerns_messages(&self) -> bool {
        !matches!(self, LogEventKind::Custom { .. })
    }
}

/// Reads a stored event. One of a later version is unknown here, and counts as a number without a message.
pub(crate) fn known_event<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<LogEventKind>, D::Error> {
    let stored = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(stored.and_then(|stored| serde_json::from_value(stored).ok()))
}
