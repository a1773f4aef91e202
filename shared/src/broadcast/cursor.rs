//! The broadcast's row for a session: its progress, and the lease that lets one invocation at a time move it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::broadcast::topic::{Topic, known_topics};
use crate::domain::broadcast::backpressure::Backpressure;
use crate::domain::broadcast::lifecycle::Ending;
use crate::domain::broadcast::missed_wakeups::MAX_CLOCK_SKEW_MS;
use crate::domain::session::Head;
use crate::platform::dynamo::calls::{
    Consistency, Item, WriteOutcome, attribute_of, attributes_of, number, parse, text,
};
use crate::platform::dynamo::{Store, StoreError, keys};

/// A lease lasts this long after it was renewed. A holder that dies delays the room by as much.
pub const LEASE: SignedDuration = SignedDuration::from_secs(3);

/// Attributes of the row that [`Store::commit_cursor`] leaves alone: a turn's end and a session's end write them.
const WRITTEN_ELSEWHERE: [&str; 3] = ["turn_ms", "deferred_topics", "expires_at"];

/// The progress of a session's broadcast.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Every number up to this one is settled for good: flushed, void or deleted.
    #[serde(default)]
    pub seq: u64,
    /// The time of the last flush to the whole room, in milliseconds since 1970.
    #[serde(default, rename = "heard_ms")]
    pub last_flush_ms: i64,
    /// The changes that surely reached the room.
    #[serde(flatten)]
    pub reconciled: Reconciled,
    /// Whether `session_ended` was sent and the sockets were closed.
    #[serde(default)]
    pub finished: bool,
    /// The expiry of the row, in seconds since 1970. It is that of the session, and set once the session has ended.
    #[serde(default)]
    pub expires_at: Option<i64>,
    /// The backpressure on senders.
    #[serde(flatten)]
    pub backpressure: Backpressure,
    /// The last flush of each topic.
    #[serde(flatten)]
    pub flushed: LastFlushes,
    /// The time at which the first of the open polls ends that the room was told of, in milliseconds since 1970; absent before the first poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polls_end_ms: Option<i64>,
    /// Topics that were not due when the last turn ended. The next turn flushes them: see [`crate::broadcast::deferral`].
    #[serde(
        default,
        rename = "deferred_topics",
        deserialize_with = "known_topics",
        skip_serializing_if = "BTreeSet::is_empty"
    )]
    pub deferred: BTreeSet<Topic>,
}

/// The changes that surely reached the room: see [`crate::domain::broadcast::missed_wakeups`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// Changes of messages up to this time were flushed. In milliseconds since 1970, by the clocks of the functions that made them.
    #[serde(default, rename = "changes_told_ms")]
    pub changes_flushed_ms: i64,
    /// The time of the oldest record that the last turn that ended well has served, in milliseconds since 1970.
    #[serde(default)]
    pub turn_ms: i64,
}

/// The last flush of each topic that has a name. In the row, topic `x` has the attributes `x_sent_ms` and `x_told`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastFlushes(BTreeMap<&'static str, LastFlush>);

/// The last flush of a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastFlush {
    /// The time, in milliseconds since 1970.
    pub sent_ms: i64,
    /// The flushed value, if the topic is a state of the session.
    pub value: u64,
}

impl LastFlushes {
    /// The last flush of a topic. Topics without a name have none.
    pub fn of(&self, topic: Topic) -> LastFlush {
        topic.name().and_then(|name| self.0.get(name)).copied().unwrap_or_default()
    }

    /// The states whose values differ from the flushed ones.
    pub fn outdated<'a>(&'a self, head: &'a Head) -> impl Iterator<Item = Topic> + 'a {
        Topic::STATES.into_iter().filter(|state| state.value(head).is_some_and(|value| value != self.of(*state).value))
    }

    /// Notes a flush. `value` is that of a state.
    pub fn note(&mut self, topic: Topic, sent_ms: i64, value: Option<u64>) {
        if let Some(name) = topic.name() {
            let last = self.0.entry(name).or_default();
            last.sent_ms = sent_ms;
            last.value = value.unwrap_or(last.value);
        }
    }
}

