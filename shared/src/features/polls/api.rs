//! The responses of the routes of polls.

use serde::Serialize;

use crate::domain::hosted_id::HostedId;
use crate::domain::poll::view::PollView;

/// The response with one poll.
#[derive(Debug, Serialize)]
pub struct PollResponse {
    /// The poll, with the vote of the caller.
    pub poll: PollView,
}

/// The response of `GET /live-chat/polls`.
#[derive(Debug, Serialize)]
pub struct PollsResponse {
    pub(super) polls: Vec<PollView>,
    /// `before` of the next page; `None` if this is the last one.
    pub(super) next_before: Option<HostedId>,
}

/// The response of `POST /live-chat/polls/{poll_id}/vote`.
#[derive(Debug, Serialize)]
pub struct VoteResponse {
    pub(super) message: &'static str,
    pub(super) poll_id: HostedId,
    pub(super) my_vote: usize,
    pub(super) already_voted: bool,
}
