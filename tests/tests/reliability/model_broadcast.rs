//! The rows that the broadcast and the sockets work with, against a plain model: the lease and the cursor, the notes of lagging
//! sockets, and tickets. Three holders, three sockets and three connections are few enough to meet.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use gateway::EngineMode;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shared::broadcast::cursor::{Cursor, LEASE};
use shared::domain::ticket::{LIFETIME, Ticket};
use shared::features::sockets::store::Socket;
use shared::features::sockets::store_subscribers::Slice;
use shared::platform::dynamo::Store;
use tests::caller;
use tests::world::World;

/// How many sequences are tried.
const CASES: u32 = 96;

#[derive(Clone, Debug)]
enum Operation {
    Pass { ms: i64 },
    TakeLease { owner: u8 },
    CommitCursor { owner: u8 },
    ReleaseLease { owner: u8 },
    Open { socket: u8 },
    Frame { socket: u8 },
    Prune { socket: u8 },
    Close { socket: u8 },
    BeginToLag { socket: u8, seq: u64 },
    CatchUp { socket: u8 },
    IssueTicket,
    Redeem { ticket: usize, connection: u8 },
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    prop_oneof![
        3 => prop_oneof![0..2_000i64, 2_900..3_100i64, 25_000..31_000i64].prop_map(|ms| Pass { ms }),
        4 => (0..3u8).prop_map(|owner| TakeLease { owner }),
        3 => (0..3u8).prop_map(|owner| CommitCursor { owner }),
        2 => (0..3u8).prop_map(|owner| ReleaseLease { owner }),
        3 => (0..3u8).prop_map(|socket| Open { socket }),
        2 => (0..3u8).prop_map(|socket| Frame { socket }),
        2 => (0..3u8).prop_map(|socket| Prune { socket }),
        1 => (0..3u8).prop_map(|socket| Close { socket }),
        3 => (0..3u8, 1..9u64).prop_map(|(socket, seq)| BeginToLag { socket, seq }),
        2 => (0..3u8).prop_map(|socket| CatchUp { socket }),
        1 => Just(IssueTicket),
        2 => (0..3usize, 0..3u8).prop_map(|(ticket, connection)| Redeem { ticket, connection }),
    ]
}

/// A socket's two rows as they should be.
#[derive(Default)]
struct Rows {
    /// The row by connection id, and whether it says that the socket was pruned.
    was_pruned: Option<bool>,
    /// The row in the room, and the number after which it says that the socket lags.
    subscriber: Option<Option<u64>>,
}

/// A simple model of the store.
#[derive(Default)]
struct Model {
    seq: u64,
    lease: Option<(u8, i64)>,
    sockets: BTreeMap<u8, Rows>,
    /// When each ticket was issued, and who has redeemed it.
    tickets: Vec<(i64, Option<u8>)>,
}

/// Separate rows for each sequence.
struct Run<'a> {
    store: &'a Store,
    session_id: u64,
    now: Timestamp,
    tickets: Vec<Ticket>,
    model: Model,
}