impl Serialize for LastFlushes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // These two stand in every row, as they did before there were others.
        let is_older = |state| matches!(state, Topic::Likes | Topic::Viewers);
        let names = Topic::STATES.into_iter().filter(|state| is_older(*state) || self.of(*state).sent_ms > 0);
        serializer.collect_map(names.filter_map(Topic::name).flat_map(|name| {
            let last = self.0.get(name).copied().unwrap_or_default();
            [
                (format!("{name}_sent_ms"), last.sent_ms),
                (format!("{name}_told"), i64::try_from(last.value).unwrap_or(i64::MAX)),
            ]
        }))
    }
}

impl<'de> Deserialize<'de> for LastFlushes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LastFlushes, D::Error> {
        /// An attribute of the row. Those of last flushes are numbers.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Attribute {
            Number(i64),
            Other(IgnoredAny),
        }
        let row = HashMap::<String, Attribute>::deserialize(deserializer)?;
        let number = |attribute: String| match row.get(&attribute) {
            Some(Attribute::Number(number)) => *number,
            Some(Attribute::Other(IgnoredAny)) | None => 0,
        };
        let last = |name| LastFlush {
            sent_ms: number(format!("{name}_sent_ms")),
            value: u64::try_from(number(format!("{name}_told"))).unwrap_or_default(),
        };
        let names = Topic::STATES.into_iter().filter_map(Topic::name);
        Ok(LastFlushes(
            names.map(|name| (name, last(name))).filter(|(_, last)| *last != LastFlush::default()).collect(),
        ))
    }
}

impl Cursor {
    /// Whether the end of the session is finished.
    pub fn ending(&self) -> Ending {
        if self.finished { Ending::Finished } else { Ending::Unfinished }
    }
}

impl Store {
    /// The cursor of a session. It may be stale.
    pub async fn cursor(&self, session_id: u64) -> Result<Cursor, StoreError> {
        // A stale cursor shows less progress than there is, never more.
        let cursor = self.get(&self.connections, &keys::cursor(session_id), Consistency::Eventual).await?;
        Ok(cursor.unwrap_or_default())
    }

