//! Least privilege: every function's AWS calls are recorded while it does everything that it can do, and the template must grant
//! exactly those.

mod room;
mod staff;
mod watched;

use std::collections::{BTreeMap, BTreeSet};

use functions::table::{Route, TABLE};
use gateway::token::{Claims, mint};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;
use shared::domain::caller::SERVICE_AUDIENCE;
use tests::aws_calls::AwsCall;
use tests::permissions::fits;
use tests::printed;
use tests::rest::User;
use tests::template::{granted, leading_keys};
use tests::world::SECRET;

use self::room::{what_a_large_room_does, what_a_room_does};
use self::staff::{a_life_of_many_rows, what_an_erasure_does, what_staff_do};
use self::watched::Watched;

const DAY: i64 = 24 * 3600;

/// Calls that the template grants and our code never makes: the platform makes them on behalf of the function.
const PLATFORM: [(&str, &str, &str, &str); 2] = [
    (
        "broadcast",
        "sqs:SendMessage",
        "BroadcastDeadLetters",
        "the event source mapping parks what could not be handled, with the function's role",
    ),
    (
        "outward",
        "sqs:SendMessage",
        "OutwardDeadLetters",
        "the event source mappings park what could not be handled, with the function's role",
    ),
];

/// Calls each function first on a new day, so that it opens the session; returns the id of the next one, which is not open yet.
async fn everybody_opens_a_session(watched: &Watched) -> u64 {
    let host = Claims { sub: "opener".to_owned(), roles: vec!["host".to_owned()], ..Claims::default() };
    let user = watched.world.user_with(host);
    for route in TABLE.iter().flat_map(|function| function.routes()) {
        let (method, path, body) = sample_call(route);
        let answer = user.call(method, &path, body).await;
        assert!([200, 201, 403, 404, 409].contains(&answer.status), "{path}: {}", answer.text);
        watched.world.pass(DAY);
    }
    let last = user.get("status").await.ok()["session"]["id"].as_u64().expect("the day's session");
    watched.world.pass(DAY);
    last + 1
}

/// Calls each function that verifies tokens as a server of the customer.
async fn a_service_calls(watched: &Watched) {
    let claims = Claims { sub: "service".to_owned(), aud: Some(SERVICE_AUDIENCE.to_owned()), ..Claims::default() };
    let now = watched.world.clock.now();
    let token = mint(SECRET, &claims, now, SignedDuration::from_mins(5)).expect("a token");
    let service = User::new("service", &token, &watched.world.gateway.url());
    // First, so that a handshake opens a day's session.
    assert_eq!(service.try_to_connect("9999").await.err(), Some(404));
    for route in TABLE.iter().flat_map(|function| function.routes()) {
        let (method, path, body) = sample_call(route);
        let answer = service.call(method, &path, body).await;
        assert!([200, 201, 403, 404, 409].contains(&answer.status), "{path}: {}", answer.text);
    }
}

/// The call in a route's sample event.
fn sample_call(route: &Route) -> (Method, String, Option<String>) {
    let name = route.handler.replace('_', "-");
    let path = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let event: Value = serde_json::from_str(&text).expect("an event is JSON");
    let method = event["requestContext"]["http"]["method"].as_str().and_then(|method| method.parse().ok());
    let path = event["rawPath"].as_str().and_then(|path| path.strip_prefix("/live-chat/"));
    let body = event["body"].as_str().map(str::to_owned);
    let query = event["rawQueryString"].as_str().filter(|query| !query.is_empty());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    (method.expect("a method"), format!("{}{query}", path.expect("a path of the chat")), body)
}

/// The calls that `flush-later` may have to make: it has the same turns as `broadcast`, whose rare paths are not walked twice.
fn calls_of_turns(calls: &BTreeSet<AwsCall>) -> Vec<AwsCall> {
    let of_broadcast =
        calls.iter().filter(|call| call.function == "broadcast" && call.resource != "FlushLaterFunction");
    of_broadcast.map(|call| AwsCall::new("flush-later", &call.action, &call.resource)).collect()
}

