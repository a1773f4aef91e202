//! Storing a host's event under its number, at most once for each `client_event_id`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store_send::{StoreOutcome, stored};
use crate::domain::custom_event::EventDraft;
use crate::domain::session::Session;
use crate::domain::wire::log_event::LogEventKind;
use crate::platform::dynamo::calls::{Consistency, item_of, traced_item_of};
use crate::platform::dynamo::{Store, StoreError, keys};

/// The receipt of an event, which is kept under its `client_event_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventReceipt {
    /// Its number.
    pub(super) seq: u64,
    /// The time at which it was stored, in milliseconds since 1970.
    pub(super) created_ms: i64,
    expires_at: Option<i64>,
}

impl Store {
    /// The receipt of a user's earlier event under the same `client_event_id`.
    pub(super) async fn earlier_event(
        &self,
        session_id: u64,
        user_id: &str,
        event: &EventDraft,
    ) -> Result<Option<EventReceipt>, StoreError> {
        let Some(key) = &event.client_event_id else { return Ok(None) };
        self.get(&self.connections, &keys::sent_event(session_id, user_id, key.as_str()), Consistency::Strong).await
    }

    /// Stores an event under the number that was allocated for it.
    pub(super) async fn store_event(
        &self,
        session: &Session,
        seq: u64,
        user_id: &str,
        event: &EventDraft,
        now: Timestamp,
    ) -> Result<StoreOutcome<EventReceipt>, StoreError> {
        #[derive(Serialize)]
        struct EventRow {
            event: LogEventKind,
            created_ms: i64,
            expires_at: Option<i64>,
        }
        let created_ms = now.as_millisecond();
        let (name, attributes) = (event.name.clone(), event.attributes.clone());
        let expires_at = self.history_expires_at(session, now);
        let row = EventRow { event: LogEventKind::Custom { name, attributes }, created_ms, expires_at };
        let receipt = EventReceipt { seq, created_ms, expires_at };
        let mut actions = vec![self.put_new(&self.chat, traced_item_of(&keys::message(session.id, seq), row))?];
        if let Some(key) = &event.client_event_id {
            let key = keys::sent_event(session.id, user_id, key.as_str());
            actions.push(self.put_new(&self.connections, item_of(&key, &receipt))?);
        }
        let outcome = self.transact(actions).await?;
        Ok(stored(receipt, outcome.refused_action(0), outcome.refused_action(1)))
    }
}
