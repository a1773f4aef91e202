//! The names of the tables.

use super::lookup::Lookup;

/// The names of the tables.
#[derive(Clone, Debug)]
pub struct TableConfig {
    /// `CHAT_TABLE`.
    pub chat: String,
    /// `CONNECTIONS_TABLE`.
    pub connections: String,
    /// `AUDIT_TABLE`.
    pub audit: String,
}

impl TableConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> TableConfig {
        TableConfig {
            chat: lookup.text("CHAT_TABLE").unwrap_or_else(|| "live-chat-chat".to_owned()),
            connections: lookup.text("CONNECTIONS_TABLE").unwrap_or_else(|| "live-chat-connections".to_owned()),
            audit: lookup.text("AUDIT_TABLE").unwrap_or_else(|| "live-chat-audit".to_owned()),
        }
    }
}
