//! Puts the local cloud together, starts it and stops it.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use shared::domain::config::{Config, ConfigError};
use shared::lambda::app::App;
use shared::platform::aws::AwsEnvironment;
use shared::platform::clock::Clock;
use tokio::net::TcpListener;

use crate::apis::connections::Connections;
use crate::apis::router::{Apis, ApisOptions};
use crate::cloud::database::Database;
use crate::cloud::engine::processes;
use crate::cloud::engine::{Engine, in_process, remote};
use crate::cloud::event_source_mapping::{EventSourceMapping, EventSourceMappingOptions, PollMode};
use crate::cloud::schedule::Schedule;
use crate::cloud::template::Template;
use crate::http::serve::Serving;
use crate::local_cloud::environment_file;
use crate::local_cloud::options::{EngineMode, Options, StartError};
use crate::local_cloud::secret::secret_of;
use crate::site::pages::{self, PagesOptions, TokenIssuer};

/// A running gateway.
pub struct Gateway {
    addresses: Vec<SocketAddr>,
    internal: SocketAddr,
    database: Arc<Database>,
    engine: Engine,
    connections: Arc<Connections>,
    event_source_mappings: Vec<EventSourceMapping>,
    schedules: Vec<Schedule>,
    development_secret: Option<String>,
    public: Serving,
    for_functions: Serving,
}

impl Gateway {
    /// Starts everything.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(options: Options) -> Result<Gateway, StartError> {
        let template = Template::embedded().map_err(|error| StartError::Template(error.to_string()))?;
        let listeners = listen(options.host, options.port).await?;
        let internal_listeners = listen(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), 0).await?;
        let (addresses, internal) = (addresses(&listeners), addresses(&internal_listeners)[0]);
        let database = Arc::new(Database::open(&options.data, &template.tables)?);

        let mut environment = local_environment(&template, &database, internal);
        environment.extend(options.environment);
        let has_key = ["JWT_SECRET", "JWT_SECRET_ARN", "JWT_PUBLIC_KEY", "JWT_JWKS_URL"]
            .iter()
            .any(|name| environment.get(*name).is_some_and(|value| !value.is_empty()));
        if !has_key {
            environment.insert("JWT_SECRET".to_owned(), secret_of(database.folder())?);
        }
        let development_secret = environment.get("JWT_SECRET").filter(|secret| !secret.is_empty()).cloned();
        let environment_of = |function: &str| {
            let mut environment = environment.clone();
            if options.caller_per_function {
                environment.insert("AWS_ACCESS_KEY_ID".to_owned(), function.to_owned());
            }
            environment
        };
        // Whatever runs the functions: a wrong setting is found now.
        let app = app_of(&environment, &options.clock)?;
        let engine = match &options.engine {
            EngineMode::InProcess if options.caller_per_function => {
                let mut apps = BTreeMap::new();
                for name in template.functions.keys() {
                    apps.insert(name.clone(), app_of(&environment_of(name), &options.clock)?);
                }
                in_process::engine(&template, |name| Arc::clone(&apps[name]))
            }
            EngineMode::InProcess => in_process::engine(&template, |_| Arc::clone(&app)),
            EngineMode::Processes(programs) => {
                let log = options.functions_log.clone();
                processes::engine(&template, programs, environment_of, log).await.map_err(StartError::Engine)?
            }
            EngineMode::Remote(endpoint) => {
                environment_file::write(database.folder(), &environment).map_err(StartError::Engine)?;
                remote::engine(&template, endpoint)
            }
        };
        let engine = match &options.middleware {
            Some(middleware) => engine.wrapped_in(middleware),
            None => engine,
        };

        let is_loopback = addresses.iter().all(|address| address.ip().is_loopback());
        let token_issuer = development_secret.clone().filter(|_| is_loopback);
        let token_issuer = token_issuer.map(|secret| TokenIssuer { secret, clock: options.clock.clone() });
        let apis = Apis::new(ApisOptions {
            template: &template,
            engine: engine.clone(),
            clock: options.clock.clone(),
            limits: options.limits,
            cors: None,
            pages: pages::router(PagesOptions {
                token_issuer,
                store: Some(app.chat.store.clone()),
                max_message_length: Some(app.chat.config.longest_message),
            }),
        });
        let connections = apis.connections();
        let public = Serving::start(listeners, apis.public_service());
        let for_functions = Serving::start(internal_listeners, apis.internal_service());

        let event_source_mappings =
            start_mappings(&template, options.polling, options.maximum_record_age, &database, &engine)?;
        let schedules = template.schedules.iter().map(|spec| {
            Schedule::start(
                spec.clone(),
                options.schedule,
                engine.clone(),
                options.clock.clone(),
                Arc::clone(&database),
            )
        });
        let schedules = schedules.collect();
        Ok(Gateway {
            addresses,
            internal,
            database,
            engine,
            connections,
            event_source_mappings,
            schedules,
            development_secret,
            public,
            for_functions,
        })
    }

    /// Where the gateway listens.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The first address.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The first address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where functions reach `@connections` and Lambda.
    pub fn internal_url(&self) -> String {
        format!("http://{}", self.internal)
    }

    /// Where functions reach DynamoDB.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// The data folder, a temporary one with [`crate::cloud::database::Data::Memory`].
    pub fn folder(&self) -> &Path {
        self.database.folder()
    }

    /// The secret with which development tokens are made, if tokens are verified with one.
    pub fn development_secret(&self) -> Option<&str> {
        self.development_secret.as_deref()
    }

    /// How many invocations of each function have ended so far.
    pub fn invocations(&self) -> BTreeMap<String, u64> {
        self.engine.invocations()
    }

    /// How long all sockets that have ended were open, together: what is billed by the minute.
    pub fn ended_sockets(&self) -> Duration {
        self.connections.ended()
    }

    /// Rings every schedule now, and waits until its function has ended.
    pub async fn fire_schedule(&self) {
        for schedule in &self.schedules {
            schedule.fire().await;
        }
    }

    /// Delivers every mapping's last batch once more, and waits until its function has ended.
    pub async fn redeliver(&self) {
        for mapping in &self.event_source_mappings {
            mapping.redeliver().await;
        }
    }

    /// Ends every running invocation of a function, as a crash would. Answers with how many there were.
    pub fn kill_running(&self, function: &str) -> usize {
        self.engine.kill_running(function)
    }

    /// Stops: no more requests, sockets closed with 1001, data whole.
    pub async fn stop(self) {
        self.public.stop().await;
        for schedule in &self.schedules {
            schedule.stop().await;
        }
        // Nobody is left to be told anything: what a mapping has under way is delivered again by the next run.
        for mapping in &self.event_source_mappings {
            mapping.cancel();
            self.engine.kill_running(mapping.function());
            mapping.stop().await;
        }
        self.for_functions.stop().await;
        drop((self.event_source_mappings, self.schedules, self.engine));
        match Arc::try_unwrap(self.database) {
            Ok(database) => {
                if let Err(crash) = tokio::task::spawn_blocking(|| database.close()).await {
                    tracing::error!(error = %crash, "closing the database crashed");
                }
            }
            Err(_shared) => tracing::warn!("the database is still in use: it is left to the operating system"),
        }
    }
}

