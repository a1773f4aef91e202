//! The handler of a deployment, and what a warm function knows about it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use crate::domain::caller::Caller;
use crate::domain::config::{ReviewConfig, ReviewTarget};
use crate::domain::message::Draft;
use crate::domain::moderation::review::ReviewVerdict;
use crate::domain::moderation::review::answer::{self, BadAnswer};
use crate::domain::moderation::review::breaker::{Breaker, BreakerEvent};
use crate::domain::moderation::review::request::{ReviewRequest, room_arn};
use crate::platform::aws::AwsEnvironment;
use crate::platform::invoke::{InvokeError, Invoker};

/// In bytes: enough for the longest text with every character escaped, and the attributes.
const MAX_ANSWER_BYTES: usize = 128 * 1024;

/// The handler, and the breaker before it.
#[derive(Debug)]
pub struct Reviewer {
    invoker: Invoker,
    timeout: Duration,
    region: String,
    account: Option<String>,
    breaker: Mutex<Breaker>,
}

/// Why the handler has said nothing about a message.
#[derive(Debug, thiserror::Error)]
pub enum NoVerdict {
    /// It is not asked, because it has failed several times.
    #[error("it has failed several times, and is not asked for a while")]
    NotAsked,
    /// It did not answer in time.
    #[error("no answer in {} ms", .0.as_millis())]
    TooLate(Duration),
    /// The invocation failed.
    #[error(transparent)]
    Failed(#[from] InvokeError),
    /// The answer is no verdict.
    #[error(transparent)]
    BadAnswer(#[from] BadAnswer),
}

impl NoVerdict {
    /// What this tells the breaker. An answer that allows what no message may be is one: senders could provoke it, and must not be able
    /// to turn reviewing off for others.
    fn event(&self) -> Option<BreakerEvent> {
        match self {
            NoVerdict::NotAsked => None,
            NoVerdict::BadAnswer(BadAnswer::Impossible(_)) => Some(BreakerEvent::Answered),
            NoVerdict::TooLate(_) | NoVerdict::Failed(_) | NoVerdict::BadAnswer(BadAnswer::Malformed(_)) => {
                Some(BreakerEvent::Failed)
            }
        }
    }
}

impl Reviewer {
    /// The handler that these settings name, if they name one.
    pub fn of(config: &ReviewConfig, aws: &AwsEnvironment) -> Option<Reviewer> {
        let (invoker, region, account) = match config.handler.as_ref()? {
            ReviewTarget::Function(function) => {
                let region = function.region.clone().unwrap_or_else(|| aws.region.clone());
                (Invoker::of_function(aws, &function.name, &region), region, function.account.clone())
            }
            ReviewTarget::Address(address) => (Invoker::of_server(address.as_str()), aws.region.clone(), None),
        };
        Some(Reviewer { invoker, timeout: config.timeout, region, account, breaker: Mutex::default() })
    }

    /// The form of a room's ARN in which the handler hears of a session.
    pub(super) fn room_arn(&self, session_id: u64) -> String {
        room_arn(&self.region, self.account.as_deref(), session_id)
    }

    /// Asks the handler, unless the breaker is open. `max_length` is that of an allowed text, in characters.
    pub(super) async fn ask(
        &self,
        request: &ReviewRequest<'_>,
        draft: &Draft,
        author: &Caller,
        max_length: usize,
        now: Timestamp,
    ) -> Result<ReviewVerdict, NoVerdict> {
        if !self.may_ask(now) {
            return Err(NoVerdict::NotAsked);
        }
        let verdict = match timeout(self.timeout, self.answer(request)).await {
            Ok(answer) => {
                answer.and_then(|answer| Ok(answer::verdict(&answer, draft, &author.attributes, max_length)?))
            }
            Err(_) => Err(NoVerdict::TooLate(self.timeout)),
        };
        let event = verdict.as_ref().map_or_else(NoVerdict::event, |_| Some(BreakerEvent::Answered));
        if let Some(event) = event {
            let mut breaker = self.breaker();
            *breaker = breaker.next(event, now);
        }
        verdict
    }

    async fn answer(&self, request: &ReviewRequest<'_>) -> Result<Vec<u8>, NoVerdict> {
        let payload = serde_json::to_vec(request).map_err(|error| InvokeError::Request(error.into()))?;
        Ok(self.invoker.invoke(payload, MAX_ANSWER_BYTES).await?.into())
    }

    /// Whether the handler may be asked now. Of several who ask at the same moment while the breaker is open, one may.
    fn may_ask(&self, now: Timestamp) -> bool {
        let mut breaker = self.breaker();
        let permits = breaker.permits(now);
        if permits {
            *breaker = breaker.next(BreakerEvent::Asked, now);
        }
        permits
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
