//! `GET /live-chat/sessions` and `GET /live-chat/sessions/{session_id}`.

use serde_json::{Value, json};
use tests::world::World;

use super::{MANUAL, created, end, open, refused};

fn ids(page: &Value) -> Vec<u64> {
    page["sessions"]
        .as_array()
        .expect("sessions")
        .iter()
        .map(|session| session["id"].as_u64().expect("an id"))
        .collect()
}

#[tokio::test]
async fn sessions_are_listed_by_room_and_state_in_pages() {
    let world = World::with(&[MANUAL]).await;
    let (ann, host) = (world.user("ann"), world.host());
    for room in ["main", "stage", "attic"] {
        open(&world, room).await;
    }
    end(&host, 1).await.ok();
    open(&world, "main").await;
    created(&host, &json!({"name": "Later", "room": "cellar", "start_time": "2999-01-01T00:00:00Z"})).await;
    for (query, expected) in [
        ("", vec![5, 4, 3, 2, 1]),
        ("?room=main", vec![4, 1]),
        ("?state=open", vec![4, 3, 2]),
        ("?state=ended", vec![1]),
        ("?state=scheduled", vec![5]),
        ("?state=open&room=stage", vec![2]),
        ("?room=nowhere", vec![]),
        ("?before=3", vec![2, 1]),
        ("?before=9999999", vec![5, 4, 3, 2, 1]),
    ] {
        let page = ann.get(&format!("sessions{query}")).await.ok();
        assert_eq!((ids(&page), &page["next_before"]), (expected, &Value::Null), "{query}");
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = ann.get(&format!("sessions{query}")).await.ok();
        seen.extend(ids(&page));
        let Some(before) = page["next_before"].as_u64() else { break };
        query = format!("?limit=2&before={before}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    for query in ["?room=Main", "?state=closed", "?before=x", "?limit=0", "?limit=101"] {
        assert_eq!(ann.get(&format!("sessions{query}")).await.problem(), refused(400, "invalid_request"), "{query}");
    }
    for path in ["sessions/99", "sessions/x", "sessions/0"] {
        assert_eq!(ann.get(path).await.problem(), refused(404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn a_list_tells_viewers_and_messages() {
    let world = World::with(&[MANUAL]).await;
    let ann = world.user("ann");
    let id = open(&world, "stage").await;
    let mut socket = ann.connect_to(&id.to_string(), "").await;
    socket.say("hello").await;
    let listed = ann.get("sessions").await.ok()["sessions"][0].clone();
    assert_eq!((&listed["viewer_count"], &listed["total_messages"]), (&json!(1), &json!(1)));
    assert_eq!(ann.get(&format!("sessions/{id}")).await.ok()["session"], listed);
}

#[tokio::test]
async fn the_sessions_of_the_schedule_are_listed_too() {
    let world = World::start().await;
    let ann = world.user("ann");
    assert_eq!(ids(&ann.get("sessions").await.ok()), Vec::<u64>::new());
    ann.get("status").await.ok();
    let page = ann.get("sessions?state=open").await.ok();
    assert_eq!((ids(&page), &page["sessions"][0]["room"]), (vec![1], &json!("main")));
}
