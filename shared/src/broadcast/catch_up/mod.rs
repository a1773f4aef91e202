//! Sockets that lag: they could not take an event when it was its turn, for their handshake was under way, or they are slow. Each gets
//! what it misses, in order, by a task of its own, off the others' path. How far it has come is noted in its row, so that neither a
//! crash nor the end of a turn forgets or repeats anything.

mod backfill;
mod backlog;
pub(super) mod lagging;
mod task;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument;

use self::backlog::{Backlog, Phase, State, lock};
use self::lagging::Lagging;
use self::task::CatchUpTask;
use super::event::Event;
use super::room::Room;
use crate::domain::broadcast::turn::Lag;

/// All sockets that are catching up in a turn.
pub(super) struct CatchUp {
    room: Room,
    backlogs: HashMap<String, Arc<Mutex<Backlog>>>,
    tasks: JoinSet<()>,
    phase: watch::Sender<Phase>,
    /// Sockets that this turn has helped at some time: the notes in their rows are its own.
    helped: HashSet<String>,
}

impl CatchUp {
    /// No socket lags yet.
    pub(super) fn new(room: Room) -> CatchUp {
        let phase = watch::Sender::new(Phase::Run);
        CatchUp { room, backlogs: HashMap::new(), tasks: JoinSet::new(), phase, helped: HashSet::new() }
    }

    /// Whether any socket is catching up, and whether one is being posted to.
    pub(super) fn lag(&mut self) -> Lag {
        while self.tasks.try_join_next().is_some() {}
        self.backlogs.retain(|_, backlog| lock(backlog).state != State::Done);
        let mut lag = Lag::None;
        for backlog in
            self.backlogs.values().map(|backlog| lock(backlog)).filter(|backlog| backlog.state == State::Busy)
        {
            if backlog.is_posting {
                return Lag::Posting;
            }
            lag = Lag::Idle;
        }
        lag
    }

    /// The sockets that have not caught up: nothing but their tasks may post to them.
    pub(super) fn connection_ids(&self) -> Vec<String> {
        let lagging = self.backlogs.iter().filter(|(_, backlog)| lock(backlog).state != State::Done);
        lagging.map(|(id, _)| id.clone()).collect()
    }

    /// Whether a socket was among those that this turn has helped.
    pub(super) fn has_helped(&self, connection_id: &str) -> bool {
        self.helped.contains(connection_id)
    }

    /// Adds events for a socket if it has not caught up; `false` if it has, and can be posted to.
    pub(super) fn append(&self, connection_id: &str, events: &[Event]) -> bool {
        let Some(backlog) = self.backlogs.get(connection_id) else { return false };
        let mut backlog = lock(backlog);
        if backlog.state != State::Done {
            backlog.events.extend(events.iter().cloned());
        }
        backlog.state != State::Done
    }

    /// Lets a socket catch up by itself.
    pub(super) fn begin(&mut self, lagging: Lagging) {
        let connection_id = lagging.subscriber.connection_id.clone();
        let (task, in_flight) = CatchUpTask::new(self.room.clone(), lagging, self.phase.subscribe());
        self.backlogs.insert(connection_id.clone(), task.backlog());
        self.helped.insert(connection_id);
        self.tasks.spawn(task.run(in_flight).in_current_span());
    }

    /// Waits until one of the tasks ends.
    pub(super) async fn wait_for_one(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Lets no task begin another post after its first.
    pub(super) fn pause(&self) {
        self.phase.send_replace(Phase::Pause);
    }

    /// Stops all tasks between two posts. How far each came is noted in its socket's row.
    pub(super) async fn stop(&mut self) {
        self.phase.send_replace(Phase::Stop);
        while self.tasks.join_next().await.is_some() {}
        self.backlogs.clear();
    }
}
