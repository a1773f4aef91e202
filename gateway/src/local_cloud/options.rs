//! How the gateway is to run, and why it may not start.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use shared::domain::config::ConfigError;
use shared::platform::clock::Clock;

use crate::cloud::database::{Data, DatabaseError};
use crate::cloud::engine::Middleware;
use crate::cloud::engine::processes::Programs;
use crate::cloud::event_source_mapping::PollMode;
use crate::cloud::schedule::ScheduleMode;
use crate::http::door::AccessKey;
use crate::http::limits::Limits;
use crate::http::listeners::ListenError;
use crate::local_cloud::secret::SecretError;

/// How the gateway runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; `None` is 127.0.0.1 and, where there is one, ::1 (older Node resolves `localhost` to it).
    pub host: Option<IpAddr>,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Where data is kept.
    pub data: Data,
    /// Settings by the names of their environment variables. They win over the local defaults, which win over the template's.
    pub environment: BTreeMap<String, String>,
    /// The time.
    pub clock: Clock,
    /// Sizes, rates and timers of the APIs.
    pub limits: Limits,
    /// When the stream is read.
    pub polling: PollMode,
    /// The maximum age of a record of the stream; `None` is the template's.
    pub maximum_record_age: Option<Duration>,
    /// When the schedule fires.
    pub schedule: ScheduleMode,
    /// What runs the functions.
    pub engine: EngineMode,
    /// Whether DynamoDB, Lambda and `@connections` listen on internal ports of loopback even if no function needs them, for tools such
    /// as the AWS CLI. Functions of this process do without ports either way, unless the environment names another endpoint.
    pub internal_ports: bool,
    /// The key with which functions elsewhere sign their calls of AWS: nobody else is served by the internal ports. A random one by
    /// default.
    pub access_key: AccessKey,
    /// Whether each function calls AWS under an access key id of its own, which is its name, so that calls can be told apart. In this
    /// process, each then has an object graph of its own, as on Lambda.
    pub caller_per_function: bool,
    /// Where the processes of functions write their lines; `None` is this process's own standard error.
    pub functions_log: Option<Arc<OwnedFd>>,
    /// What wraps the functions in a test; `None` everywhere else.
    pub middleware: Option<Middleware>,
}

/// What runs the functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EngineMode {
    /// The handlers in this process.
    #[default]
    InProcess,
    /// These bootstrap binaries, as processes.
    Processes(Programs),
    /// The functions behind this Lambda Invoke endpoint. They take their environment from the file
    /// [`crate::local_cloud::environment_file::FUNCTIONS`] in the data folder.
    Remote(String),
}

impl Options {
    /// Whether the internal ports are open: functions that run elsewhere reach the local cloud by them alone.
    pub(super) fn needs_internal_ports(&self) -> bool {
        self.internal_ports || self.engine != EngineMode::InProcess
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            host: None,
            port: 8000,
            data: Data::Folder(".live-chat".into()),
            environment: BTreeMap::new(),
            clock: Clock::system(),
            limits: Limits::default(),
            polling: PollMode::default(),
            maximum_record_age: None,
            schedule: ScheduleMode::Periodic,
            engine: EngineMode::InProcess,
            internal_ports: false,
            access_key: AccessKey::random(),
            caller_per_function: false,
            functions_log: None,
            middleware: None,
        }
    }
}

/// Why the gateway does not start: a sentence for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// The data folder or the database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The secret of the development tokens cannot be read or made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The port cannot be listened on.
    #[error(transparent)]
    Port(#[from] ListenError),
    /// The functions cannot be run.
    #[error("cannot run the functions: {0}")]
    Engine(io::Error),
    /// The template does not say all that is needed.
    #[error("template.yaml: {0}")]
    Template(String),
}
