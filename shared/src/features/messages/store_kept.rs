//! Messages as staff see them, whatever viewers see (docs/contract.md, What is kept).
//!
//! The text of a message that is gone lies in `deleted_text`. No other reader knows that attribute: a row without `text` is no message to
//! them.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::kept::{Fate, MessageState};
use crate::features::messages::stored_message::StoredMessage;
use crate::platform::dynamo::calls::Consistency;
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// A message as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMessage {
    /// The message, with its text. Versions that kept no text of messages that are gone have left rows without it.
    pub message: Option<StoredMessage>,
    /// What became of it.
    pub fate: Fate,
}

/// The attributes of a row that tell what became of its message.
#[derive(Deserialize)]
struct Marks {
    user_id: Option<String>,
    #[serde(default)]
    created_ms: i64,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    is_hidden: Option<bool>,
    #[serde(default)]
    shadowed: bool,
    /// The nonce of its deletion.
    #[serde(default)]
    deletion: Option<Value>,
    /// The act that has deleted it, if an act has.
    #[serde(default)]
    deleted_by: Option<ActionId>,
    /// The act on account of which its text was removed.
    #[serde(default)]
    purged: Option<ActionId>,
    #[serde(default)]
    acts: Vec<ActionId>,
    /// The time of its last change. Nothing changes a message that is gone.
    #[serde(default)]
    changed_ms: Option<i64>,
}

impl Marks {
    fn state(&self, has_text: bool) -> MessageState {
        // A hidden message counts as deleted, for older versions.
        let is_hidden = self.is_hidden == Some(true);
        let is_deleted = self.deleted && (!is_hidden || self.deletion.is_some());
        match (is_deleted, self.purged.is_some() || !has_text) {
            (true, _) => MessageState::Deleted,
            (false, true) => MessageState::Purged,
            (false, false) if is_hidden => MessageState::Hidden,
            (false, false) if self.shadowed => MessageState::Shadowed,
            (false, false) => MessageState::Standing,
        }
    }
}

impl KeptMessage {
    /// Reads a row; `None` for one that is no message: a void, or an event.
    pub(super) fn of(mut row: Map<String, Value>) -> Result<Option<KeptMessage>, serde_json::Error> {
        let mut marks: Marks = serde_json::from_value(Value::Object(row.clone()))?;
        let Some(user_id) = marks.user_id.take() else { return Ok(None) };
        if let Some(text) = row.remove("deleted_text") {
            row.insert("text".to_owned(), text);
        }
        let has_text = ["text", "hidden_text", "shadow_text"].iter().any(|name| row.contains_key(*name));
        let message = has_text.then(|| serde_json::from_value(Value::Object(row))).transpose()?;
        let fate = Fate {
            user_id,
            state: marks.state(has_text),
            is_shadowed: marks.shadowed,
            is_removed: marks.purged.is_some(),
            acts: marks.acts.into_iter().chain(marks.purged).collect(),
            deleted_by: marks.deleted_by,
            created_ms: marks.created_ms,
            changed_ms: marks.changed_ms,
        };
        Ok(Some(KeptMessage { message, fate }))
    }
}

impl Store {
    /// A message as staff see it, strongly consistent, covered or not; `None` if there was none, or if it has expired.
    pub async fn message_for_staff(&self, id: MessageId, now: Timestamp) -> Result<Option<KeptMessage>, StoreError> {
        let key = keys::message(id.session_id(), id.seq());
        let row: Option<Map<String, Value>> = self.get(&self.chat, &key, Consistency::Strong).await?;
        let row = row.filter(|row| !is_expired(row.get("expires_at").and_then(Value::as_i64), now));
        let message = row.map(KeptMessage::of).transpose();
        Ok(message.map_err(|error| StoreError::new("reading a message", error))?.flatten())
    }

    /// The acts that cover a user's message.
    pub async fn acts_that_cover(&self, id: MessageId, user_id: &str) -> Result<Vec<ActionId>, StoreError> {
        let acts = self.acts(id.session_id(), Consistency::Strong).await?;
        Ok(acts.covering(user_id, id.seq()).filter_map(|act_id| act_id.parse().ok()).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A row of bob's message, with these attributes more.
    fn read(more: Value) -> Option<(MessageState, Option<String>)> {
        let row = json!({"pk": "messages#1", "sk": "00000007", "session_id": 1, "seq": 7, "user_id": "bob", "username": "Bob",
            "likes": 0, "created_ms": 1_700_000_000_000_i64, "is_winner": false, "is_host": false});
        let (Value::Object(mut row), Value::Object(more)) = (row, more) else { unreachable!("objects") };
        row.extend(more);
        let kept = KeptMessage::of(row).unwrap()?;
        Some((kept.fate.state, kept.message.map(|message| message.text().to_owned())))
    }

    #[test]
    fn a_row_tells_what_became_of_its_message() {
        use MessageState::{Deleted, Hidden, Purged, Shadowed, Standing};
        let act = ActionId::at(Timestamp::UNIX_EPOCH);
        for (more, state, text) in [
            (json!({"text": "hi"}), Standing, Some("hi")),
            (json!({"text": "hi", "is_hidden": false}), Standing, Some("hi")),
            (json!({"hidden_text": "hi", "is_hidden": true, "deleted": true}), Hidden, Some("hi")),
            (json!({"deleted_text": "hi", "deleted": true, "deletion": 17}), Deleted, Some("hi")),
            (
                json!({"deleted_text": "hi", "deleted": true, "deletion": 17, "deleted_by": act, "is_hidden": true}),
                Deleted,
                Some("hi"),
            ),
            (
                json!({"deleted_text": "hi", "deleted": true, "deletion": 17, "deleted_by": act, "purged": act}),
                Deleted,
                Some("hi"),
            ),
            (json!({"deleted_text": "hi", "purged": act}), Purged, Some("hi")),
            (json!({"deleted_text": "hi", "purged": act, "is_hidden": true, "deleted": true}), Purged, Some("hi")),
            (json!({"shadow_text": "hi", "shadowed": true, "void": true}), Shadowed, Some("hi")),
            (
                json!({"deleted_text": "hi", "shadowed": true, "void": true, "deleted": true, "deletion": 17}),
                Deleted,
                Some("hi"),
            ),
            (json!({"deleted_text": "hi", "shadowed": true, "void": true, "purged": act}), Purged, Some("hi")),
            // What older versions left.
            (json!({"deleted": true, "deletion": 17}), Deleted, None),
            (json!({"deleted": true}), Deleted, None),
            (json!({}), Purged, None),
        ] {
            assert_eq!(read(more.clone()), Some((state, text.map(str::to_owned))), "{more}");
        }
    }

    #[test]
    fn a_void_and_an_event_are_no_messages() {
        for row in [json!({"void": true, "sk": "00000007"}), json!({"event": {"type": "chat_cleared", "up_to_seq": 6}})]
        {
            let Value::Object(row) = row else { unreachable!("an object") };
            assert_eq!(KeptMessage::of(row).unwrap(), None);
        }
    }
}
