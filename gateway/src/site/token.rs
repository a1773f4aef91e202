//! Development tokens, in place of those that a host application's login issues in production.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// The claims that the chat knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Claims {
    /// The user id.
    pub sub: String,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `host`, `moderator`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// `uncounted`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
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

/// Makes a token (HS256) that is good from now on for a time.
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
