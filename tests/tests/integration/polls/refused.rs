//! What a poll refuses: bodies, options, people, and too many polls at once.

use gateway::token::Claims;
use reqwest::Method;
use serde_json::json;
use tests::world::World;

use super::{close, read, start, started, vote, votes};

#[tokio::test]
async fn what_is_no_poll_and_what_is_no_vote_is_refused() {
    let world = World::start().await;
    let (hans, ann) = (world.host(), world.user("ann"));
    let invalid = || (400, "invalid_request".to_owned());
    for wrong in [
        json!({"question": ""}),
        json!({"question": "x".repeat(201)}),
        json!({"options": ["one"]}),
        json!({"options": ["one", "one"]}),
        json!({"options": "Yes"}),
        json!({"seconds": 14}),
        json!({"seconds": 3601}),
        json!({"hide_results": 1}),
        json!({"client_action_id": ""}),
        json!({"acting_for": {"user_id": ""}}),
    ] {
        assert_eq!(start(&hans, &wrong).await.problem(), invalid(), "{wrong}");
    }
    assert_eq!(hans.call(Method::POST, "polls", Some("[]".to_owned())).await.problem(), invalid());
    let id = started(&hans, &json!({})).await;
    for body in [json!({}), json!({"option": "0"}), json!({"option": -1}), json!({"option": 10}), json!({"option": 3})]
    {
        let answer = ann.call(Method::POST, &format!("polls/{id}/vote"), Some(body.to_string())).await;
        assert_eq!(answer.problem(), invalid(), "{body}");
    }
    let not_found = || (404, "not_found".to_owned());
    for id in [10_002, 20_001, 1, 9_999_999_999] {
        assert_eq!(vote(&ann, id, 0).await.problem(), not_found(), "{id}");
        assert_eq!(close(&hans, id).await.problem(), not_found(), "{id}");
    }
    let named = ann.call(Method::POST, "polls/first/vote", Some(json!({"option": 0}).to_string())).await;
    assert_eq!(named.problem(), invalid());
    assert_eq!(votes(&read(&ann, id).await), [Some(0); 3], "nothing of that counts");
}

#[tokio::test]
async fn a_fourth_open_poll_is_a_conflict() {
    let world = World::start().await;
    let hans = world.host();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(started(&hans, &json!({})).await);
    }
    assert_eq!(start(&hans, &json!({})).await.problem(), (409, "conflict".to_owned()));
    close(&hans, ids[1]).await.ok();
    assert_eq!(started(&hans, &json!({})).await, 10_004);
}

#[tokio::test]
async fn who_may_not_react_votes_nowhere_and_who_may_not_announce_starts_nothing() {
    let world = World::start().await;
    let (hans, mona, ann) = (world.host(), world.moderator(), world.user("ann"));
    let forbidden = || (403, "forbidden".to_owned());
    assert_eq!(start(&ann, &json!({})).await.problem(), forbidden());
    let id = started(&mona, &json!({})).await;
    assert_eq!(close(&ann, id).await.problem(), forbidden());
    let watcher = Claims { sub: "wim".to_owned(), capabilities: vec!["read".to_owned()], ..Claims::default() };
    let watcher = world.user_with(watcher);
    assert_eq!(vote(&watcher, id, 0).await.problem(), forbidden());
    assert_eq!(read(&watcher, id).await["state"], "open");
    let elsewhere = Claims { sub: "eve".to_owned(), sessions: vec!["stage".to_owned()], ..Claims::default() };
    assert_eq!(vote(&world.user_with(elsewhere), id, 0).await.problem(), forbidden());

    vote(&ann, id, 0).await.ok();
    for (action, code) in [("timeout", "timed_out"), ("ban", "banned")] {
        let act = json!({"action": action, "user_id": "ann", "seconds": 60}).to_string();
        hans.call(Method::POST, "moderation/actions", Some(act)).await.ok();
        assert_eq!(vote(&ann, id, 1).await.problem(), (403, code.to_owned()));
    }
    assert_eq!(votes(&read(&hans, id).await), [Some(1), Some(0), Some(0)], "a vote from before stands");
    let act = json!({"action": "ban", "user_id": "mona"}).to_string();
    hans.call(Method::POST, "moderation/actions", Some(act)).await.ok();
    assert_eq!(start(&mona, &json!({})).await.problem(), (403, "banned".to_owned()));
    assert_eq!(close(&mona, id).await.problem(), (403, "banned".to_owned()));
}
