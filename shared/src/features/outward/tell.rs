//! Telling the receivers at once, when the stream tells of changed rows.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::Instant;

use super::body::Told;
use super::store::WaitingEvent;
use crate::domain::error::ChatError;
use crate::domain::moderation::review::breaker::{Breaker, BreakerEvent};
use crate::domain::outward::event::OutwardEvent;
use crate::domain::outward::retry::{self, Next};
use crate::features::chat::Chat;
use crate::platform::metrics::emf::Metric;
use crate::platform::outward::Receiver;

/// Events that are sent at once, to each receiver.
pub(super) const CONCURRENT_SENDS: usize = 8;

/// The receivers, and the chat that they hear of.
pub struct Outward {
    pub(super) chat: Arc<Chat>,
    pub(super) receivers: Vec<Known>,
}

/// A receiver, as a warm function knows it.
pub(super) struct Known {
    pub(super) receiver: Receiver,
    /// While it is down, a batch of the stream does not wait for it.
    breaker: Mutex<Breaker>,
}

/// How the sending of an event went.
pub(super) enum Sent {
    /// It was taken, or there is nothing to tell.
    Done,
    /// There is nothing to tell yet.
    Early(WaitingEvent),
    /// The receiver does not answer, for this reason.
    Failed(String),
    /// This event was not taken, for this reason. It says nothing about others: a receiver that refuses it is there.
    Refused(String),
}

impl Outward {
    /// The receivers of this chat.
    pub fn new(chat: Arc<Chat>, receivers: Vec<Receiver>) -> Outward {
        let known = |receiver| Known { receiver, breaker: Mutex::default() };
        Outward { chat, receivers: receivers.into_iter().map(known).collect() }
    }

    /// Tells every receiver of these events. What a receiver does not take, or what was not begun by `until`, waits in a row then.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if a table fails: then all of them are to be told again.
    pub async fn tell(&self, events: &[OutwardEvent], until: Instant) -> Result<(), ChatError> {
        let tells = self.receivers.iter().map(|known| {
            let telling = futures_util::stream::iter(events.to_vec());
            let telling = telling.map(move |event| self.tell_one(known, event, until));
            telling.buffer_unordered(CONCURRENT_SENDS).try_collect::<()>()
        });
        futures_util::future::try_join_all(tells).await.map(drop)
    }

    async fn tell_one(&self, known: &Known, event: OutwardEvent, until: Instant) -> Result<(), ChatError> {
        let now = self.chat.clock.now();
        let receiver = known.receiver.name();
        let mut waiting = WaitingEvent { receiver, event, due: now, due_first: now, failures: 0 };
        if Instant::now() >= until || !known.may_send(&self.chat) {
            return Ok(self.chat.store.put_waiting_event(&waiting, None).await?);
        }
        let sent = self.send(known, &waiting).await?;
        match &sent {
            Sent::Done => known.note(BreakerEvent::Answered, &self.chat),
            Sent::Failed(_) => known.note(BreakerEvent::Failed, &self.chat),
            Sent::Early(_) | Sent::Refused(_) => known.note(BreakerEvent::Answered, &self.chat),
        }
        match sent {
            Sent::Done => Ok(()),
            Sent::Early(later) => Ok(self.chat.store.put_waiting_event(&later, None).await?),
            Sent::Failed(error) | Sent::Refused(error) => {
                waiting.failures = 1;
                let now = self.chat.clock.now();
                if let Next::Again(at) = retry::after(waiting.failures, waiting.due_first, now) {
                    waiting.due = at;
                }
                Ok(self.chat.store.put_waiting_event(&waiting, Some(error)).await?)
            }
        }
    }

    /// Sends an event to a receiver.
    pub(super) async fn send(&self, known: &Known, waiting: &WaitingEvent) -> Result<Sent, ChatError> {
        let envelope = match self.chat.told(&waiting.event).await {
            Ok(Told::Never) => return Ok(Sent::Done),
            Ok(Told::At(start)) => {
                return Ok(Sent::Early(WaitingEvent { due: start, due_first: start, ..waiting.clone() }));
            }
            Ok(Told::Now(envelope)) => envelope,
            // A row that a later version wrote must not keep all others: the event waits, and is given up in the end.
            Err(error) => {
                tracing::error!(event.id = waiting.event.id(), error = %error, "an event could not be read");
                return Ok(Sent::Refused(error.to_string()));
            }
        };
        match known.receiver.send(&envelope, self.chat.clock.now()).await {
            Ok(()) => {
                self.chat.meter.add(Metric::EventsTaken, 1);
                Ok(Sent::Done)
            }
            Err(failure) => {
                self.chat.meter.add(Metric::EventsNotTaken, 1);
                tracing::warn!(
                    event.id = envelope.id,
                    receiver = waiting.receiver,
                    failures = waiting.failures + 1,
                    error = %failure,
                    "an event was not taken"
                );
                let sent = if failure.is_of_this_event() { Sent::Refused } else { Sent::Failed };
                Ok(sent(failure.to_string()))
            }
        }
    }
}

impl Known {
    /// Whether the receiver may be tried now. Of several tries at the same moment while it is down, one may.
    fn may_send(&self, chat: &Chat) -> bool {
        let (mut breaker, now) = (self.breaker.lock().unwrap_or_else(PoisonError::into_inner), chat.clock.now());
        let permits = breaker.permits(now);
        if permits {
            *breaker = breaker.next(BreakerEvent::Asked, now);
        }
        permits
    }

    fn note(&self, event: BreakerEvent, chat: &Chat) {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        *breaker = breaker.next(event, chat.clock.now());
    }
}
