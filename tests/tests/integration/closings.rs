//! The sockets of a user that staff close: none is left, whatever fails meanwhile.

use jiff::Timestamp;
use serde_json::json;
use shared::broadcast::audience::Audience;
use shared::domain::wire::server_frame::ServerFrame;
use tests::proxy::{Fate, Proxy};
use tests::world::World;

/// A world whose functions reach DynamoDB through the first proxy and `@connections` through the second one.
async fn world_behind_proxies() -> (World, Proxy, Proxy) {
    let (tables, management) = (Proxy::start().await, Proxy::start().await);
    let (tables_url, management_url) = (tables.url(), format!("{}/live", management.url()));
    let settings =
        [("AWS_ENDPOINT_URL_DYNAMODB", tables_url.as_str()), ("WEBSOCKET_ENDPOINT", management_url.as_str())];
    let world = World::start_with(Timestamp::now(), &settings, |_| {}).await;
    tables.set_target(world.gateway.database_url());
    management.set_target(&world.gateway.internal_url());
    (world, tables, management)
}

/// Asks to close all sockets of a user. Returns their number.
async fn close_sockets_of(world: &World, user_id: &str) -> usize {
    world.store().close_sockets_of(1, user_id, world.clock.now()).await.expect("the table answers")
}

async fn until_the_outbox_is_empty(world: &World) {
    let store = world.store();
    tests::within("an empty outbox", async {
        while store.has_outbox(1).await.expect("the table answers") {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn all_sockets_of_a_user_hear_why_and_are_closed_and_no_other_is() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut of_ann = [ann.connect().await, ann.connect().await];
    let mut of_bob = bob.connect().await;
    let standing = json!({"state": "banned"});
    let audience = Audience::User("ann".to_owned());
    world.notify(1, audience, &ServerFrame::StandingUpdate { standing: &standing }).await;
    assert_eq!(close_sockets_of(&world, "ann").await, 2);
    for socket in &mut of_ann {
        assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
        assert!(socket.events.iter().any(|event| event["standing"] == standing), "{:?}", socket.events);
    }
    until_the_outbox_is_empty(&world).await;
    assert_eq!(close_sockets_of(&world, "nobody").await, 0);
    assert_eq!(of_bob.say("still here").await["type"], "ack");
    of_bob.until_messages(1).await;
}

#[tokio::test]
async fn a_socket_hears_why_before_it_is_closed_however_a_turn_meets_the_act() {
    let (world, mut tables, _management) = world_behind_proxies().await;
    let mut of_ann = world.user("ann").connect().await;
    tables.judge(|request| {
        let reads_requests = request.operation == "Query" && request.body.contains("close#");
        if reads_requests { Fate::Hold } else { Fate::Pass }
    });
    let everybody = ServerFrame::ModesUpdate { modes: &tests::slow_modes(1) };
    world.notify(1, Audience::Everybody, &everybody).await;
    // The turn has read the notices, and reads the requests now. The act comes in between.
    let reading = tables.next_held().await;
    let standing = json!({"state": "banned"});
    let to_ann = Audience::User("ann".to_owned());
    world.notify(1, to_ann, &ServerFrame::StandingUpdate { standing: &standing }).await;
    assert_eq!(close_sockets_of(&world, "ann").await, 1);
    tables.judge(|_| Fate::Pass);
    reading.release();
    of_ann.closed().await;
    assert!(of_ann.events.iter().any(|event| event["standing"] == standing), "{:?}", of_ann.events);
    until_the_outbox_is_empty(&world).await;
}

#[tokio::test]
async fn a_socket_that_cannot_be_closed_for_a_while_is_closed_soon_after() {
    let (world, _tables, management) = world_behind_proxies().await;
    let mut of_ann = world.user("ann").connect().await;
    let mut refusals = 10;
    management.judge(move |request| {
        let is_refused = request.operation == "DELETE" && refusals > 0;
        refusals -= i32::from(is_refused);
        if is_refused { Fate::Answer(403, r#"{"message": "Forbidden"}"#.to_owned()) } else { Fate::Pass }
    });
    assert_eq!(close_sockets_of(&world, "ann").await, 1);
    of_ann.closed().await;
    until_the_outbox_is_empty(&world).await;
}

#[tokio::test]
async fn a_socket_that_cannot_be_closed_for_long_is_closed_by_the_next_housekeeping() {
    let (world, _tables, management) = world_behind_proxies().await;
    let mut of_ann = world.user("ann").connect().await;
    let (refused, mut refusals) = tokio::sync::mpsc::unbounded_channel();
    management.judge(move |request| {
        if request.operation != "DELETE" {
            return Fate::Pass;
        }
        let _test_is_over = refused.send(());
        Fate::Answer(403, r#"{"message": "Forbidden"}"#.to_owned())
    });
    assert_eq!(close_sockets_of(&world, "ann").await, 1);
    tests::within("a refused close", refusals.recv()).await;
    world.pass(40);
    // The broadcast does not insist any more: its turn ends, and asks for no other.
    let store = world.store();
    tests::within("the lease", async {
        while store.take_lease(1, "test", world.clock.now()).await.expect("the table answers").is_none() {}
    })
    .await;
    store.release_lease(1, "test").await.expect("the table answers");
    assert!(store.has_outbox(1).await.expect("the table answers"), "the request stays");
    management.judge(|_| Fate::Pass);
    world.housekeep().await;
    of_ann.closed().await;
    until_the_outbox_is_empty(&world).await;
}

#[tokio::test]
async fn a_socket_whose_handshake_is_under_way_is_closed_once_it_is_open() {
    // The row of the connection comes after the user's presence, that in the room after both.
    for row in ["\"socket#", "\"room#1\""] {
        let (world, mut tables, management) = world_behind_proxies().await;
        let (tried, mut tries) = tokio::sync::mpsc::unbounded_channel();
        management.judge(move |request| {
            if request.operation == "DELETE" {
                let _test_is_over = tried.send(());
            }
            Fate::Pass
        });
        tables.judge(move |request| {
            let is_held = request.operation == "PutItem" && request.body.contains(row);
            if is_held { Fate::Hold } else { Fate::Pass }
        });
        let ann = world.user("ann");
        let connecting = tokio::spawn(async move { ann.connect().await });
        let held = tables.next_held().await;
        assert_eq!(close_sockets_of(&world, "ann").await, 1, "{row}");
        // The first try has been answered by the time of the second one: there is no such socket yet.
        for _ in 0..2 {
            tests::within("a close", tries.recv()).await;
        }
        tables.judge(|_| Fate::Pass);
        held.release();
        let mut of_ann = connecting.await.expect("a socket");
        of_ann.closed().await;
        until_the_outbox_is_empty(&world).await;
    }
}
