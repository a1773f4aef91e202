//! The messages of a user, and what names the user in the log of a session: a page of it at a time.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::Erasure;
use crate::domain::message::MessageId;
use crate::domain::moderation::action_id::ActionId;
use crate::platform::dynamo::calls::{change_trace, item_of, number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Rows of a session's log that one slice looks at: at most 1 MB, which a query reads.
const ROWS: i32 = 500;
/// The broadcast finds a change of a message that is older than this by a note (docs/decisions/010-lost-changes.md).
const NOTED_SECONDS: i64 = 24 * 3600;
/// All that a message's row has of its author. The number stays, as one that is deleted.
const ERASURE: &str = "SET deleted = :yes, erased = :yes, change_trace = :trace, changed_ms = :changed REMOVE #text, hidden_text, shadow_text, deleted_text, original_text, user_id, username, profile_pic, badge, author_attributes, client_message_id, mentions, reply_to, announcement, is_winner, is_host, by_staff, by_uncounted, resembles_staff, shadowed, purged, acts, deleted_by, is_hidden, #trace";

#[derive(Debug, Deserialize)]
struct NamingRow {
    sk: String,
    user_id: Option<String>,
    #[serde(default)]
    created_ms: i64,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    mentions: Vec<String>,
    /// Those that deleted the message, or took that back.
    #[serde(default)]
    acts: Vec<ActionId>,
    event: Option<serde_json::Value>,
}

/// What a slice has done.
pub(super) struct Slice {
    /// The last number that it looked at, if there are more.
    pub(super) read_to: Option<u64>,
    /// Messages that were erased.
    pub(super) messages: u64,
}

impl Store {
    /// Erases a page of a session's log.
    pub(super) async fn erase_messages(
        &self,
        erasure: &Erasure,
        session_id: u64,
        after: u64,
        now: Timestamp,
    ) -> Result<Slice, StoreError> {
        let user_id = erasure.user_id.as_str();
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :log AND sk > :after")
            .expression_attribute_values(":log", text(keys::messages(session_id)))
            .expression_attribute_values(":after", text(keys::message_sort_key(after)))
            .consistent_read(true)
            .limit(ROWS)
            .filter_expression("user_id = :user OR contains(mentions, :user) OR #event.user_id = :user")
            .expression_attribute_names("#event", "event")
            .expression_attribute_values(":user", text(user_id));
        let page = self.query_filtered::<NamingRow>(query).await?;
        let read_to = page.last_key.and_then(|key| key.get("sk")?.as_s().ok()?.parse().ok());
        let (mut messages, begun_ms) = (0, erasure.act.time().as_millisecond());
        for row in page.rows {
            let Some(id) = row.sk.parse().ok().and_then(|seq| MessageId::checked(session_id, seq)) else { continue };
            // What the user writes after the act is of another life.
            if row.user_id.as_deref() == Some(user_id) && row.created_ms <= begun_ms {
                self.erase_reports_of(id).await?;
                self.erase_texts_of(&row.acts, now).await?;
                if !row.deleted {
                    self.note_change(id, now).await?;
                }
                self.erase_message(id, now).await?;
                messages += 1;
            } else if row.event.is_some_and(|event| event["user_id"] == user_id) && row.created_ms <= begun_ms {
                self.erase_event(id).await?;
            } else if row.mentions.iter().any(|mentioned| mentioned == user_id) {
                self.erase_mention(&keys::message(session_id, id.seq()), &row.mentions, user_id).await?;
            }
        }
        Ok(Slice { read_to, messages })
    }

    async fn erase_message(&self, id: MessageId, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression(ERASURE)
            .condition_expression("attribute_exists(user_id)")
            .expression_attribute_names("#text", "text")
            .expression_attribute_names("#trace", "trace")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":trace", change_trace())
            .expression_attribute_values(":changed", number(now.as_millisecond()));
        self.update(update).await.map(drop)
    }

    /// A change of a message may be older than what the broadcast looks at by itself.
    async fn note_change(&self, id: MessageId, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct Note {
            expires_at: i64,
        }
        let key = keys::old_change(id, now.as_millisecond().div_euclid(60_000));
        let item = item_of(&key, Note { expires_at: now.as_second() + NOTED_SECONDS });
        self.put(self.client.put_item().table_name(&self.chat).set_item(Some(item))).await.map(drop)
    }

    /// What staff wrote when they deleted a message. Such an entry concerns no user by name, so its text lies with its actor.
    async fn erase_texts_of(&self, acts: &[ActionId], now: Timestamp) -> Result<(), StoreError> {
        for act in acts {
            if let Some(entry) = self.entry(act, now).await?.filter(|entry| entry.target.is_none()) {
                self.erase_row(&self.chat, &keys::entry_text(&entry.actor, act)).await?;
            }
        }
        Ok(())
    }

    /// What others reported of a message, and wrote of it.
    async fn erase_reports_of(&self, id: MessageId) -> Result<(), StoreError> {
        self.erase_partition(&self.chat, &keys::reports_of(id)).await?;
        self.erase_row(&self.chat, &keys::tally(id)).await
    }

    /// An event that names the user becomes a void: its messages are gone anyway.
    async fn erase_event(&self, id: MessageId) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression("SET #void = :yes REMOVE #event")
            .condition_expression("attribute_exists(#event)")
            .expression_attribute_names("#event", "event")
            .expression_attribute_names("#void", "void")
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        self.update(update).await.map(drop)
    }

    /// Takes a user out of the mentions of a row, unless they have changed since they were read.
    pub(super) async fn erase_mention(
        &self,
        key: &keys::Key,
        mentions: &[String],
        user_id: &str,
    ) -> Result<(), StoreError> {
        let list = |mentions: Vec<&String>| {
            AttributeValue::L(mentions.into_iter().map(|mentioned| text(mentioned.as_str())).collect())
        };
        let left: Vec<&String> = mentions.iter().filter(|mentioned| *mentioned != user_id).collect();
        let expression = if left.is_empty() { "REMOVE mentions" } else { "SET mentions = :left" };
        let values = HashMap::from([(":read".to_owned(), list(mentions.iter().collect()))]);
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(key.attributes()))
            .update_expression(expression)
            .condition_expression("mentions = :read")
            .set_expression_attribute_values(Some(values));
        let update = match left.is_empty() {
            true => update,
            false => update.expression_attribute_values(":left", list(left)),
        };
        self.update(update).await.map(drop)
    }
}
