//! The broadcast's turns: each is short, none is lost, and a broadcast that cannot take its turn does not delay the others.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use shared::domain::schedule::Window;
use tests::proxy::{Fate, ProxiedRequest, for_a_while};
use tests::trial::crowd::Crowd;
use tests::world::World;
use tokio::task::JoinSet;

const REFUSAL: &str = r#"{"message": "Forbidden"}"#;

fn reads_what_is_new(request: &ProxiedRequest) -> bool {
    let (is_query, body) = (request.operation == "Query", &request.body);
    is_query && body.contains("messages#1") && body.contains("ScanIndexForward\":true")
}

#[tokio::test]
async fn a_room_whose_messages_never_pause_keeps_no_counter_no_deletion_and_no_other_session_waiting() {
    let (world, tables, _management) = World::behind_two_proxies().await;
    let (now, ann, fan) = (world.clock.now(), world.user("ann"), world.user("fan"));
    let mut listener = world.user("listener").connect().await;
    ann.send("to be deleted").await.ok();
    listener.until_messages(1).await;
    let hour = SignedDuration::from_hours(1);
    let window =
        Window { key: "another".to_owned(), name: "Another".to_owned(), start: now - hour, end: Some(now + hour) };
    assert_eq!(world.store().session_of_window(&window).await.unwrap().expect("a session").id, 2);
    let mut other_session = world.user("elsewhere").connect_to("2", "").await;
    other_session.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    // Reading is so slow that there is always another change.
    tables
        .judge(|request| if reads_what_is_new(request) { Fate::Delay(Duration::from_millis(100)) } else { Fate::Pass });
    let (mut senders, enough) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
    for _ in 0..3 {
        let (ann, enough) = (ann.clone(), Arc::clone(&enough));
        senders.spawn(async move {
            while !enough.load(Ordering::SeqCst) {
                ann.send("and on").await.ok();
            }
        });
    }
    listener.until_messages(20).await;
    // The senders go on until these have come.
    fan.post("like").await.ok();
    ann.delete("messages/100000001").await.ok();
    fan.post("like?session_id=2").await.ok();
    let (liked, deleted) = (Cell::new(false), Cell::new(false));
    listener
        .wait_for("the like and the deletion, in whatever order", |event| {
            liked.set(liked.get() || event["total_likes"] == 1);
            deleted.set(deleted.get() || event["type"] == "message_deleted");
            liked.get() && deleted.get()
        })
        .await;
    other_session.wait_for("the other session's like", |event| event["total_likes"] == 1).await;
    enough.store(true, Ordering::SeqCst);
    while senders.join_next().await.is_some() {}
    // A broadcast that gave up its turn has left no rows behind.
    let last = ann.get("stats").await.ok()["total_messages"].as_u64().unwrap();
    listener.until_messages(last as usize).await;
    assert!(listener.seqs().is_sorted_by(|one, next| one < next), "{:?}", listener.seqs());
}

#[tokio::test]
async fn a_lease_from_a_clock_that_was_ahead_does_not_silence_the_room() {
    let world = World::start().await;
    let mut listener = world.user("listener").connect().await;
    listener.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    let (store, ahead) = (world.store(), world.clock.now() + SignedDuration::from_hours(1));
    tests::within("a free lease", async { while store.take_lease(1, "died", ahead).await.unwrap().is_none() {} }).await;
    world.user("ann").send("hello").await.ok();
    listener.until_messages(1).await;
}

