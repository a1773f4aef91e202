//! Least privilege: every function's AWS calls are recorded while it does everything that it can do, and the template must grant
//! exactly those.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use functions::table::{Route, TABLE};
use gateway::token::{Claims, mint};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use shared::broadcast::audience::Audience;
use shared::domain::budget::STRIDE;
use shared::domain::caller::{Caller, SERVICE_AUDIENCE};
use shared::domain::wire::server_frame::ServerFrame;
use shared::features::sockets::store::Socket;
use tests::aws_calls::{AwsCall, Record};
use tests::printed;
use tests::proxy::{Fate, ProxiedRequest, Proxy};
use tests::rest::User;
use tests::template::granted;
use tests::world::{SECRET, World};

const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:live-chat-abcdef";
const SERVICE_ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:service-abcdef";
const REVIEW_ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:review";
const DAY: i64 = 24 * 3600;
/// How long a removal of dead sockets may take before the next message is sent.
const PATIENCE: Duration = Duration::from_secs(6);

/// Calls that the template grants and our code never makes: the platform makes them on behalf of the function.
const PLATFORM: [(&str, &str, &str, &str); 1] = [(
    "broadcast",
    "sqs:SendMessage",
    "BroadcastDeadLetters",
    "the event source mapping parks what could not be handled, with the function's role",
)];

/// A world in which all AWS calls are recorded.
struct Watched {
    world: World,
    record: Record,
    dynamodb: Proxy,
    management: Proxy,
    _secrets: Proxy,
    /// Paths of the sockets that were posted to.
    posted: Arc<Mutex<HashSet<String>>>,
}

impl Watched {
    async fn start() -> Watched {
        let (dynamodb, management, secrets) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let (dynamodb_url, management_url, secrets_url) = (dynamodb.url(), management.url(), secrets.url());
        let settings = [
            ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url.as_str()),
            ("AWS_ENDPOINT_URL_LAMBDA", &management_url),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &secrets_url),
            ("WEBSOCKET_ENDPOINT", &format!("{management_url}/live")),
            ("JWT_SECRET", ""),
            ("JWT_SECRET_ARN", ARN),
            ("LIVE_CHAT_SERVICE_SECRET_ARN", SERVICE_ARN),
            ("LIVE_CHAT_REVIEW_FUNCTION", REVIEW_ARN),
            ("LIVE_CHAT_SCHEDULE", "daily"),
            ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE", "10"),
            ("LIVE_CHAT_TICKETS_PER_MINUTE", "120"),
            ("LIVE_CHAT_PAGES_PER_MINUTE", "300"),
            ("LIVE_CHAT_HANDSHAKES_PER_MINUTE", "120"),
            ("LIVE_CHAT_STRIKES", "2/60:60"),
            ("LIVE_CHAT_HIDE_AT_REPORTS", "2"),
        ];
        let evening = "2026-01-05T19:30:00-05:00".parse().expect("a time");
        let world = World::start_with(evening, &settings, |options| options.caller_per_function = true).await;
        dynamodb.set_target(world.gateway.database_url());
        management.set_target(&world.gateway.internal_url());
        let record = Record::new();
        let secret = json!({"ARN": ARN, "SecretString": SECRET}).to_string();
        record.watch(&secrets, move |_| Fate::Answer(200, secret.clone()));
        let watched = Watched { world, record, dynamodb, management, _secrets: secrets, posted: Arc::default() };
        watched.tables(|_| Fate::Pass);
        watched.sockets(|_, _| Fate::Pass);
        watched
    }

    /// From now on, this decides the fate of requests to DynamoDB.
    fn tables(&self, fate: impl FnMut(&ProxiedRequest) -> Fate + Send + 'static) {
        self.record.watch(&self.dynamodb, fate);
    }

    /// From now on, this decides the fate of requests for sockets and slices. Its argument is whether the path was posted to before.
    fn sockets(&self, mut fate: impl FnMut(&ProxiedRequest, bool) -> Fate + Send + 'static) {
        let posted = Arc::clone(&self.posted);
        self.record.watch(&self.management, move |request| {
            if request.path.ends_with("review/invocations") {
                return Fate::Answer(200, json!({"ReviewResult": "ALLOW"}).to_string());
            }
            let mut posted = posted.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let is_known = posted.contains(&request.path);
            let fate = fate(request, is_known);
            if fate == Fate::Pass && request.operation == "POST" {
                posted.insert(request.path.clone());
            }
            fate
        });
    }

    /// A user whose token is valid for five minutes.
    fn short_lived_user(&self) -> User {
        let claims = Claims { sub: "short".to_owned(), ..Claims::default() };
        let token = mint(SECRET, &claims, self.world.clock.now(), SignedDuration::from_mins(5)).expect("a token");
        User::new("short", &token, &self.world.gateway.url())
    }
}

