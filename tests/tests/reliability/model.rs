//! The store against a simple model in memory: any sequence of operations gives the same results and the same final state. A
//! sequence that differs is shrunk to the shortest one that still does.

mod plain;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use gateway::EngineMode;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use shared::domain::cover::Covers;
use shared::domain::message::{ClientMessageId, Draft, MessageId};
use shared::domain::page::{Anchor, PageSize};
use shared::domain::schedule::Window;
use shared::domain::session::Session;
use shared::domain::text::message_text::MessageText;
use shared::features::likes::store::{LikeOutcome, UnlikeOutcome};
use shared::features::messages::store_pages::{MessagePage, Seen};
use shared::features::messages::store_rate::{Admission, Admitted, SendAsk};
use shared::features::messages::store_send::StoreOutcome;
use shared::features::presence::store::SocketAdmission;
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use shared::platform::dynamo::Store;
use tests::caller;
use tests::world::World;

use self::plain::{LIMIT, Model, Operation, operation};

/// How many sequences are tried.
const CASES: u32 = 96;
/// More than a sequence sends.
const HUNDRED: PageSize = PageSize { messages: 100, bytes: usize::MAX };

/// A separate session for each sequence.
struct Run<'a> {
    store: &'a Store,
    session: Session,
    now: Timestamp,
    model: Model,
    /// Each user's last admission, and the model's name for it.
    last_admitted: BTreeMap<u8, (Admitted, u32)>,
}

