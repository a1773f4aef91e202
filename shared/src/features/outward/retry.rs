//! The run of each minute: events that are due are sent again. A receiver that fails several times in a row is left alone until the next
//! run, so one that is down costs some tries a minute, however many events wait.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::Instant;

use super::store::WaitingEvent;
use super::tell::{CONCURRENT_SENDS, Known, Outward, Sent};
use crate::domain::error::ChatError;
use crate::domain::outward::retry::{Next, after};
use crate::platform::metrics::emf::Metric;

/// Rows of one query.
const PAGE: i32 = 50;
/// So many failures in a row end a receiver's run.
const FAILURES: u32 = 5;

/// What became of an event.
enum Outcome {
    /// Its row is gone, or is due later.
    Moved,
    /// It is still due: the run is over.
    Left,
}

/// A receiver's run.
struct Run<'a> {
    known: &'a Known,
    until: Instant,
    /// Failures in a row.
    failures: AtomicU32,
}

impl Run<'_> {
    fn is_over(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= FAILURES || Instant::now() >= self.until
    }
}

impl Outward {
    /// Sends the events again that are due. After `until`, none is begun.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if a table fails; the next run goes on.
    pub async fn retry(&self, until: Instant) -> Result<(), ChatError> {
        let runs = self.receivers.iter().map(|known| self.run(Run { known, until, failures: AtomicU32::new(0) }));
        let outcomes = futures_util::future::join_all(runs).await;
        outcomes.into_iter().collect()
    }

    async fn run(&self, run: Run<'_>) -> Result<(), ChatError> {
        loop {
            let now = self.chat.clock.now();
            let due = self.chat.store.due_events(run.known.receiver.name(), now, PAGE).await?;
            if due.is_empty() {
                return Ok(());
            }
            let moving = futures_util::stream::iter(due).map(|waiting| self.retry_one(&run, waiting));
            let outcomes: Vec<Outcome> = moving.buffer_unordered(CONCURRENT_SENDS).try_collect().await?;
            if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Left)) {
                return Ok(());
            }
        }
    }

    async fn retry_one(&self, run: &Run<'_>, waiting: WaitingEvent) -> Result<Outcome, ChatError> {
        if run.is_over() {
            // A receiver that is down for a day must not keep it from those that are given up.
            return match after(waiting.failures, waiting.due_first, self.chat.clock.now()) {
                Next::Dead if Instant::now() < run.until => self.bury(&waiting, None).await,
                _ => Ok(Outcome::Left),
            };
        }
        let error = match self.send(run.known, &waiting).await? {
            Sent::Done => {
                run.failures.store(0, Ordering::Relaxed);
                self.chat.store.forget_event(&waiting).await?;
                return Ok(Outcome::Moved);
            }
            Sent::Early(later) => {
                self.chat.store.move_event(&waiting, &later, None).await?;
                return Ok(Outcome::Moved);
            }
            Sent::Refused(error) => error,
            Sent::Failed(error) => {
                run.failures.fetch_add(1, Ordering::Relaxed);
                error
            }
        };
        let failures = waiting.failures + 1;
        match after(failures, waiting.due_first, self.chat.clock.now()) {
            Next::Dead => self.bury(&WaitingEvent { failures, ..waiting.clone() }, Some(error)).await,
            Next::Again(due) => {
                let later = WaitingEvent { due, failures, ..waiting.clone() };
                self.chat.store.move_event(&waiting, &later, Some(error)).await?;
                Ok(Outcome::Moved)
            }
        }
    }

    async fn bury(&self, waiting: &WaitingEvent, error: Option<String>) -> Result<Outcome, ChatError> {
        self.chat.store.bury_event(waiting, error, self.chat.clock.now()).await?;
        self.chat.meter.add(Metric::EventsDead, 1);
        let (id, receiver) = (waiting.event.id(), waiting.receiver);
        tracing::error!(
            event.id = id,
            receiver,
            failures = waiting.failures,
            "an event is given up: it was not taken for a day"
        );
        Ok(Outcome::Moved)
    }
}
