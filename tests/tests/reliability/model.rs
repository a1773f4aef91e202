//! The store against a plain model in memory: any sequence of operations has the same answers and the same end. A sequence that
//! differs is shrunk to the shortest one that still does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use gateway::EngineMode;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shared::adapters::aws::AwsEnvironment;
use shared::adapters::store::Store;
use shared::adapters::store::likes::Liked;
use shared::adapters::store::presence::Entrance;
use shared::adapters::store::rates::Admission;
use shared::adapters::store::sends::Sent;
use shared::adapters::store::sessions::Number;
use shared::rules::caller::Caller;
use shared::rules::config;
use shared::rules::message::{ClientMessageId, Draft, MessageId, MessageText};
use shared::rules::page::Anchor;
use shared::rules::schedule::Window;
use shared::rules::session::Session;
use tests::world::World;

/// Messages of one user in a minute.
const LIMIT: usize = 3;

/// One operation. Users, keys, sockets and messages are few, so that they meet.
#[derive(Clone, Debug)]
enum Operation {
    Send { user: u8, key: Option<u8> },
    Void,
    Delete { seq: u64 },
    LikeSession { user: u8 },
    LikeMessage { user: u8, seq: u64 },
    See { user: u8 },
    Enter { user: u8, socket: u8 },
    Leave { user: u8, socket: u8 },
    Admit { user: u8, key: Option<u8>, seconds: i64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let (user, key, seq) = (0..3u8, proptest::option::of(0..3u8), 0..8u64);
    prop_oneof![
        4 => (user.clone(), key.clone()).prop_map(|(user, key)| Send { user, key }),
        1 => Just(Void),
        1 => seq.clone().prop_map(|seq| Delete { seq }),
        1 => user.clone().prop_map(|user| LikeSession { user }),
        2 => (user.clone(), seq).prop_map(|(user, seq)| LikeMessage { user, seq }),
        1 => user.clone().prop_map(|user| See { user }),
        3 => (user.clone(), 0..12u8).prop_map(|(user, socket)| Enter { user, socket }),
        2 => (user.clone(), 0..12u8).prop_map(|(user, socket)| Leave { user, socket }),
        2 => (user, key, 0..50i64).prop_map(|(user, key, seconds)| Admit { user, key, seconds }),
    ]
}

/// What the store should be, as plainly as it can be said.
#[derive(Default)]
struct Model {
    seq: u64,
    /// Messages that are there, with who likes them.
    messages: BTreeMap<u64, BTreeSet<u8>>,
    voids: u64,
    sent: BTreeSet<(u8, u8)>,
    likes: BTreeSet<u8>,
    viewers: BTreeMap<u8, BTreeSet<u8>>,
    admitted: BTreeMap<u8, Vec<(i64, Option<u8>)>>,
}

/// A session of its own for each sequence.
struct Run<'a> {
    store: &'a Store,
    session: Session,
    now: Timestamp,
    model: Model,
}

