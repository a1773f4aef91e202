//! What a user learns about the own standing (docs/contract.md, Moderation). Who acted is not in it.

use serde::Serialize;

use super::action_id::ActionId;

/// A sanction, as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StandingView {
    /// `banned` or `timed_out`.
    pub state: &'static str,
    /// The end, in RFC 3339; null if it has none.
    pub until: Option<String>,
    /// What staff tell the user.
    pub explanation: Option<String>,
    /// Whether a rule imposed it.
    pub automated: bool,
    /// The id of the act, for an appeal.
    pub reference: ActionId,
    /// Where to appeal: `LIVE_CHAT_APPEAL_URL`.
    pub appeal_url: Option<String>,
}