fn app_of(environment: &BTreeMap<String, String>, clock: &Clock) -> Result<Arc<App>, ConfigError> {
    let lookup = |name: &str| environment.get(name).cloned();
    App::new(Config::from_lookup(lookup)?, AwsEnvironment::from_lookup(lookup)?, clock.clone())
}

/// What functions find in their environment here, below what the person who runs this sets.
fn local_environment(template: &Template, database: &Database, internal: SocketAddr) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<String, String> = BTreeMap::new();
    for function in template.functions.values() {
        environment.extend(function.environment.clone());
    }
    let stage = &template.websocket.stage;
    let local = [
        ("LIVE_CHAT_SCHEDULE", "always".to_owned()),
        ("LIVE_CHAT_POSTS_PER_SECOND", "0".to_owned()),
        // Lines of metrics, and one for each request, are for machines to read.
        ("LIVE_CHAT_METRICS", String::new()),
        ("RUST_LOG", "warn".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", database.url().to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", format!("http://{internal}")),
        ("WEBSOCKET_ENDPOINT", format!("http://{internal}/{stage}")),
    ];
    environment.extend(local.map(|(name, value)| (name.to_owned(), value)));
    environment
}

fn start_mappings(
    template: &Template,
    mode: PollMode,
    maximum_record_age: Option<Duration>,
    database: &Arc<Database>,
    engine: &Engine,
) -> Result<Vec<EventSourceMapping>, StartError> {
    let start = |spec: &crate::cloud::template::EventSourceMappingSpec| {
        let table = template.tables.iter().find(|table| table.logical_id == spec.table);
        let table = table.ok_or_else(|| StartError::Template(format!("there is no table {}", spec.table)))?;
        let dead_letters = database.folder().join("dead_letters.jsonl");
        let mut spec = spec.clone();
        spec.maximum_record_age = maximum_record_age.unwrap_or(spec.maximum_record_age);
        let options = EventSourceMappingOptions { spec, table: table.name.clone(), mode, dead_letters };
        Ok(EventSourceMapping::start(options, Arc::clone(database), engine.clone()))
    };
    template.event_source_mappings.iter().map(start).collect()
}

pub(crate) async fn listen(host: Option<IpAddr>, port: u16) -> Result<Vec<TcpListener>, StartError> {
    let bind = |ip: IpAddr, port: u16| async move {
        let address = SocketAddr::new(ip, port);
        let cannot = |cause| StartError::Port { address: address.to_string(), cause };
        TcpListener::bind(address).await.map_err(cannot)
    };
    let first = bind(host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), port).await?;
    if host.is_some() {
        return Ok(vec![first]);
    }
    let chosen = first.local_addr().map_or(port, |address| address.port());
    match bind(IpAddr::V6(Ipv6Addr::LOCALHOST), chosen).await {
        Ok(second) => Ok(vec![first, second]),
        // Somebody else answers there: half of the clients would talk to them.
        Err(StartError::Port { address, cause }) if port != 0 && cause.kind() == io::ErrorKind::AddrInUse => {
            Err(StartError::Port { address, cause })
        }
        Err(_no_ipv6) => Ok(vec![first]),
    }
}

fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
}
