//! A session as `GET /live-chat/sessions` shows it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::limits::days_of;
use super::room::RoomName;
use super::{Session, State};
use crate::domain::config::Config;
use crate::domain::moderation::modes::{ModesView, ShieldedModes};

/// A session with what was set for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailedSession {
    /// The session.
    pub session: Session,
    /// Texts by which clients find it.
    pub tags: Vec<String>,
    /// Its modes.
    pub modes: ShieldedModes,
    /// Distinct viewers.
    pub viewer_count: u64,
    /// Messages since it began.
    pub total_messages: u64,
}

/// The same on the wire. Limits are those in force, and 0 where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DetailsView {
    id: u64,
    name: String,
    room: RoomName,
    state: State,
    start_time: String,
    end_time: String,
    tags: Vec<String>,
    modes: ModesView,
    messages_per_minute: usize,
    max_message_length: usize,
    retention_days: i64,
    viewer_count: u64,
    total_messages: u64,
}

impl DetailedSession {
    /// What clients see at a time.
    pub fn view(self, config: &Config, now: Timestamp) -> DetailsView {
        let zone: &TimeZone = &config.sessions.zone;
        let limits = self.session.limits;
        DetailsView {
            id: self.session.id,
            state: self.session.state_at(now),
            start_time: self.session.start_time(zone),
            end_time: self.session.end_time(zone),
            tags: self.tags,
            modes: self.modes.view(now, zone),
            messages_per_minute: limits.messages_per_minute(config.limits.messages_per_minute).unwrap_or(0),
            max_message_length: limits.max_message_length(config.limits.max_message_length),
            retention_days: days_of(limits.retention(config.sessions.retention)),
            viewer_count: self.viewer_count,
            total_messages: self.total_messages,
            name: self.session.name,
            room: self.session.room,
        }
    }
}
