//! The store's own promises, each on separate tables: conditions, transactions and pages. With `LIVE_CHAT_DYNAMODB` they run
//! against the DynamoDB at that URL (in CI, AWS's own DynamoDB Local), otherwise against the gateway's embedded engine.

mod deletion;
mod sockets;
pub(crate) mod tables;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::domain::cover::Covers;
use shared::domain::message::MessageId;
use shared::domain::page::{Anchor, PageSize};
use shared::features::likes::store::{LikeOutcome, UnlikeOutcome};
use shared::features::messages::store::LogEntry;
use shared::features::messages::store_pages::Seen;
use shared::features::messages::store_rate::{Admission, SendAsk};
use shared::features::messages::store_send::StoreOutcome;
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use tests::caller;

use self::tables::{Tables, draft};

#[tokio::test]
async fn store_many_first_requests_make_one_session() {
    let tables = Tables::new().await;
    let sessions = join_all((0..20).map(|_| tables.session())).await;
    let ids: BTreeSet<u64> = sessions.iter().map(|session| session.id).collect();
    assert_eq!(ids, BTreeSet::from([1]));
    let newest = tables.store.newest_sessions(5).await.unwrap();
    assert_eq!((newest.len(), &newest[0]), (1, &sessions[0]));
}

#[tokio::test]
async fn store_numbers_are_taken_once_each_and_not_after_the_end() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let taken = join_all((0..30).map(|_| tables.store.allocate_seq(&session, Rules::default(), tables.now))).await;
    let seqs: BTreeSet<u64> = taken
        .into_iter()
        .map(|number| match number.unwrap() {
            SeqAllocation::Allocated(seq) => seq,
            SeqAllocation::Closed | SeqAllocation::Full | SeqAllocation::RulesChanged(_) => panic!("it is open"),
        })
        .collect();
    assert_eq!(seqs, (1..=30).collect());
    tables.store.mark_as_ended(session.id).await.unwrap();
    assert!(matches!(
        tables.store.allocate_seq(&session, Rules::default(), tables.now).await.unwrap(),
        SeqAllocation::Closed
    ));
}

#[tokio::test]
async fn store_a_number_holds_either_a_message_or_a_void() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let seq = tables.stored(&session, "first").await;
    assert!(!tables.store.void_seq(&session, seq, tables.now).await.unwrap(), "there is a message");
    let SeqAllocation::Allocated(late) =
        tables.store.allocate_seq(&session, Rules::default(), tables.now).await.unwrap()
    else {
        panic!()
    };
    assert!(tables.store.void_seq(&session, late, tables.now).await.unwrap());
    assert!(!tables.store.void_seq(&session, late, tables.now).await.unwrap(), "once");
    for key in [None, Some("key")] {
        let sent = tables.store.store_message(&session, late, &caller("ann"), &draft("late", key), tables.now).await;
        assert!(matches!(sent.unwrap(), StoreOutcome::SeqIsVoid), "{key:?}");
    }
    let head = tables.store.head(session.id, tables.now).await.unwrap().unwrap();
    assert_eq!((head.seq, head.total_messages), (2, 1));
}

#[tokio::test]
async fn store_a_key_stores_one_message() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let (ann, draft) = (caller("ann"), draft("once", Some("key")));
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let SeqAllocation::Allocated(seq) =
            tables.store.allocate_seq(&session, Rules::default(), tables.now).await.unwrap()
        else {
            panic!()
        };
        outcomes.push(tables.store.store_message(&session, seq, &ann, &draft, tables.now).await.unwrap());
    }
    assert!(
        matches!(outcomes.as_slice(), [StoreOutcome::Stored(_), StoreOutcome::Duplicate, StoreOutcome::Duplicate]),
        "{outcomes:?}"
    );
    let key = draft.client_message_id.as_ref().unwrap();
    let earlier = tables.store.earlier_send(session.id, "ann", key).await.unwrap().unwrap();
    let receipt = earlier.receipt().unwrap();
    assert_eq!(receipt.outcome.message_id(), Some(MessageId::new(session.id, 1)));
    assert!(tables.store.earlier_send(session.id, "bob", key).await.unwrap().is_none(), "keys are each user's own");
}

