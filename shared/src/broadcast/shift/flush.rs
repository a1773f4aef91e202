//! What became of one flush: a line of the log for each, and its metrics.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::broadcast::fan_out::{Event, SliceReport};
use crate::broadcast::news::{Heard, Kind};
use crate::broadcast::shift::Shift;
use crate::features::messages::store::{LogEntry, StoredMessage};
use crate::platform::metrics::emf::Metric;
use crate::platform::trace::{self, TraceId};

/// Gathers what the line says while the flush is under way.
#[derive(Default)]
pub(crate) struct Flush {
    likes: usize,
    traces: BTreeSet<TraceId>,
    posted: usize,
    gone: usize,
    stuck: usize,
}

impl Flush {
    /// Notes a message that is told.
    pub(crate) fn note_message(&mut self, message: &StoredMessage) {
        self.traces.extend(message.trace());
    }

    /// Notes changes that are told.
    pub(crate) fn note_heard(&mut self, heard: Vec<Heard>) {
        self.likes += heard.iter().filter(|heard| heard.kind == Kind::Likes).count();
        self.traces.extend(heard.into_iter().filter_map(|heard| heard.trace));
    }

    /// The requests on whose behalf it is done.
    pub(crate) fn traces(&self) -> String {
        trace::join(&self.traces)
    }

    /// Notes what became of the posts.
    pub(crate) fn note(&mut self, report: &SliceReport) {
        (self.posted, self.gone, self.stuck) = (report.posted, report.gone.len(), report.stuck.len());
    }
}

impl Shift {
    /// Says what a flush did, and on whose behalf.
    pub(crate) fn report_flush(&mut self, numbers: &[LogEntry], events: &[Event], begun: Instant) {
        let flush = std::mem::take(&mut self.flush);
        let (chat, now) = (&self.broadcast.chat, self.broadcast.chat.clock.now());
        let messages: Vec<&StoredMessage> = numbers.iter().filter_map(LogEntry::as_message).collect();
        // The clock of whoever stored it may be a little ahead of ours.
        let delay_ms = |message: &StoredMessage| now.duration_since(message.created()).as_millis().max(0) as u64;
        let delays_ms: Vec<u64> = messages.iter().map(|message| delay_ms(message)).collect();
        tracing::info!(
            session.id = self.session_id,
            events.count = events.len(),
            messages.count = messages.len(),
            likes.count = flush.likes,
            sockets.count = self.room_size,
            posts.count = flush.posted,
            sockets.gone = flush.gone,
            sockets.stuck = flush.stuck,
            delay_ms = delays_ms.iter().max(),
            duration_ms = begun.elapsed().as_millis() as u64,
            trace.ids = flush.traces(),
            "told the room"
        );
        chat.meter.add(Metric::Messages, messages.len());
        // Where nobody took anything, nothing went from a row to a socket.
        for delay_ms in delays_ms.into_iter().filter(|_| flush.posted > 0) {
            chat.meter.sample(Metric::RowToSocketDelay, delay_ms);
        }
        if flush.likes > 0 {
            chat.meter.sample(Metric::LikeBurst, flush.likes as u64);
        }
        chat.meter.print_if_due(now);
    }
}
