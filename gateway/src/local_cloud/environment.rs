//! The environment of functions: the template's variables, the local defaults, and the user's own settings, each over those before.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use shared::domain::config::{Config, ConfigError};
use shared::lambda::app::App;
use shared::platform::aws::{AwsEnvironment, Transports};
use shared::platform::clock::Clock;

use super::options::Options;
use super::secret::{SecretError, secret_of};
use crate::cloud::template::Template;
use crate::http::door::AccessKey;

/// The variables of which one says how tokens are verified.
const KEYS: [&str; 4] = ["JWT_SECRET", "JWT_SECRET_ARN", "JWT_PUBLIC_KEY", "JWT_JWKS_URL"];

/// The endpoints of functions that need no port. The name leads nowhere (RFC 2606, 2): a request that missed its transport would fail,
/// and never reach AWS.
const IN_PROCESS: &str = "http://in-process.invalid";

/// Where functions find the local cloud.
pub(super) struct Endpoints {
    pub(super) dynamodb: String,
    /// Lambda and `@connections`.
    pub(super) apis: String,
}

impl Default for Endpoints {
    fn default() -> Endpoints {
        Endpoints { dynamodb: IN_PROCESS.to_owned(), apis: IN_PROCESS.to_owned() }
    }
}

/// See the module.
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    transports: Transports,
    caller_per_function: bool,
}

impl Environment {
    /// The environment of these options. Without a key, tokens are verified with the data folder's secret. An endpoint that the options
    /// name wins over its transport.
    pub(super) fn new(
        options: &Options,
        template: &Template,
        folder: &Path,
        endpoints: &Endpoints,
        transports: Transports,
    ) -> Result<Environment, SecretError> {
        let mut variables = local_defaults(template, endpoints, &options.access_key);
        variables.extend(options.environment.clone());
        if !KEYS.iter().any(|name| variables.get(*name).is_some_and(|value| !value.is_empty())) {
            variables.insert("JWT_SECRET".to_owned(), secret_of(folder)?);
        }
        let is_ours = |name| !options.environment.contains_key(name);
        let transports = Transports {
            dynamodb: transports.dynamodb.filter(|_| is_ours("AWS_ENDPOINT_URL_DYNAMODB")),
            lambda: transports.lambda.filter(|_| is_ours("AWS_ENDPOINT_URL_LAMBDA")),
            management: transports.management.filter(|_| is_ours("WEBSOCKET_ENDPOINT")),
            posts: transports.posts.filter(|_| is_ours("WEBSOCKET_ENDPOINT")),
        };
        Ok(Environment { variables, transports, caller_per_function: options.caller_per_function })
    }

    /// The variables that all functions share.
    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The variables with which tools such as the AWS CLI reach this local cloud.
    pub(super) fn of_tools(&self) -> BTreeMap<String, String> {
        let is_of_aws = |(name, _): &(&String, &String)| name.starts_with("AWS_");
        self.variables.iter().filter(is_of_aws).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The environment of one function.
    pub(super) fn of(&self, function: &str) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        if self.caller_per_function {
            variables.insert("AWS_ACCESS_KEY_ID".to_owned(), function.to_owned());
        }
        variables
    }

    /// The object graph of functions in this process.
    pub(super) fn app(&self, clock: &Clock) -> Result<Arc<App>, ConfigError> {
        self.app_with(&self.variables, clock)
    }

    /// The object graph of one function in this process.
    pub(super) fn app_of(&self, function: &str, clock: &Clock) -> Result<Arc<App>, ConfigError> {
        self.app_with(&self.of(function), clock)
    }

    fn app_with(&self, variables: &BTreeMap<String, String>, clock: &Clock) -> Result<Arc<App>, ConfigError> {
        let lookup = |name: &str| variables.get(name).cloned();
        let aws = AwsEnvironment { transports: self.transports.clone(), ..AwsEnvironment::from_lookup(lookup)? };
        App::new(Config::from_lookup(lookup)?, aws, clock.clone())
    }

    /// The secret with which development tokens are made, if tokens are verified with one.
    pub(super) fn development_secret(&self) -> Option<String> {
        self.variables.get("JWT_SECRET").filter(|secret| !secret.is_empty()).cloned()
    }
}

fn local_defaults(template: &Template, endpoints: &Endpoints, key: &AccessKey) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<String, String> = BTreeMap::new();
    for function in template.functions.values() {
        environment.extend(function.environment.clone());
    }
    let stage = &template.websocket.stage;
    let local = [
        ("LIVE_CHAT_SCHEDULE", "always".to_owned()),
        ("LIVE_CHAT_POSTS_PER_SECOND", "0".to_owned()),
        // Metrics, and a line for each request, are for machines to read.
        ("LIVE_CHAT_METRICS", String::new()),
        ("RUST_LOG", "warn".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", key.id().to_owned()),
        ("AWS_SECRET_ACCESS_KEY", key.secret().to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoints.dynamodb.clone()),
        ("AWS_ENDPOINT_URL_LAMBDA", endpoints.apis.clone()),
        ("WEBSOCKET_ENDPOINT", format!("{}/{stage}", endpoints.apis)),
    ];
    environment.extend(local.map(|(name, value)| (name.to_owned(), value)));
    environment
}
