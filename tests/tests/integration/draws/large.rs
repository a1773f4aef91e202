//! Draws among many: everybody is entered once, and the log and the room are read in large pieces. docs/scale.md has figures of what these
//! tests print.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures_util::StreamExt;
use serde_json::json;
use tests::filled::fill_by;
use tests::proxy::{Fate, Proxy};
use tests::world::World;

use super::{entrants, reveal, started};

/// Who is drawn among: a few, whose requests to the tables are counted on their way through a proxy, or as many as `LIVE_CHAT_DRAWN` says, whose
/// time is measured without one.
struct Crowd {
    world: World,
    size: u64,
    counted: Option<(Proxy, Arc<AtomicU64>)>,
}

impl Crowd {
    async fn start() -> Crowd {
        if let Some(size) = std::env::var("LIVE_CHAT_DRAWN").ok().and_then(|text| text.parse().ok()) {
            return Crowd { world: World::start().await, size, counted: None };
        }
        let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
        let requests = Arc::<AtomicU64>::default();
        let counter = Arc::clone(&requests);
        proxy.judge(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Fate::Pass
        });
        Crowd { world, size: 2_000, counted: Some((proxy, requests)) }
    }

    /// The requests so far, if they are counted.
    fn requests(&self) -> u64 {
        self.counted.as_ref().map_or(0, |(_, requests)| requests.load(Ordering::Relaxed))
    }

    /// Draws, reveals, and prints how long each took. The freeze makes at most so many requests.
    async fn draw(&self, among: &str, of: &str, most: u64) {
        let hans = self.world.host();
        let (before, began) = (self.requests(), Instant::now());
        let draw = started(&hans, &json!({"among": among, "winners": 2})).await;
        let (frozen, requests, began) = (began.elapsed(), self.requests() - before, Instant::now());
        let revealed = reveal(&hans, &draw).await;
        let [frozen, took] = [frozen, began.elapsed()].map(|took| took.as_secs_f64());
        println!("{of}: frozen in {frozen:.2} s, revealed in {took:.2} s");
        assert_eq!((&draw["entrants"], &draw["state"]), (&json!(self.size), &json!("frozen")));
        let list = entrants(&hans, &draw, 1000).await;
        assert_eq!(list.iter().collect::<BTreeSet<_>>().len() as u64, self.size, "everybody is entered once");
        assert_eq!(revealed["winners"].as_array().map(Vec::len), Some(2), "{revealed}");
        assert!(requests <= most, "{requests} requests, and {most} are plenty");
    }
}

#[tokio::test]
async fn the_senders_of_many_messages_are_entered_once_each_by_few_reads() {
    let crowd = Crowd::start().await;
    let messages = 10 * crowd.size;
    crowd.world.host().send("not entered").await.ok();
    fill_by(&crowd.world, 2..=messages, "a message of usual length, as people write them", crowd.size).await;
    crowd.draw("senders", &format!("{messages} messages of {} senders", crowd.size), messages / 500 + 40).await;
}

#[tokio::test]
async fn a_room_of_many_viewers_is_entered_by_few_reads() {
    let crowd = Crowd::start().await;
    let (store, now) = (crowd.world.store(), crowd.world.clock.now());
    crowd.world.user("early").get("status").await.ok();
    let session = store.session(1, now).await.expect("the table answers").expect("a session");
    let come = async |nth: u64| {
        let caller = tests::caller(&format!("viewer {nth}"));
        let added = store.add_socket(&session, &caller, &format!("socket-{nth}"), now).await;
        added.expect("the table answers");
    };
    futures_util::stream::iter(0..crowd.size).map(come).buffer_unordered(16).collect::<Vec<()>>().await;
    crowd.draw("viewers", &format!("{} viewers", crowd.size), crowd.size / 100 + 60).await;
}
