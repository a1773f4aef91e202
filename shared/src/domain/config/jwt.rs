//! The verification of tokens.

use std::collections::BTreeMap;

use crate::domain::caller::{ClaimMap, ClaimPointer, Role, SERVICE_AUDIENCE};

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
    /// `LIVE_CHAT_SERVICE_SECRET` or `LIVE_CHAT_SERVICE_SECRET_ARN`: the key of the customer's servers. None: there are no such.
    pub service: Option<JwtKey>,
    /// `JWT_ROLES_CLAIM`, `JWT_NAME_CLAIM`, `JWT_ROLE_MAP`.
    pub claims: ClaimMap,
}

/// The source of the keys.
#[derive(Clone)]
pub enum JwtKey {
    /// `JWT_SECRET` (HS256, HS384, HS512).
    Secret(String),
    /// `JWT_PUBLIC_KEY`, in PEM.
    PublicKey(String),
    /// `JWT_SECRET_ARN`: the ARN of a secret in AWS Secrets Manager, with its current and its previous version.
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
        // No token of a user may have the audience of services, so this one would refuse all of them.
        if let Some(audience) = audience.as_deref().filter(|audience| *audience == SERVICE_AUDIENCE) {
            return Err(ConfigError::new("JWT_AUDIENCE", audience, "another one: this is the audience of services"));
        }
        let (service, claims) = (read_service_key(lookup)?, read_claim_map(lookup)?);
        Ok(JwtConfig { key, issuer: lookup.text("JWT_ISSUER"), audience, service, claims })
    }
}

fn read_service_key(lookup: &Lookup<'_>) -> Result<Option<JwtKey>, ConfigError> {
    match (lookup.text("LIVE_CHAT_SERVICE_SECRET"), lookup.text("LIVE_CHAT_SERVICE_SECRET_ARN")) {
        (None, None) => Ok(None),
        (Some(secret), None) => Ok(Some(JwtKey::Secret(secret))),
        (None, Some(arn)) => Ok(Some(JwtKey::SecretArn(arn))),
        (Some(_), Some(_)) => Err(ConfigError {
            variable: "LIVE_CHAT_SERVICE_SECRET",
            value: "set".to_owned(),
            allowed: "the only secret of services, but LIVE_CHAT_SERVICE_SECRET_ARN is set, too".to_owned(),
        }),
    }
}

fn read_claim_map(lookup: &Lookup<'_>) -> Result<ClaimMap, ConfigError> {
    let pointer = |variable| match lookup.text(variable) {
        None => Ok(None),
        Some(text) => ClaimPointer::parse(&text)
            .map(Some)
            .ok_or_else(|| ConfigError::new(variable, &text, "a JSON pointer (RFC 6901), such as /realm_access/roles")),
    };
    let roles = lookup.text("JWT_ROLE_MAP").map_or_else(|| Ok(BTreeMap::new()), |text| parse_role_map(&text))?;
    Ok(ClaimMap { roles: pointer("JWT_ROLES_CLAIM")?, name: pointer("JWT_NAME_CLAIM")?, role_of: roles })
}

fn parse_role_map(text: &str) -> Result<BTreeMap<String, Role>, ConfigError> {
    let names = serde_json::from_str::<BTreeMap<String, String>>(text).ok();
    let known = |names: BTreeMap<String, String>| {
        names.into_iter().map(|(name, role)| Some((name, Role::of_name(&role)?))).collect::<Option<_>>()
    };
    names.and_then(known).ok_or_else(|| {
        let allowed = r#"a JSON object from names to host, moderator or member, such as {"chat-mods":"moderator"}"#;
        ConfigError::new("JWT_ROLE_MAP", text, allowed)
    })
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
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}
