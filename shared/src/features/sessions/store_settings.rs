//! The settings of a session: their own row, which the act that changes them writes, and the copy in the session's row, which is in force.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::Serialize;

use super::store::SessionRow;
use crate::domain::session::Session;
use crate::domain::session::limits::OwnLimits;
use crate::domain::session::settings::SessionSettings;
use crate::platform::dynamo::calls::{Consistency, attributes_of, item_of, number, text};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Nothing newer was copied before.
const IS_NEWER: &str = "(attribute_not_exists(settings_version) OR settings_version < :version)";

impl Store {
    /// The settings of a session as they were changed last, strongly consistent; `None` without the session.
    pub async fn session_settings(&self, session_id: u64) -> Result<Option<SessionSettings>, StoreError> {
        if let Some(settings) = self.get(&self.chat, &keys::session_settings(session_id), Consistency::Strong).await? {
            return Ok(Some(settings));
        }
        let row: Option<SessionRow> = self.get(&self.chat, &keys::session(session_id), Consistency::Strong).await?;
        Ok(row.map(|SessionRow { opened, tags, .. }| {
            let Session { name, end, limits, expires_at, .. } = opened.into();
            SessionSettings { version: 0, name, end_ms: end.map(|end| end.as_millisecond()), tags, limits, expires_at }
        }))
    }

    /// The part of an act's transaction that changes the settings. It is refused if they were changed since they were read.
    pub fn replace_session_settings(
        &self,
        session_id: u64,
        next: &SessionSettings,
    ) -> Result<TransactWriteItem, StoreError> {
        let read_version = next.version;
        let next = SessionSettings { version: read_version + 1, ..next.clone() };
        self.replace_version(item_of(&keys::session_settings(session_id), next), read_version)
    }

    /// Puts the settings in force that were changed last: whatever was judged by other ones gets no number any more. Repeatable; it never
    /// replaces newer ones by older ones.
    pub async fn enforce_session_settings(&self, session_id: u64) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct Copied<'a> {
            #[serde(rename = ":name")]
            name: &'a str,
            #[serde(rename = ":tags")]
            tags: &'a [String],
            #[serde(rename = ":limits")]
            limits: OwnLimits,
        }
        let settings: Option<SessionSettings> =
            self.get(&self.chat, &keys::session_settings(session_id), Consistency::Strong).await?;
        let Some(settings) = settings else { return Ok(()) };
        let (mut set, mut remove, mut values) = (String::new(), Vec::new(), HashMap::new());
        for (name, value) in [("end_ms", settings.end_ms), ("expires_at", settings.expires_at)] {
            match value {
                Some(value) => {
                    set += &format!(", {name} = :{name}");
                    values.insert(format!(":{name}"), number(value));
                }
                None => remove.push(name),
            }
        }
        let remove = if remove.is_empty() { String::new() } else { format!(" REMOVE {}", remove.join(", ")) };
        values.insert(":version".to_owned(), number(settings.version));
        let copied = Copied { name: &settings.name, tags: &settings.tags, limits: settings.limits };
        let mut of_session: HashMap<String, AttributeValue> = attributes_of(copied);
        of_session.extend(values.clone());
        of_session.extend([(":none".to_owned(), number(0)), (":one".to_owned(), number(1))]);
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::session(session_id).attributes()))
            .update_expression(format!(
                "SET #name = :name, tags = :tags, limits = :limits, settings_version = :version, rules_version = if_not_exists(rules_version, :none) + :one{set}{remove}"
            ))
            .condition_expression(format!("attribute_exists(pk) AND {IS_NEWER}"))
            .expression_attribute_names("#name", "name")
            .set_expression_attribute_values(Some(of_session));
        self.update(update).await?;
        values.insert(":id".to_owned(), number(session_id));
        // Whoever looks for sessions that are not over finds this one by its new end, even if a window opened it.
        let listed = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::managed_session(session_id).attributes()))
            .update_expression(format!("SET id = :id, settings_version = :version{set}{remove}"))
            .condition_expression(IS_NEWER)
            .set_expression_attribute_values(Some(values));
        self.update(listed).await?;
        self.renew_expiry(session_id, settings.expires_at).await
    }

    /// Lets the rows that stand beside a session's row expire with it. Without that, counters, pins and modes would be gone in the middle of
    /// a session whose end was moved. Repeatable.
    async fn renew_expiry(&self, session_id: u64, expires_at: Option<i64>) -> Result<(), StoreError> {
        let head = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :head")
            .projection_expression("pk, sk")
            .expression_attribute_values(":head", text(keys::head(session_id)))
            .consistent_read(true);
        let beside: Vec<Key> = self.query_all(head).await?;
        let session = keys::session(session_id);
        let rows = beside.into_iter().filter(|key| *key != session);
        let reactions = (0..keys::REACTION_SHARDS).map(|shard| keys::reaction_shard(session_id, shard));
        let others = [keys::modes(session_id), keys::covered(session_id), keys::held_closed(session_id)];
        for key in rows.chain(others).chain(reactions) {
            let update = self.client.update_item().table_name(&self.chat).set_key(Some(key.attributes()));
            let update = match expires_at {
                Some(at) => update
                    .update_expression("SET expires_at = :at")
                    .condition_expression(
                        "attribute_exists(pk) AND (attribute_not_exists(expires_at) OR expires_at <> :at)",
                    )
                    .expression_attribute_values(":at", number(at)),
                None => update
                    .update_expression("REMOVE expires_at")
                    .condition_expression("attribute_exists(pk) AND attribute_exists(expires_at)"),
            };
            self.update(update).await?;
        }
        Ok(())
    }
}
