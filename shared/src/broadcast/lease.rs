//! The lease of a session: one invocation at a time moves its cursor and posts to its room; the others wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::broadcast::cursor::{Cursor, LEASE};
use crate::domain::error::ChatError;
use crate::features::chat::Chat;
use crate::platform::dynamo::StoreError;

/// A holder renews the lease after this long, a third of what it lasts.
const RENEW_AFTER: Duration = LEASE.unsigned_abs().checked_div(3).expect("three is not zero");
/// An invocation that waits for the lease looks at it this often.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Why a turn stopped in the middle.
#[derive(Debug, thiserror::Error)]
pub(super) enum Interrupted {
    /// Another invocation has the lease, for this one was slower than it lasts.
    #[error("the broadcast's lease was lost")]
    LeaseLost,
    /// Something failed past its retries.
    #[error(transparent)]
    Failed(#[from] ChatError),
}

impl From<StoreError> for Interrupted {
    fn from(error: StoreError) -> Interrupted {
        Interrupted::Failed(error.into())
    }
}

/// A lease that this invocation holds.
pub(super) struct Lease {
    chat: Arc<Chat>,
    session_id: u64,
    owner: String,
    renewed: Instant,
}

impl Lease {
    /// Waits for the lease. A dead holder costs [`LEASE`], and no wake-up is lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the table fails, or the lease is taken until the deadline.
    pub(super) async fn acquire(
        chat: &Arc<Chat>,
        session_id: u64,
        deadline: Instant,
    ) -> Result<(Lease, Cursor), ChatError> {
        let owner = format!("{:016x}", rand::random::<u64>());
        loop {
            if let Some(cursor) = chat.store.take_lease(session_id, &owner, chat.clock.now()).await? {
                let lease = Lease { chat: Arc::clone(chat), session_id, owner, renewed: Instant::now() };
                return Ok((lease, cursor));
            }
            if Instant::now() >= deadline {
                return Err(ChatError::unavailable("the broadcast's lease was taken all the time"));
            }
            tokio::time::sleep(POLL_INTERVAL.mul_f64(0.5 + rand::random::<f64>())).await;
        }
    }

    /// Renews the lease once a third of it has passed.
    pub(super) async fn renew_if_due(&mut self) -> Result<(), Interrupted> {
        if self.renewed.elapsed() < RENEW_AFTER { Ok(()) } else { self.renew().await }
    }

    /// Does work that may take longer than the lease lasts, and renews it meanwhile. Stops the work if the lease is lost.
    pub(super) async fn hold<T, E>(&mut self, work: impl Future<Output = Result<T, E>>) -> Result<T, Interrupted>
    where
        Interrupted: From<E>,
    {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                outcome = &mut work => return Ok(outcome?),
                () = tokio::time::sleep(RENEW_AFTER) => {}
            }
            match self.renew().await {
                // A table that fails for a moment takes nothing away from a lease that still lasts.
                Err(Interrupted::Failed(_)) if self.renewed.elapsed() < LEASE.unsigned_abs() => {}
                Err(_) => return Err(Interrupted::LeaseLost),
                Ok(()) => {}
            }
        }
    }

    /// Writes the cursor, which renews the lease.
    pub(super) async fn commit(&mut self, cursor: &Cursor) -> Result<(), Interrupted> {
        let (store, now) = (&self.chat.store, self.chat.clock.now());
        let is_ours = store.commit_cursor(self.session_id, &self.owner, cursor, now).await?;
        self.keep(is_ours)
    }

    /// Gives the lease back, so that the next holder need not wait for its end. `ended_well` is when the turn had begun, in
    /// milliseconds since 1970, if it did what it was to do.
    pub(super) async fn release(self, ended_well: Option<i64>) {
        let store = &self.chat.store;
        let released = match ended_well {
            Some(begun_ms) => store.end_turn(self.session_id, &self.owner, begun_ms).await,
            None => store.release_lease(self.session_id, &self.owner).await,
        };
        if let Err(error) = released {
            tracing::warn!(session.id = self.session_id, error = %error, "the broadcast's lease ends by itself");
        }
    }

    async fn renew(&mut self) -> Result<(), Interrupted> {
        let now = self.chat.clock.now();
        let taken = self.chat.store.take_lease(self.session_id, &self.owner, now).await?;
        self.keep(taken.is_some())
    }

    fn keep(&mut self, is_ours: bool) -> Result<(), Interrupted> {
        self.renewed = Instant::now();
        if is_ours { Ok(()) } else { Err(Interrupted::LeaseLost) }
    }
}
