//! The object graph of a function: built once, before the first event.

use std::sync::{Arc, OnceLock};

use crate::broadcast::Broadcast;
use crate::broadcast::deferral::FlushLater;
use crate::broadcast::fan_out::FanOut;
use crate::broadcast::housekeeping::Housekeeping;
use crate::domain::config::{Config, ConfigError};
use crate::features::chat::Chat;
use crate::features::outward::tell::Outward;
use crate::features::review::reviewer::Reviewer;
use crate::platform::aws::AwsEnvironment;
use crate::platform::clock::Clock;
use crate::platform::dynamo::Store;
use crate::platform::outward::Receiver;
use crate::platform::posting::ManagementApi;
use crate::platform::token::Verifier;

/// The object graph, which every handler receives.
pub struct App {
    /// The chat.
    pub chat: Arc<Chat>,
    /// The verifier of tokens.
    pub verifier: Verifier,
    aws: AwsEnvironment,
    broadcast: OnceLock<Broadcast>,
    housekeeping: OnceLock<Housekeeping>,
    outward: OnceLock<Outward>,
}

impl App {
    /// Builds the graph from the environment that Lambda sets.
    ///
    /// # Errors
    /// [`ConfigError`] for a setting that cannot be used.
    pub fn from_environment() -> Result<Arc<App>, ConfigError> {
        App::new(Config::from_environment()?, AwsEnvironment::from_environment()?, Clock::system())
    }

    /// Builds the graph.
    ///
    /// # Errors
    /// [`ConfigError`] for a key that cannot be used.
    pub fn new(config: Config, aws: AwsEnvironment, clock: Clock) -> Result<Arc<App>, ConfigError> {
        let verifier = Verifier::new(&config.jwt, &aws)?;
        let store = Store::new(aws.dynamodb(), &config);
        let reviewer = Reviewer::of(&config.moderation.review, &aws);
        Ok(Arc::new(App {
            chat: Arc::new(Chat::new(config, clock, store).reviewed_by(reviewer)),
            verifier,
            aws,
            broadcast: OnceLock::new(),
            housekeeping: OnceLock::new(),
            outward: OnceLock::new(),
        }))
    }

    /// The broadcast, for the functions that may use it (`broadcast`, `fan-out` and `flush-later`): its clients are built on the first call.
    pub fn broadcast(&self) -> &Broadcast {
        self.broadcast.get_or_init(|| {
            let fan_out = self.aws.fan_out_function.clone().map(|function| FanOut::new(self.aws.lambda(), function));
            let flush_later = self.aws.flush_later_function.clone();
            let flush_later = flush_later.map(|function| FlushLater::new(self.aws.lambda(), function));
            Broadcast::new(Arc::clone(&self.chat), self.management_api(), fan_out, flush_later)
        })
    }

    /// The housekeeping, for `housekeep`: its client is built on the first call.
    pub fn housekeeping(&self) -> &Housekeeping {
        self.housekeeping.get_or_init(|| Housekeeping::new(Arc::clone(&self.chat), self.management_api()))
    }

    /// The receivers of events, for `outward`: their clients are built on the first call.
    pub fn outward(&self) -> &Outward {
        self.outward.get_or_init(|| {
            let receivers = Receiver::all(&self.chat.config.outward, &self.aws);
            Outward::new(Arc::clone(&self.chat), receivers)
        })
    }

    fn management_api(&self) -> ManagementApi {
        ManagementApi::new(self.aws.management(), self.aws.poster(), Arc::clone(&self.chat.meter))
    }
}
