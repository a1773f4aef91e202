//! The report of a flush: a log line, and metrics.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::broadcast::event::Event;
use crate::broadcast::fan_out::SliceReport;
use crate::broadcast::pending::Cause;
use crate::broadcast::room::Room;
use crate::broadcast::topic::Topic;
use crate::features::messages::store::LogEntry;
use crate::platform::metrics::emf::Metric;
use crate::platform::trace::{self, TraceId};

/// The report of a flush, collected while it is under way.
pub(super) struct FlushReport {
    /// The time at which the flush began to read.
    pub(super) began: Instant,
    events: usize,
    /// The storage times of its messages, in milliseconds since 1970.
    stored_ms: Vec<i64>,
    causes: Vec<Topic>,
    traces: BTreeSet<TraceId>,
    posts: PostCounts,
}

#[derive(Default)]
struct PostCounts {
    posted: usize,
    gone: usize,
    stuck: usize,
}

impl FlushReport {
    /// Begins the report of a flush of these events, which are of these entries and of topics with these causes.
    pub(super) fn new(began: Instant, events: &[Event], entries: &[LogEntry], causes: Vec<Cause>) -> FlushReport {
        let messages = || entries.iter().filter_map(LogEntry::as_message);
        let traces = messages().filter_map(|message| message.trace());
        FlushReport {
            began,
            events: events.len(),
            stored_ms: messages().map(|message| message.created().as_millisecond()).collect(),
            causes: causes.iter().map(|cause| cause.topic).collect(),
            traces: traces.chain(causes.into_iter().filter_map(|cause| cause.trace)).collect(),
            posts: PostCounts::default(),
        }
    }

    /// Adds requests that are behind the flush, too.
    pub(super) fn add_traces(&mut self, traces: impl IntoIterator<Item = TraceId>) {
        self.traces.extend(traces);
    }

    /// The trace ids of the requests behind the flush.
    pub(super) fn traces(&self) -> String {
        trace::join(&self.traces)
    }

    /// Adds the outcome of posts.
    pub(super) fn add(&mut self, report: &SliceReport) {
        self.posts.posted += report.posted;
        self.posts.gone += report.gone.len();
        self.posts.stuck += report.stuck.len();
    }

    /// Logs the line, and adds to the metrics.
    pub(super) fn publish(&self, room: &Room, room_size: usize) {
        let (chat, now_ms) = (&room.broadcast.chat, room.now_ms());
        // The clock of the function that stored a message may be a little ahead of ours.
        let delays_ms: Vec<u64> = self.stored_ms.iter().map(|stored_ms| (now_ms - stored_ms).max(0) as u64).collect();
        let likes = self.causes.iter().filter(|topic| topic.name() == Topic::Likes.name()).count();
        tracing::info!(
            session.id = room.session_id,
            events.count = self.events,
            messages.count = self.stored_ms.len(),
            likes.count = likes,
            sockets.count = room_size,
            posts.count = self.posts.posted,
            sockets.gone = self.posts.gone,
            sockets.stuck = self.posts.stuck,
            delay_ms = delays_ms.iter().max(),
            duration_ms = self.began.elapsed().as_millis() as u64,
            trace.ids = self.traces(),
            "room flushed"
        );
        chat.meter.add(Metric::Messages, self.stored_ms.len());
        // Without an accepted post, no message went from its row to a socket.
        for delay_ms in delays_ms.into_iter().filter(|_| self.posts.posted > 0) {
            chat.meter.sample(Metric::RowToSocketDelay, delay_ms);
        }
        if likes > 0 {
            chat.meter.sample(Metric::LikeBurst, likes as u64);
        }
        room.broadcast.measure_pace();
        chat.meter.print_if_due(chat.clock.now());
    }
}