impl Run<'_> {
    fn user(&self, user: u8) -> String {
        format!("user{user} of {}", self.session.id)
    }

    /// Does one operation on both; returns their results as text.
    async fn step(&mut self, operation: &Operation) -> (String, String) {
        let (store, session, now) = (self.store, self.session.clone(), self.now);
        let model = &mut self.model;
        let name = |user: u8| format!("user{user} of {}", session.id);
        match *operation {
            Operation::Send { user, key } => {
                let SeqAllocation::Allocated(seq) =
                    store.allocate_seq(&session, Rules::default(), now).await.expect("the table answers")
                else {
                    panic!("it is open")
                };
                let author = caller(&name(user));
                let client_message_id =
                    key.map(|key| ClientMessageId::parse(&format!("key{key}")).expect("well-formed"));
                let draft = Draft::new(MessageText::parse("hello", 100).expect("well-formed"), client_message_id);
                let sent = store.store_message(&session, seq, &author, &draft, now).await.expect("the table answers");
                if sent == StoreOutcome::Duplicate {
                    assert!(store.void_seq(&session, seq, now).await.expect("the table answers"));
                }
                model.seq += 1;
                let is_new = key.is_none_or(|key| model.sent.insert((user, key)));
                if is_new {
                    model.messages.insert(model.seq, BTreeSet::new());
                } else {
                    model.voids += 1;
                }
                (format!("{seq} {}", matches!(sent, StoreOutcome::Stored(_))), format!("{} {is_new}", model.seq))
            }
            Operation::Void => {
                let SeqAllocation::Allocated(seq) =
                    store.allocate_seq(&session, Rules::default(), now).await.expect("the table answers")
                else {
                    panic!("it is open")
                };
                let settled = store.void_seq(&session, seq, now).await.expect("the table answers");
                (model.seq, model.voids) = (model.seq + 1, model.voids + 1);
                (format!("{seq} {settled}"), format!("{} true", model.seq))
            }
            Operation::Delete { seq } => {
                let deleted =
                    store.delete_message(MessageId::new(session.id, seq), now).await.expect("the table answers");
                let fans = model.messages.remove(&seq);
                let was_there = fans.is_some();
                model.left_over.extend(fans.into_iter().flatten().map(|user| (seq, user)));
                (deleted.to_string(), was_there.to_string())
            }
            Operation::LikeSession { user } => {
                let liked = store.like_session(&session, &name(user), now).await.expect("the table answers");
                let expected = if model.likes.insert(user) { LikeOutcome::Counted } else { LikeOutcome::Repeated };
                (format!("{liked:?}"), format!("{expected:?}"))
            }
            Operation::LikeMessage { user, seq } => {
                let id = MessageId::new(session.id, seq);
                let liked = store.like_message(&session, id, &name(user), now).await.expect("the table answers");
                let expected = match model.messages.get_mut(&seq) {
                    None => LikeOutcome::NotFound,
                    Some(fans) => {
                        if fans.insert(user) {
                            LikeOutcome::Counted
                        } else {
                            LikeOutcome::Repeated
                        }
                    }
                };
                (format!("{liked:?}"), format!("{expected:?}"))
            }
            Operation::UnlikeSession { user } => {
                let unliked = store.unlike_session(&session, &name(user)).await.expect("the table answers");
                let was_liked = model.likes.remove(&user);
                let expected = if was_liked { UnlikeOutcome::TakenBack } else { UnlikeOutcome::NotLiked };
                (format!("{unliked:?}"), format!("{expected:?}"))
            }
            Operation::UnlikeMessage { user, seq } => {
                let id = MessageId::new(session.id, seq);
                let unliked = store.unlike_message(id, &name(user), now).await.expect("the table answers");
                let was_liked = model.messages.get_mut(&seq).is_some_and(|fans| fans.remove(&user));
                let expected = match was_liked {
                    true => UnlikeOutcome::TakenBack,
                    // The row of a like outlives its message.
                    false if model.left_over.contains(&(seq, user)) => UnlikeOutcome::NotFound,
                    false => UnlikeOutcome::NotLiked,
                };
                (format!("{unliked:?}"), format!("{expected:?}"))
            }
            Operation::See { user } => {
                let is_new = store.touch_viewer(&session, &name(user), now).await.expect("the table answers");
                let expected = !model.viewers.contains_key(&user);
                model.viewers.entry(user).or_default();
                (is_new.to_string(), expected.to_string())
            }
            Operation::Enter { user, socket } => {
                let caller = caller(&name(user));
                let entrance =
                    store.add_socket(&session, &caller, &socket.to_string(), now).await.expect("the table answers");
                let sockets = model.viewers.entry(user).or_default();
                let may = sockets.len() < 10 || sockets.contains(&socket);
                if may {
                    sockets.insert(socket);
                }
                ((entrance == SocketAdmission::Granted).to_string(), may.to_string())
            }
            Operation::Leave { user, socket } => {
                store.remove_socket(session.id, &name(user), &socket.to_string()).await.expect("the table answers");
                // A user who only polled stays until the timeout; a user whose last socket closes is removed at once.
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
                let text = key.map(|key| key.to_string());
                let user_id = name(user);
                let ask = SendAsk::new(&user_id, Some(LIMIT), text.as_deref(), self.now);
                let admission = store.admit_send(ask).await;
                let (expected, entry) = model.admit(user, key, self.now.as_millisecond());
                (self.note_admission(user, admission.expect("the table answers"), entry), expected.to_owned())
            }
            Operation::AdmitRepeat { user, key } => {
                let (user_id, text) = (name(user), key.to_string());
                let ask = SendAsk::new(&user_id, Some(LIMIT), Some(&text), now);
                let admission = store.admit_duplicate(ask).await;
                model.admitted.entry(user).or_default().retain(|entry| entry.key != Some(key));
                let (expected, entry) = model.admit(user, Some(key), now.as_millisecond());
                (self.note_admission(user, admission.expect("the table answers"), entry), expected.to_owned())
            }
            Operation::TakeBack { user } => {
                if let Some((admitted, entry)) = self.last_admitted.remove(&user) {
                    store.withdraw_send(&name(user), admitted).await.expect("the table answers");
                    model.admitted.entry(user).or_default().retain(|earlier| earlier.name != entry);
                }
                (String::new(), String::new())
            }
        }
    }

    fn note_admission(&mut self, user: u8, admission: Admission, entry: u32) -> String {
        let answer = match admission {
            Admission::Admitted(admitted) => {
                self.last_admitted.insert(user, (admitted, entry));
                "Admitted"
            }
            Admission::Duplicate => "Duplicate",
            Admission::Refused(_) => "Refused",
            Admission::Ruled { refusal, .. } => panic!("no mode asks: {refusal}"),
        };
        answer.to_owned()
    }

    /// Everything can be read until the retention is over, and nothing after that.
    async fn expire(&self) -> (String, String) {
        let (store, id) = (self.store, self.session.id);
        let expires_at = self.session.expires_at.expect("the session has an end");
        let mut readable = Vec::new();
        for seconds in [-1, 0] {
            let then = Timestamp::from_second(expires_at + seconds).expect("a time");
            let head = store.head(id, then).await.expect("the table answers");
            let session = store.session(id, then).await.expect("the table answers");
            let page = self.page_at(then).await;
            readable.push((head.is_some(), session.is_some(), page.messages.len()));
        }
        let expected = vec![(true, true, self.model.messages.len()), (false, false, 0)];
        (format!("{readable:?}"), format!("{expected:?}"))
    }

    async fn page_at(&self, now: Timestamp) -> MessagePage {
        let (reader, covers) = (caller("reader"), Covers::default());
        let seen = Seen { covers: &covers, reader: &reader };
        let page = self.store.message_page(self.session.id, Anchor::After(0), HUNDRED, seen, now).await;
        page.expect("the table answers")
    }

    /// What can be read at the end, from both.
    async fn end(&self) -> (String, String) {
        let head = self.store.head(self.session.id, self.now).await.expect("the table answers").expect("a session");
        let page = self.page_at(self.now).await;
        let more = page.has_more();
        let messages: Vec<(u64, u64)> =
            page.messages.iter().map(|message| (message.id().seq(), message.likes())).collect();
        let (mut sockets, mut liked) = (Vec::new(), Vec::new());
        for user in 0..3 {
            let listed = self.store.liked_between(self.session.id, &self.user(user), 0, 99).await;
            liked.push(listed.expect("the table answers"));
            let presence = self.store.presence(self.session.id, &self.user(user)).await.expect("the table answers");
            sockets.push(presence.map(|presence| presence.sockets.into_iter().collect::<BTreeSet<_>>()));
        }
        let model = &self.model;
        let names = |sockets: &BTreeSet<u8>| sockets.iter().map(u8::to_string).collect::<BTreeSet<_>>();
        let expected_messages: Vec<_> = model.messages.iter().map(|(seq, fans)| (*seq, fans.len() as u64)).collect();
        let expected_sockets: Vec<_> = (0..3).map(|user| model.viewers.get(&user).map(names)).collect();
        let liked_by = |user: u8| {
            let alive = model.messages.iter().filter(move |(_, fans)| fans.contains(&user)).map(|(seq, _)| *seq);
            alive.chain(model.left_over.iter().filter(move |(_, fan)| *fan == user).map(|(seq, _)| *seq)).collect()
        };
        let expected_liked: Vec<BTreeSet<u64>> = (0..3).map(liked_by).collect();
        let numbers = (head.seq, head.total_messages, head.total_likes, head.viewer_count);
        let expected = (model.seq, model.seq - model.voids, model.likes.len() as u64, model.viewers.len() as u64);
        (
            format!("{numbers:?} {messages:?} {more} {sockets:?} {liked:?}"),
            format!("{expected:?} {expected_messages:?} false {expected_sockets:?} {expected_liked:?}"),
        )
    }
}

