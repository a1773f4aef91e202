//! Reactions: every acknowledged one counts once, whoever else reacts at the same time and whatever fails.

use std::collections::HashSet;

use futures_util::future::join_all;
use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::proxy::Fate;
use tests::rest::User;
use tests::socket::Socket;
use tests::world::World;

/// Reacts over REST.
async fn react(user: &User, reactions: &Value) -> Answer {
    user.call(Method::POST, "react", Some(json!({"reactions": reactions}).to_string())).await
}

/// Reacts over a socket; returns the answer.
async fn react_over(socket: &mut Socket, reactions: &Value) -> Value {
    socket.ask(&json!({"type": "react", "reactions": reactions})).await
}

/// Waits for the frame with this total.
async fn total(socket: &mut Socket, reaction: &str, total: u64) -> Value {
    let what = format!("{total} {reaction}");
    socket.wait_for(&what, |event| event["type"] == "reactions" && event["totals"][reaction] == total).await
}

async fn totals_in_status(user: &User) -> Value {
    user.get("status").await.ok()["session"]["reactions"].clone()
}

#[tokio::test]
async fn the_room_hears_what_is_counted_over_rest_and_over_sockets() {
    let world = World::start().await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let none = json!({"❤️": 0, "👏": 0, "😂": 0, "🎉": 0, "😮": 0, "🔥": 0});
    assert_eq!(totals_in_status(&ann).await, none);
    let (mut of_ann, mut of_bob) = (ann.connect().await, bob.connect().await);
    let counted = react(&ann, &json!({"🎉": 3, "❤": 1})).await.ok();
    assert_eq!(counted, json!({"message": "Reactions counted", "reactions": {"🎉": 3, "❤️": 1}}));
    for socket in [&mut of_ann, &mut of_bob] {
        let told = total(socket, "🎉", 3).await;
        let totals = json!({"❤️": 1, "👏": 0, "😂": 0, "🎉": 3, "😮": 0, "🔥": 0});
        assert_eq!(told, json!({"type": "reactions", "counts": {"❤️": 1, "🎉": 3}, "totals": totals}));
    }
    let answer = react_over(&mut of_bob, &json!({"🔥": 20.0})).await;
    assert_eq!(answer, json!({"type": "reacted", "reactions": {"🔥": 20}}));
    let told = total(&mut of_ann, "🔥", 20).await;
    assert_eq!((&told["counts"], &told["totals"]["🎉"]), (&json!({"🔥": 20}), &json!(3)));
    // A late joiner reads them.
    let totals = json!({"❤️": 1, "👏": 0, "😂": 0, "🎉": 3, "😮": 0, "🔥": 20});
    assert_eq!(totals_in_status(&world.user("eve")).await, totals);
    // Nobody learns whose they are, and no message is counted.
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 0);
}

#[tokio::test]
async fn what_is_no_reaction_of_the_chat_is_refused() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for reactions in [
        json!(null),
        json!({}),
        json!([]),
        json!("🎉"),
        json!({"🐙": 1}),
        json!({"🎉": 0}),
        json!({"🎉": -1}),
        json!({"🎉": 1.5}),
        json!({"🎉": "1"}),
        json!({"🎉": 21}),
        json!({"🎉": 11, "🔥": 10}),
    ] {
        assert_eq!(react(&ann, &reactions).await.problem(), (400, "invalid_request".to_owned()), "{reactions}");
        let answer = react_over(&mut socket, &reactions).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("invalid_request")), "{reactions}");
    }
    for body in ["", "[]", "{}", "7", r#"{"reactions":{"\ud800":1}}"#] {
        let answer = ann.call(Method::POST, "react", Some(body.to_owned())).await;
        assert_eq!(answer.problem(), (400, "invalid_request".to_owned()), "{body}");
    }
    assert_eq!(ann.post("react").await.problem().0, 400, "no body");
    assert_eq!(world.get("/live-chat/react").await.status, 404);
}

#[tokio::test]
async fn a_user_has_twenty_in_any_second() {
    let now = jiff::Timestamp::now();
    let world = World::at(now, &[]).await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for _ in 0..4 {
        assert_eq!(react_over(&mut socket, &json!({"👏": 2})).await["type"], "reacted");
        react(&ann, &json!({"👏": 3})).await.ok();
    }
    let refused = react(&ann, &json!({"👏": 1})).await;
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    let refused = react_over(&mut socket, &json!({"👏": 1})).await;
    assert_eq!(refused["code"], "rate_limited");
    assert!((1..=1_000).contains(&refused["retry_after_ms"].as_u64().expect("a time")), "{refused}");
    react(&world.user("bob"), &json!({"👏": 20})).await.ok();
    world.pass(1);
    react(&ann, &json!({"👏": 20})).await.ok();
    total(&mut socket, "👏", 60).await;
}

