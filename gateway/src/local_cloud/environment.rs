//! The environment of functions: the template's variables, the local defaults, and the user's own settings, each over those before.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use shared::domain::config::{Config, ConfigError};
use shared::lambda::app::App;
use shared::platform::aws::AwsEnvironment;
use shared::platform::clock::Clock;

use super::options::Options;
use super::secret::{SecretError, secret_of};
use crate::cloud::database::Database;
use crate::cloud::template::Template;
use crate::http::door::AccessKey;

/// The variables of which one says how tokens are verified.
const KEYS: [&str; 4] = ["JWT_SECRET", "JWT_SECRET_ARN", "JWT_PUBLIC_KEY", "JWT_JWKS_URL"];

/// See the module.
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    caller_per_function: bool,
}

impl Environment {
    /// The environment of these options. Without a key, tokens are verified with the data folder's secret.
    pub(super) fn new(
        options: &Options,
        template: &Template,
        database: &Database,
        internal: SocketAddr,
    ) -> Result<Environment, SecretError> {
        let mut variables = local_defaults(template, database, internal, &options.access_key);
        variables.extend(options.environment.clone());
        if !KEYS.iter().any(|name| variables.get(*name).is_some_and(|value| !value.is_empty())) {
            variables.insert("JWT_SECRET".to_owned(), secret_of(database.folder())?);
        }
        Ok(Environment { variables, caller_per_function: options.caller_per_function })
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

    /// The secret with which development tokens are made, if tokens are verified with one.
    pub(super) fn development_secret(&self) -> Option<String> {
        self.variables.get("JWT_SECRET").filter(|secret| !secret.is_empty()).cloned()
    }
}

/// The object graph of functions with these variables.
pub(super) fn app_of(variables: &BTreeMap<String, String>, clock: &Clock) -> Result<Arc<App>, ConfigError> {
    let lookup = |name: &str| variables.get(name).cloned();
    App::new(Config::from_lookup(lookup)?, AwsEnvironment::from_lookup(lookup)?, clock.clone())
}

fn local_defaults(
    template: &Template,
    database: &Database,
    internal: SocketAddr,
    key: &AccessKey,
) -> BTreeMap<String, String> {
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
        ("AWS_ENDPOINT_URL_DYNAMODB", database.url().to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", format!("http://{internal}")),
        ("WEBSOCKET_ENDPOINT", format!("http://{internal}/{stage}")),
    ];
    environment.extend(local.map(|(name, value)| (name.to_owned(), value)));
    environment
}
