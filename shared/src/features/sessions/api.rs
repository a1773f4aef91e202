//! The responses of the routes that read counters.

use serde::Serialize;

use crate::domain::caller::Caller;
use crate::domain::moderation::standing_view::StandingView;
use crate::domain::session::SessionView;

/// The response of `GET /live-chat/status`.
#[derive(Debug, Serialize)]
pub struct StatusResponse {
    pub(super) enabled: bool,
    pub(super) is_active: bool,
    pub(super) session: Option<SessionView>,
    /// Present while no session is open: the start of the next one, or null if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_start_time: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<&'static str>,
    /// What holds of the caller, as far as the caller is told; absent if nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) standing: Option<StandingView>,
    /// What the caller's token brings, if that is more than a viewer's: pages offer the acts of staff by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) capabilities: Option<Vec<&'static str>>,
}

impl StatusResponse {
    /// The session whose status it is.
    pub fn session_id(&self) -> Option<u64> {
        self.session.as_ref().map(SessionView::id)
    }

    /// The same for this caller, of whom the standing holds.
    #[must_use]
    pub fn told_to(self, caller: &Caller, standing: Option<StandingView>) -> StatusResponse {
        StatusResponse { standing, capabilities: caller.capabilities_of_staff(), ..self }
    }
}

/// The response of `GET /live-chat/viewers`.
#[derive(Debug, Serialize)]
pub struct ViewersResponse {
    pub(super) viewer_count: u64,
    pub(super) session_id: u64,
    pub(super) session_name: String,
}

/// The response of `GET /live-chat/stats`.
#[derive(Debug, Serialize)]
pub struct StatsResponse {
    pub(super) session_id: u64,
    pub(super) session_name: String,
    pub(super) viewer_count: u64,
    pub(super) total_likes: u64,
    pub(super) total_messages: u64,
    pub(super) recent_messages: u64,
    pub(super) is_active: bool,
    pub(super) start_time: String,
    pub(super) end_time: String,
}
