//! Notices, which are sent after everything else of a flush.
//!
//! A notice's row is deleted once the flush is committed, and every lagging socket has received it or is noted to miss it. So a crash
//! loses none, and may repeat one.

use futures_util::StreamExt;

use super::SessionTurn;
use super::outbox::Notices;
use crate::broadcast::lease::Interrupted;
use crate::domain::error::ChatError;
use crate::features::sockets::store_outbox::StoredNotice;

/// Notices of a flush.
const MAX_NOTICES: usize = 50;
/// Rows that are deleted at once.
const CONCURRENT_DELETIONS: usize = 16;

impl SessionTurn {
    /// Reads the next notices, if there may be any.
    pub(super) async fn read_notices(&mut self) -> Result<Notices, Interrupted> {
        if !self.pending.wake_up.outbox {
            return Ok(Notices::default());
        }
        self.outbox.has_unread_requests = true;
        let store = &self.room.broadcast.chat.store;
        let at_most = self.outbox.sent.len() + MAX_NOTICES;
        let (mut rows, has_more) = store.notices(self.room.session_id, at_most).await?;
        rows.retain(|notice| !self.outbox.sent.contains(&notice.id()));
        Ok(Notices { rows, has_more })
    }

    /// Notes that notices were sent. Their flush is committed.
    pub(super) async fn settle_notices(&mut self, notices: Notices) -> Result<(), Interrupted> {
        self.pending.wake_up.outbox = notices.has_more;
        if notices.rows.is_empty() {
            return Ok(());
        }
        self.outbox.sent.extend(notices.rows.iter().map(StoredNotice::id));
        if self.catch_up.is_complete() { self.delete_sent_notices().await } else { Ok(()) }
    }

    async fn delete_sent_notices(&mut self) -> Result<(), Interrupted> {
        let (store, session_id) = (&self.room.broadcast.chat.store, self.room.session_id);
        let deletions = futures_util::stream::iter(self.outbox.sent.clone())
            .map(|id| async move { (store.delete_notice(session_id, &id).await, id) })
            .buffer_unordered(CONCURRENT_DELETIONS)
            .collect::<Vec<_>>();
        let deleted = self.lease.hold(async { Ok::<_, ChatError>(deletions.await) }).await?;
        let left = deleted.into_iter().filter_map(|(deleted, id)| {
            let error = deleted.err()?;
            tracing::warn!(session.id = session_id, error = %error, "a notice that was sent may be repeated");
            Some(id)
        });
        self.outbox.sent = left.collect();
        Ok(())
    }

    /// Leaves the outbox at the end of the turn, and asks for the next turn if one is needed. `is_noted` says whether the lagging
    /// sockets are noted to miss what was sent.
    pub(super) async fn leave_outbox(&mut self, is_noted: bool) {
        if is_noted && self.delete_sent_notices().await.is_err() {
            tracing::warn!(session.id = self.room.session_id, "notices that were sent may be repeated");
        }
        // A notice whose row could not be deleted waits for `housekeep`: otherwise a lost permission would repeat it for ever.
        let is_unnoted = !is_noted && !self.outbox.sent.is_empty();
        let is_left = is_unnoted || self.outbox.has_unread_requests || self.has_young_request();
        self.pending.wake_up.outbox |= is_left;
    }
}
