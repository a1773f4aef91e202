//! The list of sanctions: a row for each one that was imposed and not lifted or replaced, all in one partition, sorted by their acts.
//!
//! The audit log does not answer who is banned now: it has all acts of 400 days, and loses a ban before the ban ends. So the row is put in
//! the transaction that changes the standing, and is deleted by a step of the act that ends the sanction, before its acknowledgement. The
//! deletion is no part of the transaction, because one act may lift more sanctions than a transaction has room for.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::StandingChange;
use super::store_log::LogQuery;
use crate::domain::moderation::action_id::ActionId;
use crate::domain::moderation::entry::{Entry, Pseudonym};
use crate::domain::moderation::standing::Sanction;
use crate::platform::dynamo::calls::{Item, item_of, number, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// A page ends after so many queries, full or not. The first reads as many rows as the page has; each further one 1 MB, some thousands.
const MAX_QUERIES: usize = 5;

/// A sanction that was imposed and not lifted or replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SanctionRow {
    /// The user.
    pub user_id: String,
    /// The user's name at the time, if it was known.
    pub username: Option<String>,
    /// The user in the log.
    pub target: Option<Pseudonym>,
    /// The actor.
    pub actor: Pseudonym,
    /// The session of the act.
    pub session_id: Option<u64>,
    /// The sanction itself.
    #[serde(flatten)]
    pub sanction: Sanction,
    /// DynamoDB deletes the row some time after the sanction has ended.
    expires_at: Option<i64>,
}

/// A page of sanctions, newest first.
#[derive(Debug, Default)]
pub struct SanctionPage {
    /// The sanctions.
    pub sanctions: Vec<SanctionRow>,
    /// The id before which the next page begins, if there may be one.
    pub next_before: Option<ActionId>,
}

impl Store {
    /// The part of an act's transaction that lists the sanction that the act imposes, if it imposes one.
    pub(super) fn list_sanction(
        &self,
        entry: &Entry,
        change: &StandingChange,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let Some(sanction) = change.next.imposed_by(&entry.id) else { return Ok(None) };
        let row = SanctionRow {
            user_id: change.user_id.clone(),
            username: change.username.clone(),
            target: entry.target.clone(),
            actor: entry.actor.clone(),
            session_id: entry.session_id,
            sanction: sanction.clone(),
            expires_at: sanction.until_ms.map(|until_ms| until_ms.div_euclid(1000) + 1),
        };
        let item = item_of(&keys::listed_sanction(&entry.id), row);
        Put::builder().table_name(&self.chat).set_item(Some(item)).part().map(Some)
    }

    /// Takes the sanction of an act out of the list.
    pub(super) async fn unlist_sanction(&self, act: &ActionId) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.chat);
        self.delete(delete.set_key(Some(keys::listed_sanction(act).attributes()))).await.map(drop)
    }

    /// The users of the sanctions that hold, strongly consistent: an act that was acknowledged before is among them.
    pub async fn sanctioned_users(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        #[derive(Deserialize)]
        struct Sanctioned {
            user_id: String,
        }
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :sanctions")
            .filter_expression("attribute_not_exists(until_ms) OR until_ms > :now")
            .projection_expression("user_id")
            .expression_attribute_values(":sanctions", text(keys::SANCTIONS))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .consistent_read(true);
        let found: Vec<Sanctioned> = self.query_all(query).await?;
        Ok(found.into_iter().map(|sanctioned| sanctioned.user_id).collect())
    }

    /// A page of the sanctions that hold, strongly consistent: an act that was acknowledged before is in it. Of the query, the session,
    /// `before` and the limit count.
    pub async fn sanction_page(&self, asked: &LogQuery, now: Timestamp) -> Result<SanctionPage, StoreError> {
        let mut page = SanctionPage::default();
        let mut before = asked.before.as_ref().map_or("~".to_owned(), |before| before.as_str().to_owned());
        for nth in 0..MAX_QUERIES {
            let holds = "(attribute_not_exists(until_ms) OR until_ms > :now)";
            let query = self
                .client
                .query()
                .table_name(&self.chat)
                .key_condition_expression("pk = :sanctions AND sk < :before")
                .expression_attribute_values(":sanctions", text(keys::SANCTIONS))
                .expression_attribute_values(":before", text(&before))
                .expression_attribute_values(":now", number(now.as_millisecond()))
                .scan_index_forward(false)
                .consistent_read(true)
                .set_limit((nth == 0).then(|| i32::try_from(asked.limit + 1).unwrap_or(i32::MAX)));
            let query = match asked.session_id {
                None => query.filter_expression(holds),
                Some(session_id) => query
                    .filter_expression(format!("{holds} AND session_id = :session"))
                    .expression_attribute_values(":session", number(session_id)),
            };
            let found = self.query_filtered::<SanctionRow>(query).await?;
            page.sanctions.extend(found.rows);
            if page.sanctions.len() > asked.limit {
                page.sanctions.truncate(asked.limit);
                page.next_before = page.sanctions.last().map(|row| row.sanction.reference.clone());
                return Ok(page);
            }
            let Some(last) = found.last_key.as_ref() else { return Ok(page) };
            before = sort_key(last)?.to_owned();
        }
        page.next_before = before.parse().ok();
        Ok(page)
    }
}

fn sort_key(key: &Item) -> Result<&str, StoreError> {
    let sk = key.get("sk").and_then(|sk| sk.as_s().ok());
    sk.map(String::as_str).ok_or_else(|| StoreError::new("reading the sanctions", "a key has no sort key"))
}