#[tokio::test]
async fn store_likes_count_once_for_each_user_under_contention() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let seq = tables.stored(&session, "like me").await;
    let id = MessageId::new(session.id, seq);
    let users: Vec<String> = (0..20).flat_map(|user| [format!("user{user}"), format!("user{user}")]).collect();
    let likes = join_all(users.iter().map(|user| tables.store.like_session(&session, user, tables.now))).await;
    let new = likes.into_iter().filter(|liked| matches!(liked.as_ref().unwrap(), LikeOutcome::Counted)).count();
    assert_eq!(new, 20);
    let likes = join_all(users.iter().map(|user| tables.store.like_message(&session, id, user, tables.now))).await;
    let new = likes.into_iter().filter(|liked| matches!(liked.as_ref().unwrap(), LikeOutcome::Counted)).count();
    assert_eq!(new, 20);
    assert_eq!(tables.store.head(session.id, tables.now).await.unwrap().unwrap().total_likes, 20);
    assert_eq!(tables.store.message(id, tables.now).await.unwrap().unwrap().likes(), 20);
    assert!(tables.store.user_likes_session(session.id, "user7").await.unwrap());
    assert!(!tables.store.user_likes_session(session.id, "nobody").await.unwrap());
    let nowhere = MessageId::new(session.id, 99);
    let missing = tables.store.like_message(&session, nowhere, "ann", tables.now).await.unwrap();
    assert!(matches!(missing, LikeOutcome::NotFound));
}

