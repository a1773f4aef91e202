//! The figures of a run: the JSON is this structure, the text is a page for people.

use std::collections::BTreeMap;
use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

pub use crate::tool_usage::ToolUsage;

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The command line, to run it again.
    pub command: String,
    /// Processors of this machine.
    pub cores: usize,
    /// The joins, if there were viewers.
    pub joins: Option<Joins>,
    /// Each REST call.
    pub rest: Vec<RestCall>,
    /// The messages, if any were sent.
    pub messages: Option<Messages>,
    /// The leaves, if viewers left one by one.
    pub leaves: Option<Leaves>,
    /// The chat's processes at the end.
    pub processes: Vec<Process>,
    /// Sockets that ended before the run did, by their close codes.
    pub closed: BTreeMap<u16, u64>,
    /// Reasons to doubt these figures.
    pub warnings: Vec<String>,
}

/// The joins.
#[derive(Clone, Debug, Serialize)]
pub struct Joins {
    /// Sockets that are open.
    pub viewers: usize,
    /// Until the last of them was.
    pub seconds: f64,
    /// Of each handshake.
    pub latency_ms: Latency,
    /// Frames that viewers got until the first message was sent.
    pub frames: u64,
    /// Handshakes that were refused, by their status.
    pub refused: BTreeMap<String, u64>,
    /// The chat's CPU seconds, if its processes are known.
    pub cpu_seconds: Option<f64>,
    /// The load tool itself.
    pub tool: ToolUsage,
}

/// The leaves.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Leaves {
    /// Until the last of them had.
    pub seconds: f64,
    /// Frames to the sockets that were still open meanwhile.
    pub frames: u64,
}

/// One REST call.
#[derive(Clone, Debug, Serialize)]
pub struct RestCall {
    /// The end of its path.
    pub call: String,
    /// Answers with 200.
    pub answers: u64,
    /// How many there were a second.
    pub per_second: f64,
    /// Of those.
    pub latency_ms: Latency,
    /// Others, by status.
    pub failed: BTreeMap<String, u64>,
}

/// The messages of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Messages {
    /// From the first send to the last delivery.
    pub seconds: f64,
    /// How many were sent.
    pub sent: u64,
    /// How many were stored.
    pub accepted: u64,
    /// From the first to the last of them.
    pub accepted_per_second: f64,
    /// Refusals by their codes.
    pub refused: BTreeMap<String, u64>,
    /// Neither.
    pub unanswered: u64,
    /// Messages that viewers heard.
    pub delivered: u64,
    /// From the first send to the last delivery.
    pub delivered_per_second: f64,
    /// Pings that viewers sent since they joined.
    pub pings: u64,
    /// How many of them were answered.
    pub pongs: u64,
    /// All frames to viewers meanwhile, without answers to their own.
    pub frames: u64,
    /// The same as API Gateway meters them, in units of 32 KB.
    pub metered_frames: u64,
    /// Bytes of these frames.
    pub frame_bytes: u64,
    /// Deliveries of stored messages that are missing.
    pub lost: u64,
    /// Repeated deliveries.
    pub duplicated: u64,
    /// Deliveries below a number that had been delivered.
    pub out_of_order: u64,
    /// From the intended time to the answer.
    pub acceptance_ms: Latency,
    /// From the intended time to each delivery.
    pub delivery_ms: Latency,
    /// From the intended time until the last viewer has it.
    pub to_all_ms: Latency,
    /// The chat's CPU milliseconds for a stored message, if its processes are known.
    pub cpu_ms_per_message: Option<f64>,
    /// The chat's CPU microseconds for a delivery.
    pub cpu_us_per_delivery: Option<f64>,
    /// CPU seconds of each of the chat's processes.
    pub cpu_seconds: BTreeMap<String, f64>,
    /// The load tool itself.
    pub tool: ToolUsage,
}

/// A process of the chat.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// Its name and id.
    pub name: String,
    /// Resident memory at the end, in MiB.
    pub resident_mib: f64,
    /// The most there ever was.
    pub peak_mib: f64,
}

