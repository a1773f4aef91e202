//! Invokes `fan-out`, which serves one slice of a large room.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use serde::{Deserialize, Serialize};

use crate::broadcast::event::Event;
use crate::domain::error::ChatError;
use crate::features::sockets::store::{Slice, Subscriber};

/// What one invocation of `fan-out` is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceJob {
    /// The session whose room it is.
    pub session_id: u64,
    /// The part of the room.
    pub slice: Slice,
    /// The events, in order.
    pub events: Vec<Event>,
    /// Connection ids that the broadcast serves on its own: they lag.
    pub except: Vec<String>,
    /// How many posts a second this slice may make; `None` lifts the limit.
    pub posts_per_second: Option<u32>,
    /// The requests that the events tell of, for the log.
    #[serde(default)]
    pub traces: String,
}

/// What became of a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceReport {
    /// Frames that were posted.
    pub posted: usize,
    /// Sockets that get every event in a frame of its own.
    #[serde(default)]
    pub plain: usize,
    /// Sockets that get several events in one frame.
    #[serde(default)]
    pub batched: usize,
    /// Sockets that were found dead.
    pub gone: Vec<Subscriber>,
    /// Sockets that had not answered a post when the others were served.
    #[serde(default)]
    pub late: usize,
    /// Sockets that could not take all events, with how many they took.
    pub stuck: Vec<Stuck>,
}

impl SliceReport {
    /// Adds the report of another slice, without the dead: `fan-out` has removed them from the room.
    pub(super) fn add(&mut self, other: SliceReport) {
        self.posted += other.posted;
        self.plain += other.plain;
        self.batched += other.batched;
        self.late += other.late;
        self.stuck.extend(other.stuck);
    }
}

/// A socket that could not take all events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// The socket.
    #[serde(rename = "place")]
    pub subscriber: Subscriber,
    /// How many of the events it took.
    pub taken: usize,
}

/// The function `fan-out`.
#[derive(Clone, Debug)]
pub struct FanOut {
    client: Client,
    function: String,
}

impl FanOut {
    /// The function with this name.
    pub fn new(client: Client, function: String) -> FanOut {
        FanOut { client, function }
    }

    /// Serves one slice and waits for its end.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the invocation fails: then nobody knows which sockets were served.
    pub async fn serve(&self, job: &SliceJob) -> Result<SliceReport, ChatError> {
        let payload = Blob::new(serde_json::to_vec(job).map_err(ChatError::unavailable)?);
        let output = self.client.invoke().function_name(&self.function).payload(payload).send().await;
        let output = output.map_err(|error| ChatError::unavailable(DisplayErrorContext(error).to_string()))?;
        if let Some(kind) = output.function_error() {
            return Err(ChatError::unavailable(format!("{} failed: {kind}", self.function)));
        }
        let answer = output.payload.unwrap_or_else(|| Blob::new([]));
        serde_json::from_slice(answer.as_ref()).map_err(ChatError::unavailable)
    }
}
