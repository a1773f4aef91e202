//! Verifies JWTs (RFC 7519) with the configured keys. The accepted algorithms come from the keys, never from the token.

mod issuer;
mod keys;
pub(crate) mod remote;
mod unverified;
mod white_space;

use jiff::Timestamp;
use serde_json::Value;

use self::issuer::Issuer;
use self::unverified::{Unverified, is_for_services};
use crate::domain::caller::{Caller, ClaimMap, parse_numeric_date};
use crate::domain::config::{ConfigError, JwtConfig};
use crate::domain::error::ChatError;
use crate::platform::aws::AwsEnvironment;

/// The tolerated difference of clocks, in seconds (docs/contract.md, Authentication).
pub const LEEWAY_SECONDS: i64 = 60;
/// The longest life of a token of a service, in seconds (docs/contract.md, Who may do what).
pub const SERVICE_SECONDS: i64 = 300;

/// Verifies tokens.
pub struct Verifier {
    users: Issuer,
    /// The customer's servers, if they may call.
    services: Option<Issuer>,
    claims: ClaimMap,
}

impl Verifier {
    /// Prepares the keys. Remote keys are fetched with the first token.
    ///
    /// # Errors
    /// [`ConfigError`] if `JWT_PUBLIC_KEY` is not a usable PEM key, or `JWT_JWKS_URL` not a usable address.
    pub fn new(config: &JwtConfig, aws: &AwsEnvironment) -> Result<Verifier, ConfigError> {
        Ok(Verifier {
            users: Issuer::of_users(config, aws)?,
            services: config.service.as_ref().map(|key| Issuer::of_services(key, aws)).transpose()?,
            claims: config.claims.clone(),
        })
    }

    /// Verifies a token at a time.
    ///
    /// # Errors
    /// [`ChatError::Unauthorized`], whose sentence never quotes the token. [`ChatError::Unavailable`] if the keys were never fetched
    /// and cannot be.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, ChatError> {
        let unverified = Unverified::read(token).map_err(unauthorized)?;
        // The token's own word decides whose key may verify it, so the key of users never makes a service.
        let issuer = match is_for_services(&unverified.claims) {
            false => &self.users,
            true => self.services.as_ref().ok_or_else(|| unauthorized("This chat knows no services"))?,
        };
        // Everything that can be found wrong without a key is, before keys are fetched.
        unverified.check(&issuer.expected).map_err(unauthorized)?;
        self.caller(&unverified.claims, now)?;
        let claims = issuer.verified_claims(token, &unverified.header, now).await?;
        self.caller(&claims.ok_or_else(|| unauthorized("The token does not verify"))?, now)
    }

    /// The caller of claims, if they are valid at this time.
    fn caller(&self, claims: &Value, now: Timestamp) -> Result<Caller, ChatError> {
        let caller = match is_for_services(claims) {
            false => Caller::from_mapped_claims(claims, &self.claims),
            true => Caller::from_claims(claims).map(Caller::into_service),
        };
        let caller = caller.map_err(ChatError::Unauthorized)?;
        check_times(&caller, claims, now)?;
        Ok(caller)
    }
}

fn check_times(caller: &Caller, claims: &Value, now: Timestamp) -> Result<(), ChatError> {
    if has_expired(caller.expires_at, now) {
        return Err(unauthorized("The token has expired"));
    }
    let not_before = match &claims["nbf"] {
        Value::Null => None,
        claim => Some(parse_numeric_date(claim).ok_or_else(|| unauthorized("The token has no usable nbf"))?),
    };
    let is_too_early = |moment: i64| moment > now.as_second().saturating_add(LEEWAY_SECONDS);
    if not_before.is_some_and(is_too_early) {
        return Err(unauthorized("The token is not valid yet"));
    }
    if !caller.is_service {
        return Ok(());
    }
    let issued_at = caller.issued_at.ok_or_else(|| unauthorized("A service's token needs iat"))?;
    // One that was issued in the future would live longer than it says.
    if is_too_early(issued_at) {
        return Err(unauthorized("The token is not valid yet"));
    }
    match caller.expires_at.saturating_sub(issued_at) {
        0..=SERVICE_SECONDS => Ok(()),
        _ => Err(ChatError::Unauthorized(format!("A service's token lives {SERVICE_SECONDS} seconds at most"))),
    }
}

fn unauthorized(sentence: &str) -> ChatError {
    ChatError::Unauthorized(sentence.to_owned())
}

