//! A review handler that fails: the fallback decides, and it is asked less often.

use super::{FUNCTION, refusal, reviewed, texts};
use serde_json::json;
use tests::review_server::{ReviewServer, Says};
use tests::world::World;

#[tokio::test]
async fn the_fallback_decides_while_the_handler_says_nothing() {
    let huge = json!({"ReviewResult": "ALLOW", "Filling": "x".repeat(128 * 1024)}).to_string();
    let failures = [
        Says::Status(500),
        Says::Status(403),
        Says::FunctionError,
        Says::Text(String::new()),
        Says::Text("<html>".to_owned()),
        Says::Text(huge),
        Says::Endless,
        Says::Json(json!({"errorMessage": "it broke"})),
        Says::Json(json!({"ReviewResult": "ALLOW", "Content": "x".repeat(1001)})),
        Says::Json(json!({"ReviewResult": "ALLOW", "Content": "\u{200b}"})),
    ];
    for (fallback, expected) in [("allow", "hi"), ("deny", "review_denied"), ("hold", "held")] {
        let (world, server) = reviewed(&[("LIVE_CHAT_REVIEW_FALLBACK", fallback)]).await;
        let bob = world.user("bob");
        for failure in &failures {
            server.say(failure.clone());
            let answer = bob.send("hi").await;
            let sent = match answer.status {
                200 => texts(&bob).await.pop(),
                202 => answer.json["status"].as_str().map(str::to_owned),
                _ => Some(refusal(answer).1),
            };
            assert_eq!(sent.as_deref(), Some(expected), "{fallback}: {failure:?}");
            // An answer closes the breaker.
            server.verdict(json!({"ReviewResult": "ALLOW"}));
            bob.send("between").await.ok();
        }
        assert_eq!(server.count(), 2 * failures.len(), "{fallback}: each message was asked about");
    }
}

#[tokio::test]
async fn a_handler_that_never_answers_does_not_keep_a_message() {
    let (server, url) = ReviewServer::start().await;
    server.say(Says::Nothing);
    for (fallback, status) in [("allow", 200), ("deny", 422)] {
        let settings =
            [(FUNCTION, url.as_str()), ("LIVE_CHAT_REVIEW_TIMEOUT_MS", "50"), ("LIVE_CHAT_REVIEW_FALLBACK", fallback)];
        let world = World::with(&settings).await;
        assert_eq!(tests::within("a message", world.user("bob").send("hi")).await.status, status, "{fallback}");
    }
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_handler_that_is_down_is_asked_once_in_five_seconds_until_it_answers() {
    let (world, server) = reviewed(&[]).await;
    let bob = world.user("bob");
    // An answer in between counts: these failures are not in a row.
    for says in [Says::Status(500), Says::Json(json!({"ReviewResult": "ALLOW"})), Says::Status(500)] {
        server.say(says);
        bob.send("hi").await.ok();
    }
    let mut asked = server.count();
    // Messages, and how often the handler hears of them.
    for (messages, heard) in [(4, 4), (3, 0)] {
        for _ in 0..messages {
            bob.send("hi").await.ok();
        }
        asked += heard;
        assert_eq!(server.count(), asked, "after {messages} messages");
    }
    for _ in 0..2 {
        world.pass(5);
        bob.send("hi").await.ok();
        bob.send("hi").await.ok();
        asked += 1;
        assert_eq!(server.count(), asked, "once in five seconds");
    }
    server.verdict(json!({"ReviewResult": "DENY"}));
    bob.send("hi").await.ok();
    world.pass(5);
    for _ in 0..2 {
        assert_eq!(bob.send("hi").await.status, 422, "it answers again");
        asked += 1;
        assert_eq!(server.count(), asked);
    }
}

#[tokio::test]
async fn a_text_that_the_handler_makes_too_long_does_not_turn_reviewing_off() {
    let (world, server) = reviewed(&[]).await;
    let bob = world.user("bob");
    server.verdict(json!({"ReviewResult": "ALLOW", "Content": "x".repeat(1001)}));
    for _ in 0..6 {
        bob.send("hi").await.ok();
    }
    server.verdict(json!({"ReviewResult": "DENY"}));
    assert_eq!(bob.send("hi").await.status, 422);
}
