//! Remote keys: a secret that is rotated, a key set that grows, and servers that are down.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm::{ES256, HS256, HS384, HS512, RS256};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use tests::jwt::{KeyPair, Kind, by_secret, forge};
use tests::key_server::{ARN, KeyServer};
use tests::world::World;

fn claims(world: &World) -> Value {
    json!({"sub": "ann", "aud": "chat", "exp": world.clock.now().as_second() + 3600})
}

async fn status(world: &World, token: &str) -> u16 {
    world.user("x").with_token(token).get("status").await.status
}

async fn with_secret(world: &World, secret: &str) -> u16 {
    status(world, &by_secret(secret.as_bytes(), HS256, &claims(world))).await
}

#[tokio::test]
async fn a_secret_is_rotated_without_a_restart_and_the_one_before_stays_good() {
    let (server, url) = KeyServer::start().await;
    server.rotate("first");
    let settings = [("JWT_SECRET", ""), ("JWT_SECRET_ARN", ARN), ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &url)];
    let world = World::with(&settings).await;
    assert_eq!(with_secret(&world, "first").await, 200);
    assert_eq!(with_secret(&world, "second").await, 401);
    server.rotate("second");
    world.pass(31);
    assert_eq!(with_secret(&world, "second").await, 200, "an unknown key is looked for");
    assert_eq!(with_secret(&world, "first").await, 200, "the one before");
    server.rotate("third");
    world.pass(11 * 60);
    assert_eq!(with_secret(&world, "first").await, 401, "the one before the one before");
    assert_eq!(with_secret(&world, "third").await, 200);
}

#[tokio::test]
async fn a_secret_that_is_kept_elsewhere_verifies_all_three_hmacs_and_nothing_else() {
    let (server, url) = KeyServer::start().await;
    server.rotate("first");
    server.rotate("second");
    let settings = [("JWT_SECRET", ""), ("JWT_SECRET_ARN", ARN), ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &url)];
    let world = World::with(&settings).await;
    let claims = claims(&world);
    for algorithm in [HS256, HS384, HS512] {
        for (secret, expected) in [("second", 200), ("first", 200), ("third", 401), ("", 401), (ARN, 401)] {
            let token = by_secret(secret.as_bytes(), algorithm, &claims);
            assert_eq!(status(&world, &token).await, expected, "{algorithm:?} {secret:?}");
        }
    }
    for kind in Kind::ALL {
        let forged = KeyPair::generate(kind).sign(kind.algorithms()[0], None, &claims);
        assert_eq!(status(&world, &forged).await, 401, "{kind:?}");
    }
}

/// A key of a set.
struct Signer {
    id: &'static str,
    pair: KeyPair,
}

impl Signer {
    fn new(id: &'static str) -> Signer {
        Signer { id, pair: KeyPair::generate(Kind::P256) }
    }

    fn jwk(&self) -> Value {
        self.pair.jwk(json!({"kid": self.id, "use": "sig", "alg": "ES256"}))
    }

    async fn status(&self, world: &World) -> u16 {
        status(world, &self.pair.sign(ES256, Some(self.id), &claims(world))).await
    }
}

#[tokio::test]
async fn a_key_set_grows_without_a_restart_and_its_server_may_be_down() {
    let (server, url) = KeyServer::start().await;
    let (old, new, foreign) = (Signer::new("old"), Signer::new("new"), Signer::new("foreign"));
    let symmetric = json!({"kty": "oct", "kid": "symmetric", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode("public!")});
    let unknown = json!({"kty": "a kind of tomorrow", "kid": "x"});
    *server.keys() = vec![unknown, symmetric, old.jwk()];
    let jwks = format!("{url}/jwks");
    let world = World::with(&[("JWT_SECRET", ""), ("JWT_JWKS_URL", &jwks), ("JWT_AUDIENCE", "chat")]).await;

    server.set_down(true);
    assert_eq!(old.status(&world).await, 503, "no key was ever fetched");
    server.set_down(false);
    world.pass(31);
    assert_eq!(old.status(&world).await, 200);
    assert_eq!(new.status(&world).await, 401);
    let header = json!({"alg": "HS256", "kid": "symmetric"}).to_string();
    let key = EncodingKey::from_secret(b"public!");
    let token = forge(header.as_bytes(), claims(&world).to_string().as_bytes(), HS256, &key);
    assert_eq!(status(&world, &token).await, 401);

    server.keys().push(new.jwk());
    world.pass(31);
    assert_eq!((new.status(&world).await, old.status(&world).await), (200, 200));

    // However many tokens name unknown keys, a function does not fetch the key set more often than every 30 s.
    let before = server.asked();
    for _ in 0..20 {
        assert_eq!(foreign.status(&world).await, 401);
    }
    assert_eq!(server.asked(), before);

    server.set_down(true);
    world.pass(3600);
    assert_eq!((new.status(&world).await, old.status(&world).await), (200, 200), "the server is down, the chat is not");
}

