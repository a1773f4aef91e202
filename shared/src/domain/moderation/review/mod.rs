//! The operator's review handler, which sees each message before anybody else does (docs/contract.md, Review handler).
//!
//! It speaks the contract of Amazon IVS Chat's message review handler, so a handler of a room there works here unchanged:
//! [`request`] is what it is asked, [`answer`] what it says, [`breaker`] spares the senders a handler that is down.

pub mod answer;
pub mod breaker;
pub mod request;

use crate::domain::caller::Attributes;
use crate::domain::text::message_text::MessageText;

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewVerdict {
    /// It is sent, perhaps changed.
    Allow {
        /// The text that takes the place of the author's.
        text: Option<MessageText>,
        /// The attributes that take the place of the author's.
        attributes: Option<Attributes>,
    },
    /// It is refused.
    Deny {
        /// What the author is told.
        reason: Option<String>,
    },
    /// It waits for a decision of staff.
    Hold,
    /// Its author alone sees it.
    Shadow,
}

impl ReviewVerdict {
    /// The message goes on as it is.
    pub const PASS: ReviewVerdict = ReviewVerdict::Allow { text: None, attributes: None };
}

/// What becomes of a message on which the handler says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// It is sent as it is.
    #[default]
    Allow,
    /// It is refused, without a reason.
    Deny,
    /// It waits for a decision of staff.
    Hold,
}

impl Fallback {
    /// The verdict in the handler's place.
    pub fn verdict(self) -> ReviewVerdict {
        match self {
            Fallback::Allow => ReviewVerdict::PASS,
            Fallback::Deny => ReviewVerdict::Deny { reason: None },
            Fallback::Hold => ReviewVerdict::Hold,
        }
    }
}
