//! Builds SDK clients. Credentials and region come from the environment that Lambda sets; `AWS_ENDPOINT_URL_*` replaces the endpoint
//! of a service. The crate `aws-config` would add thirty crates for sources that Lambda does not use.

pub(crate) mod signer;
mod transports;
pub mod trust;

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use http::Uri;

use self::transports::with_transport;
pub use self::transports::{Transport, Transports};
use crate::domain::config::ConfigError;
use crate::platform::posting::Poster;

/// The region, the credentials and the endpoints of AWS.
#[derive(Clone, Debug)]
pub struct AwsEnvironment {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
    pub credentials: Credentials,
    /// `AWS_ENDPOINT_URL_DYNAMODB`: replaces the endpoint of DynamoDB.
    pub dynamodb_endpoint: Option<String>,
    /// `AWS_ENDPOINT_URL_LAMBDA`: replaces the endpoint of Lambda.
    pub lambda_endpoint: Option<String>,
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`: replaces the endpoint of Secrets Manager.
    pub secrets_manager_endpoint: Option<String>,
    /// `AWS_ENDPOINT_URL_EVENTBRIDGE`: replaces the endpoint of EventBridge.
    pub event_bridge_endpoint: Option<String>,
    /// `WEBSOCKET_ENDPOINT`: the address of the WebSocket API's stage, without `/@connections`.
    pub websocket_endpoint: Option<Uri>,
    /// `FAN_OUT_FUNCTION`: the name of the function that serves one slice of a large room.
    pub fan_out_function: Option<String>,
    /// `FLUSH_LATER_FUNCTION`: the name of the function that flushes what a turn deferred.
    pub flush_later_function: Option<String>,
    /// What takes the place of the network: nothing, unless the process is the local gateway.
    pub transports: Transports,
}

impl AwsEnvironment {
    /// Reads the environment that Lambda sets.
    ///
    /// # Errors
    /// [`ConfigError`] if `WEBSOCKET_ENDPOINT` is no address.
    pub fn from_environment() -> Result<AwsEnvironment, ConfigError> {
        AwsEnvironment::from_lookup(|variable| std::env::var(variable).ok())
    }

    /// Reads it through a look-up of environment variables.
    ///
    /// # Errors
    /// [`ConfigError`] if `WEBSOCKET_ENDPOINT` is no address.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<AwsEnvironment, ConfigError> {
        let lookup = |variable: &str| lookup(variable).filter(|value| !value.is_empty());
        let or_empty = |variable: &str| lookup(variable).unwrap_or_default();
        let (id, secret) = (or_empty("AWS_ACCESS_KEY_ID"), or_empty("AWS_SECRET_ACCESS_KEY"));
        Ok(AwsEnvironment {
            region: lookup("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            credentials: Credentials::new(id, secret, lookup("AWS_SESSION_TOKEN"), None, "environment"),
            dynamodb_endpoint: lookup("AWS_ENDPOINT_URL_DYNAMODB"),
            lambda_endpoint: lookup("AWS_ENDPOINT_URL_LAMBDA"),
            secrets_manager_endpoint: lookup("AWS_ENDPOINT_URL_SECRETS_MANAGER"),
            event_bridge_endpoint: lookup("AWS_ENDPOINT_URL_EVENTBRIDGE"),
            websocket_endpoint: lookup("WEBSOCKET_ENDPOINT").map(address).transpose()?,
            fan_out_function: lookup("FAN_OUT_FUNCTION"),
            flush_later_function: lookup("FLUSH_LATER_FUNCTION"),
            transports: Transports::default(),
        })
    }

    /// A DynamoDB client with the SDK's standard retries. It gives up within 8 s, while the client of the API still waits.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(50)))
            .timeout_config(timeouts(Duration::from_secs(3), Duration::from_secs(8)));
        let mut config = with_transport!(config, &self.transports.dynamodb, self.credentials);
        config.set_endpoint_url(self.dynamodb_endpoint.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// A Lambda client without retries: the caller handles failures.
    pub fn lambda(&self) -> aws_sdk_lambda::Client {
        let config = aws_sdk_lambda::Config::builder()
            .behavior_version(aws_sdk_lambda::config::BehaviorVersion::latest())
            .region(aws_sdk_lambda::config::Region::new(self.region.clone()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(Duration::from_secs(65), Duration::from_secs(65)));
        let mut config = with_transport!(config, &self.transports.lambda, self.credentials);
        config.set_endpoint_url(self.lambda_endpoint.clone());
        aws_sdk_lambda::Client::from_conf(config.build())
    }

    /// A Secrets Manager client.
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        let mut config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
            .region(aws_sdk_secretsmanager::config::Region::new(self.region.clone()))
            .http_client(trust::http_client())
            .credentials_provider(self.credentials.clone())
            .timeout_config(timeouts(Duration::from_secs(2), Duration::from_secs(6)));
        config.set_endpoint_url(self.secrets_manager_endpoint.clone());
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }

    /// The poster of frames to sockets.
    pub fn poster(&self) -> Poster {
        let endpoint = self.websocket_endpoint.clone().unwrap_or_default();
        match &self.transports.posts {
            None => Poster::new(&endpoint, &self.region, self.credentials.clone(), trust::tls()),
            Some(connector) => Poster::in_process(&endpoint, connector.clone()),
        }
    }

    /// A client of the WebSocket API's management API, without retries: the broadcast has its own.
    pub fn management(&self) -> aws_sdk_apigatewaymanagement::Client {
        let config = aws_sdk_apigatewaymanagement::Config::builder()
            .behavior_version(aws_sdk_apigatewaymanagement::config::BehaviorVersion::latest())
            .region(aws_sdk_apigatewaymanagement::config::Region::new(self.region.clone()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(Duration::from_secs(3), Duration::from_secs(3)));
        let mut config = with_transport!(config, &self.transports.management, self.credentials);
        config.set_endpoint_url(self.websocket_endpoint.as_ref().map(Uri::to_string));
        aws_sdk_apigatewaymanagement::Client::from_conf(config.build())
    }
}

fn address(value: String) -> Result<Uri, ConfigError> {
    let uri = value.parse().ok().filter(|uri: &Uri| uri.scheme().is_some() && uri.authority().is_some());
    uri.ok_or_else(|| ConfigError {
        variable: "WEBSOCKET_ENDPOINT",
        value: format!("{value:?}"),
        allowed: "an address such as https://…/live".to_owned(),
    })
}

fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build()
}
