//! Sockets that were not there when pins changed, and broadcasts that died.

use std::sync::mpsc;

use serde_json::json;
use tests::proxy::Fate;
use tests::world::World;

use super::{act, host, ids, pin, say, unpin};

#[tokio::test]
async fn a_socket_in_its_handshake_hears_of_the_pins_that_hold_then() {
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &[]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut settled = ann.connect().await;
    settled.wait_for("oneself", |event| event["type"] == "viewer_count_update").await;
    let (open, opened) = mpsc::channel::<()>();
    let (mut first, mut is_open) = (None, false);
    proxy.judge(move |request| {
        is_open |= opened.try_recv().is_ok();
        let first = first.get_or_insert_with(|| request.path.clone());
        let passes = is_open || request.path == *first || request.operation != "POST";
        if passes { Fate::Pass } else { Fate::Answer(410, String::new()) }
    });
    let (one, two) = (say(&ann, "one").await, say(&ann, "two").await);
    settled.until_messages(2).await;
    let mut newcomer = world.user("newcomer").connect().await;
    for id in [one, two] {
        pin(&hans, id).await.ok();
        settled.next("pins_update").await;
    }
    // The broadcast still tries to reach the newcomer when it is killed.
    world.gateway.kill_running("broadcast");
    unpin(&hans, one).await.ok();
    settled.wait_for("the last pins", |event| event["pins"][0]["id"] == two && event["pins"][1].is_null()).await;
    open.send(()).expect("the proxy runs");
    world.housekeep().await;
    newcomer.wait_for("the last pins", |event| event["pins"][0]["id"] == two && event["pins"][1].is_null()).await;
}

#[tokio::test]
async fn a_broadcast_that_dies_at_its_work_unpins_what_is_gone_all_the_same() {
    let (world, mut proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let (hans, ann) = (host(&world), world.user("ann"));
    let mut listener = ann.connect().await;
    let id = say(&ann, "pinned").await;
    pin(&hans, id).await.ok();
    assert_eq!(ids(&listener.next("pins_update").await["pins"]), [id]);
    let mut kill = true;
    proxy.judge(move |request| {
        let hold = kill && request.operation == "GetItem" && request.body.contains("state#pins");
        kill &= !hold;
        if hold { Fate::Hold } else { Fate::Pass }
    });
    act(&hans, &json!({"action": "purge", "user_id": "ann"})).await.ok();
    let held = proxy.next_held().await;
    assert_eq!(world.gateway.kill_running("broadcast"), 1);
    drop(held);
    // Nothing else wakes it than what it has not finished.
    listener.wait_for("no pins", |event| event["pins"] == json!([])).await;
}
