//! Puts the local cloud together and starts it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use shared::lambda::app::App;
use tokio::net::TcpListener;

use super::environment::{Endpoints, Environment};
use super::environment_file;
use super::gateway::{Gateway, InternalPort};
use super::options::{EngineMode, Options, StartError};
use super::transports::transports;
use crate::apis::http_api::Cors;
use crate::apis::in_process::InProcess;
use crate::apis::router::{Apis, ApisOptions};
use crate::cloud::database::Database;
use crate::cloud::engine::{Engine, in_process, processes, remote};
use crate::cloud::event_source_mapping::{EventSourceMapping, EventSourceMappingOptions, PollMode, Readers};
use crate::cloud::schedule::Schedule;
use crate::cloud::template::{CorsSpec, EventSourceMappingSpec, ScheduleSpec, Template};
use crate::http::door::AccessKey;
use crate::http::listeners::{addresses, listen};
use crate::http::serve::Serving;
use crate::site::dev_token::TokenIssuer;
use crate::site::origins::Origins;
use crate::site::page_settings::PageSettings;
use crate::site::pages::{self, PagesOptions};

impl Gateway {
    /// Starts everything.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(options: Options) -> Result<Gateway, StartError> {
        let template = Template::embedded().map_err(|error| StartError::Template(error.to_string()))?;
        let template = template.with_settings(&options.environment);
        let listeners = listen(options.host, options.port).await?;
        let addresses = addresses(&listeners);
        let internal_listener = internal_listener(&options).await?;
        let key = key(&options, &template);
        let key_of_port = internal_listener.is_some().then_some(&key);
        let database = Arc::new(Database::open(&options.data, &template.tables, key_of_port)?);
        let in_process = InProcess::default();
        let environment = environment(&options, &template, &database, internal_listener.as_ref(), &in_process)?;
        // A wrong setting is found now, whichever engine runs the functions.
        let app = environment.app(&options.clock)?;
        let is_loopback = addresses.iter().all(|address| address.ip().is_loopback());
        let origins = Origins::read(environment.variables(), is_loopback)?;
        tell_tools(&database, internal_listener.is_some().then(|| environment.of_tools()))?;
        let engine = engine(&options, &template, &environment, &app, &database).await?;
        let engine = engine.limited_to(options.limits.concurrent_executions, &reserved(&template));
        let engine = match &options.middleware {
            Some(middleware) => engine.wrapped_in(middleware),
            None => engine,
        };

        let token_issuer = environment.development_secret().filter(|_| is_loopback);
        let token_issuer = token_issuer.map(|secret| TokenIssuer { secret, clock: options.clock.clone() });
        let apis = Apis::new(ApisOptions {
            template: &template,
            engine: engine.clone(),
            clock: options.clock.clone(),
            limits: options.limits,
            cors: cors(&template.cors, &origins),
            pages: pages::router(PagesOptions {
                token_issuer,
                store: Some(app.chat.store.clone()),
                settings: PageSettings {
                    max_message_length: Some(app.chat.config.limits.max_message_length),
                    picture_hosts: app.chat.config.pages.picture_hosts.clone(),
                    origins,
                },
            }),
            access_key: key,
        });
        in_process.leads_to(&apis);
        let public = Serving::start(listeners, apis.public_service());
        let internal = internal_listener.map(|(listener, address)| {
            let serving = Serving::start(vec![listener], apis.internal_service());
            InternalPort { address, serving }
        });

        let event_source_mappings =
            start_mappings(&template, options.polling, options.maximum_record_age, &database, &engine)?;
        let start = |spec: &ScheduleSpec| {
            let (engine, clock, database) = (engine.clone(), options.clock.clone(), Arc::clone(&database));
            Schedule::start(spec.clone(), options.schedule, engine, clock, database)
        };
        let schedules = template.schedules.iter().map(start).collect();
        Ok(Gateway {
            addresses,
            database,
            engine,
            apis,
            event_source_mappings,
            schedules,
            development_secret: environment.development_secret(),
            public,
            internal,
        })
    }
}

/// The listener of Lambda and `@connections`, if functions or tools need one.
async fn internal_listener(options: &Options) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    if !options.needs_internal_ports() {
        return Ok(None);
    }
    let mut listeners = listen(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), 0).await?;
    let address = addresses(&listeners)[0];
    Ok(listeners.pop().map(|listener| (listener, address)))
}

