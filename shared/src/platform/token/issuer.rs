//! An issuer of tokens: its keys, and what its tokens say of themselves. The users' issuer is the operator's login; the customer's
//! servers have a secret of their own.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde_json::Value;

use super::keys::VerificationKeys;
use super::remote::{JwksEndpoint, RemoteKeys, Source, StoredSecret};
use super::unverified::Expected;
use super::white_space::WhiteSpaceWarning;
use crate::domain::caller::SERVICE_AUDIENCE;
use crate::domain::config::{ConfigError, JwtConfig, JwtKey};
use crate::domain::error::ChatError;
use crate::platform::aws::AwsEnvironment;

/// See the module.
pub(super) struct Issuer {
    keys: IssuerKeys,
    pub(super) expected: Expected,
    validation: Validation,
}

/// The settings that may hold an issuer's secret, which the log names.
struct Settings {
    secret: &'static str,
    secret_arn: &'static str,
}

enum IssuerKeys {
    Local(VerificationKeys),
    Remote(RemoteKeys),
}

impl Issuer {
    /// The issuer of users' tokens.
    pub(super) fn of_users(config: &JwtConfig, aws: &AwsEnvironment) -> Result<Issuer, ConfigError> {
        let settings = Settings { secret: "JWT_SECRET", secret_arn: "JWT_SECRET_ARN" };
        let keys = IssuerKeys::new(&config.key, &settings, aws)?;
        let named_keys = matches!(config.key, JwtKey::JwksUrl(_));
        Ok(Issuer::new(keys, named_keys, config.issuer.clone(), config.audience.clone()))
    }

    /// The issuer of services' tokens. `JWT_ISSUER` is not theirs.
    pub(super) fn of_services(key: &JwtKey, aws: &AwsEnvironment) -> Result<Issuer, ConfigError> {
        let settings = Settings { secret: "LIVE_CHAT_SERVICE_SECRET", secret_arn: "LIVE_CHAT_SERVICE_SECRET_ARN" };
        let keys = IssuerKeys::new(key, &settings, aws)?;
        Ok(Issuer::new(keys, false, None, Some(SERVICE_AUDIENCE.to_owned())))
    }

    fn new(keys: IssuerKeys, named_keys: bool, issuer: Option<String>, audience: Option<String>) -> Issuer {
        // The accepted algorithms are set per key when it is tried.
        let mut validation = Validation::default();
        validation.required_spec_claims.clear();
        // The verifier checks the times against our own clock, which tests can move, and the audience, for which `client_id` may stand.
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        if let Some(issuer) = &issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        let expected = Expected { algorithms: keys.algorithms(), named_keys, issuer, audience };
        Issuer { keys, expected, validation }
    }

    /// The claims of a token with this header, if one of the keys verifies it and they are expected of this issuer.
    pub(super) async fn verified_claims(
        &self,
        token: &str,
        header: &Header,
        now: Timestamp,
    ) -> Result<Option<Value>, ChatError> {
        let claims = match &self.keys {
            IssuerKeys::Local(keys) => keys.claims(token, header, &self.validation),
            IssuerKeys::Remote(remote) => {
                let keys = remote.keys(now).await?;
                match keys.claims(token, header, &self.validation) {
                    // The token's key may be newer than the fetched ones.
                    None if keys.may_lack_key_of(header) => match remote.newer_than(&keys, now).await {
                        Some(newer) => newer.claims(token, header, &self.validation),
                        None => None,
                    },
                    claims => claims,
                }
            }
        };
        Ok(claims.filter(|claims| self.expected.refusal(claims).is_none()))
    }
}

impl IssuerKeys {
    fn new(key: &JwtKey, settings: &Settings, aws: &AwsEnvironment) -> Result<IssuerKeys, ConfigError> {
        Ok(match key {
            JwtKey::Secret(secret) => {
                WhiteSpaceWarning::about(settings.secret).look_at(secret);
                IssuerKeys::Local(VerificationKeys::of_secrets([secret.as_str()]))
            }
            JwtKey::PublicKey(pem) => IssuerKeys::Local(VerificationKeys::of_pem(pem).ok_or_else(|| ConfigError {
                variable: "JWT_PUBLIC_KEY",
                value: "not readable".to_owned(),
                allowed: "a PEM public key: RSA, EC (P-256 or P-384) or Ed25519".to_owned(),
            })?),
            JwtKey::SecretArn(arn) => {
                let secret = StoredSecret::new(aws, settings.secret_arn, arn.clone());
                IssuerKeys::Remote(RemoteKeys::new(Source::Secret(secret)))
            }
            JwtKey::JwksUrl(url) => IssuerKeys::Remote(RemoteKeys::new(Source::Jwks(JwksEndpoint::new(url)?))),
        })
    }

    /// The algorithms of tokens that such keys can verify.
    fn algorithms(&self) -> Vec<Algorithm> {
        match self {
            IssuerKeys::Local(keys) => keys.algorithms(),
            IssuerKeys::Remote(remote) => remote.algorithms(),
        }
    }
}