/// The table of docs/iam.md.
fn table_of(calls: &BTreeSet<AwsCall>) -> String {
    const HEAD: &str = "| function | chat table (`dynamodb:`) | connections table (`dynamodb:`) | others |\n\
                        | --- | --- | --- | --- |\n";
    let mut rows: BTreeMap<&str, [Vec<&str>; 3]> = BTreeMap::new();
    for call in calls {
        let [chat, connections, others] = rows.entry(&call.function).or_default();
        match call.resource.as_str() {
            "ChatTable" => chat.push(call.action.trim_start_matches("dynamodb:")),
            "ConnectionsTable" => connections.push(call.action.trim_start_matches("dynamodb:")),
            "JwtSecretArn" => others.push("the secret"),
            "ServiceSecretArn" => others.push("that of services"),
            "WebhookSecretArn" => others.push("that of webhooks"),
            "EventBus" => others.push("the event bus"),
            "FanOutFunction" => others.push("invoke `fan-out`"),
            "FlushLaterFunction" => others.push("invoke `flush-later`"),
            "ReviewFunctionArn" => others.push("the review function"),
            // Once, whatever is done with it.
            other if !others.contains(&other) => others.push(other),
            _ => {}
        }
    }
    let row = |(function, cells): (&str, [Vec<&str>; 3])| {
        format!("| `{function}` | {} |\n", cells.map(|cell| cell.join(", ")).join(" | "))
    };
    rows.into_iter().map(row).fold(HEAD.to_owned(), |table, row| table + &row)
}

#[tokio::test]
async fn each_function_may_do_exactly_what_it_does() {
    let watched = Watched::start().await;
    let session = everybody_opens_a_session(&watched).await;
    a_service_calls(&watched).await;
    what_a_room_does(&watched, session).await;
    what_staff_do(&watched, session).await;
    a_life_of_many_rows(&watched, "xena").await;
    what_a_large_room_does(&watched, session).await;
    // Sessions that have been over for days need no work any more.
    watched.world.pass(6 * DAY);
    watched.world.housekeep().await;
    what_an_erasure_does(&watched).await;
    let mut measured = watched.record.calls();
    measured.extend(calls_of_turns(&measured));
    let platform = PLATFORM.map(|(function, action, resource, _why)| AwsCall::new(function, action, resource));
    let platform = BTreeSet::from(platform);
    let granted = granted();
    assert!(platform.is_subset(granted), "the list names what the template does not grant any more");
    let granted: BTreeSet<AwsCall> = granted.difference(&platform).cloned().collect();
    let missing: Vec<_> = measured.difference(&granted).collect();
    let unused: Vec<_> = granted.difference(&measured).collect();
    assert!(missing.is_empty() && unused.is_empty(), "not granted: {missing:#?}\ngranted, but never used: {unused:#?}");

    // No emulator evaluates this condition, and AWS does.
    let deletions = watched.record.deletions();
    for (call, partition) in &deletions {
        let patterns = leading_keys(call);
        let is_allowed = patterns.is_none_or(|patterns| patterns.iter().any(|pattern| fits(partition, pattern)));
        assert!(is_allowed, "{call:?} of a row of {partition}");
    }
    for call in deletions.iter().map(|(call, _)| call).collect::<BTreeSet<_>>() {
        let partitions = || deletions.iter().filter(|(of, _)| of == call).map(|(_, partition)| partition);
        let is_unused = |pattern: &String| !partitions().any(|partition| fits(partition, pattern));
        let unused: Vec<_> = leading_keys(call).unwrap_or_default().into_iter().filter(is_unused).collect();
        assert!(unused.is_empty(), "{call:?} is granted for {unused:?}, but never used");
    }

    printed::check("docs/iam.md", "permissions", &table_of(&measured));
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/iam.md")).expect("a document");
    for (_, action, _, why) in PLATFORM {
        assert!(document.contains(action) && document.contains(why), "docs/iam.md says nothing of {action}");
    }
}
