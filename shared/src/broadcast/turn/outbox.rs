//! The progress of a turn with the session's outbox.

use tokio::time::Instant;

use crate::domain::broadcast::notice::NoticeId;
use crate::features::sockets::store_outbox::{CloseRequest, StoredNotice};

/// The progress of a turn with the session's outbox.
#[derive(Default)]
pub(super) struct Outbox {
    /// Notices that were sent and whose rows still exist.
    pub(super) sent: Vec<NoticeId>,
    /// Requests that are not done.
    pub(super) requests: Vec<CloseRequest>,
    /// Whether there may be further requests in the table.
    pub(super) has_unread_requests: bool,
    /// The time before which no socket is tried again.
    pub(super) next_try: Option<Instant>,
}

/// The notices of a flush.
#[derive(Default)]
pub(super) struct Notices {
    /// In the order of their ids.
    pub(super) rows: Vec<StoredNotice>,
    /// Whether there are more in the table.
    pub(super) has_more: bool,
}
