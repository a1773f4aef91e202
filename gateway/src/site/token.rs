//! Development tokens, in place of those that a host application's login issues in production.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// The claims that the chat knows, a field each (docs/contract.md, Authentication).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// The user id.
    pub sub: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `host`, `moderator`, `member`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What the token may do instead of what its roles bring; none leaves it to the roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// The ids and rooms that the token is limited to; none limits it to nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<String>,
    /// What the user's messages carry.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// RFC 3339, or seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_created: Option<String>,
    /// The audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Such as `gold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The chat shows it to nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A token cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("a token cannot be made: {0}")]
pub struct MintError(#[from] jsonwebtoken::errors::Error);

/// Makes a token (HS256) that is issued now, and good for a time.
///
/// # Errors
/// [`MintError`] if the claims cannot be signed.
pub fn mint(secret: &str, claims: &Claims, now: Timestamp, ttl: SignedDuration) -> Result<String, MintError> {
    #[derive(Serialize)]
    struct Timed<'a> {
        #[serde(flatten)]
        claims: &'a Claims,
        iat: i64,
        exp: i64,
    }
    let timed = Timed { claims, iat: now.as_second(), exp: now.as_second().saturating_add(ttl.as_secs()) };
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &timed, &EncodingKey::from_secret(secret.as_bytes()))?)
}
