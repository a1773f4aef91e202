//! Spending: what a user does counts against the minute's budget, or is refused.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::budget::{Budget, Verdict};
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::features::chat::Chat;

/// Frames that a user may send in a minute, on all sockets together (docs/contract.md, Limits).
pub const MAX_FRAMES_PER_MINUTE: u64 = 60;

impl Chat {
    /// Counts one more of what a user does. The minute is that of the clock.
    ///
    /// # Errors
    /// [`ChatError::RateLimited`] beyond the limit, until the minute is over; [`ChatError::Unavailable`].
    pub async fn spend(&self, budget: Budget, caller: &Caller) -> Result<(), ChatError> {
        let Some(limit) = self.limit_of(budget) else { return Ok(()) };
        let (now, user_id) = (self.clock.now(), caller.user_id.as_str());
        let minute = minute_of(now);
        let passes = match self.counts.spend(budget, user_id, minute, limit) {
            Verdict::Pass => true,
            Verdict::Refuse => false,
            Verdict::Write(more) => {
                let written = self.store.add_spent(budget, user_id, minute, more).await?;
                self.counts.learn(budget, user_id, minute, written, limit)
            }
        };
        if passes { Ok(()) } else { Err(refusal(budget, limit, now)) }
    }

    /// Whether a handshake of the user would be refused by its budget. A browser does not learn why a handshake fails: a client asks
    /// with its next ticket.
    ///
    /// # Errors
    /// [`ChatError::RateLimited`] if handshakes were refused in this minute; [`ChatError::Unavailable`].
    pub async fn check_handshakes(&self, caller: &Caller) -> Result<(), ChatError> {
        let Some(limit) = self.limit_of(Budget::Handshakes) else { return Ok(()) };
        let now = self.clock.now();
        // The first refusal writes a count beyond the limit.
        let spent = self.store.spent(Budget::Handshakes, &caller.user_id, minute_of(now)).await?;
        if spent <= limit { Ok(()) } else { Err(refusal(Budget::Handshakes, limit, now)) }
    }

    fn limit_of(&self, budget: Budget) -> Option<u64> {
        match budget {
            Budget::Frames => Some(MAX_FRAMES_PER_MINUTE),
            Budget::Handshakes => self.config.limits.budgets.handshakes,
            Budget::Tickets => self.config.limits.budgets.tickets,
            Budget::Pages => self.config.limits.budgets.pages,
        }
    }
}

/// The minute of a time, counted from 1970.
pub(crate) fn minute_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60)
}

fn refusal(budget: Budget, limit: u64, now: Timestamp) -> ChatError {
    let retry_after = Duration::from_secs(60 - now.as_second().rem_euclid(60) as u64);
    let name = budget.name();
    let detail = match budget {
        Budget::Frames => format!("At most {limit} {name} a minute are allowed: this socket will be closed"),
        _ => format!("At most {limit} {name} a minute are allowed: wait until the minute is over"),
    };
    ChatError::RateLimited { detail, retry_after }
}
