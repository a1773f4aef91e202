//! Stored rows outlive the code that wrote them. `tests/golden/rows.json` has every kind as an older commit wrote it: the current
//! code reads them, and writes rows of the same shape, which that commit could read (`tests/golden/README.md`).

pub(crate) mod rows;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::domain::cover::Covers;
use shared::domain::message::{ClientMessageId, MessageId};
use shared::domain::page::{Anchor, PageSize};
use shared::domain::receipt::SendOutcome;
use shared::domain::schedule::Window;
use shared::domain::ticket::Ticket;
use shared::features::likes::store::{LikeOutcome, UnlikeOutcome};
use shared::features::messages::store::LogEntry;
use shared::features::messages::store_pages::Seen;
use shared::features::messages::store_rate::{Admission, SendAsk};
use shared::features::messages::stored_message::StoredMessage;
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use shared::features::sockets::store_subscribers::{Slice, Subscriber};
use tests::caller;

use rows::{Moment, at, cursor, has_told, item, number, put, rows_of, text, until};

/// The messages of the recorded evening that are checked, by their texts.
const FIRST: &str = "The first, without a key";
const SECOND: &str = "The second, with a key";

const TEN: PageSize = PageSize { messages: 10, bytes: usize::MAX };

#[tokio::test]
async fn golden_sessions_and_their_counters_are_read() {
    let moment = Moment::of("open");
    let (tables, now) = (moment.load().await, moment.now());
    let (store, row) = (&tables.store, moment.row("session#1", "session"));
    let session = store.session(1, now).await.unwrap().expect("it is there");
    assert_eq!((session.id, session.name.as_str()), (1, text(row, "name")));
    assert_eq!((session.start, session.end), (at(number(row, "start_ms")), Some(at(number(row, "end_ms")))));
    assert_eq!(session.expires_at, Some(number(row, "expires_at")));
    assert_eq!(store.newest_sessions(5).await.unwrap(), std::slice::from_ref(&session));
    let key = moment.rows("chat").iter().find(|row| row["pk"]["S"] == "windows").map(|row| text(row, "sk").to_owned());
    let window = Window { key: key.unwrap(), name: "another".to_owned(), start: now, end: None };
    assert_eq!(store.session_of_window(&window).await.unwrap().as_ref(), Some(&session), "no second one is opened");
    let head = store.head(1, now).await.unwrap().expect("it is there");
    assert_eq!((head.seq as i64, head.ended, head.is_full), (number(row, "seq"), false, false));
    assert_eq!((head.total_messages, head.recent_messages), (4, 4), "numbers that hold a message or held one");
    assert_eq!((head.total_likes, head.viewer_count), (1, 4));
    assert!(store.user_likes_session(1, "bob").await.unwrap());
    assert_eq!(store.like_session(&session, "bob", now).await.unwrap(), LikeOutcome::Repeated);
    assert_eq!(store.unlike_session(&session, "bob").await.unwrap(), UnlikeOutcome::TakenBack, "whatever its shard");
    assert_eq!(store.unlike_session(&session, "bob").await.unwrap(), UnlikeOutcome::NotLiked);
    assert_eq!(store.head(1, now).await.unwrap().expect("it is there").total_likes, 0);
    assert_eq!(
        store.allocate_seq(&session, Rules::default(), now).await.unwrap(),
        SeqAllocation::Allocated(head.seq + 1)
    );
    let next = Window { key: "9999-01-01".to_owned(), ..window };
    assert_eq!(store.session_of_window(&next).await.unwrap().expect("a session").id, 2, "ids go on");
}

