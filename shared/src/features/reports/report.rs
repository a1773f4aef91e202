//! Reporting a message: `POST /live-chat/report-message/{message_id}` (docs/contract.md, Reports).

use std::time::Duration;

use crate::domain::broadcast::audience::Audience;
use crate::domain::broadcast::notice::Notice;
use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::MessageId;
use crate::domain::moderation::report::{self, Due, REPORTS_PER_HOUR, ReportRequest, by_frequency};
use crate::domain::wire::server_frame::ServerFrame;
use crate::features::chat::Chat;
use crate::features::reports::api::ReportResponse;
use crate::features::reports::store::{ReportOutcome, StoredReport};
use crate::features::reports::store_tally::{Reported, StoredTally, TallyChange};
use crate::features::standing::check::Deed;
use crate::platform::dynamo::calls::TransactionOutcome;
use crate::platform::metrics::emf::Metric;

/// Tries of a write that others keep changing the conditions of.
const MAX_TRIES: usize = 20;

impl Chat {
    /// Reports a message. Its session may have ended. What follows from the number of reports is done before the answer, and a repeat
    /// completes what a crash left of it.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] if there is no such message (any more), [`ChatError::Forbidden`] for an own message or another session,
    /// [`ChatError::Banned`], [`ChatError::TimedOut`], [`ChatError::RateLimited`], [`ChatError::Unavailable`].
    pub async fn report(
        &self,
        id: MessageId,
        request: ReportRequest,
        caller: &Caller,
    ) -> Result<ReportResponse, ChatError> {
        let session = self.session_with_id(id.session_id()).await?;
        caller.require_session(&session)?;
        self.check_standing(Some(session.id), caller, Deed::TakePart).await?;
        let (report_id, already_reported) = self.store_report(id, request, caller).await?;
        self.act_on_reports(id).await?;
        let message = if already_reported { "Message already reported" } else { "Message reported" };
        Ok(ReportResponse { message, message_id: id, report_id, already_reported })
    }

    /// Stores a report, once for each user. Returns its id, and whether the user had reported the message before.
    async fn store_report(
        &self,
        id: MessageId,
        request: ReportRequest,
        caller: &Caller,
    ) -> Result<(String, bool), ChatError> {
        let (user_id, now) = (caller.user_id.as_str(), self.clock.now());
        // First, because the message may be hidden by this very report.
        if let Some(earlier) = self.store.report(id, user_id).await? {
            return Ok((earlier.report_id, true));
        }
        let message = self.visible_message(id, caller).await?;
        if message.user_id == user_id {
            return Err(ChatError::Forbidden("This message is your own: delete it instead".to_owned()));
        }
        let reported =
            Reported { id, user_id: &message.user_id, by_staff: message.is_by_staff(), expires_at: message.expires_at };
        let report = StoredReport {
            report_id: format!("{:032x}", rand::random::<u128>()),
            reason: request.reason,
            comment: request.comment,
            username: caller.username.clone(),
            reported_ms: now.as_millisecond(),
            expires_at: message.expires_at,
        };
        for _ in 0..MAX_TRIES {
            let rate = self.store.report_rate(user_id).await?;
            let times = match report::admit(&rate.reported_ms, now.as_millisecond()) {
                Ok(times) => times,
                // Perhaps it is this report that counts already, by a call at the same time.
                Err(retry_after) => match self.store.report(id, user_id).await? {
                    Some(earlier) => return Ok((earlier.report_id, true)),
                    None => return Err(too_many(retry_after)),
                },
            };
            match self.store.put_report(&reported, user_id, &report, &rate.with(times, now)).await? {
                ReportOutcome::Counted => {
                    self.meter.add(Metric::Reports, 1);
                    return Ok((report.report_id, false));
                }
                ReportOutcome::Repeated => {
                    let earlier = self.store.report(id, user_id).await?;
                    let earlier = earlier.ok_or_else(|| ChatError::unavailable("a report is gone"))?;
                    // The answer to an earlier try was lost, and this is what it stored.
                    let is_own = earlier.report_id == report.report_id;
                    return Ok((earlier.report_id, !is_own));
                }
                ReportOutcome::RateMoved => {}
            }
        }
        Err(ChatError::unavailable("this user keeps reporting other messages"))
    }

    /// Does what is due by the tally: each step moves the tally in its own transaction, so whichever report comes next does what a crash
    /// left.
    async fn act_on_reports(&self, id: MessageId) -> Result<(), ChatError> {
        for _ in 0..MAX_TRIES {
            let Some(tally) = self.store.tally(id).await? else { return Ok(()) };
            match tally.tally.due(self.config.moderation.hide_at_reports) {
                Due::Nothing => return Ok(()),
                Due::Tell if self.tell_reports(&tally).await? => return Ok(()),
                Due::Hide if self.hide_reported(&tally).await? => return Ok(()),
                // Others have changed the tally meanwhile.
                Due::Tell | Due::Hide => {}
            }
        }
        Ok(())
    }

    /// Lets staff hear of a message's reports; `false` if the tally is another one by now.
    async fn tell_reports(&self, tally: &StoredTally) -> Result<bool, ChatError> {
        let change = self.store.change_tally(tally, TallyChange::Told(tally.tally.reports))?;
        let notice = self.store.notice(tally.id.session_id(), &self.notice_of(tally), self.clock.now())?;
        Ok(matches!(self.store.transact(vec![change, notice]).await?, TransactionOutcome::Done))
    }

    pub(super) fn notice_of(&self, tally: &StoredTally) -> Notice {
        let reasons = by_frequency(&tally.reasons);
        let frame =
            ServerFrame::MessageReported { message_id: tally.id, reports: tally.tally.reports, reasons: &reasons };
        Notice::new(Audience::Staff, &frame, self.clock.now(), rand::random())
    }
}

fn too_many(retry_after: Duration) -> ChatError {
    ChatError::RateLimited { detail: format!("At most {REPORTS_PER_HOUR} reports an hour are allowed"), retry_after }
}
