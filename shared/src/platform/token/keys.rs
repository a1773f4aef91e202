//! Verification keys, each with the algorithms that it accepts.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::Value;

use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512};

pub(super) const HMAC: [Algorithm; 3] = [HS256, HS384, HS512];
const RSA: [Algorithm; 6] = [RS256, RS384, RS512, PS256, PS384, PS512];
/// All that a key set's keys can verify.
pub(super) const ASYMMETRIC: [Algorithm; 9] = [RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA];

/// The keys of one source.
#[derive(Clone)]
pub(crate) struct VerificationKeys(Vec<VerificationKey>);

#[derive(Clone)]
struct VerificationKey {
    /// `kid` (RFC 7517), where the key has one.
    id: Option<String>,
    key: DecodingKey,
    algorithms: Vec<Algorithm>,
}

impl VerificationKeys {
    /// HMAC secrets; any of them verifies.
    pub(crate) fn of_secrets<'a>(secrets: impl IntoIterator<Item = &'a str>) -> VerificationKeys {
        let key = |secret: &str| VerificationKey {
            id: None,
            key: DecodingKey::from_secret(secret.as_bytes()),
            algorithms: HMAC.to_vec(),
        };
        VerificationKeys(secrets.into_iter().map(key).collect())
    }

    /// A public key in PEM; `None` if it cannot be read.
    pub(crate) fn of_pem(pem: &str) -> Option<VerificationKeys> {
        // A setting on one line often writes line breaks as the two characters `\n`.
        let pem = pem.replace("\\n", "\n");
        let pem = pem.as_bytes();
        let (key, algorithms) = if let Ok(key) = DecodingKey::from_rsa_pem(pem) {
            (key, RSA.to_vec())
        } else if let Ok(key) = DecodingKey::from_ec_pem(pem) {
            (key, vec![ES256, ES384])
        } else {
            (DecodingKey::from_ed_pem(pem).ok()?, vec![EdDSA])
        };
        Some(VerificationKeys(vec![VerificationKey { id: None, key, algorithms }]))
    }

    /// A JSON Web Key Set (RFC 7517). Keys that are not for signatures are skipped, and so are types that are not accepted: a
    /// symmetric key has no business in a public set.
    pub(crate) fn of_jwks(json: &[u8]) -> Result<VerificationKeys, serde_json::Error> {
        // A key of an unknown type must not spoil the others.
        #[derive(serde::Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(json)?;
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        Ok(VerificationKeys(JwkSet { keys }.keys.iter().filter_map(VerificationKey::of_jwk).collect()))
    }

    /// The algorithms of all keys.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        self.0.iter().flat_map(|key| key.algorithms.iter().copied()).collect()
    }

    /// Whether a newer set may have the key of a token with this header. If a key of this one has the id that the token names, the
    /// signature is wrong, and remains so.
    pub(super) fn may_lack_key_of(&self, header: &Header) -> bool {
        header.kid.is_none() || self.0.iter().all(|key| key.id != header.kid)
    }

    /// The claims of a token with this header that one of the keys verifies.
    pub(crate) fn claims(&self, token: &str, header: &Header, rules: &Validation) -> Option<Value> {
        let fits = |key: &&VerificationKey| {
            let is_named = header.kid.is_none() || key.id.is_none() || key.id == header.kid;
            is_named && key.algorithms.contains(&header.alg)
        };
        self.0.iter().filter(fits).find_map(|key| {
            let mut rules = rules.clone();
            rules.algorithms = vec![header.alg];
            jsonwebtoken::decode::<Value>(token, &key.key, &rules).ok().map(|token| token.claims)
        })
    }
}

impl VerificationKey {
    fn of_jwk(jwk: &Jwk) -> Option<VerificationKey> {
        use jsonwebtoken::jwk::{KeyAlgorithm, PublicKeyUse};
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return None;
        }
        let possible = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => RSA.to_vec(),
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => vec![ES256],
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P384 => vec![ES384],
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => vec![EdDSA],
            _ => return None,
        };
        let algorithms = match jwk.common.key_algorithm {
            None => possible,
            Some(named) => {
                let is_named = |algorithm: &Algorithm| format!("{algorithm:?}") == KeyAlgorithm::to_string(&named);
                possible.into_iter().filter(is_named).collect()
            }
        };
        Some(VerificationKey { id: jwk.common.key_id.clone(), key: DecodingKey::from_jwk(jwk).ok()?, algorithms })
    }
}
