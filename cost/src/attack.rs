//! What an attacker makes the owner pay in an hour, as fast as the throttles let through.

use clap::Args;

use crate::counts::{ACCESS_LOG_BYTES, ANSWER_BYTES, LINE_BYTES};
use crate::figures::{amount, grouped};
use crate::prices::{GB, Prices};
use crate::units::{self, Units};

const HOUR: f64 = 3_600.0;
/// The memory of a function that answers requests, in GB.
const MEMORY: f64 = 0.25;
/// X-Ray records so much of what it is not asked to record.
const TRACED: f64 = 0.05;
/// A page of this many messages is the largest (`LIVE_CHAT_MESSAGE_HISTORY_LIMIT`).
const PAGE: f64 = 100.0;
/// A user has so many sockets in a session.
const SOCKETS: f64 = 10.0;
/// A budget is written after every tenth request.
const COUNTS_WRITTEN: f64 = 0.1;
/// The limits of one user a minute (docs/contract.md, Limits). A refusal beyond them still costs a call.
const FRAMES_PER_MINUTE: f64 = 60.0;
const PAGES_PER_MINUTE: f64 = 300.0;
const TICKETS_PER_MINUTE: f64 = 120.0;
const HANDSHAKES_PER_MINUTE: f64 = 120.0;
const MESSAGES_PER_MINUTE: f64 = 10.0;

/// What an attacker costs an hour, with and without a token.
#[derive(Clone, Debug, Args)]
pub struct AttackArgs {
    /// REST calls a second that the stage lets through (HttpRateLimit).
    #[arg(long, default_value_t = 1_500.0, value_parser = amount)]
    http_rate: f64,
    /// Handshakes and frames a second that the stage lets through (SocketRateLimit).
    #[arg(long, default_value_t = 1_000.0, value_parser = amount)]
    socket_rate: f64,
    /// Posts to sockets a second (PostsPerSecond).
    #[arg(long, default_value_t = 7_500.0, value_parser = amount)]
    posts_per_second: f64,
    /// Requests that one address may make in five minutes, where the rate rule is on (EdgeRateLimit).
    #[arg(long, default_value_t = 1_000.0, value_parser = amount)]
    edge_rate_limit: f64,
    /// Sockets without batches in the room that hears an attacker's messages.
    #[arg(long, default_value_t = 10_000.0, value_parser = amount)]
    viewers: f64,
    /// Bytes of each stored message.
    #[arg(long, default_value_t = 400.0, value_parser = amount)]
    message_bytes: f64,
    /// Milliseconds that a handler of a request runs.
    #[arg(long, default_value_t = 20.0, value_parser = amount)]
    handler_ms: f64,
    /// Milliseconds that Lambda bills for a refusal.
    #[arg(long, default_value_t = 1.0, value_parser = amount)]
    refusal_ms: f64,
}

/// The quantities of one request.
#[derive(Clone, Copy, Debug, Default)]
struct Request {
    http: f64,
    websocket_messages: f64,
    invocations: f64,
    milliseconds: f64,
    units: Units,
    bytes_out: f64,
    posts: f64,
    through_edge: bool,
}

/// A way to attack.
struct Attack {
    what: &'static str,
    /// Requests a second, as fast as possible.
    rate: f64,
    before: Option<Request>,
    now: Request,
    bound: &'static str,
}

impl AttackArgs {
    /// The table.
    ///
    /// # Errors
    /// If there are no prices, which a test excludes.
    pub fn table(&self) -> Result<String, serde_json::Error> {
        let prices = Prices::embedded()?;
        let mut table = format!(
            "| attack | requests an hour | before | now | now, one address under `EdgeRateLimit` {} | what bounds it |\n\
             | --- | --- | --- | --- | --- | --- |\n",
            grouped(self.edge_rate_limit)
        );
        for attack in self.attacks() {
            let requests = attack.rate * HOUR;
            let usd = |request: &Request, requests: f64| request.usd(&prices) * requests;
            let before = attack.before.map_or("–".to_owned(), |request| format!("{:.2}", usd(&request, requests)));
            let ruled = match attack.now.through_edge {
                // What the rule blocks costs its inspection, and nothing at CloudFront.
                true => {
                    let passed = requests.min(self.edge_rate_limit * HOUR / 300.0);
                    let inspected = prices.get("waf_request").map_or(0.0, |price| price.of(requests));
                    format!("{:.2}", usd(&attack.now, passed) + inspected)
                }
                false => "as now".to_owned(),
            };
            let now = usd(&attack.now, requests);
            table += &format!(
                "| {} | {} | {before} | {now:.2} | {ruled} | {} |\n",
                attack.what,
                grouped(requests),
                attack.bound
            );
        }
        table += &format!("\nUSD an hour. Prices of {}, {}. {}\n", prices.region, prices.date, prices.note);
        Ok(table)
    }