#[tokio::test]
async fn reactions_need_the_capability_a_good_standing_and_an_open_session() {
    let world = World::start().await;
    let (mona, ann) = (world.moderator(), world.user("ann"));
    let party = json!({"🎉": 1});
    let reader = world.user_with(Claims {
        sub: "rita".to_owned(),
        capabilities: vec!["read".to_owned(), "send".to_owned()],
        ..Claims::default()
    });
    assert_eq!(react(&reader, &party).await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(react_over(&mut reader.connect().await, &party).await["code"], "forbidden");
    let mut socket = ann.connect().await;
    let timeout = json!({"action": "timeout", "user_id": "ann", "seconds": 60});
    mona.call(Method::POST, "moderation/actions", Some(timeout.to_string())).await.ok();
    assert_eq!(react(&ann, &party).await.problem(), (403, "timed_out".to_owned()));
    assert_eq!(react_over(&mut socket, &party).await["code"], "timed_out");
    world.pass(61);
    react(&ann, &party).await.ok();
    let ban = json!({"action": "ban", "user_id": "ann"});
    mona.call(Method::POST, "moderation/actions", Some(ban.to_string())).await.ok();
    assert_eq!(react(&ann, &party).await.problem(), (403, "banned".to_owned()));

    let bob = world.user("bob");
    let mut of_bob = bob.connect().await;
    let other = bob.call(Method::POST, "react?session_id=7", Some(json!({"reactions": party}).to_string())).await;
    assert_eq!(other.problem(), (404, "not_found".to_owned()));
    world.host().call(Method::POST, "sessions/1/end", Some("{}".to_owned())).await.ok();
    assert_eq!(react(&bob, &party).await.problem().1, "chat_not_active");
    let over = bob.call(Method::POST, "react?session_id=1", Some(json!({"reactions": party}).to_string())).await;
    assert_eq!(over.problem(), (403, "chat_not_active".to_owned()));
    assert!(!of_bob.hears(|event| event["type"] == "reacted").await);
}

#[tokio::test]
async fn the_operator_chooses_the_set_or_none() {
    let world = World::with(&[("LIVE_CHAT_REACTIONS", "👍🏽, 👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿")]).await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    assert_eq!(totals_in_status(&ann).await, json!({"👍🏽": 0, "👨‍👩‍👧": 0, "🏴󠁧󠁢󠁥󠁮󠁧󠁿": 0}));
    assert_eq!(react(&ann, &json!({"🎉": 1})).await.status, 400);
    react(&ann, &json!({"👨‍👩‍👧": 2})).await.ok();
    total(&mut socket, "👨‍👩‍👧", 2).await;
    let none = World::with(&[("LIVE_CHAT_REACTIONS", "none")]).await;
    let ann = none.user("ann");
    assert_eq!(totals_in_status(&ann).await, json!({}));
    assert_eq!(react(&ann, &json!({"🎉": 1})).await.problem(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_burst_is_told_rarely_and_its_last_totals_arrive() {
    let world = World::start().await;
    let mut socket = world.user("ann").connect().await;
    for fan in 0..60 {
        react(&world.user(&format!("fan{fan}")), &json!({"🎉": 2, "🔥": 1})).await.ok();
    }
    let last = total(&mut socket, "🎉", 120).await;
    assert_eq!(last["totals"]["🔥"], 60);
    let told: Vec<&Value> = socket.events.iter().filter(|event| event["type"] == "reactions").collect();
    assert!(told.len() < 40, "{} frames for 60 calls", told.len());
    let counts: u64 = told.iter().filter_map(|event| event["counts"]["🎉"].as_u64()).sum();
    assert_eq!(counts, 120, "what came in since the frame before adds up to the total");
}

#[tokio::test]
async fn two_hundred_users_at_once_count_exactly_while_the_table_fails() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let mut watcher = world.user("ann").connect().await;
    // Every fifth write loses its answer, and every seventh does not arrive. Their retries pass.
    let (mut writes, mut failed) = (0_u32, HashSet::new());
    proxy.judge(move |request| {
        if request.operation != "TransactWriteItems" || !request.body.contains("reactions#") {
            return Fate::Pass;
        }
        writes += 1;
        let body: Value = serde_json::from_str(&request.body).expect("JSON");
        let is_first = failed.insert(body["ClientRequestToken"].to_string());
        match writes {
            n if is_first && n.is_multiple_of(5) => Fate::CutAfter,
            n if is_first && n.is_multiple_of(7) => Fate::Cut,
            _ => Fate::Pass,
        }
    });
    let users: Vec<User> = (0..200).map(|i| world.user(&format!("user{i}"))).collect();
    let counts = |i: usize| 1 + i as u64 % 4;
    let asked = users.iter().enumerate().map(|(i, user)| async move {
        let answer = react(user, &json!({"🎉": counts(i), "😂": 1})).await;
        assert_eq!(answer.ok()["reactions"]["🎉"], counts(i));
        counts(i)
    });
    let acknowledged: u64 = join_all(asked).await.iter().sum();
    proxy.judge(|_| Fate::Pass);
    assert_eq!(acknowledged, (0..200).map(counts).sum::<u64>());
    let last = total(&mut watcher, "🎉", acknowledged).await;
    assert_eq!(last["totals"]["😂"], 200);
    assert_eq!(totals_in_status(&users[0]).await["🎉"], acknowledged);
}

#[tokio::test]
async fn a_flush_that_fails_at_any_step_loses_and_doubles_nothing() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for (round, step) in ["GetItem", "PutItem", "Query"].into_iter().enumerate() {
        let mut is_first = true;
        proxy.judge(move |request| {
            let is_of_reactions = request.body.contains("reactions") || request.body.contains(":head");
            let fails = is_first && request.operation == step && is_of_reactions;
            is_first &= !fails;
            if fails { Fate::denied() } else { Fate::Pass }
        });
        let user = world.user(&format!("fan{round}"));
        // The call itself may meet the failure: then it does not count.
        let counted = react(&user, &json!({"🔥": 5})).await.status == 200;
        proxy.judge(|_| Fate::Pass);
        if !counted {
            react(&world.user(&format!("again{round}")), &json!({"🔥": 5})).await.ok();
        }
        total(&mut socket, "🔥", 5 * (round as u64 + 1)).await;
    }
    assert_eq!(totals_in_status(&ann).await["🔥"], 15);
}