/// Calls each function first on a new day, so that it opens the session; returns the id of the next one, which is not open yet.
async fn everybody_opens_a_session(watched: &Watched) -> u64 {
    let host = Claims { sub: "opener".to_owned(), roles: vec!["host".to_owned()], ..Claims::default() };
    let user = watched.world.user_with(host);
    for route in TABLE.iter().flat_map(|function| function.routes()) {
        let (method, path, body) = sample_call(route);
        let answer = user.call(method, &path, body).await;
        assert!([200, 404].contains(&answer.status), "{path}: {}", answer.text);
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
        assert!([200, 404].contains(&answer.status), "{path}: {}", answer.text);
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

async fn what_staff_do(watched: &Watched, session: u64) {
    watched.tables(|_| Fate::Pass);
    watched.sockets(|_, _| Fate::Pass);
    let host = Claims { sub: "hans".to_owned(), roles: vec!["host".to_owned()], ..Claims::default() };
    let (hans, rob, id) = (watched.world.user_with(host), watched.world.user("rob"), session.to_string());
    let _socket = rob.connect_to(&id, "").await;
    let message = rob.send("rude").await.ok()["message_id"].clone();
    for reporter in ["rita", "ruth"] {
        let body = json!({"reason": "hate"}).to_string();
        watched.world.user(reporter).call(Method::POST, &format!("report-message/{message}"), Some(body)).await.ok();
    }
    hans.get("moderation/reports").await.ok();
    let dismissal = json!({"action": "dismiss_reports", "message_id": message});
    hans.call(Method::POST, "moderation/actions", Some(dismissal.to_string())).await.ok();
    for body in [
        json!({"action": "delete", "message_ids": [message]}),
        json!({"action": "timeout", "user_id": "rob", "seconds": 60, "reason": "rude", "client_action_id": "key"}),
        json!({"action": "timeout", "user_id": "rob", "seconds": 60, "reason": "rude", "client_action_id": "key"}),
        json!({"action": "note", "user_id": "rob", "text": "rude"}),
        json!({"action": "lift", "user_id": "rob"}),
        json!({"action": "purge", "user_id": "rob"}),
        json!({"action": "clear", "client_action_id": "clear"}),
        json!({"action": "ban", "user_ids": ["rob", "carl"], "delete_messages": true}),
        json!({"action": "revoke_tokens", "user_id": "rob"}),
    ] {
        hans.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    }
    hans.call(Method::POST, "moderation/actions", Some(json!({"action": "shadow_ban", "user_id": "sly"}).to_string()))
        .await
        .ok();
    let sly = watched.world.user("sly");
    let whisper = sly.send_as("psst", "key").await.ok()["message_id"].clone();
    sly.post(&format!("like-message/{whisper}")).await.ok();
    assert_eq!(sly.connect_to(&id, "").await.say("psst").await["type"], "ack");
    for path in [
        "moderation/users/rob",
        "moderation/users?name=ro",
        "moderation/sanctions",
        "moderation/sanctions?active=false",
        "moderation/actions?user_id=rob",
    ] {
        hans.get(path).await.ok();
    }
    let other = watched.world.user("otto").send("rude, too").await.ok()["message_id"].clone();
    hans.delete(&format!("messages/{other}")).await.ok();
    hans.get(&format!("moderation/messages/{other}")).await.ok();
    let deletion = hans.get("moderation/actions?action=delete").await.ok()["actions"][0]["id"].clone();
    let restore = json!({"action": "restore", "action_id": deletion});
    hans.call(Method::POST, "moderation/actions", Some(restore.to_string())).await.ok();
    let clear = hans.get("moderation/actions?action=clear").await.ok()["actions"][0]["id"].clone();
    let restore = json!({"action": "restore", "action_id": clear});
    hans.call(Method::POST, "moderation/actions", Some(restore.to_string())).await.ok();
    what_modes_do(watched, &hans, &id).await;
    for term in ["one", "two"] {
        let list = json!({"terms": [{"term": term, "match": "word", "action": "block"}]});
        hans.call(Method::PUT, "moderation/terms", Some(list.to_string())).await.ok();
    }
    hans.call(Method::POST, "moderation/terms/test", Some(json!({"text": "one"}).to_string())).await.ok();
    hans.get("moderation/terms").await.ok();
    // What a crash leaves, `housekeep` finishes.
    let mut first = true;
    watched.tables(move |request| {
        let fails = first && request.body.contains("SET rules_version");
        first &= !fails;
        if fails { Fate::denied() } else { Fate::Pass }
    });
    let lift = json!({"action": "lift", "user_id": "carl"});
    assert_eq!(hans.call(Method::POST, "moderation/actions", Some(lift.to_string())).await.status, 503);
    watched.world.pass(31);
    watched.world.housekeep().await;
    what_is_held(watched, session, &hans).await;
}

/// Held messages are approved, denied, and denied once their time is over.
async fn what_is_held(watched: &Watched, session: u64, hans: &User) {
    watched.tables(|_| Fate::Pass);
    let act = async |body: Value| {
        hans.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    };
    act(json!({"action": "set_modes", "modes": {"review_all": true}})).await;
    let mut socket = watched.world.user("ian").connect_to(&session.to_string(), "").await;
    let over_a_socket = json!({"type": "message", "message": "hold it", "client_message_id": "key"});
    let held = [
        watched.world.user("ida").send_as("hold it", "key").await.json,
        socket.ask(&over_a_socket).await,
        watched.world.user("ivy").send_as("hold it", "key").await.json,
    ];
    act(json!({"action": "set_modes", "modes": {"review_all": false}})).await;
    act(json!({"action": "approve", "held_id": held[0]["held_id"]})).await;
    act(json!({"action": "deny", "held_id": held[1]["held_id"]})).await;
    assert_eq!(held[2]["status"], "held");
    watched.world.pass(301);
    watched.world.housekeep().await;
}

/// Modes are set, refuse messages on both ways until their author is timed out, and a shield ends by itself.
async fn what_modes_do(watched: &Watched, hans: &User, session_id: &str) {
    let act = |body: Value| async move {
        hans.call(Method::POST, "moderation/actions", Some(body.to_string())).await.ok();
    };
    act(json!({"action": "set_modes", "modes": {"unique_seconds": 600}})).await;
    let (dora, emil) = (watched.world.user("dora"), watched.world.user("emil"));
    let mut socket = emil.connect_to(session_id, "").await;
    for status in [200, 422, 422, 403] {
        assert_eq!(dora.send("again").await.status, status);
    }
    for code in [Value::Null, json!("repeated_message"), json!("repeated_message"), json!("timed_out")] {
        assert_eq!(socket.say("again").await["code"], code);
    }
    act(json!({"action": "set_modes", "modes": {"unique_seconds": 0}})).await;
    act(json!({"action": "shield", "on": true, "minutes": 1})).await;
    watched.world.pass(61);
    watched.world.housekeep().await;
}

async fn what_a_room_does(watched: &Watched, session: u64) {
    let Watched { world, record, .. } = watched;
    let (ann, id) = (world.user("ann"), session.to_string());
    // A socket whose row cannot be stored is undone.
    let mut first = true;
    watched.tables(move |request| {
        let fails = first && request.operation == "PutItem" && request.body.contains("socket#");
        first &= !fails;
        if fails { Fate::denied() } else { Fate::Pass }
    });
    assert_eq!(ann.try_to_connect(&id).await.err(), Some(503));
    ann.post(&format!("ticket?session_id={id}")).await.ok();
    // Every tenth is written.
    for _ in 0..STRIDE {
        ann.ticket().await;
        ann.get("messages?limit=1").await.ok();
    }
    let ticket = ann.ticket().await;
    tests::socket::Socket::open(&ann.ticket_url(&id, &ticket), &[]).await.expect("a socket").close(1000).await;
    let mut socket = ann.connect_to(&id, "").await;
    let said = socket.ask(&json!({"type": "message", "message": "over a socket", "client_message_id": "key 1"})).await;
    assert_eq!(said["type"], "ack", "{said}");
    for frame in [json!({"type": "ping"}), json!({"type": "resume", "after": 0})] {
        socket.ask(&frame).await;
    }
    let message = ann.send_as("over REST", "key 2").await.ok()["message_id"].clone();
    ann.post(&format!("like-message/{message}")).await.ok();
    socket.next("message_like_update").await;
    ann.post("like").await.ok();
    ann.delete("like").await.ok();
    ann.delete(&format!("like-message/{message}")).await.ok();
    ann.delete(&format!("messages/{message}")).await.ok();
    socket.next("message_deleted").await;

    // A notice is sent, and its row is deleted.
    let audience = Audience::User("ann".to_owned());
    world.notify(session, audience, &ServerFrame::ModesUpdate { modes: &tests::slow_modes(1) }).await;
    socket.next("modes_update").await;
    record.until("broadcast", "dynamodb:DeleteItem", "ChatTable").await;

    // The broadcast settles a number that is never stored.
    watched.tables(|request| {
        let fails = request.operation == "PutItem" && request.body.contains("doomed");
        if fails { Fate::denied() } else { Fate::Pass }
    });
    assert_eq!(ann.send("doomed").await.status, 503);
    ann.send("after the gap").await.ok();
    record.until("broadcast", "dynamodb:PutItem", "ChatTable").await;

    // A socket in its handshake is waited for, and a dead one is pruned.
    let mut refusals = 2;
    watched.sockets(move |request, is_known| {
        let refused = request.operation == "POST" && !is_known && refusals > 0;
        refusals -= usize::from(refused);
        if refused { Fate::Answer(410, String::new()) } else { Fate::Pass }
    });
    let before = watched.posted.lock().expect("no panic holds it").clone();
    let mut newcomer = watched.short_lived_user().connect_to(&id, "").await;
    ann.send("to the newcomer").await.ok();
    newcomer.next("new_message").await;
    record.until("broadcast", "dynamodb:GetItem", "ConnectionsTable").await;
    let dead = watched
        .posted
        .lock()
        .expect("no panic holds it")
        .difference(&before)
        .next()
        .cloned()
        .expect("the newcomer's path");
    world.pass(40);
    let of_the_dead = dead.clone();
    watched.sockets(
        move |request, _| if request.path == of_the_dead { Fate::Answer(410, String::new()) } else { Fate::Pass },
    );
    ann.send("to the dead").await.ok();
    record.until("broadcast", "dynamodb:DeleteItem", "ConnectionsTable").await;

    // Eight silent minutes: a token expires, a viewer is gone, the room is quiet.
    let _expiring = watched.short_lived_user().connect_to(&id, "").await;
    world.pass(480);
    world.housekeep().await;
    for method in ["GET", "POST", "DELETE"] {
        record.until("housekeep", "execute-api:ManageConnections", &format!("{method} of a socket")).await;
    }
    record.until("housekeep", "dynamodb:DeleteItem", "ConnectionsTable").await;
    socket.close(1000).await;
    record.until("ws-disconnect", "dynamodb:DeleteItem", "ConnectionsTable").await;
}

/// A room of more than a thousand sockets, some of them dead; then the session ends.
async fn what_a_large_room_does(watched: &Watched, session: u64) {
    let Watched { world, record, .. } = watched;
    let store = world.store();
    let caller = Caller::from_claims(&json!({"sub": "many", "exp": i32::MAX})).expect("claims");
    let sockets = (0..1001).map(|i| Socket {
        connection_id: format!("made-up-{i}"),
        session_id: session,
        caller: caller.clone(),
        connected_ms: world.clock.now().as_millisecond() - 60_000,
        batch: false,
        was_pruned: false,
    });
    // The room grows while the broadcast sends updates: every socket is alive until the room is large, then every hundredth is dead.
    let made_up = |dead: &'static str| {
        move |request: &ProxiedRequest, _is_known: bool| match request.path.contains("made-up-") {
            true if request.path.ends_with(dead) => Fate::Answer(410, String::new()),
            true => Fate::Answer(200, String::new()),
            false => Fate::Pass,
        }
    };
    watched.sockets(made_up("nobody"));
    for socket in sockets {
        store.subscribe(&socket).await.expect("a subscriber");
    }
    watched.sockets(made_up("77"));
    // A removal that fails on a busy machine is repeated when the next message finds the socket dead again. The sender's limit
    // bounds the loop.
    let ann = world.user("ann");
    loop {
        ann.send("to a large room").await.ok();
        let removal = record.until("fan-out", "dynamodb:DeleteItem", "ConnectionsTable");
        if tokio::time::timeout(PATIENCE, removal).await.is_ok() {
            break;
        }
    }
    world.pass(2 * 3600);
    world.housekeep().await;
    record.until("broadcast", "execute-api:ManageConnections", "DELETE of a socket").await;
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
            "FanOutFunction" => others.push("invoke `fan-out`"),
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
    what_a_large_room_does(&watched, session).await;
    let measured = watched.record.calls();
    let platform = PLATFORM.map(|(function, action, resource, _why)| AwsCall::new(function, action, resource));
    let platform = BTreeSet::from(platform);
    let granted = granted();
    assert!(platform.is_subset(&granted), "the list names what the template does not grant any more");
    let granted: BTreeSet<AwsCall> = granted.difference(&platform).cloned().collect();
    let missing: Vec<_> = measured.difference(&granted).collect();
    let unused: Vec<_> = granted.difference(&measured).collect();
    assert!(missing.is_empty() && unused.is_empty(), "not granted: {missing:#?}\ngranted, but never used: {unused:#?}");

    printed::check("docs/iam.md", "permissions", &table_of(&measured));
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/iam.md")).expect("a document");
    for (_, action, _, why) in PLATFORM {
        assert!(document.contains(action) && document.contains(why), "docs/iam.md says nothing of {action}");
    }
}
