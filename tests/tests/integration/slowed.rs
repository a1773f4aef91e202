//! Posts that `@connections` refuses for long: fewer are made, so that most are accepted, and no frame is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use jiff::Timestamp;
use tests::proxy::{Fate, Proxy};
use tests::socket::Socket;
use tests::world::World;

/// What the account leaves to the room, in requests a second.
const LEFT: u32 = 100;
const SOCKETS: usize = 50;
const MESSAGES: usize = 12;

/// A world without a configured rate, whose `@connections` takes few requests, and the number of posts that were tried.
async fn world() -> (World, Proxy, Arc<AtomicUsize>) {
    let proxy = Proxy::start().await;
    let endpoint = format!("{}/live", proxy.url());
    let settings = [("WEBSOCKET_ENDPOINT", endpoint.as_str()), ("LIVE_CHAT_POSTS_PER_SECOND", "0")];
    let limit = |options: &mut gateway::Options| options.limits.management_requests_per_second = LEFT;
    let world = World::start_with(Timestamp::now(), &settings, limit).await;
    proxy.set_target(&world.gateway.internal_url());
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    proxy.judge(move |request| {
        count.fetch_add(usize::from(request.operation == "POST"), Ordering::SeqCst);
        Fate::Pass
    });
    (world, proxy, tried)
}

/// As many posts as the account leaves are accepted, whoever counts. Without a lower rate, five or six are tried for each of them.
#[tokio::test]
async fn lasting_refusals_slow_the_posts_down_and_every_frame_arrives_once() {
    let (world, _proxy, tried) = world().await;
    let room = join_all((0..SOCKETS).map(|viewer| {
        let user = world.user(&format!("viewer {viewer}"));
        async move { user.connect_to("1", "").await }
    }));
    let mut room: Vec<Socket> = room.await;
    let senders = join_all((0..MESSAGES).map(|sender| {
        let user = world.user(&format!("sender {sender}"));
        async move { user.send("hello").await.ok() }
    }));
    senders.await;
    join_all(room.iter_mut().map(|socket| socket.until_messages(MESSAGES))).await;
    let expected: Vec<u64> = (1..=MESSAGES as u64).collect();
    assert!(room.iter().all(|socket| socket.seqs() == expected), "each message once, and in order");
    let (tried, needed) = (tried.load(Ordering::SeqCst), SOCKETS * MESSAGES);
    println!("{tried} posts for {needed} frames");
    assert!(tried < needed * 4, "{tried} posts for {needed} frames");
}
