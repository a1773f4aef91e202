//! A running gateway: its addresses, its counters, what tests trigger, and its end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use super::environment_file;
use crate::apis::router::Apis;
use crate::cloud::database::Database;
use crate::cloud::engine::Engine;
use crate::cloud::event_source_mapping::EventSourceMapping;
use crate::cloud::schedule::Schedule;
use crate::http::serve::Serving;

/// The internal port of Lambda and `@connections`, while it is open.
pub(super) struct InternalPort {
    pub(super) address: SocketAddr,
    pub(super) serving: Serving,
}

/// See the module.
pub struct Gateway {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) database: Arc<Database>,
    pub(super) engine: Engine,
    pub(super) apis: Apis,
    pub(super) event_source_mappings: Vec<EventSourceMapping>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) development_secret: Option<String>,
    pub(super) public: Serving,
    pub(super) internal: Option<InternalPort>,
}

impl Gateway {
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

    /// Where functions elsewhere reach `@connections` and Lambda.
    ///
    /// # Panics
    /// If the internal ports are closed: see [`Options::internal_ports`](super::options::Options::internal_ports).
    pub fn internal_url(&self) -> String {
        format!("http://{}", self.internal.as_ref().expect("the internal ports are open").address)
    }

    /// Where functions elsewhere reach DynamoDB.
    ///
    /// # Panics
    /// If the internal ports are closed: see [`Options::internal_ports`](super::options::Options::internal_ports).
    pub fn database_url(&self) -> &str {
        self.database.url().expect("the internal ports are open")
    }

    /// Answers the requests of DynamoDB clients of this process, without a port or a signature.
    pub fn database(&self) -> SharedHttpConnector {
        self.database.connector()
    }

    /// Whether the internal ports are open.
    pub fn has_internal_ports(&self) -> bool {
        self.internal.is_some()
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

    /// The open time of all sockets that have ended, together: AWS bills it by the minute.
    pub fn ended_sockets(&self) -> Duration {
        self.apis.connections().ended()
    }

    /// Fires every schedule now, and waits until its function has ended.
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
        // No socket is left: the batch that a mapping has under way is delivered again by the next run.
        for mapping in &self.event_source_mappings {
            mapping.cancel();
            self.engine.end_running(mapping.function());
            mapping.stop().await;
        }
        // What a broadcast had invoked outlives it, but not the gateway.
        self.engine.names().for_each(|name| self.engine.end_running(name));
        if let Some(internal) = self.internal {
            internal.serving.stop().await;
            if let Err(error) = environment_file::remove(self.database.folder(), environment_file::TOOLS) {
                tracing::warn!(error = %error, "the file of ports that are closed now stays");
            }
        }
        drop((self.event_source_mappings, self.schedules, self.engine, self.apis));
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
