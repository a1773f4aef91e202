//! What an erasure takes, what it leaves, and what holds meanwhile.

use std::collections::BTreeSet;

use serde_json::json;
use tests::process::Process;
use tests::proxy::Fate;

use super::*;

/// Everything that anybody may ask for.
async fn all_answers(world: &World) -> String {
    let (hans, ann) = (world.host(), world.user("ann"));
    let mut all = String::new();
    for path in [
        "status",
        "messages?limit=100",
        "messages?after=100000000&limit=100",
        "viewers",
        "likes",
        "stats",
        "sessions",
        "sessions/1",
        "questions",
        "polls",
        "draws",
        "draws/10001/entrants",
    ] {
        all += &ann.get(path).await.text;
    }
    for path in [
        "moderation/actions",
        "moderation/held",
        "moderation/users?name=qu",
        "moderation/presets",
        "moderation/reports",
        "moderation/sanctions",
        "moderation/sanctions?active=false",
        "moderation/terms",
        "sessions/1/export?include_deleted=true",
        "sessions/1/export?format=csv&include_deleted=true",
        "sessions/1/export?format=vtt",
        "sessions/2/export?include_deleted=true",
    ] {
        let answer = hans.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        all += &answer.text;
    }
    for seq in 1..20 {
        all += &hans.get(&format!("moderation/messages/{}", 100_000_000 + seq)).await.text;
    }
    let mut socket = world.user("late").connect().await;
    all += &socket.ask(&json!({"type": "resume", "after": 0})).await.to_string();
    all
}

#[tokio::test]
async fn after_an_erasure_no_table_and_no_answer_has_a_byte_of_the_user() {
    let (world, _proxy, permissions) = permitted_world().await;
    let (user, hans) = (xerxes(&world), world.host());
    let mut watching = world.user("ann").connect().await;
    let mine = a_life(&world, &user).await;
    let stage = json!({"name": "Stage", "room": "stage"}).to_string();
    let second = hans.call(Method::POST, "sessions", Some(stage)).await.json["session"]["id"].as_u64().expect("an id");
    let there = json!({"message": "zanzibar on stage"}).to_string();
    world.pass(6);
    user.call(Method::POST, "send-message?room=stage", Some(there)).await.ok();
    hans.call(Method::POST, &format!("sessions/{second}/end"), Some("{}".to_owned())).await.ok();
    assert!(rows_that_name(&world).await.len() > 30, "there is something to erase");

    let likes = world.user("ann").get("likes").await.ok()["total_likes"].as_u64().expect("a number");
    let answer = act(&hans, &json!({"action": "erase", "user_id": ID, "reason": "as zanzibar asked"})).await.ok();
    assert_eq!((&answer["action"], &answer["target"]["user_id"]), (&json!("erase"), &json!(ID)));
    until_erased(&world).await;
    watching.wait_for("the deletion", |event| event["type"] == "message_deleted" && event["message_id"] == mine).await;
    world.until_the_outbox_is_empty().await;
    // Tickets and the like go by their own time.
    world.pass(120);
    world.housekeep().await;
    let left = rows_that_name(&world).await;
    assert!(left.is_empty(), "{left:#?}");
    let answers = all_answers(&world).await;
    for trace in TRACES {
        let at = answers.find(trace).map(|at| answers[at.saturating_sub(200)..].chars().take(400).collect::<String>());
        assert_eq!(at, None, "{trace}");
    }

    // The log keeps its entries, under a name that leads nowhere, and tells of the erasure.
    let log = hans.get("moderation/actions?limit=100").await.ok();
    let entries = log["actions"].as_array().expect("entries");
    let of = |action: &str| entries.iter().find(|entry| entry["action"] == action).expect("an entry");
    assert_eq!(of("note")["target"], json!({"user_id": null}));
    assert_eq!((&of("erased")["changes"]["sessions"], &of("erased")["actor_type"]), (&json!(2), &json!("system")));
    assert!(of("erased")["changes"]["messages"].as_u64().is_some_and(|messages| messages >= 7), "{}", of("erased"));
    assert_eq!(world.user("ann").get("likes").await.ok()["total_likes"], likes - 1);
    // An open poll counts the vote no more, a result stays; the place of a winner stays, and who that was is gone.
    let polls = hans.get("polls").await.ok();
    let votes = |poll: usize| polls["polls"][poll]["total_votes"].clone();
    assert_eq!((votes(0), votes(1)), (json!(0), json!(1)), "{polls}");
    let draws = hans.get("draws").await.ok();
    let revealed = draws["draws"].as_array().expect("draws").iter().find(|draw| draw["state"] == "revealed");
    assert_eq!(revealed.expect("a draw")["winners"], json!([null]), "{draws}");
    // What others wrote stands, without the mention.
    let page = world.user("ann").get("messages?limit=100").await.ok();
    let said: BTreeSet<&str> =
        page["messages"].as_array().expect("messages").iter().filter_map(|one| one["message"].as_str()).collect();
    assert_eq!(said, BTreeSet::from(["hello", "you", "you too", "and again"]));
    let quote = page["messages"].as_array().expect("messages").iter().find(|one| one["message"] == "you too");
    let quote = quote.expect("it stands");
    assert_eq!((&quote["mentions"], &quote["reply_to"]["username"]), (&json!(["hans"]), &Value::Null));
    // Nothing brings it back.
    let deletion = of("delete")["id"].clone();
    assert_ne!(act(&hans, &json!({"action": "restore", "action_id": deletion})).await.status, 200);
    // The user begins anew.
    xerxes(&world).send("zanzibar once more").await.ok();
    assert_eq!(permissions.refused(), Vec::<String>::new(), "the template grants all of it");
}

