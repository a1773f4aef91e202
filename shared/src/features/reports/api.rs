//! The responses of the routes of reports.

use serde::Serialize;

use crate::domain::message::MessageId;
use crate::domain::moderation::report::Reasons;

/// The response of `POST /live-chat/report-message/{message_id}`.
#[derive(Debug, Serialize)]
pub struct ReportResponse {
    pub(super) message: &'static str,
    pub(super) message_id: MessageId,
    pub(super) report_id: String,
    pub(super) already_reported: bool,
}

/// The response of `GET /live-chat/moderation/reports`.
#[derive(Debug, Serialize)]
pub struct ReportsResponse {
    pub(super) reports: Vec<ReportedMessage>,
    pub(super) has_more: bool,
}

/// A reported message, as staff see it.
#[derive(Debug, Serialize)]
pub struct ReportedMessage {
    pub(super) message_id: MessageId,
    /// The text.
    pub(super) message: String,
    /// The author.
    pub(super) user_id: String,
    pub(super) username: String,
    /// When it was sent.
    pub(super) at: String,
    /// Users who reported it.
    pub(super) reports: u64,
    pub(super) reasons: Reasons,
    pub(super) hidden: bool,
}
