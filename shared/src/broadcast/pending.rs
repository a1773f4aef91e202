//! The pending work of a session, collected from the stream's records. They only say where to look: the frames are read from the table.

use std::collections::BTreeSet;

use crate::broadcast::cursor::Cursor;
use crate::broadcast::topic::Topic;
use crate::broadcast::wake_up::WakeUp;
use crate::platform::trace::TraceId;

/// The pending work of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The part that a wake-up can ask for. If the turn ends before it is done, a wake-up does.
    pub wake_up: WakeUp,
    /// The time of the last change of a message among these, in milliseconds since 1970; 0 if there is none.
    pub changed_ms: i64,
    /// The time that the oldest record had waited when its batch was read, in milliseconds.
    pub waited_ms: i64,
    /// The changes of topics.
    pub causes: Vec<Cause>,
    /// The time at which topics that were deferred became due, in milliseconds since 1970. Those that were flushed since are done: the turn
    /// that flushed them found all of their name in the cursor. The turn serves no records then.
    pub due_ms: Option<i64>,
}

/// A change of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The changed topic.
    pub topic: Topic,
    /// The request that changed it.
    pub trace: Option<TraceId>,
}

impl Pending {
    /// Drops topics that were flushed since they were due, and adds those that the cursor says earlier turns have left; whether all were dropped.
    pub(super) fn add_deferred(&mut self, cursor: &Cursor) -> bool {
        let topics = &mut self.wake_up.topics;
        if let Some(due_ms) = self.due_ms {
            topics.retain(|topic| cursor.flushed.of(*topic).sent_ms < due_ms);
        }
        let was_done = self.due_ms.is_some() && topics.is_empty();
        topics.extend(&cursor.deferred);
        was_done
    }

    /// The changes that caused these topics.
    pub(super) fn causes_of(&self, topics: &BTreeSet<Topic>) -> Vec<Cause> {
        self.causes.iter().filter(|cause| topics.contains(&cause.topic)).cloned().collect()
    }

    /// Removes topics that were flushed, with their causes.
    pub(super) fn remove(&mut self, topics: &BTreeSet<Topic>) {
        self.wake_up.topics.retain(|topic| !topics.contains(topic));
        self.causes.retain(|cause| !topics.contains(&cause.topic));
    }

    /// Whether likes of a message are pending beside these topics.
    pub(super) fn has_message_likes_beside(&self, topics: &BTreeSet<Topic>) -> bool {
        let mut rest = self.wake_up.topics.difference(topics);
        rest.any(|topic| matches!(topic, Topic::MessageLikes(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageId;

    #[test]
    fn a_deferred_topic_that_was_flushed_since_it_was_due_is_done() {
        let mut cursor = Cursor::default();
        cursor.flushed.note(Topic::Likes, 1000, Some(7));
        let left = Topic::MessageLikes(MessageId::new(1, 2));
        cursor.deferred.insert(left);
        for (due_ms, pending) in
            [(Some(1001), [left, Topic::Likes].as_slice()), (Some(1000), &[left]), (None, &[left, Topic::Likes])]
        {
            let mut found = Pending { wake_up: WakeUp::of_topic(Topic::Likes), due_ms, ..Pending::default() };
            assert_eq!(found.add_deferred(&cursor), due_ms == Some(1000));
            assert_eq!(found.wake_up.topics.into_iter().collect::<Vec<_>>(), pending, "{due_ms:?}");
        }
    }
}
