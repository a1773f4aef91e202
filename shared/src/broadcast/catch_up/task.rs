//! The task that helps one lagging socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::backlog::{Backlog, Phase, TaskState, lock};
use super::lagging::{Lagging, Progress, SeqRange, note_progress};
use crate::broadcast::delivery::{EncodedEvents, InFlight, is_fresh};
use crate::broadcast::event::Event;
use crate::broadcast::room::Room;
use crate::features::sockets::store_subscribers::{Missed, Subscriber};
use crate::platform::posting::{Payload, PostFailure};

/// A socket that accepts nothing for this long is closed. Its client reconnects and resumes (docs/contract.md, Delivery).
const MAX_STUCK_MS: i64 = 10_000;
/// The pause before the second try of a post. It doubles with each try, up to `MAX_BACKOFF`.
const FIRST_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_millis(500);
/// Events that are encoded at once.
const EVENTS_PER_POST: usize = 200;

/// Helps one lagging socket.
pub(super) struct CatchUpTask {
    pub(super) room: Room,
    pub(super) subscriber: Subscriber,
    pub(super) progress: Progress,
    pub(super) backfill: Backfill,
    pub(super) backlog: Arc<Mutex<Backlog>>,
    phase: watch::Receiver<Phase>,
    /// Whether it has posted in this turn.
    has_posted: bool,
}

/// The state of a socket's backfill.
pub(super) struct Backfill {
    /// Messages that are still to be read.
    pub(super) range: Option<SeqRange>,
    /// The number of events at the front of the backlog that were read from the table.
    pub(super) read: usize,
}

/// The outcome of an attempt to post.
enum Attempt {
    Taken,
    Paused,
    Hopeless,
}

impl CatchUpTask {
    /// The task of a socket, and its post that is under way. [`CatchUpTask::run`] takes the latter.
    pub(super) fn new(room: Room, lagging: Lagging, phase: watch::Receiver<Phase>) -> (CatchUpTask, Option<InFlight>) {
        let Lagging { subscriber, complete, backfill, events, in_flight } = lagging;
        let last_taken_ms = if subscriber.is_lagging() { subscriber.last_taken_ms } else { room.now_ms() };
        let backlog = Backlog { events: events.into(), is_posting: true, state: TaskState::Busy, is_unnoted: false };
        let task = CatchUpTask {
            room,
            subscriber,
            progress: Progress { complete, last_taken_ms },
            backfill: Backfill { range: backfill, read: 0 },
            backlog: Arc::new(Mutex::new(backlog)),
            phase,
            has_posted: false,
        };
        (task, in_flight)
    }

    /// The socket's backlog.
    pub(super) fn backlog(&self) -> Arc<Mutex<Backlog>> {
        Arc::clone(&self.backlog)
    }

    /// Posts until nothing is left, the socket is given up, or the turn ends.
    pub(super) async fn run(mut self, in_flight: Option<InFlight>) {
        if let Some(in_flight) = in_flight {
            let outcome = in_flight.post.outcome().await;
            if matches!(outcome, Ok(()) | Err(PostFailure::Refused)) {
                self.note_as_taken(in_flight.events);
            }
            self.has_posted = true;
            lock(&self.backlog).is_posting = false;
        }
        loop {
            if let Err(error) = self.read_backfill().await {
                tracing::warn!(connection.id = self.subscriber.connection_id, error = %error, "a socket's backfill could not be read");
                tokio::select! { () = tokio::time::sleep(MAX_BACKOFF) => {}, _pausing = self.phase.changed() => {} }
                if *self.phase.borrow() == Phase::Run {
                    continue;
                }
                return self.note_at_the_end().await;
            }
            // Events of this turn wait until everything before them was read.
            let at_most = if self.backfill.range.is_some() { self.backfill.read } else { EVENTS_PER_POST };
            let events: Vec<Event> = lock(&self.backlog).events.iter().take(at_most).cloned().collect();
            if events.is_empty() {
                if self.has_caught_up().await {
                    return;
                }
                continue;
            }
            let is_too_much = lock(&self.backlog).is_too_much();
            match if is_too_much { Attempt::Hopeless } else { self.post(&events).await } {
                Attempt::Taken => {}
                Attempt::Paused => return self.note_at_the_end().await,
                Attempt::Hopeless => return self.give_up().await,
            }
        }
    }

    /// Notes that the socket has caught up; `false` if more events came meanwhile.
    async fn has_caught_up(&self) -> bool {
        // The note goes first. If more events came meanwhile, the socket is noted as lagging again.
        let (store, id) = (&self.room.broadcast.chat.store, &self.subscriber.connection_id);
        let call = self.room.table_call().await;
        let noted = store.mark_caught_up(self.room.session_id, id).await;
        drop(call);
        if let Err(error) = noted {
            tracing::warn!(connection.id = id, error = %error, "a socket will get some messages twice");
        }
        {
            let mut backlog = lock(&self.backlog);
            if backlog.events.is_empty() {
                backlog.state = TaskState::Done;
                return true;
            }
        }
        self.note(&Missed::default()).await;
        false
    }

