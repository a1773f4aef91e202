//! One test's world: a gateway with its own ports, database and clock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use gateway::token::{Claims, mint};
use gateway::{Data, EngineMode, Gateway, Options, ScheduleMode};
use jiff::{SignedDuration, Timestamp};
use shared::broadcast::audience::Audience;
use shared::domain::broadcast::notice::Notice;
use shared::domain::config::Config;
use shared::domain::wire::server_frame::ServerFrame;
use shared::features::chat::Chat;
use shared::platform::clock::Clock;
use shared::platform::dynamo::Store;

use crate::engines;
use crate::log_guard::{self, Pipe, Watch};
use crate::proxy::Proxy;
use crate::rest::{Answer, User, answer, local_http};

/// The secret of all worlds.
pub const SECRET: &str = "a secret of the tests";

/// See the module.
pub struct World {
    /// The gateway.
    pub gateway: Gateway,
    /// Its clock.
    pub clock: Clock,
    http: reqwest::Client,
    folder: tempfile::TempDir,
    /// The number of notices so far.
    notices: AtomicU64,
    _watch: Watch,
}

impl World {
    /// A world with the local defaults, but without limits of a user in a minute, other than that of frames.
    pub async fn start() -> World {
        World::with(&[]).await
    }

    /// A world with these settings.
    pub async fn with(settings: &[(&str, &str)]) -> World {
        World::at(Timestamp::now(), settings).await
    }

    /// A world whose clock starts at this time.
    pub async fn at(now: Timestamp, settings: &[(&str, &str)]) -> World {
        World::start_with(now, settings, |_| {}).await
    }

    /// A world with a customised gateway.
    pub async fn start_with(now: Timestamp, settings: &[(&str, &str)], change: impl FnOnce(&mut Options)) -> World {
        World::start_on(engines::chosen(), now, settings, change).await
    }

    /// A world with this engine.
    pub async fn start_on(
        engine: EngineMode,
        now: Timestamp,
        settings: &[(&str, &str)],
        change: impl FnOnce(&mut Options),
    ) -> World {
        crate::schemas::prepare();
        log_guard::install();
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = matches!(engine, EngineMode::Processes(_)).then(Pipe::open);
        let clock = match engine {
            EngineMode::InProcess => Clock::system(),
            // Functions in other processes share the clock through a file.
            _ => {
                std::fs::write(folder.path().join("clock"), "0").expect("writable");
                Clock::in_file(folder.path().join("clock"))
            }
        };
        clock.set(now);
        let mut environment = BTreeMap::from([
            ("JWT_SECRET".to_owned(), SECRET.to_owned()),
            ("LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE".to_owned(), "0".to_owned()),
            ("LIVE_CHAT_HANDSHAKES_PER_MINUTE".to_owned(), "0".to_owned()),
            ("LIVE_CHAT_TICKETS_PER_MINUTE".to_owned(), "0".to_owned()),
            ("LIVE_CHAT_PAGES_PER_MINUTE".to_owned(), "0".to_owned()),
            ("RUST_LOG".to_owned(), log_guard::FILTER.to_owned()),
        ]);
        let clock_file = folder.path().join("clock").to_str().expect("a path in UTF-8").to_owned();
        environment.insert("LIVE_CHAT_TEST_CLOCK".to_owned(), clock_file);
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let secrets = environment.iter().filter(|(name, _)| ["JWT_SECRET", "JWT_PUBLIC_KEY"].contains(&name.as_str()));
        secrets.for_each(|(_, secret)| log_guard::forbid(secret));
        let mut options = Options {
            port: 0,
            data: Data::Memory,
            environment,
            clock: clock.clone(),
            schedule: ScheduleMode::OnlyWhenFired,
            engine,
            // Proxies and stores of tests reach in from outside. Functions of this process do without, unless a setting names a proxy.
            internal_ports: true,
            access_key: crate::signed::access_key(),
            functions_log: pipe.as_ref().map(Pipe::for_processes),
            ..Options::default()
        };
        change(&mut options);
        let gateway = Gateway::start(options).await.expect("the gateway starts");
        World { gateway, clock, http: local_http(), folder, notices: AtomicU64::default(), _watch: Watch::over(pipe) }
    }

    /// A world with this engine whose functions reach `@connections` through a proxy. The proxy must live as long as the world: each
    /// new process of a function connects to it.
    pub async fn behind_a_proxy(engine: EngineMode, settings: &[(&str, &str)]) -> (World, Proxy) {
        let proxy = Proxy::start().await;
        let endpoint = format!("{}/live", proxy.url());
        let settings: Vec<_> = settings.iter().copied().chain([("WEBSOCKET_ENDPOINT", endpoint.as_str())]).collect();
        let world = World::start_on(engine, Timestamp::now(), &settings, |_| {}).await;
        proxy.set_target(&world.gateway.internal_url());
        (world, proxy)
    }

    /// A world with these settings whose functions reach DynamoDB through a proxy.
    pub async fn behind_a_proxy_of_tables(settings: &[(&str, &str)]) -> (World, Proxy) {
        let proxy = Proxy::start().await;
        let url = proxy.url();
        let world = World::with(&[&[("AWS_ENDPOINT_URL_DYNAMODB", url.as_str())], settings].concat()).await;
        proxy.lead_to_tables_of(&world.gateway);
        (world, proxy)
    }

