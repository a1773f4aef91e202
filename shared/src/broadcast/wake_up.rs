//! A wake-up: a row of the chat table that makes the stream call the broadcast again. `housekeep` writes it, and a turn that ends with
//! work left.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::broadcast::topic::{Topic, known_topics};
use crate::domain::message::MessageId;
use crate::platform::dynamo::calls::traced_item_of;
use crate::platform::dynamo::{Store, StoreError, keys};

/// The lifetime of the row.
const LIFETIME_SECONDS: i64 = 24 * 3600;

/// The work that a wake-up asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredWakeUp", into = "StoredWakeUp")]
pub struct WakeUp {
    /// Topics to flush, even if their values are unchanged.
    pub topics: BTreeSet<Topic>,
    /// Numbers up to this one must be settled, stored or not.
    pub settle_up_to: u64,
    /// Numbers up to this one are stored. The stream has delivered their records already, so nothing else wakes the broadcast.
    pub flush_up_to: u64,
    /// Whether the session has ended.
    pub ended: bool,
    /// Whether to compare the last flushes with the table, because wake-ups may have been lost.
    pub reconcile: bool,
    /// Whether sockets lag without a task that helps them.
    pub lagging: bool,
    /// Whether the session's outbox may hold notices and requests to close sockets.
    pub outbox: bool,
}

/// The attributes of a wake-up's row. Their names are older than the vocabulary of the code.
#[derive(Serialize, Deserialize)]
struct StoredWakeUp {
    #[serde(default)]
    settle_up_to: u64,
    #[serde(default)]
    tell_up_to: u64,
    #[serde(default)]
    repeat_viewers: bool,
    #[serde(default)]
    tell_likes: bool,
    #[serde(default)]
    message_likes: BTreeSet<MessageId>,
    /// Topics that have no attribute of their own.
    #[serde(default, deserialize_with = "known_topics", skip_serializing_if = "BTreeSet::is_empty")]
    topics: BTreeSet<Topic>,
    #[serde(default)]
    ended: bool,
    #[serde(default)]
    recheck: bool,
    #[serde(default)]
    behind: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    outbox: bool,
}

impl From<StoredWakeUp> for WakeUp {
    fn from(row: StoredWakeUp) -> WakeUp {
        let mut topics: BTreeSet<Topic> = row.message_likes.into_iter().map(Topic::MessageLikes).collect();
        topics.extend(row.topics);
        topics.extend(row.tell_likes.then_some(Topic::Likes));
        topics.extend(row.repeat_viewers.then_some(Topic::Viewers));
        WakeUp {
            topics,
            settle_up_to: row.settle_up_to,
            flush_up_to: row.tell_up_to,
            ended: row.ended,
            reconcile: row.recheck,
            lagging: row.behind,
            outbox: row.outbox,
        }
    }
}

impl From<WakeUp> for StoredWakeUp {
    fn from(wake_up: WakeUp) -> StoredWakeUp {
        let mut row = StoredWakeUp {
            settle_up_to: wake_up.settle_up_to,
            tell_up_to: wake_up.flush_up_to,
            repeat_viewers: false,
            tell_likes: false,
            message_likes: BTreeSet::new(),
            topics: BTreeSet::new(),
            ended: wake_up.ended,
            recheck: wake_up.reconcile,
            behind: wake_up.lagging,
            outbox: wake_up.outbox,
        };
        for topic in wake_up.topics {
            match topic {
                Topic::MessageLikes(id) => drop(row.message_likes.insert(id)),
                Topic::Likes => row.tell_likes = true,
                Topic::Viewers => row.repeat_viewers = true,
                other => drop(row.topics.insert(other)),
            }
        }
        row
    }
}

impl WakeUp {
    /// A wake-up for one topic.
    pub fn of_topic(topic: Topic) -> WakeUp {
        WakeUp { topics: BTreeSet::from([topic]), ..WakeUp::default() }
    }

    /// A wake-up for the session's outbox.
    pub fn of_outbox() -> WakeUp {
        WakeUp { outbox: true, ..WakeUp::default() }
    }