    /// Takes the lease if it is free, has run out, or belongs to the owner already; `None` if another owner has it. A lease that ends
    /// far in the future comes from a clock that was ahead, and is taken, too: waiting for it could silence the room for hours.
    pub async fn take_lease(&self, session_id: u64, owner: &str, now: Timestamp) -> Result<Option<Cursor>, StoreError> {
        let update = self
            .cursor_update(session_id, owner)
            .update_expression("SET lease_owner = :owner, lease_until_ms = :until")
            .condition_expression(
                "attribute_not_exists(lease_owner) OR lease_owner = :owner OR lease_until_ms < :now OR lease_until_ms > :ahead",
            )
            .expression_attribute_values(":ahead", number((now + LEASE).as_millisecond() + MAX_CLOCK_SKEW_MS))
            .expression_attribute_values(":until", number((now + LEASE).as_millisecond()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .return_values(ReturnValue::AllNew);
        match self.update(update).await? {
            WriteOutcome::Done(attributes) => Ok(Some(parse(attributes)?)),
            WriteOutcome::Refused(_) => Ok(None),
        }
    }

    /// Writes the cursor and renews the lease; `false` if another owner has the lease by now.
    pub async fn commit_cursor(
        &self,
        session_id: u64,
        owner: &str,
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut attributes: BTreeMap<String, _> = attributes_of(cursor).into_iter().collect();
        attributes.retain(|name, _| !WRITTEN_ELSEWHERE.contains(&name.as_str()));
        attributes.insert("lease_until_ms".to_owned(), number((now + LEASE).as_millisecond()));
        let clauses: Vec<String> = attributes.keys().map(|name| format!("#{name} = :{name}")).collect();
        let names = attributes.keys().map(|name| (format!("#{name}"), name.clone())).collect();
        let mut values: Item = attributes.into_iter().map(|(name, value)| (format!(":{name}"), value)).collect();
        values.insert(":owner".to_owned(), text(owner));
        let update = self
            .cursor_update(session_id, owner)
            .update_expression(format!("SET {}", clauses.join(", ")))
            .condition_expression("lease_owner = :owner")
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        Ok(matches!(self.update(update).await?, WriteOutcome::Done(_)))
    }

    /// Releases the lease. Does nothing if another owner has it.
    pub async fn release_lease(&self, session_id: u64, owner: &str) -> Result<(), StoreError> {
        let update = self
            .cursor_update(session_id, owner)
            .update_expression("REMOVE lease_owner, lease_until_ms")
            .condition_expression("lease_owner = :owner");
        self.update(update).await.map(drop)
    }

    /// Releases the lease after a turn that ended well, and notes the topics that it deferred. Its oldest record is of `turn_ms`, in
    /// milliseconds since 1970. `false` if another owner has the lease by now.
    pub async fn end_turn(
        &self,
        session_id: u64,
        owner: &str,
        turn_ms: i64,
        deferred: &BTreeSet<Topic>,
    ) -> Result<bool, StoreError> {
        let update = self.cursor_update(session_id, owner).expression_attribute_values(":turn", number(turn_ms));
        let update = match deferred.is_empty() {
            true => update.update_expression("SET turn_ms = :turn REMOVE deferred_topics, lease_owner, lease_until_ms"),
            false => update
                .update_expression(
                    "SET turn_ms = :turn, deferred_topics = :deferred REMOVE lease_owner, lease_until_ms",
                )
                .expression_attribute_values(":deferred", attribute_of(deferred)),
        };
        let update = update.condition_expression("lease_owner = :owner");
        Ok(matches!(self.update(update).await?, WriteOutcome::Done(_)))
    }

    /// Lets the cursor of a session that has ended expire with it.
    pub async fn let_cursor_expire(&self, session_id: u64, expires_at: i64) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::cursor(session_id).attributes()))
            .update_expression("SET expires_at = :expires")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":expires", number(expires_at));
        self.update(update).await.map(drop)
    }

    fn cursor_update(&self, session_id: u64, owner: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.connections)
            .set_key(Some(keys::cursor(session_id).attributes()))
            .expression_attribute_values(":owner", text(owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cursor as it was written before topics had names, with its lease.
    const WRITTEN_BEFORE: &str = r#"{"pk":"cursor#1","sk":"cursor","seq":7,"likes_sent_ms":11,"viewers_sent_ms":12,"heard_ms":13,
        "likes_told":3,"viewers_told":4,"changes_told_ms":15,"turn_ms":16,"finished":true,"admitted":40,"expires_at":50,
        "plain":2,"batched":5,"measured":900,"lease_owner":"a","lease_until_ms":99}"#;

    #[test]
    fn a_row_is_read_and_written_with_the_attributes_that_it_always_had() {
        let cursor: Cursor = serde_json::from_str(WRITTEN_BEFORE).unwrap();
        assert_eq!(cursor.flushed.of(Topic::Likes), LastFlush { sent_ms: 11, value: 3 });
        assert_eq!(cursor.flushed.of(Topic::Viewers), LastFlush { sent_ms: 12, value: 4 });
        assert_eq!((cursor.seq, cursor.last_flush_ms, cursor.ending()), (7, 13, Ending::Finished));
        assert_eq!(cursor.reconciled, Reconciled { changes_flushed_ms: 15, turn_ms: 16 });
        assert_eq!((cursor.backpressure.sockets(), cursor.backpressure.admitted), (7, Some(40)));
        let mut row: serde_json::Value = serde_json::from_str(WRITTEN_BEFORE).unwrap();
        for other in ["pk", "sk", "lease_owner", "lease_until_ms"] {
            row.as_object_mut().unwrap().remove(other);
        }
        assert_eq!(serde_json::to_value(&cursor).unwrap(), row);
    }

    #[test]
    fn foreign_attributes_do_no_harm() {
        use aws_sdk_dynamodb::primitives::Blob;
        use aws_sdk_dynamodb::types::AttributeValue;
        let row = Item::from([
            ("seq".to_owned(), number(7)),
            ("likes_told".to_owned(), number(3)),
            ("blob".to_owned(), AttributeValue::B(Blob::new([1, 2]))),
            ("names".to_owned(), AttributeValue::Ss(vec!["a".to_owned()])),
            ("nothing".to_owned(), AttributeValue::Null(true)),
        ]);
        let cursor: Cursor = parse(row).unwrap();
        assert_eq!((cursor.seq, cursor.flushed.of(Topic::Likes).value), (7, 3));
    }

    #[test]
    fn topics_of_one_name_share_their_last_flush() {
        let mut flushed = LastFlushes::default();
        let of_a_message = Topic::MessageLikes(crate::domain::message::MessageId::new(1, 2));
        flushed.note(Topic::Likes, 5, Some(9));
        flushed.note(of_a_message, 6, None);
        assert_eq!(flushed.of(Topic::Likes), LastFlush { sent_ms: 6, value: 9 });
        assert_eq!(flushed.of(Topic::Viewers), LastFlush::default());
    }
}
