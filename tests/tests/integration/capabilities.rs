//! What tokens let their callers do: capabilities on every route, frame and handshake, sessions, attributes
//! (docs/contract.md, Who may do what).

use aws_sdk_dynamodb::types::AttributeValue;
use functions::table::TABLE;
use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use shared::domain::caller::Capability;
use tests::answer::Answer;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

/// Each route, and the capabilities one of which opens it; without any, each token does.
const ROUTES: [(&str, &[&str]); 47] = [
    ("GET /live-chat/status", &[]),
    ("GET /live-chat/messages", &["read"]),
    ("GET /live-chat/viewers", &["read"]),
    ("GET /live-chat/likes", &["read"]),
    ("GET /live-chat/stats", &["read"]),
    ("GET /live-chat/sessions/{session_id}/export", &["manage"]),
    ("POST /live-chat/ticket", &["read"]),
    ("POST /live-chat/like", &["react"]),
    ("DELETE /live-chat/like", &["react"]),
    ("POST /live-chat/like-message/{message_id}", &["react"]),
    ("DELETE /live-chat/like-message/{message_id}", &["react"]),
    ("POST /live-chat/react", &["react"]),
    ("GET /live-chat/questions", &["read"]),
    ("POST /live-chat/questions/{message_id}/answered", &["moderate"]),
    ("POST /live-chat/send-message", &["send"]),
    ("POST /live-chat/report-message/{message_id}", &["send"]),
    ("DELETE /live-chat/messages/{message_id}", &["send", "moderate"]),
    ("POST /live-chat/announcements", &["announce"]),
    ("POST /live-chat/events", &["announce"]),
    ("GET /live-chat/polls", &["read"]),
    ("POST /live-chat/polls", &["announce"]),
    ("POST /live-chat/polls/{poll_id}/vote", &["react"]),
    ("POST /live-chat/polls/{poll_id}/close", &["announce"]),
    ("GET /live-chat/draws", &["read"]),
    ("POST /live-chat/draws", &["announce"]),
    ("GET /live-chat/draws/{draw_id}/entrants", &["read"]),
    ("POST /live-chat/draws/{draw_id}/reveal", &["announce"]),
    ("POST /live-chat/draws/{draw_id}/redraw", &["announce"]),
    ("POST /live-chat/moderation/actions", &["moderate", "manage", "announce"]),
    ("GET /live-chat/moderation/actions", &["moderate", "audit"]),
    ("GET /live-chat/moderation/actions/{action_id}", &["moderate", "audit"]),
    ("GET /live-chat/moderation/held", &["moderate", "audit"]),
    ("GET /live-chat/moderation/messages/{message_id}", &["moderate", "audit"]),
    ("GET /live-chat/moderation/sanctions", &["moderate", "audit"]),
    ("GET /live-chat/moderation/users", &["moderate", "audit"]),
    ("GET /live-chat/moderation/users/{user_id}", &["moderate", "audit"]),
    ("GET /live-chat/moderation/presets", &["moderate", "audit"]),
    ("PUT /live-chat/moderation/presets", &["manage"]),
    ("GET /live-chat/moderation/reports", &["moderate", "audit"]),
    ("GET /live-chat/moderation/terms", &["moderate", "audit"]),
    ("PUT /live-chat/moderation/terms", &["manage"]),
    ("POST /live-chat/moderation/terms/test", &["moderate"]),
    ("GET /live-chat/sessions", &["read"]),
    ("POST /live-chat/sessions", &["manage"]),
    ("GET /live-chat/sessions/{session_id}", &["read"]),
    ("PATCH /live-chat/sessions/{session_id}", &["manage"]),
    ("POST /live-chat/sessions/{session_id}/end", &["manage"]),
];

/// A message that nobody has sent.
const NOBODYS: &str = "100009999";
/// A poll or a draw of the same session that nobody has started.
const NO_POLL: &str = "19999";

/// A user with these capabilities only.
fn with(world: &World, sub: &str, capabilities: &[&str]) -> User {
    let capabilities = capabilities.iter().map(|&name| name.to_owned()).collect();
    world.user_with(Claims { sub: sub.to_owned(), capabilities, ..Claims::default() })
}

