//! Modes: what a session takes from whom, how fast, and for how long.

mod presets;
mod shield;

use futures_util::future::join_all;
use gateway::token::Claims;
use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::rest::User;
use tests::world::World;

use super::{act, behind_a_proxy, host, moderator};

/// A world without a rate limit.
async fn unlimited(settings: &[(&str, &str)]) -> World {
    let mut all = vec![("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "0")];
    all.extend(settings);
    World::with(&all).await
}

async fn set(actor: &User, modes: Value) {
    act(actor, &json!({"action": "set_modes", "modes": modes})).await.ok();
}

async fn refusal(user: &User, text: &str) -> (u16, String) {
    user.send(text).await.problem()
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn modes_of(user: &User) -> Value {
    user.get("status").await.ok()["session"]["modes"].clone()
}

#[tokio::test]
async fn modes_are_in_the_status_and_everybody_hears_of_each_change() {
    let world = unlimited(&[]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let off = json!({"slow_seconds": 0, "audience": "everyone", "links": "allow", "unique_seconds": 0, "emoji_only": false,
        "review_all": false, "account_age_minutes": 0, "shield_until": null});
    assert_eq!(modes_of(&bob).await, off);
    let mut listener = bob.connect().await;
    let entry =
        act(&mona, &json!({"action": "set_modes", "modes": {"emoji_only": true, "slow_seconds": 2}})).await.ok();
    let expected = json!({"modes": {"emoji_only": true, "slow_seconds": 2}, "before": {"slow_seconds": 0, "audience": "everyone",
        "links": "allow", "unique_seconds": 0, "emoji_only": false, "review_all": false, "account_age_minutes": 0}});
    assert_eq!((&entry["action"], &entry["changes"]), (&json!("set_modes"), &expected));
    let modes = modes_of(&bob).await;
    assert_eq!((&modes["emoji_only"], &modes["slow_seconds"]), (&json!(true), &json!(2)));
    assert_eq!(listener.next("modes_update").await["modes"], modes);
    set(&mona, json!({"emoji_only": false})).await;
    let modes = listener.next("modes_update").await["modes"].clone();
    assert_eq!((&modes["emoji_only"], &modes["slow_seconds"]), (&json!(false), &json!(2)), "the rest stays");
}

#[tokio::test]
async fn each_mode_refuses_with_its_code_over_both_ways_and_staff_are_exempt() {
    let world = unlimited(&[]).await;
    let (mona, hans, bob) = (moderator(&world), host(&world), world.user("bob"));
    let member =
        world.user_with(Claims { sub: "meg".to_owned(), roles: vec!["member".to_owned()], ..Claims::default() });
    let mut socket = bob.connect().await;
    for (modes, text, status, code) in [
        (json!({"audience": "staff"}), "hello", 403, "staff_only"),
        (json!({"audience": "members"}), "hello", 403, "members_only"),
        (json!({"audience": "everyone", "account_age_minutes": 5}), "hello", 403, "account_too_new"),
        (json!({"account_age_minutes": 0, "emoji_only": true}), "hello 👍", 422, "emoji_only"),
    ] {
        set(&mona, modes).await;
        assert_eq!(refusal(&bob, text).await, refused(status, code));
        let answer = socket.say(text).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)));
        for exempt in [&mona, &hans] {
            exempt.send(text).await.ok();
        }
    }
    bob.send("👍").await.ok();
    set(&mona, json!({"emoji_only": false, "audience": "members"})).await;
    member.send("from a member").await.ok();
}

#[tokio::test]
async fn slow_mode_tells_how_long_to_wait_and_a_refusal_does_not_lengthen_it() {
    let world = unlimited(&[]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    set(&mona, json!({"slow_seconds": 30})).await;
    bob.send("one").await.ok();
    world.pass(10);
    let answer = bob.send("two").await;
    assert_eq!(answer.headers["retry-after"], "20");
    assert_eq!(answer.problem(), refused(429, "slow_mode"));
    let error = bob.connect().await.say("two").await;
    assert!((19_000..=20_000).contains(&error["retry_after_ms"].as_u64().expect("a time")), "{error}");
    world.user("carl").send("others may").await.ok();
    world.pass(20);
    bob.send("two").await.ok();
    // Of many at once, one passes.
    world.pass(30);
    let sent = join_all((0..8).map(|nth| {
        let bob = bob.clone();
        async move { bob.send(&format!("at once {nth}")).await.status }
    }));
    assert_eq!(sent.await.into_iter().filter(|status| *status == 200).count(), 1);
}

#[tokio::test]
async fn a_text_is_not_repeated_and_a_repeated_send_is_no_repeat() {
    let world = unlimited(&[]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    set(&mona, json!({"unique_seconds": 60})).await;
    let first = bob.send_as("Free  coins", "k1").await.ok();
    for text in ["free coins", "FREE COINS", "fr\u{200b}ee coinsss"] {
        assert_eq!(refusal(&bob, text).await, refused(422, "repeated_message"), "{text}");
    }
    let repeated = bob.send_as("Free  coins", "k1").await.ok();
    assert_eq!((&repeated["duplicate"], &repeated["message_id"]), (&json!(true), &first["message_id"]));
    bob.send("other words").await.ok();
    world.user("carl").send("free coins").await.ok();
    world.pass(60);
    bob.send("free coins").await.ok();
}

#[tokio::test]
async fn refusals_count_against_the_rate_limit_and_an_author_who_was_refused_need_not_wait() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "3")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    set(&mona, json!({"emoji_only": true, "slow_seconds": 20})).await;
    assert_eq!(refusal(&bob, "words").await, refused(422, "emoji_only"));
    bob.send("👍").await.ok();
    assert_eq!(refusal(&bob, "👍").await, refused(429, "slow_mode"));
    assert_eq!(refusal(&bob, "👍").await, refused(429, "rate_limited"));
}

#[tokio::test]
async fn what_judges_a_message_is_what_is_in_force_when_its_number_is_taken() {
    let (world, mut proxy) = behind_a_proxy().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    for (modes, code) in [(json!({"emoji_only": true}), "emoji_only"), (json!({"slow_seconds": 60}), "")] {
        set(&mona, json!({"emoji_only": false})).await;
        proxy.judge(|request| {
            let takes_number = request.operation == "UpdateItem" && request.body.contains("SET seq = seq");
            if takes_number { Fate::Hold } else { Fate::Pass }
        });
        let sender = bob.clone();
        let sending = tokio::spawn(async move { sender.send("judged before, numbered after").await });
        let held = proxy.next_held().await;
        proxy.judge(|_| Fate::Pass);
        set(&mona, modes).await;
        held.release();
        let answer = sending.await.expect("an answer");
        match code {
            "" => drop(answer.ok()),
            _ => assert_eq!(answer.problem(), refused(422, code)),
        }
    }
    assert_eq!(refusal(&bob, "the pause counts from the one that was judged again").await, refused(429, "slow_mode"));
}

#[tokio::test]
async fn modes_that_were_acknowledged_hold_in_functions_that_know_older_ones() {
    let world = unlimited(&[]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let mut socket = bob.connect().await;
    for on in [true, false, true] {
        set(&mona, json!({"emoji_only": on})).await;
        // One function serves the route, another the socket.
        assert_eq!(bob.send("words").await.status, if on { 422 } else { 200 });
        assert_eq!(socket.say("words").await["type"], if on { "error" } else { "ack" });
    }
}

#[tokio::test]
async fn two_who_set_modes_at_once_lose_nothing() {
    let world = unlimited(&[]).await;
    let (mona, hans) = (moderator(&world), host(&world));
    for seconds in 1..6 {
        let (slow, unique) = (json!({"slow_seconds": seconds}), json!({"unique_seconds": seconds}));
        tokio::join!(set(&mona, slow), set(&hans, unique));
        let modes = modes_of(&mona).await;
        assert_eq!((&modes["slow_seconds"], &modes["unique_seconds"]), (&json!(seconds), &json!(seconds)));
    }
    assert_eq!(
        mona.get("moderation/actions?action=set_modes").await.ok()["actions"].as_array().map(Vec::len),
        Some(10)
    );
}

#[tokio::test]
async fn modes_whose_actor_died_between_the_act_and_its_effect_are_put_in_force() {
    let (world, proxy) = behind_a_proxy().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    let body = json!({"action": "set_modes", "modes": {"emoji_only": true}, "client_action_id": "k"});
    proxy.judge(|request| match request.body.contains("modes_version") {
        true => Fate::denied(),
        false => Fate::Pass,
    });
    assert_eq!(act(&mona, &body).await.status, 503);
    bob.send("nothing was acknowledged").await.ok();
    proxy.judge(|_| Fate::Pass);
    world.pass(40);
    world.housekeep().await;
    assert_eq!(refusal(&bob, "words").await, refused(422, "emoji_only"));
    act(&mona, &body).await.ok();
    assert_eq!(mona.get("moderation/actions").await.ok()["actions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn strikes_time_their_author_out_and_the_log_says_that_nobody_did() {
    let world = unlimited(&[("LIVE_CHAT_STRIKES", "3/60:600")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    set(&mona, json!({"unique_seconds": 60})).await;
    let mut socket = bob.connect().await;
    bob.send("spam").await.ok();
    for _ in 0..3 {
        assert_eq!(refusal(&bob, "spam").await, refused(422, "repeated_message"));
    }
    assert_eq!(refusal(&bob, "an honest word").await, refused(403, "timed_out"));
    let standing = socket.next("standing_update").await["standing"].clone();
    assert_eq!((&standing["state"], &standing["automated"]), (&json!("timed_out"), &json!(true)));
    let entry = mona.get("moderation/actions?action=timeout").await.ok()["actions"][0].clone();
    assert_eq!((&entry["actor_type"], &entry["target"]["user_id"]), (&json!("automod"), &json!("bob")));
    assert_eq!((&entry["id"], &entry["until"]), (&standing["reference"], &standing["until"]));
    act(&mona, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    bob.send("an honest word").await.ok();
}

#[tokio::test]
async fn a_request_for_modes_that_makes_no_sense_is_refused_and_changes_nothing() {
    let world = unlimited(&[]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    for body in [
        json!({"action": "set_modes"}),
        json!({"action": "set_modes", "modes": {}}),
        json!({"action": "set_modes", "modes": {"slow_seconds": 121}}),
        json!({"action": "set_modes", "modes": {"slow": 1}}),
        json!({"action": "shield"}),
        json!({"action": "shield", "on": true, "minutes": 0}),
        json!({"action": "shield", "on": true, "minutes": 1441}),
    ] {
        assert_eq!(act(&mona, &body).await.problem(), refused(400, "invalid_request"), "{body}");
    }
    let body = json!({"action": "set_modes", "modes": {"slow_seconds": 1}});
    assert_eq!(act(&bob, &body).await.problem(), refused(403, "forbidden"));
    assert_eq!(modes_of(&bob).await["slow_seconds"], 0);
    assert_eq!(mona.get("moderation/actions").await.ok()["actions"], json!([]));
}
