//! Several rooms at once.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::world::World;

use super::{MANUAL, created, open, refused};

#[tokio::test]
async fn each_room_hears_its_own() {
    let world = World::with(&[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let (main, stage) = (open(&world, "main").await, open(&world, "stage").await);
    let mut of_main = ann.connect_to(&main.to_string(), "").await;
    let mut of_stage = ann.connect_to(&stage.to_string(), "").await;
    let send = async |query: &str, text: &str| {
        let body = json!({"message": text}).to_string();
        ann.call(reqwest::Method::POST, &format!("send-message{query}"), Some(body)).await.ok()
    };
    assert_eq!(send("", "to main").await["message_id"], 100_000_001);
    assert_eq!(send("?room=stage", "to the stage").await["message_id"], 200_000_001);
    assert_eq!(send("?session_id=2", "again").await["message_id"], 200_000_002);
    ann.post("like?room=stage").await.ok();
    of_main.until_messages(1).await;
    of_stage.until_messages(2).await;
    let texts = |socket: &tests::socket::Socket| -> Vec<Value> {
        socket.messages().map(|message| message["message"].clone()).collect()
    };
    assert_eq!(texts(&of_main), ["to main"]);
    assert_eq!(texts(&of_stage), ["to the stage", "again"]);
    for (path, field, of_main, of_stage) in [
        ("status", "/session/id", 1, 2),
        ("viewers", "/session_id", 1, 2),
        ("likes", "/total_likes", 0, 1),
        ("stats", "/total_messages", 1, 2),
    ] {
        for (query, expected) in [("", of_main), ("?room=main", of_main), ("?room=stage", of_stage)] {
            let answer = ann.get(&format!("{path}{query}")).await.ok();
            assert_eq!(answer.pointer(field), Some(&json!(expected)), "{path}{query}");
        }
    }
    assert_eq!(ann.get("messages?room=stage").await.ok()["messages"][0]["message"], "to the stage");
    let held = host.get("moderation/held?room=stage").await.ok();
    assert_eq!(held["held"], json!([]));
    for path in ["status", "messages", "viewers", "likes", "stats"] {
        let both = ann.get(&format!("{path}?room=stage&session_id=2")).await.problem();
        assert_eq!(both, refused(400, "invalid_request"), "{path}");
        assert_eq!(
            ann.get(&format!("{path}?room=A%20room")).await.problem(),
            refused(400, "invalid_request"),
            "{path}"
        );
        if path != "status" {
            let closed = ann.get(&format!("{path}?room=attic")).await.problem();
            assert_eq!(closed, refused(403, "chat_not_active"), "{path}");
        }
    }
    assert_eq!(ann.get("status?room=attic").await.ok()["session"], Value::Null);
}

#[tokio::test]
async fn a_ban_for_all_sessions_closes_the_sockets_in_every_room() {
    let world = World::with(&[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let (main, stage) = (open(&world, "main").await, open(&world, "stage").await);
    let act =
        async |body: Value| host.call(reqwest::Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    let mut of_main = ann.connect_to(&main.to_string(), "").await;
    let mut of_stage = ann.connect_to(&stage.to_string(), "").await;
    act(json!({"action": "ban", "user_id": "ann", "session_only": true, "session_id": stage})).await;
    of_stage.closed().await;
    assert_eq!(of_main.ask(&json!({"type": "ping"})).await["type"], "pong", "banned from the stage alone");
    act(json!({"action": "lift", "user_id": "ann", "session_id": stage})).await;
    let mut of_stage = ann.connect_to(&stage.to_string(), "").await;
    act(json!({"action": "ban", "user_id": "ann", "session_id": main})).await;
    of_main.closed().await;
    of_stage.closed().await;
}

#[tokio::test]
async fn two_hundred_open_sessions_are_looked_after_by_one_run() {
    let noon = "2024-01-01T12:00:00Z".parse().expect("a time");
    let world = World::at(noon, &[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    let bodies: Vec<Value> = (0..200)
        .map(
            |number| json!({"name": "A session", "room": format!("room-{number}"), "end_time": "2024-01-01T12:10:00Z"}),
        )
        .collect();
    for lot in bodies.chunks(10) {
        join_all(lot.iter().map(|body| created(&host, body))).await;
    }
    let page = ann.get("sessions?state=open&limit=100").await.ok();
    assert_eq!((page["sessions"].as_array().map(Vec::len), &page["next_before"]), (Some(100), &json!(101)));
    let mut sockets = Vec::new();
    for session in [1, 100, 200] {
        sockets.push(ann.connect_to(&session.to_string(), "").await);
    }
    world.pass(11 * 60);
    world.housekeep().await;
    for mut socket in sockets {
        socket.next("session_ended").await;
        assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
    }
    world.pass(5 * 24 * 3600);
    world.housekeep().await;
    let left = world.store().managed_sessions().await.expect("the table answers");
    assert!(left.is_empty(), "{left:?}");
}
