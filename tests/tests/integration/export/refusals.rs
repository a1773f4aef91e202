//! Who exports, and what is refused.

use gateway::token::Claims;
use serde_json::json;
use tests::world::World;

use super::{act, next, page, say};

#[tokio::test]
async fn hosts_export_the_sessions_within_their_reach_unless_a_sanction_suspends_that() {
    let world = World::start().await;
    say(&world, &world.user("ann"), "hi").await;
    for user in [world.user("ann"), world.moderator()] {
        assert_eq!(user.get("sessions/1/export").await.problem(), (403, "forbidden".to_owned()));
    }
    let limited = |session: &str| {
        let (roles, sessions) = (vec!["host".to_owned()], vec![session.to_owned()]);
        world.user_with(Claims { sub: "helga".to_owned(), roles, sessions, ..Claims::default() })
    };
    assert_eq!(limited("stage").get("sessions/1/export").await.problem(), (403, "forbidden".to_owned()));
    for session in ["1", "main"] {
        page(&limited(session), "").await;
    }
    let hans = world.user_as("hans", "host");
    for id in ["2", "0", "x", "90071992"] {
        assert_eq!(hans.get(&format!("sessions/{id}/export")).await.problem(), (404, "not_found".to_owned()), "{id}");
    }
    // With the capability alone, she ranks as a moderator.
    let (sub, capabilities) = ("mary".to_owned(), vec!["manage".to_owned()]);
    let mary = world.user_with(Claims { sub, capabilities, ..Claims::default() });
    page(&mary, "").await;
    act(&hans, json!({"action": "timeout", "user_id": "mary", "seconds": 60})).await;
    assert_eq!(mary.get("sessions/1/export").await.problem(), (403, "timed_out".to_owned()));
}

#[tokio::test]
async fn a_parameter_that_cannot_be_meant_is_refused() {
    let world = World::start().await;
    say(&world, &world.user("ann"), "hi").await;
    let hans = world.user_as("hans", "host");
    for query in [
        "format=xml",
        "after=x",
        "after=-1",
        "next=x",
        "next=",
        "include_deleted=maybe",
        "format=vtt&include_deleted=true",
        "format=vtt&start=soon",
        "start=0",
        "user_id=",
        "after=1&next=1.0",
    ] {
        let answer = hans.get(&format!("sessions/1/export?{query}")).await;
        assert_eq!(answer.problem(), (400, "invalid_request".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_forged_link_gets_no_more_than_its_client_may_read() {
    let world = World::start().await;
    say(&world, &world.user("ann"), "hi").await;
    let hans = world.user_as("hans", "host");
    let forged = "1.0.00000000000000000000000000.4294967295.99999999.99999999.0.";
    let state = "zzzz";
    assert_eq!(hans.get(&format!("sessions/1/export?next={forged}{state}")).await.problem().0, 400);
    assert!(next(&page(&hans, "").await).is_none());
}
