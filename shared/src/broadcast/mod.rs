//! Sends rooms what changed. Handlers only change rows. A changed row wakes the broadcast, and the broadcast alone talks to sockets.
//!
//! The stream is a wake-up and the table is the truth: a record names the session that changed, and the frames are read from the
//! table. The path of a message through this folder: [`pending`] (the content of the records), `lease` (one invocation at a time
//! serves a session), `turn` (reads new entries in order and posts them), [`delivery`] (posts to many sockets at once), `catch_up`
//! (serves lagging sockets apart from the others). A [`topic`] is any other state that a room is kept up to date with.

pub mod audience;
mod catch_up;
pub mod context;
pub mod cursor;
pub mod deferral;
pub mod delivery;
pub mod event;
pub mod fan_out;
pub mod housekeeping;
mod known_rooms;
mod lease;
pub mod pending;
mod room;
pub mod topic;
mod turn;
pub mod wake_up;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument;

pub use self::context::Broadcast;
use self::deferral::{Deferral, LaterJob};
use self::lease::{Interrupted, Lease};
use self::pending::Pending;
use self::room::Room;
use self::turn::{Rest, SessionTurn};
use self::wake_up::WakeUp;
use crate::domain::error::ChatError;

/// An invocation stops this long before Lambda's timeout.
const MARGIN: Duration = Duration::from_secs(5);
/// A wait for a topic looks at the clock this often, because a clock may jump.
const MAX_NAP: Duration = Duration::from_millis(100);

impl Broadcast {
    /// Flushes what is new in each session of a batch to its room, all of them at once. The next wake-ups wait until the last of them
    /// has nothing left, or gives way.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the table fails for a session, after the others were served. Then the stream should deliver the
    /// batch again. Entries that a cursor has passed are not repeated.
    pub async fn serve(&self, sessions: BTreeMap<u64, Pending>, deadline: Instant) -> Result<(), ChatError> {
        for session_id in sessions.keys() {
            self.rooms.note(*session_id, Instant::now());
        }
        let mut turns = JoinSet::new();
        for (session_id, pending) in sessions {
            if self.rooms.is_deferred(session_id, &pending, self.now_ms()) {
                continue;
            }
            let others_wait = self.flush_later.is_some() && self.rooms.others_wait(session_id);
            let broadcast = self.clone();
            let flush = async move { broadcast.flush(session_id, pending, deadline, others_wait).await };
            turns.spawn(flush.in_current_span());
        }
        let (mut deferrals, mut outcome) = (Vec::new(), Ok(()));
        while let Some(flushed) = turns.join_next().await {
            match flushed.map_err(ChatError::unavailable)? {
                Ok(deferral) => deferrals.extend(deferral),
                Err(error) => outcome = Err(error),
            }
        }
        self.defer(deferrals).await?;
        outcome
    }

    /// Flushes what a turn deferred once it is due. The lease is free until then.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the table fails. The topics stay in the cursor, where the next turn finds them.
    pub async fn flush_when_due(&self, mut deferral: Deferral, deadline: Instant) -> Result<(), ChatError> {
        loop {
            while deferral.due_ms > self.now_ms() {
                if Instant::now() >= deadline - MARGIN {
                    return self.wake(deferral).await;
                }
                let wait = Duration::from_millis((deferral.due_ms - self.now_ms()).max(0) as u64);
                tokio::time::sleep(wait.min(MAX_NAP)).await;
            }
            let wake_up = WakeUp { topics: deferral.topics, ..WakeUp::default() };
            let pending = Pending { wake_up, due_ms: Some(deferral.due_ms), ..Pending::default() };
            match self.flush(deferral.session_id, pending, deadline, true).await? {
                Some(next) => deferral = next,
                None => return Ok(()),
            }
        }
    }

    /// Flushes what is new in a session to its room, until nothing is left or the turn is over. Returns what it deferred, which it only
    /// does if others wait. If another invocation has the lease, this one waits. So a holder that dies costs seconds, but no wake-up.
    async fn flush(
        &self,
        session_id: u64,
        mut pending: Pending,
        deadline: Instant,
        others_wait: bool,
    ) -> Result<Option<Deferral>, ChatError> {
        let deadline = deadline - MARGIN;
        loop {
            let (lease, cursor) = Lease::acquire(&self.chat, session_id, deadline).await?;
            let room = Room::new(self.clone(), session_id);
            let mut turn = SessionTurn::begin(room, lease, cursor, pending, deadline, others_wait);
            let outcome = turn.run().await;
            let Rest { pending: rest, settled, deferral } = turn.end(&outcome).await;
            match outcome {
                // The lease is released. A wake-up leads to the next turn, because no record of the stream would.
                Ok(()) => {
                    if let Some(wake_up) = rest.wake_up.after(settled) {
                        self.chat.store.wake(session_id, wake_up, self.chat.clock.now()).await?;
                    }
                    return Ok(deferral);
                }
                Err(Interrupted::LeaseLost) => {
                    tracing::warn!(session.id = session_id, "the broadcast's lease was lost");
                    pending = rest;
                }
                Err(Interrupted::Failed(error)) => return Err(error),
            }
        }
    }

    /// Has deferred topics flushed once they are due.
    async fn defer(&self, deferrals: Vec<Deferral>) -> Result<(), ChatError> {
        let now_ms = self.now_ms();
        let mut deferrals = deferrals;
        deferrals.retain(|deferral| self.rooms.must_invoke(deferral, now_ms));
        let Some(flush_later) = self.flush_later.as_ref().filter(|_| !deferrals.is_empty()) else { return Ok(()) };
        let job = LaterJob { deferrals };
        match flush_later.invoke(&job).await {
            Ok(()) => job.deferrals.into_iter().for_each(|deferral| self.rooms.note_invocation(deferral)),
            Err(error) => {
                tracing::warn!(error = %error, cause = error.source().map(ToString::to_string), "what was deferred is tried again at once");
                for deferral in job.deferrals {
                    self.wake(deferral).await?;
                }
            }
        }
        Ok(())
    }

    /// Asks for a turn that flushes these topics.
    async fn wake(&self, Deferral { session_id, topics, .. }: Deferral) -> Result<(), ChatError> {
        let wake_up = WakeUp { topics, ..WakeUp::default() };
        Ok(self.chat.store.wake(session_id, wake_up, self.chat.clock.now()).await?)
    }

    fn now_ms(&self) -> i64 {
        self.chat.clock.now().as_millisecond()
    }
}
