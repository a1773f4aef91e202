//! The answer to a send: what became of its message (docs/contract.md, Sending).

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::domain::message::MessageId;
use crate::domain::moderation::held_id::HeldId;

/// What became of a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The message is stored.
    Stored(MessageId),
    /// The message waits for a decision.
    Held(HeldId),
    /// The message was held, and is stored since it was approved.
    Approved(HeldId, MessageId),
    /// The message was held and denied.
    Denied(HeldId),
    /// The message was held, and nobody decided on it in time.
    Expired(HeldId),
}

impl SendOutcome {
    /// The message's id, once it is stored.
    pub fn message_id(&self) -> Option<MessageId> {
        match self {
            SendOutcome::Stored(id) | SendOutcome::Approved(_, id) => Some(*id),
            SendOutcome::Held(_) | SendOutcome::Denied(_) | SendOutcome::Expired(_) => None,
        }
    }

    /// What is told of a message that was held: its state on the wire, and its id. A message that never was has neither.
    fn held(&self) -> Option<(&'static str, &HeldId)> {
        match self {
            SendOutcome::Stored(_) => None,
            SendOutcome::Held(id) => Some(("held", id)),
            SendOutcome::Approved(id, _) => Some(("approved", id)),
            SendOutcome::Denied(id) => Some(("denied", id)),
            SendOutcome::Expired(id) => Some(("expired", id)),
        }
    }
}

/// The receipt of a send, as the response and the `ack` show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendReceipt {
    /// What became of it.
    pub outcome: SendOutcome,
    /// The time at which the message was stored, or held, in RFC 3339.
    pub created_at: String,
    /// Whether an earlier send had brought it.
    pub duplicate: bool,
}

impl SendReceipt {
    /// Whether the message waits for a decision.
    pub fn is_held(&self) -> bool {
        matches!(self.outcome, SendOutcome::Held(_))
    }
}

impl Serialize for SendReceipt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        if let Some((status, held_id)) = self.outcome.held() {
            fields.serialize_entry("status", status)?;
            fields.serialize_entry("held_id", held_id)?;
        }
        fields.serialize_entry("message_id", &self.outcome.message_id())?;
        fields.serialize_entry("created_at", &self.created_at)?;
        fields.serialize_entry("duplicate", &self.duplicate)?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stored_message_has_the_fields_of_old_and_a_held_one_two_more() {
        let (held_id, message_id) = (HeldId::parse("01kb5d2m7c8hq4t0v9w3x5y6z7").unwrap(), MessageId::new(1, 2));
        let told = |outcome| {
            let receipt = SendReceipt { outcome, created_at: "now".to_owned(), duplicate: true };
            (receipt.is_held(), serde_json::to_value(receipt).unwrap())
        };
        let stored = json!({"message_id": message_id, "created_at": "now", "duplicate": true});
        assert_eq!(told(SendOutcome::Stored(message_id)), (false, stored));
        for (outcome, status, id) in [
            (SendOutcome::Held(held_id.clone()), "held", None),
            (SendOutcome::Approved(held_id.clone(), message_id), "approved", Some(message_id)),
            (SendOutcome::Denied(held_id.clone()), "denied", None),
            (SendOutcome::Expired(held_id.clone()), "expired", None),
        ] {
            let expected = json!({"status": status, "held_id": held_id, "message_id": id, "created_at": "now",
                "duplicate": true});
            assert_eq!(told(outcome), (status == "held", expected));
        }
    }
}
