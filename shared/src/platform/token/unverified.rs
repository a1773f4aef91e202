//! What a token says of itself, before a key is there. Keys are fetched only for a token that one of them could verify, so nobody makes a
//! function fetch by sending it nonsense. None of this is trusted: the claims that count are those of the verified token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header};
use serde_json::Value;

use crate::domain::caller::SERVICE_AUDIENCE;

/// API Gateway limits all headers together to 10,240 bytes.
const MAX_TOKEN_BYTES: usize = 8192;
/// In bytes. Identity providers use up to some 60.
const MAX_KEY_ID: usize = 256;

/// What a deployment accepts, as far as it is known without the keys.
pub(super) struct Expected {
    pub(super) algorithms: Vec<Algorithm>,
    /// Whether a token names its key, as those of a key set do.
    pub(super) named_keys: bool,
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
}

impl Expected {
    /// Whose claims these are not, as far as issuer and audience tell; `None` if they may be expected.
    pub(super) fn refusal(&self, claims: &Value) -> Option<&'static str> {
        if self.issuer.as_deref().is_some_and(|issuer| !is_or_holds(&claims["iss"], issuer)) {
            return Some("The token is of another issuer");
        }
        // Amazon Cognito's access tokens have no audience.
        let audience = claims.get("aud").unwrap_or(&claims["client_id"]);
        if self.audience.as_deref().is_some_and(|expected| !is_or_holds(audience, expected)) {
            return Some("The token is for another audience");
        }
        None
    }
}

/// Whether claims are for the audience of the customer's servers. Nobody else's key verifies such a token.
pub(super) fn is_for_services(claims: &Value) -> bool {
    is_or_holds(&claims["aud"], SERVICE_AUDIENCE)
}

/// A token that could be valid.
pub(super) struct Unverified {
    pub(super) header: Header,
    pub(super) claims: Value,
    signature_bytes: usize,
}

impl Unverified {
    /// Reads a token.
    ///
    /// # Errors
    /// A sentence that does not quote it.
    pub(super) fn read(token: &str) -> Result<Unverified, &'static str> {
        const NO_JWT: &str = "The token is no signed JWT";
        if token.len() > MAX_TOKEN_BYTES {
            return Err("The token is too long");
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [_, payload, signature] = parts[..] else { return Err(NO_JWT) };
        let header = jsonwebtoken::decode_header(token).map_err(|_| NO_JWT)?;
        let claims: Value = decoded(payload).and_then(|json| serde_json::from_slice(&json).ok()).ok_or(NO_JWT)?;
        let signature = decoded(signature).ok_or(NO_JWT)?;
        if !claims.is_object() {
            return Err(NO_JWT);
        }
        Ok(Unverified { header, claims, signature_bytes: signature.len() })
    }

    /// Checks that the keys of an issuer could verify it.
    ///
    /// # Errors
    /// A sentence that does not quote it.
    pub(super) fn check(&self, expected: &Expected) -> Result<(), &'static str> {
        let header = &self.header;
        if !expected.algorithms.contains(&header.alg) || !is_length_of(header.alg, self.signature_bytes) {
            return Err("The token is not signed as this chat demands");
        }
        // A critical extension must be understood (RFC 7515, section 4.1.11), and this verifier knows none.
        if header.crit.is_some() {
            return Err("The token demands an extension that this chat does not know");
        }
        if !header.typ.as_deref().is_none_or(is_type_of_caller) {
            return Err("The token is of another type than JWT");
        }
        if expected.named_keys && !header.kid.as_deref().is_none_or(is_key_id) {
            return Err("The token names no usable key");
        }
        expected.refusal(&self.claims).map_or(Ok(()), Err)
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// Whether a signature can have so many bytes (RFC 7518, section 3; RSA keys have 2,048 bits or more).
fn is_length_of(algorithm: Algorithm, bytes: usize) -> bool {
    match algorithm {
        Algorithm::HS256 => bytes == 32,
        Algorithm::HS384 => bytes == 48,
        Algorithm::HS512 | Algorithm::ES256 | Algorithm::EdDSA => bytes == 64,
        Algorithm::ES384 => bytes == 96,
        _ => bytes >= 256,
    }
}

/// Whether `typ` says that the token is for callers (RFC 8725, section 3.11): a JWT, or an access token (RFC 9068). Providers sign
/// others with the same keys: for logging out, for events, as proofs of possession. `application/` may be left out (RFC 7515, 4.1.9).
fn is_type_of_caller(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
}

fn is_key_id(id: &str) -> bool {
    (1..=MAX_KEY_ID).contains(&id.len()) && !id.contains(char::is_control)
}

/// Whether a claim is this text or a list with it.
fn is_or_holds(claim: &Value, demanded: &str) -> bool {
    claim == demanded || claim.as_array().is_some_and(|list| list.iter().any(|member| member == demanded))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(header: &Value, claims: &Value, signature: &[u8]) -> String {
        let parts = [header.to_string().as_bytes(), claims.to_string().as_bytes(), signature]
            .map(|part| URL_SAFE_NO_PAD.encode(part));
        parts.join(".")
    }

    fn expected() -> Expected {
        Expected {
            algorithms: vec![Algorithm::ES256, Algorithm::RS256],
            named_keys: true,
            issuer: Some("https://issuer.example".to_owned()),
            audience: Some("chat".to_owned()),
        }
    }

    fn claims() -> Value {
        json!({"iss": "https://issuer.example", "aud": ["other", "chat"]})
    }

    fn read(token: &str) -> Result<(), &'static str> {
        Unverified::read(token)?.check(&expected())
    }

