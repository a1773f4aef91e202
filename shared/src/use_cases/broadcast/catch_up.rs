//! Sockets that could not take an event when it was its turn: still in their handshake, or slow. Each gets what it misses, in
//! order, by a task of its own, off the others' path. How far it has come is noted in its place, so that neither a crash nor the
//! end of a shift forgets or repeats anything.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::Broadcast;
use super::delivery::{Frames, is_fresh};
use crate::adapters::fan_out::Event;
use crate::adapters::sockets::{Payload, PostFailure};
use crate::adapters::store::room::Place;
use crate::rules::message::MessageId;

/// A socket that takes nothing for this long is closed: its client connects again and resumes.
const LONGEST_STUCK_MS: i64 = 10_000;
/// How long to wait before the first further try, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// So many waiting events are more than a socket will ever take: it is closed.
const LONGEST_BACKLOG: usize = 10_000;
/// Events that are made frames of at once.
const EVENTS_AT_ONCE: usize = 200;

/// All sockets that are catching up.
pub(super) struct CatchUp {
    backlogs: HashMap<String, Arc<Mutex<Backlog>>>,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// What a socket still has to get.
#[derive(Default)]
struct Backlog {
    events: VecDeque<Event>,
    done: bool,
}

/// A socket that is set aside.
pub(super) struct SetAside {
    /// Its place.
    pub(super) place: Place,
    /// It has every message up to this number.
    pub(super) complete: u64,
    /// What it has to get.
    pub(super) events: Vec<Event>,
}

impl CatchUp {
    /// Nobody is behind yet.
    pub(super) fn new() -> CatchUp {
        CatchUp { backlogs: HashMap::new(), tasks: JoinSet::new(), stop: watch::Sender::new(false) }
    }

    /// Whether any socket is catching up.
    pub(super) fn is_empty(&mut self) -> bool {
        while self.tasks.try_join_next().is_some() {}
        self.backlogs.retain(|_, backlog| !lock(backlog).done);
        self.backlogs.is_empty()
    }

    /// The sockets that are catching up: nobody else may post to them.
    pub(super) fn connection_ids(&self) -> Vec<String> {
        self.backlogs.iter().filter(|(_, backlog)| !lock(backlog).done).map(|(id, _)| id.clone()).collect()
    }

    /// Adds events for a socket if it is catching up; `false` if it is not, and can be posted to.
    pub(super) fn append(&self, connection_id: &str, events: &[Event]) -> bool {
        let Some(backlog) = self.backlogs.get(connection_id) else { return false };
        let mut backlog = lock(backlog);
        if !backlog.done {
            backlog.events.extend(events.iter().cloned());
        }
        !backlog.done
    }

    /// Lets a socket catch up.
    pub(super) fn begin(&mut self, broadcast: &Broadcast, session_id: u64, aside: SetAside) {
        let backlog = Arc::new(Mutex::new(Backlog { events: aside.events.into(), done: false }));
        self.backlogs.insert(aside.place.connection_id.clone(), Arc::clone(&backlog));
        let now_ms = broadcast.chat.clock.now().as_millisecond();
        let helper = Helper {
            broadcast: broadcast.clone(),
            session_id,
            complete: aside.complete,
            took_ms: if aside.place.behind.is_some() { aside.place.behind_ms } else { now_ms },
            place: aside.place,
            backlog,
            stop: self.stop.subscribe(),
        };
        self.tasks.spawn(helper.help().in_current_span());
    }