impl Run<'_> {
    fn user(&self, user: u8) -> String {
        format!("user{user} of {}", self.session.id)
    }

    /// Does one operation on both; their answers as texts.
    async fn step(&mut self, operation: &Operation) -> (String, String) {
        let (store, session, now) = (self.store, self.session.clone(), self.now);
        let model = &mut self.model;
        let name = |user: u8| format!("user{user} of {}", session.id);
        match *operation {
            Operation::Send { user, key } => {
                let Number::Taken(seq) = store.take_number(&session, now).await.expect("the table answers") else {
                    panic!("it is open")
                };
                let author = Caller::from_claims(&serde_json::json!({"sub": name(user), "exp": 4_102_444_800_u64}))
                    .expect("well-formed");
                let client_message_id =
                    key.map(|key| ClientMessageId::parse(&format!("key{key}")).expect("well-formed"));
                let draft = Draft { text: MessageText::parse("hello", 100).expect("well-formed"), client_message_id };
                let sent = store.store_message(&session, seq, &author, &draft, now).await.expect("the table answers");
                if sent == Sent::SentBefore {
                    assert!(store.settle_as_void(&session, seq, now).await.expect("the table answers"));
                }
                model.seq += 1;
                let is_new = key.is_none_or(|key| model.sent.insert((user, key)));
                if is_new {
                    model.messages.insert(model.seq, BTreeSet::new());
                } else {
                    model.voids += 1;
                }
                (format!("{seq} {}", matches!(sent, Sent::Stored(_))), format!("{} {is_new}", model.seq))
            }
            Operation::Void => {
                let Number::Taken(seq) = store.take_number(&session, now).await.expect("the table answers") else {
                    panic!("it is open")
                };
                let settled = store.settle_as_void(&session, seq, now).await.expect("the table answers");
                (model.seq, model.voids) = (model.seq + 1, model.voids + 1);
                (format!("{seq} {settled}"), format!("{} true", model.seq))
            }
            Operation::Delete { seq } => {
                let deleted = store.delete_message(MessageId::new(session.id, seq)).await.expect("the table answers");
                (deleted.to_string(), model.messages.remove(&seq).is_some().to_string())
            }
            Operation::LikeSession { user } => {
                let liked = store.like_session(&session, &name(user), now).await.expect("the table answers");
                let expected = if model.likes.insert(user) { Liked::Counted } else { Liked::Before };
                (format!("{liked:?}"), format!("{expected:?}"))
            }
            Operation::LikeMessage { user, seq } => {
                let id = MessageId::new(session.id, seq);
                let liked = store.like_message(&session, id, &name(user), now).await.expect("the table answers");
                let expected = match model.messages.get_mut(&seq) {
                    None => Liked::NothingThere,
                    Some(fans) => {
                        if fans.insert(user) {
                            Liked::Counted
                        } else {
                            Liked::Before
                        }
                    }
                };
                (format!("{liked:?}"), format!("{expected:?}"))
            }
            Operation::See { user } => {
                let is_new = store.see(&session, &name(user), now).await.expect("the table answers");
                let expected = !model.viewers.contains_key(&user);
                model.viewers.entry(user).or_default();
                (is_new.to_string(), expected.to_string())
            }
            Operation::Enter { user, socket } => {
                let entrance =
                    store.enter(&session, &name(user), &socket.to_string(), now).await.expect("the table answers");
                let sockets = model.viewers.entry(user).or_default();
                let may = sockets.len() < 10 || sockets.contains(&socket);
                if may {
                    sockets.insert(socket);
                }
                ((entrance == Entrance::Granted).to_string(), may.to_string())
            }
            Operation::Leave { user, socket } => {
                store.leave(session.id, &name(user), &socket.to_string()).await.expect("the table answers");
                // Who only polled stays until the timeout; who closes the last socket goes at once.
                if let Some(sockets) = model.viewers.get_mut(&user)
                    && sockets.remove(&socket)
                    && sockets.is_empty()
                {
                    model.viewers.remove(&user);
                }
                (String::new(), String::new())
            }
            Operation::Admit { user, key, seconds } => {
                self.now += SignedDuration::from_secs(seconds);
                let (now, now_ms) = (self.now, self.now.as_millisecond());
                let text = key.map(|key| key.to_string());
                let admission =
                    store.admit_send(&name(user), LIMIT, text.as_deref(), now).await.expect("the table answers");
                let admitted = model.admitted.entry(user).or_default();
                admitted.retain(|(at, _)| *at > now_ms - 60_000);
                let expected = if key.is_some() && admitted.iter().any(|(_, earlier)| *earlier == key) {
                    "Repeat"
                } else if admitted.len() < LIMIT {
                    admitted.push((now_ms, key));
                    "Admitted"
                } else {
                    "Refused"
                };
                let answer = match admission {
                    Admission::Admitted(_) => "Admitted",
                    Admission::Repeat => "Repeat",
                    Admission::Refused(_) => "Refused",
                };
                (answer.to_owned(), expected.to_owned())
            }
        }
    }

    /// What can be read at the end, from both.
    async fn end(&self) -> (String, String) {
        let head = self.store.head(self.session.id, self.now).await.expect("the table answers").expect("a session");
        let (messages, more) =
            self.store.messages(self.session.id, Anchor::After(0), 100, self.now).await.expect("the table answers");
        let messages: Vec<(u64, u64)> = messages.iter().map(|message| (message.id().seq(), message.likes())).collect();
        let mut sockets = Vec::new();
        for user in 0..3 {
            let presence = self.store.presence(self.session.id, &self.user(user)).await.expect("the table answers");
            sockets.push(presence.map(|presence| presence.sockets.into_iter().collect::<BTreeSet<_>>()));
        }
        let model = &self.model;
        let names = |sockets: &BTreeSet<u8>| sockets.iter().map(u8::to_string).collect::<BTreeSet<_>>();
        let expected_messages: Vec<_> = model.messages.iter().map(|(seq, fans)| (*seq, fans.len() as u64)).collect();
        let expected_sockets: Vec<_> = (0..3).map(|user| model.viewers.get(&user).map(names)).collect();
        let numbers = (head.seq, head.total_messages, head.total_likes, head.viewer_count);
        let expected = (model.seq, model.seq - model.voids, model.likes.len() as u64, model.viewers.len() as u64);
        (
            format!("{numbers:?} {messages:?} {more} {sockets:?}"),
            format!("{expected:?} {expected_messages:?} false {expected_sockets:?}"),
        )
    }
}

#[test]
fn any_sequence_of_operations_ends_as_a_plain_model_does() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let world = runtime.block_on(World::start_on(EngineMode::InProcess, Timestamp::now(), &[], |_| {}));
    let lookup = |variable: &str| match variable {
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(world.gateway.database_url().to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "JWT_SECRET" => Some("local".to_owned()),
        _ => None,
    };
    let store = Store::new(
        AwsEnvironment::from_lookup(lookup).expect("an environment").dynamodb(),
        &config::Config::from_lookup(lookup).expect("settings"),
    );
    let sequences = AtomicU64::new(0);
    let settings = Config { cases: 32, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(settings).run(&proptest::collection::vec(operation(), 1..30), |operations| {
        runtime.block_on(async {
            let now = Timestamp::now();
            let key = format!("sequence {}", sequences.fetch_add(1, Ordering::SeqCst));
            let (start, end) = (now - SignedDuration::from_hours(1), Some(now + SignedDuration::from_hours(9)));
            let window = Window { key, name: "Draw".to_owned(), start, end };
            let session = store.session_of_window(&window, now).await.expect("a session");
            let mut run = Run { store: &store, session, now, model: Model::default() };
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
