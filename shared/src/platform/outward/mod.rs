//! The receivers of events: a webhook, and a bus of EventBridge.

pub mod event_bus;
pub mod not_taken;
mod post;
mod secrets;
mod sign;
pub mod webhook;

use jiff::Timestamp;
use tokio::time::timeout;

use self::event_bus::EventBus;
use self::not_taken::{NotTaken, TIMEOUT};
use self::webhook::Webhook;
use crate::domain::config::OutwardConfig;
use crate::domain::outward::event::Envelope;
use crate::platform::aws::AwsEnvironment;

/// A receiver.
pub enum Receiver {
    /// `LIVE_CHAT_WEBHOOK_URL`.
    Webhook(Webhook),
    /// `LIVE_CHAT_EVENT_BUS`.
    EventBus(EventBus),
}

impl Receiver {
    /// The receivers of these settings.
    pub fn all(config: &OutwardConfig, aws: &AwsEnvironment) -> Vec<Receiver> {
        let webhook = config.webhook.as_ref().map(|webhook| Receiver::Webhook(Webhook::new(webhook, aws)));
        let bus = config.event_bus.as_ref().map(|bus| Receiver::EventBus(EventBus::new(bus, aws)));
        webhook.into_iter().chain(bus).collect()
    }

    /// Its name in rows and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Receiver::Webhook(_) => "webhook",
            Receiver::EventBus(_) => "event-bus",
        }
    }

    /// Sends an event. It may have been taken even if no answer came.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub async fn send(&self, envelope: &Envelope, now: Timestamp) -> Result<(), NotTaken> {
        let sending = async {
            match self {
                Receiver::Webhook(webhook) => webhook.send(envelope, now).await,
                Receiver::EventBus(bus) => bus.send(envelope).await,
            }
        };
        timeout(TIMEOUT, sending).await.unwrap_or(Err(NotTaken::TooLate))
    }
}
