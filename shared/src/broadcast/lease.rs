//! The lease of a session: one invocation at a time moves the cursor and posts to the room. The others wait.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::broadcast::cursor::{Cursor, LEASE};
use crate::broadcast::topic::Topic;
use crate::domain::error::ChatError;
use crate::features::chat::Chat;
use crate::platform::dynamo::StoreError;

/// A holder renews the lease after this long, a third of its duration.
const RENEW_AFTER: Duration = LEASE.unsigned_abs().checked_div(3).expect("three is not zero");
/// The mean time between two attempts of an invocation that waits for the lease.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The reason why a turn stopped in the middle.
#[derive(Debug, thiserror::Error)]
pub(super) enum Interrupted {
    /// This invocation was too slow, and another one has the lease.
    #[error("the broadcast's lease was lost")]
    LeaseLost,
    /// A dependency failed past its retries.
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
    /// Waits for the lease. After a holder that died this takes up to [`LEASE`], but no wake-up is lost.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the table fails, or if another invocation has the lease until the deadline.
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
                return Err(ChatError::unavailable("the broadcast's lease was not free before the deadline"));
            }
            tokio::time::sleep(POLL_INTERVAL.mul_f64(0.5 + rand::random::<f64>())).await;
        }
    }

    /// Renews the lease once a third of it has passed.
    pub(super) async fn renew_if_due(&mut self) -> Result<(), Interrupted> {
        if self.renewed.elapsed() < RENEW_AFTER { Ok(()) } else { self.renew().await }
    }

    /// Runs work that may take longer than the lease lasts, and renews the lease meanwhile. Stops the work if the lease is lost.
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
                // A short failure of the table does no harm while the lease lasts.
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
        self.note_renewal(is_ours)
    }

    /// Releases the lease after a turn that ended well, so that the next holder need not wait for the lease's end. The oldest record that
    /// the turn served is of `turn_ms`, in milliseconds since 1970; it left the topics of `deferred` to the next one. `false` if that was not
    /// noted.
    pub(super) async fn end_turn(self, turn_ms: i64, deferred: &BTreeSet<Topic>) -> bool {
        let ended = self.chat.store.end_turn(self.session_id, &self.owner, turn_ms, deferred).await;
        let is_noted = matches!(ended, Ok(true));
        self.note_release(ended.map(drop));
        is_noted
    }

    /// Releases the lease after a turn that failed.
    pub(super) async fn release(self) {
        self.note_release(self.chat.store.release_lease(self.session_id, &self.owner).await);
    }

    fn note_release(&self, released: Result<(), StoreError>) {
        if let Err(error) = released {
            tracing::warn!(session.id = self.session_id, error = %error, "the broadcast's lease was not released");
        }
    }

    async fn renew(&mut self) -> Result<(), Interrupted> {
        let now = self.chat.clock.now();
        let renewed = self.chat.store.take_lease(self.session_id, &self.owner, now).await?;
        self.note_renewal(renewed.is_some())
    }

    fn note_renewal(&mut self, is_ours: bool) -> Result<(), Interrupted> {
        self.renewed = Instant::now();
        if is_ours { Ok(()) } else { Err(Interrupted::LeaseLost) }
    }
}