/// The answer to a call of a route. Ids in its path are those of no message.
async fn call(user: &User, route: &str) -> Answer {
    let (method, path) = route.split_once(" /live-chat/").expect("a route");
    let body = match (method, path) {
        (_, "send-message" | "announcements") => Some(json!({"message": "hi"})),
        (_, "report-message/{message_id}") => Some(json!({"reason": "spam"})),
        // What the capability `manage` opens, and what `moderate` does.
        ("POST", "moderation/actions") if user.id == "manage" => {
            Some(json!({"action": "revoke_tokens", "user_id": "bob"}))
        }
        ("POST", "moderation/actions") if user.id == "announce" => {
            Some(json!({"action": "unpin", "message_id": NOBODYS}))
        }
        ("POST", "moderation/actions") => Some(json!({"action": "note", "user_id": "bob", "text": "seen"})),
        ("POST", "react") => Some(json!({"reactions": {"🎉": 1}})),
        ("POST", "questions/{message_id}/answered") => Some(json!({"answered": true})),
        ("POST", "events") => Some(json!({"name": "goal"})),
        ("POST", "polls") => Some(json!({"question": "Encore?", "options": ["Yes", "No"], "seconds": 60})),
        ("POST", "polls/{poll_id}/vote") => Some(json!({"option": 0})),
        // By then, `send` has sent something.
        ("POST", "draws") => Some(json!({"prize": "A cup", "winners": 1, "among": "senders"})),
        ("POST", "polls/{poll_id}/close" | "draws/{draw_id}/reveal") => Some(json!({})),
        ("POST", "draws/{draw_id}/redraw") => Some(json!({"reason": "no answer"})),
        ("PUT", "moderation/terms") => Some(json!({})),
        ("POST", "moderation/terms/test") => Some(json!({"text": "hi"})),
        ("POST", "sessions") => Some(json!({"name": "Launch", "room": "stage"})),
        ("PATCH", _) => Some(json!({"name": "Launch"})),
        ("POST", "sessions/{session_id}/end") => Some(json!({})),
        ("PUT", "moderation/presets") => Some(json!({"default": {"slow_seconds": 0}})),
        _ => None,
    };
    let path = if path == "moderation/users" { "moderation/users?name=bob" } else { path };
    let path = path
        .replace("{message_id}", NOBODYS)
        .replace("{action_id}", NOBODYS)
        .replace("{session_id}", NOBODYS)
        .replace("{poll_id}", NO_POLL)
        .replace("{draw_id}", NO_POLL)
        .replace("{user_id}", "bob");
    user.call(Method::try_from(method).expect("a method"), &path, body.map(|body| body.to_string())).await
}

#[tokio::test]
async fn each_route_asks_for_its_capability() {
    let routes = TABLE.iter().flat_map(|function| function.routes()).map(|route| route.key);
    let mut routes: Vec<&str> = routes.collect();
    let mut listed = ROUTES.map(|(route, _)| route);
    routes.sort_unstable();
    listed.sort_unstable();
    assert_eq!(routes, listed, "each route stands in the list of this test");
    let world = World::start().await;
    let mut pairs = 0;
    for capability in Capability::all() {
        let user = with(&world, capability.name(), &[capability.name()]);
        for (route, needs) in ROUTES {
            let answer = call(&user, route).await;
            if needs.is_empty() || needs.contains(&capability.name()) {
                let names_nothing = route.contains("_id}") && !route.contains("{user_id}");
                let status = match route {
                    "POST /live-chat/sessions" | "POST /live-chat/polls" | "POST /live-chat/draws" => 201,
                    _ if names_nothing => 404,
                    // Nothing is pinned that `announce` could unpin.
                    "POST /live-chat/moderation/actions" if capability == Capability::Announce => 409,
                    _ => 200,
                };
                assert_eq!(answer.status, status, "{route} with {}: {}", capability.name(), answer.text);
            } else {
                let detail = format!("The token lacks the capability {}", needs.join(" or "));
                assert_eq!(answer.json["detail"], detail, "{route} with {}", capability.name());
                assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{route}");
            }
            pairs += 1;
        }
    }
    println!("{pairs} pairs of a route and a capability were tried");
}

#[tokio::test]
async fn each_action_asks_for_its_capability() {
    let world = World::start().await;
    let (moderate, manage) = (with(&world, "moderate", &["moderate"]), with(&world, "manage", &["manage"]));
    let act = |user: &User, body: &Value| {
        let (user, body) = (user.clone(), body.to_string());
        async move { user.call(Method::POST, "moderation/actions", Some(body)).await }
    };
    for action in [
        json!({"action": "timeout", "user_id": "bob", "seconds": 1}),
        json!({"action": "ban", "user_id": "bob"}),
        json!({"action": "lift", "user_id": "bob"}),
        json!({"action": "disconnect", "user_id": "bob"}),
        json!({"action": "note", "user_id": "bob", "text": "seen"}),
    ] {
        act(&moderate, &action).await.ok();
        let refused = act(&manage, &action).await;
        assert_eq!(refused.json["detail"], "The token lacks the capability moderate", "{action}");
    }
    let revoke = json!({"action": "revoke_tokens", "user_id": "bob"});
    act(&manage, &revoke).await.ok();
    assert_eq!(act(&moderate, &revoke).await.json["detail"], "The token lacks the capability manage");
}

