//! Sends a room what changed. Handlers only change rows; a changed row wakes the broadcast, and the broadcast alone talks to sockets.
//!
//! The stream is a wake-up and the table is the truth: a record says which session changed, and what is sent is read from the table.
//! One message's way through this folder: [`pending`] (what the records say), [`lease`] (one invocation at a time serves a session,
//! the others wait), [`turn`] (reads what is new, in order, and posts it), [`delivery`] (many sockets at once), [`catch_up`] (sockets
//! that cannot take it now, off the others' path). [`topic`] is everything else that rooms hear of.

pub mod audience;
mod catch_up;
pub mod context;
pub mod cursor;
pub mod delivery;
pub mod event;
pub mod fan_out;
pub mod housekeeping;
mod lease;
pub mod pending;
mod room;
pub mod topic;
mod turn;
pub mod wake_up;

use std::time::Duration;

use tokio::time::Instant;

pub use self::context::Broadcast;
use self::lease::{Interrupted, Lease};
use self::pending::Pending;
use self::room::Room;
use self::turn::SessionTurn;
use crate::domain::error::ChatError;

/// An invocation stops this long before Lambda would end it.
const MARGIN: Duration = Duration::from_secs(5);

impl Broadcast {
    /// Flushes what is new in a session to its room, until nothing is or the turn is over: the stream's next wake-ups wait for its end.
    /// An invocation that finds the lease taken waits, so that a dead holder costs seconds and no wake-up is lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the table fails: then the stream should deliver the batch again. What the cursor has passed is
    /// not repeated by that.
    pub async fn flush(&self, session_id: u64, mut pending: Pending, deadline: Instant) -> Result<(), ChatError> {
        let deadline = deadline - MARGIN;
        loop {
            let (lease, cursor) = Lease::acquire(&self.chat, session_id, deadline).await?;
            let room = Room::new(self.clone(), session_id);
            let mut turn = SessionTurn::begin(room, lease, cursor, pending, deadline);
            let outcome = turn.run().await;
            let (rest, settled) = turn.end(&outcome).await;
            match outcome {
                // The lease goes to others; a wake-up brings the next turn for what no record of its own will bring up.
                Ok(()) => {
                    return match rest.wake_up.after(settled) {
                        Some(wake_up) => Ok(self.chat.store.wake(session_id, wake_up, self.chat.clock.now()).await?),
                        None => Ok(()),
                    };
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
