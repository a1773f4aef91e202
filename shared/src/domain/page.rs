//! The page of the history that a client asks for, and how it is read.

use crate::domain::error::ChatError;
use crate::domain::message::{MAX_SEQ, MessageId};

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

/// The size of a page: it ends at whichever limit comes first, but never before its first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// The number of messages.
    pub messages: usize,
    /// The size of all messages as JSON.
    pub bytes: usize,
}

/// A page that holds a message already ends after this many queries.
pub const MAX_QUERIES: usize = 5;
/// The size of the third query, if the first two did not fill the page.
const MANY_ROWS: usize = 256;

/// The work of a page so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Queries.
    pub queries: usize,
    /// Rows that they read: messages, deleted ones and voids.
    pub examined: usize,
    /// Messages among them.
    pub found: usize,
}

impl Progress {
    /// The number of rows that the next query reads, to find `wanted` messages more; `None` lets it read as much as a query can,
    /// 1 MB. Deleted messages keep their rows, so queries grow: 2,000 deleted ones take no more than [`MAX_QUERIES`].
    pub fn rows_to_read(self, wanted: usize) -> Option<usize> {
        let by_density = match self.found {
            0 => self.examined * 8,
            found => wanted * self.examined / found + 8,
        };
        match self.queries {
            0 => Some(wanted),
            1 => Some(by_density.max(wanted)),
            2 => Some(by_density.max(MANY_ROWS)),
            _ => None,
        }
    }

    /// Whether the page ends here although rows are left. A page without a message goes on: a client that continues after the last
    /// message would never come further.
    pub fn is_exhausted(self) -> bool {
        self.queries >= MAX_QUERIES && self.found > 0
    }
}

/// Where a client continues, on either side of a page: values of `before` and `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// For the page of older messages; `None` if there are none.
    pub before: Option<MessageId>,
    /// For the page of newer messages; `None` if there are none.
    pub after: Option<MessageId>,
}

impl Continuation {
    /// The continuation of the page at an anchor. `read_to` is the last number that the page covers, if there is more beyond it. On the
    /// side that the page starts from, it is the anchor itself, whose own message belongs to the other page.
    pub fn of(session_id: u64, anchor: Anchor, read_to: Option<u64>) -> Continuation {
        let id = |seq: u64| MessageId::new(session_id, seq.min(MAX_SEQ));
        let onward = read_to.map(id);
        match anchor {
            Anchor::Newest => Continuation { before: onward, after: None },
            Anchor::Before(seq) => Continuation { before: onward, after: Some(id(seq.saturating_sub(1))) },
            Anchor::After(0) => Continuation { before: None, after: onward },
            Anchor::After(seq) => Continuation { before: Some(id(seq.saturating_add(1))), after: onward },
        }
    }
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

/// Reads `mine`: whether the page says which of its messages the caller likes.
///
/// # Errors
/// [`ChatError::InvalidRequest`] for anything but `true` and `false`.
pub fn parse_mine(mine: Option<&str>) -> Result<OwnLikes, ChatError> {
    match mine {
        None | Some("false") => Ok(OwnLikes::Omit),
        Some("true") => Ok(OwnLikes::Tell),
        Some(_) => Err(ChatError::InvalidRequest("mine is true or false".to_owned())),
    }
}

/// Reads `sort`, the order of questions.
///
/// # Errors
/// [`ChatError::InvalidRequest`] for anything but `likes` and `new`.
pub fn parse_question_order(sort: Option<&str>) -> Result<QuestionOrder, ChatError> {
    match sort {
        None | Some("likes") => Ok(QuestionOrder::Likes),
        Some("new") => Ok(QuestionOrder::New),
        Some(_) => Err(ChatError::InvalidRequest("sort is likes or new".to_owned())),
    }
}

/// The order of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionOrder {
    /// Those with the most likes first; of equal ones, the older.
    Likes,
    /// The newest first.
    New,
}

