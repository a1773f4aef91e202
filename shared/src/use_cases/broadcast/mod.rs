//! Tells a room what changed. Handlers only change rows; a changed row rings this, and this alone talks to sockets.
//!
//! The stream is a doorbell and the table is the truth: a bell says which session changed, and what is told is read from the
//! table. One message's way through this folder: [`news`] (what a bell says), here (the lease: one invocation tells a session's
//! news at a time, the others wait), `shift` (reads what is new, in order), [`delivery`] (posts it to every socket),
//! `catch_up` (sockets that cannot take it now, off the others' path).

mod catch_up;
pub mod delivery;
pub mod news;
mod pace;
mod shift;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::news::News;
use self::shift::Shift;
use super::Chat;
use crate::adapters::fan_out::FanOut;
use crate::adapters::sockets::Sockets;
use crate::rules::error::ChatError;

/// How often a bell that waits for the lease looks at it.
const LOOK_AT_LEASE: Duration = Duration::from_millis(50);
/// An invocation stops this long before Lambda would end it.
const MARGIN: Duration = Duration::from_secs(5);

/// The broadcast of all sessions.
#[derive(Clone)]
pub struct Broadcast {
    chat: Arc<Chat>,
    sockets: Sockets,
    fan_out: Option<FanOut>,
}

impl Broadcast {
    /// A broadcast over these doors. Without `fan_out` it serves rooms of any size itself.
    pub fn new(chat: Arc<Chat>, sockets: Sockets, fan_out: Option<FanOut>) -> Broadcast {
        Broadcast { chat, sockets, fan_out }
    }

    /// Tells a session's room what is new, until nothing is. Whoever finds the lease taken waits, so that a dead holder costs
    /// seconds and no bell is lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if nothing was posted and the bell should ring again.
    pub async fn tell(&self, session_id: u64, news: News, deadline: Instant) -> Result<(), ChatError> {
        let owner = format!("{:016x}", rand::random::<u64>());
        let deadline = deadline - MARGIN;
        let cursor = loop {
            let taken = self.chat.store.take_lease(session_id, &owner, self.chat.clock.now()).await?;
            if let Some(cursor) = taken {
                break cursor;
            }
            if Instant::now() >= deadline {
                return Err(ChatError::unavailable("the broadcast's lease was taken all the time"));
            }
            tokio::time::sleep(LOOK_AT_LEASE.mul_f64(0.5 + rand::random::<f64>())).await;
        };
        let mut shift = Shift::begin(self.clone(), session_id, owner, cursor, news, deadline);
        let outcome = shift.work().await;
        shift.end().await;
        match outcome {
            // What was posted must not be posted again by ringing again: `housekeep` rings if something is left.
            Err(error) if shift.has_posted() => {
                tracing::error!(session.id = session_id, error = %error, "the broadcast stopped half-way");
                Ok(())
            }
            outcome => outcome,
        }
    }
}
