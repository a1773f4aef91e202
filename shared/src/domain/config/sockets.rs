//! The settings of sockets.

use super::lookup::{ConfigError, Lookup};

/// The settings of sockets.
#[derive(Clone, Debug)]
pub struct SocketConfig {
    /// `LIVE_CHAT_QUERY_TOKEN`: whether a handshake may present its token in the query.
    pub query_token: bool,
    /// `LIVE_CHAT_POSTS_PER_SECOND`: the broadcast's posts a second; `None` lifts the limit. An AWS account has 10,000 requests a
    /// second in all. The default leaves a quarter of them to REST and inbound frames.
    pub posts_per_second: Option<u32>,
}

impl SocketConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<SocketConfig, ConfigError> {
        Ok(SocketConfig {
            query_token: lookup.flag("LIVE_CHAT_QUERY_TOKEN", true)?,
            posts_per_second: lookup.limit("LIVE_CHAT_POSTS_PER_SECOND", 7500, 1_000_000)?.map(|posts| posts as u32),
        })
    }
}