#[tokio::test]
async fn golden_messages_are_read() {
    let moment = Moment::of("open");
    let (tables, now) = (moment.load().await, moment.now());
    let store = &tables.store;
    let page = store
        .message_page(1, Anchor::Newest, TEN, Seen { covers: &Covers::default(), reader: &caller("ann") }, now)
        .await
        .unwrap();
    let (page, more) = (page.messages.as_slice(), page.has_more());
    let zone = jiff::tz::TimeZone::UTC;
    let page: Vec<_> = page.iter().map(|message: &StoredMessage| message.to_wire(&zone)).collect();
    let texts: Vec<_> = page.iter().map(|message| message.message.as_str()).collect();
    assert_eq!((texts, more), (vec!["One of twins", FIRST, SECOND], false));
    let (first, second) = (&page[1], &page[2]);
    assert_eq!((first.user_id.as_str(), first.username.as_str()), ("ann", "Ann"));
    assert_eq!(first.profile_pic.as_deref(), Some("https://example.org/ann.png"));
    assert_eq!((first.badge.as_deref(), first.is_winner, first.is_host), (Some("gold"), true, true));
    assert_eq!((first.likes, first.client_message_id.as_deref()), (1, None));
    assert_eq!((second.user_id.as_str(), second.is_winner, second.is_host), ("bob", false, false));
    assert_eq!((second.likes, second.client_message_id.as_deref()), (0, Some("key-2")));

    let entries = store.entries_after(1, 0, 100, now).await.unwrap();
    let numbers: Vec<u64> = entries.iter().map(LogEntry::seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "voids and a deleted message hold theirs");
    let (first, second) = (moment.message(FIRST), moment.message(SECOND));
    let deleted = MessageId::new(1, second.seq() + 1);
    assert!(store.message(deleted, now).await.unwrap().is_none());
    let stored = store.message(first, now).await.unwrap().expect("it is there");
    let row = moment.row("messages#1", &format!("{:08}", first.seq()));
    assert_eq!(stored.created(), at(number(row, "created_ms")));
    assert_eq!(stored.trace().expect("a trace").as_str(), text(row, "trace"));
    let changed = store.changed_after(1, 0).await.unwrap();
    let changed: BTreeMap<MessageId, bool> = changed.iter().map(|change| (change.id, change.is_deleted)).collect();
    assert_eq!(changed, BTreeMap::from([(first, false), (deleted, true)]));

    let key = ClientMessageId::parse("key-2").unwrap();
    let earlier = store.earlier_send(1, "bob", &key).await.unwrap().expect("it was sent");
    assert_eq!(earlier.receipt().expect("it is stored").outcome, SendOutcome::Stored(second));
    let session = store.session(1, now).await.unwrap().unwrap();
    assert_eq!(store.like_message(&session, first, "bob", now).await.unwrap(), LikeOutcome::Repeated);
    assert_eq!(store.like_message(&session, second, "bob", now).await.unwrap(), LikeOutcome::Counted);
    assert_eq!(store.like_message(&session, deleted, "bob", now).await.unwrap(), LikeOutcome::NotFound);
    let listed = store.liked_between(1, "bob", 1, second.seq()).await.unwrap();
    assert_eq!(listed, BTreeSet::from([second.seq()]), "an older like is not listed");
    assert_eq!(store.unlike_message(first, "bob", now).await.unwrap(), UnlikeOutcome::TakenBack);
    assert_eq!(store.unlike_message(first, "bob", now).await.unwrap(), UnlikeOutcome::NotLiked);
    assert_eq!(store.message(first, now).await.unwrap().expect("it is there").likes(), 0);
}

