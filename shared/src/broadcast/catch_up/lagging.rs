//! A socket that begins to lag, or did in an earlier turn.

use std::collections::BTreeSet;

use crate::broadcast::delivery::InFlight;
use crate::broadcast::event::Event;
use crate::broadcast::room::Room;
use crate::features::sockets::store::Subscriber;

/// A socket that lags, and what it misses.
pub(crate) struct Lagging {
    /// The socket.
    pub(crate) subscriber: Subscriber,
    /// It has every message up to this number.
    pub(crate) complete: u64,
    /// What it has to get before `events`, by the note of an earlier turn. Its task reads that from the table.
    pub(crate) backfill: Option<SeqRange>,
    /// What it has to get.
    pub(crate) events: Vec<Event>,
    /// The post of the first of these events, if it is under way.
    pub(crate) in_flight: Option<InFlight>,
}

/// The messages after a number up to another one.
#[derive(Clone, Copy)]
pub(crate) struct SeqRange {
    pub(crate) after: u64,
    pub(crate) up_to: u64,
}

impl Lagging {
    /// A socket that has every message up to `complete` and none of `events`; `before` is the cursor before them. Its row notes that
    /// it lags.
    pub(crate) async fn note(
        room: &Room,
        subscriber: Subscriber,
        complete: u64,
        events: &[Event],
        before: u64,
    ) -> Lagging {
        let complete = subscriber.behind.unwrap_or(complete);
        // With an earlier note, the turn that wrote it did not get to the end.
        let backfill = subscriber.behind.map(|after| SeqRange { after, up_to: before });
        if backfill.is_none() {
            note_progress(room, &subscriber, Progress { complete, took_ms: room.now_ms() }, &BTreeSet::new()).await;
        }
        Lagging { subscriber, complete, backfill, events: events.to_vec(), in_flight: None }
    }
}

/// How far a lagging socket has come.
#[derive(Clone, Copy)]
pub(crate) struct Progress {
    /// It has every message up to this number.
    pub(crate) complete: u64,
    /// When it took something last, in milliseconds since 1970.
    pub(crate) took_ms: i64,
}

/// Notes in a socket's row how far it has come, and of which earlier messages it must hear. Should that fail, only a crash right now
/// would lose something.
pub(crate) async fn note_progress(
    room: &Room,
    subscriber: &Subscriber,
    progress: Progress,
    changed: &BTreeSet<crate::domain::message::MessageId>,
) {
    let (store, id) = (&room.broadcast.chat.store, &subscriber.connection_id);
    let Progress { complete, took_ms } = progress;
    if let Err(error) = store.mark_lagging(room.session_id, id, complete, took_ms, changed).await {
        tracing::warn!(connection.id = id, error = %error, "a lagging socket is not noted");
    }
}
