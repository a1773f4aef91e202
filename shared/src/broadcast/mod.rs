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
mod serve;
pub mod topic;
mod turn;
pub mod wake_up;

use std::time::Duration;

use tokio::time::Instant;

pub use self::context::Broadcast;
use self::deferral::Deferral;
use self::lease::{Interrupted, Lease};
use self::pending::Pending;
use self::room::Room;
use self::turn::{Rest, SessionTurn};
use crate::domain::error::ChatError;

/// An invocation stops this long before Lambda's timeout.
const MARGIN: Duration = Duration::from_secs(5);

impl Broadcast {
    /// Flushes what is new in a session to its room, until nothing is left or the turn is over. Returns what it deferred, which it only
    /// does if others wait, and whether topics that were due had been flushed before. If another invocation has the lease, this one waits. So a holder that dies costs seconds, but no wake-up.
    async fn flush(
        &self,
        session_id: u64,
        mut pending: Pending,
        deadline: Instant,
        others_wait: bool,
    ) -> Result<(Vec<Deferral>, bool), ChatError> {
        let deadline = deadline - MARGIN;
        loop {
            let (lease, cursor) = Lease::acquire(&self.chat, session_id, deadline).await?;
            let room = Room::new(self.clone(), session_id);
            let mut turn = SessionTurn::begin(room, lease, cursor, pending, deadline, others_wait);
            let outcome = turn.run().await;
            let Rest { pending: rest, settled, deferrals, was_done } = turn.end(&outcome).await;
            match outcome {
                // The lease is released. A wake-up leads to the next turn, because no record of the stream would.
                Ok(()) => {
                    if let Some(wake_up) = rest.wake_up.after(settled) {
                        self.chat.store.wake(session_id, wake_up, self.chat.clock.now()).await?;
                    }
                    return Ok((deferrals, was_done));
                }
                Err(Interrupted::LeaseLost) => {
                    tracing::warn!(session.id = session_id, "the broadcast's lease was lost");
                    pending = rest;
                }
                Err(Interrupted::Failed(error)) => return Err(error),
            }
        }
    }
}
