//! Whose tokens are good, and what their claims become.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tests::world::{SECRET, World};

/// A key pair as a deployment would have it: two PEM texts.
struct Keys {
    private: String,
    public: String,
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("a key")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn keys(algorithm: Algorithm) -> Keys {
    let (private, public) = match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => {
            let kind = match algorithm {
                Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                _ => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            };
            let pair = EcdsaKeyPair::generate(kind).expect("a key");
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("a key");
            (pair.to_pkcs8v1().expect("a key").as_ref().to_vec(), public.as_ref().to_vec())
        }
        Algorithm::EdDSA => {
            let pair = Ed25519KeyPair::generate().expect("a key");
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("a key");
            (pair.to_pkcs8v1().expect("a key").as_ref().to_vec(), public.as_ref().to_vec())
        }
        _ => {
            let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
            let private: Pkcs8V1Der<'_> = pair.as_der().expect("a key");
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("a key");
            (private.as_ref().to_vec(), public.as_ref().to_vec())
        }
    };
    Keys { private: pem("PRIVATE KEY", &private), public: pem("PUBLIC KEY", &public) }
}

fn signed(algorithm: Algorithm, private: &str, claims: &Value) -> String {
    let key = match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(private.as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(private.as_bytes()),
        Algorithm::HS256 => Ok(EncodingKey::from_secret(private.as_bytes())),
        _ => EncodingKey::from_rsa_pem(private.as_bytes()),
    };
    encode(&Header::new(algorithm), claims, &key.expect("a key")).expect("a key")
}

fn claims(world: &World, more: Value) -> Value {
    let mut claims = json!({"sub": "ann", "exp": world.clock.now().as_second() + 600});
    claims.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    claims
}

#[tokio::test]
async fn a_public_key_of_each_kind_verifies_its_own_tokens_and_no_others() {
    for algorithm in [Algorithm::RS256, Algorithm::PS512, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA] {
        let (ours, theirs) = (keys(algorithm), keys(algorithm));
        let world = World::with(&[("JWT_SECRET", ""), ("JWT_PUBLIC_KEY", &ours.public)]).await;
        let claims = claims(&world, json!({}));
        let ann = world.user("x").with_token(&signed(algorithm, &ours.private, &claims));
        assert_eq!(ann.get("status").await.ok()["is_active"], true, "{algorithm:?}");
        ann.connect().await.say("by socket, too").await;
        // Another key; the public key taken for a secret; no signature at all.
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.".to_owned();
        let forged = [
            signed(algorithm, &theirs.private, &claims),
            signed(Algorithm::HS256, &ours.public, &claims),
            signed(Algorithm::HS256, SECRET, &claims),
            unsigned,
        ];
        for token in forged {
            let eve = world.user("x").with_token(&token);
            assert_eq!(eve.get("status").await.problem(), (401, "unauthorized".to_owned()), "{algorithm:?}");
            assert_eq!(eve.try_to_connect("1").await.err(), Some(401), "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn issuer_and_audience_are_checked_where_they_are_configured() {
    let world = World::with(&[("JWT_ISSUER", "https://issuer.example"), ("JWT_AUDIENCE", "chat")]).await;
    let status = async |more: Value| {
        let token = signed(Algorithm::HS256, SECRET, &claims(&world, more));
        world.user("x").with_token(&token).get("status").await.status
    };
    let issuer = "https://issuer.example";
    assert_eq!(status(json!({"iss": issuer, "aud": "chat"})).await, 200);
    assert_eq!(status(json!({"iss": issuer, "aud": ["shop", "chat"]})).await, 200);
    for wrong in [json!({}), json!({"iss": issuer}), json!({"aud": "chat"}), json!({"iss": "x", "aud": "chat"})] {
        assert_eq!(status(wrong.clone()).await, 401, "{wrong}");
    }
    assert_eq!(status(json!({"iss": issuer, "aud": "shop"})).await, 401);
}

#[tokio::test]
async fn a_token_that_is_not_valid_yet_or_says_no_end_is_refused() {
    let world = World::start().await;
    let now = world.clock.now().as_second();
    let status = async |claims: Value| {
        let token = signed(Algorithm::HS256, SECRET, &claims);
        world.user("x").with_token(&token).get("status").await.status
    };
    assert_eq!(status(json!({"sub": "a", "exp": now + 600, "nbf": now + 50})).await, 200, "within the leeway");
    for wrong in [
        json!({"sub": "a", "exp": now + 600, "nbf": now + 120}),
        json!({"sub": "a"}),
        json!({"sub": "a", "exp": "tomorrow"}),
        json!({"exp": now + 600}),
        json!({"sub": "", "exp": now + 600}),
        json!({"sub": ["a"], "exp": now + 600}),
        json!({"sub": 1.5, "exp": now + 600}),
    ] {
        assert_eq!(status(wrong.clone()).await, 401, "{wrong}");
    }
}

#[tokio::test]
async fn the_name_is_the_first_claim_that_says_one() {
    let world = World::start().await;
    let named =
        json!({"name": "Name", "preferred_username": "preferred", "username": "user", "email": "mail@example.org"});
    let mut claims = claims(&world, named);
    claims["sub"] = json!(7);
    for (claim, expected) in
        [("name", "Name"), ("preferred_username", "preferred"), ("username", "user"), ("email", "mail"), ("", "User7")]
    {
        let user = world.user("x").with_token(&signed(Algorithm::HS256, SECRET, &claims));
        user.send("who am I?").await.ok();
        let page = user.get("messages?limit=1").await.ok();
        let message = &page["messages"][0];
        assert_eq!((&message["username"], &message["user_id"]), (&json!(expected), &json!("7")), "{claim}");
        claims.as_object_mut().unwrap().remove(claim);
    }
}

#[tokio::test]
async fn roles_badge_and_picture_are_shown() {
    let world = World::start().await;
    for (badge, is_winner) in [
        (json!("gold"), true),
        (json!("silver"), true),
        (json!("bronze"), true),
        (json!("vip"), false),
        (json!(null), false),
    ] {
        let more = json!({"badge": badge, "roles": ["host"], "picture": "https://example.org/p.png"});
        let user = world.user("x").with_token(&signed(Algorithm::HS256, SECRET, &claims(&world, more)));
        user.send("look").await.ok();
        let message = user.get("messages?limit=1").await.ok()["messages"][0].clone();
        assert_eq!((&message["badge"], &message["is_winner"]), (&badge, &json!(is_winner)));
        assert_eq!((&message["is_host"], &message["profile_pic"]), (&json!(true), &json!("https://example.org/p.png")));
    }
}
