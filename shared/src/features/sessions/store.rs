//! The rows of sessions, with their counters. How they come to be is in [`super::store_opening`], the numbers of messages are in
//! [`super::store_seq`].

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::Rules;
use crate::domain::message::MAX_SEQ;
use crate::domain::moderation::modes::ShieldedModes;
use crate::domain::reactions::state::STATE as REACTIONS;
use crate::domain::session::limits::OwnLimits;
use crate::domain::session::room::RoomName;
use crate::domain::session::{Head, Session};
use crate::domain::time;
use crate::platform::dynamo::calls::{Consistency, change_trace, text};
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// Messages of the running minute and of this many past minutes count as recent.
pub(super) const RECENT_MINUTES: i64 = 60;

/// The attributes that the row of a window shares with the row of its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OpenedSession {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) start_ms: i64,
    pub(super) end_ms: Option<i64>,
    /// The end of its retention, in seconds since 1970.
    pub(super) expires_at: Option<i64>,
    /// Rows from before there were rooms have none.
    #[serde(default, skip_serializing_if = "RoomName::is_main")]
    pub(super) room: RoomName,
    #[serde(default, skip_serializing_if = "OwnLimits::are_none")]
    pub(super) limits: OwnLimits,
}

/// A session's row. Its maps have an entry for each minute of the last hour or so, by the minute of the session. They cost no write of
/// their own, and `housekeep` removes old entries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SessionRow {
    #[serde(flatten)]
    pub(super) opened: OpenedSession,
    pub(super) seq: u64,
    pub(super) voids: u64,
    /// The last number that was allocated before the minute.
    pub(super) minutes: BTreeMap<String, u64>,
    /// The count of numbers that were settled as void in the minute.
    pub(super) void_minutes: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) ended: bool,
    /// The last number that senders may allocate: see [`crate::domain::broadcast::backpressure`].
    #[serde(default)]
    pub(super) admit_up_to: Option<u64>,
    /// See [`super::rules`]. The row of a session whose rules never changed has none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) rules_version: u64,
    /// The modes, as the rules copy them from their own row.
    #[serde(default, skip_serializing_if = "ShieldedModes::are_off")]
    pub(super) modes: ShieldedModes,
    /// The version of the list of terms; 0 without one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) terms_version: u64,
    /// Texts by which clients find the session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
}

fn is_zero(version: &u64) -> bool {
    *version == 0
}

impl SessionRow {
    /// The rules in force.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            version: self.rules_version,
            modes: self.modes,
            terms_version: self.terms_version,
            limits: self.opened.limits,
        }
    }

    /// Whether backpressure is the only reason not to allocate a number.
    pub(super) fn is_full_at(&self, now: Timestamp) -> bool {
        self.is_open_at(now) && self.admit_up_to.is_some_and(|seq| self.seq >= seq)
    }

    /// Whether the session is open and has numbers left.
    pub(super) fn is_open_at(&self, now: Timestamp) -> bool {
        let now_ms = now.as_millisecond();
        let is_within = self.opened.start_ms <= now_ms && self.opened.end_ms.is_none_or(|end_ms| now_ms <= end_ms);
        is_within && !self.ended && self.seq < MAX_SEQ
    }

    /// The messages whose numbers were allocated in the running minute or in the sixty before it.
    fn recent_messages(&self, now: Timestamp) -> u64 {
        let oldest = Session::from(self.opened.clone()).minute_at(now) - RECENT_MINUTES;
        let recent = |(minute, count): (&String, &u64)| {
            minute.parse::<i64>().ok().filter(|minute| *minute >= oldest).map(|_| *count)
        };
        // Numbers only grow, so the smallest entry is that of the oldest recent minute.
        let allocated_before = self.minutes.iter().filter_map(recent).min().unwrap_or(self.seq);
        let voids: u64 = self.void_minutes.iter().filter_map(recent).sum();
        (self.seq - allocated_before).saturating_sub(voids)
    }
}

impl From<OpenedSession> for Session {
    fn from(row: OpenedSession) -> Session {
        let (start, end) = (time::from_millis(row.start_ms), row.end_ms.map(time::from_millis));
        Session {
            id: row.id,
            room: row.room,
            name: row.name,
            start,
            end,
            expires_at: row.expires_at,
            limits: row.limits,
        }
    }
}

impl Store {
    /// The session with this id, if there is one.
    pub async fn session(&self, session_id: u64, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let opened: Option<OpenedSession> =
            self.get(&self.chat, &keys::session(session_id), Consistency::Strong).await?;
        Ok(opened.filter(|opened| !is_expired(opened.expires_at, now)).map(Session::from))
    }

    /// The sessions of the newest windows, newest first.
    pub async fn newest_sessions(&self, at_most: i32) -> Result<Vec<Session>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :windows")
            .expression_attribute_values(":windows", text(keys::WINDOWS))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(at_most);
        let (rows, _more) = self.query_page::<OpenedSession>(query).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    /// The session with its counters, from one strongly consistent query.
    pub async fn head(&self, session_id: u64, now: Timestamp) -> Result<Option<Head>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :head")
            .expression_attribute_values(":head", text(keys::head(session_id)))
            .consistent_read(true);
        let (mut row, mut total_likes, mut viewer_count, mut states) = (None, 0, 0, BTreeMap::new());
        for item in self.query_all::<serde_json::Value>(query).await? {
            match item["sk"].as_str().unwrap_or_default() {
                "session" => {
                    let parsed: SessionRow =
                        serde_json::from_value(item).map_err(|error| StoreError::new("reading a session", error))?;
                    row = Some(parsed);
                }
                "viewers" => viewer_count = item["count"].as_i64().unwrap_or(0).max(0) as u64,
                REACTIONS => drop(states.insert(REACTIONS.to_owned(), item)),
                shard if shard.starts_with("likes#") => total_likes += item["likes"].as_u64().unwrap_or(0),
                other => {
                    if let Some(name) = other.strip_prefix(keys::STATE_PREFIX) {
                        states.insert(name.to_owned(), item);
                    }
                }
            }
        }
        let Some(row) = row.filter(|row| !is_expired(row.opened.expires_at, now)) else { return Ok(None) };
        Ok(Some(Head {
            ended: row.ended,
            seq: row.seq,
            is_full: row.is_full_at(now),
            viewer_count,
            total_likes,
            total_messages: row.seq.saturating_sub(row.voids),
            recent_messages: row.recent_messages(now),
            states,
            modes: row.modes,
            terms_version: row.terms_version,
            session: row.opened.into(),
        }))
    }

    /// Marks a session as ended, so that the broadcast finishes it.
    pub async fn mark_as_ended(&self, session_id: u64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session_id).attributes()))
            .update_expression("SET ended = :yes, change_trace = :trace")
            .expression_attribute_values(":trace", change_trace())
            .condition_expression("attribute_exists(pk) AND ended <> :yes")
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        self.update(update).await.map(drop)
    }
}
