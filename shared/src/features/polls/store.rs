//! The rows of polls. A poll has a row with its texts; a session has one with what its room knows, in its head; votes are in
//! [`super::store_votes`].

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::hosted_id::HostedId;
use crate::domain::poll::state::{self, Polls};
use crate::domain::poll::stored::Poll;
use crate::domain::session::{Head, Session};
use crate::platform::dynamo::calls::{
    Consistency, TransactionOutcome, attributes_of, item_of, number, text, traced_item_of,
};
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, is_expired, keys};

/// Polls that are read at once.
const CONCURRENT_READS: usize = 8;

#[derive(Serialize, Deserialize)]
struct PollRow {
    #[serde(flatten)]
    poll: Poll,
    expires_at: Option<i64>,
}

/// A poll with the votes of its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedPoll {
    /// The poll.
    pub poll: Poll,
    /// By the ids of the options.
    pub votes: Vec<u64>,
}

impl Store {
    /// The polls of a session's room, strongly consistent.
    pub async fn polls_of_room(&self, session_id: u64) -> Result<Polls, StoreError> {
        let key = keys::state(session_id, state::STATE);
        Ok(self.get(&self.chat, &key, Consistency::Strong).await?.unwrap_or_default())
    }

    /// The part of a transaction that changes the polls of a room to the next version. It is refused if others have changed them since.
    pub fn replace_polls(&self, session: &Session, next: &Polls) -> Result<TransactWriteItem, StoreError> {
        #[derive(Serialize)]
        struct Row<'a> {
            #[serde(flatten)]
            polls: &'a Polls,
            expires_at: Option<i64>,
        }
        let row = Row { polls: next, expires_at: session.expires_at };
        let item = traced_item_of(&keys::state(session.id, state::STATE), row);
        let put = Put::builder().table_name(&self.chat).set_item(Some(item));
        let put = match next.version {
            1 => put.condition_expression("attribute_not_exists(pk)"),
            next => put.condition_expression("version = :read").expression_attribute_values(":read", number(next - 1)),
        };
        put.part()
    }

    /// The parts of a transaction that start a poll: its row, and the shards of its votes.
    pub fn start_poll(
        &self,
        session: &Session,
        poll: &Poll,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let expires_at = self.history_expires_at(session, now);
        let row = PollRow { poll: poll.clone(), expires_at };
        let mut rows = vec![self.put_new(&self.chat, item_of(&keys::poll(poll.id), row))?];
        rows.extend(self.start_tallies(poll, expires_at)?);
        Ok(rows)
    }

    /// A poll, strongly consistent.
    pub async fn poll(&self, id: HostedId, now: Timestamp) -> Result<Option<Poll>, StoreError> {
        let row: Option<PollRow> = self.get(&self.chat, &keys::poll(id), Consistency::Strong).await?;
        Ok(row.filter(|row| !is_expired(row.expires_at, now)).map(|row| row.poll))
    }

    /// Polls of a session below a number, the newest first, strongly consistent.
    pub async fn polls_before(
        &self,
        session_id: u64,
        before: u64,
        at_most: i32,
        now: Timestamp,
    ) -> Result<Vec<Poll>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.chat)
            .key_condition_expression("pk = :polls AND sk < :before")
            .expression_attribute_values(":polls", text(keys::polls(session_id)))
            .expression_attribute_values(":before", text(keys::hosted_sort_key(before)))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(at_most);
        let (rows, _more) = self.query_page::<PollRow>(query).await?;
        Ok(rows.into_iter().filter(|row| !is_expired(row.expires_at, now)).map(|row| row.poll).collect())
    }

    /// Polls with their votes, in this order.
    pub async fn counted(&self, polls: Vec<Poll>) -> Result<Vec<CountedPoll>, StoreError> {
        let counting = futures_util::stream::iter(polls).map(|poll| async move {
            let votes = match &poll.tally {
                Some(tally) => tally.clone(),
                None => self.votes_of(&poll).await?,
            };
            Ok(CountedPoll { poll, votes })
        });
        counting.buffered(CONCURRENT_READS).try_collect().await
    }

    /// Polls by their numbers, with their votes, in this order.
    pub async fn counted_polls(
        &self,
        session_id: u64,
        numbers: Vec<u64>,
        now: Timestamp,
    ) -> Result<Vec<CountedPoll>, StoreError> {
        let ids = numbers.into_iter().map(|number| HostedId::new(session_id, number));
        let reads = futures_util::stream::iter(ids).map(|id| self.poll(id, now)).buffered(CONCURRENT_READS);
        let polls: Vec<Option<Poll>> = reads.try_collect().await?;
        self.counted(polls.into_iter().flatten().collect()).await
    }

    /// What a room is told that knows the version `told`: the open polls whose results are not hidden, and, if a poll was started or has
    /// ended since, the others, too.
    pub async fn polls_to_tell(
        &self,
        head: &Head,
        polls: &Polls,
        told: u64,
        now: Timestamp,
    ) -> Result<Vec<CountedPoll>, StoreError> {
        let has_changed = polls.version != told;
        let ended = polls.ended.iter().rev().copied().filter(|_| has_changed);
        let numbers = ended.chain(polls.open.iter().rev().map(|open| open.number)).collect();
        let mut counted = self.counted_polls(head.session.id, numbers, now).await?;
        counted.retain(|counted| has_changed || !counted.poll.is_hidden());
        Ok(counted)
    }

    /// The part of a transaction that closes a poll. It is refused if the poll was closed or has ended.
    pub fn close_poll(&self, id: HostedId, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::poll(id).attributes()))
            .update_expression("SET closed_ms = :now")
            .condition_expression("attribute_not_exists(closed_ms) AND attribute_not_exists(tally)")
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .part()
    }

    /// Stores the result of a poll whose shards are closed, and tells the room; `false` if others have changed its polls meanwhile.
    pub async fn store_result(
        &self,
        session: &Session,
        id: HostedId,
        votes: &[u64],
        next: &Polls,
    ) -> Result<bool, StoreError> {
        #[derive(Serialize)]
        struct Result<'a> {
            tally: &'a [u64],
        }
        let mut result = attributes_of(Result { tally: votes });
        let update = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(keys::poll(id).attributes()))
            .update_expression("SET tally = :tally")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(tally)")
            .set_expression_attribute_values(result.remove("tally").map(|tally| [(":tally".to_owned(), tally)].into()));
        let outcome = self.transact(vec![update.part()?, self.replace_polls(session, next)?]).await?;
        Ok(matches!(outcome, TransactionOutcome::Done))
    }

    /// Changes the polls of a room; `false` if others have changed them meanwhile.
    pub async fn change_polls(&self, session: &Session, next: &Polls) -> Result<bool, StoreError> {
        let outcome = self.transact(vec![self.replace_polls(session, next)?]).await?;
        Ok(matches!(outcome, TransactionOutcome::Done))
    }
}
