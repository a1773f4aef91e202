//! What happened, as a reference to the rows that tell of it. The body is made of them when the event is sent, so an event that waits
//! holds nobody's name, text or id, and an erasure in the meantime is an erasure of the event, too.

use serde::{Deserialize, Serialize};

use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::held_id::HeldId;
use crate::domain::moderation::report::Reasons;

/// Something that the operator's systems hear of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OutwardEvent {
    /// An entry of the audit log.
    #[serde(rename = "moderation.action")]
    Action {
        /// The act.
        action_id: ActionId,
    },
    /// A message waits for a decision.
    #[serde(rename = "message.held")]
    Held {
        /// The session.
        session_id: u64,
        /// The message.
        held_id: HeldId,
    },
    /// A held message was decided on, or its time is over.
    #[serde(rename = "held.resolved")]
    Resolved {
        /// The session.
        session_id: u64,
        /// The message.
        held_id: HeldId,
    },
    /// A message was reported once more.
    #[serde(rename = "message.reported")]
    Reported {
        /// The message.
        message_id: MessageId,
        /// How many users have reported it by then.
        reports: u64,
        /// How many of them named each reason.
        reasons: Reasons,
        /// When, in milliseconds since 1970.
        at_ms: i64,
    },
    /// A session is open.
    #[serde(rename = "session.opened")]
    Opened {
        /// The session.
        session_id: u64,
    },
    /// A session has ended.
    #[serde(rename = "session.ended")]
    Ended {
        /// The session.
        session_id: u64,
    },
}

impl OutwardEvent {
    /// The id. It follows from the changed row, so a change that is told twice has one id.
    pub fn id(&self) -> String {
        match self {
            OutwardEvent::Action { action_id } => format!("action-{action_id}"),
            OutwardEvent::Held { session_id, held_id } => format!("held-{session_id}-{}", held_id.as_str()),
            OutwardEvent::Resolved { session_id, held_id } => format!("resolved-{session_id}-{}", held_id.as_str()),
            // A count only grows.
            OutwardEvent::Reported { message_id, reports, .. } => format!("reported-{message_id}-{reports}"),
            OutwardEvent::Opened { session_id } => format!("opened-{session_id}"),
            OutwardEvent::Ended { session_id } => format!("ended-{session_id}"),
        }
    }
}

/// An event as a receiver gets it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Envelope {
    /// The id, which stands outside of the body.
    #[serde(skip)]
    pub id: String,
    /// The type, such as `moderation.action`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When it happened (RFC 3339).
    pub timestamp: String,
    /// What the type tells.
    pub data: serde_json::Value,
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_names_the_row_and_its_version_and_fits_a_signature() {
        let now: Timestamp = "2026-01-05T19:30:00.250Z".parse().unwrap();
        let (action_id, held_id) = (ActionId::at(now), HeldId::at(now));
        let reported = |reports| OutwardEvent::Reported {
            message_id: MessageId::new(3, 7),
            reports,
            reasons: Reasons::default(),
            at_ms: 5,
        };
        let events = [
            OutwardEvent::Action { action_id },
            OutwardEvent::Held { session_id: 3, held_id: held_id.clone() },
            OutwardEvent::Resolved { session_id: 3, held_id },
            reported(1),
            reported(2),
            OutwardEvent::Opened { session_id: 3 },
            OutwardEvent::Ended { session_id: 3 },
        ];
        let ids: std::collections::BTreeSet<String> = events.iter().map(OutwardEvent::id).collect();
        assert_eq!(ids.len(), events.len(), "{ids:?}");
        // A full stop would end the id in what is signed.
        assert!(ids.iter().all(|id| !id.contains('.') && id.is_ascii()), "{ids:?}");
        for event in events {
            let stored = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<OutwardEvent>(&stored).unwrap(), event);
        }
        let stored = serde_json::to_value(OutwardEvent::Ended { session_id: 3 }).unwrap();
        assert_eq!(stored, json!({"type": "session.ended", "session_id": 3}));
    }
}