#[tokio::test]
async fn a_handshake_asks_for_read_and_a_message_on_a_socket_for_send() {
    let world = World::start().await;
    for capability in Capability::all().map(Capability::name) {
        let opened = with(&world, capability, &[capability]).try_to_connect("1").await;
        assert_eq!(opened.err(), (capability != "read").then_some(403), "a handshake with {capability}");
        let reader = with(&world, &format!("reader-{capability}"), &["read", capability]);
        let by_ticket = Socket::open(&reader.ticket_url("1", &reader.ticket().await), &[]).await;
        for mut socket in [reader.connect().await, by_ticket.expect("the ticket is good")] {
            assert_eq!(socket.ask(&json!({"type": "ping"})).await["type"], "pong", "{capability}");
            assert_eq!(socket.ask(&json!({"type": "resume", "after": 0})).await["type"], "resumed", "{capability}");
            let answer = socket.ask(&json!({"type": "message", "message": "hi", "client_message_id": "k"})).await;
            if capability == "send" {
                assert_eq!(answer["type"], "ack");
            } else {
                let refusal = json!({"type": "error", "code": "forbidden", "client_message_id": "k",
                    "message": "The token lacks the capability send"});
                assert_eq!(answer, refusal, "{capability}");
            }
        }
    }
}

#[tokio::test]
async fn deleting_own_messages_asks_for_send_and_those_of_others_for_moderate() {
    let world = World::start().await;
    let host = Claims { sub: "host".to_owned(), roles: vec!["host".to_owned()], ..Claims::default() };
    let tied = world.user_with(Claims { capabilities: vec!["read".to_owned(), "send".to_owned()], ..host.clone() });
    let (ann, host) = (world.user("ann"), world.user_with(host));
    let path = |answer: &Value| format!("messages/{}", answer["message_id"]);
    let (own, others) = (path(&tied.send("own").await.ok()), path(&ann.send("another's").await.ok()));
    assert_eq!(tied.delete(&others).await.problem(), (403, "forbidden".to_owned()), "the claim replaces the role's");
    assert_eq!(with(&world, "ann", &["read", "react"]).delete(&others).await.problem().0, 403, "her own, without send");
    tied.delete(&own).await.ok();
    with(&world, "helper", &["moderate"]).delete(&others).await.ok();
    let second = path(&ann.send("again").await.ok());
    with(&world, "ann", &["send"]).delete(&second).await.ok();
    let third = path(&ann.send("and again").await.ok());
    host.delete(&third).await.ok();
}

#[tokio::test]
async fn a_token_with_sessions_is_good_in_these_only() {
    let world = World::start().await;
    let limited = |sub: &str, sessions: &[&str]| {
        let sessions = sessions.iter().map(|&name| name.to_owned()).collect();
        world.user_with(Claims { sub: sub.to_owned(), sessions, ..Claims::default() })
    };
    for sessions in [&["1"][..], &["main"], &["7", "1"]] {
        let ann = limited("ann", sessions);
        // Those of staff ask for more.
        let is_of_staff = |route: &str, needs: &[&str]| {
            route.contains("/moderation/")
                || needs.iter().any(|need| ["announce", "manage"].contains(need))
                || needs == ["moderate"]
        };
        for (route, _) in ROUTES.into_iter().filter(|(route, needs)| !is_of_staff(route, needs)) {
            let status = if route.contains("_id}") { 404 } else { 200 };
            assert_eq!(call(&ann, route).await.status, status, "{route} {sessions:?}");
        }
        ann.connect().await.close(1000).await;
    }
    for sessions in [&["2"][..], &["backstage"], &["11", "Main"]] {
        let eve = limited("eve", sessions);
        let outside = json!({"enabled": true, "is_active": false, "session": null,
            "message": "The token is limited to other sessions"});
        for path in ["status", "status?session_id=1"] {
            assert_eq!(eve.get(path).await.ok(), outside, "{sessions:?}");
        }
        assert_eq!(eve.get("sessions").await.ok(), json!({"sessions": [], "next_before": null}), "{sessions:?}");
        assert_eq!(eve.get("sessions/1").await.problem(), (403, "forbidden".to_owned()), "{sessions:?}");
        for (route, _) in ROUTES.into_iter().skip(1).filter(|(route, _)| !route.contains("/sessions")) {
            assert_eq!(call(&eve, route).await.problem(), (403, "forbidden".to_owned()), "{route} {sessions:?}");
        }
        for path in ["messages?session_id=1", "viewers?session_id=1", "stats?session_id=1", "likes?session_id=1"] {
            assert_eq!(eve.get(path).await.problem(), (403, "forbidden".to_owned()), "{path} {sessions:?}");
        }
        assert_eq!(eve.post("ticket?session_id=1").await.problem().0, 403);
        assert_eq!(eve.try_to_connect("1").await.err(), Some(403), "{sessions:?}");
        assert_eq!(eve.try_to_connect("2").await.err(), Some(404), "there is none, whatever the token says");
    }
    assert_eq!(
        world.user("bob").get("viewers").await.ok()["viewer_count"],
        1,
        "bob: eve never was there, and ann has left"
    );
}