    /// Waits for the turn's end, and notes the progress of the socket by then. A later turn reads missed messages from the table. Missed
    /// changes of earlier messages and notices cannot be found there, so the note lists them.
    async fn note_at_the_end(&mut self) {
        lock(&self.backlog).is_posting = false;
        drop(self.phase.wait_for(|phase| *phase == Phase::Stop).await);
        let mut missed = Missed::default();
        if self.backfill.range.is_some() {
            missed.changes.extend(&self.subscriber.missed_changes);
            missed.notices.clone_from(&self.subscriber.missed_notices);
        }
        lock(&self.backlog).add_to(&mut missed);
        let is_noted = self.note(&missed).await;
        lock(&self.backlog).is_unnoted = !is_noted;
    }

    async fn note(&self, missed: &Missed) -> bool {
        note_progress(&self.room, &self.subscriber, self.progress, missed).await
    }

    /// Posts events, one frame after the other. Accepted events leave the backlog at once.
    async fn post(&mut self, events: &[Event]) -> Attempt {
        let encoded = EncodedEvents::of(events);
        for frame in encoded.for_subscriber(&self.subscriber) {
            match self.post_with_retries(&frame.payload).await {
                Attempt::Taken => {}
                other => return other,
            }
            self.note_as_taken(frame.events);
        }
        Attempt::Taken
    }

    fn note_as_taken(&mut self, events: usize) {
        self.progress.last_taken_ms = self.room.now_ms();
        self.backfill.read = self.backfill.read.saturating_sub(events);
        let last = lock(&self.backlog).events.drain(..events).rev().find_map(|event| event.seq);
        self.progress.complete = last.unwrap_or(self.progress.complete);
    }

    /// Posts a frame until the socket accepts it, is dead, has accepted nothing for too long, or the turn pauses its tasks.
    async fn post_with_retries(&mut self, frame: &Payload) -> Attempt {
        let mut backoff = FIRST_BACKOFF;
        loop {
            self.room.rate_limiter.wait().await;
            let room = self.room.clone();
            let post = room.post().await;
            if !self.may_post() {
                return Attempt::Paused;
            }
            let broadcast = &room.broadcast;
            let now = broadcast.chat.clock.now();
            let posted = broadcast.management_api.post(&self.subscriber.connection_id, frame).await;
            drop(post);
            lock(&self.backlog).is_posting = false;
            match posted {
                Ok(()) | Err(PostFailure::Refused) => return Attempt::Taken,
                Err(PostFailure::Gone) if is_fresh(&self.subscriber, now) && self.is_still_known().await => {}
                Err(PostFailure::Gone) => return Attempt::Hopeless,
                Err(PostFailure::Busy) if now.as_millisecond() - self.progress.last_taken_ms > MAX_STUCK_MS => {
                    return Attempt::Hopeless;
                }
                Err(PostFailure::Busy) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(backoff.mul_f64(0.5 + rand::random::<f64>())) => {}
                _pausing = self.phase.changed() => {}
            }
            backoff = (backoff * 2).min(MAX_BACKOFF);
        }
    }

    /// Whether a post may begin. If so, it counts as under way.
    fn may_post(&mut self) -> bool {
        let may = match *self.phase.borrow() {
            Phase::Run => true,
            Phase::Pause => !self.has_posted,
            Phase::Stop => false,
        };
        self.has_posted = true;
        lock(&self.backlog).is_posting = may;
        may
    }

    /// Whether the socket's row still exists, so that its handshake may be under way.
    async fn is_still_known(&self) -> bool {
        !matches!(self.room.broadcast.chat.store.socket(&self.subscriber.connection_id).await, Ok(None))
    }

    /// Closes and removes a socket that is dead or far too slow. Closing a dead socket does no harm. If closing fails, `@connections`
    /// fails for all sockets: then the socket stays in the room, noted as lagging, until posts succeed again.
    async fn give_up(&mut self) {
        let id = &self.subscriber.connection_id;
        if let Err(failure) = self.room.broadcast.management_api.close(id).await {
            tracing::warn!(connection.id = id, ?failure, "a stuck socket could not be closed");
            lock(&self.backlog).state = TaskState::GivenUp;
            return self.note_at_the_end().await;
        }
        self.room.broadcast.prune(self.room.session_id, &self.subscriber).await;
        lock(&self.backlog).state = TaskState::Done;
    }
}
