//! Holds and decisions beside acts and other decisions, crashes and lost answers.

use serde_json::json;
use shared::domain::moderation::held_id::HeldId;
use tests::proxy::{Fate, ProxiedRequest};

use super::super::behind_a_proxy;
use super::{act, approve, chat, deny, hold_by, moderator, texts, try_to_hold, waiting};

const REFUSAL: &str = r#"{"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "no"}"#;

/// Whether a request is the transaction that holds a message.
fn holds(request: &ProxiedRequest) -> bool {
    request.operation == "TransactWriteItems" && request.body.contains("size(ids)")
}

/// Whether a request is the transaction that decides by this act.
fn decides(request: &ProxiedRequest, action: &str) -> bool {
    let is_decision = request.operation == "TransactWriteItems" && request.body.contains("resolved#1");
    is_decision && request.body.contains(&format!(r#"{{"S":"{action}"}}"#))
}

#[tokio::test]
async fn nothing_is_held_after_a_ban_was_acknowledged_though_its_standing_was_read_before() {
    let (world, mut proxy) = behind_a_proxy().await;
    let mona = moderator(&world);
    mona.get("status").await.ok();
    let chat = world.chat(&proxy.url());
    proxy.judge(|request| if holds(request) { Fate::Hold } else { Fate::Pass });
    let (held, ()) = tokio::join!(try_to_hold(&chat, "bob", "meanwhile", Some("key")), async {
        let under_way = proxy.next_held().await;
        act(&mona, &json!({"action": "ban", "user_id": "bob"})).await.ok();
        proxy.judge(|_| Fate::Pass);
        under_way.release();
    });
    assert_eq!(held.expect_err("a refusal").code(), "banned");
    assert!(waiting(&mona).await.is_empty());
    let again = world.user("bob").send_as("meanwhile", "key").await;
    assert_eq!(again.problem(), (403, "banned".to_owned()), "nothing was stored under the key");
}

#[tokio::test]
async fn a_send_under_way_is_held_if_everything_is_reviewed_before_it_takes_a_number() {
    let (world, mut proxy) = behind_a_proxy().await;
    let (mona, bob) = (moderator(&world), world.user("bob"));
    bob.send("before").await.ok();
    proxy.judge(|request| {
        if request.operation == "UpdateItem" && request.body.contains("seq + :one") { Fate::Hold } else { Fate::Pass }
    });
    let body = json!({"action": "set_modes", "modes": {"review_all": true}});
    let (sent, ()) = tokio::join!(bob.send_as("meanwhile", "key"), async {
        let under_way = proxy.next_held().await;
        proxy.judge(|_| Fate::Pass);
        act(&mona, &body).await.ok();
        under_way.release();
    });
    assert_eq!((sent.status, &sent.json["status"]), (202, &json!("held")), "{}", sent.text);
    assert_eq!((waiting(&mona).await, texts(&world).await), (vec!["meanwhile".to_owned()], vec!["before".to_owned()]));
}

#[tokio::test]
async fn nothing_is_approved_after_a_ban_was_acknowledged() {
    let (world, mut proxy) = behind_a_proxy().await;
    let (chat, mona, ann) = (chat(&world).await, moderator(&world), world.user("ann"));
    let mut of_ann = ann.connect().await;
    // A timeout leaves the message waiting, so that only the condition on the standing keeps it from being stored.
    for (action, expected) in [
        (json!({"action": "timeout", "user_id": "bob", "seconds": 60}), "timed out"),
        (json!({"action": "ban", "user_id": "bob"}), "denied"),
    ] {
        let id = hold_by(&chat, "bob", "look at this", None).await;
        proxy.judge(|request| if decides(request, "approve") { Fate::Hold } else { Fate::Pass });
        let body = approve(&id);
        let (approval, ()) = tokio::join!(act(&mona, &body), async {
            let under_way = proxy.next_held().await;
            act(&moderator(&world), &action).await.ok();
            proxy.judge(|_| Fate::Pass);
            under_way.release();
        });
        assert!(approval.json["detail"].as_str().expect("a sentence").contains(expected), "{}", approval.text);
        assert_eq!(approval.problem(), (409, "conflict".to_owned()));
        act(&mona, &json!({"action": "lift", "user_id": "bob"})).await.ok();
    }
    // The numbers are settled, so nobody waits for them.
    let sent = ann.send("next").await.ok()["message_id"].as_u64().expect("an id") % 100_000_000;
    of_ann.message(sent).await;
    assert_eq!(
        (texts(&world).await, ann.get("stats").await.ok()["total_messages"].clone()),
        (vec!["next".to_owned()], json!(1))
    );
}

#[tokio::test]
async fn of_two_decisions_at_once_the_first_counts_and_the_second_names_it() {
    for (slow, fast) in [("approve", "deny"), ("deny", "approve"), ("approve", "approve")] {
        let (world, mut proxy) = behind_a_proxy().await;
        let (chat, mona) = (chat(&world).await, moderator(&world));
        let mut listener = world.user("listener").connect().await;
        let id = hold_by(&chat, "bob", "look at this", Some("key")).await;
        let body = |action: &str| json!({"action": action, "held_id": id});
        let mut is_first = true;
        proxy.judge(move |request| {
            let waits = decides(request, slow) && std::mem::replace(&mut is_first, false);
            if waits { Fate::Hold } else { Fate::Pass }
        });
        let (slow_body, fast_body) = (body(slow), body(fast));
        let (second, first) = tokio::join!(act(&mona, &slow_body), async {
            let under_way = proxy.next_held().await;
            let first = act(&mona, &fast_body).await.ok();
            under_way.release();
            first
        });
        let detail = second.json["detail"].as_str().expect("a sentence").to_owned();
        assert!(detail.contains(first["id"].as_str().expect("an id")), "{slow} after {fast}: {detail}");
        assert_eq!(second.problem(), (409, "conflict".to_owned()));
        world.user("ann").send("next").await.ok();
        listener.wait_for("the next message", |event| event["message"]["message"] == "next").await;
        let count = usize::from(fast == "approve");
        assert_eq!(texts(&world).await.iter().filter(|text| *text == "look at this").count(), count);
        let decisions = mona.get("moderation/actions?user_id=bob").await.ok();
        assert_eq!(decisions["actions"], json!([first]));
    }
}

#[tokio::test]
async fn a_crash_after_the_number_leaves_a_void_and_the_message_waits_on() {
    let (world, proxy) = behind_a_proxy().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let mut listener = world.user("listener").connect().await;
    let id = hold_by(&chat, "bob", "look at this", None).await;
    proxy.judge(|request| if decides(request, "approve") { Fate::Answer(400, REFUSAL.to_owned()) } else { Fate::Pass });
    assert_eq!(act(&mona, &approve(&id)).await.problem(), (503, "unavailable".to_owned()));
    proxy.judge(|_| Fate::Pass);
    assert_eq!(waiting(&mona).await, ["look at this"]);
    world.user("ann").send("next").await.ok();
    listener.message(2).await;
    act(&mona, &approve(&id)).await.ok();
    listener.message(3).await;
    let stats = world.user("ann").get("stats").await.ok();
    assert_eq!(
        (texts(&world).await, &stats["total_messages"]),
        (vec!["next".to_owned(), "look at this".to_owned()], &json!(2))
    );
}

#[tokio::test]
async fn a_number_that_became_void_is_replaced() {
    let (world, mut proxy) = behind_a_proxy().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let mut listener = world.user("listener").connect().await;
    let id = hold_by(&chat, "bob", "look at this", None).await;
    proxy.judge(|request| if decides(request, "approve") { Fate::Hold } else { Fate::Pass });
    let body = approve(&id);
    let (approval, ()) = tokio::join!(act(&mona, &body), async {
        let under_way = proxy.next_held().await;
        // The broadcast does not wait for number 1.
        world.user("ann").send("next").await.ok();
        listener.message(2).await;
        proxy.judge(|_| Fate::Pass);
        under_way.release();
    });
    assert_eq!(approval.ok()["target"]["message_ids"], json!([100_000_003]));
    listener.message(3).await;
    assert_eq!(texts(&world).await, ["next", "look at this"]);
}

#[tokio::test]
async fn lost_answers_hold_once_and_decide_once() {
    let (world, proxy) = behind_a_proxy().await;
    let mona = moderator(&world);
    mona.get("status").await.ok();
    let (chat, mut of_mona) = (world.chat(&proxy.url()), mona.connect().await);
    let mut cut = std::collections::BTreeSet::new();
    proxy.judge(move |request| {
        let kind =
            [("hold", holds(request)), ("approve", decides(request, "approve")), ("deny", decides(request, "deny"))];
        let is_first = kind.into_iter().any(|(kind, is)| is && cut.insert(kind));
        if is_first { Fate::CutAfter } else { Fate::Pass }
    });
    let first = hold_by(&chat, "bob", "one", Some("key")).await;
    let second = hold_by(&chat, "bob", "two", None).await;
    act(&mona, &approve(&first)).await.ok();
    act(&mona, &deny(&second)).await.ok();
    of_mona
        .wait_for("the last decision", |event| event["type"] == "held_resolved" && event["held_id"] == json!(second))
        .await;
    assert_eq!(of_mona.kinds().filter(|kind| *kind == "message_held").count(), 2);
    assert_eq!(of_mona.kinds().filter(|kind| *kind == "held_resolved").count(), 2);
    assert_eq!((waiting(&mona).await.len(), texts(&world).await), (0, vec!["one".to_owned()]));
}

#[tokio::test]
async fn an_act_whose_denials_fail_is_finished_by_its_repeat() {
    let (world, proxy) = behind_a_proxy().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let ids: Vec<HeldId> = vec![hold_by(&chat, "bob", "one", None).await, hold_by(&chat, "bob", "two", None).await];
    proxy.judge(|request| if decides(request, "deny") { Fate::Answer(400, REFUSAL.to_owned()) } else { Fate::Pass });
    let body = json!({"action": "ban", "user_id": "bob", "client_action_id": "k"});
    assert_eq!(act(&mona, &body).await.problem(), (503, "unavailable".to_owned()));
    assert_eq!(
        act(&mona, &approve(&ids[0])).await.problem(),
        (409, "conflict".to_owned()),
        "the author is banned already"
    );
    proxy.judge(|_| Fate::Pass);
    act(&mona, &body).await.ok();
    assert!(waiting(&mona).await.is_empty());
}

#[tokio::test]
async fn what_is_approved_while_a_purge_runs_is_covered_or_denied() {
    let (world, mut proxy) = behind_a_proxy().await;
    let (chat, mona) = (chat(&world).await, moderator(&world));
    let id = hold_by(&chat, "bob", "look at this", None).await;
    // The purge has its entry, and nothing else yet.
    proxy.judge(|request| {
        let waits = request.operation == "GetItem" && request.body.contains("waiting#bob");
        if waits { Fate::Hold } else { Fate::Pass }
    });
    let body = json!({"action": "purge", "user_id": "bob"});
    let (purge, approval) = tokio::join!(act(&mona, &body), async {
        let under_way = proxy.next_held().await;
        proxy.judge(|_| Fate::Pass);
        let approval = act(&moderator(&world), &approve(&id)).await;
        under_way.release();
        approval
    });
    (purge.ok(), approval.ok());
    assert!(texts(&world).await.is_empty());
}