/// The environment of functions: with the addresses of the ports, if they are open, and the transports for functions of this process.
fn environment(
    options: &Options,
    template: &Template,
    database: &Database,
    internal: Option<&(TcpListener, SocketAddr)>,
    in_process: &InProcess,
) -> Result<Environment, StartError> {
    let endpoints = match (database.url(), internal) {
        (Some(dynamodb), Some((_, address))) => {
            Endpoints { dynamodb: dynamodb.to_owned(), apis: format!("http://{address}") }
        }
        _ => Endpoints::default(),
    };
    let transports = transports(&database.connector(), &in_process.connector());
    Ok(Environment::new(options, template, database.folder(), &endpoints, transports)?)
}

/// Writes the file of tools, or removes an earlier run's, whose key and addresses are good for nothing.
fn tell_tools(database: &Database, environment: Option<BTreeMap<String, String>>) -> Result<(), StartError> {
    let done = match environment {
        Some(environment) => environment_file::write(database.folder(), environment_file::TOOLS, &environment),
        None => environment_file::remove(database.folder(), environment_file::TOOLS),
    };
    done.map_err(|error| StartError::Database(database.unusable(&error)))
}

/// The REST API's CORS for whoever embeds the chat, as a deployment has it.
fn cors(spec: &CorsSpec, origins: &Origins) -> Option<Cors> {
    let CorsSpec { methods, headers, exposed, max_age } = spec.clone();
    (!origins.embed.is_empty()).then(|| Cors {
        allow_origins: origins.embed.iter().map(ToString::to_string).collect(),
        allow_methods: methods,
        allow_headers: headers,
        expose_headers: exposed,
        max_age,
        allow_credentials: false,
    })
}

/// The key of the internal ports. Each function may go by its own name with it, if calls are to be told apart.
fn key(options: &Options, template: &Template) -> AccessKey {
    let key = options.access_key.clone();
    if options.caller_per_function { key.with_aliases(template.functions.keys().cloned()) } else { key }
}

/// The executions that functions have for themselves.
fn reserved(template: &Template) -> BTreeMap<String, usize> {
    let reserved = template.functions.iter();
    reserved.filter_map(|(name, function)| Some((name.clone(), function.reserved_executions?))).collect()
}

/// The engine of these options.
async fn engine(
    options: &Options,
    template: &Template,
    environment: &Environment,
    app: &Arc<App>,
    database: &Database,
) -> Result<Engine, StartError> {
    match &options.engine {
        EngineMode::InProcess if options.caller_per_function => {
            let mut apps = BTreeMap::new();
            for name in template.functions.keys() {
                apps.insert(name.clone(), environment.app_of(name, &options.clock)?);
            }
            Ok(in_process::engine(template, |name| Arc::clone(&apps[name])))
        }
        EngineMode::InProcess => Ok(in_process::engine(template, |_| Arc::clone(app))),
        EngineMode::Processes(programs) => {
            let log = options.functions_log.clone();
            let engine = processes::engine(template, programs, |name| environment.of(name), log).await;
            engine.map_err(StartError::Engine)
        }
        EngineMode::Remote(endpoint) => {
            environment_file::write(database.folder(), environment_file::FUNCTIONS, environment.variables())
                .map_err(StartError::Engine)?;
            Ok(remote::engine(template, endpoint))
        }
    }
}

fn start_mappings<'a>(
    template: &'a Template,
    mode: PollMode,
    maximum_record_age: Option<Duration>,
    database: &Arc<Database>,
    engine: &Engine,
) -> Result<Vec<EventSourceMapping>, StartError> {
    let mut readers: BTreeMap<&str, Readers> = BTreeMap::new();
    let start = |spec: &'a EventSourceMappingSpec| {
        let table = template.tables.iter().find(|table| table.logical_id == spec.table);
        let table = table.ok_or_else(|| StartError::Template(format!("there is no table {}", spec.table)))?;
        let readers = readers.entry(&spec.table).or_default().clone();
        let dead_letters = database.folder().join("dead_letters.jsonl");
        let mut spec = spec.clone();
        spec.maximum_record_age = maximum_record_age.unwrap_or(spec.maximum_record_age);
        let options = EventSourceMappingOptions { spec, table: table.name.clone(), mode, readers, dead_letters };
        Ok(EventSourceMapping::start(options, Arc::clone(database), engine.clone()))
    };
    template.event_source_mappings.iter().map(start).collect()
}
