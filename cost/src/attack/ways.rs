//! The ways to attack, with and without a token.

use super::AttackArgs;
use super::request::Request;
use crate::counts::ANSWER_BYTES;
use crate::units::{self, Units};

/// A page of this many messages is the largest (`LIVE_CHAT_MESSAGE_HISTORY_LIMIT`).
const PAGE: f64 = 100.0;
/// A user has so many sockets in a session.
const SOCKETS: f64 = 10.0;
/// The limits of one user a minute (docs/contract.md, Limits). A refusal beyond them still costs a call.
const FRAMES_PER_MINUTE: f64 = 60.0;
const PAGES_PER_MINUTE: f64 = 300.0;
const TICKETS_PER_MINUTE: f64 = 120.0;
const HANDSHAKES_PER_MINUTE: f64 = 120.0;
const MESSAGES_PER_MINUTE: f64 = 10.0;

/// A way to attack.
pub(super) struct Attack {
    pub(super) what: &'static str,
    /// Requests a second, as fast as possible.
    pub(super) rate: f64,
    pub(super) before: Option<Request>,
    pub(super) now: Request,
    pub(super) bound: &'static str,
}

impl AttackArgs {
    /// All of them.
    pub(super) fn attacks(&self) -> Vec<Attack> {
        let rest = Request {
            http: 1.0,
            invocations: 1.0,
            milliseconds: self.handler_ms,
            bytes_out: ANSWER_BYTES,
            ..Request::default()
        };
        let refused = Request { milliseconds: self.refusal_ms, bytes_out: 300.0, ..rest };
        let handshake = Request { http: 0.0, ..refused };
        let through_edge = |request: Request| Request { through_edge: true, ..request };
        let frame = Request { http: 0.0, websocket_messages: 2.0, ..rest };
        let page = PAGE * self.message_bytes;
        let history = Units { read: page / units::READ_BYTES / 2.0 + 1.0, write: 0.0 };
        let posted = |frames: f64| Request { units: units::SAY, posts: frames, ..frame };
        let both_ways = |what, rate, request: Request, bound| Attack {
            what,
            rate,
            before: Some(request),
            now: through_edge(request),
            bound,
        };
        // The signature was checked, and a count in memory refuses.
        let over = Request { milliseconds: 2.0 * self.refusal_ms, ..refused };
        let mut opened_and_closed = units::CONNECT;
        opened_and_closed += units::DISCONNECT;
        let visit = Request { http: 0.0, invocations: 2.0, units: opened_and_closed, ..rest };
        let ping = Request { units: units::PING, ..frame }.with_written_count();
        let beyond_a_budget = |what, (rate, a_minute): (f64, f64), (served, refused): (Request, Request), bound| {
            let share = (a_minute / 60.0 / rate).min(1.0);
            let now = served.with_written_count().times(share).plus(refused.times(1.0 - share));
            Attack { what, rate, before: Some(served), now: through_edge(now), bound }
        };
        vec![
            Attack {
                what: "no token: REST at API Gateway's own address",
                rate: self.http_rate,
                before: Some(Request { milliseconds: 2.0 * self.refusal_ms, ..refused }),
                now: refused,
                bound: "`HttpRateLimit`; 403 before anything else",
            },
            both_ways(
                "no token or a nonsense one: REST",
                self.http_rate,
                refused,
                "`HttpRateLimit`; no keys are fetched",
            ),
            Attack {
                what: "no token: handshakes at API Gateway's own address",
                rate: self.socket_rate,
                before: Some(Request { milliseconds: 2.0 * self.refusal_ms, ..handshake }),
                now: handshake,
                bound: "`SocketRateLimit`; 403 before anything else",
            },
            both_ways(
                "no token or a nonsense one: handshakes",
                self.socket_rate,
                handshake,
                "`SocketRateLimit`; no keys are fetched",
            ),
            Attack {
                what: "no token: the page's files, for each 1,000 requests a second",
                rate: 1_000.0,
                before: Some(through_edge(Request { bytes_out: 20_000.0, ..Request::default() })),
                now: through_edge(Request { bytes_out: 20_000.0, ..Request::default() }),
                bound: "the attacker's own line: CloudFront has no throttle",
            },
            both_ways(
                "a token: `like` and back again",
                self.http_rate,
                Request { units: units::LIKE, ..rest },
                "`HttpRateLimit`",
            ),
            both_ways(
                "a token: `like-message` and back again",
                self.http_rate,
                Request { units: units::LIKE_MESSAGE, ..rest },
                "`HttpRateLimit`",
            ),
            beyond_a_budget(
                "a token: `messages?limit=100`",
                (self.http_rate, PAGES_PER_MINUTE),
                (Request { units: history, bytes_out: page, ..rest }, over),
                "300 pages of a user a minute; `HttpRateLimit` for the refusals",
            ),
            beyond_a_budget(
                "a token: `ticket`",
                (self.http_rate, TICKETS_PER_MINUTE),
                (Request { units: units::TICKET, ..rest }, over),
                "120 tickets of a user a minute; `HttpRateLimit` for the refusals",
            ),
            beyond_a_budget(
                "a token: handshakes, each socket closed at once",
                (self.socket_rate, HANDSHAKES_PER_MINUTE),
                (visit, Request { http: 0.0, ..over }),
                "120 handshakes of a user a minute; `SocketRateLimit` for the refusals",
            ),
            Attack {
                what: "a token: pings on 10 sockets",
                rate: FRAMES_PER_MINUTE / 60.0,
                before: Some(ping.times(SOCKETS)),
                now: ping,
                bound: "60 frames of a user a minute, on all sockets together",
            },
            Attack {
                what: "a token: messages to a room that takes no batches",
                rate: MESSAGES_PER_MINUTE / 60.0,
                before: Some(posted(self.viewers)),
                now: posted(self.viewers),
                bound: "10 messages of a user a minute",
            },
            Attack {
                what: "many tokens: the same, as fast as posts go",
                rate: self.posts_per_second / self.viewers.max(1.0),
                before: Some(posted(self.viewers)),
                now: posted(self.viewers),
                bound: "`PostsPerSecond`",
            },
        ]
    }
}
