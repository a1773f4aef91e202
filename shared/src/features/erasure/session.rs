//! The rows of a user in one session beside its log, and those of no session. [`super::kinds`] lists all of them.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::store::Erasure;
use crate::domain::message::MessageId;
use crate::domain::moderation::held_id::HeldId;
use crate::platform::dynamo::calls::{Consistency, text};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Rows that are deleted at once.
const CONCURRENT_DELETES: usize = 32;

#[derive(Deserialize)]
struct HeldRow {
    sk: String,
    author: Author,
    #[serde(default)]
    mentions: Vec<String>,
}

#[derive(Deserialize)]
struct Author {
    user_id: String,
}

impl Store {
    /// Erases the rows of no session, except those that say what holds of the user, and who that is.
    pub(super) async fn erase_once(&self, erasure: &Erasure) -> Result<(), StoreError> {
        let user_id = erasure.user_id.as_str();
        self.erase_partition(&self.chat, &keys::all_waiting(user_id)).await?;
        self.erase_partition(&self.chat, &keys::acts_of(user_id)).await?;
        self.erase_partition(&self.connections, &keys::budgets_of(user_id)).await?;
        self.erase_row(&self.connections, &keys::rate(user_id)).await?;
        self.erase_row(&self.connections, &keys::report_rate(user_id)).await?;
        self.erase_row(&self.connections, &keys::reaction_rate(user_id)).await?;
        for listed in self.sort_keys(&self.chat, keys::SANCTIONS, Some(user_id)).await? {
            let act = listed.parse().map_err(|_| StoreError::new("reading a sanction", "no act"))?;
            self.erase_row(&self.chat, &keys::listed_sanction(&act)).await?;
        }
        Ok(())
    }

    /// Erases the rows of a session beside its log.
    pub(super) async fn erase_in_session(
        &self,
        erasure: &Erasure,
        session_id: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let user_id = erasure.user_id.as_str();
        self.erase_held(erasure, &keys::held_messages(session_id)).await?;
        self.erase_held(erasure, &keys::resolved_messages(session_id)).await?;
        self.erase_own_reports(user_id, session_id).await?;
        self.erase_likes(user_id, session_id, now).await?;
        self.erase_covers(erasure, session_id).await?;
        self.erase_votes(user_id, session_id).await?;
        Box::pin(self.erase_from_draws(user_id, session_id, now)).await?;
        self.erase_staff_sockets(user_id, session_id).await?;
        self.erase_partition(&self.connections, &keys::all_sent(session_id, user_id)).await?;
        self.erase_partition(&self.connections, &keys::all_sent_events(session_id, user_id)).await?;
        let (presence, uncounted) = (keys::presence(session_id, user_id), keys::uncounted_user(session_id, user_id));
        if self.session(session_id, now).await?.is_none_or(|session| !session.is_open_at(now)) {
            self.erase_row(&self.connections, &presence).await?;
            return self.erase_row(&self.connections, &uncounted).await;
        }
        // Who has a socket by now has come again.
        if let Some(presence) = self.presence(session_id, user_id).await? {
            self.forget_viewer(session_id, &presence).await?;
        }
        let delete = self.client.delete_item().table_name(&self.connections).set_key(Some(uncounted.attributes()));
        self.delete(delete.condition_expression("attribute_not_exists(sockets)")).await.map(drop)
    }

    /// Messages of the user that were held, and mentions of the user in those of others.
    async fn erase_held(&self, erasure: &Erasure, pk: &str) -> Result<(), StoreError> {
        let user_id = erasure.user_id.as_str();
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :pk")
            .filter_expression("author.user_id = :user OR contains(mentions, :user)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":user", text(user_id))
            .consistent_read(true);
        for row in self.query_all::<HeldRow>(query).await? {
            // What the user writes after the act is of another life.
            let is_later = HeldId::parse(&row.sk).is_ok_and(|id| id.time() > erasure.act.time());
            let key = Key { pk: pk.to_owned(), sk: row.sk };
            match row.author.user_id == user_id {
                true if is_later => {}
                true => self.erase_row(&self.chat, &key).await?,
                false => self.erase_mention(&key, &row.mentions, user_id).await?,
            }
        }
        Ok(())
    }

    /// Sockets by which the user was of the staff, and which a crash has left in the list: those that are open are closed by the act.
    async fn erase_staff_sockets(&self, user_id: &str, session_id: u64) -> Result<(), StoreError> {
        for socket in self.sort_keys(&self.connections, &keys::staff(session_id), Some(user_id)).await? {
            self.erase_row(&self.connections, &keys::staff_socket(session_id, &socket)).await?;
        }
        Ok(())
    }

    /// Reports by the user. The tallies keep their numbers, which name nobody.
    async fn erase_own_reports(&self, user_id: &str, session_id: u64) -> Result<(), StoreError> {
        let tallied = self.sort_keys(&self.chat, &keys::tallies(session_id), None).await?;
        let ids = tallied.iter().filter_map(|seq| MessageId::checked(session_id, seq.parse().ok()?));
        let keys: Vec<Key> = ids.map(|id| keys::report(id, user_id)).collect();
        let erasing = futures_util::stream::iter(keys).map(|key| async move { self.erase_row(&self.chat, &key).await });
        erasing.buffer_unordered(CONCURRENT_DELETES).try_collect().await
    }

    /// Takes the likes back, and deletes those of messages that are gone.
    async fn erase_likes(&self, user_id: &str, session_id: u64, now: Timestamp) -> Result<(), StoreError> {
        for seq in self.liked_between(session_id, user_id, 0, u64::from(u32::MAX)).await? {
            let Some(id) = MessageId::checked(session_id, seq) else { continue };
            self.unlike_message(id, user_id, now).await?;
            self.erase_row(&self.chat, &keys::message_like(id, user_id)).await?;
            self.erase_row(&self.chat, &keys::liked_message(id, user_id)).await?;
        }
        if self.user_likes_session(session_id, user_id).await?
            && let Some(session) = self.session(session_id, now).await?
        {
            self.unlike_session(&session, user_id).await?;
        }
        self.erase_row(&self.chat, &keys::session_like(session_id, user_id)).await
    }

    /// Acts that cover messages of the user, which are gone by now. A later act covers what the user has written since.
    async fn erase_covers(&self, erasure: &Erasure, session_id: u64) -> Result<(), StoreError> {
        let (user_id, begun_ms) = (erasure.user_id.as_str(), erasure.act.time().as_millisecond());
        let key = keys::covered(session_id);
        let row: Option<HashMap<String, Value>> = self.get(&self.chat, &key, Consistency::Strong).await?;
        let is_earlier = |act: &Value| act["at_ms"].as_i64().is_none_or(|at_ms| at_ms <= begun_ms);
        let of_user = |(name, act): (String, Value)| (act["user_id"] == user_id && is_earlier(&act)).then_some(name);
        for name in row.into_iter().flatten().filter_map(of_user) {
            let update = self
                .client
                .update_item()
                .table_name(&self.chat)
                .set_key(Some(key.attributes()))
                .update_expression("REMOVE #act")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_names("#act", name);
            self.update(update).await?;
        }
        Ok(())
    }
}