    /// Adds the work of another wake-up.
    pub fn merge(&mut self, other: WakeUp) {
        self.topics.extend(other.topics);
        self.settle_up_to = self.settle_up_to.max(other.settle_up_to);
        self.flush_up_to = self.flush_up_to.max(other.flush_up_to);
        self.ended |= other.ended;
        self.reconcile |= other.reconcile;
        self.lagging |= other.lagging;
        self.outbox |= other.outbox;
    }

    /// Whether everything but topics is done, once all numbers up to `settled` are settled.
    pub(super) fn is_served(&self, settled: u64) -> bool {
        self.settle_up_to <= settled && self.flush_up_to <= settled && !self.outbox
    }

    /// The rest of the work once all numbers up to `settled` are settled; `None` if nothing is left.
    pub fn after(mut self, settled: u64) -> Option<WakeUp> {
        for goal in [&mut self.settle_up_to, &mut self.flush_up_to] {
            *goal = if *goal > settled { *goal } else { 0 };
        }
        (self != WakeUp::default()).then_some(self)
    }
}

impl Store {
    /// Wakes the broadcast of a session.
    pub async fn wake(&self, session_id: u64, wake_up: WakeUp, now: Timestamp) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct WakeUpRow {
            #[serde(flatten)]
            wake_up: WakeUp,
            // The stream has no record of a put that changes nothing, so a repeated wake-up must differ from the one before.
            #[serde(rename = "rung_ms")]
            woken_ms: i64,
            expires_at: i64,
        }
        let row = WakeUpRow { wake_up, woken_ms: now.as_millisecond(), expires_at: now.as_second() + LIFETIME_SECONDS };
        let item = traced_item_of(&keys::wake_up(session_id), row);
        self.put(self.client.put_item().table_name(&self.chat).set_item(Some(item))).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> WakeUp {
        let id = MessageId::new(1, 3);
        WakeUp {
            topics: BTreeSet::from([Topic::Deletion(id), Topic::MessageLikes(id), Topic::Likes, Topic::Viewers]),
            settle_up_to: 9,
            flush_up_to: 8,
            ended: true,
            reconcile: true,
            lagging: true,
            outbox: true,
        }
    }

    #[test]
    fn a_row_holds_everything_that_a_wake_up_asks_for() {
        let row = serde_json::to_value(everything()).unwrap();
        assert_eq!(serde_json::from_value::<WakeUp>(row).unwrap(), everything());
        let written_before = r#"{"settle_up_to":9,"tell_up_to":8,"repeat_viewers":true,"tell_likes":true,"message_likes":[100000003],"ended":true,"recheck":true,"behind":true}"#;
        let mut read: WakeUp = serde_json::from_str(written_before).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written_before);
        read.topics.insert(Topic::Deletion(MessageId::new(1, 3)));
        read.outbox = true;
        assert_eq!(read, everything());
    }

    #[test]
    fn a_topic_of_a_later_version_spoils_nothing_else() {
        let row =
            r#"{"settle_up_to":9,"topics":["of a later version",{"poll":7},{"deletion":100000003}],"ended":true}"#;
        let topics = BTreeSet::from([Topic::Deletion(MessageId::new(1, 3))]);
        let expected = WakeUp { topics, settle_up_to: 9, ended: true, ..WakeUp::default() };
        assert_eq!(serde_json::from_str::<WakeUp>(row).unwrap(), expected);
    }

    #[test]
    fn settled_numbers_need_no_wake_up() {
        assert_eq!(WakeUp { flush_up_to: 7, settle_up_to: 7, ..WakeUp::default() }.after(7), None);
        assert_eq!(everything().after(7), Some(everything()));
        assert_eq!(everything().after(8), Some(WakeUp { flush_up_to: 0, ..everything() }));
        let mut merged = WakeUp::default();
        merged.merge(everything());
        merged.merge(WakeUp { flush_up_to: 3, ..WakeUp::of_topic(Topic::Likes) });
        assert_eq!(merged, everything());
    }
}
