//! Sockets that could not take an event when it was its turn: still in their handshake, or slow. Each gets what it misses, in
//! order, by a task of its own, off the others' path. How far it has come is noted in its place, so that neither a crash nor the
//! end of a shift forgets or repeats anything.

mod helper;
mod missed;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument;

use self::helper::Helper;
use crate::broadcast::Broadcast;
use crate::broadcast::delivery::UnderWay;
use crate::broadcast::fan_out::Event;
use crate::domain::message::MessageId;
use crate::features::sockets::store::Subscriber;
use crate::platform::posting::rate_limiter::RateLimiter;

/// All sockets that are catching up.
pub(crate) struct CatchUp {
    backlogs: HashMap<String, Arc<Mutex<Backlog>>>,
    tasks: JoinSet<()>,
    phase: watch::Sender<Phase>,
    pace: Arc<RateLimiter>,
}

/// What the tasks may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Post.
    Run,
    /// Wait for the answers of posts that are under way, and begin no other but one's first: however slow all is, each shift brings
    /// every socket that is behind further.
    Pause,
    /// Note how far the socket has come, and end.
    Stop,
}

/// What a socket still has to get.
struct Backlog {
    events: VecDeque<Event>,
    /// Whether a post is under way, or the first one is still to come.
    is_posting: bool,
    state: State,
}

/// How far its task has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Busy,
    Done,
    /// The socket can be neither posted to nor closed: this shift lets it be, another one tries again.
    Left,
}

/// A socket that is set aside.
pub(crate) struct SetAside {
    /// Its place.
    pub(crate) place: Subscriber,
    /// It has every message up to this number.
    pub(crate) complete: u64,
    /// What it has to get before `events`, by an earlier note. Its task reads that from the table.
    pub(crate) missed: Option<Missed>,
    /// What it has to get.
    pub(crate) events: Vec<Event>,
    /// The post of the first of these events, if it is under way.
    pub(crate) under_way: Option<UnderWay>,
}

/// The messages after a number up to another one.
#[derive(Clone, Copy)]
pub(crate) struct Missed {
    pub(crate) after: u64,
    pub(crate) up_to: u64,
}

impl CatchUp {
    /// Nobody is behind yet.
    pub(crate) fn new(pace: Arc<RateLimiter>) -> CatchUp {
        let phase = watch::Sender::new(Phase::Run);
        CatchUp { backlogs: HashMap::new(), tasks: JoinSet::new(), phase, pace }
    }

    /// Whether any socket is catching up.
    pub(crate) fn is_empty(&mut self) -> bool {
        while self.tasks.try_join_next().is_some() {}
        self.backlogs.retain(|_, backlog| lock(backlog).state != State::Done);
        !self.backlogs.values().any(|backlog| lock(backlog).state == State::Busy)
    }

    /// The sockets that have not caught up: nobody else may post to them.
    pub(crate) fn connection_ids(&self) -> Vec<String> {
        self.backlogs
            .iter()
            .filter(|(_, backlog)| lock(backlog).state != State::Done)
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Adds events for a socket if it has not caught up; `false` if it has, and can be posted to.
    pub(crate) fn append(&self, connection_id: &str, events: &[Event]) -> bool {
        let Some(backlog) = self.backlogs.get(connection_id) else { return false };
        let mut backlog = lock(backlog);
        if backlog.state != State::Done {
            backlog.events.extend(events.iter().cloned());
        }
        backlog.state != State::Done
    }

    /// Lets a socket catch up.
    pub(crate) fn begin(&mut self, broadcast: &Broadcast, session_id: u64, aside: SetAside) {
        let backlog =
            Arc::new(Mutex::new(Backlog { events: aside.events.into(), is_posting: true, state: State::Busy }));
        self.backlogs.insert(aside.place.connection_id.clone(), Arc::clone(&backlog));
        let now_ms = broadcast.chat.clock.now().as_millisecond();
        let helper = Helper {
            broadcast: broadcast.clone(),
            session_id,
            complete: aside.complete,
            took_ms: if aside.place.behind.is_some() { aside.place.behind_ms } else { now_ms },
            place: aside.place,
            under_way: aside.under_way,
            has_posted: false,
            missed: aside.missed,
            missed_read: 0,
            backlog,
            phase: self.phase.subscribe(),
            pace: Arc::clone(&self.pace),
        };
        self.tasks.spawn(helper.help().in_current_span());
    }

    /// Waits until one of the tasks ends.
    pub(crate) async fn wait_for_one(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Lets no task begin another post after its first.
    pub(crate) fn pause(&self) {
        self.phase.send_replace(Phase::Pause);
    }

    /// Whether any post is under way, or the first one of a task still to come.
    pub(crate) fn is_posting(&self) -> bool {
        self.backlogs
            .values()
            .map(|backlog| lock(backlog))
            .any(|backlog| backlog.state == State::Busy && backlog.is_posting)
    }

    /// Stops all tasks between two posts. How far each came is noted in its socket's place.
    pub(crate) async fn stop(&mut self) {
        self.phase.send_replace(Phase::Stop);
        while self.tasks.join_next().await.is_some() {}
        self.backlogs.clear();
    }
}

/// Notes that a socket has every message up to a number, and which earlier ones it must hear of. Should that fail, only a crash
/// right now would lose something.
pub(crate) async fn note_behind(
    broadcast: &Broadcast,
    session_id: u64,
    place: &Subscriber,
    complete: u64,
    took_ms: i64,
    changed: &BTreeSet<MessageId>,
) {
    let id = &place.connection_id;
    if let Err(error) = broadcast.chat.store.mark_lagging(session_id, id, complete, took_ms, changed).await {
        tracing::warn!(connection.id = id, error = %error, "a socket that is behind is not noted");
    }
}

fn lock(backlog: &Mutex<Backlog>) -> std::sync::MutexGuard<'_, Backlog> {
    backlog.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
