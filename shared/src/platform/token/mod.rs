//! Verifies JWTs (RFC 7519) with the configured keys. The accepted algorithms come from the keys, never from the token.

mod keys;
mod remote;
mod unverified;
mod white_space;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::Value;

use self::keys::VerificationKeys;
use self::remote::{JwksEndpoint, RemoteKeys, Source, StoredSecret};
use self::unverified::{Expected, Unverified};
use self::white_space::WhiteSpaceWarning;
use crate::domain::caller::{Caller, parse_numeric_date};
use crate::domain::config::{ConfigError, JwtConfig, JwtKey};
use crate::domain::error::ChatError;
use crate::platform::aws::AwsEnvironment;

/// The tolerated difference of clocks, in seconds (docs/contract.md, Authentication).
pub const LEEWAY_SECONDS: i64 = 60;

/// Verifies tokens.
pub struct Verifier {
    keys: VerifierKeys,
    expected: Expected,
    validation: Validation,
}

/// The keys of a verifier.
enum VerifierKeys {
    Local(VerificationKeys),
    Remote(RemoteKeys),
}

impl Verifier {
    /// Prepares the keys. Remote keys are fetched with the first token.
    ///
    /// # Errors
    /// [`ConfigError`] if `JWT_PUBLIC_KEY` is not a usable PEM key, or `JWT_JWKS_URL` not a usable address.
    pub fn new(config: &JwtConfig, aws: &AwsEnvironment) -> Result<Verifier, ConfigError> {
        let keys = match &config.key {
            JwtKey::Secret(secret) => {
                WhiteSpaceWarning::about("JWT_SECRET").look_at(secret);
                VerifierKeys::Local(VerificationKeys::of_secrets([secret.as_str()]))
            }
            JwtKey::PublicKey(pem) => {
                VerifierKeys::Local(VerificationKeys::of_pem(pem).ok_or_else(|| ConfigError {
                    variable: "JWT_PUBLIC_KEY",
                    value: "not readable".to_owned(),
                    allowed: "a PEM public key: RSA, EC (P-256 or P-384) or Ed25519".to_owned(),
                })?)
            }
            JwtKey::SecretArn(arn) => {
                VerifierKeys::Remote(RemoteKeys::new(Source::Secret(StoredSecret::new(aws, arn.clone()))))
            }
            JwtKey::JwksUrl(url) => VerifierKeys::Remote(RemoteKeys::new(Source::Jwks(JwksEndpoint::new(url)?))),
        };
        // The accepted algorithms are set per key when it is tried.
        let mut validation = Validation::default();
        validation.required_spec_claims.clear();
        // `verify` checks the times against our own clock, which tests can move.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
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
        let expected = Expected {
            algorithms: keys.algorithms(),
            named_keys: matches!(config.key, JwtKey::JwksUrl(_)),
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
        };
        Ok(Verifier { keys, expected, validation })
    }

    /// Verifies a token at a time.
    ///
    /// # Errors
    /// [`ChatError::Unauthorized`], whose sentence never quotes the token. [`ChatError::Unavailable`] if the keys were never fetched
    /// and cannot be.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, ChatError> {
        // Everything that can be found wrong without a key is, before keys are fetched.
        let Unverified { header, claims } = Unverified::read(token, &self.expected).map_err(unauthorized)?;
        caller(&claims, now)?;
        let claims = match &self.keys {
            VerifierKeys::Local(keys) => keys.claims(token, &header, &self.validation),
            VerifierKeys::Remote(remote) => {
                let keys = remote.keys(now).await?;
                match keys.claims(token, &header, &self.validation) {
                    // The token's key may be newer than the fetched ones.
                    None if keys.may_lack_key_of(&header) => match remote.newer_than(&keys, now).await {
                        Some(newer) => newer.claims(token, &header, &self.validation),
                        None => None,
                    },
                    claims => claims,
                }
            }
        };
        caller(&claims.ok_or_else(|| unauthorized("The token does not verify"))?, now)
    }
}

impl VerifierKeys {
    /// The algorithms of tokens that such keys can verify.
    fn algorithms(&self) -> Vec<Algorithm> {
        match self {
            VerifierKeys::Local(keys) => keys.algorithms(),
            VerifierKeys::Remote(remote) => remote.algorithms(),
        }
    }
}

/// The caller of claims, if they are valid at this time.
fn caller(claims: &Value, now: Timestamp) -> Result<Caller, ChatError> {
    let caller = Caller::from_claims(claims).map_err(ChatError::Unauthorized)?;
    if has_expired(caller.expires_at, now) {
        return Err(unauthorized("The token has expired"));
    }
    let not_before = match &claims["nbf"] {
        Value::Null => None,
        claim => Some(parse_numeric_date(claim).ok_or_else(|| unauthorized("The token has no usable nbf"))?),
    };
    if not_before.is_some_and(|not_before| not_before > now.as_second().saturating_add(LEEWAY_SECONDS)) {
        return Err(unauthorized("The token is not valid yet"));
    }
    Ok(caller)
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

    const NOW: i64 = 1_700_000_000;

    fn verifier(issuer: Option<&str>, audience: Option<&str>) -> Verifier {
        let config = JwtConfig {
            key: JwtKey::Secret("secret".to_owned()),
            issuer: issuer.map(str::to_owned),
            audience: audience.map(str::to_owned),
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

    #[test]
    fn garbage_none_and_oversized_tokens_are_refused() {
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.";
        for token in ["", "a.b.c", "YOUR_JWT_TOKEN", unsigned, &"x".repeat(10_000)] {
            assert!(verify(&verifier(None, None), token).is_err());
        }
    }
}
