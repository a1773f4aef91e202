//! A run: its events, the tables at its end, and the allowed exceptions to the rules.

use std::collections::{BTreeMap, BTreeSet};

use super::draw_events::{Draw, StoredDraw};
use super::event::Event;
use super::moderation::{HeldRow, LogEntry, ModesRow, StandingRow};
use super::pin_events::Pinned;
use super::question_events::ListedQuestion;
use super::stored_poll::StoredPoll;

/// A message's row at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The text; `None` if it was deleted or is a void.
    pub text: Option<String>,
    /// The author.
    pub user: Option<String>,
    /// `client_message_id`.
    pub key: Option<String>,
    /// The row's counter.
    pub likes: u64,
    /// Whether no message ever had the number.
    pub void: bool,
    /// Whether it is a question, and whether that is marked as answered.
    pub question: Option<bool>,
    /// The act that deleted it, if an act did.
    pub deleted_by: Option<String>,
}

/// The state at the end, when no work was left.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// Rows by number.
    pub rows: BTreeMap<u64, Row>,
    /// The purges and clears in the log, by their numbers; a clear names no user.
    pub acts: BTreeMap<u64, Option<String>>,
    /// The events of the host's application, by their numbers.
    pub events: BTreeMap<u64, String>,
    /// The polls, by their ids.
    pub polls: BTreeMap<u64, StoredPoll>,
    /// The draws, by their ids.
    pub draws: BTreeMap<u64, StoredDraw>,
    /// The version of the draws in the session's head, and the draw that changed last; 0 before the first.
    pub last_draw: (u64, u64),
    /// The same in `status`, with the draw itself.
    pub draw_in_status: (u64, Option<Draw>),
    /// The pins that `status` tells.
    pub pinned: Pinned,
    /// The list of questions, those with the most votes first.
    pub questions: Vec<ListedQuestion>,
    /// The ids of the entries in the audit log.
    pub log: BTreeSet<String>,
    /// These entries themselves.
    pub entries: Vec<LogEntry>,
    /// Held messages by their ids.
    pub held: BTreeMap<String, HeldRow>,
    /// The standings of users.
    pub standings: BTreeMap<String, StandingRow>,
    /// The modes of the room.
    pub modes: ModesRow,
    /// The last number that was allocated.
    pub seq: u64,
    /// The broadcast's final position.
    pub cursor: u64,
    /// `total_messages` of `stats`.
    pub total_messages: u64,
    /// `total_likes` of `likes`.
    pub total_likes: u64,
    /// The reactions in the shards, and in `status`.
    pub reactions: (u64, u64),
    /// Users with a like row of the session.
    pub session_likers: BTreeSet<String>,
    /// Users with a like row of a message, by its number.
    pub message_likers: BTreeMap<u64, BTreeSet<String>>,
    /// The number of viewers after the timeout, and the users with an open socket then.
    pub viewers: (u64, BTreeSet<String>),
    /// The last viewer count that each of these sockets received; `None` if it received none.
    pub viewers_heard: BTreeMap<u64, Option<u64>>,
    /// A description of each row that was left after every socket had closed and the timeout had passed.
    pub left: Vec<String>,
    /// How many rows were checked for that.
    pub looked_at: usize,
}

/// A run.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// In order.
    pub events: Vec<Event>,
    /// The tables at the end.
    pub end: End,
    /// The users who are staff.
    pub staff: BTreeSet<String>,
    /// Messages that one user may send in a minute.
    pub limit: usize,
    /// Whether something crashed or a response was lost, so that messages may be repeated (docs/contract.md, Delivery).
    pub may_repeat: bool,
    /// Whether `@connections` reported live sockets as gone: then a socket that stays open catches up with `resume`.
    pub may_miss: bool,
    /// Responses and frames that were checked against the documents.
    pub documented: usize,
}

impl History {
    /// The messages that a client tried to delete; the row says whether that succeeded.
    pub(super) fn deleted(&self) -> BTreeSet<u64> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Deleting { id, .. } = event { Some(*id) } else { None })
            .collect()
    }

    /// Whether a message is covered at the end.
    pub(super) fn is_covered(&self, seq: u64) -> bool {
        let author = || self.end.rows.get(&seq).and_then(|row| row.user.as_ref());
        self.end.acts.range(seq..).any(|(_, user)| user.is_none() || user.as_ref() == author())
    }

    /// The position in the history at which the acknowledged act with a number began.
    pub(super) fn covering(&self, seq: u64) -> Option<usize> {
        let act = self.events.iter().find_map(|event| match event {
            Event::Covered { act, up_to, .. } if up_to + 1 == seq => Some(*act),
            _ => None,
        })?;
        self.events.iter().position(|event| *event == Event::Covering { act })
    }

    /// The position in the history at which each text was first sent.
    pub(super) fn first_sending(&self) -> BTreeMap<&str, usize> {
        let mut first = BTreeMap::new();
        for (place, event) in self.events.iter().enumerate() {
            if let Event::Sending { text, .. } = event {
                first.entry(text.as_str()).or_insert(place);
            }
        }
        first
    }
}
