//! Limits of a session that hold instead of the deployment's settings.

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The ids of messages contain that of their session, and stay below 2^53, so that a JSON number holds them in every language.
pub const MAX_SESSION_ID: u64 = 90_071_991;

/// A day, in seconds.
const DAY: i64 = 86_400;
/// In messages; 0 lifts the limit.
pub(super) const MESSAGES_PER_MINUTE: RangeInclusive<i64> = 0..=1000;
/// In days; 0 keeps history for ever.
pub(super) const RETENTION_DAYS: RangeInclusive<i64> = 0..=36_500;

/// The limits of a session. Where one is absent, the deployment's setting holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLimits {
    /// Messages of a user in a minute; 0 lifts the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages_per_minute: Option<u32>,
    /// In characters. It is never above the deployment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_message_length: Option<u32>,
    /// The history is kept for so many days after the session's end; 0 for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

impl OwnLimits {
    /// Whether the deployment's settings hold.
    pub fn are_none(&self) -> bool {
        *self == OwnLimits::default()
    }

    /// Messages of a user in a minute, where the deployment allows so many; `None` for no limit.
    pub fn messages_per_minute(&self, of_deployment: Option<usize>) -> Option<usize> {
        match self.messages_per_minute {
            None => of_deployment,
            Some(0) => None,
            Some(messages) => Some(messages as usize),
        }
    }

    /// The length of a message, in characters, where the deployment allows so many.
    pub fn max_message_length(&self, of_deployment: usize) -> usize {
        self.max_message_length.map_or(of_deployment, |length| of_deployment.min(length as usize))
    }

    /// How long the history is kept, where the deployment keeps it for so long; `None` for ever.
    pub fn retention(&self, of_deployment: Option<SignedDuration>) -> Option<SignedDuration> {
        match self.retention_days {
            None => of_deployment,
            Some(0) => None,
            Some(days) => Some(SignedDuration::from_secs(DAY * i64::from(days))),
        }
    }
}

/// A retention in whole days; 0 for ever.
pub(super) fn days_of(retention: Option<SignedDuration>) -> i64 {
    retention.map_or(0, |retention| retention.as_secs() / DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_the_session_comes_before_the_deployments() {
        let none = OwnLimits::default();
        let week = SignedDuration::from_hours(7 * 24);
        assert!(none.are_none());
        assert_eq!(none.messages_per_minute(Some(10)), Some(10));
        assert_eq!(none.max_message_length(1000), 1000);
        assert_eq!(none.retention(Some(week)), Some(week));
        let own = OwnLimits { messages_per_minute: Some(60), max_message_length: Some(200), retention_days: Some(1) };
        assert_eq!(own.messages_per_minute(None), Some(60));
        assert_eq!((own.max_message_length(1000), own.max_message_length(100)), (200, 100));
        assert_eq!(own.retention(None).map(|kept| kept.as_hours()), Some(24));
        let lifted = OwnLimits { messages_per_minute: Some(0), retention_days: Some(0), ..none };
        assert_eq!((lifted.messages_per_minute(Some(10)), lifted.retention(Some(week))), (None, None));
        assert_eq!((days_of(None), days_of(Some(week))), (0, 7));
    }
}