    fn refusal(header: Value) -> Option<&'static str> {
        read(&token(&header, &claims(), &[7; 64])).err()
    }

    #[test]
    fn the_types_that_identity_providers_write_into_tokens_for_callers_pass() {
        let types =
            ["JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/jwt", "application/at+jwt", "Application/AT+JWT"];
        for typ in types.map(Value::from).into_iter().chain([Value::Null]) {
            assert_eq!(refusal(json!({"alg": "ES256", "typ": typ})), None, "{typ}");
        }
        assert_eq!(refusal(json!({"alg": "ES256", "kid": "x", "nonce": "of Entra", "x5t": "thumb"})), None);
    }

    #[test]
    fn a_token_of_another_type_is_refused() {
        let types = [
            "logout+jwt",
            "dpop+jwt",
            "secevent+jwt",
            "application/logout+jwt",
            "JOSE",
            "JWE",
            "token-introspection+jwt",
            "oauth-authz-req+jwt",
            "client-authentication+jwt",
            "vc+sd-jwt",
            "entity-statement+jwt",
            "",
            " JWT",
            "JWT ",
            "application/",
            "application/application/jwt",
            "text/jwt",
            "jwt/application",
            "at_jwt",
            "none",
        ];
        for typ in types {
            assert_eq!(
                refusal(json!({"alg": "ES256", "typ": typ})),
                Some("The token is of another type than JWT"),
                "{typ:?}"
            );
        }
        assert!(refusal(json!({"alg": "ES256", "typ": 7})).is_some());
    }

    #[test]
    fn a_key_id_is_a_text_of_a_usable_length() {
        let longest = "k".repeat(MAX_KEY_ID);
        for kid in [
            "1",
            "-KI3Q9nNR7bRofxmeZoXqbHZGew",
            "1e9gdk7=+/",
            "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLs",
            "with a space",
            &longest,
        ] {
            assert_eq!(refusal(json!({"alg": "ES256", "kid": kid})), None, "{kid}");
        }
        for kid in [json!(""), json!("a\nb"), json!("\u{0}"), json!("k".repeat(MAX_KEY_ID + 1)), json!(7), json!(["x"])]
        {
            assert!(refusal(json!({"alg": "ES256", "kid": kid})).is_some(), "{kid}");
        }
    }

    #[test]
    fn an_algorithm_goes_with_the_kind_of_keys_and_with_the_length_of_its_signature() {
        let fits = |alg: &str, bytes: usize| read(&token(&json!({"alg": alg}), &claims(), &vec![1; bytes])).is_ok();
        assert!(fits("ES256", 64) && fits("RS256", 256) && fits("RS256", 512));
        for (alg, bytes) in
            [("ES256", 63), ("ES256", 0), ("RS256", 64), ("HS256", 32), ("ES384", 96), ("none", 0), ("EdDSA", 64)]
        {
            assert!(!fits(alg, bytes), "{alg} with {bytes} bytes");
        }
    }

    #[test]
    fn issuer_and_audience_are_a_text_or_in_a_list() {
        let good = [
            claims(),
            json!({"iss": "https://issuer.example", "aud": "chat", "more": null}),
            json!({"iss": "https://issuer.example", "aud": "chat", "client_id": "other"}),
            json!({"iss": "https://issuer.example", "client_id": "chat"}),
        ];
        let bad = [
            json!({"iss": "https://issuer.example"}),
            json!({"aud": "chat"}),
            json!({"iss": "https://issuer.example", "aud": "other", "client_id": "chat"}),
            json!({"iss": "https://issuer.example", "aud": null, "client_id": "chat"}),
            json!({"iss": "https://issuer.example", "client_id": "Chat"}),
            json!({"iss": "https://issuer.example", "azp": "chat"}),
            json!({"iss": "https://issuer.example/", "aud": "chat"}),
            json!({"iss": "https://issuer.example", "aud": "Chat"}),
            json!({"iss": "https://issuer.example", "aud": []}),
            json!({"iss": "https://issuer.example", "aud": {"chat": true}}),
            json!({"iss": "https://issuer.example", "aud": [["chat"]]}),
            json!([]),
            json!("chat"),
            json!(null),
        ];
        let fits = |claims: &Value| read(&token(&json!({"alg": "ES256"}), claims, &[7; 64])).is_ok();
        assert!(good.iter().all(fits));
        bad.iter().for_each(|claims| assert!(!fits(claims), "{claims}"));
    }
}