#[tokio::test]
async fn a_ban_outlives_the_erasure_of_its_user_until_it_is_lifted() {
    let (world, _proxy, permissions) = permitted_world().await;
    let (user, hans) = (xerxes(&world), world.host());
    user.send("zanzibar").await.ok();
    act(&hans, &json!({"action": "ban", "user_id": ID, "explanation": "Quirinus, go"})).await.ok();
    act(&hans, &json!({"action": "erase", "user_id": ID})).await.ok();
    // A warm function that knows of no hash refuses the user all the while.
    for _ in 0..8 {
        world.housekeep().await;
        assert_eq!(user.send("zanzibar").await.problem(), (403, "banned".to_owned()));
        assert_eq!(user.try_to_connect("1").await.err(), Some(403));
        world.pass(150);
    }
    until_erased(&world).await;
    world.pass(120);
    let left = rows_that_name(&world).await;
    assert!(left.is_empty(), "{left:#?}");
    let refused = user.send("zanzibar").await;
    assert_eq!((refused.status, &refused.json["standing"]["explanation"]), (403, &Value::Null), "{}", refused.text);
    act(&hans, &json!({"action": "lift", "user_id": ID})).await.ok();
    user.send("hello again").await.ok();
    // Long after the row of the lift is gone, too.
    world.pass(3 * 24 * 3600);
    user.send("and again").await.ok();
    assert_eq!(permissions.refused(), Vec::<String>::new(), "the template grants all of it");
}

#[tokio::test]
async fn a_ban_that_is_lifted_while_its_user_is_erased_does_not_come_back() {
    let world = World::start().await;
    let (user, hans) = (xerxes(&world), world.host());
    user.send("zanzibar").await.ok();
    act(&hans, &json!({"action": "ban", "user_id": ID})).await.ok();
    act(&hans, &json!({"action": "erase", "user_id": ID})).await.ok();
    // Until the ban is kept beside the row of the user, for a while.
    for _ in 0..3 {
        world.housekeep().await;
    }
    assert_eq!(user.send("zanzibar").await.problem(), (403, "banned".to_owned()));
    act(&hans, &json!({"action": "lift", "user_id": ID})).await.ok();
    until_erased(&world).await;
    user.send("hello again").await.ok();
    world.pass(3600);
    user.send("and again").await.ok();
}