    /// Waits until one of the tasks ends.
    pub(super) async fn wait_for_one(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Stops all tasks between two posts. How far each came is noted in its socket's place.
    pub(super) async fn stop(&mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.backlogs.clear();
    }
}

/// Helps one socket.
struct Helper {
    broadcast: Broadcast,
    session_id: u64,
    place: Place,
    complete: u64,
    took_ms: i64,
    backlog: Arc<Mutex<Backlog>>,
    stop: watch::Receiver<bool>,
}

/// How an attempt to post ended.
enum Attempt {
    Taken,
    Stopped,
    Hopeless,
}

impl Helper {
    async fn help(mut self) {
        loop {
            let events: Vec<Event> = lock(&self.backlog).events.iter().take(EVENTS_AT_ONCE).cloned().collect();
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
                Attempt::Stopped => {
                    // What waits is read from the table again, but nothing there says which earlier messages it was about.
                    let changed = lock(&self.backlog).events.iter().filter_map(|event| event.about).collect();
                    self.note_behind(&changed).await;
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
        if let Err(error) =
            self.broadcast.chat.store.mark_as_caught_up(self.session_id, &self.place.connection_id).await
        {
            tracing::warn!(connection.id = self.place.connection_id, error = %error, "a socket will get some messages twice");
        }
        {
            let mut backlog = lock(&self.backlog);
            backlog.done = backlog.events.is_empty();
            if backlog.done {
                return true;
            }
        }
        self.note_behind(&BTreeSet::new()).await;
        false
    }

    async fn note_behind(&self, changed: &BTreeSet<MessageId>) {
        note_behind(&self.broadcast, self.session_id, &self.place, self.complete, self.took_ms, changed).await;
    }

    /// Posts events one frame after the other. What was taken leaves the backlog at once.
    async fn post(&mut self, events: &[Event]) -> Attempt {
        let frames = Frames::of(events);
        let mut taken = 0;
        for frame in frames.for_place(&self.place) {
            match self.post_patiently(&frame.payload).await {
                Attempt::Taken => {}
                other => return other,
            }
            let told = &events[taken..taken + frame.events];
            taken += frame.events;
            self.complete = told.iter().rev().find_map(|event| event.seq).unwrap_or(self.complete);
            self.took_ms = self.broadcast.chat.clock.now().as_millisecond();
            lock(&self.backlog).events.drain(..frame.events);
        }
        Attempt::Taken
    }

    /// Tries until the socket takes a frame, is dead, took nothing for too long, or nobody has time for it any more.
    async fn post_patiently(&mut self, frame: &Payload) -> Attempt {
        let mut wait = FIRST_WAIT;
        loop {
            if *self.stop.borrow() {
                return Attempt::Stopped;
            }
            let now = self.broadcast.chat.clock.now();
            match self.broadcast.sockets.post(&self.place.connection_id, frame).await {
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
                _stopping = self.stop.changed() => {}
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Whether nobody has closed the socket meanwhile: its handshake may still be under way.
    async fn is_still_known(&self) -> bool {
        !matches!(self.broadcast.chat.store.socket(&self.place.connection_id).await, Ok(None))
    }

    /// The socket is dead or hopelessly slow. Closing a dead one does no harm.
    async fn give_up(&self) {
        let id = &self.place.connection_id;
        if let Err(failure) = self.broadcast.sockets.close(id).await {
            tracing::warn!(connection.id = id, ?failure, "a stuck socket could not be closed");
        }
        self.broadcast.prune(self.session_id, id).await;
        lock(&self.backlog).done = true;
    }
}

/// Notes that a socket has every message up to a number, and which earlier ones it must hear of. Should that fail, only a crash
/// right now would lose something.
pub(super) async fn note_behind(
    broadcast: &Broadcast,
    session_id: u64,
    place: &Place,
    complete: u64,
    took_ms: i64,
    changed: &BTreeSet<MessageId>,
) {
    let id = &place.connection_id;
    if let Err(error) = broadcast.chat.store.mark_as_behind(session_id, id, complete, took_ms, changed).await {
        tracing::warn!(connection.id = id, error = %error, "a socket that is behind is not noted");
    }
}

fn lock(backlog: &Mutex<Backlog>) -> std::sync::MutexGuard<'_, Backlog> {
    backlog.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
