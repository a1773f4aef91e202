//! Topics that a turn leaves for later, because rooms of other sessions would wait for its end.
//!
//! A stream delivers one batch after the other, so a turn that waits until a counter may be sent again holds up every other room. If
//! there are others, the turn ends at once. It notes the topics in the cursor, where the next turn of the session finds them, and
//! invokes the function `flush-later` for each name of topics ([`Topic::name`]), since those of one name are due together. It waits without
//! the lease, and then has a turn of its own. If that function is lost, the next turn flushes the topics, and `housekeep` asks for one
//! within a minute.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::broadcast::topic::{Topic, known_topics};
use crate::domain::error::ChatError;

/// The batch waits for Lambda no longer than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// Topics of a session, all of one name, that a turn left for later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// The session.
    pub session_id: u64,
    /// The time at which they are due, in milliseconds since 1970.
    pub due_ms: i64,
    /// The topics.
    #[serde(deserialize_with = "known_topics")]
    pub topics: BTreeSet<Topic>,
}

/// The time by the chat's clock, which may jump, and by one that does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// In milliseconds since 1970.
    pub(super) ms: i64,
    pub(super) at: Instant,
}

impl Deferral {
    /// The name of the topics.
    pub(super) fn name(&self) -> Option<&'static str> {
        self.topics.first().and_then(|topic| topic.name())
    }

    /// The time until it is due.
    pub(super) fn wait(&self, now_ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(self.due_ms - now_ms).unwrap_or(0))
    }
}

/// The event of `flush-later`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterJob {
    /// Each is waited for on its own.
    pub deferrals: Vec<Deferral>,
}

/// The function `flush-later`.
#[derive(Clone, Debug)]
pub struct FlushLater {
    client: Client,
    function: String,
}

impl FlushLater {
    /// The function with this name.
    pub fn new(client: Client, function: String) -> FlushLater {
        FlushLater { client, function }
    }

    /// Invokes the function, and does not wait for it.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if Lambda did not accept the event within [`PATIENCE`]. It may run all the same.
    pub(super) async fn invoke(&self, job: &LaterJob) -> Result<(), ChatError> {
        let payload = Blob::new(serde_json::to_vec(job).map_err(ChatError::unavailable)?);
        let call = self.client.invoke().function_name(&self.function).invocation_type(InvocationType::Event);
        match tokio::time::timeout(PATIENCE, call.payload(payload).send()).await {
            Ok(outcome) => {
                outcome.map(drop).map_err(|error| ChatError::unavailable(DisplayErrorContext(error).to_string()))
            }
            Err(_) => Err(ChatError::unavailable(format!("{} was not accepted within {PATIENCE:?}", self.function))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageId;

    #[test]
    fn a_topic_of_a_later_version_spoils_no_deferral() {
        let job = r#"{"deferrals":[{"session_id":1,"due_ms":5,"topics":["of a later version",{"message_likes":100000003},"likes"]}]}"#;
        let topics = BTreeSet::from([Topic::MessageLikes(MessageId::new(1, 3)), Topic::Likes]);
        let expected = LaterJob { deferrals: vec![Deferral { session_id: 1, due_ms: 5, topics }] };
        assert_eq!(serde_json::from_str::<LaterJob>(job).unwrap(), expected);
        let written = serde_json::to_string(&expected).unwrap();
        assert_eq!(serde_json::from_str::<LaterJob>(&written).unwrap(), expected);
    }
}
