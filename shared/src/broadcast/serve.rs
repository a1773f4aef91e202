//! The two occasions of turns: a batch of the stream's records, and what earlier turns deferred.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument;

use crate::broadcast::deferral::{Deferral, LaterJob, Now};
use crate::broadcast::pending::Pending;
use crate::broadcast::wake_up::WakeUp;
use crate::broadcast::{Broadcast, MARGIN};
use crate::domain::error::ChatError;

/// A wait for a topic looks at the clock this often, because a clock may jump.
const MAX_NAP: Duration = Duration::from_millis(100);

impl Broadcast {
    /// Flushes what is new in each session of a batch to its room, all of them at once. The next wake-ups wait until the last of them
    /// has nothing left, or makes way.
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
            let now = self.now();
            if self.rooms.is_deferred(session_id, &pending, now) {
                continue;
            }
            let others_wait = self.flush_later.is_some() && self.rooms.others_wait(session_id, now.at);
            let broadcast = self.clone();
            let turn = async move {
                let (deferrals, _) = broadcast.flush(session_id, pending, deadline, others_wait).await?;
                broadcast.defer(session_id, deferrals).await
            };
            turns.spawn(turn.in_current_span());
        }
        all_of(turns).await
    }

    /// Flushes each of what turns deferred once it is due. The lease is free until then.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the table fails for one, after the others were flushed. The topics stay in the cursor, where the next
    /// turn finds them.
    pub async fn flush_later(&self, deferrals: Vec<Deferral>, deadline: Instant) -> Result<(), ChatError> {
        let mut turns = JoinSet::new();
        for deferral in deferrals {
            let broadcast = self.clone();
            turns.spawn(async move { broadcast.flush_when_due(deferral, deadline).await }.in_current_span());
        }
        all_of(turns).await
    }

    async fn flush_when_due(&self, mut deferral: Deferral, deadline: Instant) -> Result<(), ChatError> {
        let name = deferral.name();
        loop {
            let until = Instant::now() + deferral.wait(self.now().ms);
            loop {
                let now = self.now();
                let wait = deferral.wait(now.ms).min(until.saturating_duration_since(now.at));
                if wait.is_zero() {
                    break;
                }
                if now.at >= deadline - MARGIN {
                    return self.wake(deferral).await;
                }
                tokio::time::sleep(wait.min(MAX_NAP)).await;
            }
            let wake_up = WakeUp { topics: deferral.topics, ..WakeUp::default() };
            let pending = Pending { wake_up, due_ms: Some(deferral.due_ms), ..Pending::default() };
            let (deferrals, was_done) = self.flush(deferral.session_id, pending, deadline, true).await?;
            // Other names have invocations of their own, and so has what was deferred since another turn flushed these topics.
            match deferrals.into_iter().find(|next| next.name() == name && !was_done) {
                Some(next) => deferral = next,
                None => return Ok(()),
            }
        }
    }

    /// Has deferred topics of a session flushed once they are due.
    async fn defer(&self, session_id: u64, deferrals: Vec<Deferral>) -> Result<(), ChatError> {
        let now = self.now();
        let deferrals = self.rooms.note_turn(session_id, deferrals, now);
        let Some(flush_later) = self.flush_later.as_ref().filter(|_| !deferrals.is_empty()) else { return Ok(()) };
        let job = LaterJob { deferrals };
        match flush_later.invoke(&job).await {
            Ok(()) => job.deferrals.into_iter().for_each(|deferral| self.rooms.note_invocation(deferral, now)),
            Err(error) => {
                self.rooms.pause(now.at);
                let cause = error.source().map(ToString::to_string);
                tracing::warn!(session.id = session_id, error = %error, cause, "nothing can be deferred: turns wait for their topics");
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

    fn now(&self) -> Now {
        Now { ms: self.chat.clock.now().as_millisecond(), at: Instant::now() }
    }
}

/// Waits for all of them; the last error, if there was one.
async fn all_of(mut turns: JoinSet<Result<(), ChatError>>) -> Result<(), ChatError> {
    let mut outcome = Ok(());
    while let Some(ended) = turns.join_next().await {
        if let Err(error) = ended.map_err(ChatError::unavailable).flatten() {
            outcome = Err(error);
        }
    }
    outcome
}