/// Whether a token with this `exp` has expired at a time, with the leeway.
pub fn has_expired(expires_at: i64, now: Timestamp) -> bool {
    expires_at.saturating_add(LEEWAY_SECONDS) <= now.as_second()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;
    use crate::domain::config::JwtKey;

    const NOW: i64 = 1_700_000_000;

    fn verifier(issuer: Option<&str>, audience: Option<&str>) -> Verifier {
        let config = JwtConfig {
            key: JwtKey::Secret("secret".to_owned()),
            issuer: issuer.map(str::to_owned),
            audience: audience.map(str::to_owned),
            service: None,
            claims: ClaimMap::default(),
        };
        Verifier::new(&config, &AwsEnvironment::from_lookup(|_| None).unwrap()).unwrap()
    }

    fn token(claims: &Value, algorithm: Algorithm, secret: &str) -> String {
        encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    fn verify(verifier: &Verifier, token: &str) -> Result<String, String> {
        let now = Timestamp::from_second(NOW).unwrap();
        verifier.verify(token, now).now_or_never().expect("the key is here").map(|caller| caller.user_id).map_err(
            |error| {
                assert_eq!(error.code(), "unauthorized");
                error.to_string()
            },
        )
    }

    #[test]
    fn all_three_hmac_algorithms_verify_and_a_wrong_secret_does_not() {
        let claims = json!({"sub": "a", "exp": NOW + 10});
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            assert_eq!(verify(&verifier(None, None), &token(&claims, algorithm, "secret")).unwrap(), "a");
        }
        assert!(verify(&verifier(None, None), &token(&claims, Algorithm::HS256, "other")).is_err());
    }

    #[test]
    fn times_have_sixty_seconds_of_leeway() {
        let with = |claims: Value| verify(&verifier(None, None), &token(&claims, Algorithm::HS256, "secret"));
        assert!(with(json!({"sub": "a", "exp": NOW - 59})).is_ok());
        assert_eq!(with(json!({"sub": "a", "exp": NOW - 60})).unwrap_err(), "The token has expired");
        assert!(with(json!({"sub": "a", "exp": NOW + 9, "nbf": NOW + 60})).is_ok());
        assert_eq!(
            with(json!({"sub": "a", "exp": NOW + 9, "nbf": NOW + 61})).unwrap_err(),
            "The token is not valid yet"
        );
        assert!(with(json!({"sub": "a", "exp": NOW + 9, "nbf": "soon"})).is_err());
        assert!(with(json!({"sub": "a"})).is_err());
    }

    #[test]
    fn issuer_and_audience_are_required_where_they_are_configured() {
        let strict = verifier(Some("me"), Some("chat"));
        let with = |claims: Value| verify(&strict, &token(&claims, Algorithm::HS256, "secret"));
        assert!(with(json!({"sub": "a", "exp": NOW + 9, "iss": "me", "aud": ["x", "chat"]})).is_ok());
        assert!(with(json!({"sub": "a", "exp": NOW + 9, "iss": "you", "aud": "chat"})).is_err());
        assert!(with(json!({"sub": "a", "exp": NOW + 9, "iss": "me", "aud": "other"})).is_err());
        assert!(with(json!({"sub": "a", "exp": NOW + 9})).is_err());
        let lax = verifier(None, None);
        assert!(
            verify(&lax, &token(&json!({"sub": "a", "exp": NOW + 9, "aud": "any"}), Algorithm::HS256, "secret"))
                .is_ok()
        );
    }

    /// The refusal of a service's token with these claims; `None` if it is taken.
    fn service_refusal(more: Value) -> Option<String> {
        let mut config = JwtConfig {
            key: JwtKey::Secret("secret".to_owned()),
            issuer: Some("me".to_owned()),
            audience: Some("chat".to_owned()),
            service: Some(JwtKey::Secret("of services".to_owned())),
            claims: ClaimMap::default(),
        };
        config.claims.roles = crate::domain::caller::ClaimPointer::parse("/elsewhere");
        let verifier = Verifier::new(&config, &AwsEnvironment::from_lookup(|_| None).unwrap()).unwrap();
        let mut claims = json!({"sub": "shop", "aud": "live-chat-service", "iat": NOW, "exp": NOW + 300});
        for (name, value) in more.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        verify(&verifier, &token(&claims, Algorithm::HS256, "of services")).err()
    }

    #[test]
    fn a_token_of_a_service_lives_five_minutes_at_most() {
        for good in [
            json!({}),
            json!({"aud": ["live-chat-service"]}),
            json!({"iat": NOW - 359, "exp": NOW - 59}),
            json!({"iat": NOW + 60, "exp": NOW + 360}),
            json!({"exp": NOW}),
        ] {
            assert_eq!(service_refusal(good.clone()), None, "{good}");
        }
        for bad in [
            json!({"exp": NOW + 301}),
            json!({"iat": null}),
            json!({"iat": "now"}),
            json!({"iat": NOW + 61, "exp": NOW + 70}),
            json!({"iat": NOW + 10, "exp": NOW + 9}),
            json!({"iat": NOW - 360, "exp": NOW - 60}),
            json!({"iat": i64::MIN, "exp": i64::MAX}),
            json!({"nbf": NOW + 61}),
            json!({"aud": "live-chat-services"}),
            json!({"aud": null, "client_id": "live-chat-service"}),
        ] {
            assert!(service_refusal(bad.clone()).is_some(), "{bad}");
        }
    }

    #[test]
    fn garbage_none_and_oversized_tokens_are_refused() {
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.";
        for token in ["", "a.b.c", "YOUR_JWT_TOKEN", unsigned, &"x".repeat(10_000)] {
            assert!(verify(&verifier(None, None), token).is_err());
        }
    }
}
