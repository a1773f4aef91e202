//! What a user learns of the own standing by `GET /live-chat/status`.

use gateway::token::Claims;
use serde_json::{Value, json};
use tests::proxy::Fate;
use tests::rest::User;
use tests::world::World;

use super::{act, behind_a_proxy, host, moderator};

async fn status(user: &User, query: &str) -> Value {
    user.get(&format!("status{query}")).await.ok()
}

#[tokio::test]
async fn status_tells_what_the_refusals_tell_for_as_long_as_it_holds() {
    let world = World::with(&[("LIVE_CHAT_APPEAL_URL", "https://example.org/appeal")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    assert!(status(&bob, "").await.get("standing").is_none(), "nothing holds");
    let body = json!({"action": "timeout", "user_id": "bob", "seconds": 60, "reason": "seen before", "explanation": "Calm down"});
    let entry = act(&mona, &body).await.ok();
    let told = status(&bob, "").await;
    let expected = json!({"state": "timed_out", "until": entry["until"], "explanation": "Calm down", "automated": false,
        "reference": entry["id"], "appeal_url": "https://example.org/appeal"});
    assert_eq!(told["standing"], expected);
    assert!(!told.to_string().contains("seen before") && !told.to_string().contains("mona"), "{told}");
    let problem = bob.send("more").await.json;
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(problem[field], *value, "{field}");
    }
    assert!(status(&mona, "").await.get("standing").is_none(), "it is told to nobody else");
    world.pass(60);
    assert!(status(&bob, "").await.get("standing").is_none(), "it is over");

    act(&mona, &json!({"action": "ban", "user_id": "bob"})).await.ok();
    let told = status(&bob, "").await["standing"].clone();
    assert_eq!((&told["state"], &told["until"]), (&json!("banned"), &Value::Null));
    act(&mona, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    assert!(status(&bob, "").await.get("standing").is_none(), "it was lifted");
}

#[tokio::test]
async fn status_tells_what_binds_the_caller_in_its_session() {
    let world = World::start().await;
    let (mona, hans, bob) = (moderator(&world), host(&world), world.user("bob"));
    act(&mona, &json!({"action": "ban", "user_id": "bob", "session_only": true})).await.ok();
    for query in ["", "?session_id=1"] {
        assert_eq!(status(&bob, query).await["standing"]["state"], "banned", "{query}");
    }
    let elsewhere = Claims { sub: "bob".to_owned(), sessions: vec!["7".to_owned()], ..Claims::default() };
    let elsewhere = world.user_with(elsewhere);
    let told = status(&elsewhere, "").await;
    assert_eq!(
        (&told["session"], told.get("standing")),
        (&Value::Null, None),
        "it holds in a session that is not told"
    );
    act(&mona, &json!({"action": "timeout", "user_id": "carl", "seconds": 60})).await.ok();
    let elsewhere = Claims { sub: "carl".to_owned(), sessions: vec!["7".to_owned()], ..Claims::default() };
    let told = status(&world.user_with(elsewhere), "").await;
    assert_eq!((&told["session"], &told["standing"]["state"]), (&Value::Null, &json!("timed_out")));
    // A sanction binds nobody of the actor's rank or above.
    act(&mona, &json!({"action": "ban", "user_id": "hans"})).await.ok();
    assert!(status(&hans, "").await.get("standing").is_none());
}

#[tokio::test]
async fn a_shadow_ban_is_told_to_staff_alone() {
    let world = World::start().await;
    let (mona, sly) = (moderator(&world), world.user("sly"));
    act(&mona, &json!({"action": "shadow_ban", "user_id": "sly"})).await.ok();
    assert!(status(&sly, "").await.get("standing").is_none());
    sly.send("psst").await.ok();
    for query in ["", "?active=false"] {
        let listed = mona.get(&format!("moderation/sanctions{query}")).await.ok()["sanctions"].clone();
        assert_eq!((&listed[0]["user_id"], &listed[0]["state"]), (&json!("sly"), &json!("shadow_banned")), "{query}");
    }
    let found = mona.get("moderation/users?name=name+of+sly").await.ok();
    assert_eq!((&found["users"][0]["user_id"], &found["users"][0]["messages"]), (&json!("sly"), &json!(1)));
    act(&mona, &json!({"action": "timeout", "user_id": "sly", "seconds": 60})).await.ok();
    assert_eq!(status(&sly, "").await["standing"]["state"], "timed_out", "the one of which the user knows");
}

#[tokio::test]
async fn a_status_reads_the_standing_once_and_is_none_without_it() {
    let (world, proxy) = behind_a_proxy().await;
    let bob = world.user("bob");
    act(&moderator(&world), &json!({"action": "timeout", "user_id": "bob", "seconds": 60})).await.ok();
    bob.get("status").await.ok();
    let (seen, mut reads) = tokio::sync::mpsc::unbounded_channel();
    proxy.judge(move |request| {
        if request.operation == "GetItem" && request.body.contains("standing#bob") {
            seen.send(()).expect("the test still listens");
        }
        Fate::Pass
    });
    assert_eq!(bob.get("status").await.ok()["standing"]["state"], "timed_out");
    assert_eq!(std::iter::from_fn(|| reads.try_recv().ok()).count(), 1);
    proxy.judge(|request| if request.body.contains("standing#bob") { Fate::denied() } else { Fate::Pass });
    assert_eq!(bob.get("status").await.problem(), (503, "unavailable".to_owned()));
}
