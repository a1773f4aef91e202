//! Tokens. Only unchanged tokens are accepted that were signed with a configured key and a matching algorithm, and that state a user
//! and an expiry. The first byte says how the input is used.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use shared::platform::aws::AwsEnvironment;
use shared::platform::token::{LEEWAY_SECONDS, Verifier};
use shared::domain::caller::{Caller, ClaimMap};
use shared::domain::config::{JwtConfig, JwtKey};

const NOW: i64 = 1_700_000_000;
const SECRET: &str = "the secret of the fuzz target";
const HMAC: [(&str, Algorithm); 3] =
    [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)];
/// Public keys whose private halves were thrown away: any token that they accept is forged.
const PUBLIC: [&str; 2] = [include_str!("../keys/ec.pem"), include_str!("../keys/ed25519.pem")];

static WITH_SECRET: LazyLock<Verifier> = LazyLock::new(|| verifier(JwtKey::Secret(SECRET.to_owned())));
static WITH_PUBLIC_KEYS: LazyLock<Vec<Verifier>> =
    LazyLock::new(|| PUBLIC.iter().map(|pem| verifier(JwtKey::PublicKey((*pem).to_owned()))).collect());

fn verifier(key: JwtKey) -> Verifier {
    let config = JwtConfig { key, issuer: None, audience: None, service: None, claims: ClaimMap::default() };
    Verifier::new(&config, &AwsEnvironment::from_lookup(|_| None).expect("an environment")).expect("a key")
}

fuzz_target!(|data: &[u8]| {
    let [how, choice, place, other, rest @ ..] = data else { return };
    match how % 3 {
        0 => refused_by_all(&String::from_utf8_lossy(rest)),
        1 => signed(usize::from(*choice), usize::from(*place), *other, rest),
        _ => forged(usize::from(*choice), usize::from(*place), rest),
    }
});

fn verify(verifier: &Verifier, token: &str) -> Option<Caller> {
    let now = Timestamp::from_second(NOW).expect("a time");
    let verdict = verifier.verify(token, now).now_or_never().expect("the key is here");
    if let Err(error) = &verdict {
        assert_eq!(error.code(), "unauthorized");
        // A match with the sentence itself is not a quote, and no word in it is that long.
        let may_be_a_piece = token.len() < 20 || token.contains(' ');
        assert!(may_be_a_piece || !error.to_string().contains(token), "a refusal does not quote the token");
    }
    verdict.ok()
}

fn refused_by_all(token: &str) {
    assert_eq!(verify(&WITH_SECRET, token), None, "nobody signed {token}");
    refused_by_public_keys(token);
}

fn refused_by_public_keys(token: &str) {
    for verifier in WITH_PUBLIC_KEYS.iter() {
        assert_eq!(verify(verifier, token), None, "nobody signed {token}");
    }
}

fn token(header: &Value, claims: &[u8], secret: &[u8], algorithm: Algorithm) -> String {
    let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
    let signature = jsonwebtoken::crypto::sign(body.as_bytes(), &EncodingKey::from_secret(secret), algorithm);
    format!("{body}.{}", signature.expect("a signature"))
}

/// Claims signed with the correct secret, and the same token with one character changed.
fn signed(choice: usize, place: usize, other: u8, claims: &[u8]) {
    let (name, algorithm) = HMAC[choice % HMAC.len()];
    let token = token(&json!({"alg": name, "typ": "JWT"}), claims, SECRET.as_bytes(), algorithm);
    if let Some(caller) = verify(&WITH_SECRET, &token) {
        assert_is_usable(&caller, claims);
    }
    refused_by_public_keys(&token);
    let mut changed = token.clone().into_bytes();
    // A position counts from the end, where the signature is, or from the start, where the header is.
    let place = if choice < 128 { changed.len() - 1 - place % changed.len() } else { place % changed.len() };
    changed[place] = other & 0x7f;
    let changed = String::from_utf8(changed).expect("ASCII");
    if changed != token {
        assert_eq!(verify(&WITH_SECRET, &changed), None, "{token} was changed to {changed}");
    }
}

/// Any claims with any algorithm's name, signed with material that an attacker knows.
fn forged(choice: usize, place: usize, claims: &[u8]) {
    let names = ["none", "None", "", "HS256", "HS512", "RS256", "PS256", "ES256", "ES384", "EdDSA", "\u{0}"];
    let header = match choice % 4 {
        0 => json!({"alg": names[place % names.len()]}),
        1 => json!({"alg": names[place % names.len()], "kid": "1", "jwk": {"kty": "oct", "k": "AAAA"}}),
        2 => json!({"alg": names[place % names.len()], "crit": ["exp"], "jku": "https://example.org/keys"}),
        _ => json!({"typ": "JWT"}),
    };
    let known = [PUBLIC[0], PUBLIC[1], PUBLIC[0].trim(), PUBLIC[1].trim(), ""];
    let forged = token(&header, claims, known[choice % known.len()].as_bytes(), HMAC[place % HMAC.len()].1);
    refused_by_all(&forged);
    let unsigned = forged.rsplit_once('.').map_or("", |(body, _)| body);
    refused_by_all(&format!("{unsigned}."));
    refused_by_all(unsigned);
}

/// Asserts that an accepted user has a name that can be shown, a key that can be stored, and a token that has not expired.
fn assert_is_usable(caller: &Caller, claims: &[u8]) {
    let claims: Value = serde_json::from_slice(claims).expect("claims that are JSON");
    assert!((1..=255).contains(&caller.user_id.len()), "{caller:?}");
    fuzz::assert_is_name(&caller.username);
    assert!(caller.profile_pic.as_ref().is_none_or(|picture| (1..=2048).contains(&picture.len())), "{caller:?}");
    assert!(caller.badge.as_ref().is_none_or(|badge| (1..=50).contains(&badge.chars().count())), "{caller:?}");
    assert!(caller.expires_at > NOW - LEEWAY_SECONDS, "{caller:?}");
    // A number counts by its value.
    let is_number = claims["sub"].is_number() && claims["sub"].as_f64() == caller.user_id.parse().ok();
    assert!(claims["sub"] == caller.user_id || is_number, "{caller:?}");
    assert!(claims["nbf"].as_i64().is_none_or(|not_before| not_before <= NOW + LEEWAY_SECONDS), "{caller:?}");
    let stored = serde_json::to_value(caller).expect("a caller is stored with its socket");
    assert_eq!(serde_json::from_value::<Caller>(stored).ok().as_ref(), Some(caller));
}
