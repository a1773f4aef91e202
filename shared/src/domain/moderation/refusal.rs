//! The refusals of a message by the rules of its session, each with the code that clients see.

use std::time::Duration;

/// The rule that refuses a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleRefusal {
    /// Only staff may write.
    #[error("Only staff may write now")]
    StaffOnly,
    /// Only members may write.
    #[error("Only members may write now")]
    MembersOnly,
    /// The author's account is too new.
    #[error("Your account must be {minutes} minutes old to write here")]
    AccountTooNew {
        /// The age that is asked for.
        minutes: u32,
    },
    /// The author's last message is too recent.
    #[error("Slow mode is on: wait before you write again")]
    SlowMode {
        /// The time until the next message passes.
        retry_after: Duration,
    },
    /// Only emoji are taken.
    #[error("Only emoji may be sent now")]
    EmojiOnly,
    /// The author has sent the same text a moment ago.
    #[error("You have sent this message already")]
    RepeatedMessage,
    /// The text has a link.
    #[error("Links are not allowed here")]
    LinkBlocked,
    /// The text has a term that is not allowed.
    #[error("{}", .explanation.as_deref().unwrap_or("This message is not allowed here"))]
    TermBlocked {
        /// What the list says about the term, for the author.
        explanation: Option<String>,
    },
    /// The operator's review handler refuses it.
    #[error("{}", .reason.as_deref().unwrap_or("This message is not allowed here"))]
    ReviewDenied {
        /// What the handler says, for the author.
        reason: Option<String>,
    },
}

impl RuleRefusal {
    /// The stable code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            RuleRefusal::StaffOnly => "staff_only",
            RuleRefusal::MembersOnly => "members_only",
            RuleRefusal::AccountTooNew { .. } => "account_too_new",
            RuleRefusal::SlowMode { .. } => "slow_mode",
            RuleRefusal::EmojiOnly => "emoji_only",
            RuleRefusal::RepeatedMessage => "repeated_message",
            RuleRefusal::LinkBlocked => "link_blocked",
            RuleRefusal::TermBlocked { .. } => "term_blocked",
            RuleRefusal::ReviewDenied { .. } => "review_denied",
        }
    }

    /// The HTTP status (RFC 9110): the author may not, the author must wait, or the text is not taken.
    pub fn status(&self) -> u16 {
        match self {
            RuleRefusal::StaffOnly | RuleRefusal::MembersOnly | RuleRefusal::AccountTooNew { .. } => 403,
            RuleRefusal::SlowMode { .. } => 429,
            _ => 422,
        }
    }

    /// The time until the same message passes; `None` if time alone does not help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            RuleRefusal::SlowMode { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// Whether the text is at fault, so that the refusal is a strike against its author.
    pub fn is_strike(&self) -> bool {
        matches!(self, RuleRefusal::RepeatedMessage | RuleRefusal::LinkBlocked | RuleRefusal::TermBlocked { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_list_or_the_handler_says_reaches_the_author() {
        let blocked =
            |explanation: Option<&str>| RuleRefusal::TermBlocked { explanation: explanation.map(str::to_owned) };
        assert_eq!(blocked(Some("Be kind")).to_string(), "Be kind");
        assert_eq!(blocked(None).to_string(), "This message is not allowed here");
        assert_eq!(RuleRefusal::ReviewDenied { reason: Some("Spam".to_owned()) }.to_string(), "Spam");
        let slow = RuleRefusal::SlowMode { retry_after: Duration::from_secs(3) };
        assert_eq!((slow.status(), slow.retry_after()), (429, Some(Duration::from_secs(3))));
    }
}
