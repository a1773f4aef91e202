//! Judging a message by the rules of its session, before it gets a number (docs/contract.md, Modes).

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::Draft;
use crate::domain::moderation::pace::Pacing;
use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::session::Session;
use crate::features::chat::Chat;
use crate::features::sessions::rules::Rules;

/// What the rules say about a message. The pace of its author is judged by the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Judged {
    /// The first rule that refuses it.
    pub(super) refusal: Option<RuleRefusal>,
    /// What the modes ask about its pace.
    pub(super) pacing: Pacing,
}

impl Judged {
    /// Whether no rule has anything to say.
    fn is_free(&self) -> bool {
        self.refusal.is_none() && self.pacing.is_free()
    }
}

impl Chat {
    /// Judges a message by the rules that this function knows. If they are not silent, they are read first: rules that hold no more must
    /// refuse nobody. Silent ones are checked when the number is taken. Returns the rules that judged.
    ///
    /// # Errors
    /// Those of [`Chat::judge`].
    pub(super) async fn judge_by_known(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
        known: Rules,
    ) -> Result<(Rules, Judged), ChatError> {
        let judged = self.judge(session, author, draft, &known)?;
        if judged.is_free() {
            return Ok((known, judged));
        }
        let in_force = self.store.rules(session.id).await?;
        self.rules.note(session.id, in_force);
        Ok((in_force, self.judge(session, author, draft, &in_force)?))
    }

    /// Judges a message by these rules. Staff are exempt.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if a rule cannot be read: that is never a pass.
    pub(super) fn judge(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
        rules: &Rules,
    ) -> Result<Judged, ChatError> {
        if author.is_staff() {
            return Ok(Judged::default());
        }
        let now = self.clock.now();
        let (modes, text) = (rules.modes.at(now), draft.text.as_str());
        // An author who may not write at all is not asked to wait.
        if let Err(refusal) = modes.judge_author(author, now) {
            return Ok(Judged { refusal: Some(refusal), pacing: Pacing::default() });
        }
        Ok(Judged { refusal: modes.judge_text(text).err(), pacing: Pacing::of(&modes, session.id, text) })
    }
}