/// What a page says of the caller's own likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnLikes {
    /// Nothing.
    Omit,
    /// Each message has `user_liked`, at the cost of one query more.
    Tell,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The queries of a page of `limit` messages over a log: `true` is a message, and the newest entry comes first.
    fn queries(log: &[bool], limit: usize) -> usize {
        /// The rows of deleted messages with long user ids in 1 MB.
        const ROWS_OF_A_QUERY: usize = 1_600;
        let (mut progress, mut rest) = (Progress::default(), log);
        while !rest.is_empty() && progress.found <= limit && !progress.is_exhausted() {
            let rows = progress.rows_to_read(limit + 1 - progress.found).unwrap_or(ROWS_OF_A_QUERY);
            let (read, left) = rest.split_at(rows.min(ROWS_OF_A_QUERY).min(rest.len()));
            progress.queries += 1;
            progress.examined += read.len();
            progress.found += read.iter().filter(|is_message| **is_message).count();
            rest = left;
        }
        assert!(progress.found > limit || rest.is_empty() || progress.found > 0, "the page makes progress");
        progress.queries
    }

    #[test]
    fn two_thousand_deleted_messages_take_five_queries_at_most_wherever_they_are() {
        for limit in [1, 2, 3, 50, 100, 999, 1000] {
            for ahead in [0, 1, 2, limit / 2, limit] {
                let log = [vec![true; ahead], vec![false; 2_000], vec![true; 1_001]].concat();
                assert!(queries(&log, limit) <= 5, "limit {limit}, {ahead} messages before them");
            }
            for every in [2, 3, 10, 100, 500] {
                let log: Vec<bool> = (0..).map(|row| row % every == 0).take(2_000 + 2_000 / (every - 1)).collect();
                let log = [log, vec![true; 1_001]].concat();
                assert!(queries(&log, limit) <= 5, "limit {limit}, one message in {every}");
            }
        }
    }

    #[test]
    fn a_log_without_gaps_is_read_once_and_one_of_deleted_messages_to_its_end() {
        assert_eq!(queries(&vec![true; 5_000], 50), 1);
        assert_eq!(queries(&[true; 20], 50), 1);
        let one = [vec![true; 50], vec![false], vec![true; 50]].concat();
        assert_eq!(queries(&one, 50), 2);
        assert_eq!(queries(&vec![false; 20_000], 50), 15, "no message, so no bound but the log");
    }

    #[test]
    fn a_page_continues_on_both_sides() {
        let of = |anchor, read_to| {
            let continuation = Continuation::of(3, anchor, read_to);
            (continuation.before.map(MessageId::seq), continuation.after.map(MessageId::seq))
        };
        assert_eq!(of(Anchor::Newest, Some(9)), (Some(9), None));
        assert_eq!(of(Anchor::Newest, None), (None, None));
        assert_eq!(of(Anchor::Before(7), Some(4)), (Some(4), Some(6)));
        assert_eq!(of(Anchor::Before(0), None), (None, Some(0)));
        assert_eq!(of(Anchor::After(7), Some(9)), (Some(8), Some(9)));
        assert_eq!(of(Anchor::After(0), None), (None, None), "nothing comes before the first number");
        assert_eq!(of(Anchor::After(MAX_SEQ), None), (Some(MAX_SEQ), None), "an id stays within its session");
    }

    #[test]
    fn mine_is_true_or_false() {
        assert_eq!(parse_mine(None).unwrap(), OwnLikes::Omit);
        assert_eq!(parse_mine(Some("false")).unwrap(), OwnLikes::Omit);
        assert_eq!(parse_mine(Some("true")).unwrap(), OwnLikes::Tell);
        for text in ["", "1", "TRUE", "yes", " true"] {
            assert_eq!(parse_mine(Some(text)).unwrap_err().code(), "invalid_request", "{text:?}");
        }
    }

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
