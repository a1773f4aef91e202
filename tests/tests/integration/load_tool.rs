//! The load tool, against gateways whose tables show whether its figures are correct.

use clap::Parser;
use gateway::settings::{Cli, Command};
use load::{LoadArgs, LoadError, Report, TokenMaker};
use serde_json::{Value, json};
use tests::process;
use tests::proxy::Fate;
use tests::within;
use tests::world::World;

/// The tool's arguments, from a command line.
fn arguments(line: &str) -> LoadArgs {
    let words = ["gateway", "load"].into_iter().chain(line.split_whitespace());
    match Cli::try_parse_from(words).expect("a command line").command {
        Some(Command::Load(args)) => args,
        other => panic!("{other:?} is not load"),
    }
}

/// Runs the tool in a thread of its own; the gateway issues its tokens.
async fn load(world: &World, line: &str) -> Report {
    let args = arguments(&format!("--url {} {line}", world.gateway.url()));
    let maker = TokenMaker { secret: None, mint: |_, _| Err("there is no secret".to_owned()) };
    let run = tokio::task::spawn_blocking(move || load::run(&args, maker));
    within("the load tool's end", run).await.expect("no panic").expect("figures")
}

#[tokio::test]
async fn load_of_two_rooms_at_once_reaches_each_rooms_own_viewers() {
    let world = World::with(&[("LIVE_CHAT_SCHEDULE", "manual")]).await;
    for room in ["main", "stage"] {
        let body = json!({"name": "A session", "room": room}).to_string();
        assert_eq!(world.host().call(reqwest::Method::POST, "sessions", Some(body)).await.status, 201);
    }
    let line = |room: &str| {
        format!("--room {room} --viewers 20 --senders 2 --messages 30 --rest status,messages --requests 5")
    };
    let (main, stage) = (line("main"), line("stage"));
    let (of_main, of_stage) = tokio::join!(load(&world, &main), load(&world, &stage));
    for report in [of_main, of_stage] {
        let messages = report.messages.as_ref().expect("messages were sent");
        assert!(report.is_clean(), "{report}");
        assert_eq!((messages.sent, messages.accepted, messages.delivered), (30, 30, 600), "{report}");
    }
}

#[tokio::test]
async fn load_of_a_closed_loop_over_rest_counts_what_the_table_holds() {
    let world = World::start().await;
    let before = world.user("ann").send("Not of this run").await.ok();
    let line = "--viewers 20 --batched 50 --join-concurrency 8 --settle 0 --senders 2 --messages 30";
    let report = load(&world, line).await;
    let messages = report.messages.as_ref().expect("messages were sent");
    assert!(report.is_clean(), "{report}");
    assert_eq!((messages.sent, messages.accepted, messages.delivered), (30, 30, 600), "{report}");
    assert!(messages.refused.is_empty() && messages.frames > 0 && messages.frame_bytes > 600 * 200, "{report}");
    assert_eq!(report.joins.as_ref().map(|joins| joins.viewers), Some(20));
    let latency = messages.delivery_ms;
    assert!(0.0 < latency.p50 && latency.p50 <= latency.p99 && latency.p99 <= latency.max, "{report}");
    assert!(messages.acceptance_ms.max > 0.0 && messages.to_all_ms.max <= latency.max, "{report}");

    let ann = world.user("ann");
    assert_eq!(ann.get("stats").await.ok()["total_messages"], 31);
    let page = ann.get(&format!("messages?limit=100&after={}", before["message_id"])).await.ok();
    let texts: Vec<&str> =
        page["messages"].as_array().unwrap().iter().map(|m| m["message"].as_str().unwrap()).collect();
    assert_eq!(texts.len(), 30);
    for number in 0..30 {
        let mark = format!(":{number:07} ");
        assert_eq!(texts.iter().filter(|text| text.contains(&mark) && text.len() == 60).count(), 1, "{mark} {texts:?}");
    }
}

