//! Every REST call of the contract, with its errors.

use gateway::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tests::rest::answer;
use tests::world::World;

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn status_tells_the_session() {
    let world = World::start().await;
    let status = world.user("ann").get("status").await.ok();
    assert_eq!(keys(&status), ["enabled", "is_active", "session"]);
    assert_eq!((&status["enabled"], &status["is_active"]), (&json!(true), &json!(true)));
    let session = &status["session"];
    let fields = "clickable_links draw draw_version end_time id max_message_length modes name pins pins_version polls polls_version reactions room start_time total_likes viewer_count";
    assert_eq!(keys(session).join(" "), fields);
    assert_eq!((&session["id"], &session["end_time"]), (&json!(1), &json!("9999-12-31T23:59:59Z")));
    assert!(session["name"].as_str().unwrap().starts_with("Draw Chat - "), "{session}");
    assert!(session["start_time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{session}");
    assert_eq!((&session["viewer_count"], &session["total_likes"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_disabled_chat_says_so_and_serves_nothing_else() {
    let world = World::with(&[("LIVE_CHAT_ENABLED", "false")]).await;
    let ann = world.user("ann");
    let expected = json!({"enabled": false, "is_active": false, "session": null, "message": "Live chat is disabled"});
    assert_eq!(ann.get("status").await.ok(), expected);
    for path in ["messages", "viewers", "likes", "stats", "stats?session_id=1"] {
        assert_eq!(ann.get(path).await.problem(), (403, "chat_not_active".to_owned()), "{path}");
    }
    for path in ["like", "like-message/100000001"] {
        assert_eq!(ann.post(path).await.problem(), (403, "chat_not_active".to_owned()), "{path}");
    }
    assert_eq!(ann.send("hi").await.problem(), (403, "chat_not_active".to_owned()));
    assert_eq!(ann.try_to_connect("1").await.err(), Some(403));
}

#[tokio::test]
async fn viewers_likes_and_stats_have_the_guides_fields() {
    let world = World::start().await;
    let ann = world.user("ann");
    let viewers = ann.get("viewers").await.ok();
    assert_eq!(keys(&viewers), ["session_id", "session_name", "viewer_count"]);
    assert_eq!((&viewers["viewer_count"], &viewers["session_id"]), (&json!(1), &json!(1)));
    let likes = ann.get("likes").await.ok();
    assert_eq!(keys(&likes), ["session_id", "session_name", "total_likes", "user_liked"]);
    assert_eq!((&likes["total_likes"], &likes["user_liked"]), (&json!(0), &json!(false)));
    let stats = ann.get("stats").await.ok();
    let expected = [
        "end_time",
        "is_active",
        "recent_messages",
        "session_id",
        "session_name",
        "start_time",
        "total_likes",
        "total_messages",
        "viewer_count",
    ];
    assert_eq!(keys(&stats), expected);
    assert_eq!(stats["session_name"], viewers["session_name"]);
}

#[tokio::test]
async fn a_message_is_sent_and_read_back_with_all_its_fields() {
    let world = World::start().await;
    let ann = world.user_with(Claims {
        sub: "ann".to_owned(),
        name: Some("Ann <b>".to_owned()),
        roles: vec!["host".to_owned()],
        badge: Some("gold".to_owned()),
        picture: Some("https://example.org/ann.png".to_owned()),
        ..Claims::default()
    });
    let sent = ann.send("  <i>Hello</i> 👩‍👩‍👧 שלום\n ").await.ok();
    assert_eq!(keys(&sent), ["created_at", "duplicate", "message", "message_id"]);
    assert_eq!((&sent["message"], &sent["duplicate"]), (&json!("Message sent successfully"), &json!(false)));
    assert_eq!(sent["message_id"], 100_000_001);
    let page = ann.get("messages").await.ok();
    assert_eq!(keys(&page), ["has_more", "last_seq", "messages", "next_after", "next_before", "session_id"]);
    let expected = json!({
        "id": 100_000_001, "seq": 1, "session_id": 1, "user_id": "ann", "username": "Ann <b>",
        "profile_pic": "https://example.org/ann.png", "message": "<i>Hello</i> 👩‍👩‍👧 שלום", "message_type": "text", "likes": 0,
        "created_at": sent["created_at"], "is_winner": true, "is_host": true, "badge": "gold", "client_message_id": null,
    });
    assert_eq!(page["messages"], json!([expected]));
    assert_eq!((&page["has_more"], &page["session_id"]), (&json!(false), &json!(1)));
}

#[tokio::test]
async fn a_user_without_display_claims_has_nulls_and_a_made_up_name() {
    let world = World::start().await;
    let plain = world.user_with(Claims { sub: "7".to_owned(), ..Claims::default() });
    plain.send_as("hi", "key 1").await.ok();
    let message = plain.get("messages").await.ok()["messages"][0].clone();
    for field in ["profile_pic", "badge"] {
        assert_eq!(message[field], Value::Null);
    }
    assert_eq!((&message["username"], &message["user_id"]), (&json!("User-790269"), &json!("7")));
    assert_eq!(
        (&message["client_message_id"], &message["is_winner"], &message["is_host"]),
        (&json!("key 1"), &json!(false), &json!(false))
    );
}

#[tokio::test]
async fn every_call_needs_a_good_token() {
    let world = World::start().await;
    let ann = world.user("ann");
    let calls = [
        (Method::GET, "status"),
        (Method::GET, "messages"),
        (Method::GET, "viewers"),
        (Method::GET, "likes"),
        (Method::GET, "stats"),
        (Method::POST, "like"),
        (Method::POST, "like-message/100000001"),
        (Method::POST, "send-message"),
        (Method::DELETE, "messages/100000001"),
    ];
    for (method, path) in calls {
        for token in ["", "YOUR_JWT_TOKEN", &format!("{}x", ann.token)] {
            let answer = ann.with_token(token).call(method.clone(), path, Some(r#"{"message":"hi"}"#.to_owned())).await;
            assert_eq!(answer.headers["www-authenticate"], "Bearer", "{path}");
            assert_eq!(answer.problem(), (401, "unauthorized".to_owned()), "{path}");
        }
        let bare =
            answer(world.http().request(method.clone(), format!("{}/live-chat/{path}", world.gateway.url()))).await;
        assert_eq!(bare.problem(), (401, "unauthorized".to_owned()), "{path} without the header");
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_after_a_minute_of_leeway() {
    let world = World::start().await;
    let token = gateway::token::mint(
        tests::world::SECRET,
        &Claims { sub: "ann".to_owned(), ..Claims::default() },
        world.clock.now(),
        jiff::SignedDuration::from_secs(600),
    );
    let ann = world.user("ann").with_token(&token.unwrap());
    world.pass(650);
    ann.get("status").await.ok();
    world.pass(11);
    assert_eq!(ann.get("status").await.problem(), (401, "unauthorized".to_owned()));
}

#[tokio::test]
async fn a_route_that_does_not_exist_is_answered_as_api_gateway_does() {
    let world = World::start().await;
    let answer = world.user("ann").get("nothing").await;
    assert_eq!((answer.status, answer.json), (404, json!({"message": "Not Found"})));
}

#[tokio::test]
async fn bad_input_gets_a_clear_error_and_loses_nothing() {
    let world = World::start().await;
    let ann = world.user("ann");
    ann.send("before").await.ok();
    for query in [
        "limit=-1",
        "limit=abc",
        "limit=0",
        "limit=101",
        "limit=99999999999999999999",
        "before=abc",
        "after=12345678901234567890",
        "before=1&after=2",
        "before=200000001",
        "session_id=x",
        "session_id=-1",
    ] {
        assert_eq!(
            ann.get(&format!("messages?{query}")).await.problem(),
            (400, "invalid_request".to_owned()),
            "{query}"
        );
    }
    for id in ["abc", "-1", "12345678901234567890", "1.5"] {
        assert_eq!(
            ann.post(&format!("like-message/{id}")).await.problem(),
            (400, "invalid_request".to_owned()),
            "{id}"
        );
        assert_eq!(ann.delete(&format!("messages/{id}")).await.problem(), (400, "invalid_request".to_owned()), "{id}");
    }
    for body in ["", "{", "[]", "null", "7", r#""text""#] {
        assert_eq!(ann.send_body(body).await.problem(), (400, "invalid_request".to_owned()), "{body:?}");
    }
    let too_long = json!({"message": "x".repeat(1001)}).to_string();
    for body in [
        r"{}",
        r#"{"message":7}"#,
        r#"{"message":null}"#,
        r#"{"message":"  "}"#,
        r#"{"message":"\ud800"}"#,
        r#"{"message":"a\u0000b"}"#,
        r#"{"message":"\u0007"}"#,
        r#"{"message":"\u200b\u3164"}"#,
        &too_long,
    ] {
        assert_eq!(ann.send_body(body).await.problem(), (400, "invalid_message".to_owned()), "{body:.60}");
    }
    for key in [json!(""), json!("k".repeat(129)), json!(7)] {
        let body = json!({"message": "hi", "client_message_id": key}).to_string();
        assert_eq!(ann.send_body(body).await.problem(), (400, "invalid_request".to_owned()), "{key:.40}");
    }
    let huge = json!({"message": "x".repeat(1 << 20)}).to_string();
    assert_eq!(ann.send_body(huge).await.problem(), (413, "too_large".to_owned()));
    let url = format!("{}/live-chat/send-message", world.gateway.url());
    let form = world
        .http()
        .post(&url)
        .bearer_auth(&ann.token)
        .header("content-type", "text/plain")
        .body(r#"{"message":"hi"}"#);
    assert_eq!(answer(form).await.problem(), (400, "invalid_request".to_owned()));
    let binary = world
        .http()
        .post(&url)
        .bearer_auth(&ann.token)
        .header("content-type", "application/json")
        .body(vec![0xff, 0xfe, 0x00]);
    assert_eq!(answer(binary).await.problem(), (400, "invalid_request".to_owned()));
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 1, "nothing of it was stored");
}

#[tokio::test]
async fn a_message_of_exactly_the_longest_length_is_stored_whole() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGE_LENGTH", "5000")]).await;
    let ann = world.user("ann");
    let text = "😀".repeat(5000);
    ann.send(&text).await.ok();
    assert_eq!(ann.get("messages").await.ok()["messages"][0]["message"], text);
}

#[tokio::test]
async fn pages_go_either_way_and_know_whether_there_is_more() {
    let world = World::start().await;
    let ann = world.user("ann");
    for i in 1..=7 {
        ann.send(&format!("message {i}")).await.ok();
    }
    let page = |query: &'static str| {
        let ann = ann.clone();
        async move {
            let page = ann.get(&format!("messages?{query}")).await.ok();
            let seqs: Vec<u64> =
                page["messages"].as_array().unwrap().iter().map(|m| m["seq"].as_u64().unwrap()).collect();
            (seqs, page["has_more"].as_bool().unwrap())
        }
    };
    assert_eq!(page("limit=3").await, (vec![5, 6, 7], true));
    assert_eq!(page("limit=3&before=100000005").await, (vec![2, 3, 4], true));
    assert_eq!(page("limit=3&before=100000002").await, (vec![1], false));
    assert_eq!(page("limit=3&after=100000002").await, (vec![3, 4, 5], true));
    assert_eq!(page("limit=3&after=100000004").await, (vec![5, 6, 7], false));
    assert_eq!(page("limit=3&after=100000007").await, (vec![], false));
    assert_eq!(page("limit=7").await, (vec![1, 2, 3, 4, 5, 6, 7], false));
    assert_eq!(page("").await, (vec![1, 2, 3, 4, 5, 6, 7], false));
}

#[tokio::test]
async fn recent_messages_are_those_of_the_last_hour_to_the_minute() {
    let world = World::start().await;
    let ann = world.user("ann");
    let counts = || async {
        let stats = ann.get("stats").await.ok();
        (stats["total_messages"].as_u64().unwrap(), stats["recent_messages"].as_u64().unwrap())
    };
    assert_eq!(counts().await, (0, 0));
    ann.send("one").await.ok();
    ann.send("two").await.ok();
    assert_eq!(counts().await, (2, 2));
    world.pass(30 * 60);
    ann.send("three").await.ok();
    assert_eq!(counts().await, (3, 3));
    world.pass(29 * 60);
    assert_eq!(counts().await, (3, 3), "59 minutes after the first");
    world.pass(2 * 60);
    assert_eq!(counts().await, (3, 1), "61 minutes after the first");
    world.housekeep().await;
    assert_eq!(counts().await, (3, 1), "housekeep forgets only what no longer counts");
    world.pass(60 * 60);
    assert_eq!(counts().await, (3, 0));
}
