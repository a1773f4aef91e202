//! The black-box test: a real client against any deployment. With `LIVE_CHAT_BASE_URL` and `LIVE_CHAT_TOKEN` it runs against that
//! deployment (the smoke test), without them against a gateway of its own.

use futures_util::future::BoxFuture;
use serde_json::json;
use tests::process::Process;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

/// The deployment's URL, one of its users, and a guard that must live as long as the test.
async fn deployment() -> (User, Option<World>) {
    match (std::env::var("LIVE_CHAT_BASE_URL"), std::env::var("LIVE_CHAT_TOKEN")) {
        (Ok(base), Ok(token)) => (User::new("smoke", &token, base.trim_end_matches('/')), None),
        (Ok(_), Err(_)) => panic!("LIVE_CHAT_BASE_URL needs LIVE_CHAT_TOKEN, too"),
        (Err(_), _) => {
            let world = World::start().await;
            (world.user("smoke"), Some(world))
        }
    }
}

#[tokio::test]
async fn smoke_the_deployment_answers_and_if_it_is_open_the_chat_runs() {
    let (user, _world) = deployment().await;
    check(&user).await;
}

#[tokio::test]
async fn smoke_the_edge_alone_stands_in_front_of_upstream_apis() {
    let world = World::start().await;
    // Another edge rewrites the address once more.
    let socket = format!("{}/live-chat/ws/1", world.gateway.url());
    let edge = Process::edge(&world.gateway.url(), &socket).await;
    let user = world.user("smoke");
    check(&User::new("smoke", &user.token, edge.url())).await;
    let nobody = Process::edge("http://127.0.0.1:1", "http://127.0.0.1:1/live").await;
    // This is the edge's own response; the chat's documents only specify its status.
    let unanswered = world.http().get(format!("{}/live-chat/status", nobody.url())).send().await.expect("an answer");
    assert_eq!(unanswered.status(), 502);
}

async fn check(user: &User) {
    let page = user.page("/").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<!doctype html>"), "{}", page.text);
    assert_eq!(user.with_token("no.token.at-all").get("status").await.problem(), (401, "unauthorized".to_owned()));
    let status = user.get("status").await.ok();
    assert_eq!(status["enabled"], true);
    if status["is_active"] == false {
        assert_eq!(user.get("messages").await.problem(), (403, "chat_not_active".to_owned()));
        return;
    }
    let session: BoxFuture<'_, ()> = Box::pin(chat(user, status["session"]["id"].as_u64().expect("an id")));
    session.await;
}

/// Sends a message in every possible way, and deletes it at the end.
async fn chat(user: &User, session: u64) {
    // An AWS emulator may refuse every handshake with the same status.
    let refusal = std::env::var("LIVE_CHAT_REFUSAL").map_or(401, |status| status.parse().expect("a status"));
    assert_eq!(user.with_token("no.token").try_to_connect(&session.to_string()).await.err(), Some(refusal));
    let mut socket = user.connect_to(&session.to_string(), "").await;
    let by_ticket = user.ticket_url(&session.to_string(), &user.ticket().await);
    match Socket::open(&by_ticket, &[]).await {
        Ok(second) => second.close(1000).await,
        Err(status) => panic!("the ticket was refused with {status}"),
    }
    assert_eq!(Socket::open(&by_ticket, &[]).await.err(), Some(refusal), "a ticket that is used");
    let key = format!("smoke-{:016x}", rand::random::<u64>());
    let frame = json!({"type": "message", "message": "A message of the smoke test", "client_message_id": key});
    let ack = socket.ask(&frame).await;
    assert_eq!((&ack["type"], &ack["duplicate"]), (&json!("ack"), &json!(false)), "{ack}");
    let id = ack["message_id"].clone();
    // The message may have overtaken its `ack`.
    while !socket.messages().any(|message| message["id"] == id) {
        socket.next("new_message").await;
    }
    assert_eq!(user.send_as("A message of the smoke test", &key).await.ok()["duplicate"], true);
    assert_eq!(user.post(&format!("like-message/{id}")).await.ok()["likes"], 1);
    socket.wait_for("its like", |event| event["type"] == "message_like_update" && event["message_id"] == id).await;
    let pong = socket.ask(&json!({"type": "ping"})).await;
    assert!(pong["viewer_count"].as_u64() >= Some(1), "{pong}");
    let page = user.get("messages?limit=20").await.ok();
    assert!(page["messages"].as_array().expect("a list").iter().any(|message| message["id"] == id), "{page}");
    assert!(user.get("stats").await.ok()["total_messages"].as_u64() >= Some(1));
    user.post("like").await.ok();
    assert_eq!(user.get("likes").await.ok()["user_liked"], true);
    user.delete(&format!("messages/{id}")).await.ok();
    socket.wait_for("its deletion", |event| event["type"] == "message_deleted" && event["message_id"] == id).await;
    socket.close(1000).await;
}
