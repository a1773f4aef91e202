//! The verification of tokens.

use super::lookup::{ConfigError, Lookup};

/// The verification of tokens.
#[derive(Clone)]
pub struct JwtConfig {
    /// The source of the keys: exactly one of the variables of [`JwtKey`] is set.
    pub key: JwtKey,
    /// `JWT_ISSUER`.
    pub issuer: Option<String>,
    /// `JWT_AUDIENCE`; always set with [`JwtKey::JwksUrl`].
    pub audience: Option<String>,
}

/// The source of the keys.
#[derive(Clone)]
pub enum JwtKey {
    /// `JWT_SECRET` (HS256, HS384, HS512).
    Secret(String),
    /// `JWT_PUBLIC_KEY`, in PEM.
    PublicKey(String),
    /// `JWT_SECRET_ARN`: a secret in AWS Secrets Manager, with its current and its previous version.
    SecretArn(String),
    /// `JWT_JWKS_URL`: the address of a JSON Web Key Set (RFC 7517).
    JwksUrl(String),
}

impl JwtConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<JwtConfig, ConfigError> {
        let key = JwtKey::read(lookup)?;
        let audience = lookup.text("JWT_AUDIENCE");
        if matches!(key, JwtKey::JwksUrl(_)) && audience.is_none() {
            return Err(ConfigError {
                variable: "JWT_AUDIENCE",
                value: "not set".to_owned(),
                allowed: "set together with JWT_JWKS_URL: a key set signs the tokens of other applications, too"
                    .to_owned(),
            });
        }
        Ok(JwtConfig { key, issuer: lookup.text("JWT_ISSUER"), audience })
    }
}

type KeyOfText = fn(String) -> JwtKey;

impl JwtKey {
    fn read(lookup: &Lookup<'_>) -> Result<JwtKey, ConfigError> {
        const SOURCES: [(&str, KeyOfText); 4] = [
            ("JWT_SECRET", JwtKey::Secret),
            ("JWT_SECRET_ARN", JwtKey::SecretArn),
            ("JWT_PUBLIC_KEY", JwtKey::PublicKey),
            ("JWT_JWKS_URL", JwtKey::JwksUrl),
        ];
        let mut set = SOURCES.into_iter().filter_map(|(name, key)| Some((name, key(lookup.text(name)?))));
        let (first, key) = set.next().ok_or_else(|| ConfigError {
            variable: "JWT_SECRET",
            value: "not set".to_owned(),
            allowed: "set (or one of JWT_SECRET_ARN, JWT_PUBLIC_KEY, JWT_JWKS_URL instead of it)".to_owned(),
        })?;
        let others: Vec<&str> = set.map(|(name, _)| name).collect();
        if others.is_empty() {
            return Ok(key);
        }
        let allowed = format!("the only source of keys, but {} is set, too", others.join(", "));
        Err(ConfigError { variable: first, value: "set".to_owned(), allowed })
    }
}

impl std::fmt::Debug for JwtConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of every log.
        formatter
            .debug_struct("JwtConfig")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
