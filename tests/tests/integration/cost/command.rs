//! What `cost` prints beside the bill of an event: an idle month and an attacker's hour.

use clap::Parser;
use gateway::settings::{Cli, Command};
use reqwest::Method;
use serde_json::json;
use tests::printed;
use tests::world::World;

use super::consumed;

/// What the command prints.
fn page(line: &str) -> String {
    let command = Cli::try_parse_from(line.split_whitespace()).expect("a command line").command;
    let Some(Command::Cost(args)) = command else { panic!("{line} is not cost") };
    args.page().expect("a page")
}

#[test]
fn the_document_shows_an_idle_month_and_an_attackers_hour_as_the_command_prints_them() {
    printed::check("docs/cost.md", "idle", &page("gateway cost idle"));
    printed::check("docs/cost.md", "attack", &page("gateway cost attack"));
}

#[tokio::test]
async fn two_hundred_idle_open_sessions_cost_what_the_command_says() {
    const SESSIONS: u32 = 200;
    let (world, proxy) = World::behind_a_proxy_of_tables(&[("LIVE_CHAT_SCHEDULE", "manual")]).await;
    let host = world.host();
    for number in 0..SESSIONS {
        let body = json!({"name": "A session", "room": format!("room-{number}")}).to_string();
        assert_eq!(host.call(Method::POST, "sessions", Some(body)).await.status, 201);
    }
    // The first run finds what the creation of the sessions left to the broadcast.
    world.housekeep().await;
    world.until_the_outbox_is_empty().await;
    proxy.read_meter();
    let begun = std::time::Instant::now();
    world.housekeep().await;
    let took_ms = begun.elapsed().as_millis();
    let counted = consumed(&proxy);
    let modelled = cost::idle::IdleArgs { sessions: f64::from(SESSIONS) }.units_of_a_minute();
    let reads = counted.read / f64::from(SESSIONS);
    println!("a run takes {took_ms} ms: counted {counted:?}, modelled {modelled:?}, {reads} reads a session");
    for (counted, modelled) in [(counted.read, modelled.read), (counted.write, modelled.write)] {
        assert!((counted - modelled).abs() <= 0.1 * modelled.max(10.0), "{counted} counted, {modelled} modelled");
    }
}
