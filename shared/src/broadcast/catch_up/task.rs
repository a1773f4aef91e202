//! The task that helps one lagging socket.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::backlog::{Backlog, Phase, State, lock};
use super::lagging::{Lagging, Progress, SeqRange, note_progress};
use crate::broadcast::delivery::{Frames, InFlight, is_fresh};
use crate::broadcast::event::Event;
use crate::broadcast::room::Room;
use crate::domain::message::MessageId;
use crate::features::sockets::store::Subscriber;
use crate::platform::posting::{Payload, PostFailure};

/// A socket that takes nothing for this long is closed: its client connects again and resumes.
const MAX_STUCK_MS: i64 = 10_000;
/// The first further try comes after this long, and no later one after more than that.
const FIRST_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_millis(500);
/// A socket with more waiting events will never take them all: it is closed.
const MAX_BACKLOG: usize = 10_000;
/// Events that are made frames of at once.
const EVENTS_PER_POST: usize = 200;

/// Helps one socket.
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

/// What is read from the table for a socket, for an earlier turn did not get to the end.
pub(super) struct Backfill {
    /// What is still to be read.
    pub(super) range: Option<SeqRange>,
    /// So many of the first events of the backlog were read from there.
    pub(super) read: usize,
}

/// How an attempt to post ended.
enum Attempt {
    Taken,
    Paused,
    Hopeless,
}

impl CatchUpTask {
    /// A task for a socket. The post that is under way, if one is, goes to [`CatchUpTask::run`].
    pub(super) fn new(room: Room, lagging: Lagging, phase: watch::Receiver<Phase>) -> (CatchUpTask, Option<InFlight>) {
        let Lagging { subscriber, complete, backfill, events, in_flight } = lagging;
        let took_ms = if subscriber.behind.is_some() { subscriber.behind_ms } else { room.now_ms() };
        let backlog = Backlog { events: events.into(), is_posting: true, state: State::Busy };
        let task = CatchUpTask {
            room,
            subscriber,
            progress: Progress { complete, took_ms },
            backfill: Backfill { range: backfill, read: 0 },
            backlog: Arc::new(Mutex::new(backlog)),
            phase,
            has_posted: false,
        };
        (task, in_flight)
    }

    /// What the socket still has to get.
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
                tracing::warn!(connection.id = self.subscriber.connection_id, error = %error, "what a socket misses could not be read");
                tokio::select! { () = tokio::time::sleep(MAX_BACKOFF) => {}, _pausing = self.phase.changed() => {} }
                if *self.phase.borrow() == Phase::Run {
                    continue;
                }
                return self.note_at_the_end().await;
            }
            // What came meanwhile has its turn when everything before it was read.
            let at_most = if self.backfill.range.is_some() { self.backfill.read } else { EVENTS_PER_POST };
            let events: Vec<Event> = lock(&self.backlog).events.iter().take(at_most).cloned().collect();
            if events.is_empty() {
                if self.has_caught_up().await {
                    return;
                }
                continue;
            }
            let is_too_much = lock(&self.backlog).events.len() > MAX_BACKLOG;
            match if is_too_much { Attempt::Hopeless } else { self.post(&events).await } {
                Attempt::Taken => {}
                Attempt::Paused => return self.note_at_the_end().await,
                Attempt::Hopeless => return self.give_up().await,
            }
        }
    }

    /// Notes that nothing is left; `false` if something is, after all.
    async fn has_caught_up(&self) -> bool {
        // The note goes first: should more have come meanwhile, it is written again.
        let (store, id) = (&self.room.broadcast.chat.store, &self.subscriber.connection_id);
        if let Err(error) = store.mark_caught_up(self.room.session_id, id).await {
            tracing::warn!(connection.id = id, error = %error, "a socket will get some messages twice");
        }
        {
            let mut backlog = lock(&self.backlog);
            if backlog.events.is_empty() {
                backlog.state = State::Done;
                return true;
            }
        }
        self.note(&BTreeSet::new()).await;
        false
    }

    /// Waits for the turn's end, and notes what the socket has not taken by then. Messages are read from the table again, but nothing
    /// there says which earlier ones it was about.
    async fn note_at_the_end(&mut self) {
        lock(&self.backlog).is_posting = false;
        drop(self.phase.wait_for(|phase| *phase == Phase::Stop).await);
        let mut changed: BTreeSet<MessageId> =
            lock(&self.backlog).events.iter().filter_map(|event| event.about).collect();
        if self.backfill.range.is_some() {
            changed.extend(&self.subscriber.behind_changed);
        }
        self.note(&changed).await;
    }

    async fn note(&self, changed: &BTreeSet<MessageId>) {
        note_progress(&self.room, &self.subscriber, self.progress, changed).await;
    }

    /// Posts events one frame after the other. What was taken leaves the backlog at once.
    async fn post(&mut self, events: &[Event]) -> Attempt {
        let frames = Frames::of(events);
        for frame in frames.for_subscriber(&self.subscriber) {
            match self.post_with_retries(&frame.payload).await {
                Attempt::Taken => {}
                other => return other,
            }
            self.note_as_taken(frame.events);
        }
        Attempt::Taken
    }

    fn note_as_taken(&mut self, events: usize) {
        self.progress.took_ms = self.room.now_ms();
        self.backfill.read = self.backfill.read.saturating_sub(events);
        let last = lock(&self.backlog).events.drain(..events).rev().find_map(|event| event.seq);
        self.progress.complete = last.unwrap_or(self.progress.complete);
    }

    /// Tries until the socket takes a frame, is dead, took nothing for too long, or the turn has no time for it any more.
    async fn post_with_retries(&mut self, frame: &Payload) -> Attempt {
        let mut backoff = FIRST_BACKOFF;
        loop {
            self.room.rate_limiter.wait().await;
            if !self.may_post() {
                return Attempt::Paused;
            }
            let broadcast = &self.room.broadcast;
            let now = broadcast.chat.clock.now();
            let posted = broadcast.management_api.post(&self.subscriber.connection_id, frame).await;
            lock(&self.backlog).is_posting = false;
            match posted {
                Ok(()) | Err(PostFailure::Refused) => return Attempt::Taken,
                Err(PostFailure::Gone) if is_fresh(&self.subscriber, now) && self.is_still_known().await => {}
                Err(PostFailure::Gone) => return Attempt::Hopeless,
                Err(PostFailure::Busy) if now.as_millisecond() - self.progress.took_ms > MAX_STUCK_MS => {
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

    /// Whether a post may begin; then it counts as under way.
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

    /// Whether the socket has not been closed meanwhile: its handshake may still be under way.
    async fn is_still_known(&self) -> bool {
        !matches!(self.room.broadcast.chat.store.socket(&self.subscriber.connection_id).await, Ok(None))
    }

    /// The socket is dead or hopelessly slow. Closing a dead one does no harm. If it cannot be closed either, `@connections` is out of
    /// order for all: then it keeps its row, with a note, until it can be posted to again.
    async fn give_up(&mut self) {
        let id = &self.subscriber.connection_id;
        if let Err(failure) = self.room.broadcast.management_api.close(id).await {
            tracing::warn!(connection.id = id, ?failure, "a stuck socket could not be closed");
            lock(&self.backlog).state = State::GivenUp;
            return self.note_at_the_end().await;
        }
        self.room.broadcast.prune(self.room.session_id, &self.subscriber).await;
        lock(&self.backlog).state = State::Done;
    }
}
