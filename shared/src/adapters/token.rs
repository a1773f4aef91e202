//! Verifies JWTs (RFC 7519) with the configured key. The accepted algorithms come from the key, never from the token.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use crate::rules::caller::{Caller, number_of_seconds};
use crate::rules::config::{ConfigError, JwtConfig, JwtKey};
use crate::rules::error::ChatError;

/// How far clocks may differ, in seconds (CONTRACT: 60 s leeway).
pub const LEEWAY_SECONDS: i64 = 60;
/// Longest token in bytes that is looked at: API Gateway's limit for all headers together is 10,240.
const LONGEST_TOKEN: usize = 8192;

/// Verifies tokens.
#[derive(Clone)]
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    /// Prepares the key.
    ///
    /// # Errors
    /// [`ConfigError`] if `JWT_PUBLIC_KEY` is no usable PEM key.
    pub fn new(config: &JwtConfig) -> Result<Verifier, ConfigError> {
        let (key, algorithms) = match &config.key {
            JwtKey::Secret(secret) => {
                let algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
                (DecodingKey::from_secret(secret.as_bytes()), algorithms)
            }
            JwtKey::PublicKey(pem) => public_key(pem).ok_or_else(|| ConfigError {
                variable: "JWT_PUBLIC_KEY",
                value: "not readable".to_owned(),
                allowed: "a PEM public key: RSA, EC (P-256 or P-384) or Ed25519".to_owned(),
            })?,
        };
        let mut validation = Validation::new(algorithms[0]);
        validation.algorithms = algorithms;
        // The times are checked below against our own clock, which tests can move.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.required_spec_claims.clear();
        if let Some(issuer) = &config.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        match &config.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.required_spec_claims.insert("aud".to_owned());
            }
            None => validation.validate_aud = false,
        }
        Ok(Verifier { key, validation })
    }

    /// Verifies a token at a time.
    ///
    /// # Errors
    /// [`ChatError::Unauthorized`]; its sentence never quotes the token.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, ChatError> {
        let unauthorized = |sentence: &str| ChatError::Unauthorized(sentence.to_owned());
        if token.len() > LONGEST_TOKEN {
            return Err(unauthorized("The token is too long"));
        }
        let claims = jsonwebtoken::decode::<Value>(token, &self.key, &self.validation)
            .map_err(|_| unauthorized("The token does not verify"))?
            .claims;
        let caller = Caller::from_claims(&claims).map_err(ChatError::Unauthorized)?;
        if has_expired(caller.expires_at, now) {
            return Err(unauthorized("The token has expired"));
        }
        let not_before = match &claims["nbf"] {
            Value::Null => None,
            claim => Some(number_of_seconds(claim).ok_or_else(|| unauthorized("The token has no usable nbf"))?),
        };
        if not_before.is_some_and(|not_before| not_before > now.as_second().saturating_add(LEEWAY_SECONDS)) {
            return Err(unauthorized("The token is not valid yet"));
        }
        Ok(caller)
    }
}

/// Whether a token with this `exp` has expired at a time, with the leeway.
pub fn has_expired(expires_at: i64, now: Timestamp) -> bool {
    expires_at.saturating_add(LEEWAY_SECONDS) <= now.as_second()
}

fn public_key(pem: &str) -> Option<(DecodingKey, Vec<Algorithm>)> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    // A setting on one line often carries its line breaks as the two characters `\n`.
    let pem = pem.replace("\\n", "\n");
    let pem = pem.as_bytes();
    if let Ok(key) = DecodingKey::from_rsa_pem(pem) {
        return Some((key, vec![RS256, RS384, RS512, PS256, PS384, PS512]));
    }
    if let Ok(key) = DecodingKey::from_ec_pem(pem) {
        return Some((key, vec![ES256, ES384]));
    }
    DecodingKey::from_ed_pem(pem).ok().map(|key| (key, vec![EdDSA]))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn verifier(issuer: Option<&str>, audience: Option<&str>) -> Verifier {
        let config = JwtConfig {
            key: JwtKey::Secret("secret".to_owned()),
            issuer: issuer.map(str::to_owned),
            audience: audience.map(str::to_owned),
        };
        Verifier::new(&config).unwrap()
    }

    fn token(claims: &Value, algorithm: Algorithm, secret: &str) -> String {
        encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    fn verify(verifier: &Verifier, token: &str) -> Result<String, String> {
        let now = Timestamp::from_second(NOW).unwrap();
        verifier.verify(token, now).map(|caller| caller.user_id).map_err(|error| {
            assert_eq!(error.code(), "unauthorized");
            error.to_string()
        })
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

    #[test]
    fn garbage_none_and_oversized_tokens_are_refused() {
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.";
        for token in ["", "a.b.c", "YOUR_JWT_TOKEN", unsigned, &"x".repeat(10_000)] {
            assert!(verify(&verifier(None, None), token).is_err());
        }
    }
}
