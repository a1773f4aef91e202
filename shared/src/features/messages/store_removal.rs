//! Removes the texts that purges and clears cover, once the acts cannot be taken back any more: in lots, and nobody hears of it.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::store_cover::{ACT, Act};
use crate::domain::cover::RESTORABLE;
use crate::domain::page::Anchor;
use crate::platform::dynamo::calls::{Consistency, WriteOutcome, number, text};
use crate::platform::dynamo::{Store, StoreError, keys};

/// Clocks differ, so texts stay this much longer than an act can be taken back.
const MARGIN: SignedDuration = SignedDuration::from_hours(1);
/// Rows of a session that one call looks at: at most 1 MB, which a query reads.
const ROWS_PER_CALL: i32 = 500;
/// A hidden or shadowed message has a text, too.
const HAS_TEXT: &str = "(attribute_exists(#text) OR attribute_exists(hidden_text) OR attribute_exists(shadow_text))";
/// Texts that are removed at once.
const CONCURRENT_WRITES: usize = 16;

impl Store {
    /// Removes the next lot of texts of the oldest act whose time is over; an act that has none left leaves the row. Each call is
    /// bounded, and the next one goes on where it ended. Returns whether there was anything to do.
    pub async fn remove_covered_texts(&self, session_id: u64, now: Timestamp) -> Result<bool, StoreError> {
        let latest_ms = (now - RESTORABLE - MARGIN).as_millisecond();
        let acts = self.acts(session_id, Consistency::Eventual).await?.acts;
        let over = acts.into_iter().filter(|(_, act)| act.at_ms < latest_ms);
        let Some((act_id, act)) = over.min_by_key(|(_, act)| act.at_ms) else { return Ok(false) };
        let removed_to = match act.restored_ms {
            Some(_) => act.up_to,
            None => self.remove_lot(session_id, &act).await?,
        };
        match removed_to >= act.up_to {
            true => self.drop_act(session_id, &act_id, &act).await?,
            false => self.note_removal(session_id, &act_id, removed_to).await?,
        }
        Ok(true)
    }

    /// Removes the texts of one lot, and returns the number that it reaches to.
    async fn remove_lot(&self, session_id: u64, act: &Act) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        struct Covered {
            sk: String,
        }
        let query = self
            .log_query(session_id, Anchor::After(act.removed_to.unwrap_or_default()), 0)
            .limit(ROWS_PER_CALL)
            .projection_expression("sk")
            .expression_attribute_names("#text", "text");
        let query = match &act.user_id {
            Some(user_id) => query
                .filter_expression(format!("{HAS_TEXT} AND user_id = :user"))
                .expression_attribute_values(":user", text(user_id)),
            None => query.filter_expression(HAS_TEXT),
        };
        // A filter may not name a part of the key, so what lies beyond the act is left out here.
        let page = self.query_filtered::<Covered>(query).await?;
        let seqs = page.rows.iter().filter_map(|row| row.sk.parse::<u64>().ok()).filter(|seq| *seq <= act.up_to);
        for lot in seqs.collect::<Vec<_>>().chunks(CONCURRENT_WRITES) {
            try_join_all(lot.iter().map(|seq| self.remove_text(session_id, *seq))).await?;
        }
        let last = page.last_key.and_then(|key| key.get("sk")?.as_s().ok()?.parse().ok());
        Ok(last.unwrap_or(act.up_to))
    }

    /// Removes what a deletion removes, but the row does not count as deleted: nobody hears of it, because everybody heard of the act.
    async fn remove_text(&self, session_id: u64, seq: u64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::message(session_id, seq).attributes()))
            .update_expression(
                "REMOVE #text, hidden_text, shadow_text, username, profile_pic, badge, client_message_id",
            )
            .condition_expression(HAS_TEXT)
            .expression_attribute_names("#text", "text");
        self.update(update).await.map(drop)
    }

    async fn note_removal(&self, session_id: u64, act_id: &str, removed_to: u64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::covered(session_id).attributes()))
            .update_expression("SET #act.removed_to = :seq")
            .condition_expression("attribute_exists(#act)")
            .expression_attribute_names("#act", format!("{ACT}{act_id}"))
            .expression_attribute_values(":seq", number(removed_to));
        self.update(update).await.map(drop)
    }

    /// Takes an act out of the row. Of a clear, its number stays, so that pages still end there.
    async fn drop_act(&self, session_id: u64, act_id: &str, act: &Act) -> Result<(), StoreError> {
        let names = HashMap::from([("#act".to_owned(), format!("{ACT}{act_id}"))]);
        let update = |expression: &str, condition: &str| {
            self.client
                .update_item()
                .table_name(&self.chat)
                .set_key(Some(keys::covered(session_id).attributes()))
                .update_expression(expression)
                .condition_expression(condition)
                .set_expression_attribute_names(Some(names.clone()))
        };
        if act.user_id.is_none() && act.restored_ms.is_none() {
            let floor = update(
                "SET floor = :seq REMOVE #act",
                "attribute_exists(pk) AND (attribute_not_exists(floor) OR floor < :seq)",
            );
            let floor = floor.expression_attribute_values(":seq", number(act.up_to));
            if let WriteOutcome::Done(_) = self.update(floor).await? {
                return Ok(());
            }
        }
        self.update(update("REMOVE #act", "attribute_exists(pk)")).await.map(drop)
    }
}