#[tokio::test]
async fn golden_sockets_viewers_tickets_and_rates_are_read() {
    let moment = Moment::of("open");
    let (tables, now) = (moment.load().await, moment.now());
    let store = &tables.store;
    for (user, name, batch, is_host, is_moderator) in
        [("ann", "Ann", false, true, false), ("bob", "Userbob", true, false, false), ("mod", "Mod", false, false, true)]
    {
        let row = moment.sockets(user)[0];
        let id = text(row, "connection_id");
        let socket = store.socket(id).await.unwrap().expect("it is open");
        assert_eq!((socket.connection_id.as_str(), socket.session_id, socket.batch), (id, 1, batch));
        assert_eq!((socket.connected_ms, socket.was_pruned), (number(row, "connected_ms"), false));
        let caller = socket.caller;
        assert_eq!((caller.user_id.as_str(), caller.username.as_str()), (user, name));
        assert_eq!((caller.is_host, caller.is_moderator, caller.expires_at), (is_host, is_moderator, 4_102_444_800));
        assert_eq!(caller.badge.as_deref(), (user == "ann").then_some("gold"));
        let places = store.subscribers(1, Slice::ALL).await.unwrap();
        let place = places.iter().find(|place| place.connection_id == id).expect("it is in the room");
        assert_eq!((place.batch, place.connected_ms, place.lagging_after), (batch, socket.connected_ms, None));
        assert_eq!(place.token_expires_at, 4_102_444_800);
        assert_eq!(store.presence(1, user).await.unwrap().expect("a viewer").sockets, [id]);
    }
    let viewers = store.viewers(1).await.unwrap();
    assert_eq!(viewers.iter().map(|one| one.user_id.as_str()).collect::<Vec<_>>(), ["ann", "bob", "carol", "mod"]);
    assert!(viewers[2].sockets.is_empty());
    assert_eq!(viewers[2].seen_ms, number(moment.row("presence#1", "carol"), "seen_ms"));

    let ticket = |user: &str| Ticket::parse(moment.0["tickets"][user].as_str().expect("a ticket")).expect("a ticket");
    let own = text(moment.sockets("mod")[0], "connection_id");
    assert!(store.redeem_ticket(&ticket("mod"), "another=", now).await.unwrap().is_none(), "it was redeemed");
    assert_eq!(store.redeem_ticket(&ticket("mod"), own, now).await.unwrap().expect("its own").username, "Mod");
    assert_eq!(store.redeem_ticket(&ticket("late"), "some=", now).await.unwrap().expect("good").user_id, "late");

    let sent = moment.row("rate#bob", "rate")["sends"]["L"][0]["M"]["key"]["S"].as_str().expect("a key");
    assert_eq!(store.admit_send(SendAsk::new("bob", Some(10), Some(sent), now)).await.unwrap(), Admission::Duplicate);
    assert!(
        matches!(store.admit_send(SendAsk::new("ann", Some(2), None, now)).await.unwrap(), Admission::Refused(_)),
        "two count"
    );
    assert!(matches!(store.admit_send(SendAsk::new("ann", Some(3), None, now)).await.unwrap(), Admission::Admitted(_)));
}

#[tokio::test]
async fn golden_notes_of_who_is_behind_and_counts_of_frames_are_read() {
    let moment = Moment::of("some are behind");
    let tables = moment.load().await;
    let (first, complete) = (moment.message(FIRST), moment.message(SECOND).seq() + 1);
    let places = tables.store.subscribers(1, Slice::ALL).await.unwrap();
    let is_behind = |place: &&Subscriber| place.lagging_after == Some(complete) && place.last_taken_ms > 0;
    assert!(
        places.iter().any(|place| is_behind(&place) && place.missed_changes == BTreeSet::from([first])),
        "{places:?}"
    );
    let row = *moment.sockets("ann").iter().max_by_key(|row| number(row, "frames")).expect("a socket that floods");
    // Older releases counted the frames of a socket in its row. Now they count for its user, so these numbers are passed over.
    assert!(number(row, "frames") >= 10 && number(row, "frames_minute") > 0);
    let socket = tables.store.socket(text(row, "connection_id")).await.unwrap().expect("a socket");
    assert_eq!(socket.caller.user_id, "ann");
}

