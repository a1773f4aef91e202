//! What waits for a decision: by session, by user, and until the session ends.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::config::MIN_HELD_SECONDS;
use crate::domain::moderation::held::HeldMessage;
use crate::domain::moderation::held_id::HeldId;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{Consistency, item_of, number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// A sort key behind all ids, whose first digit is 7 at most, and before [`keys::HELD_CLOSED`].
const AFTER_ALL_IDS: &str = "8";

/// Which of the messages that wait are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Those on which it can be decided at this time.
    Open(Timestamp),
    /// Those whose time is over at this time.
    Over(Timestamp),
    /// All.
    All,
}

impl Waiting {
    fn filter(self) -> Option<&'static str> {
        match self {
            Waiting::Open(_) => Some("deadline_ms > :now"),
            Waiting::Over(_) => Some("deadline_ms <= :now"),
            Waiting::All => None,
        }
    }

    fn time(self) -> Option<i64> {
        match self {
            Waiting::Open(now) | Waiting::Over(now) => Some(now.as_millisecond()),
            Waiting::All => None,
        }
    }

    /// The sort key up to which such messages lie. The time of none is over sooner than settings allow.
    fn last_key(self) -> String {
        match self {
            Waiting::Over(now) => {
                HeldId::first_at(now - SignedDuration::from_secs(MIN_HELD_SECONDS)).as_str().to_owned()
            }
            Waiting::Open(_) | Waiting::All => AFTER_ALL_IDS.to_owned(),
        }
    }
}

/// What waits, oldest first.
#[derive(Debug, Default)]
pub struct WaitingPage {
    /// The messages.
    pub held: Vec<HeldMessage>,
    /// The id after which the next page begins, if there may be one.
    pub next_after: Option<HeldId>,
}

/// The row of what a user has waiting in a session.
#[derive(Deserialize)]
pub(super) struct WaitingRow {
    sk: String,
    #[serde(default)]
    pub(super) ids: BTreeSet<HeldId>,
}

impl Store {
    /// What waits in a session after an id, oldest first, strongly consistent: at most so many.
    pub async fn waiting(
        &self,
        session_id: u64,
        which: Waiting,
        after: Option<&HeldId>,
        limit: usize,
    ) -> Result<WaitingPage, StoreError> {
        let mut page = WaitingPage::default();
        // A longer key sorts behind the id itself, and before every other.
        let mut first = after.map_or_else(String::new, |id| format!("{}0", id.as_str()));
        while page.held.len() <= limit {
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :held AND sk BETWEEN :first AND :last")
                .set_filter_expression(which.filter().map(str::to_owned))
                .set_expression_attribute_values(which.time().map(|now| [(":now".to_owned(), number(now))].into()))
                .expression_attribute_values(":held", text(keys::held_messages(session_id)))
                .expression_attribute_values(":first", text(if first.is_empty() { "0" } else { &first }))
                .expression_attribute_values(":last", text(which.last_key()))
                .consistent_read(true)
                .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
            let found = self.query_filtered::<HeldMessage>(query).await?;
            page.held.extend(found.rows);
            match found.last_key.as_ref().and_then(|key| key.get("sk")?.as_s().ok()) {
                Some(last) => first = format!("{last}0"),
                None => break,
            }
        }
        if page.held.len() > limit {
            page.held.truncate(limit);
            page.next_after = page.held.last().map(|held| held.id.clone());
        }
        Ok(page)
    }

    /// The ids of what a user has waiting in a session, strongly consistent.
    pub async fn waiting_of(&self, user_id: &str, session_id: u64) -> Result<BTreeSet<HeldId>, StoreError> {
        let row: Option<WaitingRow> =
            self.get(&self.chat, &keys::waiting(user_id, session_id), Consistency::Strong).await?;
        Ok(row.map(|row| row.ids).unwrap_or_default())
    }

    /// The sessions in which a user has messages waiting, with their ids, strongly consistent.
    pub async fn all_waiting_of(&self, user_id: &str) -> Result<Vec<(u64, BTreeSet<HeldId>)>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :waiting")
            .expression_attribute_values(":waiting", text(keys::all_waiting(user_id)))
            .consistent_read(true);
        let rows: Vec<WaitingRow> = self.query_all(query).await?;
        let sessions = rows.into_iter().filter_map(|row| Some((row.sk.parse().ok()?, row.ids)));
        Ok(sessions.filter(|(_, ids)| !ids.is_empty()).collect())
    }

    /// Notes that no message waits in a session any more: see [`Store::holds_are_closed`].
    pub async fn close_holds(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct ClosedRow {
            expires_at: Option<i64>,
        }
        let row = ClosedRow { expires_at: self.history_expires_at(session, now) };
        let put = self.client.put_item().table_name(&self.chat);
        self.put(put.set_item(Some(item_of(&keys::held_closed(session.id), row)))).await.map(drop)
    }

    /// Whether no message may wait in a session any more, strongly consistent. A hold asks after it is stored: either it sees the mark, or
    /// whoever denies what waits, which happens after the mark is set, sees the hold.
    pub async fn holds_are_closed(&self, session_id: u64) -> Result<bool, StoreError> {
        let row: Option<serde_json::Value> =
            self.get(&self.chat, &keys::held_closed(session_id), Consistency::Strong).await?;
        Ok(row.is_some())
    }
}
