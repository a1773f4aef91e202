//! Sessions: exactly one for each window, and those that hosts create, with their counters. The numbers of messages are in
//! [`super::store_seq`].

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::Rules;
use crate::domain::message::MAX_SEQ;
use crate::domain::moderation::modes::{ModesChange, ShieldedModes};
use crate::domain::schedule::Window;
use crate::domain::session::limits::OwnLimits;
use crate::domain::session::room::RoomName;
use crate::domain::session::{Head, Session};
use crate::domain::time;
use crate::platform::dynamo::calls::{Consistency, TransactionOutcome, change_trace, item_of, number, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// Messages of the running minute and of this many past minutes count as recent.
pub(super) const RECENT_MINUTES: i64 = 60;

/// The attributes that the row of a window shares with the row of its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OpenedSession {
    id: u64,
    name: String,
    start_ms: i64,
    end_ms: Option<i64>,
    expires_at: Option<i64>,
    /// Rows from before there were rooms have none.
    #[serde(default, skip_serializing_if = "RoomName::is_main")]
    room: RoomName,
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

/// What a session begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its room.
    pub room: RoomName,
    /// Its name.
    pub name: String,
    /// Its first moment.
    pub start: Timestamp,
    /// Its last moment; `None` if it never ends.
    pub end: Option<Timestamp>,
    /// What changes of the modes of the room's new sessions.
    pub modes: ModesChange,
    /// Texts by which clients find it.
    pub tags: Vec<String>,
    /// Its limits.
    pub limits: OwnLimits,
}

fn is_zero(version: &u64) -> bool {
    *version == 0
}

/// What became of a window of the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenedWindow {
    /// No call has opened its session yet.
    NotYet,
    /// Its session. A host may have ended it.
    Open(Session),
    /// Its session is over, and has expired.
    Over,
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

impl OpenedSession {
    /// The end of its retention, in seconds since 1970.
    pub(super) fn expires_at(&self) -> Option<i64> {
        self.expires_at
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
    /// The session of a window. The first call opens it; `None` once it is over, and its rows have expired.
    pub async fn session_of_window(&self, window: &Window) -> Result<Option<Session>, StoreError> {
        loop {
            match self.opened_session_of(window).await? {
                OpenedWindow::Open(session) => return Ok(Some(session)),
                OpenedWindow::Over => return Ok(None),
                OpenedWindow::NotYet => {}
            }
            if let Some(session) = self.try_to_open(window).await? {
                return Ok(Some(session));
            }
        }
    }

    /// What became of a window.
    pub async fn opened_session_of(&self, window: &Window) -> Result<OpenedWindow, StoreError> {
        let opened: Option<OpenedSession> =
            self.get(&self.chat, &keys::window(&window.key), Consistency::Strong).await?;
        let Some(opened) = opened else { return Ok(OpenedWindow::NotYet) };
        // Both rows came in one transaction. A host may have changed the session since.
        let row: Option<OpenedSession> = self.get(&self.chat, &keys::session(opened.id), Consistency::Strong).await?;
        Ok(row.map_or(OpenedWindow::Over, |row| OpenedWindow::Open(row.into())))
    }

    /// Opens a session for a window under the next id; `None` if another call took the window or the id, or another list of terms came, meanwhile.
    async fn try_to_open(&self, window: &Window) -> Result<Option<Session>, StoreError> {
        let opening = Opening {
            room: RoomName::main(),
            name: window.name.clone(),
            start: window.start,
            end: window.end,
            modes: ModesChange::default(),
            tags: Vec::new(),
            limits: OwnLimits::default(),
        };
        let (opened, mut actions) = self.open(opening).await?;
        actions.push(self.put_new(&self.chat, item_of(&keys::window(&window.key), &opened))?);
        match self.transact(actions).await? {
            TransactionOutcome::Done => Ok(Some(opened.into())),
            TransactionOutcome::Refused(_) => Ok(None),
        }
    }

    /// The session under the next id, and the parts of the transaction that opens it. They are refused if another call takes the id, or
    /// another list of terms comes, meanwhile.
    pub(super) async fn open(&self, opening: Opening) -> Result<(OpenedSession, Vec<TransactWriteItem>), StoreError> {
        let last = self.last_session_id().await?;
        let opened = OpenedSession {
            id: last + 1,
            name: opening.name,
            start_ms: opening.start.as_millisecond(),
            end_ms: opening.end.map(Timestamp::as_millisecond),
            // A session that never ends never expires, although its messages do.
            expires_at: opening.end.and_then(|end| self.expires_after(end, opening.limits)),
            room: opening.room,
            limits: opening.limits,
        };
        let preset = self.opening_modes(&opened.room).await?;
        let modes = ShieldedModes { modes: opening.modes.applied_to(preset), shield: None };
        let terms_version = self.newest_terms().await?;
        let differs = !modes.are_off() || terms_version > 0 || !opened.limits.are_none();
        let row = SessionRow {
            opened: opened.clone(),
            seq: 0,
            voids: 0,
            minutes: BTreeMap::new(),
            void_minutes: BTreeMap::new(),
            ended: false,
            admit_up_to: None,
            // A warm function takes the rules of a session that it does not know for those of version 0, which are off.
            rules_version: u64::from(differs),
            modes,
            terms_version,
            tags: opening.tags,
        };
        let id = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::last_session().attributes()))
            .update_expression("SET id = :next")
            .condition_expression("attribute_not_exists(pk) OR id = :last")
            .expression_attribute_values(":next", number(last + 1))
            .expression_attribute_values(":last", number(last));
        let actions = vec![
            self.put_new(&self.chat, item_of(&keys::session(opened.id), &row))?,
            id.part()?,
            // A list that is put meanwhile finds this session, or this transaction finds the list.
            self.if_newest_terms(terms_version)?,
        ];
        Ok((opened, actions))
    }

    /// The id of the newest session; 0 before the first.
    pub(super) async fn last_session_id(&self) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        struct LastSession {
            id: u64,
        }
        let last: Option<LastSession> = self.get(&self.chat, &keys::last_session(), Consistency::Strong).await?;
        Ok(last.map_or(0, |last| last.id))
    }

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
