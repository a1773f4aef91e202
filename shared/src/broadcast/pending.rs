//! The pending work of a session, collected from the stream's records. They only say where to look: the frames are read from the table.

use std::collections::BTreeSet;

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
