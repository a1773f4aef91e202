//! The rows of events that wait, by receiver and by the time at which they are due, and of those that were given up. They are in the table
//! without a stream and without backups: a restored table would send old events again.

use aws_sdk_dynamodb::types::{Delete, Put};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::outward::event::OutwardEvent;
use crate::domain::outward::retry::KEPT_FOR;
use crate::domain::time;
use crate::platform::dynamo::calls::{item_of, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// A row that waits longer than this was forgotten: its receiver is not configured any more.
const WAITING_SECONDS: i64 = 3 * 24 * 3600;

/// An event that waits for its receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingEvent {
    /// The receiver's name.
    pub receiver: &'static str,
    /// The event.
    pub event: OutwardEvent,
    /// When it is sent next.
    pub due: Timestamp,
    /// When it was to be sent first.
    pub due_first: Timestamp,
    /// How often it was not taken.
    pub failures: u32,
}

#[derive(Serialize, Deserialize)]
struct EventRow {
    /// As JSON.
    event: String,
    due_ms: i64,
    due_first_ms: i64,
    failures: u32,
    /// Why it was not taken last.
    #[serde(default)]
    error: Option<String>,
    expires_at: i64,
}

impl WaitingEvent {
    fn row(&self, error: Option<String>, expires_at: i64) -> EventRow {
        EventRow {
            event: serde_json::to_string(&self.event).expect("an event is plain JSON"),
            due_ms: self.due.as_millisecond(),
            due_first_ms: self.due_first.as_millisecond(),
            failures: self.failures,
            error,
            expires_at,
        }
    }

    fn key(&self) -> keys::Key {
        keys::waiting_event(self.receiver, self.due.as_millisecond(), &self.event.id())
    }
}

impl Store {
    /// Lets an event wait.
    pub async fn put_waiting_event(&self, waiting: &WaitingEvent, error: Option<String>) -> Result<(), StoreError> {
        let row = waiting.row(error, waiting.due.as_second() + WAITING_SECONDS);
        let put = self.client.put_item().table_name(&self.connections);
        self.put(put.set_item(Some(item_of(&waiting.key(), row)))).await.map(drop)
    }

    /// Events that are due for a receiver, the longest due first.
    pub async fn due_events(
        &self,
        receiver: &'static str,
        now: Timestamp,
        at_most: i32,
    ) -> Result<Vec<WaitingEvent>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.connections)
            .key_condition_expression("pk = :receiver AND sk < :after")
            .expression_attribute_values(":receiver", text(keys::waiting_events(receiver)))
            .expression_attribute_values(":after", text(keys::events_due_at(now.as_millisecond() + 1)))
            .consistent_read(true)
            .limit(at_most);
        let (rows, _) = self.query_page::<EventRow>(query).await?;
        let read = |row: EventRow| {
            let event = serde_json::from_str(&row.event);
            // One of a later version waits for that version.
            let event =
                event.inspect_err(|error| tracing::error!(error = %error, "an event that waits cannot be read"));
            let (due, due_first) = (time::from_millis(row.due_ms), time::from_millis(row.due_first_ms));
            Some(WaitingEvent { receiver, event: event.ok()?, due, due_first, failures: row.failures })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Notes that an event was taken, or that there is nothing to tell any more.
    pub async fn forget_event(&self, waiting: &WaitingEvent) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.connections);
        self.delete(delete.set_key(Some(waiting.key().attributes()))).await.map(drop)
    }

    /// Lets an event wait for longer, unless another run has moved it.
    pub async fn move_event(
        &self,
        from: &WaitingEvent,
        to: &WaitingEvent,
        error: Option<String>,
    ) -> Result<(), StoreError> {
        let row = to.row(error, to.due.as_second() + WAITING_SECONDS);
        self.replace_event(from, &to.key(), row).await
    }

    /// Moves an event to those that were given up, unless another run has moved it.
    pub async fn bury_event(
        &self,
        waiting: &WaitingEvent,
        error: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = waiting.row(error, (now + KEPT_FOR).as_second());
        self.replace_event(waiting, &keys::dead_event(waiting.receiver, &waiting.event.id()), row).await
    }

    async fn replace_event(&self, from: &WaitingEvent, to: &keys::Key, row: EventRow) -> Result<(), StoreError> {
        let table = &self.connections;
        let delete = Delete::builder().table_name(table).set_key(Some(from.key().attributes()));
        let put = Put::builder().table_name(table).set_item(Some(item_of(to, row)));
        let actions = vec![delete.condition_expression("attribute_exists(pk)").part()?, put.part()?];
        self.transact(actions).await.map(drop)
    }
}
