//! The time after the faults: within a minute, every promise holds and the viewers are the users with an open socket. After all
//! sockets have closed, no row is left.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use gateway::Gateway;
use jiff::SignedDuration;
use serde_json::Value;
use shared::platform::clock::Clock;

use super::client::Client;
use super::server::Server;
use super::tables::Tables;
use super::{draws, pins, questions};
use crate::history::{End, Event, History, Recorder, check};

/// A stored message is delivered within a minute at worst (docs/contract.md, Delivery).
const A_MINUTE: Duration = Duration::from_secs(60);
/// A viewer is forgotten after this many seconds.
pub(super) const VIEWER_TIMEOUT: i64 = 300;
/// The time between two looks at a room that recovers.
const SECONDS_OF_A_ROUND: i64 = 3;
/// So many looks a room has at least, two minutes by its own clock: on a busy machine one look can take seconds.
const LEAST_ROUNDS: usize = 40;
/// The row of a socket whose end was lost expires after three hours.
const MAX_SOCKET_SECONDS: i64 = 3 * 3600;

/// See the module.
pub(super) struct Recovery<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) clock: &'a Clock,
    pub(super) server: &'a Server,
    pub(super) recorder: &'a Recorder,
    /// Whether a function may have died before it removed the rows of a closed socket.
    pub(super) may_leave_sockets: bool,
}

impl Recovery<'_> {
    /// The whole history of a run; `history` says how to judge it.
    pub(super) async fn history(&self, clients: &mut [Client], history: History) -> History {
        let tables = Tables::at(self.gateway.database_url());
        let history = |end: End| History { events: self.recorder.events(), end, ..history.clone() };
        let (began, mut rounds) = (Instant::now(), 0);
        let mut so_far = loop {
            rounds += 1;
            self.gateway.fire_schedule().await;
            // A user may send 60 frames a minute, and each round takes at least one.
            self.pass(SECONDS_OF_A_ROUND);
            for client in clients.iter_mut() {
                client.connect().await;
            }
            let so_far = history(self.end(&tables).await);
            // Viewers are checked afterwards.
            let is_well = check(&so_far).is_empty();
            if is_well || (began.elapsed() > A_MINUTE && rounds >= LEAST_ROUNDS) {
                break so_far;
            }
            self.recorder.wait(Duration::from_millis(200)).await;
        };
        self.viewers(clients, &tables, &mut so_far.end).await;
        self.leftovers(clients, &tables, &mut so_far.end).await;
        so_far.documented = self.recorder.documented();
        so_far
    }

    /// The tables, and the totals of the API.
    async fn end(&self, tables: &Tables) -> End {
        let mut end = tables.read().await.end();
        if let Some((200, likes)) = self.server.call("user", "GET", "likes", None).await {
            end.total_likes = number(&likes["total_likes"]);
        }
        if let Some((200, status)) = self.server.call("user", "GET", "status", None).await {
            end.reactions.1 = number(&status["session"]["reactions"]["🎉"]);
            end.draw_in_status = draws::in_status(&status);
            end.pinned = pins::told(&status["session"]);
        }
        if let Some((200, stats)) = self.server.call("user", "GET", "stats", None).await {
            end.total_messages = number(&stats["total_messages"]);
        }
        end.questions = questions::list(self.server).await;
        end
    }

    /// After the timeout, the viewers are the users with an open socket, and every socket has received their number.
    async fn viewers(&self, clients: &mut [Client], tables: &Tables, end: &mut End) {
        // One client disappears without a close frame; the others stay.
        if let Some(client) = clients.last_mut() {
            client.leave(false).await;
        }
        self.pass(VIEWER_TIMEOUT + 1);
        let began = Instant::now();
        loop {
            self.gateway.fire_schedule().await;
            let there: BTreeSet<String> =
                clients.iter().filter(|client| client.is_connected()).map(|client| client.name.clone()).collect();
            end.viewers = (tables.read().await.viewers(), there);
            end.viewers_heard = self.viewers_heard(clients);
            let count = end.viewers.1.len() as u64;
            let is_known = end.viewers_heard.values().all(|heard| *heard == Some(count));
            if (end.viewers.0 == count && is_known) || began.elapsed() > A_MINUTE {
                return;
            }
            self.recorder.wait(Duration::from_millis(100)).await;
        }
    }

    fn viewers_heard(&self, clients: &[Client]) -> BTreeMap<u64, Option<u64>> {
        let mut heard: BTreeMap<u64, Option<u64>> =
            clients.iter().filter_map(Client::socket).map(|socket| (socket, None)).collect();
        for event in self.recorder.events() {
            if let Event::HeardViewers { socket, viewers } = event
                && let Some(last) = heard.get_mut(&socket)
            {
                *last = Some(viewers);
            }
        }
        heard
    }

    /// After every socket has closed and the timeout has passed, no row is left.
    async fn leftovers(&self, clients: &mut [Client], tables: &Tables, end: &mut End) {
        for client in clients.iter_mut() {
            client.leave(true).await;
        }
        // Long enough that even a quiet room gets a frame, which finds the rows of dead sockets.
        self.pass(8 * 60);
        let began = Instant::now();
        let (mut passed, mut has_waited_for_expiry) = (0, false);
        loop {
            let rows = tables.read().await;
            end.left = rows.left(self.clock.now().as_millisecond());
            end.looked_at = rows.count();
            if end.left.is_empty() || began.elapsed() > A_MINUTE / 2 {
                return;
            }
            let only_sockets = end.left.iter().all(|left| left.starts_with("socket#"));
            if only_sockets && self.may_leave_sockets && !has_waited_for_expiry {
                has_waited_for_expiry = true;
                self.pass(MAX_SOCKET_SECONDS);
                continue;
            }
            // No row may be gone merely because it has expired.
            if passed < MAX_SOCKET_SECONDS / 2 {
                self.pass(VIEWER_TIMEOUT + 1);
                passed += VIEWER_TIMEOUT + 1;
            }
            self.gateway.fire_schedule().await;
            self.recorder.wait(Duration::from_millis(100)).await;
        }
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(u64::MAX)
}
