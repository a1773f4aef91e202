//! When a room can only be sent so many messages per second, its senders are slowed down, so that no message arrives late.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use shared::platform::clock::Clock;
use tests::socket::Socket;
use tests::world::World;
use tokio::sync::mpsc;

/// Sixteen sockets and 80 posts per second: the room can be sent 5 messages per second.
const SOCKETS: usize = 16;
const POSTS_PER_SECOND: &str = "80";
/// See docs/contract.md, Delivery.
const MAX_DELAY: SignedDuration = SignedDuration::from_secs(5);

async fn crowd(world: &World, query: &str) -> Vec<Socket> {
    let open = (0..SOCKETS).map(|viewer| {
        let user = world.user(&format!("viewer {viewer}"));
        async move { user.connect_to("1", query).await }
    });
    join_all(open).await
}

/// Reads a socket continuously: each message's number, and the time from its storage to its arrival.
fn listen(mut socket: Socket, clock: Clock) -> mpsc::UnboundedReceiver<(u64, SignedDuration)> {
    let (heard, hearing) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let message = socket.next("new_message").await["message"].clone();
            let created: Timestamp = message["created_at"].as_str().expect("a text").parse().expect("a time");
            let delay = clock.now().duration_since(created);
            if heard.send((message["seq"].as_u64().expect("a number"), delay)).is_err() {
                return;
            }
        }
    });
    hearing
}

#[tokio::test]
async fn a_plain_room_that_outgrows_its_posts_slows_its_senders_and_hears_all_in_time() {
    let limit = [("LIVE_CHAT_POSTS_PER_SECOND", POSTS_PER_SECOND), ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "5")];
    let world = World::with(&limit).await;
    let mut room = crowd(&world, "").await;
    let mut heard = listen(room.pop().unwrap(), world.clock.clone());
    // The room's size is known once a message has been sent to it.
    world.user("first").send("hello").await.ok();
    let mut seqs = vec![tests::within("the first message", heard.recv()).await.unwrap().0];
    let senders: Vec<_> = (0..8).map(|sender| world.user(&format!("sender {sender}"))).collect();
    let mut waiting: Vec<_> = (0..40).map(|i| senders[i % 8].clone()).collect();
    let mut refusals = 0;
    while seqs.len() < 41 {
        let some = waiting.split_off(waiting.len().saturating_sub(8));
        let answers = join_all(some.iter().map(|user| user.send("now me"))).await;
        for (user, answer) in some.into_iter().zip(answers) {
            if answer.status == 200 {
                continue;
            }
            let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=3).contains(&seconds), "told to wait {seconds} s");
            assert_eq!(answer.problem(), (429, "rate_limited".to_owned()));
            refusals += 1;
            waiting.push(user);
        }
        let (seq, delay) = tests::within("the next message", heard.recv()).await.unwrap();
        assert!(delay < MAX_DELAY, "message {seq} was heard after {delay:?}");
        seqs.push(seq);
    }
    assert!(refusals > 0, "nobody was slowed");
    assert!(seqs.is_sorted_by(|earlier, later| earlier < later), "{seqs:?}");
    // Refused sends did not count: five a minute were allowed, and five from each sender got through.
    let answer = senders[0].send("one too many").await;
    assert!(answer.text.contains("At most 5 messages a minute"), "{}", answer.text);
}

#[tokio::test]
async fn a_room_that_takes_batches_needs_no_slowing() {
    let world = World::with(&[("LIVE_CHAT_POSTS_PER_SECOND", POSTS_PER_SECOND)]).await;
    let mut room = crowd(&world, "&batch=1").await;
    let listener = &mut room[0];
    let senders: Vec<_> = (0..40).map(|sender| world.user(&format!("sender {sender}"))).collect();
    let refused = join_all(senders.iter().map(|user| user.send("hello"))).await;
    assert!(refused.iter().all(|answer| answer.status == 200));
    listener.until_messages(40).await;
    assert!(listener.seqs().is_sorted());
}

#[tokio::test]
async fn a_window_that_a_crash_left_closed_is_opened_by_housekeep() {
    let world = World::with(&[("LIVE_CHAT_POSTS_PER_SECOND", POSTS_PER_SECOND)]).await;
    let (ann, session) = (world.user("ann"), 1);
    let store = world.store();
    let mut listener = world.user("listener").connect().await;
    ann.send("one").await.ok();
    listener.until_messages(1).await;
    store.admit_up_to(session, Some(1)).await.unwrap();
    assert_eq!(ann.send("two").await.problem(), (429, "rate_limited".to_owned()));
    world.housekeep().await;
    ann.send("three").await.ok();
    listener.until_messages(2).await;
}
