//! Remote keys: a secret in Secrets Manager, or a JSON Web Key Set behind an address. They are fetched when they are needed and cached
//! for ten minutes, or longer while they cannot be fetched.

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
use jsonwebtoken::Algorithm;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::domain::config::ConfigError;
use crate::domain::error::ChatError;
use crate::platform::aws::{AwsEnvironment, trust};
use crate::platform::token::keys::{ASYMMETRIC, HMAC, VerificationKeys};
use crate::platform::token::white_space::WhiteSpaceWarning;

/// Keys are fetched again after this long.
const MAX_AGE: SignedDuration = SignedDuration::from_mins(10);
/// Keys are fetched at most this often, no matter how many unknown keys the tokens name.
const MIN_FETCH_INTERVAL: SignedDuration = SignedDuration::from_secs(30);
const JWKS_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_JWKS_BYTES: usize = 512 * 1024;

/// The source of remote keys.
pub(crate) enum Source {
    /// `JWT_SECRET_ARN`, `LIVE_CHAT_SERVICE_SECRET_ARN`.
    Secret(StoredSecret),
    /// `JWT_JWKS_URL`.
    Jwks(JwksEndpoint),
}

/// A secret in AWS Secrets Manager, in plain text. Its current and its previous version are accepted, so it can be rotated while
/// tokens of the previous one are in use.
pub(crate) struct StoredSecret {
    client: Client,
    arn: String,
    white_space: WhiteSpaceWarning,
}

/// The address of a key set. Redirects are not followed: the keys come from the operator's address or not at all.
pub(crate) struct JwksEndpoint {
    http: Connector,
    address: Uri,
}

/// Keys that were fetched.
struct FetchedKeys {
    keys: Arc<VerificationKeys>,
    at: Timestamp,
}

/// Fetches and caches the keys of a source.
pub(crate) struct RemoteKeys {
    source: Source,
    fetched: RwLock<Option<FetchedKeys>>,
    /// The time of the last attempt. The task that holds the lock fetches, and the others wait for its result.
    last_attempt: Mutex<Option<Timestamp>>,
}

impl RemoteKeys {
    pub(crate) fn new(source: Source) -> RemoteKeys {
        RemoteKeys { source, fetched: RwLock::default(), last_attempt: Mutex::default() }
    }

    /// The algorithms of tokens that keys of this source can verify.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        match self.source {
            Source::Secret(_) => HMAC.to_vec(),
            Source::Jwks(_) => ASYMMETRIC.to_vec(),
        }
    }

    /// The keys. They are fetched if there are none or they are old.
    pub(crate) async fn keys(&self, now: Timestamp) -> Result<Arc<VerificationKeys>, ChatError> {
        let is_fresh = |at| now.duration_since(at) < MAX_AGE;
        if let Some(keys) = self.cached(is_fresh) {
            return Ok(keys);
        }
        let failure = self.fetch(now, is_fresh).await;
        // While they cannot be fetched, old keys are better than none.
        match (self.cached(|_| true), failure) {
            (Some(keys), _) => Ok(keys),
            (None, Some(failure)) => Err(ChatError::unavailable(failure)),
            (None, None) => Err(ChatError::unavailable("the keys could not be fetched a moment ago")),
        }
    }

    /// Keys that were fetched after these, if there are any.
    pub(crate) async fn newer_than(
        &self,
        keys: &Arc<VerificationKeys>,
        now: Timestamp,
    ) -> Option<Arc<VerificationKeys>> {
        self.fetch(now, |_| false).await;
        self.cached(|_| true).filter(|cached| !Arc::ptr_eq(cached, keys))
    }

    fn cached(&self, is_good: impl Fn(Timestamp) -> bool) -> Option<Arc<VerificationKeys>> {
        let fetched = self.fetched.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        fetched.as_ref().filter(|fetched| is_good(fetched.at)).map(|fetched| Arc::clone(&fetched.keys))
    }

    /// Fetches the keys, unless another task has fetched good ones meanwhile or the last attempt was a moment ago. Returns the cause
    /// of a failure.
    async fn fetch(&self, now: Timestamp, is_good: impl Fn(Timestamp) -> bool) -> Option<String> {
        let mut last_attempt = self.last_attempt.lock().await;
        let is_too_soon = last_attempt.is_some_and(|last| now.duration_since(last).abs() < MIN_FETCH_INTERVAL);
        if is_too_soon || self.cached(is_good).is_some() {
            return None;
        }
        *last_attempt = Some(now);
        match self.source.fetch().await {
            Ok(keys) => {
                let fetched = FetchedKeys { keys: Arc::new(keys), at: now };
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
    async fn fetch(&self) -> Result<VerificationKeys, String> {
        match self {
            Source::Secret(store) => {
                let current = store.version("AWSCURRENT").await?.ok_or("the secret has no current version")?;
                let previous = store.version("AWSPREVIOUS").await?;
                store.white_space.look_at(&current);
                Ok(VerificationKeys::of_secrets([Some(current), previous].iter().flatten().map(String::as_str)))
            }
            Source::Jwks(set) => {
                let set = timeout(JWKS_TIMEOUT, set.read()).await.map_err(|_| "no response in time")??;
                VerificationKeys::of_jwks(&set).map_err(|error| format!("not a key set: {error}"))
            }
        }
    }
}

impl JwksEndpoint {
    /// The endpoint at this address, which must be `https`, or `http` on this machine.
    pub(crate) fn new(address: &str) -> Result<JwksEndpoint, ConfigError> {
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
        Ok(JwksEndpoint { http: trust::system_trust_connector(), address })
    }

    async fn read(&self) -> Result<Vec<u8>, String> {
        let request = HttpRequest::get(self.address.to_string()).map_err(|error| error.to_string())?;
        let answer = self.http.call(request).await.map_err(|error| DisplayErrorContext(error).to_string())?;
        if !answer.status().is_success() {
            return Err(format!("the key server answered {}", answer.status()));
        }
        // `Content-Length` may be wrong or missing, so the limit applies to the bytes themselves.
        let body = Limited::new(answer.into_body(), MAX_JWKS_BYTES).collect().await;
        let describe = |error: BoxError| match error.is::<LengthLimitError>() {
            true => "the key set is too large".to_owned(),
            false => error.to_string(),
        };
        Ok(body.map_err(describe)?.to_bytes().into())
    }
}

impl StoredSecret {
    /// The secret with this ARN, which is the value of a setting.
    pub(crate) fn new(aws: &AwsEnvironment, setting: &'static str, arn: String) -> StoredSecret {
        StoredSecret { client: aws.secrets_manager(), arn, white_space: WhiteSpaceWarning::about(setting) }
    }

    /// The text of the version at a stage; `None` if there is none.
    pub(crate) async fn version(&self, stage: &str) -> Result<Option<String>, String> {
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
