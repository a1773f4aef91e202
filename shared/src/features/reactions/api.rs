//! The response of the route of reactions.

use serde::Serialize;

use crate::domain::reactions::set::ReactionCounts;

/// The response of `POST /live-chat/react`.
#[derive(Debug, Serialize)]
pub struct ReactResponse {
    pub(super) message: &'static str,
    /// What was counted.
    pub(super) reactions: ReactionCounts,
}