    /// The same with a clock that starts at this time. Each call's signer is the function that makes it.
    pub async fn watched(now: Timestamp, settings: &[(&str, &str)]) -> (World, Proxy) {
        let proxy = Proxy::start().await;
        let url = proxy.url();
        let settings = [settings, &[("AWS_ENDPOINT_URL_DYNAMODB", url.as_str())]].concat();
        let world = World::start_with(now, &settings, |options| options.caller_per_function = true).await;
        proxy.lead_to_tables_of(&world.gateway);
        (world, proxy)
    }

    /// A world whose functions reach DynamoDB through the first proxy and `@connections` through the second one.
    pub async fn behind_two_proxies() -> (World, Proxy, Proxy) {
        World::behind_two_proxies_at(Timestamp::now(), &[]).await
    }

    /// The same, with a clock that starts at this time and with these settings.
    pub async fn behind_two_proxies_at(now: Timestamp, settings: &[(&str, &str)]) -> (World, Proxy, Proxy) {
        let (tables, management) = (Proxy::start().await, Proxy::start().await);
        let (tables_url, management_url) = (tables.url(), format!("{}/live", management.url()));
        let urls =
            [("AWS_ENDPOINT_URL_DYNAMODB", tables_url.as_str()), ("WEBSOCKET_ENDPOINT", management_url.as_str())];
        let world = World::at(now, &[&urls, settings].concat()).await;
        tables.lead_to_tables_of(&world.gateway);
        management.set_target(&world.gateway.internal_url());
        (world, tables, management)
    }

    /// A user with this id and name.
    pub fn user(&self, id: &str) -> User {
        self.user_with(Claims { sub: id.to_owned(), name: Some(format!("Name of {id}")), ..Claims::default() })
    }

    /// A user with these claims; the token is valid for ten years.
    pub fn user_with(&self, claims: Claims) -> User {
        let token = mint(SECRET, &claims, self.clock.now(), SignedDuration::from_hours(24 * 3650)).expect("a token");
        log_guard::forbid(&token);
        User { id: claims.sub, token, base: self.gateway.url(), http: self.http.clone() }
    }

    /// A user with this role.
    pub fn user_as(&self, id: &str, role: &str) -> User {
        let (name, roles) = (Some(format!("Name of {id}")), vec![role.to_owned()]);
        self.user_with(Claims { sub: id.to_owned(), name, roles, ..Claims::default() })
    }

    /// A moderator.
    pub fn moderator(&self) -> User {
        self.user_as("mona", "moderator")
    }

    /// A host.
    pub fn host(&self) -> User {
        self.user_as("hans", "host")
    }

    /// `GET` of any path of the gateway, without a token.
    pub async fn get(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.gateway.url()))).await
    }

    /// The HTTP client, for calls that no regular user would make.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The store, bypassing the handlers.
    pub fn store(&self) -> Store {
        self.store_at(self.gateway.database_url())
    }

    /// The chat itself over this world's tables, bypassing the functions: what no route does yet is done by it.
    pub fn chat(&self, database: &str) -> Chat {
        let config = Config::from_lookup(|name| (name == "JWT_SECRET").then(|| "local".to_owned()));
        let config = config.expect("settings");
        let store = Store::new(crate::dynamodb::client(database), &config);
        Chat::new(config, self.clock.clone(), store)
    }

    /// The store behind a proxy of the database.
    pub fn store_at(&self, url: &str) -> Store {
        let config = Config::from_lookup(|name| (name == "JWT_SECRET").then(|| "local".to_owned()));
        Store::new(crate::dynamodb::client(url), &config.expect("settings"))
    }

    /// A client for its tables.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        crate::dynamodb::client(self.gateway.database_url())
    }

    /// A row of the chat table as it is stored.
    pub async fn chat_row(&self, pk: &str, sk: &str) -> BTreeMap<String, serde_json::Value> {
        let key = |name: &str| aws_sdk_dynamodb::types::AttributeValue::S(name.to_owned());
        let get = self.dynamodb().get_item().table_name("live-chat-chat").key("pk", key(pk)).key("sk", key(sk));
        let item = get.consistent_read(true).send().await.expect("the table answers").item.expect("a row");
        serde_dynamo::from_item(item).expect("JSON")
    }

    /// Leaves a notice, as an act of moderation does. Returns its id.
    pub async fn notify(&self, session_id: u64, audience: Audience, frame: &ServerFrame<'_>) -> String {
        let now = self.clock.now();
        // The clock may stand still, and ids are in the order of the calls.
        let number = self.notices.fetch_add(1, Ordering::Relaxed);
        let notice = Notice::new(audience, frame, now, number);
        self.store().put_notice(session_id, &notice, now).await.expect("the table answers");
        notice.id.to_string()
    }

    /// Waits until the outbox of the first session is empty: no notice and no request to close a socket is left.
    pub async fn until_the_outbox_is_empty(&self) {
        let store = self.store();
        crate::within("an empty outbox", async {
            while store.has_outbox(1).await.expect("the table answers") {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// The file of the clock that functions in other processes share.
    pub fn clock_file(&self) -> std::path::PathBuf {
        self.folder.path().join("clock")
    }

    /// Moves the clock forward by this many seconds, or back if negative.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Fires the schedule.
    pub async fn housekeep(&self) {
        crate::within("housekeep", self.gateway.fire_schedule()).await;
    }
}
