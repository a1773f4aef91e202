//! A poll, as it is stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::hosted_id::HostedId;

/// Whether a poll takes votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It takes votes.
    Open,
    /// It takes no more votes, and the last ones are being counted.
    Closing,
    /// Its result is final.
    Ended,
}

/// A poll, as it is stored. Its votes are counted elsewhere until it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// Its id.
    pub id: HostedId,
    /// The question.
    pub question: String,
    /// The texts of the options. An option's id is its index.
    pub options: Vec<String>,
    /// The time at which it ends by itself, in milliseconds since 1970.
    pub ends_ms: i64,
    /// Whether nobody sees the results before the end.
    #[serde(default)]
    pub hide_results: bool,
    /// The time at which staff closed it, in milliseconds since 1970.
    #[serde(default)]
    pub closed_ms: Option<i64>,
    /// The votes of each option, once no vote is counted any more.
    #[serde(default)]
    pub tally: Option<Vec<u64>>,
}

impl Poll {
    /// The state at a time.
    pub fn state_at(&self, now: Timestamp) -> State {
        match (&self.tally, self.closed_ms) {
            (Some(_), _) => State::Ended,
            (None, None) if now.as_millisecond() < self.ends_ms => State::Open,
            _ => State::Closing,
        }
    }

    /// Whether nobody sees the results now.
    pub fn is_hidden(&self) -> bool {
        self.hide_results && self.tally.is_none()
    }
}
