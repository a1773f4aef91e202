//! The list of sanctions.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use gateway::token::Claims;
use serde_json::{Value, json};
use tests::proxy::{Fate, Proxy};
use tests::rest::User;
use tests::world::World;

use super::{act, behind_a_proxy, host, moderator};

async fn list(reader: &User, query: &str) -> Value {
    reader.get(&format!("moderation/sanctions?{query}")).await.ok()
}

/// The users of a page with their states; `-` marks those whose sanction holds no more.
fn named(page: &Value) -> Vec<String> {
    let sanctions = page["sanctions"].as_array().expect("sanctions").iter();
    let name = |sanction: &Value| {
        let mark = if sanction["active"] == true { "" } else { "-" };
        format!(
            "{mark}{} {}",
            sanction["user_id"].as_str().expect("an id"),
            sanction["state"].as_str().expect("a state")
        )
    };
    sanctions.map(name).collect()
}

/// Acts in different milliseconds, for entries of one are in no order.
async fn act_later(world: &World, actor: &User, body: Value) -> Value {
    world.pass(1);
    act(actor, &body).await.ok()
}

#[tokio::test]
async fn those_that_hold_stand_there_newest_first_and_all_of_the_log_on_request() {
    let world = World::start().await;
    let (mona, hans, bob) = (moderator(&world), host(&world), world.user("bob"));
    let _socket = bob.connect().await;
    let ban = json!({"action": "ban", "user_id": "bob", "session_only": true, "reason": "spam"});
    let ban = act_later(&world, &mona, ban).await;
    act_later(&world, &mona, json!({"action": "timeout", "user_id": "ann", "seconds": 600})).await;
    let longer = json!({"action": "timeout", "user_id": "ann", "seconds": 60});
    let timeout = act_later(&world, &hans, longer).await;
    act_later(&world, &mona, json!({"action": "ban", "user_id": "carl"})).await;
    act_later(&world, &mona, json!({"action": "note", "user_id": "carl", "text": "seen"})).await;
    act_later(&world, &mona, json!({"action": "ban", "user_ids": ["dan", "eve"]})).await;
    act_later(&world, &mona, json!({"action": "lift", "user_id": "carl"})).await;

    let page = list(&mona, "").await;
    let (mut newest, older) = (named(&page), ["ann timed_out", "bob banned"]);
    newest[..2].sort_unstable();
    assert_eq!(newest, [&["dan banned", "eve banned"][..], &older].concat());
    assert_eq!((&page["has_more"], &page["next_before"]), (&json!(false), &Value::Null));
    let expected = json!({"user_id": "bob", "username": "Name of bob", "state": "banned", "active": true, "scope": "session", "session_id": 1,
        "until": null, "at": ban["at"], "reference": ban["id"], "actor": {"user_id": "mona", "username": "Name of mona"}});
    assert_eq!(page["sanctions"][3], expected);
    let of_ann = &page["sanctions"][2];
    assert_eq!(
        (&of_ann["reference"], &of_ann["until"], &of_ann["scope"]),
        (&timeout["id"], &timeout["until"], &json!("all"))
    );
    assert_eq!(of_ann["actor"]["user_id"], "hans", "the second one replaced the first");

    let all = list(&mona, "active=false").await;
    let mut names = named(&all);
    names[..2].sort_unstable();
    let logged = ["dan banned", "eve banned", "-carl banned", "ann timed_out", "-ann timed_out", "bob banned"];
    assert_eq!(names, logged, "each as the log has it");
    assert_eq!(all["sanctions"][5], expected, "both lists tell the same");
    world.pass(60);
    assert_eq!(named(&list(&mona, "active=true").await)[2..], ["bob banned"], "the timeout is over");
    assert_eq!(named(&list(&mona, "active=false").await)[3], "-ann timed_out");
}

