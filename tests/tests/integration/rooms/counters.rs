//! Counters of one room, while others wait for the broadcast.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use tests::proxy::{Fate, Proxy};
use tests::rest::User;
use tests::socket::Socket;
use tests::within;
use tests::world::World;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{MANUAL, open};

/// So often likes change before a test gives up: the machine was too slow for two changes within an interval each time.
const ROUNDS: usize = 50;
/// The interval of likes in a small room (docs/contract.md, Counters).
const INTERVAL: Duration = Duration::from_millis(250);

/// Two rooms with a viewer each, whose likes may be deferred.
struct TwoRooms {
    world: World,
    ann: User,
    main: Socket,
    stage: Socket,
    deferrals: UnboundedReceiver<String>,
    _proxy: Proxy,
}

impl TwoRooms {
    /// Each invocation of `flush-later` has this fate.
    async fn start(fate: fn() -> Fate) -> TwoRooms {
        let proxy = Proxy::start().await;
        let url = proxy.url();
        let settings = [MANUAL, ("AWS_ENDPOINT_URL_LAMBDA", url.as_str())];
        let world = World::start_with(Timestamp::now(), &settings, |_| {}).await;
        proxy.set_target(&world.gateway.internal_url());
        let (deferred, deferrals) = unbounded_channel();
        proxy.judge(move |request| {
            if !request.path.contains("flush-later") {
                return Fate::Pass;
            }
            let _test_is_over = deferred.send(request.body.clone());
            fate()
        });
        let ann = world.user("ann");
        let (main, stage) = (open(&world, "main").await, open(&world, "stage").await);
        let main = ann.connect_to(&main.to_string(), "").await;
        let stage = ann.connect_to(&stage.to_string(), "").await;
        let mut rooms = TwoRooms { world, ann, main, stage, deferrals, _proxy: proxy };
        for room in ["main", "stage"] {
            rooms.send(room).await;
        }
        rooms.main.next("new_message").await;
        rooms.stage.next("new_message").await;
        rooms
    }

    async fn send(&self, room: &str) {
        let body = json!({"message": format!("to {room}")}).to_string();
        self.ann.call(Method::POST, &format!("send-message?room={room}"), Some(body)).await.ok();
    }

    /// Changes the likes of the main room until a change must wait. At the end, there are none.
    async fn change_likes_until_one_waits(&mut self) {
        for _ in 0..ROUNDS {
            self.ann.post("like?room=main").await.ok();
            self.ann.delete("like?room=main").await.ok();
            let is_of_likes = async {
                while let Some(job) = self.deferrals.recv().await {
                    if job.contains(r#""likes""#) {
                        break;
                    }
                }
            };
            if tokio::time::timeout(2 * INTERVAL, is_of_likes).await.is_ok() {
                return;
            }
        }
        panic!("no likes were deferred");
    }

    async fn main_hears_that_there_are_no_likes(&mut self) {
        let is_last = |event: &serde_json::Value| event["type"] == "session_like_update" && event["total_likes"] == 0;
        self.main.wait_for("the last value", is_last).await;
    }
}

#[tokio::test]
async fn a_value_that_was_deferred_comes_once_it_is_due() {
    let mut rooms = TwoRooms::start(|| Fate::Pass).await;
    rooms.change_likes_until_one_waits().await;
    rooms.main_hears_that_there_are_no_likes().await;
}

#[tokio::test]
async fn no_room_waits_for_the_counters_of_another_and_a_lost_deferral_is_made_up_for() {
    let mut rooms = TwoRooms::start(|| Fate::Answer(202, String::new())).await;
    rooms.change_likes_until_one_waits().await;
    rooms.send("stage").await;
    rooms.stage.next("new_message").await;
    rooms.world.pass(61);
    rooms.world.housekeep().await;
    rooms.main_hears_that_there_are_no_likes().await;
}

#[tokio::test]
async fn the_next_turn_flushes_what_a_lost_deferral_left() {
    let mut rooms = TwoRooms::start(|| Fate::Answer(202, String::new())).await;
    rooms.change_likes_until_one_waits().await;
    rooms.world.pass(2);
    rooms.send("main").await;
    rooms.main_hears_that_there_are_no_likes().await;
}

#[tokio::test]
async fn a_value_comes_even_if_lambda_accepts_no_deferral() {
    let mut rooms = TwoRooms::start(|| Fate::Answer(500, "{}".to_owned())).await;
    rooms.change_likes_until_one_waits().await;
    rooms.main_hears_that_there_are_no_likes().await;
}

#[tokio::test]
async fn invocations_that_wait_do_not_pile_up() {
    let mut rooms = TwoRooms::start(|| Fate::Pass).await;
    let (begun, bob, main) = (Instant::now(), rooms.world.user("bob"), "1");
    for round in 0..ROUNDS {
        rooms.ann.post("like?room=main").await.ok();
        rooms.ann.delete("like?room=main").await.ok();
        if round % 5 == 0 {
            bob.connect_to(main, "").await.close(1000).await;
        }
    }
    // Likes and viewers wait for different times. One of each may be repeated at the end of its interval, and one was made before.
    let intervals = begun.elapsed().div_duration_f64(INTERVAL).ceil() as usize;
    rooms.main_hears_that_there_are_no_likes().await;
    let ended = async {
        loop {
            let ended = rooms.world.gateway.invocations().get("flush-later").copied().unwrap_or_default();
            if ended as usize == rooms.deferrals.len() {
                break ended as usize;
            }
            tokio::task::yield_now().await;
        }
    };
    let made = within("the end of each invocation", ended).await;
    assert!((1..=4 * (intervals + 1)).contains(&made), "{made} invocations in {intervals} intervals");
}
