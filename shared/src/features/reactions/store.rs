//! The totals of reactions. They are spread over shards, each a partition of its own beside the session's: a room's applause must not slow
//! down its messages. The broadcast adds the shards up at each flush, and stores the sum with the session's head for all who read it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::Update;
use futures_util::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::domain::reactions::set::ReactionCounts;
use crate::domain::reactions::state::ReactionsState;
use crate::domain::session::{Head, Session};
use crate::platform::dynamo::calls::{
    Consistency, TransactionOutcome, WriteOutcome, change_trace, expiring, expiry, item_of, number,
};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The beginning of a reaction's attribute in a shard.
const PREFIX: &str = "n#";

#[derive(Deserialize)]
struct ShardRow {
    #[serde(flatten)]
    attributes: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct StateRow<'a> {
    #[serde(flatten)]
    state: &'a ReactionsState,
    expires_at: Option<i64>,
}

impl Store {
    /// Counts reactions. It is a transaction of one item for its token: however often the SDK sends it, it counts once.
    pub async fn count_reactions(
        &self,
        session: &Session,
        user_id: &str,
        reactions: &ReactionCounts,
    ) -> Result<(), StoreError> {
        let key = keys::reaction_shard(session.id, keys::shard_of(user_id, keys::REACTION_SHARDS));
        let mut update = Update::builder().table_name(&self.chat).set_key(Some(key.attributes()));
        let mut added = Vec::new();
        // Values are added to whatever `expiry` sets.
        update = update.set_expression_attribute_values(expiry(session.expires_at));
        for (index, (name, count)) in reactions.iter().enumerate() {
            added.push(format!("#r{index} :r{index}"));
            update = update.expression_attribute_names(format!("#r{index}"), format!("{PREFIX}{name}"));
            update = update.expression_attribute_values(format!(":r{index}"), number(count));
        }
        let expression = format!("ADD {} SET change_trace = :trace", added.join(", "));
        let update = update
            .update_expression(expiring(&expression, session.expires_at))
            .expression_attribute_values(":trace", change_trace());
        match self.transact(vec![update.part()?]).await? {
            TransactionOutcome::Done => Ok(()),
            TransactionOutcome::Refused(_) => Err(StoreError::new("counting reactions", "there is no condition")),
        }
    }

    /// The totals of a session.
    pub(crate) async fn reaction_totals(
        &self,
        session_id: u64,
        consistency: Consistency,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let shards = futures_util::stream::iter(0..keys::REACTION_SHARDS)
            .map(|shard| async move {
                let key = keys::reaction_shard(session_id, shard);
                self.get::<ShardRow>(&self.chat, &key, consistency).await
            })
            .buffered(usize::from(keys::REACTION_SHARDS))
            .try_collect::<Vec<_>>()
            .await?;
        let mut totals = BTreeMap::new();
        for (name, value) in shards.into_iter().flatten().flat_map(|row| row.attributes) {
            if let (Some(name), Some(count)) = (name.strip_prefix(PREFIX), value.as_u64()) {
                *totals.entry(name.to_owned()).or_default() += count;
            }
        }
        Ok(totals)
    }

    /// Adds the shards up, and stores the sum with the session's head, for the flush that is about to tell it. The head that was read has it
    /// from then on.
    pub async fn sum_reactions(&self, head: &mut Head) -> Result<(), StoreError> {
        let totals = self.reaction_totals(head.session.id, Consistency::Strong).await?;
        let state = ReactionsState::of(head).unwrap_or_default().grown_to(totals);
        if state.sum == 0 {
            return Ok(());
        }
        let row = StateRow { state: &state, expires_at: head.session.expires_at };
        let put = self
            .client
            .put_item()
            .table_name(&self.chat)
            .set_item(Some(item_of(&keys::reactions(head.session.id), row)))
            .condition_expression("attribute_not_exists(pk) OR #sum <= :sum")
            .expression_attribute_names("#sum", "sum")
            .expression_attribute_values(":sum", number(state.sum));
        // Refused, another turn has taken the lease meanwhile and stored more, which it tells.
        if let WriteOutcome::Done(_) = self.put(put).await? {
            state.put_into(head);
        }
        Ok(())
    }
}
