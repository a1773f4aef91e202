//! What is reported and not decided: `GET /live-chat/moderation/reports`.

use std::cmp::Reverse;

use futures_util::{StreamExt, TryStreamExt};

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::moderation::kept::MessageState;
use crate::domain::time;
use crate::features::chat::Chat;
use crate::features::reports::api::{ReportedMessage, ReportsResponse};
use crate::features::reports::store_tally::StoredTally;
use crate::features::sessions::resolve::Addressed;
use crate::features::standing::check::Deed;

/// The most reported messages of a session that are looked at. Only messages that their authors deleted are looked at in vain.
const MAX_EXAMINED: usize = 500;
/// Messages that are read at once.
const CONCURRENT_READS: usize = 16;

impl Chat {
    /// The reported messages of a session that staff have not decided on, the most reported first. Costs at most five queries and point
    /// reads of tallies and covers, and one point read for each message that is looked at.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`], [`ChatError::NotFound`] for a session, [`ChatError::Unavailable`].
    pub async fn reports(
        &self,
        reader: &Caller,
        addressed: Addressed<'_>,
        limit: usize,
    ) -> Result<ReportsResponse, ChatError> {
        let session = self.session_to_read(addressed, reader).await?;
        self.check_standing(Some(session.id), reader, Deed::Moderate).await?;
        let ((mut open, mut has_more), covers) =
            tokio::try_join!(self.store.tallies(session.id), self.store.covers(session.id))?;
        open.retain(|one| !one.tally.dismissed && !covers.hides(&one.user_id, one.id.seq()));
        open.sort_unstable_by_key(|one| Reverse((one.tally.reports, one.id)));
        has_more |= open.len() > MAX_EXAMINED;
        let views = futures_util::stream::iter(open.into_iter().take(MAX_EXAMINED))
            .map(|one| self.reported_message(one))
            .buffered(CONCURRENT_READS)
            .try_filter_map(|view| async move { Ok(view) })
            .take(limit + 1);
        let mut reports: Vec<ReportedMessage> = views.try_collect().await?;
        has_more |= reports.len() > limit;
        reports.truncate(limit);
        Ok(ReportsResponse { reports, has_more })
    }

    /// A reported message as staff see it; `None` if it was deleted.
    async fn reported_message(&self, reported: StoredTally) -> Result<Option<ReportedMessage>, ChatError> {
        let kept = self.store.message_for_staff(reported.id, self.clock.now()).await?;
        let kept = kept.filter(|kept| {
            matches!(kept.fate.state, MessageState::Standing | MessageState::Hidden | MessageState::Shadowed)
        });
        // Not by the tally: one that staff have restored stands again.
        let hidden = kept.as_ref().is_some_and(|kept| kept.fate.state == MessageState::Hidden);
        let message = kept.and_then(|kept| kept.message);
        Ok(message.map(|message| ReportedMessage {
            message_id: reported.id,
            message: message.text().to_owned(),
            username: message.username().to_owned(),
            at: time::to_the_millisecond(message.created(), &self.config.sessions.zone),
            user_id: message.user_id,
            reports: reported.tally.reports,
            reasons: reported.reasons,
            hidden,
        }))
    }
}