#[tokio::test]
async fn attributes_go_with_the_users_messages_wherever_they_are_shown() {
    let world = World::start().await;
    let attributes = json!({"team": "red", "city": "Zürich 🇨🇭"});
    let map = serde_json::from_value(attributes.clone()).expect("texts");
    let ann = world.user_with(Claims { sub: "ann".to_owned(), attributes: map, ..Claims::default() });
    let (bob, mut listener) = (world.user("bob"), world.user("bob").connect().await);
    ann.send("by REST").await.ok();
    let mut socket = ann.connect().await;
    socket.say("by socket").await;
    let by_ticket = Socket::open(&ann.ticket_url("1", &ann.ticket().await), &[]).await;
    by_ticket.expect("the ticket is good").say("by ticket").await;
    bob.send("without").await.ok();
    listener.until_messages(4).await;
    let page = bob.get("messages").await.ok();
    let resumed = listener.ask(&json!({"type": "resume", "after": 0})).await;
    let lists = [&page["messages"], &resumed["messages"]].map(|list| list.as_array().expect("a list").iter().collect());
    for messages in lists.into_iter().chain([listener.messages().collect::<Vec<_>>()]) {
        let shown: Vec<Option<&Value>> = messages.iter().map(|message| message.get("attributes")).collect();
        assert_eq!(shown, [Some(&attributes), Some(&attributes), Some(&attributes), None], "{messages:?}");
    }
    ann.delete("messages/100000001").await.ok();
    let page = bob.get("messages").await.ok();
    assert_eq!(
        page["messages"].as_array().expect("messages").len(),
        3,
        "with the message, its attributes leave: {page}"
    );
    let client = world.dynamodb();
    let key = [("pk", "messages#1"), ("sk", "00000001")]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
    let row =
        client.get_item().table_name("live-chat-chat").set_key(Some(key.into())).consistent_read(true).send().await;
    let row = format!("{:?}", row.expect("an answer").item.expect("the row stays"));
    assert!(row.contains("deleted") && row.contains("red\"") && row.contains("Zürich"), "staff keep them: {row}");
}

#[tokio::test]
async fn messages_tell_which_of_their_authors_may_moderate() {
    let world = World::start().await;
    let viewer = world.user("ann");
    let socket = &mut viewer.connect().await;
    let claims = |sub: &str| Claims { sub: sub.to_owned(), ..Claims::default() };
    let host = world.user_with(Claims { roles: vec!["host".to_owned()], ..claims("hans") });
    let moderator = world.user_with(Claims { roles: vec!["moderator".to_owned()], ..claims("mona") });
    let without_role = with(&world, "max", &["read", "send", "moderate"]);
    for (seq, author, is_host, is_moderator) in [
        (1, &viewer, false, Value::Null),
        (2, &host, true, Value::Null),
        (3, &moderator, false, json!(true)),
        (4, &without_role, false, json!(true)),
    ] {
        author.send("hello").await.ok();
        let heard = socket.message(seq).await;
        let read = viewer.get("messages?limit=1").await.ok()["messages"][0].clone();
        for message in [heard, read] {
            let told = (&message["user_id"], &message["is_host"], &message["is_moderator"]);
            assert_eq!(told, (&json!(author.id), &json!(is_host), &is_moderator));
        }
    }
}