#[tokio::test]
async fn each_key_of_a_set_verifies_what_it_is_for_and_nothing_else() {
    let (server, url) = KeyServer::start().await;
    let pairs = Kind::ALL.map(|kind| (kind, KeyPair::generate(kind)));
    let id = |kind: Kind| format!("{kind:?}");
    let mut set: Vec<Value> = pairs.iter().map(|(kind, pair)| pair.jwk(json!({"kid": id(*kind)}))).collect();
    let (bound, for_encryption) = (KeyPair::generate(Kind::Rsa), KeyPair::generate(Kind::P256));
    set.push(bound.jwk(json!({"kid": "bound", "use": "sig", "alg": "RS256"})));
    set.push(for_encryption.jwk(json!({"kid": "for encryption", "use": "enc"})));
    *server.keys() = set;
    let world =
        World::with(&[("JWT_SECRET", ""), ("JWT_JWKS_URL", &format!("{url}/jwks")), ("JWT_AUDIENCE", "chat")]).await;
    let claims = claims(&world);

    for (kind, pair) in &pairs {
        let stranger = KeyPair::generate(*kind);
        for algorithm in kind.algorithms() {
            let with = |kid: Option<&str>| pair.sign(*algorithm, kid, &claims);
            assert_eq!(status(&world, &with(Some(&id(*kind)))).await, 200, "{algorithm:?}");
            assert_eq!(status(&world, &with(None)).await, 200, "{algorithm:?}, the token names no key");
            for wrong in ["unknown", "", "bound", "../Rsa", "Rsa' OR '1'='1"] {
                assert_eq!(status(&world, &with(Some(wrong))).await, 401, "{algorithm:?}, the token names {wrong:?}");
            }
            for kid in [Some(id(*kind)), None] {
                let forged = stranger.sign(*algorithm, kid.as_deref(), &claims);
                assert_eq!(status(&world, &forged).await, 401, "{algorithm:?} by a stranger");
            }
        }
        for secret in pair.published() {
            for kid in [Some(id(*kind)), None] {
                let header = json!({"alg": "HS256", "kid": kid}).to_string();
                let key = EncodingKey::from_secret(&secret);
                let forged = forge(header.as_bytes(), claims.to_string().as_bytes(), HS256, &key);
                assert_eq!(status(&world, &forged).await, 401, "{kind:?} as a secret");
            }
        }
    }
    for algorithm in Kind::Rsa.algorithms() {
        let expected = if *algorithm == RS256 { 200 } else { 401 };
        for kid in [Some("bound"), None] {
            let token = bound.sign(*algorithm, kid, &claims);
            assert_eq!(status(&world, &token).await, expected, "{algorithm:?} by a key for RS256");
        }
    }
    let token = for_encryption.sign(ES256, Some("for encryption"), &claims);
    assert_eq!(status(&world, &token).await, 401, "a key that is not for signatures");
}

#[tokio::test]
async fn a_key_set_without_an_end_is_given_up() {
    let (server, url) = KeyServer::start().await;
    let world =
        World::with(&[("JWT_SECRET", ""), ("JWT_JWKS_URL", &format!("{url}/endless")), ("JWT_AUDIENCE", "chat")]).await;
    let begun = std::time::Instant::now();
    assert_eq!(Signer::new("x").status(&world).await, 503);
    let took = begun.elapsed();
    assert!(server.asked() > 0 && took.as_secs_f64() < 2.5, "by its length and not by its time: {took:?}");
}
