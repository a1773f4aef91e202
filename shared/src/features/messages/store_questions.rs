//! The list of a session's questions: a row for each, with its number and a hint of its votes. The text, the likes and the answer are in the
//! message's own row, which is read for each answer: so whatever takes a message out of the room takes it out of the list.

use aws_sdk_dynamodb::types::AttributeValue::Bool;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::{WriteOutcome, item_of, number, text};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// Questions that are listed, the newest ones.
const MAX_LISTED: i32 = 2_000;

#[derive(Serialize)]
struct QuestionRow {
    votes: u64,
    expires_at: Option<i64>,
}

/// A question of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListedQuestion {
    pub(super) seq: u64,
    /// The likes that it had when somebody liked it last, or nearly so.
    pub(super) votes: u64,
}

impl Store {
    /// Lists a question whose message is about to be stored. A row whose message is never stored is skipped by readers.
    pub(super) async fn list_question(&self, id: MessageId, expires_at: Option<i64>) -> Result<(), StoreError> {
        let item = item_of(&keys::question(id), QuestionRow { votes: 0, expires_at });
        self.put(self.client.put_item().table_name(&self.chat).set_item(Some(item))).await.map(drop)
    }

    /// [`Store::list_question`] as a part of the transaction that stores the message.
    pub(crate) fn list_approved(
        &self,
        id: MessageId,
        expires_at: Option<i64>,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = item_of(&keys::question(id), QuestionRow { votes: 0, expires_at });
        Put::builder().table_name(&self.chat).set_item(Some(item)).part()
    }

    /// Notes the votes of a question, by which the list chooses what it reads. They may be of a moment ago.
    pub async fn note_votes(&self, id: MessageId, votes: u64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::question(id).attributes()))
            .update_expression("SET votes = :votes")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":votes", number(votes));
        match self.update(update).await? {
            WriteOutcome::Done(_) | WriteOutcome::Refused(_) => Ok(()),
        }
    }

    /// The newest questions of a session, strongly consistent, newest first.
    pub(super) async fn listed_questions(&self, session_id: u64) -> Result<Vec<ListedQuestion>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            sk: String,
            votes: u64,
        }
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :questions")
            .expression_attribute_values(":questions", text(keys::questions(session_id)))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(MAX_LISTED);
        let (rows, _more) = self.query_page::<Row>(query).await?;
        let listed = |row: Row| Some(ListedQuestion { seq: row.sk.parse().ok()?, votes: row.votes });
        Ok(rows.into_iter().filter_map(listed).collect())
    }

    /// The part of a transaction that marks a question as answered, or as open again. It is refused if it is so already, if there is no such
    /// question, or if it has left the room.
    pub(crate) fn mark_answered(
        &self,
        id: MessageId,
        answered: bool,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let is_other = match answered {
            true => "(attribute_not_exists(answered) OR answered = :before)",
            false => "answered = :before",
        };
        let is_alive = "(attribute_not_exists(expires_at) OR expires_at > :now)";
        let update = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::message(id.session_id(), id.seq()).attributes()))
            .update_expression("SET answered = :answered")
            .condition_expression(format!("attribute_exists(#text) AND question = :yes AND {is_alive} AND {is_other}"))
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":answered", Bool(answered))
            .expression_attribute_values(":before", Bool(!answered))
            .expression_attribute_values(":yes", Bool(true))
            .expression_attribute_values(":now", number(now.as_second()));
        update.part()
    }
}
