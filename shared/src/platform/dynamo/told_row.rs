//! The rows whose changes the operator's systems hear of, as the streams of the chat and the audit table name them: by their keys
//! ([`super::keys`]). The filters of the two mappings in `template.yaml` pass these.

use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::held_id::HeldId;

/// A row whose changes are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToldRow {
    /// An entry of the audit log.
    Entry(ActionId),
    /// A message that waits for a decision, by its session.
    Held(u64, HeldId),
    /// A held message that was decided on, by its session.
    Resolved(u64, HeldId),
    /// The tally of a message's reports.
    Tally(MessageId),
    /// A session.
    Session(u64),
}

impl ToldRow {
    /// Reads a row's key; `None` for rows of which nobody is told.
    pub fn from_key(pk: &str, sk: &str) -> Option<ToldRow> {
        let (kind, of) = pk.split_once('#')?;
        let session_id = || of.parse::<u64>().ok();
        match (kind, sk) {
            ("log", id) => id.parse().ok().map(ToldRow::Entry),
            ("session", "session") => session_id().map(ToldRow::Session),
            ("held", id) => Some(ToldRow::Held(session_id()?, HeldId::parse(id).ok()?)),
            ("resolved", id) => Some(ToldRow::Resolved(session_id()?, HeldId::parse(id).ok()?)),
            ("reports", seq) => MessageId::checked(session_id()?, seq.parse().ok()?).map(ToldRow::Tally),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::platform::dynamo::keys;

    #[test]
    fn a_row_that_is_told_of_is_known_by_its_key() {
        let of = |key: keys::Key| ToldRow::from_key(&key.pk, &key.sk);
        let (act, held) = (ActionId::at(Timestamp::UNIX_EPOCH), HeldId::at(Timestamp::UNIX_EPOCH));
        assert_eq!(of(keys::log_entry(&act)), Some(ToldRow::Entry(act)));
        assert_eq!(of(keys::held(3, &held)), Some(ToldRow::Held(3, held.clone())));
        assert_eq!(of(keys::resolved(3, &held)), Some(ToldRow::Resolved(3, held)));
        assert_eq!(of(keys::tally(MessageId::new(3, 7))), Some(ToldRow::Tally(MessageId::new(3, 7))));
        assert_eq!(of(keys::session(3)), Some(ToldRow::Session(3)));
        assert_eq!((of(keys::held_closed(3)), of(keys::viewers(3)), of(keys::message(3, 7))), (None, None, None));
    }
}