#[tokio::test]
async fn store_likes_are_taken_back_once_under_contention() {
    let tables = Tables::new().await;
    let (session, store) = (tables.session().await, &tables.store);
    let seq = tables.stored(&session, "like me").await;
    let id = MessageId::new(session.id, seq);
    for user in (0..10).map(|user| format!("user{user}")) {
        store.like_session(&session, &user, tables.now).await.unwrap();
        store.like_message(&session, id, &user, tables.now).await.unwrap();
    }
    assert_eq!(store.liked_between(session.id, "user7", 0, 99).await.unwrap(), BTreeSet::from([seq]));
    let users: Vec<String> = (0..8).flat_map(|user| [format!("user{user}"), format!("user{user}")]).collect();
    let unlikes = join_all(users.iter().map(|user| store.unlike_session(&session, user))).await;
    let taken_back = unlikes.into_iter().filter(|unliked| *unliked.as_ref().unwrap() == UnlikeOutcome::TakenBack);
    assert_eq!(taken_back.count(), 8);
    let unlikes = join_all(users.iter().map(|user| store.unlike_message(id, user, tables.now))).await;
    let taken_back = unlikes.into_iter().filter(|unliked| *unliked.as_ref().unwrap() == UnlikeOutcome::TakenBack);
    assert_eq!(taken_back.count(), 8);
    assert_eq!(store.head(session.id, tables.now).await.unwrap().unwrap().total_likes, 2);
    assert_eq!(store.message(id, tables.now).await.unwrap().unwrap().likes(), 2);
    assert!(store.liked_between(session.id, "user7", 0, 99).await.unwrap().is_empty());
    assert_eq!(store.liked_between(session.id, "user9", seq, seq).await.unwrap(), BTreeSet::from([seq]));
    assert!(store.liked_between(session.id, "user9", seq + 1, seq + 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn store_pages_go_either_way_over_more_than_a_megabyte() {
    let tables = Tables::new().await;
    let session = tables.session().await;
    let text = "😀".repeat(4_900);
    for _ in 0..60 {
        tables.stored(&session, &text).await;
    }
    let page = async |anchor, messages| {
        let size = PageSize { messages, bytes: usize::MAX };
        let (reader, covers) = (caller("ann"), Covers::default());
        let seen = Seen { covers: &covers, reader: &reader };
        let page = tables.store.message_page(session.id, anchor, size, seen, tables.now).await.unwrap();
        let more = page.has_more();
        (page.messages, more)
    };
    let (newest, more) = page(Anchor::Newest, 59).await;
    let seqs = |messages: &[shared::features::messages::stored_message::StoredMessage]| {
        messages.iter().map(|message| message.id().seq()).collect::<Vec<u64>>()
    };
    assert_eq!((seqs(&newest), more), ((2..=60).collect(), true));
    let (all, more) = page(Anchor::After(0), 100).await;
    assert_eq!((seqs(&all), more), ((1..=60).collect(), false));
    let (before, more) = page(Anchor::Before(11), 10).await;
    assert_eq!((seqs(&before), more), ((1..=10).collect(), false));
    assert!(tables.store.delete_message(MessageId::new(session.id, 5), tables.now).await.unwrap());
    assert!(
        !tables.store.delete_message(MessageId::new(session.id, 5), tables.now).await.unwrap(),
        "it is gone already"
    );
    let numbers = tables.store.entries_after(session.id, 3, 4, tables.now).await.unwrap();
    assert_eq!(numbers.iter().map(LogEntry::seq).collect::<Vec<_>>(), [4, 5, 6, 7], "its number stays");
}

#[tokio::test]
async fn store_one_holder_at_a_time_has_the_lease() {
    let tables = Tables::new().await;
    let (store, now) = (&tables.store, tables.now);
    let cursor = store.take_lease(1, "one", now).await.unwrap().expect("it is free");
    assert!(store.take_lease(1, "two", now).await.unwrap().is_none());
    assert!(store.take_lease(1, "one", now).await.unwrap().is_some(), "its own");
    let moved = shared::broadcast::cursor::Cursor { seq: 7, ..cursor };
    assert!(store.commit_cursor(1, "one", &moved, now).await.unwrap());
    let later = now + SignedDuration::from_secs(10);
    assert_eq!(store.take_lease(1, "two", later).await.unwrap().expect("it has run out").seq, 7);
    assert!(!store.commit_cursor(1, "one", &moved, later).await.unwrap(), "somebody else's by now");
    store.release_lease(1, "one").await.unwrap();
    assert!(store.take_lease(1, "three", later).await.unwrap().is_none(), "nobody gives back what is another's");
    store.release_lease(1, "two").await.unwrap();
    assert!(store.take_lease(1, "three", later).await.unwrap().is_some());
}

#[tokio::test]
async fn store_the_rate_limit_lets_exactly_as_many_pass() {
    let tables = Tables::new().await;
    let admit = |key: Option<&'static str>| tables.store.admit_send(SendAsk::new("ann", Some(10), key, tables.now));
    let admissions = join_all((0..25).map(|_| admit(None))).await;
    let admitted = admissions.iter().filter(|one| matches!(one.as_ref().unwrap(), Admission::Admitted(_))).count();
    assert_eq!(admitted, 10);
    let later = tables.now + SignedDuration::from_secs(61);
    let again = tables.store.admit_send(SendAsk::new("ann", Some(10), Some("key"), later)).await.unwrap();
    assert!(matches!(again, Admission::Admitted(_)));
    assert!(matches!(
        tables.store.admit_send(SendAsk::new("ann", Some(10), Some("key"), later)).await.unwrap(),
        Admission::Duplicate
    ));
}

#[tokio::test]
async fn store_a_send_withdraws_only_itself_from_the_rate_limit() {
    let tables = Tables::new().await;
    let (store, now) = (&tables.store, tables.now);
    let after = |seconds: i64| now + SignedDuration::from_secs(seconds);
    let Admission::Admitted(first) = store.admit_send(SendAsk::new("ann", Some(2), None, now)).await.unwrap() else {
        panic!("it is admitted")
    };
    assert!(matches!(
        store.admit_send(SendAsk::new("ann", Some(2), None, after(30))).await.unwrap(),
        Admission::Admitted(_)
    ));
    store.withdraw_send("ann", first).await.unwrap();
    assert!(matches!(
        store.admit_send(SendAsk::new("ann", Some(2), None, after(61))).await.unwrap(),
        Admission::Admitted(_)
    ));
    let third = store.admit_send(SendAsk::new("ann", Some(2), None, after(62))).await.unwrap();
    assert!(matches!(third, Admission::Refused(_)), "the send after 30 s still counts: {third:?}");

    let Admission::Admitted(first) = store.admit_send(SendAsk::new("bob", Some(1), Some("k"), now)).await.unwrap()
    else {
        panic!("it is admitted")
    };
    assert!(matches!(
        store.admit_duplicate(SendAsk::new("bob", Some(1), Some("k"), after(50))).await.unwrap(),
        Admission::Admitted(_)
    ));
    store.withdraw_send("bob", first).await.unwrap();
    let other = store.admit_send(SendAsk::new("bob", Some(1), None, after(70))).await.unwrap();
    assert!(matches!(other, Admission::Refused(_)), "the duplicate counts from 50 s on: {other:?}");
}
