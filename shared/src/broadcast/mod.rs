//! Tells a room what changed. Handlers only change rows; a changed row rings this, and this alone talks to sockets.
//!
//! The stream is a doorbell and the table is the truth: a bell says which session changed, and what is told is read from the
//! table. One message's way through this folder: [`news`] (what a bell says), here (the lease: one invocation tells a session's
//! news at a time, the others wait), `shift` (reads what is new, in order), [`delivery`] (posts it to every socket),
//! `catch_up` (sockets that cannot take it now, off the others' path).

mod catch_up;
pub mod cursor;
pub mod delivery;
pub mod fan_out;
pub mod housekeep;
pub mod news;
mod shift;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use self::news::News;
use self::shift::{End, Shift};
use crate::broadcast::cursor::Cursor;
use crate::broadcast::fan_out::FanOut;
use crate::domain::error::ChatError;
use crate::features::chat::Chat;
use crate::platform::posting::Sockets;

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

    /// Tells a session's room what is new, until nothing is or its turn is over: the stream's next bells wait for its end. Whoever
    /// finds the lease taken waits, so that a dead holder costs seconds and no bell is lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the table fails: then the bell should ring again. It rings for what the cursor has not
    /// passed, so nothing is repeated by that.
    pub async fn tell(&self, session_id: u64, mut news: News, deadline: Instant) -> Result<(), ChatError> {
        let owner = format!("{:016x}", rand::random::<u64>());
        let deadline = deadline - MARGIN;
        loop {
            let cursor = self.wait_for_lease(session_id, &owner, deadline).await?;
            let mut shift = Shift::begin(self.clone(), session_id, owner.clone(), cursor, news, deadline);
            let outcome = shift.work().await;
            let (rest, told) = shift.end().await;
            news = rest;
            match outcome? {
                // Whoever's turn is over leaves the lease to others; a ring brings the next turn for what has no bell of its own.
                End::Done => {
                    return match news.ring_for_the_rest(told) {
                        Some(ring) => Ok(self.chat.store.wake(session_id, ring, self.chat.clock.now()).await?),
                        None => Ok(()),
                    };
                }
                End::LeaseLost => tracing::warn!(session.id = session_id, "the broadcast's lease was lost"),
            }
        }
    }

    async fn wait_for_lease(&self, session_id: u64, owner: &str, deadline: Instant) -> Result<Cursor, ChatError> {
        loop {
            if let Some(cursor) = self.chat.store.take_lease(session_id, owner, self.chat.clock.now()).await? {
                return Ok(cursor);
            }
            if Instant::now() >= deadline {
                return Err(ChatError::unavailable("the broadcast's lease was taken all the time"));
            }
            tokio::time::sleep(LOOK_AT_LEASE.mul_f64(0.5 + rand::random::<f64>())).await;
        }
    }
}
