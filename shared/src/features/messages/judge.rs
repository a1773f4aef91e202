//! Judging a message by the rules of its session, before it gets a number (docs/contract.md, Modes and Words).

use std::borrow::Cow;

use crate::domain::caller::Caller;
use crate::domain::error::ChatError;
use crate::domain::message::Draft;
use crate::domain::moderation::held::HoldReason;
use crate::domain::moderation::modes::{Links, Modes};
use crate::domain::moderation::pace::Pacing;
use crate::domain::moderation::refusal::RuleRefusal;
use crate::domain::moderation::terms::{Action, TermList};
use crate::domain::session::Session;
use crate::domain::session::limits::OwnLimits;
use crate::domain::text::display_name::DisplayName;
use crate::domain::text::message_text::MessageText;
use crate::features::chat::Chat;
use crate::features::sessions::rules::Rules;

/// What the rules say about a message. The pace of its author is judged by the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Judged {
    /// The first rule that refuses it.
    pub(super) refusal: Option<RuleRefusal>,
    /// What the modes ask about its pace.
    pub(super) pacing: Pacing,
    /// Why it is held if nothing refuses it.
    pub(super) hold: Option<HoldReason>,
    /// Whether a term shadows it if nothing refuses or holds it.
    pub(super) shadowed: bool,
    /// The text with its masks, if it has some.
    masked: Option<MessageText>,
    /// Whether the author's name has a term, so that it is not shown.
    hides_name: bool,
    /// The limits of the session that hold instead of the deployment's.
    pub(super) limits: OwnLimits,
}

impl Judged {
    /// Nothing but the limits of the session holds.
    pub(super) fn by_limits(limits: OwnLimits) -> Judged {
        Judged { limits, ..Judged::default() }
    }

    /// Whether no rule has anything to say that the number would not ask about.
    fn is_free(&self) -> bool {
        let is_silent = self.refusal.is_none() && self.pacing.is_free() && self.hold.is_none() && !self.shadowed;
        is_silent && self.limits.are_none()
    }

    /// The author, under the name that is shown.
    pub(super) fn author<'a>(&self, author: &'a Caller) -> Cow<'a, Caller> {
        if self.hides_name {
            let username = DisplayName::of_nameless(&author.user_id).into_string();
            Cow::Owned(Caller { username, ..author.clone() })
        } else {
            Cow::Borrowed(author)
        }
    }

    /// The message, with its masks. A name that is not shown resembles none.
    pub(super) fn draft<'a>(&self, draft: &'a Draft) -> Cow<'a, Draft> {
        let mut draft = match &self.masked {
            Some(text) => Cow::Owned(draft.rewritten(text)),
            None => Cow::Borrowed(draft),
        };
        if self.hides_name && draft.resembles_staff {
            draft.to_mut().resembles_staff = false;
        }
        draft
    }

    /// Judges links and terms, once no mode refuses the text.
    fn judge_words(&mut self, modes: &Modes, list: &TermList, text: &str, may_shadow: bool) -> Result<(), ChatError> {
        let (verdict, has_link) = (list.judge(text), modes.links != Links::Allow && list.has_foreign_link(text));
        self.refusal = match verdict.action {
            _ if has_link && modes.links == Links::Block => Some(RuleRefusal::LinkBlocked),
            Some(Action::Block) => Some(RuleRefusal::TermBlocked { explanation: verdict.explanation }),
            _ => None,
        };
        self.hold = match verdict.action {
            Some(Action::Hold) => Some(HoldReason::Term),
            // A list from before shadowing was switched off.
            Some(Action::Shadow) if !may_shadow => Some(HoldReason::Term),
            _ if has_link => Some(HoldReason::Link),
            _ => modes.review_all.then_some(HoldReason::ReviewAll),
        };
        self.shadowed = may_shadow && verdict.action == Some(Action::Shadow);
        if verdict.matches.iter().any(|found| found.action == Action::Mask) {
            self.masked = Some(MessageText::parse(&list.mask(text), usize::MAX).map_err(ChatError::unavailable)?);
        }
        Ok(())
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
        match self.judge(session, author, draft, &known).await {
            Ok(judged) if judged.is_free() => return Ok((known, judged)),
            Ok(_) | Err(ChatError::InvalidMessage(_)) => {}
            Err(error) => return Err(error),
        }
        let in_force = self.store.rules(session.id).await?;
        self.rules.note(session.id, in_force);
        Ok((in_force, self.judge(session, author, draft, &in_force).await?))
    }

    /// Judges a message by these rules. Staff and announcements are exempt from all but the limits of the session.
    ///
    /// # Errors
    /// [`ChatError::InvalidMessage`] for a text that is too long here; [`ChatError::Unavailable`] if a rule cannot be read: that is never a pass.
    pub(super) async fn judge(
        &self,
        session: &Session,
        author: &Caller,
        draft: &Draft,
        rules: &Rules,
    ) -> Result<Judged, ChatError> {
        let limits = rules.limits;
        draft.text.must_fit(limits.max_message_length(self.config.limits.max_message_length))?;
        if author.is_staff() || draft.announcement.is_some() {
            return Ok(Judged::by_limits(limits));
        }
        let now = self.clock.now();
        let (modes, text) = (rules.modes.at(now), draft.text.as_str());
        // An author who may not write at all is not asked to wait.
        if let Err(refusal) = modes.judge_author(author, now) {
            return Ok(Judged { refusal: Some(refusal), limits, ..Judged::default() });
        }
        let mut judged = Judged { pacing: Pacing::of(&modes, session.id, text), limits, ..Judged::default() };
        if let Err(refusal) = modes.judge_text(text) {
            judged.refusal = Some(refusal);
            return Ok(judged);
        }
        let list = self.term_list(rules.terms_version).await?;
        judged.judge_words(&modes, &list, text, self.config.moderation.shadow)?;
        judged.hides_name = !list.allows_name(&author.username);
        Ok(judged)
    }
}
