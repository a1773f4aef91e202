//! Keys that are kept elsewhere: a secret in Secrets Manager, or a key set behind an address. They are fetched when they are
//! needed, kept for ten minutes, and kept for longer while they cannot be fetched.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{BoxError, DisplayErrorContext};
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http::Uri;
use http::uri::Scheme;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::domain::config::ConfigError;
use crate::domain::error::ChatError;
use crate::platform::aws::{AwsEnvironment, trust};
use crate::platform::token::keys::Keys;

/// Keys are fetched anew after this long.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// However many unknown keys tokens name: they are fetched at most this often.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// A server of key sets that takes longer is as good as down.
const PATIENCE: Duration = Duration::from_secs(3);
/// Key sets that are larger than this are no key sets.
const MAX_KEY_SET_BYTES: usize = 512 * 1024;

/// Where keys are fetched.
pub(crate) enum Source {
    /// `JWT_SECRET_ARN`.
    Secret(SecretStore),
    /// `JWT_JWKS_URL`.
    Jwks(KeySet),
}

/// A secret in AWS Secrets Manager, in plain text. Its current version and the one before it are accepted, so that it can be
/// rotated while tokens of the old one are about.
pub struct SecretStore {
    client: Client,
    arn: String,
}

/// A key set behind an address. Redirects are not followed: the keys come from where the operator said, or not at all.
pub(crate) struct KeySet {
    http: Connector,
    address: Uri,
}

/// Keys that were fetched.
struct Fetched {
    keys: Arc<Keys>,
    at: Timestamp,
}

/// See the module.
pub(crate) struct RemoteKeys {
    source: Source,
    fetched: RwLock<Option<Fetched>>,
    /// When a fetch was tried last. Whoever holds it fetches, and the others wait for what comes of it.
    tried: Mutex<Option<Timestamp>>,
}

impl RemoteKeys {
    pub(crate) fn new(source: Source) -> RemoteKeys {
        RemoteKeys { source, fetched: RwLock::default(), tried: Mutex::default() }
    }

    /// The keys, fetched if there are none or they are old.
    pub(crate) async fn keys(&self, now: Timestamp) -> Result<Arc<Keys>, ChatError> {
        if let Some(keys) = self.known(|at| now.duration_since(at) < FRESH) {
            return Ok(keys);
        }
        let failure = self.fetch(now, |at| now.duration_since(at) < FRESH).await;
        // Old keys are better than none while they cannot be fetched.
        match (self.known(|_| true), failure) {
            (Some(keys), _) => Ok(keys),
            (None, Some(failure)) => Err(ChatError::unavailable(failure)),
            (None, None) => Err(ChatError::unavailable("the keys could not be fetched a moment ago")),
        }
    }

    /// Keys that were fetched after these, if there are any by now.
    pub(crate) async fn newer_than(&self, keys: &Arc<Keys>, now: Timestamp) -> Option<Arc<Keys>> {
        self.fetch(now, |_| false).await;
        self.known(|_| true).filter(|known| !Arc::ptr_eq(known, keys))
    }

    fn known(&self, is_good: impl Fn(Timestamp) -> bool) -> Option<Arc<Keys>> {
        let fetched = self.fetched.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        fetched.as_ref().filter(|fetched| is_good(fetched.at)).map(|fetched| Arc::clone(&fetched.keys))
    }

    /// Fetches, unless somebody did while this waited, or a moment ago. Answers with what went wrong.
    async fn fetch(&self, now: Timestamp, is_good: impl Fn(Timestamp) -> bool) -> Option<String> {
        let mut tried = self.tried.lock().await;
        if self.known(is_good).is_some() || tried.is_some_and(|tried| now.duration_since(tried).abs() < PAUSE) {
            return None;
        }
        *tried = Some(now);
        match self.source.fetch().await {
            Ok(keys) => {
                let fetched = Fetched { keys: Arc::new(keys), at: now };
                *self.fetched.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(fetched);
                None
            }
            Err(failure) => {
                tracing::warn!(error = failure, "the keys could not be fetched");
                Some(failure)
            }
        }
    }
}

impl Source {
    async fn fetch(&self) -> Result<Keys, String> {
        match self {
            Source::Secret(store) => {
                let current = store.version("AWSCURRENT").await?.ok_or("the secret has no current version")?;
                let previous = store.version("AWSPREVIOUS").await?;
                Ok(Keys::of_secrets([Some(current), previous].iter().flatten().map(String::as_str)))
            }
            Source::Jwks(set) => {
                let set = timeout(PATIENCE, set.read()).await.map_err(|_| "no answer in time")??;
                Keys::of_jwks(&set).map_err(|error| format!("no key set: {error}"))
            }
        }
    }
}

impl KeySet {
    /// The key set behind this address, which must be `https`, or `http` of this machine.
    pub(crate) fn new(address: &str) -> Result<KeySet, ConfigError> {
        let wrong = |allowed: &str| ConfigError {
            variable: "JWT_JWKS_URL",
            value: format!("{address:?}"),
            allowed: allowed.to_owned(),
        };
        let address: Uri = address.parse().map_err(|_| wrong("an https address"))?;
        let is_local = matches!(address.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if address.scheme() != Some(&Scheme::HTTPS) && !(address.scheme() == Some(&Scheme::HTTP) && is_local) {
            return Err(wrong("an https address (http for this machine only)"));
        }
        Ok(KeySet { http: trust::connector_to_anyone(), address })
    }

    async fn read(&self) -> Result<Vec<u8>, String> {
        let request = HttpRequest::get(self.address.to_string()).map_err(|error| error.to_string())?;
        let answer = self.http.call(request).await.map_err(|error| DisplayErrorContext(error).to_string())?;
        if !answer.status().is_success() {
            return Err(format!("the key server answered {}", answer.status()));
        }
        // What is announced may be wrong or missing: what counts is what comes.
        let body = Limited::new(answer.into_body(), MAX_KEY_SET_BYTES).collect().await;
        let told = |error: BoxError| match error.is::<LengthLimitError>() {
            true => "the key set is too large".to_owned(),
            false => error.to_string(),
        };
        Ok(body.map_err(told)?.to_bytes().into())
    }
}

impl SecretStore {
    /// The secret with this ARN.
    pub fn new(aws: &AwsEnvironment, arn: String) -> SecretStore {
        SecretStore { client: aws.secrets_manager(), arn }
    }

    /// The text of one version; `None` if there is no such version.
    async fn version(&self, stage: &str) -> Result<Option<String>, String> {
        let request = self.client.get_secret_value().secret_id(&self.arn).version_stage(stage);
        match request.send().await {
            Ok(output) => Ok(output.secret_string.filter(|secret| !secret.is_empty())),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                Ok(None)
            }
            Err(error) => Err(DisplayErrorContext(error).to_string()),
        }
    }
}
