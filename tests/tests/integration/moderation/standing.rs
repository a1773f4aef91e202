//! What a sanction forbids from its acknowledgement on, and what it leaves.

use futures_util::future::join_all;
use gateway::token::{Claims, mint};
use jiff::SignedDuration;
use serde_json::json;
use tests::proxy::Fate;
use tests::world::{SECRET, World};

use super::{act, behind_a_proxy, host, moderator, staff};

#[tokio::test]
async fn whoever_is_timed_out_takes_no_part_until_then_and_learns_why() {
    let world = World::with(&[("LIVE_CHAT_APPEAL_URL", "https://example.org/appeal")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let id = bob.send("spam").await.ok()["message_id"].clone();
    let mut socket = bob.connect().await;
    let body = json!({"action": "timeout", "user_id": "bob", "seconds": 60, "reason": "seen before", "explanation": "Calm down"});
    let entry = act(&mona, &body).await.ok();
    assert_eq!((&entry["action"], &entry["until"].is_string()), (&json!("timeout"), &true), "{entry}");

    for refused in [bob.send("more").await, bob.post("like").await, bob.post(&format!("like-message/{id}")).await] {
        let problem = refused.json.clone();
        assert_eq!(refused.problem(), (403, "timed_out".to_owned()));
        let told = ["state", "until", "explanation", "automated", "reference", "appeal_url"]
            .map(|field| problem[field].clone());
        let expected = [
            json!("timed_out"),
            entry["until"].clone(),
            json!("Calm down"),
            json!(false),
            entry["id"].clone(),
            json!("https://example.org/appeal"),
        ];
        assert_eq!(told, expected, "{problem}");
        assert!(!problem.to_string().contains("seen before") && !problem.to_string().contains("mona"), "{problem}");
    }
    let frame = socket.say("more").await;
    assert_eq!(
        (&frame["type"], &frame["code"], &frame["until"]),
        (&json!("error"), &json!("timed_out"), &entry["until"])
    );
    // Reading stays, and so do sockets and tickets.
    assert_eq!(bob.get("messages").await.ok()["messages"][0]["id"], id);
    bob.ticket().await;
    bob.connect().await;

    world.pass(60);
    assert_eq!(socket.say("sorry").await["type"], "ack");
    bob.post("like").await.ok();
}

#[tokio::test]
async fn whoever_is_banned_has_no_socket_and_gets_none_and_reads_on() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut sockets = [bob.connect().await, bob.connect().await];
    act(&mona, &json!({"action": "ban", "user_id": "bob"})).await.ok();
    for refused in [bob.send("hello").await, bob.post("like").await, bob.post("ticket").await] {
        assert_eq!(refused.problem(), (403, "banned".to_owned()));
    }
    assert_eq!(bob.try_to_connect("1").await.err(), Some(403));
    for socket in &mut sockets {
        socket.closed().await;
    }
    assert_eq!(bob.get("messages").await.status, 200);
    world.pass(365 * 24 * 3600);
    let bob = world.user("bob");
    assert_eq!(bob.send("a year later").await.problem(), (403, "banned".to_owned()));

    act(&moderator(&world), &json!({"action": "lift", "user_id": "bob"})).await.ok();
    bob.send("thank you").await.ok();
    bob.connect().await;
}

#[tokio::test]
async fn a_ban_of_one_session_ends_with_it() {
    let world = World::start().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let entry = act(&mona, &json!({"action": "ban", "user_id": "bob", "session_only": true})).await.ok();
    assert_eq!(entry["changes"], json!({"session_only": true, "delete_messages": false}));
    assert_eq!(bob.send("hello").await.problem(), (403, "banned".to_owned()));
    let ticket = bob.post("ticket?session_id=1").await;
    assert_eq!(ticket.problem(), (403, "banned".to_owned()));
    // A ticket is good for any session, and this one is refused at the door of the first.
    let ticket = bob.ticket().await;
    let refused = tests::socket::Socket::open(&bob.ticket_url("1", &ticket), &[]).await;
    assert_eq!(refused.err(), Some(403));
    let card = mona.get("moderation/users/bob").await.ok();
    assert_eq!((&card["sanctions"][0]["scope"], &card["sanctions"][0]["session_id"]), (&json!("session"), &json!(1)));
}

#[tokio::test]
async fn revoked_tokens_are_refused_everywhere_and_newer_ones_are_not() {
    let world = World::start().await;
    let (hans, bob) = (host(&world), world.user("bob"));
    let mut socket = bob.connect().await;
    let ticket = bob.ticket().await;
    let message = bob.send("hello").await.ok()["message_id"].clone();
    world.pass(1);
    let before = world.clock.now().as_second();
    let entry = act(&hans, &json!({"action": "revoke_tokens", "user_id": "bob"})).await.ok();
    socket.closed().await;
    for path in ["messages", "status", "stats", "viewers", "likes"] {
        assert_eq!(bob.get(path).await.problem(), (401, "unauthorized".to_owned()), "{path}");
    }
    for path in ["like".to_owned(), "ticket".to_owned(), format!("like-message/{message}")] {
        assert_eq!(bob.post(&path).await.problem(), (401, "unauthorized".to_owned()), "{path}");
    }
    for path in ["like".to_owned(), format!("messages/{message}")] {
        assert_eq!(bob.delete(&path).await.problem(), (401, "unauthorized".to_owned()), "{path}");
    }
    assert_eq!(bob.send("again").await.problem(), (401, "unauthorized".to_owned()));
    assert_eq!(bob.try_to_connect("1").await.err(), Some(401));
    let by_ticket = tests::socket::Socket::open(&bob.ticket_url("1", &ticket), &[]).await;
    assert_eq!(by_ticket.err(), Some(401), "its ticket is as old as its token");
    assert_eq!(hans.get("messages").await.ok()["messages"][0]["id"], message, "nothing was deleted");

    let claims = Claims { sub: "bob".to_owned(), ..Claims::default() };
    let newer = mint(SECRET, &claims, world.clock.now(), SignedDuration::from_hours(1)).expect("a token");
    let bob = bob.with_token(&newer);
    bob.send("I am back").await.ok();
    let card = hans.get("moderation/users/bob").await.ok();
    assert!(card["tokens_revoked_before"].is_string(), "{card}");
    let issued_before = entry["changes"]["issued_before"].as_i64().expect("seconds");
    assert!((before..=world.clock.now().as_second()).contains(&issued_before), "{entry}");
}

#[tokio::test]
async fn nobody_acts_against_an_equal_or_higher_rank_or_without_the_right() {
    let world = World::start().await;
    let users: Vec<_> = [("ann", ""), ("mona", "moderator"), ("moe", "moderator"), ("hans", "host"), ("hedi", "host")]
        .into_iter()
        .map(|(id, role)| (id, role, staff(&world, id, role)))
        .collect();
    let mut sockets = Vec::new();
    for (.., user) in &users {
        sockets.push(user.connect().await);
    }
    let rank = |role: &str| ["", "moderator", "host"].iter().position(|known| *known == role);
    for (actor_id, actor_role, actor) in &users {
        for (target_id, target_role, _) in &users {
            for action in [
                json!({"action": "timeout", "seconds": 1}),
                json!({"action": "ban"}),
                json!({"action": "disconnect"}),
                json!({"action": "lift"}),
                json!({"action": "revoke_tokens", "issued_before": 1}),
            ] {
                let mut body = action;
                body["user_id"] = json!(target_id);
                let is_manage = body["action"] == "revoke_tokens";
                let may = !actor_role.is_empty()
                    && (!is_manage || *actor_role == "host")
                    && rank(actor_role) > rank(target_role);
                // What may be done is done to somebody else, so that all keep their standing.
                if may {
                    continue;
                }
                let refused = act(actor, &body).await;
                assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{actor_id} on {target_id}: {body}");
            }
        }
    }
    for (actor_id, actor_role, actor) in &users {
        for (target_id, target_role, target) in &users {
            if actor_role.is_empty() || rank(actor_role) <= rank(target_role) {
                continue;
            }
            act(actor, &json!({"action": "timeout", "user_id": target_id, "seconds": 60})).await.ok();
            assert_eq!(
                target.send("hello").await.problem(),
                (403, "timed_out".to_owned()),
                "{actor_id} on {target_id}"
            );
            act(actor, &json!({"action": "lift", "user_id": target_id})).await.ok();
        }
    }
}

#[tokio::test]
async fn a_sanction_in_absence_binds_nobody_of_the_actors_rank_or_above() {
    let world = World::start().await;
    let (mona, hans) = (moderator(&world), host(&world));
    act(&mona, &json!({"action": "ban", "user_id": "hans"})).await.ok();
    hans.send("I was not even here").await.ok();
    act(&hans, &json!({"action": "ban", "user_id": "mona"})).await.ok();
    assert_eq!(mona.send("hello").await.problem(), (403, "banned".to_owned()));
    let refused = act(&mona, &json!({"action": "timeout", "user_id": "bob", "seconds": 1})).await;
    assert_eq!(refused.problem(), (403, "banned".to_owned()), "the rights of staff are suspended, too");
    assert_eq!(mona.get("moderation/actions").await.problem(), (403, "banned".to_owned()));
}

#[tokio::test]
async fn a_moderator_does_not_lift_what_a_host_imposed() {
    let world = World::start().await;
    act(&host(&world), &json!({"action": "ban", "user_id": "bob"})).await.ok();
    let lifted = act(&moderator(&world), &json!({"action": "lift", "user_id": "bob"})).await;
    assert_eq!(lifted.problem(), (409, "conflict".to_owned()));
    let timed_out = act(&moderator(&world), &json!({"action": "timeout", "user_id": "bob", "seconds": 5})).await;
    assert_eq!(timed_out.problem(), (409, "conflict".to_owned()), "a ban is not shortened to a timeout");
}

#[tokio::test]
async fn a_standing_that_cannot_be_read_is_never_a_pass() {
    let (world, proxy) = behind_a_proxy().await;
    let bob = world.user("bob");
    bob.send("hello").await.ok();
    proxy.judge(|request| match request.body.contains("standing#bob") {
        true => Fate::denied(),
        false => Fate::Pass,
    });
    for refused in
        [bob.send("hello").await, bob.post("like").await, bob.post("ticket").await, bob.get("messages").await]
    {
        assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    }
    assert_eq!(bob.try_to_connect("1").await.err(), Some(503));
}

#[tokio::test]
async fn a_send_under_way_is_judged_again_before_it_takes_a_number() {
    let (world, mut proxy) = behind_a_proxy().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    bob.send("before").await.ok();
    // The send has read the standing, and waits for its number.
    proxy.judge(|request| {
        if request.operation == "UpdateItem" && request.body.contains("seq + :one") { Fate::Hold } else { Fate::Pass }
    });
    let (sent, ()) = tokio::join!(bob.send_as("meanwhile", "key"), async {
        let held = proxy.next_held().await;
        act(&mona, &json!({"action": "ban", "user_id": "bob"})).await.ok();
        proxy.judge(|_| Fate::Pass);
        held.release();
    });
    assert_eq!(sent.problem(), (403, "banned".to_owned()));
    let messages = mona.get("messages").await.ok();
    assert_eq!(messages["messages"].as_array().map(Vec::len), Some(1), "{messages}");
}

#[tokio::test]
async fn a_repeat_of_a_stored_send_is_a_duplicate_whatever_holds_now() {
    let world = World::start().await;
    let bob = world.user("bob");
    let first = bob.send_as("hello", "key").await.ok();
    act(&moderator(&world), &json!({"action": "ban", "user_id": "bob"})).await.ok();
    let again = bob.send_as("hello", "key").await.ok();
    assert_eq!((&again["message_id"], &again["duplicate"]), (&first["message_id"], &json!(true)));
}

#[tokio::test]
async fn a_hundred_users_are_banned_by_one_call_and_one_change_of_the_rules() {
    let (world, proxy) = behind_a_proxy().await;
    let mona = moderator(&world);
    world.user("raider-0").connect().await;
    let (counted, mut changes) = tokio::sync::mpsc::unbounded_channel();
    proxy.judge(move |request| {
        if request.body.contains("SET rules_version") {
            counted.send(()).expect("the test still counts");
        }
        Fate::Pass
    });
    let user_ids: Vec<String> = (0..99).map(|nth| format!("raider-{nth}")).chain(["mona".to_owned()]).collect();
    let answer = act(&mona, &json!({"action": "ban", "user_ids": user_ids, "client_action_id": "raid"})).await.ok();
    assert_eq!(answer["actions"].as_array().map(Vec::len), Some(99));
    assert_eq!(answer["refused"], json!([{"id": "mona", "code": "forbidden"}]), "nobody acts against oneself");
    let mut count = 0;
    while changes.try_recv().is_ok() {
        count += 1;
    }
    assert_eq!(count, 1);
    let raiders = join_all((0..99).map(|nth| {
        let raider = world.user(&format!("raider-{nth}"));
        async move { raider.send("raid").await.problem() }
    }));
    assert!(raiders.await.iter().all(|(_, code)| code == "banned"));

    let again = act(&mona, &json!({"action": "ban", "user_ids": user_ids, "client_action_id": "raid"})).await.ok();
    assert_eq!(again, answer, "a repeat answers the first entries");
}

#[tokio::test]
async fn a_standing_is_kept_for_a_day_after_its_sanctions_were_lifted() {
    let world = World::start().await;
    let day_later = world.clock.now().as_second() + 24 * 3600;
    for body in [json!({"action": "ban", "user_id": "bob"}), json!({"action": "lift", "user_id": "bob"})] {
        act(&moderator(&world), &body).await.ok();
    }
    let row = world.chat_row("standing#bob", "standing").await;
    assert_eq!(row["version"], 2);
    assert!(
        row["expires_at"].as_i64() >= Some(day_later),
        "a send that is under way has its version as a condition: {row:?}"
    );
}
