//! Tickets: each opens one socket, once, soon, and only as the user to whom it was issued.

mod secrecy;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use gateway::token::{Claims, mint};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::TIMEOUT;
use tests::process::Process;
use tests::proxy::Fate;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::{SECRET, World};

/// The URL of a session's socket, with any query.
fn address(world: &World, session: &str, query: &str) -> String {
    format!("{}/live-chat/ws/{session}?{query}", world.gateway.url().replacen("http", "ws", 1))
}

/// Tries to open a socket of session 1 with a ticket in the query; the error is the status of a refusal.
async fn open(world: &World, ticket: &str) -> Result<Socket, u16> {
    Socket::open(&address(world, "1", &format!("ticket={ticket}")), &[]).await
}

/// Opens a socket of session 1 that must not be refused.
async fn opened(world: &World, ticket: &str) -> Socket {
    open(world, ticket).await.unwrap_or_else(|status| panic!("the ticket was refused with {status}"))
}

/// A user whose token is valid for this long, without the leeway.
fn user_for(world: &World, id: &str, seconds: i64) -> User {
    let claims = Claims { sub: id.to_owned(), ..Claims::default() };
    let token = mint(SECRET, &claims, world.clock.now(), SignedDuration::from_secs(seconds)).expect("a token");
    world.user(id).with_token(&token)
}

#[tokio::test]
async fn a_ticket_opens_one_socket_and_no_second_one() {
    let world = World::start().await;
    let answer = world.user("ann").post("ticket").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let answer = answer.ok();
    let ticket = answer["ticket"].as_str().expect("a ticket").to_owned();
    assert_eq!(answer, json!({"ticket": ticket, "expires_in": 30}));
    assert!(ticket.len() == 43 && ticket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));

    let mut socket = opened(&world, &ticket).await;
    assert_eq!(open(&world, &ticket).await.err(), Some(401));
    assert_eq!(socket.say("hi").await["type"], "ack");
    socket.until_messages(1).await;
    let message = socket.messages().next().expect("a message");
    assert_eq!((&message["user_id"], &message["username"]), (&json!("ann"), &json!("Name of ann")));
    socket.close(1000).await;
    assert_eq!(open(&world, &ticket).await.err(), Some(401), "nor after the first one has closed");
}

#[tokio::test]
async fn of_twenty_handshakes_at_once_with_one_ticket_one_gets_in() {
    let world = World::start().await;
    for round in 0..5 {
        let ticket = world.user(&format!("user{round}")).ticket().await;
        let mut outcomes = BTreeMap::new();
        let mut sockets = Vec::new();
        for outcome in join_all((0..20).map(|_| open(&world, &ticket))).await {
            *outcomes.entry(outcome.as_ref().map_or_else(|status| *status, |_| 101)).or_insert(0) += 1;
            sockets.extend(outcome);
        }
        assert_eq!(outcomes, BTreeMap::from([(101, 1), (401, 19)]), "round {round}");
        assert_eq!(sockets[0].say("I got in").await["type"], "ack");
    }
}

#[tokio::test]
async fn a_ticket_is_good_for_thirty_seconds() {
    let world = World::start().await;
    let (early, late) = (world.user("ann").ticket().await, world.user("ann").ticket().await);
    world.pass(20);
    opened(&world, &early).await;
    world.pass(10);
    assert_eq!(open(&world, &late).await.err(), Some(401));
    world.pass(-30);
    assert_eq!(open(&world, &early).await.err(), Some(401), "a clock that goes back revives nothing that is used");
}

#[tokio::test]
async fn as_a_subprotocol_its_name_alone_is_echoed() {
    let world = World::start().await;
    let (ann, url) = (world.user("ann"), address(&world, "1", ""));
    let ticket = ann.ticket().await;
    let Ok(mut socket) = Socket::open(&url, &["ticket", &ticket]).await else { panic!("the ticket was refused") };
    assert_eq!(socket.subprotocol.as_deref(), Some("ticket"));
    assert_eq!(socket.say("hi").await["type"], "ack");
    assert_eq!(Socket::open(&url, &["ticket", &ticket]).await.err(), Some(401), "used");
    assert_eq!(Socket::open(&url, &["ticket"]).await.err(), Some(401), "no ticket");
    let (first, second) = (ann.ticket().await, ann.ticket().await);
    assert_eq!(Socket::open(&url, &[&first, "ticket"]).await.err(), Some(401), "the other way round");
    assert_eq!(Socket::open(&url, &["bearer", &first]).await.err(), Some(401), "a ticket is no token");
    assert_eq!(Socket::open(&url, &["ticket", &ann.token]).await.err(), Some(401), "a token is no ticket");
    assert!(Socket::open(&url, &["ticket", &second]).await.is_ok(), "it was not touched by any of these");
}

