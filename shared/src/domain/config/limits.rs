//! The limits of users and pages.

use std::time::Duration;

use super::lookup::{ConfigError, Lookup};

/// A longer message would not fit a frame of 32 KB, whatever its characters.
const MAX_MESSAGE_LENGTH: i64 = 5000;

/// The limits of users and pages.
#[derive(Clone, Debug)]
pub struct LimitConfig {
    /// `LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE`; `None` lifts the limit.
    pub messages_per_minute: Option<usize>,
    /// `LIVE_CHAT_MESSAGE_HISTORY_LIMIT`: the largest page of messages.
    pub history_limit: usize,
    /// `LIVE_CHAT_MAX_MESSAGE_LENGTH`, in characters.
    pub max_message_length: usize,
    /// `LIVE_CHAT_VIEWER_TIMEOUT_SECONDS`.
    pub viewer_timeout: Duration,
    /// The budgets of a user.
    pub budgets: BudgetConfig,
}

/// How much a user may do in a minute (docs/contract.md, Limits); `None` lifts a limit.
#[derive(Clone, Debug)]
pub struct BudgetConfig {
    /// `LIVE_CHAT_HANDSHAKES_PER_MINUTE`.
    pub handshakes: Option<u64>,
    /// `LIVE_CHAT_TICKETS_PER_MINUTE`.
    pub tickets: Option<u64>,
    /// `LIVE_CHAT_PAGES_PER_MINUTE`: pages of messages and resumes together.
    pub pages: Option<u64>,
}

impl BudgetConfig {
    fn read(lookup: &Lookup<'_>) -> Result<BudgetConfig, ConfigError> {
        let limit = |variable, default| Ok(lookup.limit(variable, default, 100_000)?.map(|limit| limit as u64));
        Ok(BudgetConfig {
            handshakes: limit("LIVE_CHAT_HANDSHAKES_PER_MINUTE", 120)?,
            tickets: limit("LIVE_CHAT_TICKETS_PER_MINUTE", 120)?,
            pages: limit("LIVE_CHAT_PAGES_PER_MINUTE", 300)?,
        })
    }
}

impl LimitConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<LimitConfig, ConfigError> {
        let messages_per_minute = lookup.limit("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", 10, 1000)?;
        let history_limit = lookup.number("LIVE_CHAT_MESSAGE_HISTORY_LIMIT", 100, 1..=1000)?;
        let max_message_length = lookup.number("LIVE_CHAT_MAX_MESSAGE_LENGTH", 1000, 1..=MAX_MESSAGE_LENGTH)?;
        let viewer_timeout = lookup.number("LIVE_CHAT_VIEWER_TIMEOUT_SECONDS", 300, 1..=86_400)?;
        Ok(LimitConfig {
            messages_per_minute: messages_per_minute.map(|messages| messages as usize),
            history_limit: history_limit as usize,
            max_message_length: max_message_length as usize,
            viewer_timeout: Duration::from_secs(viewer_timeout as u64),
            budgets: BudgetConfig::read(lookup)?,
        })
    }
}
