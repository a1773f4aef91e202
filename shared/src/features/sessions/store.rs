//! Sessions: exactly one for each window, with the numbers that its messages take.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::message::LAST_NUMBER;
use crate::domain::schedule::Window;
use crate::domain::session::{Head, Session};
use crate::platform::dynamo::calls::{
    Consistency, Item, TransactionOutcome, WriteOutcome, built, change_trace, item_of, number, parse, text,
};
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// Messages of this many past minutes count as recent.
const RECENT_MINUTES: i64 = 60;

/// What a window's row and a session's row have in common.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Opened {
    id: u64,
    name: String,
    start_ms: i64,
    end_ms: Option<i64>,
    expires_at: Option<i64>,
}

/// A session's row. Its two maps have an entry per minute of the last hour or so, under the minute of the session:
/// `minutes` tells how many numbers had been given before that minute's first one, `void_minutes` how many numbers were
/// settled as void in it. They cost no write of their own, and `housekeep` forgets the old ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SessionRow {
    #[serde(flatten)]
    opened: Opened,
    seq: u64,
    voids: u64,
    minutes: BTreeMap<String, u64>,
    void_minutes: BTreeMap<String, u64>,
    #[serde(default)]
    ended: bool,
    /// Senders may go up to this number, where the room can bear no more: see [`crate::domain::broadcast::backpressure`].
    #[serde(default)]
    admit_up_to: Option<u64>,
}

impl SessionRow {
    /// Whether the session is open, and only the window of its senders is used up.
    fn is_full_at(&self, now: Timestamp) -> bool {
        let now_ms = now.as_millisecond();
        let is_open = self.opened.start_ms <= now_ms && self.opened.end_ms.is_none_or(|end_ms| now_ms <= end_ms);
        is_open && !self.ended && self.seq < LAST_NUMBER && self.admit_up_to.is_some_and(|seq| self.seq >= seq)
    }
}

impl From<Opened> for Session {
    fn from(row: Opened) -> Session {
        let at = crate::domain::time::from_millis;
        let (start, end) = (at(row.start_ms), row.end_ms.map(at));
        Session { id: row.id, name: row.name, start, end, expires_at: row.expires_at }
    }
}

/// How asking for a number ended.
#[derive(Debug, PartialEq, Eq)]
pub enum SeqAllocation {
    /// This one is yours: nobody else gets it.
    Allocated(u64),
    /// The session is not open.
    Closed,
    /// Senders are as far ahead of the broadcast as they may be.
    Full,
}

impl Store {
    /// The session of a window; opens it if nobody has.
    pub async fn session_of_window(&self, window: &Window, now: Timestamp) -> Result<Session, StoreError> {
        loop {
            let known: Option<Opened> = self.get(&self.chat, &keys::window(&window.key), Consistency::Strong).await?;
            if let Some(opened) = known {
                return Ok(opened.into());
            }
            if let Some(session) = self.try_to_open(window, now).await? {
                return Ok(session);
            }
        }
    }

