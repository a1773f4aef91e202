//! The responses of the routes of draws.

use serde::Serialize;

use crate::domain::draw::view::DrawView;
use crate::domain::hosted_id::HostedId;

/// The response with one draw.
#[derive(Debug, Serialize)]
pub struct DrawResponse {
    /// The draw.
    pub draw: DrawView,
}

/// The response of `GET /live-chat/draws`.
#[derive(Debug, Serialize)]
pub struct DrawsResponse {
    pub(super) draws: Vec<DrawView>,
    /// `before` of the next page; `None` if this is the last one.
    pub(super) next_before: Option<HostedId>,
}

/// The response of `GET /live-chat/draws/{draw_id}/entrants`.
#[derive(Debug, Serialize)]
pub struct EntrantsResponse {
    /// Hashes, in the order of the list.
    pub(super) entrants: Vec<String>,
    /// `after` of the next page; `None` if this is the last one.
    pub(super) next_after: Option<u64>,
}
