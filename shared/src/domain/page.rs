//! The page of the history that a client asks for.

use crate::domain::error::ChatError;
use crate::domain::message::MessageId;

/// The position of a page of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The newest messages.
    Newest,
    /// The newest messages before this number.
    Before(u64),
    /// The oldest messages after this number.
    After(u64),
}

/// Messages of a page, unless the client sets `limit`.
const DEFAULT_LIMIT: usize = 50;

/// Reads `limit`, from 1 to `max`. Without it, a page has 50 messages (or `max`, if that is less).
///
/// # Errors
/// [`ChatError::InvalidRequest`] for anything else.
pub fn parse_limit(limit: Option<&str>, max: usize) -> Result<usize, ChatError> {
    let Some(text) = limit else { return Ok(DEFAULT_LIMIT.min(max)) };
    text.parse()
        .ok()
        .filter(|limit| (1..=max).contains(limit) && text.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| ChatError::InvalidRequest(format!("limit must be a whole number from 1 to {max}")))
}

/// Reads `before` and `after`, which are message ids of the addressed session.
///
/// # Errors
/// [`ChatError::InvalidRequest`] if both are given, or if one is not a message id of this session.
pub fn parse_anchor(before: Option<&str>, after: Option<&str>, session_id: u64) -> Result<Anchor, ChatError> {
    let number = |text: &str| {
        let id = MessageId::parse(text)?;
        if id.session_id() == session_id {
            return Ok(id.seq());
        }
        Err(ChatError::InvalidRequest("before and after take an id of a message of the same session".to_owned()))
    };
    match (before, after) {
        (None, None) => Ok(Anchor::Newest),
        (Some(before), None) => number(before).map(Anchor::Before),
        (None, Some(after)) => number(after).map(Anchor::After),
        (Some(_), Some(_)) => Err(ChatError::InvalidRequest("Give before or after, not both".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_stands_between_1_and_the_most() {
        assert_eq!(parse_limit(None, 100).unwrap(), 50);
        assert_eq!(parse_limit(None, 20).unwrap(), 20);
        assert_eq!(parse_limit(Some("100"), 100).unwrap(), 100);
        for text in ["0", "-1", "+1", "101", "abc", "", "1.5", "99999999999999999999"] {
            assert_eq!(parse_limit(Some(text), 100).unwrap_err().code(), "invalid_request", "{text}");
        }
    }

    #[test]
    fn an_anchor_is_of_the_same_session_and_only_one() {
        assert_eq!(parse_anchor(Some("300000007"), None, 3).unwrap(), Anchor::Before(7));
        assert_eq!(parse_anchor(None, Some("300000007"), 3).unwrap(), Anchor::After(7));
        for (before, after) in [(Some("300000007"), Some("300000008")), (Some("200000007"), None), (None, Some("x"))] {
            assert_eq!(parse_anchor(before, after, 3).unwrap_err().code(), "invalid_request");
        }
    }
}
