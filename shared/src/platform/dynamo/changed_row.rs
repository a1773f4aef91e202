//! The rows of the chat table whose changes a room hears of, as the stream names them: by their keys ([`super::keys`]).

use crate::domain::hosted_id::HostedId;
use crate::domain::message::MessageId;
use crate::platform::dynamo::keys::{CLOSE_PREFIX, NOTICE_PREFIX, REACTIONS_PREFIX, STATE_PREFIX, TALLY};

/// A changed row of the chat table that concerns a session's room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedRow {
    /// A message, a deleted message or a void.
    Message(MessageId),
    /// A shard of the session's likes.
    Likes(u64),
    /// A shard of the session's reactions.
    Reactions(u64),
    /// The session's number of viewers.
    Viewers(u64),
    /// A state of the session, by its name.
    State(u64, String),
    /// A shard of the votes of one of the session's polls.
    Votes(u64),
    /// The session itself.
    Session(u64),
    /// The session's wake-up.
    WakeUp(u64),
    /// A notice.
    Notice(u64),
    /// A request to close the socket with this connection id.
    Close(u64, String),
}

impl ChangedRow {
    /// The session of the row.
    pub fn session_id(&self) -> u64 {
        match self {
            ChangedRow::Message(id) => id.session_id(),
            ChangedRow::Likes(id)
            | ChangedRow::Reactions(id)
            | ChangedRow::Viewers(id)
            | ChangedRow::Votes(id)
            | ChangedRow::Session(id)
            | ChangedRow::WakeUp(id)
            | ChangedRow::Notice(id)
            | ChangedRow::State(id, _)
            | ChangedRow::Close(id, _) => *id,
        }
    }

    /// Reads a row's key; `None` for rows that concern no room.
    pub fn from_key(pk: &str, sk: &str) -> Option<ChangedRow> {
        if let Some(shard) = pk.strip_prefix(REACTIONS_PREFIX) {
            return Some(ChangedRow::Reactions(shard.split_once('#')?.0.parse().ok()?));
        }
        let (kind, session) = pk.split_once('#')?;
        if (kind, sk) == ("poll", TALLY) {
            let (poll, _shard) = session.split_once('#')?;
            return HostedId::parse("poll", poll).ok().map(|poll| ChangedRow::Votes(poll.session_id()));
        }
        let session_id = session.parse().ok()?;
        match (kind, sk) {
            ("messages", seq) => MessageId::checked(session_id, seq.parse().ok()?).map(ChangedRow::Message),
            ("session", "session") => Some(ChangedRow::Session(session_id)),
            ("session", "viewers") => Some(ChangedRow::Viewers(session_id)),
            ("session", state) if state.starts_with(STATE_PREFIX) => {
                Some(ChangedRow::State(session_id, state[STATE_PREFIX.len()..].to_owned()))
            }
            ("session", shard) if shard.starts_with("likes#") => Some(ChangedRow::Likes(session_id)),
            ("bell", "ring") => Some(ChangedRow::WakeUp(session_id)),
            ("bell", notice) if notice.starts_with(NOTICE_PREFIX) => Some(ChangedRow::Notice(session_id)),
            ("bell", close) => Some(ChangedRow::Close(session_id, close.strip_prefix(CLOSE_PREFIX)?.to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::broadcast::notice::NoticeId;
    use crate::platform::dynamo::keys;

    #[test]
    fn a_changed_row_is_known_by_its_key() {
        let of = |key: keys::Key| ChangedRow::from_key(&key.pk, &key.sk);
        assert_eq!(of(keys::message(3, 17)), Some(ChangedRow::Message(MessageId::new(3, 17))));
        assert_eq!(of(keys::like_shard(3, 7)), Some(ChangedRow::Likes(3)));
        assert_eq!(of(keys::reaction_shard(3, 7)), Some(ChangedRow::Reactions(3)));
        assert_eq!(of(keys::reactions(3)), None, "the broadcast writes it");
        assert_eq!(of(keys::viewers(3)), Some(ChangedRow::Viewers(3)));
        assert_eq!(of(keys::state(3, "pins")), Some(ChangedRow::State(3, "pins".to_owned())));
        assert_eq!(of(keys::poll_tally(HostedId::new(3, 9), 15)), Some(ChangedRow::Votes(3)));
        assert_eq!(of(keys::vote(HostedId::new(3, 9), 15, "state#tally")), None);
        assert_eq!(of(keys::poll(HostedId::new(3, 9))), None);
        assert_eq!(of(keys::session(3)), Some(ChangedRow::Session(3)));
        assert_eq!(of(keys::wake_up(3)), Some(ChangedRow::WakeUp(3)));
        let notice = NoticeId::new(Timestamp::UNIX_EPOCH, 1);
        assert_eq!(of(keys::notice(3, &notice)), Some(ChangedRow::Notice(3)));
        assert_eq!(of(keys::close_request(3, "abc=")), Some(ChangedRow::Close(3, "abc=".to_owned())));
        assert_eq!(of(keys::session_like(3, "messages#3")), None);
        assert_eq!(of(keys::liked_message(MessageId::new(3, 17), "ann")), None);
        assert_eq!(of(keys::liked_message(MessageId::new(3, 17), "")), None);
        assert_eq!(of(keys::window("2024-01-01")), None);
    }

    #[test]
    fn a_row_whose_numbers_no_session_can_have_is_ignored() {
        assert_eq!(ChangedRow::from_key("messages#18446744073709551615", "00000001"), None);
        assert_eq!(ChangedRow::from_key("messages#1", "100000000"), None);
    }
}
