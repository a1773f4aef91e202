//! Lagging sockets: what they miss, and the notes of their progress.

use crate::broadcast::delivery::InFlight;
use crate::broadcast::event::Event;
use crate::broadcast::room::Room;
use crate::features::sockets::store_subscribers::{Missed, Subscriber};

/// A lagging socket, and what it misses.
pub(crate) struct Lagging {
    /// The socket.
    pub(crate) subscriber: Subscriber,
    /// It has every message up to this number.
    pub(crate) complete: u64,
    /// Messages that it misses before `events`, since an earlier turn. Its task reads them from the table.
    pub(crate) backfill: Option<SeqRange>,
    /// Events that it misses.
    pub(crate) events: Vec<Event>,
    /// The post of the first of these events, if it is under way.
    pub(crate) in_flight: Option<InFlight>,
}

/// The messages after one number, up to another one.
#[derive(Clone, Copy)]
pub(crate) struct SeqRange {
    pub(crate) after: u64,
    pub(crate) up_to: u64,
}

impl Lagging {
    /// Notes in the row of a socket that it lags. It has every message up to `complete` and none of `events`. `before` is the cursor
    /// before these events.
    pub(crate) async fn note(
        room: &Room,
        subscriber: Subscriber,
        complete: u64,
        events: &[Event],
        before: u64,
    ) -> Lagging {
        let complete = subscriber.lagging_after.unwrap_or(complete);
        // A note from before means that an earlier turn ended while the socket lagged.
        let backfill = subscriber.lagging_after.map(|after| SeqRange { after, up_to: before });
        if backfill.is_none() {
            let progress = Progress { complete, last_taken_ms: room.now_ms() };
            note_progress(room, &subscriber, progress, &Missed::default()).await;
        }
        Lagging { subscriber, complete, backfill, events: events.to_vec(), in_flight: None }
    }
}

/// The progress of a lagging socket.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    /// It has every message up to this number.
    pub(crate) complete: u64,
    /// The time of the last accepted post, in milliseconds since 1970.
    pub(crate) last_taken_ms: i64,
}

/// Notes the progress of a socket in its row, with what else it has not received; `false` if that fails. In the middle of a turn, only
/// a crash right now would lose something then.
pub(crate) async fn note_progress(room: &Room, subscriber: &Subscriber, progress: Progress, missed: &Missed) -> bool {
    let (store, id) = (&room.broadcast.chat.store, &subscriber.connection_id);
    let Progress { complete, last_taken_ms } = progress;
    let _call = room.table_call().await;
    let noted = store.mark_lagging(room.session_id, id, complete, last_taken_ms, missed).await;
    if let Err(error) = &noted {
        tracing::warn!(connection.id = id, error = %error, "a lagging socket is not noted");
    }
    noted.is_ok()
}
