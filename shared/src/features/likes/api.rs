//! The responses of the routes of likes.

use serde::Serialize;

use crate::domain::message::MessageId;

/// The response of `GET /live-chat/likes`.
#[derive(Debug, Serialize)]
pub struct LikesResponse {
    pub(super) total_likes: u64,
    pub(super) session_id: u64,
    pub(super) session_name: String,
    pub(super) user_liked: bool,
}

/// The response of `POST /live-chat/like`.
#[derive(Debug, Serialize)]
pub struct LikeResponse {
    pub(super) message: &'static str,
    pub(super) total_likes: u64,
    pub(super) already_liked: bool,
}

/// The response of `POST /live-chat/like-message/{message_id}`.
#[derive(Debug, Serialize)]
pub struct LikeMessageResponse {
    pub(super) message: &'static str,
    pub(super) likes: u64,
    pub(super) already_liked: bool,
    pub(super) message_id: MessageId,
}

/// The response of `DELETE /live-chat/like`.
#[derive(Debug, Serialize)]
pub struct UnlikeResponse {
    pub(super) message: &'static str,
    pub(super) total_likes: u64,
    pub(super) was_liked: bool,
}

/// The response of `DELETE /live-chat/like-message/{message_id}`.
#[derive(Debug, Serialize)]
pub struct UnlikeMessageResponse {
    pub(super) message: &'static str,
    pub(super) likes: u64,
    pub(super) was_liked: bool,
    pub(super) message_id: MessageId,
}
