//! Lagging sockets: they did not accept an event at its time, because their handshake was under way or because they are slow. Each is
//! served by a task of its own, in order, and no other socket waits for it. Its progress is noted in its row, so that neither a crash
//! nor the end of a turn loses or repeats events.

mod backfill;
mod backlog;
pub(super) mod lagging;
mod task;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument;

use self::backlog::{Backlog, Phase, TaskState, lock};
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
    /// Sockets that this turn has helped at some time. It wrote the notes in their rows itself.
    helped: HashSet<String>,
}

impl CatchUp {
    /// Begins without a lagging socket.
    pub(super) fn new(room: Room) -> CatchUp {
        let phase = watch::Sender::new(Phase::Run);
        CatchUp { room, backlogs: HashMap::new(), tasks: JoinSet::new(), phase, helped: HashSet::new() }
    }

    /// The state of the lagging sockets.
    pub(super) fn lag(&mut self) -> Lag {
        while self.tasks.try_join_next().is_some() {}
        self.backlogs.retain(|_, backlog| lock(backlog).state != TaskState::Done);
        let mut lag = Lag::None;
        for backlog in
            self.backlogs.values().map(|backlog| lock(backlog)).filter(|backlog| backlog.state == TaskState::Busy)
        {
            if backlog.is_posting {
                return Lag::Posting;
            }
            lag = Lag::Idle;
        }
        lag
    }

    /// The sockets that have not caught up. Only their tasks may post to them.
    pub(super) fn connection_ids(&self) -> Vec<String> {
        let lagging = self.backlogs.iter().filter(|(_, backlog)| lock(backlog).state != TaskState::Done);
        lagging.map(|(id, _)| id.clone()).collect()
    }

    /// Whether this turn has helped a socket at some time.
    pub(super) fn has_helped(&self, connection_id: &str) -> bool {
        self.helped.contains(connection_id)
    }

    /// Adds events for a socket that has not caught up; `false` if it has, so that the turn itself posts to it.
    pub(super) fn append(&self, connection_id: &str, events: &[Event]) -> bool {
        let Some(backlog) = self.backlogs.get(connection_id) else { return false };
        let mut backlog = lock(backlog);
        if backlog.state != TaskState::Done {
            backlog.events.extend(events.iter().cloned());
        }
        backlog.state != TaskState::Done
    }

    /// Starts the task of a socket.
    pub(super) fn begin(&mut self, lagging: Lagging) {
        let connection_id = lagging.subscriber.connection_id.clone();
        let (task, in_flight) = CatchUpTask::new(self.room.clone(), lagging, self.phase.subscribe());
        self.backlogs.insert(connection_id.clone(), task.backlog());
        self.helped.insert(connection_id);
        self.tasks.spawn(task.run(in_flight).in_current_span());
    }

    /// Waits until a task ends. Without tasks, it waits for ever.
    pub(super) async fn wait_for_one(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Lets no task begin another post after its first.
    pub(super) fn pause(&self) {
        self.phase.send_replace(Phase::Pause);
    }

    /// Whether every socket has everything.
    pub(super) fn is_complete(&self) -> bool {
        self.backlogs.values().all(|backlog| lock(backlog).state == TaskState::Done)
    }

    /// Stops all tasks between two posts. Each notes its progress in its socket's row; `false` if one of them could not.
    pub(super) async fn stop(&mut self) -> bool {
        self.phase.send_replace(Phase::Stop);
        let mut is_noted = true;
        while let Some(ended) = self.tasks.join_next().await {
            is_noted &= ended.is_ok();
        }
        is_noted &= self.backlogs.drain().all(|(_, backlog)| !lock(&backlog).is_unnoted);
        is_noted
    }
}