    fn attacks(&self) -> Vec<Attack> {
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

impl Request {
    /// So many times this request.
    fn times(self, count: f64) -> Request {
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
    fn plus(self, other: Request) -> Request {
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
    fn with_written_count(self) -> Request {
        let mut units = self.units;
        units += Units { read: 0.0, write: COUNTS_WRITTEN };
        Request { units, ..self }
    }

    fn usd(&self, prices: &Prices) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> AttackArgs {
        use clap::Parser;

        #[derive(Parser)]
        struct Cli {
            #[command(flatten)]
            args: AttackArgs,
        }
        Cli::parse_from(["attack"]).args
    }

    #[test]
    fn a_refusal_at_the_door_costs_less_than_a_refusal_after_it_and_than_any_answer() {
        let prices = Prices::embedded().unwrap();
        for attack in args().attacks() {
            let (before, now) = (attack.before.unwrap().usd(&prices), attack.now.usd(&prices));
            assert!(now > 0.0 && before > 0.0, "{}", attack.what);
            if attack.bound.contains("403") {
                assert!(now < before, "{}: {now}, {before} before", attack.what);
            }
        }
    }

    #[test]
    fn a_budget_of_a_user_makes_an_attack_with_a_token_cheaper() {
        let prices = Prices::embedded().unwrap();
        let attacks = args().attacks();
        let limited: Vec<&Attack> =
            attacks.iter().filter(|attack| attack.bound.contains("of a user a minute;")).collect();
        assert_eq!(limited.len(), 3);
        for attack in limited {
            // Through the same door.
            let unlimited = Request { through_edge: true, ..attack.before.unwrap() }.usd(&prices);
            let now = attack.now.usd(&prices);
            assert!(now < unlimited, "{}: {now}, {unlimited} without a limit", attack.what);
        }
    }

    #[test]
    fn a_part_of_two_requests_costs_that_part_of_each() {
        let prices = Prices::embedded().unwrap();
        let one = Request { http: 1.0, invocations: 1.0, milliseconds: 20.0, posts: 3.0, ..Request::default() };
        let other =
            Request { invocations: 2.0, milliseconds: 1.0, bytes_out: 1e6, units: units::SAY, ..Request::default() };
        let both = one.times(0.25).plus(other.times(0.75)).usd(&prices);
        assert!((both - 0.25 * one.usd(&prices) - 0.75 * other.usd(&prices)).abs() < 1e-12);
    }

    #[test]
    fn a_million_calls_cost_the_sum_of_their_prices() {
        let prices = Prices::embedded().unwrap();
        let price = |name: &str| prices.get(name).unwrap().of(1.0);
        let call = Request {
            http: 1.0,
            invocations: 1.0,
            milliseconds: 8.0,
            units: Units { read: 1.0, write: 4.0 },
            ..Request::default()
        };
        let expected = price("http_request")
            + price("lambda_request")
            + 0.002 * price("lambda_gb_second")
            + price("dynamodb_read")
            + 4.0 * price("dynamodb_write")
            + (LINE_BYTES + ACCESS_LOG_BYTES) / GB * price("log_gb")
            + TRACED * price("xray_trace");
        assert!((call.usd(&prices) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_table_has_a_row_for_each_attack() {
        let table = args().table().unwrap();
        assert_eq!(table.lines().filter(|line| line.starts_with("| ")).count(), args().attacks().len() + 2);
    }
}