#[tokio::test]
async fn load_of_an_open_loop_over_sockets_counts_acks_and_deliveries() {
    let world = World::start().await;
    let line = "--viewers 20 --sockets-per-user 10 --join-concurrency 8 --settle 0 \
                --senders 20 --via socket --rate 20 --messages 30";
    let report = load(&world, line).await;
    let messages = report.messages.as_ref().expect("messages were sent");
    assert!(report.is_clean(), "{report}");
    assert_eq!((messages.sent, messages.accepted, messages.delivered), (30, 30, 600), "{report}");
    assert!(messages.acceptance_ms.p50 > 0.0, "acks were matched with their messages: {report}");
    let stats = world.user("ann").get("stats").await.ok();
    assert_eq!(stats["total_messages"], 30);
}

#[tokio::test]
async fn load_waits_for_everybody_if_it_is_told_to_and_calls_rest() {
    let world = World::start().await;
    let line = "--viewers 3 --settle 0 --senders 2 --via socket --until delivered --messages 6 \
                --rest status,like,messages?limit=5,nothing --concurrency 3 --requests 6";
    let report = load(&world, line).await;
    assert!(report.is_clean(), "{report}");
    let answers: Vec<(&str, u64)> = report.rest.iter().map(|call| (call.call.as_str(), call.answers)).collect();
    assert!(answers[..3].iter().all(|(_, answers)| (6..=8).contains(answers)), "{answers:?}");
    assert_eq!((report.rest[3].answers, report.rest[3].failed.get("404")), (0, Some(&6)));
    let likes = world.user("ann").get("likes").await.ok();
    assert_eq!(likes["total_likes"], report.rest[1].answers, "each like was a user of its own");
    assert_eq!(report.messages.as_ref().map(|messages| (messages.accepted, messages.delivered)), Some((6, 18)));
}

#[tokio::test]
async fn load_tells_what_a_broadcast_lost() {
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &[]).await;
    let mut unlucky = None;
    proxy.judge(move |post| {
        // Every second message to one socket seems to be posted, but is not.
        let is_message = post.body.contains("new_message");
        let is_unlucky = is_message && *unlucky.get_or_insert(post.path.clone()) == post.path;
        if is_unlucky && post.body.contains("2 x") { Fate::Answer(200, String::new()) } else { Fate::Pass }
    });
    let line = "--viewers 3 --settle 0 --senders 1 --messages 10 --patience 0.5";
    let report = load(&world, line).await;
    let messages = report.messages.as_ref().expect("messages were sent");
    assert_eq!((messages.accepted, messages.delivered, messages.lost), (10, 29, 1), "{report}");
    assert!(!report.is_clean());
}

#[tokio::test]
async fn load_starts_a_gateway_of_its_own_and_prints_json() {
    let mut command = process::command();
    let line = "load --start --viewers 4 --settle 0 --senders 2 --messages 8 --rest stats --requests 5 --json";
    let output = within("the load tool", command.args(line.split(' ')).output()).await.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["messages"]["delivered"], 32, "{report}");
    assert_eq!(report["messages"]["lost"], 0);
    assert_eq!(report["rest"][0]["failed"], json!({}));
    assert_eq!(report["command"], format!("gateway-under-test {line}"));
    assert!(report["processes"][0]["peak_mib"].as_f64() > Some(1.0), "{report}");
    assert!(report["messages"]["cpu_ms_per_message"].as_f64() > Some(0.0), "{report}");
}

#[test]
fn load_refuses_what_makes_no_sense() {
    let refused = |line: &str| match arguments(line).check() {
        Err(LoadError::Arguments(sentence)) => sentence,
        other => panic!("{line}: {other:?}"),
    };
    assert!(refused("").contains("nothing to do"));
    assert!(refused("--viewers 5 --rate 5").contains("--senders"));
    assert!(refused("--viewers 5 --senders 6 --via socket").contains("cannot be more"));
    assert!(refused("--senders 6 --until delivered").contains("--viewers"));
    assert!(refused("--viewers 5 --senders 5 --via socket --rate 6").contains("60 frames a minute"));
    arguments("--viewers 5 --senders 5 --via socket --rate 5").check().expect("sixty a minute are allowed");
}