#[test]
fn any_sequence_of_operations_ends_as_a_plain_model_does() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let world = runtime.block_on(World::start_on(EngineMode::InProcess, Timestamp::now(), &[], |_| {}));
    let store = world.store();
    let sequences = AtomicU64::new(0);
    let settings = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(settings).run(&proptest::collection::vec(operation(), 1..30), |operations| {
        runtime.block_on(async {
            let now = Timestamp::now();
            let key = format!("sequence {}", sequences.fetch_add(1, Ordering::SeqCst));
            let (start, end) = (now - SignedDuration::from_hours(1), Some(now + SignedDuration::from_hours(9)));
            let window = Window { key, name: "Draw".to_owned(), start, end };
            let session = store.session_of_window(&window).await.expect("the table answers").expect("a session");
            let mut run = Run { store: &store, session, now, model: Model::default(), last_admitted: BTreeMap::new() };
            for operation in &operations {
                let (answer, expected) = run.step(operation).await;
                prop_assert_eq!(answer, expected, "{:?}", operation);
            }
            let (end, expected) = run.end().await;
            prop_assert_eq!(end, expected);
            let (expiry, expected) = run.expire().await;
            prop_assert_eq!(expiry, expected);
            Ok::<(), TestCaseError>(())
        })
    });
    if let Err(difference) = outcome {
        panic!("{difference}");
    }
}
