//! What a session's turn is yet to do, gathered from the stream's records. They only say where to look: what is sent is read from the
//! table.

use std::collections::BTreeSet;

use crate::broadcast::topic::Topic;
use crate::broadcast::wake_up::WakeUp;
use crate::platform::trace::TraceId;

/// What is pending in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// What a wake-up could ask for, and will, if the turn ends before it is done.
    pub wake_up: WakeUp,
    /// Sockets to close, by connection id.
    pub close: BTreeSet<String>,
    /// Until when the changes of messages among these happened, in milliseconds since 1970; 0 if none says so.
    pub changed_ms: i64,
    /// The single changes, each with its topic and the request that made it.
    pub causes: Vec<Cause>,
}

/// One changed row of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What it changed.
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

    /// Whether likes of a message are pending that are not among these topics.
    pub(super) fn has_message_likes_beside(&self, topics: &BTreeSet<Topic>) -> bool {
        let mut rest = self.wake_up.topics.difference(topics);
        rest.any(|topic| matches!(topic, Topic::MessageLikes(_)))
    }
}
