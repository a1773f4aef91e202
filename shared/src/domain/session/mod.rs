//! A session is one chat window of a room: its bounds and its counters.

pub mod bookings;
pub mod details;
pub mod limits;
pub mod request;
pub mod room;
pub mod settings;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::limits::MAX_SESSION_ID;
use self::limits::OwnLimits;
use self::room::RoomName;
use crate::domain::draw::view::DrawView;
use crate::domain::message::Message;
use crate::domain::moderation::clickable::ClickableLinks;
use crate::domain::moderation::modes::{ModesView, ShieldedModes};
use crate::domain::poll::view::PollView;
use crate::domain::reactions::set::ReactionCounts;
use crate::domain::time;

/// A session as it is known. A host may rename it, and move its end; a warm function learns that within seconds, and what it writes by
/// then is checked by the session's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// 1, 2, 3, …
    pub id: u64,
    /// Its room, which has one open session at most.
    pub room: RoomName,
    /// Such as `Draw Chat - January 01, 2024`.
    pub name: String,
    /// First moment at which it is open.
    pub start: Timestamp,
    /// Last moment at which it is open; `None` if it never ends.
    pub end: Option<Timestamp>,
    /// The end of its retention, in seconds since 1970; `None` keeps it for ever. It is fixed at the opening, whatever retention is
    /// configured later, and moves with the end of the session. The session's counters expire with it.
    pub expires_at: Option<i64>,
    /// What holds here instead of the deployment's settings.
    pub limits: OwnLimits,
}

/// Whether a session is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has not begun.
    Scheduled,
    /// It accepts messages.
    Open,
    /// It is over, or was cancelled.
    Ended,
}

impl Session {
    /// The state at a time. One that ends before it begins was cancelled.
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.end {
            Some(end) if end < now => State::Ended,
            _ if now < self.start => State::Scheduled,
            _ => State::Open,
        }
    }

    /// A session of the main room that began in 1970 and never ends.
    #[cfg(test)]
    pub(crate) fn example(id: u64) -> Session {
        Session {
            id,
            room: RoomName::main(),
            name: "Draw Chat".to_owned(),
            start: Timestamp::UNIX_EPOCH,
            end: None,
            expires_at: None,
            limits: OwnLimits::default(),
        }
    }

    /// Whether the session is open at a time, both bounds included.
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        self.start <= now && self.end.is_none_or(|end| now <= end)
    }

    /// `start_time` as clients see it.
    pub fn start_time(&self, zone: &TimeZone) -> String {
        time::to_the_second(self.start, zone)
    }

    /// `end_time` as clients see it.
    pub fn end_time(&self, zone: &TimeZone) -> String {
        self.end.map_or_else(|| time::NEVER.to_owned(), |end| time::to_the_second(end, zone))
    }

    /// The session's minute at a time, counted from 0.
    pub fn minute_at(&self, now: Timestamp) -> i64 {
        (now.as_second() - self.start.as_second()).div_euclid(60)
    }
}

/// A session with its counters, from one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The session.
    pub session: Session,
    /// Whether `housekeep` has marked it as ended.
    pub ended: bool,
    /// The highest number that was allocated.
    pub seq: u64,
    /// Whether senders are as far ahead of the broadcast as backpressure allows.
    pub is_full: bool,
    /// Distinct viewers.
    pub viewer_count: u64,
    /// Likes of the session.
    pub total_likes: u64,
    /// Messages since the session began.
    pub total_messages: u64,
    /// Messages of the last hour, exact to the minute.
    pub recent_messages: u64,
    /// The modes.
    pub modes: ShieldedModes,
    /// The version of the list of terms that judges messages; 0 without a list.
    pub terms_version: u64,
    /// The other states that the room is kept up to date with, by their names. Each has the attributes of its row.
    pub states: BTreeMap<String, Value>,
}

/// The session as `GET /live-chat/status` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionView {
    id: u64,
    name: String,
    room: RoomName,
    viewer_count: u64,
    total_likes: u64,
    start_time: String,
    end_time: String,
    modes: ModesView,
    #[serde(flatten)]
    told: Told,
}

/// What is told of a session beside its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The links that clients may make.
    pub clickable_links: ClickableLinks,
    /// In characters.
    pub max_message_length: usize,
    /// The pinned messages.
    pub pins: Vec<Message>,
    /// 0 if nothing was ever pinned.
    pub pins_version: u64,
    /// The polls and the draw.
    #[serde(flatten)]
    pub hosted: Hosted,
    /// All reactions of the chat, with their totals.
    pub reactions: ReactionCounts,
}

/// What hosts have started in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hosted {
    /// The polls that are open, then those that ended last, as the reader sees them.
    pub polls: Vec<PollView>,
    /// 0 if there never was a poll.
    pub polls_version: u64,
    /// The newest draw.
    pub draw: Option<DrawView>,
    /// 0 if there never was a draw.
    pub draw_version: u64,
}

impl SessionView {
    /// The session's id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Renders a head at a time, in a time zone.
    pub fn of(head: &Head, told: Told, now: Timestamp, zone: &TimeZone) -> SessionView {
        SessionView {
            id: head.session.id,
            name: head.session.name.clone(),
            room: head.session.room.clone(),
            viewer_count: head.viewer_count,
            total_likes: head.total_likes,
            start_time: head.session.start_time(zone),
            end_time: head.session.end_time(zone),
            modes: head.modes.view(now, zone),
            told,
        }
    }
}