#[tokio::test]
async fn a_ticket_gives_its_holders_name_and_rights_and_nobody_elses() {
    let world = World::start().await;
    let host = Claims {
        sub: "ann".to_owned(),
        roles: vec!["host".to_owned()],
        badge: Some("gold".to_owned()),
        ..Claims::default()
    };
    let (ann, bob) = (world.user_with(host), world.user("bob"));
    let (of_ann, of_bob) = (ann.ticket().await, bob.ticket().await);
    let mut seq = 0;
    let mut speak = async |mut socket: Socket| {
        assert_eq!(socket.say("who am I?").await["type"], "ack");
        seq += 1;
        let message = socket.message(seq).await;
        (message["user_id"].clone(), message["is_host"].clone(), message["badge"].clone())
    };
    let (is_ann, is_bob) = ((json!("ann"), json!(true), json!("gold")), (json!("bob"), json!(false), json!(null)));
    assert_eq!(speak(opened(&world, &of_bob).await).await, is_bob);
    // A token in the query takes precedence: the ticket next to it is neither checked nor used up.
    let both = address(&world, "1", &format!("ticket={of_ann}&token={}", bob.token));
    assert_eq!(speak(Socket::open(&both, &[]).await.unwrap_or_else(|status| panic!("{status}"))).await, is_bob);
    let bad = address(&world, "1", &format!("ticket={of_ann}&token=no.good.token"));
    assert_eq!(Socket::open(&bad, &[]).await.err(), Some(401));
    // The ticket identifies ann, whichever client presents it and whichever token comes with it.
    let brought = Socket::open(&address(&world, "1", &format!("ticket={of_ann}")), &["bearer", &bob.token]).await;
    assert_eq!(speak(brought.unwrap_or_else(|status| panic!("{status}"))).await, is_ann);
    let used = Socket::open(&address(&world, "1", &format!("ticket={of_ann}")), &["bearer", &bob.token]).await;
    assert_eq!(used.err(), Some(401), "a bad ticket is not made good by a token that comes after it");
}

#[tokio::test]
async fn what_is_no_ticket_opens_nothing_and_a_ticket_opens_nothing_else() {
    let world = World::start().await;
    let ann = world.user("ann");
    let ticket = ann.ticket().await;
    let unknown = "A".repeat(43);
    let (short, long) = (&ticket[..42], format!("{ticket}A"));
    let other_case: String =
        ticket.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c }).collect();
    for wrong in
        ["", "x", "a.b.c", "%00", "%F0%9F%98%80", &unknown, short, &long, &other_case, &ann.token, &"x".repeat(3000)]
    {
        assert_eq!(open(&world, wrong).await.err(), Some(401), "{wrong:?}");
    }
    assert_eq!(ann.with_token(&ticket).get("status").await.problem(), (401, "unauthorized".to_owned()));
    assert_eq!(ann.with_token(&ticket).post("ticket").await.problem(), (401, "unauthorized".to_owned()));
    assert_eq!(ann.with_token(&ticket).try_to_connect("1").await.err(), Some(401), "not as ?token=");
    assert_eq!(ann.with_token("").post("ticket").await.problem(), (401, "unauthorized".to_owned()));
    opened(&world, &ticket).await;
}

#[tokio::test]
async fn a_handshake_that_is_refused_for_another_reason_uses_its_ticket_up() {
    let world = World::start().await;
    let ann = world.user("ann");
    let ticket = ann.ticket().await;
    let nowhere = address(&world, "99", &format!("ticket={ticket}"));
    assert_eq!(Socket::open(&nowhere, &[]).await.err(), Some(404));
    assert_eq!(open(&world, &ticket).await.err(), Some(401));

    let _sockets = join_all((0..10).map(|_| ann.connect())).await;
    let ticket = ann.ticket().await;
    assert_eq!(open(&world, &ticket).await.err(), Some(429));
    assert_eq!(open(&world, &ticket).await.err(), Some(401), "the ticket comes before the number of sockets");
}

