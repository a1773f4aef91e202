//! Everything that a room makes functions call AWS for, a large one by slices.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use shared::broadcast::audience::Audience;
use shared::domain::budget::STRIDE;
use shared::domain::caller::Caller;
use shared::domain::wire::server_frame::ServerFrame;
use shared::features::sockets::store::Socket;
use tests::proxy::{Fate, ProxiedRequest};

use super::watched::Watched;

/// How long a removal of dead sockets may take before the next message is sent.
const PATIENCE: Duration = Duration::from_secs(6);
/// So many messages find dead sockets in a large room before the test gives up.
const MAX_ROUNDS: usize = 8;

pub(super) async fn what_a_room_does(watched: &Watched, session: u64) {
    let Watched { world, record, .. } = watched;
    let (ann, id) = (world.user("ann"), session.to_string());
    // A socket whose row cannot be stored is undone.
    let mut first = true;
    watched.tables(move |request| {
        let fails = first && request.operation == "PutItem" && request.body.contains("socket#");
        first &= !fails;
        if fails { Fate::denied() } else { Fate::Pass }
    });
    assert_eq!(ann.try_to_connect(&id).await.err(), Some(503));
    ann.post(&format!("ticket?session_id={id}")).await.ok();
    // Every tenth is written.
    for _ in 0..STRIDE {
        ann.ticket().await;
        ann.get("messages?limit=1").await.ok();
    }
    let ticket = ann.ticket().await;
    tests::socket::Socket::open(&ann.ticket_url(&id, &ticket), &[]).await.expect("a socket").close(1000).await;
    let mut socket = ann.connect_to(&id, "").await;
    let said = socket.ask(&json!({"type": "message", "message": "over a socket", "client_message_id": "key 1"})).await;
    assert_eq!(said["type"], "ack", "{said}");
    let react = json!({"type": "react", "reactions": {"🎉": 1}});
    for frame in [json!({"type": "ping"}), json!({"type": "resume", "after": 0}), react] {
        socket.ask(&frame).await;
    }
    let reactions = json!({"reactions": {"🎉": 1}}).to_string();
    ann.call(Method::POST, "react", Some(reactions)).await.ok();
    socket.next("reactions").await;
    let question = json!({"message": "When?", "kind": "question"}).to_string();
    let question = ann.send_body(question).await.ok()["message_id"].clone();
    ann.post(&format!("like-message/{question}")).await.ok();
    ann.get("questions").await.ok();
    let answered = json!({"answered": true}).to_string();
    world.moderator().call(Method::POST, &format!("questions/{question}/answered"), Some(answered)).await.ok();
    socket.next("question_update").await;
    let message = ann.send_as("over REST", "key 2").await.ok()["message_id"].clone();
    ann.post(&format!("like-message/{message}")).await.ok();
    socket.next("message_like_update").await;
    ann.post("like").await.ok();
    ann.delete("like").await.ok();
    ann.delete(&format!("like-message/{message}")).await.ok();
    ann.delete(&format!("messages/{message}")).await.ok();
    socket.next("message_deleted").await;

    // A notice is sent, and its row is deleted.
    let audience = Audience::User("ann".to_owned());
    world.notify(session, audience, &ServerFrame::ModesUpdate { modes: &tests::slow_modes(1) }).await;
    socket.next("modes_update").await;
    record.until("broadcast", "dynamodb:DeleteItem", "ChatTable").await;

    // The broadcast settles a number that is never stored.
    watched.tables(|request| {
        let fails = request.operation == "PutItem" && request.body.contains("doomed");
        if fails { Fate::denied() } else { Fate::Pass }
    });
    assert_eq!(ann.send("doomed").await.status, 503);
    ann.send("after the gap").await.ok();
    record.until("broadcast", "dynamodb:PutItem", "ChatTable").await;

    // A socket in its handshake is waited for, and a dead one is pruned.
    let mut refusals = 2;
    watched.sockets(move |request, is_known| {
        let refused = request.operation == "POST" && !is_known && refusals > 0;
        refusals -= usize::from(refused);
        if refused { Fate::Answer(410, String::new()) } else { Fate::Pass }
    });
    let before = watched.posted.lock().expect("no panic holds it").clone();
    let mut newcomer = watched.short_lived_user().connect_to(&id, "").await;
    ann.send("to the newcomer").await.ok();
    newcomer.next("new_message").await;
    record.until("broadcast", "dynamodb:GetItem", "ConnectionsTable").await;
    let dead = watched
        .posted
        .lock()
        .expect("no panic holds it")
        .difference(&before)
        .next()
        .cloned()
        .expect("the newcomer's path");
    world.pass(40);
    let of_the_dead = dead.clone();
    watched.sockets(
        move |request, _| if request.path == of_the_dead { Fate::Answer(410, String::new()) } else { Fate::Pass },
    );
    ann.send("to the dead").await.ok();
    record.until("broadcast", "dynamodb:DeleteItem", "ConnectionsTable").await;

    // Eight silent minutes: a token expires, a viewer is gone, the room is quiet.
    let _expiring = watched.short_lived_user().connect_to(&id, "").await;
    world.pass(480);
    world.housekeep().await;
    for method in ["GET", "POST", "DELETE"] {
        record.until("housekeep", "execute-api:ManageConnections", &format!("{method} of a socket")).await;
    }
    record.until("housekeep", "dynamodb:DeleteItem", "ConnectionsTable").await;
    socket.close(1000).await;
    record.until("ws-disconnect", "dynamodb:DeleteItem", "ConnectionsTable").await;
}

/// A room of more than a thousand sockets, some of them dead; then the session ends.
pub(super) async fn what_a_large_room_does(watched: &Watched, session: u64) {
    let Watched { world, record, .. } = watched;
    let store = world.store();
    let caller = Caller::from_claims(&json!({"sub": "many", "exp": i32::MAX})).expect("claims");
    let socket = |i: usize| Socket {
        connection_id: format!("made-up-{i}"),
        session_id: session,
        caller: caller.clone(),
        connected_ms: world.clock.now().as_millisecond() - 60_000,
        batch: false,
        was_pruned: false,
    };
    // The room grows while the broadcast sends updates: every socket is alive until the room is large, then every hundredth is dead.
    let made_up = |dead: &'static str| {
        move |request: &ProxiedRequest, _is_known: bool| match request.path.contains("made-up-") {
            true if request.path.ends_with(dead) => Fate::Answer(410, String::new()),
            true => Fate::Answer(200, String::new()),
            false => Fate::Pass,
        }
    };
    watched.sockets(made_up("nobody"));
    for i in 0..1001 {
        store.subscribe(&socket(i)).await.expect("a subscriber");
    }
    watched.sockets(made_up("77"));
    let ann = world.user("ann");
    for nth in 1.. {
        assert!(nth <= MAX_ROUNDS, "fan-out removed no dead socket");
        // A turn that read the room while it grew may have removed some itself, and a removal may fail on a busy machine.
        for i in (77..1001).step_by(100) {
            store.subscribe(&socket(i)).await.expect("a subscriber");
        }
        ann.send("to a large room").await.ok();
        let removal = record.until("fan-out", "dynamodb:DeleteItem", "ConnectionsTable");
        if tokio::time::timeout(PATIENCE, removal).await.is_ok() {
            break;
        }
    }
    world.pass(2 * 3600);
    world.housekeep().await;
    record.until("broadcast", "execute-api:ManageConnections", "DELETE of a socket").await;
}