impl Run<'_> {
    fn id(&self, socket: u8) -> String {
        format!("socket{socket}of{}=", self.session_id)
    }

    fn socket(&self, socket: u8) -> Socket {
        Socket {
            connection_id: self.id(socket),
            session_id: self.session_id,
            caller: caller("ann"),
            connected_ms: self.now.as_millisecond(),
            batch: false,
            was_pruned: false,
        }
    }

    /// Does one operation on both; returns their results as text.
    async fn step(&mut self, operation: &Operation) -> (String, String) {
        let (store, id, now) = (self.store, self.session_id, self.now);
        let now_ms = now.as_millisecond();
        let until = now_ms + LEASE.as_millis() as i64;
        match *operation {
            Operation::Pass { ms } => {
                self.now += SignedDuration::from_millis(ms);
                (String::new(), String::new())
            }
            Operation::TakeLease { owner } => {
                let taken = store.take_lease(id, &owner.to_string(), now).await.expect("the table answers");
                let is_free = self.model.lease.is_none_or(|(holder, until)| holder == owner || until < now_ms);
                if is_free {
                    self.model.lease = Some((owner, until));
                }
                let expected = is_free.then_some(self.model.seq);
                (format!("{:?}", taken.map(|cursor| cursor.seq)), format!("{expected:?}"))
            }
            Operation::CommitCursor { owner } => {
                let further = Cursor { seq: self.model.seq + 1, ..Cursor::default() };
                let moved =
                    store.commit_cursor(id, &owner.to_string(), &further, now).await.expect("the table answers");
                // No other holder has taken it, so its expiry does no harm.
                let may = self.model.lease.is_some_and(|(holder, _)| holder == owner);
                if may {
                    self.model.seq += 1;
                    self.model.lease = Some((owner, until));
                }
                (moved.to_string(), may.to_string())
            }
            Operation::ReleaseLease { owner } => {
                store.release_lease(id, &owner.to_string()).await.expect("the table answers");
                self.model.lease = self.model.lease.filter(|(holder, _)| *holder != owner);
                (String::new(), String::new())
            }
            Operation::Open { socket } => {
                store.put_socket(&self.socket(socket)).await.expect("the table answers");
                self.model.sockets.insert(socket, Rows { was_pruned: Some(false), subscriber: Some(None) });
                (String::new(), String::new())
            }
            Operation::Frame { socket } => {
                let found = store.socket(&self.id(socket)).await.expect("the table answers");
                let answer = format!("{:?}", found.as_ref().map(|socket| socket.was_pruned));
                let rows = self.model.sockets.entry(socket).or_default();
                let expected = format!("{:?}", rows.was_pruned);
                if let Some(socket) = found.filter(|socket| socket.was_pruned) {
                    store.subscribe(&socket).await.expect("the table answers");
                }
                if rows.was_pruned == Some(true) {
                    *rows = Rows { was_pruned: Some(false), subscriber: Some(None) };
                }
                (answer, expected)
            }
            Operation::Prune { socket } => {
                let room = store.subscribers(id, Slice::ALL).await.expect("the table answers");
                let subscriber = room.iter().find(|subscriber| subscriber.connection_id == self.id(socket));
                let rows = self.model.sockets.entry(socket).or_default();
                let answers = (subscriber.is_some().to_string(), rows.subscriber.is_some().to_string());
                if let Some(subscriber) = subscriber {
                    store.prune_subscriber(id, subscriber).await.expect("the table answers");
                }
                if rows.subscriber.is_some() {
                    *rows = Rows { was_pruned: rows.was_pruned.map(|_| true), subscriber: None };
                }
                answers
            }
            Operation::Close { socket } => {
                store.delete_socket(id, &self.id(socket)).await.expect("the table answers");
                self.model.sockets.remove(&socket);
                (String::new(), String::new())
            }
            Operation::BeginToLag { socket, seq } => {
                let noted = store.mark_lagging(id, &self.id(socket), seq, now_ms, &Default::default()).await;
                let subscriber = self.model.sockets.entry(socket).or_default().subscriber.as_mut();
                let expected = subscriber.is_some();
                if let Some(lagging_after) = subscriber {
                    *lagging_after = Some(seq);
                }
                (noted.expect("the table answers").to_string(), expected.to_string())
            }
            Operation::CatchUp { socket } => {
                store.mark_caught_up(id, &self.id(socket)).await.expect("the table answers");
                if let Some(lagging_after) = self.model.sockets.entry(socket).or_default().subscriber.as_mut() {
                    *lagging_after = None;
                }
                (String::new(), String::new())
            }
            Operation::IssueTicket => {
                self.tickets.push(store.issue_ticket(&caller("ann"), now).await.expect("the table answers"));
                self.model.tickets.push((now_ms, None));
                (String::new(), String::new())
            }
            Operation::Redeem { ticket, connection } => {
                let Some(secret) = self.tickets.get(ticket) else { return (String::new(), String::new()) };
                let redeemed = store.redeem_ticket(secret, &connection.to_string(), now).await;
                let (issued_ms, by) = &mut self.model.tickets[ticket];
                let is_good = now_ms < *issued_ms + LIFETIME.as_millis() as i64 && by.is_none_or(|by| by == connection);
                if is_good {
                    *by = Some(connection);
                }
                (redeemed.expect("the table answers").is_some().to_string(), is_good.to_string())
            }
        }
    }

    /// What can be read at the end, from both.
    async fn end(&self) -> (String, String) {
        let cursor = self.store.cursor(self.session_id).await.expect("the table answers");
        let subscribers = self.store.subscribers(self.session_id, Slice::ALL).await.expect("the table answers");
        let lagging_after: BTreeMap<String, Option<u64>> =
            subscribers.into_iter().map(|subscriber| (subscriber.connection_id, subscriber.lagging_after)).collect();
        let rows = self.model.sockets.iter();
        let expected: BTreeMap<String, Option<u64>> =
            rows.filter_map(|(socket, rows)| Some((self.id(*socket), rows.subscriber?))).collect();
        (format!("{} {lagging_after:?}", cursor.seq), format!("{} {expected:?}", self.model.seq))
    }
}

#[test]
fn any_sequence_of_the_broadcasts_operations_ends_as_a_plain_model_does() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let world = runtime.block_on(World::start_on(EngineMode::InProcess, Timestamp::now(), &[], |_| {}));
    let store = world.store();
    let sequences = AtomicU64::new(1);
    let settings = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(settings).run(&proptest::collection::vec(operation(), 1..40), |operations| {
        runtime.block_on(async {
            let session_id = sequences.fetch_add(1, Ordering::SeqCst);
            let (now, tickets) = (Timestamp::now(), Vec::new());
            let mut run = Run { store: &store, session_id, now, tickets, model: Model::default() };
            for operation in &operations {
                let (answer, expected) = run.step(operation).await;
                prop_assert_eq!(answer, expected, "{:?}", operation);
            }
            let (end, expected) = run.end().await;
            prop_assert_eq!(end, expected);
            Ok::<(), TestCaseError>(())
        })
    });
    if let Err(difference) = outcome {
        panic!("{difference}");
    }
}
