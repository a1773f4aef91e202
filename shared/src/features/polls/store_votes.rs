//! Votes. A user's votes are all counted by one shard, which its id names: one transaction writes the vote, under the condition of what it
//! was before, and moves the shard's tally. So at each moment a shard's tally is exactly the number of its votes.
//!
//! A poll's votes are the sum over its shards, each read strongly consistent, one beside the other. Such a sum has each user once, every
//! vote that was acknowledged before the read began, and none that was cast after it ended.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::caller::Caller;
use crate::domain::draw::person::Person;
use crate::domain::hosted_id::HostedId;
use crate::domain::poll::stored::Poll;
use crate::domain::session::Session;
use crate::platform::dynamo::calls::{
    Consistency, Item, TransactionOutcome, WriteOutcome, change_trace, item_of, number, parse, text,
};
use crate::platform::dynamo::keys::Key;
use crate::platform::dynamo::part::IntoPart;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The votes of a poll are spread over so many partitions. Writes to one tally follow each other, some hundred a second.
const SHARDS: u8 = 16;

/// The outcome of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteOutcome {
    /// It counts.
    Counted,
    /// It counts instead of an earlier one.
    Changed,
    /// There is no such poll.
    NoSuchPoll,
    /// The poll has no such option.
    NoSuchOption,
    /// The poll takes no more votes.
    Ended,
    /// The user's vote was changed by another request meanwhile.
    Moved,
}

/// A user's vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The option's id.
    pub option: usize,
    /// The user's name at the time.
    pub username: String,
    /// Whether the user takes no part in a draw among voters: staff, and those who are no viewers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_apart: bool,
    expires_at: Option<i64>,
}

/// The tally of a shard.
#[derive(Debug, Serialize, Deserialize)]
struct Tally {
    /// By the ids of the options.
    votes: BTreeMap<String, u64>,
    ends_ms: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
    expires_at: Option<i64>,
}

impl Store {
    /// The parts of a transaction that start the tallies of a poll.
    pub(super) fn start_tallies(
        &self,
        poll: &Poll,
        expires_at: Option<i64>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let votes: BTreeMap<String, u64> = (0..poll.options.len()).map(|option| (option.to_string(), 0)).collect();
        let tally = |shard| {
            let tally = Tally { votes: votes.clone(), ends_ms: poll.ends_ms, closed: false, expires_at };
            self.put_new(&self.chat, item_of(&keys::poll_tally(poll.id, shard), tally))
        };
        (0..SHARDS).map(tally).collect()
    }

    /// Casts a vote, or changes it, if it is still what it was before.
    pub async fn vote(
        &self,
        session: &Session,
        id: HostedId,
        voter: &Caller,
        (option, before): (usize, Option<usize>),
        now: Timestamp,
    ) -> Result<VoteOutcome, StoreError> {
        let shard = keys::shard_of(&voter.user_id, SHARDS);
        let outcome = self
            .transact(vec![
                self.put_vote(id, session, voter, (option, before), now)?,
                self.count_vote(&keys::poll_tally(id, shard), (option, before), now)?,
            ])
            .await?;
        let TransactionOutcome::Refused(mut reasons) = outcome else {
            return Ok(if before.is_some() { VoteOutcome::Changed } else { VoteOutcome::Counted });
        };
        match reasons.get_mut(1).and_then(Option::take) {
            Some(tally) => refusal_of(tally, option),
            None => Ok(VoteOutcome::Moved),
        }
    }