#[tokio::test]
async fn the_call_for_a_ticket_says_why_a_session_refuses_a_handshake() {
    let end: Timestamp = "2024-01-02T02:00:00Z".parse().expect("a time");
    let world = World::at(end - SignedDuration::from_secs(15), &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut sockets = join_all((0..9).map(|_| ann.connect())).await;
    ann.post("ticket?session_id=1").await.ok();
    sockets.push(ann.connect().await);

    let refused = ann.post("ticket?session_id=1").await;
    let wait: u64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(refused.json["detail"].as_str().is_some_and(|detail| detail.contains("10 sockets")), "{}", refused.json);
    assert!(refused.json.get("ticket").is_none());
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    assert_eq!(ann.try_to_connect("1").await.err(), Some(429), "as the handshake");
    bob.post("ticket?session_id=1").await.ok();
    ann.post("ticket").await.ok();
    sockets.pop().expect("a socket").close(1000).await;
    // The place is free once the close has been processed.
    let again = async {
        loop {
            let answer = ann.post("ticket?session_id=1").await;
            if answer.status == 200 {
                return answer.ok();
            }
        }
    };
    let again = tokio::time::timeout(TIMEOUT, again).await.expect("a place");
    let ticket = again["ticket"].as_str().expect("a ticket").to_owned();
    assert!(open(&world, &ticket).await.is_ok(), "there is a place again, and the ticket is as good as any");

    for (path, outcome) in [("99", (404, "not_found")), ("x", (400, "invalid_request"))] {
        let answer = bob.post(&format!("ticket?session_id={path}")).await;
        assert_eq!(answer.problem(), (outcome.0, outcome.1.to_owned()), "{path}");
    }
    world.pass(20);
    assert_eq!(bob.post("ticket?session_id=1").await.problem(), (403, "chat_not_active".to_owned()));
    assert_eq!(bob.try_to_connect("1").await.err(), Some(403), "as the handshake");
}

#[tokio::test]
async fn a_ticket_that_was_fetched_in_an_open_session_opens_none_that_has_ended() {
    let end: Timestamp = "2024-01-02T02:00:00Z".parse().expect("a time");
    let world = World::at(end - SignedDuration::from_secs(15), &[("LIVE_CHAT_SCHEDULE", "daily")]).await;
    let ticket = world.user("ann").ticket().await;
    world.pass(20);
    assert_eq!(open(&world, &ticket).await.err(), Some(403));
    assert_eq!(world.user("ann").post("ticket").await.problem(), (403, "chat_not_active".to_owned()));
}

#[tokio::test]
async fn neither_a_ticket_nor_its_socket_outlives_the_token() {
    let world = World::start().await;
    // Ten seconds of the leeway are left.
    let late = user_for(&world, "late", -50);
    let ticket = late.ticket().await;
    world.pass(11);
    assert_eq!(open(&world, &ticket).await.err(), Some(401), "the ticket is young, but its token has expired");
    assert_eq!(late.post("ticket").await.problem(), (401, "unauthorized".to_owned()));

    let ticket = user_for(&world, "ann", 600).ticket().await;
    let mut socket = opened(&world, &ticket).await;
    let ticket = world.user("bob").ticket().await;
    let mut other = opened(&world, &ticket).await;
    world.pass(640);
    assert_eq!(socket.say("within the leeway").await["type"], "ack");
    world.pass(30);
    assert_eq!(socket.say("too late").await["code"], "token_expired");
    world.housekeep().await;
    assert_eq!(socket.answer().await["code"], "token_expired");
    assert_eq!(socket.closed().await.map(|(code, _)| code), Some(1000));
    assert_eq!(other.say("my token is good").await["type"], "ack");
}

#[tokio::test]
async fn where_tokens_in_the_query_are_switched_off_tickets_and_subprotocols_work() {
    let world = World::with(&[("LIVE_CHAT_QUERY_TOKEN", "false")]).await;
    let ann = world.user("ann");
    assert_eq!(ann.try_to_connect("1").await.err(), Some(401), "a good token in the query");
    let ticket = ann.ticket().await;
    assert_eq!(opened(&world, &ticket).await.say("by ticket").await["type"], "ack");
    let plain = address(&world, "1", "");
    for (name, credential) in [("ticket", ann.ticket().await), ("bearer", ann.token.clone())] {
        let Ok(mut socket) = Socket::open(&plain, &[name, &credential]).await else { panic!("{name} was refused") };
        assert_eq!(socket.subprotocol.as_deref(), Some(name));
        assert_eq!(socket.say("hi").await["type"], "ack", "{name}");
    }
    // The token is ignored, so an invalid one does not invalidate the ticket.
    let both = address(&world, "1", &format!("token=no.good.token&ticket={}", ann.ticket().await));
    assert!(Socket::open(&both, &[]).await.is_ok());
}

#[tokio::test]
async fn while_the_table_is_down_a_ticket_is_unavailable_and_not_refused() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let ann = world.user("ann");
    let ticket = ann.ticket().await;
    proxy.judge(|request| if request.body.contains("ticket#") { Fate::Answer(500, String::new()) } else { Fate::Pass });
    assert_eq!(ann.post("ticket").await.problem(), (503, "unavailable".to_owned()));
    assert_eq!(open(&world, &ticket).await.err(), Some(503));
    proxy.judge(|_| Fate::Pass);
    opened(&world, &ticket).await;
}
