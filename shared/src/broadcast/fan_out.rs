//! Invokes `fan-out`, which serves one slice of a large room.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use serde::{Deserialize, Serialize};

use crate::broadcast::event::Event;
use crate::domain::error::ChatError;
use crate::features::sockets::store_subscribers::{Slice, Subscriber};

/// The job of one invocation of `fan-out`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceJob {
    /// The session of the room.
    pub session_id: u64,
    /// The part of the room.
    pub slice: Slice,
    /// The events, in order.
    pub events: Vec<Event>,
    /// Connection ids of lagging sockets, which the broadcast serves itself.
    pub except: Vec<String>,
    /// The posts a second of this slice; `None` lifts the limit.
    pub posts_per_second: Option<u32>,
    /// The trace ids of the requests behind the events, for the log.
    #[serde(default)]
    pub traces: String,
}

/// The outcome of a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceReport {
    /// Frames that were posted.
    pub posted: usize,
    /// Sockets that take every event in a frame of its own.
    #[serde(default)]
    pub plain: usize,
    /// Sockets that take several events in one frame.
    #[serde(default)]
    pub batched: usize,
    /// Sockets that were found dead.
    pub gone: Vec<Subscriber>,
    /// Sockets with a post that had no response when the others were served.
    #[serde(default)]
    pub late: usize,
    /// Sockets that did not accept all events.
    pub stuck: Vec<Stuck>,
}

impl SliceReport {
    /// Adds the report of another slice, without its dead sockets: `fan-out` has removed them already.
    pub(super) fn add(&mut self, other: SliceReport) {
        self.posted += other.posted;
        self.plain += other.plain;
        self.batched += other.batched;
        self.late += other.late;
        self.stuck.extend(other.stuck);
    }
}

/// A socket that did not accept all events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// The socket.
    #[serde(rename = "place")]
    pub subscriber: Subscriber,
    /// The number of events that it accepted.
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

    /// Serves one slice, and waits until it is served.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] if the invocation fails. It is unknown then which sockets were served.
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