    /// Takes a user's vote out of a poll. A poll that takes votes counts it no more; a result stays as it was told.
    pub async fn withdraw_vote(&self, id: HostedId, user_id: &str) -> Result<(), StoreError> {
        let shard = keys::shard_of(user_id, SHARDS);
        let key = keys::vote(id, shard, user_id);
        while let Some(option) = self.vote_of(id, user_id).await? {
            let vote = Delete::builder()
                .table_name(&self.chat)
                .set_key(Some(key.attributes()))
                .condition_expression("#option = :option")
                .expression_attribute_names("#option", "option")
                .expression_attribute_values(":option", number(option as u64));
            let tally = Update::builder()
                .table_name(&self.chat)
                .set_key(Some(keys::poll_tally(id, shard).attributes()))
                .update_expression("SET change_trace = :trace, votes.#option = votes.#option - :one")
                .condition_expression("attribute_exists(pk) AND attribute_not_exists(closed)")
                .expression_attribute_names("#option", option.to_string())
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":trace", change_trace());
            if self.transact(vec![vote.part()?, tally.part()?]).await?.refused_action(1) {
                let delete = self.client.delete_item().table_name(&self.chat).set_key(Some(key.attributes()));
                self.delete(delete).await?;
            }
        }
        Ok(())
    }

    fn put_vote(
        &self,
        id: HostedId,
        session: &Session,
        voter: &Caller,
        (option, before): (usize, Option<usize>),
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let row = Vote {
            option,
            username: voter.username.clone(),
            is_apart: voter.reads_as_staff() || voter.is_uncounted,
            expires_at: self.history_expires_at(session, now),
        };
        let key = keys::vote(id, keys::shard_of(&voter.user_id, SHARDS), &voter.user_id);
        let put = Put::builder().table_name(&self.chat).set_item(Some(item_of(&key, row)));
        match before {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put
                .condition_expression("#option = :before")
                .expression_attribute_names("#option", "option")
                .expression_attribute_values(":before", number(before as u64)),
        }
        .part()
    }

    fn count_vote(
        &self,
        key: &Key,
        (option, before): (usize, Option<usize>),
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let condition =
            "attribute_exists(votes.#option) AND attribute_not_exists(closed) AND ends_ms > :now".to_owned();
        let mut update = "SET change_trace = :trace, votes.#option = votes.#option + :one".to_owned();
        let mut tally = Update::builder()
            .table_name(&self.chat)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .expression_attribute_names("#option", option.to_string())
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":trace", change_trace())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some(before) = before {
            update += ", votes.#before = votes.#before - :one";
            tally = tally.expression_attribute_names("#before", before.to_string());
        }
        tally.update_expression(update).part()
    }

    /// A user's vote, strongly consistent.
    pub async fn vote_of(&self, id: HostedId, user_id: &str) -> Result<Option<usize>, StoreError> {
        let key = keys::vote(id, keys::shard_of(user_id, SHARDS), user_id);
        let vote: Option<Vote> = self.get(&self.chat, &key, Consistency::Strong).await?;
        Ok(vote.map(|vote| vote.option))
    }

    /// Those whose votes count in a poll, without staff and those who are no viewers, strongly consistent.
    pub async fn voters(&self, id: HostedId) -> Result<Vec<Person>, StoreError> {
        #[derive(Deserialize)]
        struct Voter {
            sk: String,
            #[serde(flatten)]
            vote: Vote,
        }
        let reads = futures_util::stream::iter(0..SHARDS)
            .map(|shard| {
                let query = self
                    .client
                    .query()
                    .table_name(&self.chat)
                    .key_condition_expression("pk = :shard AND begins_with(sk, :vote)")
                    .expression_attribute_values(":shard", text(keys::poll_tally(id, shard).pk))
                    .expression_attribute_values(":vote", text(keys::VOTE_PREFIX))
                    .consistent_read(true);
                self.query_all::<Voter>(query)
            })
            .buffer_unordered(usize::from(SHARDS));
        let voters: Vec<Vec<Voter>> = reads.try_collect().await?;
        let voters = voters.into_iter().flatten().filter(|voter| !voter.vote.is_apart);
        let person = |voter: Voter| Person {
            user_id: voter.sk.strip_prefix(keys::VOTE_PREFIX).unwrap_or(&voter.sk).to_owned(),
            username: voter.vote.username,
        };
        Ok(voters.map(person).collect())
    }

    /// The votes of the options of a poll.
    pub(super) async fn votes_of(&self, poll: &Poll) -> Result<Vec<u64>, StoreError> {
        let reads = futures_util::stream::iter(0..SHARDS)
            .map(|shard| async move {
                self.get::<Tally>(&self.chat, &keys::poll_tally(poll.id, shard), Consistency::Strong).await
            })
            .buffer_unordered(usize::from(SHARDS));
        let tallies: Vec<Option<Tally>> = reads.try_collect().await?;
        Ok(sum(poll.options.len(), tallies.iter().flatten()))
    }

    /// Closes the shards of a poll, if they are not, so that no vote is counted any more. Returns the votes of its options.
    pub(super) async fn close_tallies(&self, poll: &Poll) -> Result<Vec<u64>, StoreError> {
        let closing = futures_util::stream::iter(0..SHARDS)
            .map(|shard| self.close_tally(poll.id, shard))
            .buffer_unordered(usize::from(SHARDS));
        let tallies: Vec<Option<Tally>> = closing.try_collect().await?;
        Ok(sum(poll.options.len(), tallies.iter().flatten()))
    }

    async fn close_tally(&self, id: HostedId, shard: u8) -> Result<Option<Tally>, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.chat)
            .set_key(Some(keys::poll_tally(id, shard).attributes()))
            .update_expression("SET closed = :yes, change_trace = :trace")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":trace", change_trace())
            .return_values(ReturnValue::AllNew);
        match self.update(update).await? {
            WriteOutcome::Done(tally) => Ok(Some(parse(tally)?)),
            // It has expired.
            WriteOutcome::Refused(_) => Ok(None),
        }
    }
}

/// The reason for which a tally does not count a vote for an option.
fn refusal_of(tally: Item, option: usize) -> Result<VoteOutcome, StoreError> {
    if tally.is_empty() {
        return Ok(VoteOutcome::NoSuchPoll);
    }
    let tally: Tally = parse(tally)?;
    let is_known = tally.votes.contains_key(&option.to_string());
    Ok(if is_known { VoteOutcome::Ended } else { VoteOutcome::NoSuchOption })
}

fn sum<'a>(options: usize, tallies: impl Iterator<Item = &'a Tally>) -> Vec<u64> {
    let mut votes = vec![0; options];
    for tally in tallies {
        for (option, votes) in votes.iter_mut().enumerate() {
            *votes += tally.votes.get(&option.to_string()).copied().unwrap_or_default();
        }
    }
    votes
}
