//! Judging the author and the text of a message by the modes.

use jiff::Timestamp;

use super::modes::{Authors, Modes};
use super::refusal::RuleRefusal;
use super::repeats::is_emoji_only;
use crate::domain::caller::Caller;

impl Modes {
    /// Whether an author's messages are taken. An account whose age the token does not tell is too new.
    ///
    /// # Errors
    /// The mode that refuses them.
    pub fn judge_author(&self, author: &Caller, now: Timestamp) -> Result<(), RuleRefusal> {
        match self.audience {
            _ if author.is_staff() => return Ok(()),
            Authors::Staff => return Err(RuleRefusal::StaffOnly),
            Authors::Members if !author.is_member => return Err(RuleRefusal::MembersOnly),
            Authors::Members | Authors::Everyone => {}
        }
        let needed = i64::from(self.account_age_minutes) * 60;
        let age = author.account_created.map(|created| now.as_second().saturating_sub(created));
        if needed > 0 && age.is_none_or(|age| age < needed) {
            return Err(RuleRefusal::AccountTooNew { minutes: self.account_age_minutes });
        }
        Ok(())
    }

    /// Whether a text is taken, as far as no list of terms is asked.
    ///
    /// # Errors
    /// The mode that refuses it.
    pub fn judge_text(&self, text: &str) -> Result<(), RuleRefusal> {
        if self.emoji_only && !is_emoji_only(text) { Err(RuleRefusal::EmojiOnly) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn authors_are_judged_by_role_and_age_and_staff_are_exempt() {
        let (viewer, member) = (Caller::default(), Caller { is_member: true, ..Caller::default() });
        let moderator = Caller { is_moderator: true, ..Caller::default() };
        let host = Caller { is_host: true, ..Caller::default() };
        for (audience, refused) in [(Authors::Everyone, 0), (Authors::Members, 1), (Authors::Staff, 2)] {
            let modes = Modes { audience, ..Modes::default() };
            let judged = [&viewer, &member, &moderator, &host].map(|author| modes.judge_author(author, at(0)).is_err());
            assert_eq!(judged, std::array::from_fn(|index| index < refused), "{audience:?}");
        }
        let modes = Modes { account_age_minutes: 10, ..Modes::default() };
        for (created, passes) in [(None, false), (Some(1_000), true), (Some(1_001), false), (Some(i64::MIN), true)] {
            let author = Caller { account_created: created, ..Caller::default() };
            assert_eq!(modes.judge_author(&author, at(1_600)).is_ok(), passes, "{created:?}");
        }
        assert_eq!(modes.judge_author(&moderator, at(0)), Ok(()));
    }
}
