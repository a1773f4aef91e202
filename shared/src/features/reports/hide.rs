//! Hiding a message that enough users have reported, until staff decide (docs/contract.md, Reports).

use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;

use crate::domain::caller::Rank;
use crate::domain::error::ChatError;
use crate::features::chat::Chat;
use crate::features::reports::store_tally::{StoredTally, TallyChange};

/// Standings that are read at once.
const CONCURRENT_READS: usize = 16;
/// More reporters are not looked at: that is the highest `LIVE_CHAT_HIDE_AT_REPORTS`.
const MAX_REPORTERS: u64 = 1000;

impl Chat {
    /// Hides a message, unless too many of its reports are by users who are sanctioned since, which the tally notes. `false` if the tally
    /// is another one by now, so that it says what is due.
    pub(super) async fn hide_reported(&self, tally: &StoredTally) -> Result<bool, ChatError> {
        let now = self.clock.now();
        // A message that is gone needs no hiding, and staff need not look at it.
        let Some(message) = self.store.message(tally.id, now).await? else { return Ok(true) };
        // Staff have chosen it. The report after its pin is gone hides it.
        if self.store.pins(tally.id.session_id()).await?.contains(tally.id) {
            return Ok(true);
        }
        let reports = tally.tally.reports;
        let needed = self.config.moderation.hide_at_reports.unwrap_or(u64::MAX);
        let sanctioned = self.sanctioned_reporters(tally).await?;
        if reports.saturating_sub(sanctioned) < needed {
            let again = TallyChange::LookAgainAt(needed.saturating_add(sanctioned));
            self.store.transact(vec![self.store.change_tally(tally, again)?]).await?;
            return Ok(false);
        }
        // Before it happens, as with a deletion.
        self.store.note_old_change(&message, now).await?;
        let rows = vec![
            self.store.hide_in_transaction(tally.id, now)?,
            self.store.change_tally(tally, TallyChange::Hidden(reports))?,
            self.store.notice(tally.id.session_id(), &self.notice_of(tally), now)?,
        ];
        let author = self.store.pseudonym_of(&message.user_id, Some(message.username())).await?;
        self.act_by_rule("hide", tally.id, author, json!({ "reports": reports }), rows).await
    }

    /// The number of those who reported a message and are sanctioned now: a point read for each, when a message is about to be hidden.
    async fn sanctioned_reporters(&self, tally: &StoredTally) -> Result<u64, ChatError> {
        let reporters = self.store.reporters(tally.id, MAX_REPORTERS).await?;
        let (session_id, now) = (Some(tally.id.session_id()), self.clock.now());
        let standings = futures_util::stream::iter(reporters)
            .map(|user_id| async move {
                let standing = self.standing(&user_id).await?;
                let is_shadowed = standing.shadows(session_id, Rank::Everybody, now);
                Ok::<_, ChatError>(is_shadowed || standing.sanction(session_id, Rank::Everybody, now).is_some())
            })
            .buffer_unordered(CONCURRENT_READS);
        let sanctioned: Vec<bool> = standings.try_collect().await?;
        Ok(sanctioned.into_iter().filter(|is_sanctioned| *is_sanctioned).count() as u64)
    }
}
