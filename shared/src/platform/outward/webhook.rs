//! A webhook: one signed POST for each event.

use aws_smithy_http_client::Connector;
use aws_smithy_types::body::SdkBody;
use http::Request;
use jiff::Timestamp;

use super::not_taken::NotTaken;
use super::post::post;
use super::secrets::Secrets;
use super::sign::signature;
use crate::domain::config::WebhookConfig;
use crate::domain::outward::event::Envelope;
use crate::platform::aws::{AwsEnvironment, trust};

/// The receiver at `LIVE_CHAT_WEBHOOK_URL`. The first call connects.
pub struct Webhook {
    http: Connector,
    url: String,
    secrets: Secrets,
}

impl Webhook {
    pub(super) fn new(config: &WebhookConfig, aws: &AwsEnvironment) -> Webhook {
        Webhook {
            http: trust::system_trust_connector(),
            url: config.url.to_string(),
            secrets: Secrets::new(&config.secret, aws),
        }
    }

    pub(super) async fn send(&self, envelope: &Envelope, now: Timestamp) -> Result<(), NotTaken> {
        let body = serde_json::to_vec(envelope).map_err(|error| NotTaken::Request(error.to_string()))?;
        let seconds = now.as_second();
        let signature = signature(&self.secrets.get(now).await?, &envelope.id, seconds, &body);
        let request = || {
            let request = Request::post(&self.url)
                .header("content-type", "application/json")
                .header("user-agent", "live-chat")
                .header("webhook-id", &envelope.id)
                .header("webhook-timestamp", seconds)
                .header("webhook-signature", &signature)
                .body(SdkBody::from(body.as_slice()));
            let request = request.map_err(|error| NotTaken::Request(error.to_string()))?;
            request.try_into().map_err(|error| NotTaken::Request(format!("{error}")))
        };
        match post(&self.http, request).await? {
            (200..=299, _) => Ok(()),
            (status, _) => Err(NotTaken::Status(status)),
        }
    }
}