#[tokio::test]
async fn golden_sessions_that_have_ended_or_never_end_are_read() {
    let moment = Moment::of("after the end");
    let (tables, now) = (moment.load().await, moment.now());
    let store = &tables.store;
    let ended = store.session(1, now).await.unwrap().expect("it can be read for some time");
    assert!(store.head(1, now).await.unwrap().unwrap().ended);
    // The session opens on time.
    assert_eq!(store.allocate_seq(&ended, Rules::default(), ended.start).await.unwrap(), SeqAllocation::Closed);
    let always = store.session(2, now).await.unwrap().expect("it is there");
    assert_eq!((always.end, always.expires_at), (None, None));
    let later = now + SignedDuration::from_hours(24 * 4_000);
    let page = store
        .message_page(2, Anchor::Newest, TEN, Seen { covers: &Covers::default(), reader: &caller("ann") }, later)
        .await
        .unwrap();
    assert_eq!(page.messages[0].to_wire(&jiff::tz::TimeZone::UTC).message, "A message that is kept for ever");
    assert!(store.session(1, later).await.unwrap().is_none(), "its time is over");
}

#[tokio::test]
async fn golden_rows_of_the_broadcast_are_read_by_the_chat() {
    let moment = Moment::of("open");
    let world = moment.world().await;
    let (client, seq) = (world.dynamodb(), number(cursor(moment.rows("connections")), "seq"));
    let mut ann = world.user("ann").connect().await;
    let pong = ann.ask(&json!({"type": "ping"})).await;
    assert_eq!((&pong["last_seq"], &pong["total_likes"]), (&json!(seq), &json!(1)));
    ann.say("The broadcast goes on").await;
    ann.until_messages(1).await;
    assert_eq!(ann.seqs(), [seq as u64 + 1], "and tells nothing again");
    // No viewer joins or leaves, so only the wake-up makes the broadcast send the number of viewers.
    until(&client, "the broadcast's end", |rows| has_told(rows, seq + 1)).await;
    ann.ask(&json!({"type": "ping"})).await;
    put(&client, "live-chat-chat", item(Moment::of("silent").row("bell#1", "ring"))).await;
    ann.wait_for("the same number again", |event| event["viewer_count"] == 4).await;
    let moment = Moment::of("some are behind");
    let close = moment.rows("chat").iter().find(|row| text(row, "sk").starts_with("close#")).expect("it was recorded");
    let mut close = close.clone();
    let known: BTreeSet<_> =
        moment.sockets("ann").into_iter().map(|row| text(row, "connection_id").to_owned()).collect();
    let rows = rows_of(&client).await;
    let own = rows.iter().find(|row| {
        row["sk"]["S"] == "socket"
            && row["caller"]["M"]["user_id"]["S"] == "ann"
            && !known.contains(text(row, "connection_id"))
    });
    close["sk"] = json!({"S": format!("close#{}", text(own.expect("it is open"), "connection_id"))});
    put(&client, "live-chat-chat", item(&close)).await;
    ann.closed().await;
}

#[tokio::test]
async fn golden_cursor_of_a_finished_session_is_left_alone() {
    let moment = Moment::of("after the end");
    let world = moment.world().await;
    // The rows are as new to the stream. An older release left a request to close a socket, which the broadcast serves first.
    let is_request = |row: &Value| row["pk"]["S"] == "bell#1" && text(row, "sk").starts_with("close#");
    assert!(moment.rows("chat").iter().any(is_request));
    let is_served = |rows: &[Value]| !rows.iter().any(is_request) && cursor(rows)["lease_owner"].is_null();
    until(&world.dynamodb(), "a request that is served", is_served).await;
    world.housekeep().await;
    let rows = rows_of(&world.dynamodb()).await;
    let wake_ups = |rows: &[Value]| {
        let wake_ups = rows.iter().filter(|row| row["pk"]["S"] == "bell#1" && !is_request(row));
        wake_ups.map(Value::to_string).collect::<Vec<_>>()
    };
    assert_eq!(wake_ups(&rows), wake_ups(moment.rows("chat")), "nothing is to be told");
    let told = |rows: &[Value]| ["seq", "finished", "expires_at"].map(|name| cursor(rows)[name].clone());
    assert_eq!(told(&rows), told(moment.rows("connections")));
}