#[tokio::test]
async fn a_session_is_over_only_when_its_sockets_are_closed() {
    let evening = "2024-01-02T01:58:50Z".parse().unwrap();
    let (world, _tables, management) = World::behind_two_proxies_at(evening, &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let mut socket = world.user("ann").connect().await;
    socket.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    let (refused, mut refusals) = tokio::sync::mpsc::unbounded_channel();
    management.judge(move |request| {
        if request.operation != "DELETE" {
            return Fate::Pass;
        }
        let _test_is_over = refused.send(());
        Fate::Answer(403, REFUSAL.to_owned())
    });
    world.pass(80);
    world.housekeep().await;
    socket.next("session_ended").await;
    for _ in 0..3 {
        tests::within("a refused close", refusals.recv()).await;
    }
    management.judge(|_| Fate::Pass);
    let store = world.store();
    tests::within("the lease", async {
        while store.take_lease(1, "test", world.clock.now()).await.unwrap().is_none() {}
    })
    .await;
    store.release_lease(1, "test").await.unwrap();
    world.housekeep().await;
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
}

#[tokio::test]
async fn many_stuck_sockets_are_noted_at_once_so_that_the_lease_outlasts_it() {
    let (world, mut tables, management) = World::behind_two_proxies().await;
    let mut sockets = Vec::new();
    for user in ["ann", "bob", "carl"] {
        sockets.push(world.user(user).connect().await);
    }
    for socket in &mut sockets {
        socket.wait_for("all three", |event| event["viewer_count"] == 3).await;
    }
    // Only of the message: a number of viewers may still be on its way to some of them, who would be noted for that alone.
    let is_refused = |request: &ProxiedRequest| request.operation == "POST" && request.body.contains("new_message");
    management.judge(move |request| if is_refused(request) { Fate::Answer(429, String::new()) } else { Fate::Pass });
    tables.judge(|request| if request.body.contains("behind_changed = ") { Fate::Hold } else { Fate::Pass });
    world.user("ann").send("hello").await.ok();
    let held = [tables.next_held().await, tables.next_held().await, tables.next_held().await];
    let noted: BTreeSet<String> = held.iter().map(|held| held.request.body.clone()).collect();
    assert_eq!(noted.len(), 3, "three sockets are noted at once, not one three times: {noted:?}");
    tables.judge(|_| Fate::Pass);
    management.judge(|_| Fate::Pass);
    held.into_iter().for_each(tests::proxy::Held::release);
    for socket in &mut sockets {
        socket.until_messages(1).await;
        assert_eq!(socket.seqs(), [1]);
    }
}

#[tokio::test]
async fn a_socket_that_is_behind_catches_up_however_slow_the_table_is() {
    let (world, tables, management) = World::behind_two_proxies().await;
    let mut listener = world.user("listener").connect().await;
    listener.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    // Reading alone takes longer than a turn.
    tables.judge(|request| match request.operation.as_str() {
        "Query" => Fate::Delay(Duration::from_millis(600)),
        _ => Fate::Pass,
    });
    let (refused, mut is_stuck) = (Arc::new(AtomicUsize::new(0)), for_a_while(Duration::from_secs(5)));
    let counter = Arc::clone(&refused);
    management.judge(move |_| match is_stuck() {
        true => {
            counter.fetch_add(1, Ordering::SeqCst);
            Fate::Answer(429, String::new())
        }
        false => Fate::Pass,
    });
    world.user("ann").send("hello").await.ok();
    listener.until_messages(1).await;
    assert!(refused.load(Ordering::SeqCst) > 0, "it was behind");
    assert_eq!(listener.seqs(), [1]);
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_on_the_way_is_no_404() {
    let (world, tables, _management) = World::behind_two_proxies().await;
    let ann = world.user("ann");
    ann.send("to be deleted").await.ok();
    let mut is_first = true;
    tables.judge(move |request| {
        let is_deletion = request.operation == "UpdateItem" && request.body.contains("SET deleted");
        if is_deletion && std::mem::take(&mut is_first) { Fate::CutAfter } else { Fate::Pass }
    });
    assert_eq!(ann.delete("messages/100000001").await.ok()["message_id"], 100_000_001);
    assert_eq!(ann.delete("messages/100000001").await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_room_that_was_large_is_cut_into_slices_without_being_read_before() {
    let (world, tables, management) = World::behind_two_proxies().await;
    let crowd = Crowd::default();
    let room = crowd.clone();
    management.judge(move |request| room.fate(request).unwrap_or(Fate::Pass));
    let mut socket = world.user("ann").connect().await;
    socket.next("viewer_count_update").await;
    crowd.enter(&world.store(), world.clock.now()).await;
    let mut first_pages = Vec::new();
    for message in 1..=2 {
        tables.read_meter();
        socket.say("to all slices").await;
        socket.until_messages(message).await;
        let is_of_the_room =
            |request: &ProxiedRequest| request.operation == "Query" && request.body.contains("\"room#1\"");
        let reads: Vec<ProxiedRequest> =
            tables.read_meter().into_iter().map(|(request, _)| request).filter(is_of_the_room).collect();
        assert!(reads.iter().any(|request| !request.body.contains("\"Limit\"")), "a slice: {reads:?}");
        first_pages.push(reads.iter().any(|request| request.body.contains("\"Limit\"")));
    }
    assert_eq!(first_pages, [true, false], "only who has not seen the room reads how large it is");
}

#[tokio::test]
async fn a_room_that_lags_as_a_whole_does_not_ask_the_table_all_at_once() {
    /// Calls that may be under way: a function has 1,024 file descriptors.
    const AT_ONCE: usize = 64;
    const TAKES: Duration = Duration::from_millis(100);
    const SOCKETS: usize = 1_100;
    let (world, tables, management) = World::behind_two_proxies().await;
    let crowd = Crowd::default();
    let room = crowd.clone();
    let calls = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&calls);
    // No socket accepts anything until turns have noted all of them.
    management.judge(move |request| match noted.lock().unwrap().len() < SOCKETS {
        true => Fate::Answer(429, String::new()),
        false => room.fate(request).unwrap_or(Fate::Pass),
    });
    let ann = world.user("ann");
    crowd.enter(&world.store(), world.clock.now()).await;
    let noted = Arc::clone(&calls);
    tables.judge(move |request| match request.operation == "UpdateItem" && request.body.contains("crowd-") {
        true => {
            noted.lock().unwrap().push(Instant::now());
            Fate::Delay(TAKES)
        }
        false => Fate::Pass,
    });
    ann.send("hello").await.ok();
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    tests::within("the whole crowd", async {
        while crowd.frames() < SOCKETS as u64 {
            looks.tick().await;
        }
    })
    .await;
    let calls = calls.lock().unwrap().clone();
    let bursts: Vec<_> = calls.windows(AT_ONCE + 1).filter(|calls| calls[AT_ONCE] - calls[0] < TAKES).collect();
    assert!(bursts.is_empty(), "{} times, more than {AT_ONCE} calls were under way", bursts.len());
}
