//! Sockets that could not take an event when it was its turn: still in their handshake, or slow. Each gets what it misses, in
//! order, by a task of its own, off the others' path. Where it stopped is noted in its place, so that a crash forgets nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Broadcast;
use super::delivery::{Frames, is_fresh};
use crate::adapters::fan_out::Event;
use crate::adapters::sockets::PostFailure;
use crate::adapters::store::room::Place;

/// A socket that takes nothing for this long is closed: its client connects again and resumes.
const LONGEST_STUCK: Duration = Duration::from_secs(10);
/// How long to wait before the first further try, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// So many waiting events are more than a socket will ever take: it is closed.
const LONGEST_BACKLOG: usize = 10_000;

/// All sockets that are catching up.
#[derive(Default)]
pub(super) struct CatchUp {
    backlogs: HashMap<String, Arc<Mutex<Backlog>>>,
    tasks: JoinSet<()>,
}

/// What a socket still has to get.
#[derive(Default)]
struct Backlog {
    events: VecDeque<Event>,
    done: bool,
}

impl CatchUp {
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

    /// Sets a socket aside with what it has to get.
    pub(super) fn begin(&mut self, broadcast: &Broadcast, session_id: u64, place: Place, events: Vec<Event>) {
        let backlog = Arc::new(Mutex::new(Backlog { events: events.into(), done: false }));
        self.backlogs.insert(place.connection_id.clone(), Arc::clone(&backlog));
        self.tasks.spawn(catch_up(broadcast.clone(), session_id, place, backlog));
    }

    /// Waits until one of the tasks ends.
    pub(super) async fn wait_for_one(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Stops all tasks. What they leave is noted in the sockets' places.
    pub(super) async fn stop(&mut self) {
        self.tasks.shutdown().await;
        self.backlogs.clear();
    }
}

async fn catch_up(broadcast: Broadcast, session_id: u64, place: Place, backlog: Arc<Mutex<Backlog>>) {
    let id = place.connection_id.clone();
    loop {
        let events: Vec<Event> = lock(&backlog).events.iter().take(200).cloned().collect();
        if events.is_empty() {
            // The note goes first: should more have come meanwhile, it is written again.
            note_caught_up(&broadcast, session_id, &id).await;
            let next = {
                let mut backlog = lock(&backlog);
                backlog.done = backlog.events.is_empty();
                if backlog.done {
                    return;
                }
                backlog.events.iter().find_map(|event| event.seq)
            };
            if let Some(seq) = next {
                note_behind(&broadcast, session_id, &id, seq - 1).await;
            }
            continue;
        }
        let waiting = lock(&backlog).events.len();
        let taken = if waiting > LONGEST_BACKLOG { None } else { take_all(&broadcast, &place, &events).await };
        match taken {
            Some(taken) => drop(lock(&backlog).events.drain(..taken)),
            None => {
                // Dead or hopelessly slow. Closing a dead one does no harm.
                if let Err(failure) = broadcast.sockets.close(&id).await {
                    tracing::warn!(connection.id = id, ?failure, "a stuck socket could not be closed");
                }
                broadcast.prune(session_id, &id).await;
                lock(&backlog).done = true;
                return;
            }
        }
    }
}

/// Posts events until the socket has them all; `None` if it is dead or took nothing for too long.
async fn take_all(broadcast: &Broadcast, place: &Place, events: &[Event]) -> Option<usize> {
    let frames = Frames::of(events);
    let mut taken = 0;
    for frame in frames.for_place(place) {
        let (since, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            match broadcast.sockets.post(&place.connection_id, &frame.text).await {
                Ok(()) | Err(PostFailure::Refused) => break,
                Err(PostFailure::Gone) if is_fresh(place, broadcast.chat.clock.now()) => {}
                Err(PostFailure::Gone) => return None,
                Err(PostFailure::Busy) if since.elapsed() > LONGEST_STUCK => return None,
                Err(PostFailure::Busy) => {}
            }
            tokio::time::sleep(wait.mul_f64(0.5 + rand::random::<f64>())).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        taken += frame.events;
    }
    Some(taken)
}

async fn note_caught_up(broadcast: &Broadcast, session_id: u64, connection_id: &str) {
    if let Err(error) = broadcast.chat.store.mark_as_caught_up(session_id, connection_id).await {
        tracing::warn!(connection.id = connection_id, error = %error, "a socket will get some messages twice");
    }
}

/// Notes that a socket has every message up to a number. Should that fail, only a crash right now would lose something.
pub(super) async fn note_behind(broadcast: &Broadcast, session_id: u64, connection_id: &str, complete_up_to: u64) {
    if let Err(error) = broadcast.chat.store.mark_as_behind(session_id, connection_id, complete_up_to).await {
        tracing::warn!(connection.id = connection_id, error = %error, "a socket that is behind is not noted");
    }
}

fn lock(backlog: &Mutex<Backlog>) -> std::sync::MutexGuard<'_, Backlog> {
    backlog.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
