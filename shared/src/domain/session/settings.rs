//! What a host may change of a session, as it was set last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::limits::OwnLimits;

/// The settings of a session. Each change replaces them all, under the condition that nobody changed them meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSettings {
    /// How often they were changed since the session was opened.
    pub version: u64,
    /// Its name.
    pub name: String,
    /// Its last moment, in milliseconds since 1970; `None` if it never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<i64>,
    /// Texts by which clients find it.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What holds instead of the deployment's settings.
    #[serde(default)]
    pub limits: OwnLimits,
    /// The end of its retention, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl SessionSettings {
    /// The last moment of a session that ends now. A message of this very millisecond is not taken any more.
    #[must_use]
    pub fn ended_at(mut self, now: Timestamp) -> SessionSettings {
        self.end_ms = Some(now.as_millisecond() - 1);
        self
    }
}