#[tokio::test]
async fn pages_follow_each_other_and_sessions_and_readers_have_their_own() {
    let world = World::start().await;
    let mona = moderator(&world);
    for nth in 0..5 {
        act_later(&world, &mona, json!({"action": "ban", "user_id": format!("user{nth}")})).await;
    }
    for kind in ["active=true", "active=false"] {
        let (mut paged, mut query) = (Vec::new(), format!("{kind}&limit=2"));
        loop {
            let page = list(&mona, &query).await;
            let names = named(&page);
            assert!(names.len() <= 2, "{page}");
            paged.extend(names);
            assert_eq!(page["has_more"], page["next_before"].is_string());
            let Some(before) = page["next_before"].as_str() else { break };
            query = format!("{kind}&limit=2&before={before}");
        }
        let expected: Vec<String> = (0..5).rev().map(|nth| format!("user{nth} banned")).collect();
        assert_eq!(paged, expected, "{kind}");
        assert_eq!(list(&mona, &format!("{kind}&session_id=1")).await["sanctions"].as_array().map(Vec::len), Some(5));
    }
    let claims = |sub: &str, sessions: &[&str], capabilities: &[&str]| Claims {
        sub: sub.to_owned(),
        sessions: sessions.iter().map(|&name| name.to_owned()).collect(),
        capabilities: capabilities.iter().map(|&name| name.to_owned()).collect(),
        ..Claims::default()
    };
    let auditor = world.user_with(claims("audra", &[], &["audit"]));
    assert_eq!(named(&list(&auditor, "").await).len(), 5);
    let limited = world.user_with(claims("lim", &["main"], &["moderate"]));
    assert_eq!(named(&list(&limited, "").await).len(), 5, "those of its session");
    let elsewhere = world.user_with(claims("else", &["backstage"], &["moderate"]));
    assert_eq!(elsewhere.get("moderation/sanctions").await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(world.user("bob").get("moderation/sanctions").await.problem(), (403, "forbidden".to_owned()));
    for query in ["limit=0", "limit=101", "before=x", "session_id=x", "active=yes"] {
        let refused = mona.get(&format!("moderation/sanctions?{query}")).await;
        assert_eq!(refused.problem(), (400, "invalid_request".to_owned()), "{query}");
    }
    act(&host(&world), &json!({"action": "timeout", "user_id": "mona", "seconds": 60})).await.ok();
    assert_eq!(mona.get("moderation/sanctions").await.problem(), (403, "timed_out".to_owned()));
}

/// The queries of one call.
async fn queries(proxy: &Proxy, call: impl Future<Output = Value>) -> (usize, Value) {
    let (seen, mut queries) = tokio::sync::mpsc::unbounded_channel();
    proxy.judge(move |request| {
        if request.operation == "Query" && request.body.contains("\"sanctions\"") {
            seen.send(()).expect("the test still listens");
        }
        Fate::Pass
    });
    let answer = call.await;
    proxy.judge(|_| Fate::Pass);
    (std::iter::from_fn(|| queries.try_recv().ok()).count(), answer)
}

#[tokio::test]
async fn a_raid_is_a_page_of_one_query_and_what_has_ended_costs_one_more() {
    let (world, proxy) = behind_a_proxy().await;
    let mona = moderator(&world);
    let users = |kind: &str, count: usize| (0..count).map(|nth| format!("{kind}{nth}")).collect::<Vec<_>>();
    act(&mona, &json!({"action": "ban", "user_ids": users("raider", 25)})).await.ok();
    let (count, page) = queries(&proxy, list(&mona, "limit=20")).await;
    assert_eq!((count, named(&page).len(), &page["has_more"]), (1, 20, &json!(true)));
    let rest = list(&mona, &format!("limit=20&before={}", page["next_before"].as_str().expect("an id"))).await;
    assert_eq!((named(&rest).len(), &rest["has_more"]), (5, &json!(false)));

    world.pass(1);
    act(&mona, &json!({"action": "timeout", "user_ids": users("noisy", 25), "seconds": 5})).await.ok();
    world.pass(5);
    let (count, page) = queries(&proxy, list(&mona, "limit=20")).await;
    assert_eq!((count, named(&page).len()), (2, 20), "those that have ended lie before them");
    assert!(named(&page).iter().all(|name| name.ends_with("banned")), "{page}");
}

#[tokio::test]
async fn a_lift_that_was_cut_off_is_finished_and_leaves_nothing_in_the_list() {
    let (world, proxy) = behind_a_proxy().await;
    let mona = moderator(&world);
    act(&mona, &json!({"action": "ban", "user_ids": ["ann", "bob"]})).await.ok();
    let lift = |user: &str| json!({"action": "lift", "user_id": user, "client_action_id": format!("lift {user}")});
    let cut = || {
        proxy.judge(|request| {
            let is_step = request.operation == "DeleteItem" && request.body.contains("\"sanctions\"");
            if is_step { Fate::denied() } else { Fate::Pass }
        });
    };
    for finish in ["repeat", "housekeep"] {
        let user = if finish == "repeat" { "ann" } else { "bob" };
        cut();
        assert_eq!(act(&mona, &lift(user)).await.problem().0, 503, "it is not in force everywhere");
        proxy.judge(|_| Fate::Pass);
        if finish == "repeat" {
            act(&mona, &lift(user)).await.ok();
        } else {
            world.pass(31);
            world.housekeep().await;
        }
        assert!(!named(&list(&mona, "").await).contains(&format!("{user} banned")), "{finish}");
    }
    assert_eq!(list(&mona, "").await["sanctions"], json!([]));
}

#[tokio::test]
async fn one_act_lifts_more_sanctions_than_a_transaction_has_room_for() {
    let world = World::start().await;
    let hans = host(&world);
    act(&hans, &json!({"action": "ban", "user_id": "bob", "session_only": true})).await.ok();
    // Nobody is banned from 120 sessions in a test: the row says so.
    let row = world.chat_row("standing#bob", "standing").await;
    let ban = row["sanctions"][0].clone();
    let reference = ban["reference"].as_str().expect("an id").to_owned();
    let bans: Vec<Value> = (0..120)
        .map(|nth| {
            let mut other = ban.clone();
            other["scope"] = json!({"session": 1000 + nth});
            other["reference"] = json!(format!("{}{nth:03}", &reference[..23]));
            other
        })
        .collect();
    let bans = [vec![ban], bans].concat();
    let put = world.dynamodb().update_item().table_name("live-chat-chat");
    let key = |name: &str| AttributeValue::S(name.to_owned());
    let put = put.key("pk", key("standing#bob")).key("sk", key("standing")).update_expression("SET sanctions = :bans");
    let bans = serde_dynamo::to_attribute_value(&bans).expect("attributes");
    put.expression_attribute_values(":bans", bans).send().await.expect("the table answers");

    act(&hans, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    world.user("bob").send("thank you").await.ok();
    assert_eq!(list(&hans, "").await["sanctions"], json!([]));
    let row: BTreeMap<String, Value> = world.chat_row("standing#bob", "standing").await;
    assert_eq!(row["sanctions"], json!([]));
}

#[tokio::test]
async fn a_timeout_by_rule_stands_there_and_names_nobody() {
    let world = World::with(&[("LIVE_CHAT_STRIKES", "2/60:600")]).await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    act(&mona, &json!({"action": "set_modes", "modes": {"unique_seconds": 600}})).await.ok();
    bob.send("again").await.ok();
    for _ in 0..2 {
        assert_eq!(bob.send("again").await.problem().1, "repeated_message");
    }
    for query in ["", "active=false"] {
        let page = list(&mona, query).await;
        assert_eq!(named(&page), ["bob timed_out"], "{query}");
        let timeout = &page["sanctions"][0];
        assert_eq!((&timeout["username"], &timeout["actor"]["user_id"]), (&json!("Name of bob"), &Value::Null));
    }
}
