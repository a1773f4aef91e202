//! The quantities of one request, and their price.

use crate::counts::{ACCESS_LOG_BYTES, LINE_BYTES};
use crate::prices::{GB, Prices};
use crate::units::Units;

/// The memory of a function that answers requests, in GB.
const MEMORY: f64 = 0.25;
/// X-Ray records so much of what it is not asked to record.
pub(super) const TRACED: f64 = 0.05;
/// A budget is written after every tenth request.
const COUNTS_WRITTEN: f64 = 0.1;

/// The quantities of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Request {
    pub(super) http: f64,
    pub(super) websocket_messages: f64,
    pub(super) invocations: f64,
    pub(super) milliseconds: f64,
    pub(super) units: Units,
    pub(super) bytes_out: f64,
    pub(super) posts: f64,
    pub(super) through_edge: bool,
}

impl Request {
    /// So many times this request.
    pub(super) fn times(self, count: f64) -> Request {
        Request {
            http: self.http * count,
            websocket_messages: self.websocket_messages * count,
            invocations: self.invocations * count,
            milliseconds: self.milliseconds,
            units: self.units.times(count),
            bytes_out: self.bytes_out * count,
            posts: self.posts * count,
            through_edge: self.through_edge,
        }
    }

    /// Both. Their milliseconds are those of an invocation, so they meet in the middle.
    pub(super) fn plus(self, other: Request) -> Request {
        let invocations = self.invocations + other.invocations;
        let milliseconds = self.invocations * self.milliseconds + other.invocations * other.milliseconds;
        let mut units = self.units;
        units += other.units;
        Request {
            http: self.http + other.http,
            websocket_messages: self.websocket_messages + other.websocket_messages,
            invocations,
            milliseconds: milliseconds / invocations,
            units,
            bytes_out: self.bytes_out + other.bytes_out,
            posts: self.posts + other.posts,
            through_edge: self.through_edge || other.through_edge,
        }
    }

    /// With its share of the write of every tenth.
    pub(super) fn with_written_count(self) -> Request {
        let mut units = self.units;
        units += Units { read: 0.0, write: COUNTS_WRITTEN };
        Request { units, ..self }
    }

    pub(super) fn usd(&self, prices: &Prices) -> f64 {
        // `broadcast` runs for as long as its posts take.
        let broadcast = self.posts / crate::counts::POSTS_OF_ONE * 2.0 * MEMORY;
        let logs = self.invocations * (LINE_BYTES + ACCESS_LOG_BYTES);
        let edge = f64::from(u8::from(self.through_edge));
        let quantities = [
            ("http_request", self.http),
            ("websocket_message", self.websocket_messages + self.posts),
            ("lambda_request", self.invocations),
            ("lambda_gb_second", self.invocations * MEMORY * self.milliseconds / 1_000.0 + broadcast),
            ("dynamodb_write", self.units.write),
            ("dynamodb_read", self.units.read),
            ("log_gb", logs / GB),
            ("xray_trace", self.invocations * TRACED),
            ("cloudfront_request", edge),
            ("cloudfront_gb", self.bytes_out / GB),
        ];
        quantities.iter().filter_map(|(name, quantity)| Some(prices.get(name)?.of(*quantity))).sum()
    }
}
