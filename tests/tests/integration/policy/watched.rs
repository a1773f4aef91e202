//! A world in which all AWS calls are recorded.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use gateway::token::{Claims, mint};
use jiff::SignedDuration;
use serde_json::json;
use tests::aws_calls::Record;
use tests::event_receiver::{self, EventReceiver};
use tests::proxy::{Fate, ProxiedRequest, Proxy};
use tests::rest::User;
use tests::world::{SECRET, World};

const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:live-chat-abcdef";
const SERVICE_ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:service-abcdef";
const WEBHOOK_ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:webhook-abcdef";
const REVIEW_ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:review";

/// A world in which all AWS calls are recorded.
pub(super) struct Watched {
    pub(super) world: World,
    pub(super) record: Record,
    pub(super) dynamodb: Proxy,
    pub(super) management: Proxy,
    _secrets: Proxy,
    _events: Proxy,
    /// Paths of the sockets that were posted to.
    pub(super) posted: Arc<Mutex<HashSet<String>>>,
}

impl Watched {
    pub(super) async fn start() -> Watched {
        let (dynamodb, management, secrets) = (Proxy::start().await, Proxy::start().await, Proxy::start().await);
        let (events, receiver) = (Proxy::start().await, EventReceiver::start().await);
        let events_url = events.url();
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
            ("LIVE_CHAT_WEBHOOK_URL", &receiver.url),
            ("LIVE_CHAT_WEBHOOK_SECRET_ARN", WEBHOOK_ARN),
            ("LIVE_CHAT_EVENT_BUS", "chat"),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", &events_url),
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
        dynamodb.lead_to_tables_of(&world.gateway);
        management.set_target(&world.gateway.internal_url());
        let record = Record::new();
        record.watch(&secrets, |request| {
            let secret = if request.body.contains(WEBHOOK_ARN) { event_receiver::SECRET } else { SECRET };
            Fate::Answer(200, json!({"ARN": ARN, "SecretString": secret}).to_string())
        });
        // The bus does not take the first event, which is sent again.
        let mut is_first = true;
        record.watch(&events, move |_| {
            let status = if std::mem::take(&mut is_first) { 500 } else { 200 };
            Fate::Answer(status, json!({"FailedEntryCount": 0, "Entries": []}).to_string())
        });
        let watched =
            Watched { world, record, dynamodb, management, _secrets: secrets, _events: events, posted: Arc::default() };
        watched.tables(|_| Fate::Pass);
        watched.sockets(|_, _| Fate::Pass);
        watched
    }

    /// From now on, this decides the fate of requests to DynamoDB.
    pub(super) fn tables(&self, fate: impl FnMut(&ProxiedRequest) -> Fate + Send + 'static) {
        self.record.watch(&self.dynamodb, fate);
    }

    /// From now on, this decides the fate of requests for sockets and slices. Its argument is whether the path was posted to before.
    pub(super) fn sockets(&self, mut fate: impl FnMut(&ProxiedRequest, bool) -> Fate + Send + 'static) {
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
    pub(super) fn short_lived_user(&self) -> User {
        let claims = Claims { sub: "short".to_owned(), ..Claims::default() };
        let token = mint(SECRET, &claims, self.world.clock.now(), SignedDuration::from_mins(5)).expect("a token");
        User::new("short", &token, &self.world.gateway.url())
    }
}