#[tokio::test]
async fn what_staff_purge_after_the_act_stays_purged() {
    let world = World::start().await;
    let (user, hans) = (xerxes(&world), world.host());
    user.send("zanzibar").await.ok();
    act(&hans, &json!({"action": "erase", "user_id": ID})).await.ok();
    world.pass(1);
    user.send("spam of another life").await.ok();
    act(&hans, &json!({"action": "purge", "user_id": ID})).await.ok();
    until_erased(&world).await;
    let page = world.user("ann").get("messages").await.ok();
    assert_eq!(page["messages"], json!([]), "{page}");
}

#[tokio::test]
async fn only_hosts_of_all_sessions_erase_and_nobody_of_their_rank() {
    let world = World::start().await;
    let erase = |user_id: &str| json!({"action": "erase", "user_id": user_id});
    let refused = act(&world.moderator(), &erase(ID)).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    let (sub, roles, sessions) = ("hera".to_owned(), vec!["host".to_owned()], vec!["1".into()]);
    let limited = world.user_with(Claims { sub, roles, sessions, ..Claims::default() });
    assert_eq!(act(&limited, &erase(ID)).await.problem(), (403, "forbidden".to_owned()));
    let hans = world.host();
    assert_eq!(act(&hans, &erase("hans")).await.status, 403);
    let _socket = world.user_as("hera", "host").connect().await;
    assert_eq!(act(&hans, &erase("hera")).await.status, 403);
    assert_eq!(act(&hans, &json!({"action": "erase"})).await.status, 400);
    // Under a key, it happens once.
    let body = json!({"action": "erase", "user_id": ID, "client_action_id": "case 7"});
    let (first, again) = (act(&hans, &body).await.ok(), act(&hans, &body).await.ok());
    assert_eq!(first["id"], again["id"]);
    assert_eq!(world.store().erasures().await.expect("the table answers").len(), 1);
}

#[tokio::test]
async fn a_crash_at_any_write_of_an_erasure_is_made_good_by_the_next_run() {
    let (world, proxy, permissions) = permitted_world().await;
    let (user, hans) = (xerxes(&world), world.host());
    a_life(&world, &user).await;
    world.pass(6);
    act(&hans, &json!({"action": "ban", "user_id": ID})).await.ok();
    act(&hans, &json!({"action": "erase", "user_id": ID})).await.ok();
    world.until_the_outbox_is_empty().await;
    // Each run fails at a later write than the one before: nothing after it reaches the table.
    let mut failed = 0;
    for nth in 0.. {
        let (mut writes, judging) = (0, permissions.clone());
        proxy.judge(move |request| {
            let is_write = !["Query", "GetItem"].contains(&request.operation.as_str());
            writes += usize::from(is_write);
            if is_write && writes > nth * 3 { Fate::denied() } else { judging.judge(request) }
        });
        world.housekeep().await;
        let before = world.store().erasures().await.expect("the table answers").len();
        if before == 0 {
            break;
        }
        failed += 1;
        world.pass(61);
        assert!(nth < 200, "the erasure does not end");
    }
    assert!(failed > 5, "it failed {failed} times");
    until_erased(&world).await;
    world.pass(120);
    world.housekeep().await;
    let left = rows_that_name(&world).await;
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(user.send("zanzibar").await.problem(), (403, "banned".to_owned()));
    assert_eq!(permissions.refused(), Vec::<String>::new(), "the template grants all of it");
}

#[tokio::test]
async fn after_kill_9_the_erasure_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Process::start(folder.path(), &[]).await;
    gateway.user(ID).send("zanzibar").await.ok();
    act(&gateway.user_as("hans", "host"), &json!({"action": "erase", "user_id": ID})).await.ok();
    gateway.kill_9().await;
    let gateway = Process::start(folder.path(), &[]).await;
    let hans = gateway.user_as("hans", "host");
    tests::within("the end of the erasure", async {
        while hans.get("moderation/actions?action=erased").await.ok()["actions"] == json!([]) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(hans.get("messages").await.ok()["messages"], json!([]));
    assert_eq!(hans.get(&format!("moderation/users/{ID}")).await.ok()["counts"]["messages"], 0);
}