/// A latency in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// Half of all took no longer.
    pub p50: f64,
    /// See `p50`.
    pub p95: f64,
    /// See `p50`.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Latency {
    pub(crate) fn of(histogram: &Histogram<u64>) -> Latency {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        Latency { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: histogram.max() as f64 / 1000.0 }
    }
}

impl Report {
    /// Whether nothing was lost, repeated or out of order, and everything was answered and stayed open.
    pub fn is_clean(&self) -> bool {
        let messages = self.messages.as_ref().is_none_or(|messages| {
            messages.lost + messages.duplicated + messages.out_of_order + messages.unanswered == 0
        });
        messages && self.closed.is_empty() && self.joins.as_ref().is_none_or(|joins| joins.refused.is_empty())
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.1}  p95 {:.1}  p99 {:.1}  max {:.1} ms", self.p50, self.p95, self.p99, self.max)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}   ({} cores)", self.command, self.cores)?;
        if let Some(joins) = &self.joins {
            writeln!(f, "\n{} viewers joined in {:.2} s", joins.viewers, joins.seconds)?;
            writeln!(f, "  handshake     {}", joins.latency_ms)?;
            if let Some(seconds) = joins.cpu_seconds {
                writeln!(f, "  CPU           {seconds:.2} s")?;
            }
            if !joins.refused.is_empty() {
                writeln!(f, "{}", counts("  refused       ", &joins.refused))?;
            }
        }
        for call in &self.rest {
            let failed = counts("  failed: ", &call.failed);
            writeln!(f, "\n{:<18} {:.0} requests/s  {}{failed}", call.call, call.per_second, call.latency_ms)?;
        }
        if let Some(messages) = &self.messages {
            messages.fmt(f)?;
        }
        if !self.processes.is_empty() {
            writeln!(f)?;
        }
        for Process { name, resident_mib, peak_mib } in &self.processes {
            writeln!(f, "{name}: {resident_mib:.0} MiB resident, {peak_mib:.0} MiB at most")?;
        }
        for (code, count) in &self.closed {
            writeln!(f, "{count} sockets were closed with {code}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "WARNING: {warning}")?;
        }
        Ok(())
    }
}

impl Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Messages { sent, accepted, delivered, unanswered, .. } = self;
        let refused = counts("  refused: ", &self.refused);
        writeln!(
            f,
            "\nsent {sent}, accepted {accepted} ({:.1}/s), unanswered {unanswered}{refused}",
            self.accepted_per_second
        )?;
        let (frames, metered) = (self.frames, self.metered_frames);
        writeln!(
            f,
            "delivered {delivered} ({:.0}/s) in {frames} frames ({metered} of 32 KB)",
            self.delivered_per_second
        )?;
        let (duplicated, out_of_order) = (self.duplicated, self.out_of_order);
        writeln!(f, "lost {}, duplicated {duplicated}, out of order {out_of_order}", self.lost)?;
        writeln!(f, "  accepted      {}", self.acceptance_ms)?;
        writeln!(f, "  delivered     {}", self.delivery_ms)?;
        writeln!(f, "  to all        {}", self.to_all_ms)?;
        if let (Some(message), Some(delivery)) = (self.cpu_ms_per_message, self.cpu_us_per_delivery) {
            writeln!(f, "  CPU           {message:.2} ms a message, {delivery:.1} µs a delivery")?;
        }
        for (process, seconds) in &self.cpu_seconds {
            writeln!(f, "                {process}: {seconds:.2} s")?;
        }
        let tool = self.tool;
        writeln!(f, "  load tool     {:.0} % of a core, {:.1} ms late at p99", tool.cpu_share * 100.0, tool.lag_p99_ms)
    }
}

fn counts(title: &str, counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let each: Vec<String> = counts.iter().map(|(what, count)| format!("{what} ×{count}")).collect();
    format!("{title}{}", each.join(", "))
}
