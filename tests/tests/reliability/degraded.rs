//! Graceful degradation: the chat gets slower or reports that it is unavailable, loses no messages, and recovers by itself.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use gateway::EngineMode;
use jiff::Timestamp;
use serde_json::json;
use shared::features::sockets::store_subscribers::Slice;
use tests::proxy::{Fate, Proxy};
use tests::trial::Trial;
use tests::trial::profile::Profile;
use tests::trial::report::Report;
use tests::world::World;

async fn world_behind_a_proxy() -> (World, Proxy) {
    let proxy = Proxy::start().await;
    let url = proxy.url();
    let settings = [("AWS_ENDPOINT_URL_DYNAMODB", url.as_str())];
    let world = World::start_on(EngineMode::InProcess, Timestamp::now(), &settings, |_| {}).await;
    proxy.lead_to_tables_of(&world.gateway);
    (world, proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_fifth_of_dynamodbs_calls_failing_nothing_is_lost() {
    let mut report = Report::default();
    for seed in 0..4 {
        report.add(&Trial { profile: Profile::AFifthFails, ..Trial::short(seed) }.run().await);
    }
    println!("{report}");
    assert!(report.is_good(), "{report}");
    assert!(report.faults() > 100 && report.acknowledged() > 20, "the runs did too little:\n{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_dynamodb_is_down_clients_are_told_so_and_sockets_stay_and_then_all_is_well_again() {
    let (world, proxy) = world_behind_a_proxy().await;
    let ann = world.user("ann");
    let mut listener = world.user("listener").connect().await;
    assert_eq!(listener.say("before").await["type"], "ack");
    // Messages stored when the outage begins are not broadcast: the broadcast cannot read.
    proxy.judge(|request| if request.operation == "Query" { Fate::Cut } else { Fate::Pass });
    ann.send("stored at the last moment").await.ok();
    proxy.judge(|_| Fate::Cut);
    for path in ["status", "messages", "viewers", "likes", "stats"] {
        let refused = ann.get(path).await;
        let retry_after: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(retry_after > 0, "{path}");
        assert_eq!(refused.problem(), (503, "unavailable".to_owned()), "{path}");
    }
    for refused in [ann.send("lost").await, ann.post("like").await] {
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    }
    for frame in
        [json!({"type": "message", "message": "lost"}), json!({"type": "ping"}), json!({"type": "resume", "after": 0})]
    {
        let answer = listener.ask(&frame).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("unavailable")), "{frame}");
        assert!(answer["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0), "{answer}");
    }
    assert_eq!(ann.try_to_connect("1").await.err(), Some(503));
    proxy.judge(|_| Fate::Pass);
    // Without housekeep and without reconnecting, the same socket gets the stored messages, and everything works.
    listener.until_messages(2).await;
    assert_eq!(listener.say("after").await["type"], "ack");
    listener.until_messages(3).await;
    let texts: Vec<_> = listener.messages().map(|message| message["message"].clone()).collect();
    assert_eq!(texts, ["before", "stored at the last moment", "after"]);
    assert_eq!(ann.post("like").await.ok()["total_likes"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_handled_is_parked_and_the_room_goes_on() {
    let world = World::start_on(EngineMode::InProcess, Timestamp::now(), &[], |_| {}).await;
    let ann = world.user("ann");
    let mut listener = world.user("listener").connect().await;
    ann.send("before").await.ok();
    listener.until_messages(1).await;
    // A message of a session that does not exist: its first number can never be settled.
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let poison = world
        .dynamodb()
        .put_item()
        .table_name("live-chat-chat")
        .item("pk", text("messages#77"))
        .item("sk", text("00000002"));
    poison.send().await.expect("a row");
    ann.send("behind it").await.ok();
    let (file, began) = (world.gateway.folder().join("dead_letters.jsonl"), Instant::now());
    // The stream gives a record up after at most a minute. If the record is a batch of its own, all others wait that long.
    while !file.exists() && began.elapsed() < Duration::from_secs(90) {
        let _woken = tokio::time::timeout(Duration::from_millis(200), listener.wait_for("nothing", |_| false)).await;
    }
    let letters = std::fs::read_to_string(&file).expect("a dead letter");
    let letters: Vec<serde_json::Value> =
        letters.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&letters[0]["function"], &letters[0]["batchSize"]), (&json!("broadcast"), &json!(1)));
    // Records that have waited behind it for as long are too old as well. Their changes are sent by now, or by the next wake-up.
    assert!(letters.len() <= 2, "{letters:?}");
    ann.send("and on").await.ok();
    listener.until_messages(3).await;
    assert_eq!(listener.seqs(), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_of_which_a_twentieth_is_dead_or_stuck_delivers_to_the_others_in_time() {
    let (world, proxy) = World::behind_a_proxy(EngineMode::InProcess, &[]).await;
    let mut sockets = Vec::new();
    for user in 0..40 {
        sockets.push(world.user(&format!("user{user}")).connect().await);
    }
    // The first two sockets that are posted to from now on: one is dead, one accepts no frames.
    let mut bad: Vec<String> = Vec::new();
    proxy.judge(move |request| {
        if request.operation != "POST" {
            return Fate::Pass;
        }
        if bad.len() < 2 && !bad.contains(&request.path) {
            bad.push(request.path.clone());
        }
        match bad.iter().position(|path| *path == request.path) {
            Some(0) => Fate::Answer(410, String::new()),
            Some(_) => Fate::Answer(429, String::new()),
            None => Fate::Pass,
        }
    });
    for number in 1..=5 {
        let began = Instant::now();
        world.user("ann").send(&format!("message {number}")).await.ok();
        let all = sockets.iter_mut().map(|socket| socket.hears(|event| event["message"]["seq"] == number));
        let mut all: FuturesUnordered<_> = all.collect();
        let mut heard = 0;
        let enough = async {
            while heard < 38 {
                let Some(one) = all.next().await else { break };
                heard += u32::from(one);
            }
        };
        let _took_too_long = tokio::time::timeout(Duration::from_secs(5).saturating_sub(began.elapsed()), enough).await;
        assert!(heard >= 38, "only {heard} of 40 heard message {number} within 5 s");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_behind_for_long_hears_of_what_was_deleted_and_liked_meanwhile() {
    let (world, proxy) = World::behind_a_proxy(EngineMode::InProcess, &[]).await;
    let (paths, seen) = std::sync::mpsc::channel();
    proxy.judge(move |request| {
        let _test_is_over = paths.send(request.path.clone());
        Fate::Pass
    });
    let ann = world.user("ann");
    let mut listener = ann.connect().await;
    listener.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    let of_the_listener = seen.recv().unwrap();
    let mut stuck = world.user("stuck").connect().await;
    for (i, text) in ["to be deleted", "to be liked"].into_iter().enumerate() {
        ann.send(text).await.ok();
        listener.until_messages(i + 1).await;
        stuck.until_messages(i + 1).await;
    }
    // From now on, the other socket accepts no frames, until the broadcast that serves it has ended and written its own wake-up.
    let (asked, asking) = std::sync::mpsc::channel();
    proxy.judge(move |request| {
        if request.path == of_the_listener || request.operation != "POST" {
            return Fate::Pass;
        }
        let _test_is_over = asked.send(());
        Fate::Answer(429, String::new())
    });
    ann.delete("messages/100000001").await.ok();
    ann.post("like-message/100000002").await.ok();
    listener.next("message_deleted").await;
    listener.next("message_like_update").await;
    let store = world.store();
    tests::within("the note of what it missed", async {
        loop {
            let subscribers = store.subscribers(1, Slice::ALL).await.unwrap();
            if subscribers.iter().any(|subscriber| subscriber.missed_changes.len() == 2) {
                break;
            }
            // Each refused post is an event to wait for.
            tokio::task::block_in_place(|| asking.recv().unwrap());
        }
    })
    .await;
    proxy.judge(|_| Fate::Pass);
    assert_eq!(stuck.next("message_deleted").await["message_id"], 100_000_001);
    let liked = stuck.wait_for("the like", |event| event["type"] == "message_like_update").await;
    assert_eq!((&liked["message_id"], &liked["likes"]), (&100_000_002.into(), &1.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twentieth_of_a_room_whose_posts_hang_delays_nobody_and_gets_everything_once() {
    let (world, mut proxy) = World::behind_a_proxy(EngineMode::InProcess, &[]).await;
    let mut sockets = Vec::new();
    for user in 0..40 {
        sockets.push(world.user(&format!("user{user}")).connect().await);
    }
    sockets[0].wait_for("everybody", |event| event["viewer_count"] == 40).await;
    // The first two sockets that are posted to from now on do not respond.
    let mut hanging: Vec<String> = Vec::new();
    proxy.judge(move |request| {
        if request.operation == "POST" && hanging.len() < 2 && !hanging.contains(&request.path) {
            hanging.push(request.path.clone());
        }
        if hanging.contains(&request.path) { Fate::Hold } else { Fate::Pass }
    });
    let began = Instant::now();
    for number in 1..=2 {
        let began = Instant::now();
        world.user("ann").send(&format!("message {number}")).await.ok();
        let mut all: FuturesUnordered<_> =
            sockets.iter_mut().map(|socket| socket.hears(|event| event["message"]["seq"] == number)).collect();
        for _ in 0..38 {
            let heard = tests::within("a socket that does not hang", all.next()).await;
            assert_eq!(heard, Some(true));
        }
        assert!(began.elapsed() < Duration::from_millis(2_500), "message {number} took {:?}", began.elapsed());
    }
    proxy.judge(|_| Fate::Pass);
    let held = [proxy.next_held().await, proxy.next_held().await];
    held.into_iter().for_each(tests::proxy::Held::release);
    let in_time = began.elapsed() < Duration::from_millis(2_500);
    for socket in &mut sockets {
        socket.until_messages(2).await;
        let mut seqs = socket.seqs();
        if !in_time {
            // A post without a response for three seconds counts as lost: on a machine that slow, it is sent again.
            seqs.dedup();
        }
        assert_eq!(seqs, [1, 2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_may_post_nothing_counts_as_told_and_all_is_told_afterwards() {
    let (world, proxy) = World::behind_a_proxy(EngineMode::InProcess, &[]).await;
    let ann = world.user("ann");
    let mut listener = ann.connect().await;
    listener.wait_for("oneself", |event| event["viewer_count"] == 1).await;
    let (asked, mut asking) = tokio::sync::mpsc::unbounded_channel();
    proxy.judge(move |request| {
        let _test_is_over = asked.send(request.operation.clone());
        Fate::Answer(403, r#"{"message": "Forbidden"}"#.to_owned())
    });
    let mut until_asked_for = async |operation: &str| {
        let asked = async { while asking.recv().await.is_some_and(|asked| asked != operation) {} };
        tests::within(operation, asked).await;
    };
    ann.send("one").await.ok();
    until_asked_for("POST").await;
    // A socket that accepts no frames for this long is to be closed, and closing fails as well.
    world.pass(11);
    until_asked_for("DELETE").await;
    ann.send("two").await.ok();
    let store = world.store();
    tests::within("the cursor", async { while store.cursor(1).await.unwrap().seq < 2 {} }).await;
    // Closing goes on failing: a socket whose last post was refused just before is closed by what follows, and would resume.
    proxy.judge(|request| match request.operation.as_str() {
        "DELETE" => Fate::Answer(403, r#"{"message": "Forbidden"}"#.to_owned()),
        _ => Fate::Pass,
    });
    world.housekeep().await;
    listener.until_messages(2).await;
    assert_eq!(listener.seqs(), [1, 2]);
}
