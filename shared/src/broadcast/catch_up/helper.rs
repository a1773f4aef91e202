//! The task that helps one socket which is behind.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::broadcast::Broadcast;
use crate::broadcast::catch_up::{Backlog, Missed, Phase, State, lock, note_behind};
use crate::broadcast::delivery::{Frames, UnderWay, is_fresh};
use crate::broadcast::fan_out::Event;
use crate::domain::message::MessageId;
use crate::features::sockets::store::Subscriber;
use crate::platform::posting::rate_limiter::RateLimiter;
use crate::platform::posting::{Payload, PostFailure};

/// A socket that takes nothing for this long is closed: its client connects again and resumes.
const LONGEST_STUCK_MS: i64 = 10_000;
/// How long to wait before the first further try, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// So many waiting events are more than a socket will ever take: it is closed.
const LONGEST_BACKLOG: usize = 10_000;
/// Events that are made frames of at once.
const EVENTS_AT_ONCE: usize = 200;

/// Helps one socket.
pub(crate) struct Helper {
    pub(crate) broadcast: Broadcast,
    pub(crate) session_id: u64,
    pub(crate) place: Subscriber,
    pub(crate) complete: u64,
    pub(crate) took_ms: i64,
    pub(crate) under_way: Option<UnderWay>,
    /// Whether it has posted in this shift.
    pub(crate) has_posted: bool,
    /// What is still to be read from the table.
    pub(crate) missed: Option<Missed>,
    /// So many of the first events of the backlog were read from there.
    pub(crate) missed_read: usize,
    pub(crate) backlog: Arc<Mutex<Backlog>>,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) pace: Arc<RateLimiter>,
}

/// How an attempt to post ended.
enum Attempt {
    Taken,
    Paused,
    Hopeless,
}

impl Helper {
    /// Posts until nothing is left, the socket is given up, or the shift ends.
    pub(crate) async fn help(mut self) {
        if let Some(under_way) = self.under_way.take() {
            let outcome = under_way.post.outcome().await;
            if matches!(outcome, Ok(()) | Err(PostFailure::Refused)) {
                self.note_as_taken(under_way.events);
            }
            self.has_posted = true;
            lock(&self.backlog).is_posting = false;
        }
        loop {
            if let Err(error) = self.read_on().await {
                tracing::warn!(connection.id = self.place.connection_id, error = %error, "what a socket misses could not be read");
                tokio::select! { () = tokio::time::sleep(LONGEST_WAIT) => {}, _pausing = self.phase.changed() => {} }
                if *self.phase.borrow() == Phase::Run {
                    continue;
                }
                self.note_at_the_end().await;
                return;
            }
            // What came meanwhile has its turn when everything before it was read.
            let at_once = if self.missed.is_some() { self.missed_read } else { EVENTS_AT_ONCE };
            let events: Vec<Event> = lock(&self.backlog).events.iter().take(at_once).cloned().collect();
            if events.is_empty() {
                if self.has_caught_up().await {
                    return;
                }
                continue;
            }
            let is_too_much = lock(&self.backlog).events.len() > LONGEST_BACKLOG;
            let attempt = if is_too_much { Attempt::Hopeless } else { self.post(&events).await };
            match attempt {
                Attempt::Taken => {}
                Attempt::Paused => {
                    self.note_at_the_end().await;
                    return;
                }
                Attempt::Hopeless => {
                    self.give_up().await;
                    return;
                }
            }
        }
    }

    /// Notes that nothing is left; `false` if something is, after all.
    async fn has_caught_up(&self) -> bool {
        // The note goes first: should more have come meanwhile, it is written again.
        if let Err(error) = self.broadcast.chat.store.mark_caught_up(self.session_id, &self.place.connection_id).await {
            tracing::warn!(connection.id = self.place.connection_id, error = %error, "a socket will get some messages twice");
        }
        {
            let mut backlog = lock(&self.backlog);
            if backlog.events.is_empty() {
                backlog.state = State::Done;
                return true;
            }
        }
        self.note_behind(&BTreeSet::new()).await;
        false
    }

    /// Waits for the shift's end, and notes what the socket has not taken by then. That is read from the table again, but
    /// nothing there says which earlier messages it was about.
    async fn note_at_the_end(&mut self) {
        lock(&self.backlog).is_posting = false;
        drop(self.phase.wait_for(|phase| *phase == Phase::Stop).await);
        let mut changed: BTreeSet<MessageId> =
            lock(&self.backlog).events.iter().filter_map(|event| event.about).collect();
        if self.missed.is_some() {
            changed.extend(&self.place.behind_changed);
        }
        self.note_behind(&changed).await;
    }

    async fn note_behind(&self, changed: &BTreeSet<MessageId>) {
        note_behind(&self.broadcast, self.session_id, &self.place, self.complete, self.took_ms, changed).await;
    }

    /// Posts events one frame after the other. What was taken leaves the backlog at once.
    async fn post(&mut self, events: &[Event]) -> Attempt {
        let frames = Frames::of(events);
        for frame in frames.for_place(&self.place) {
            match self.post_patiently(&frame.payload).await {
                Attempt::Taken => {}
                other => return other,
            }
            self.note_as_taken(frame.events);
        }
        Attempt::Taken
    }

    fn note_as_taken(&mut self, events: usize) {
        self.took_ms = self.broadcast.chat.clock.now().as_millisecond();
        self.missed_read = self.missed_read.saturating_sub(events);
        let last = lock(&self.backlog).events.drain(..events).rev().find_map(|event| event.seq);
        self.complete = last.unwrap_or(self.complete);
    }

    /// Tries until the socket takes a frame, is dead, took nothing for too long, or nobody has time for it any more.
    async fn post_patiently(&mut self, frame: &Payload) -> Attempt {
        let mut wait = FIRST_WAIT;
        loop {
            self.pace.wait().await;
            if !self.may_post() {
                return Attempt::Paused;
            }
            let now = self.broadcast.chat.clock.now();
            let posted = self.broadcast.sockets.post(&self.place.connection_id, frame).await;
            lock(&self.backlog).is_posting = false;
            match posted {
                Ok(()) | Err(PostFailure::Refused) => return Attempt::Taken,
                Err(PostFailure::Gone) if is_fresh(&self.place, now) && self.is_still_known().await => {}
                Err(PostFailure::Gone) => return Attempt::Hopeless,
                Err(PostFailure::Busy) if now.as_millisecond() - self.took_ms > LONGEST_STUCK_MS => {
                    return Attempt::Hopeless;
                }
                Err(PostFailure::Busy) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(wait.mul_f64(0.5 + rand::random::<f64>())) => {}
                _pausing = self.phase.changed() => {}
            }
            wait = (wait * 2).min(LONGEST_WAIT);
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

    /// Whether nobody has closed the socket meanwhile: its handshake may still be under way.
    async fn is_still_known(&self) -> bool {
        !matches!(self.broadcast.chat.store.socket(&self.place.connection_id).await, Ok(None))
    }

    /// The socket is dead or hopelessly slow. Closing a dead one does no harm. If it cannot be closed either, `@connections` is
    /// out of order for all: then it keeps its place, with a note, until it can be posted to again.
    async fn give_up(&mut self) {
        let id = &self.place.connection_id;
        if let Err(failure) = self.broadcast.sockets.close(id).await {
            tracing::warn!(connection.id = id, ?failure, "a stuck socket could not be closed");
            lock(&self.backlog).state = State::Left;
            self.note_at_the_end().await;
            return;
        }
        self.broadcast.prune(self.session_id, &self.place).await;
        lock(&self.backlog).state = State::Done;
    }
}
