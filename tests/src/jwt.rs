//! Keys and tokens as identity providers create them, and as attackers forge them.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// A kind of key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSA, 2,048 bits.
    Rsa,
    /// Elliptic curve P-256.
    P256,
    /// Elliptic curve P-384.
    P384,
    /// Edwards curve 25519.
    Ed25519,
}

impl Kind {
    /// All accepted kinds.
    pub const ALL: [Kind; 4] = [Kind::Rsa, Kind::P256, Kind::P384, Kind::Ed25519];

    /// The algorithms that a key of this kind may verify.
    pub fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Kind::Rsa => &[RS256, RS384, RS512, PS256, PS384, PS512],
            Kind::P256 => &[ES256],
            Kind::P384 => &[ES384],
            Kind::Ed25519 => &[EdDSA],
        }
    }
}

/// A key pair.
pub struct KeyPair {
    kind: Kind,
    private: Vec<u8>,
    public: Vec<u8>,
    raw: Vec<u8>,
}

impl KeyPair {
    /// Generates a key pair.
    pub fn generate(kind: Kind) -> KeyPair {
        let der = |public: PublicKeyX509Der<'_>| public.as_ref().to_vec();
        let (private, public, raw) = match kind {
            Kind::Rsa => {
                let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
                let private: Pkcs8V1Der<'_> = pair.as_der().expect("a key");
                let public = pair.public_key();
                (private.as_ref().to_vec(), der(public.as_der().expect("a key")), public.as_ref().to_vec())
            }
            Kind::P256 | Kind::P384 => {
                let algorithm = match kind {
                    Kind::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                    _ => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
                };
                let pair = EcdsaKeyPair::generate(algorithm).expect("a key");
                let (private, public) = (pair.to_pkcs8v1().expect("a key"), pair.public_key());
                (private.as_ref().to_vec(), der(public.as_der().expect("a key")), public.as_ref().to_vec())
            }
            Kind::Ed25519 => {
                let pair = Ed25519KeyPair::generate().expect("a key");
                let (private, public) = (pair.to_pkcs8v1().expect("a key"), pair.public_key());
                (private.as_ref().to_vec(), der(public.as_der().expect("a key")), public.as_ref().to_vec())
            }
        };
        KeyPair { kind, private, public, raw }
    }

    /// The public key in PEM.
    pub fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &self.public)
    }

    /// The public key as a JWK, with further fields such as `kid`.
    pub fn jwk(&self, more: Value) -> Value {
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&self.raw[range]);
        let mut jwk = match self.kind {
            // In DER: a 9-byte header, the 256-byte modulus, a 2-byte header and the 3-byte exponent.
            Kind::Rsa => json!({"kty": "RSA", "n": part(9..265), "e": part(267..270)}),
            // A byte for "uncompressed", then x, then y.
            Kind::P256 => json!({"kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65)}),
            Kind::P384 => json!({"kty": "EC", "crv": "P-384", "x": part(1..49), "y": part(49..97)}),
            Kind::Ed25519 => json!({"kty": "OKP", "crv": "Ed25519", "x": part(0..32)}),
        };
        jwk.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        jwk
    }

    /// Secrets that an attacker might try for an HMAC: the public key in every published form.
    pub fn published(&self) -> Vec<Vec<u8>> {
        let jwk = self.jwk(json!({}));
        let number = jwk["n"].as_str().or(jwk["x"].as_str()).expect("a number");
        let pem = self.public_pem();
        vec![
            pem.clone().into_bytes(),
            pem.trim_end().as_bytes().to_vec(),
            pem.replace('\n', "\\n").into_bytes(),
            self.public.clone(),
            self.raw.clone(),
            jwk.to_string().into_bytes(),
            number.as_bytes().to_vec(),
            URL_SAFE_NO_PAD.decode(number).expect("a number"),
            Vec::new(),
        ]
    }

    /// The signing key.
    pub fn signing_key(&self) -> EncodingKey {
        let private = pem("PRIVATE KEY", &self.private);
        let key = match self.kind {
            Kind::Rsa => EncodingKey::from_rsa_pem(private.as_bytes()),
            Kind::P256 | Kind::P384 => EncodingKey::from_ec_pem(private.as_bytes()),
            Kind::Ed25519 => EncodingKey::from_ed_pem(private.as_bytes()),
        };
        key.expect("a key")
    }

    /// A token.
    pub fn sign(&self, algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
        encode(&header, claims, &self.signing_key()).expect("a token")
    }
}

/// A token signed with an HMAC.
pub fn by_secret(secret: &[u8], algorithm: Algorithm, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret)).expect("a token")
}

/// A token with any header and payload, and a valid signature.
pub fn forge(header: &[u8], payload: &[u8], algorithm: Algorithm, key: &EncodingKey) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), key, algorithm).expect("a signature");
    format!("{signed}.{signature}")
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("a key")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