    /// Opens a session for a window under the next id; `None` if somebody else took the window or the id meanwhile.
    async fn try_to_open(&self, window: &Window, now: Timestamp) -> Result<Option<Session>, StoreError> {
        #[derive(Deserialize)]
        struct Last {
            id: u64,
        }
        let last_session = keys::last_session();
        let last: Option<Last> = self.get(&self.chat, &last_session, Consistency::Strong).await?;
        let last = last.map_or(0, |last| last.id);
        let opened = Opened {
            id: last + 1,
            name: window.name.clone(),
            start_ms: window.start.as_millisecond(),
            end_ms: window.end.map(Timestamp::as_millisecond),
            // A session that never ends never expires, whatever its messages do.
            expires_at: window.end.and_then(|end| self.history_expires_at(Some(end), now)),
        };
        let row = SessionRow {
            opened: opened.clone(),
            seq: 0,
            voids: 0,
            minutes: BTreeMap::new(),
            void_minutes: BTreeMap::new(),
            ended: false,
            admit_up_to: None,
        };
        let put = |item: Item| {
            Put::builder().table_name(&self.chat).set_item(Some(item)).condition_expression("attribute_not_exists(pk)")
        };
        let id = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(last_session.attributes()))
            .update_expression("SET id = :next")
            .condition_expression("attribute_not_exists(pk) OR id = :last")
            .expression_attribute_values(":next", number(last + 1))
            .expression_attribute_values(":last", number(last));
        let actions = [
            TransactWriteItem::builder().put(built(put(item_of(&keys::window(&window.key), &opened)).build())?).build(),
            TransactWriteItem::builder().put(built(put(item_of(&keys::session(opened.id), &row)).build())?).build(),
            TransactWriteItem::builder().update(built(id.build())?).build(),
        ];
        match self.transact(actions.into()).await? {
            TransactionOutcome::Done => Ok(Some(opened.into())),
            TransactionOutcome::Refused(_) => Ok(None),
        }
    }

    /// The session with this id, if there is one.
    pub async fn session(&self, session_id: u64, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let opened: Option<Opened> = self.get(&self.chat, &keys::session(session_id), Consistency::Strong).await?;
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
        let (rows, _more) = self.query_page::<Opened>(query).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    /// The session with its counters, all by one strongly consistent query.
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
            recent_messages: recent_messages(&row, now),
            states,
            session: row.opened.into(),
        }))
    }

    /// Takes the session's next number for a message, under the condition that the session is open and that senders are not too
    /// far ahead of the broadcast.
    pub async fn allocate_seq(&self, session: &Session, now: Timestamp) -> Result<SeqAllocation, StoreError> {
        #[derive(Deserialize)]
        struct Counted {
            seq: u64,
        }
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session.id).attributes()))
            .update_expression("SET seq = seq + :one, #minutes.#minute = if_not_exists(#minutes.#minute, seq)")
            .condition_expression(
                "attribute_exists(pk) AND ended <> :yes AND start_ms <= :now AND (attribute_not_exists(end_ms) OR end_ms >= :now) AND seq < :last AND (attribute_not_exists(admit_up_to) OR seq < admit_up_to)",
            )
            .expression_attribute_names("#minutes", "minutes")
            .expression_attribute_names("#minute", session.minute_at(now).to_string())
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":yes", aws_sdk_dynamodb::types::AttributeValue::Bool(true))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":last", number(LAST_NUMBER))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match self.update(update).await? {
            WriteOutcome::Done(attributes) => Ok(SeqAllocation::Allocated(parse::<Counted>(attributes)?.seq)),
            WriteOutcome::Refused(row) => {
                let row: Option<SessionRow> = row.map(parse).transpose()?;
                Ok(if row.is_some_and(|row| row.is_full_at(now)) { SeqAllocation::Full } else { SeqAllocation::Closed })
            }
        }
    }

    /// Sets up to which number senders may go; `None` lets them go on.
    pub async fn admit_up_to(&self, session_id: u64, seq: Option<u64>) -> Result<(), StoreError> {
        let update =
            self.client.update_item().table_name(&self.chat).set_key(Some(keys::session(session_id).attributes()));
        let update = match seq {
            Some(seq) => {
                update.update_expression("SET admit_up_to = :seq").expression_attribute_values(":seq", number(seq))
            }
            None => update.update_expression("REMOVE admit_up_to"),
        };
        self.update(update.condition_expression("attribute_exists(pk)")).await.map(drop)
    }

    /// Settles a number for good as one that no message has; `false` if a row has it already.
    pub async fn void_seq(&self, session: &Session, seq: u64, now: Timestamp) -> Result<bool, StoreError> {
        #[derive(Serialize)]
        struct VoidRow {
            void: bool,
            expires_at: Option<i64>,
        }
        let row = VoidRow { void: true, expires_at: self.history_expires_at(session.end, now) };
        let void = Put::builder()
            .table_name(&self.chat)
            .set_item(Some(item_of(&keys::message(session.id, seq), row)))
            .condition_expression("attribute_not_exists(pk)");
        let count = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session.id).attributes()))
            .update_expression(
                "SET voids = voids + :one, void_minutes.#minute = if_not_exists(void_minutes.#minute, :none) + :one",
            )
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#minute", session.minute_at(now).to_string())
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":none", number(0));
        let actions = vec![
            TransactWriteItem::builder().put(built(void.build())?).build(),
            TransactWriteItem::builder().update(built(count.build())?).build(),
        ];
        match self.transact(actions).await? {
            TransactionOutcome::Done => Ok(true),
            TransactionOutcome::Refused(_) => Ok(false),
        }
    }

    /// Marks a session as ended, which lets the broadcast finish it.
    pub async fn mark_as_ended(&self, session_id: u64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session_id).attributes()))
            .update_expression("SET ended = :yes, change_trace = :trace")
            .expression_attribute_values(":trace", change_trace())
            .condition_expression("attribute_exists(pk) AND ended <> :yes")
            .expression_attribute_values(":yes", aws_sdk_dynamodb::types::AttributeValue::Bool(true));
        self.update(update).await.map(drop)
    }

    /// Forgets the counts of minutes that no longer matter, so that a session's row stays within 1 KB.
    pub async fn forget_old_minutes(&self, session_id: u64, now: Timestamp) -> Result<(), StoreError> {
        let row: Option<SessionRow> = self.get(&self.chat, &keys::session(session_id), Consistency::Eventual).await?;
        let Some(row) = row else { return Ok(()) };
        let oldest = Session::from(row.opened).minute_at(now) - RECENT_MINUTES;
        let is_old = |minute: &&String| minute.parse::<i64>().is_ok_and(|minute| minute < oldest);
        let old_minutes = row.minutes.keys().filter(is_old).map(|minute| ("minutes", minute));
        let old_voids = row.void_minutes.keys().filter(is_old).map(|minute| ("void_minutes", minute));
        let mut update =
            self.client.update_item().table_name(&self.chat).set_key(Some(keys::session(session_id).attributes()));
        let mut paths = Vec::new();
        // An expression may have 4 KB: what is left waits for the next minute.
        for (i, (map, minute)) in old_minutes.chain(old_voids).take(100).enumerate() {
            paths.push(format!("#map{map}.#m{i}"));
            update = update
                .expression_attribute_names(format!("#map{map}"), map)
                .expression_attribute_names(format!("#m{i}"), minute);
        }
        if paths.is_empty() {
            return Ok(());
        }
        let update = update
            .update_expression(format!("REMOVE {}", paths.join(", ")))
            .condition_expression("attribute_exists(pk)");
        self.update(update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None))
            .await
            .map(drop)
    }
}

/// Messages whose number was given in the running minute or in the sixty before it.
fn recent_messages(row: &SessionRow, now: Timestamp) -> u64 {
    let oldest = Session::from(row.opened.clone()).minute_at(now) - RECENT_MINUTES;
    let recent = |(minute, count): (&String, &u64)| {
        minute.parse::<i64>().ok().filter(|minute| *minute >= oldest).map(|_| *count)
    };
    // Numbers only grow, so the smallest count is that of the oldest recent minute.
    let given_before = row.minutes.iter().filter_map(recent).min().unwrap_or(row.seq);
    let voids: u64 = row.void_minutes.iter().filter_map(recent).sum();
    (row.seq - given_before).saturating_sub(voids)
}
