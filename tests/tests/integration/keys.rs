//! Keys that are kept elsewhere: a secret that is rotated, a key set that grows, and servers that are down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tests::world::World;

/// Stands for Secrets Manager and for an identity provider.
#[derive(Default)]
struct Server {
    current: Mutex<Option<String>>,
    previous: Mutex<Option<String>>,
    keys: Mutex<Vec<Value>>,
    is_down: Mutex<bool>,
    asked: AtomicUsize,
}

impl Server {
    async fn start() -> (Arc<Server>, String) {
        let server = Arc::new(Server::default());
        let router = Router::new().route("/", post(secret)).route("/jwks", get(jwks)).with_state(Arc::clone(&server));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (server, url)
    }

    fn rotate(&self, secret: &str) {
        let mut current = self.current.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *self.previous.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = current.replace(secret.to_owned());
    }

    fn set_down(&self, is_down: bool) {
        *self.is_down.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = is_down;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn is_down(&self) -> bool {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *self.is_down.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

async fn secret(State(server): State<Arc<Server>>, body: Bytes) -> (StatusCode, String) {
    if server.is_down() {
        return (StatusCode::INTERNAL_SERVER_ERROR, String::new());
    }
    let ask: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(ask["SecretId"], ARN);
    let version = if ask["VersionStage"] == "AWSCURRENT" { &server.current } else { &server.previous };
    match version.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone() {
        Some(secret) => (StatusCode::OK, json!({"ARN": ARN, "SecretString": secret}).to_string()),
        None => (StatusCode::BAD_REQUEST, json!({"__type": "ResourceNotFoundException"}).to_string()),
    }
}

async fn jwks(State(server): State<Arc<Server>>) -> (StatusCode, String) {
    if server.is_down() {
        return (StatusCode::INTERNAL_SERVER_ERROR, String::new());
    }
    let keys = server.keys.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    (StatusCode::OK, json!({ "keys": keys }).to_string())
}

const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:live-chat-abcdef";

async fn status(world: &World, header: &Header, key: &EncodingKey) -> u16 {
    let claims = json!({"sub": "ann", "exp": world.clock.now().as_second() + 3600});
    let token = encode(header, &claims, key).expect("a token");
    world.user("x").with_token(&token).get("status").await.status
}

async fn with_secret(world: &World, secret: &str) -> u16 {
    status(world, &Header::default(), &EncodingKey::from_secret(secret.as_bytes())).await
}

#[tokio::test]
async fn a_secret_is_rotated_without_a_restart_and_the_one_before_stays_good() {
    let (server, url) = Server::start().await;
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

struct Signer {
    id: &'static str,
    pair: EcdsaKeyPair,
}

impl Signer {
    fn new(id: &'static str) -> Signer {
        Signer { id, pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key") }
    }

    fn jwk(&self) -> Value {
        // An uncompressed point: a byte, then x, then y.
        let point = self.pair.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": part(1..33), "y": part(33..65)})
    }

    async fn status(&self, world: &World) -> u16 {
        let key = EncodingKey::from_ec_der(self.pair.to_pkcs8v1().expect("a key").as_ref());
        let header = Header { kid: Some(self.id.to_owned()), ..Header::new(Algorithm::ES256) };
        status(world, &header, &key).await
    }
}

#[tokio::test]
async fn a_key_set_grows_without_a_restart_and_its_server_may_be_down() {
    let (server, url) = Server::start().await;
    let (old, new, foreign) = (Signer::new("old"), Signer::new("new"), Signer::new("foreign"));
    let symmetric = json!({"kty": "oct", "kid": "symmetric", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode("public!")});
    let unknown = json!({"kty": "a kind of tomorrow", "kid": "x"});
    *server.keys.lock().unwrap() = vec![unknown, symmetric, old.jwk()];
    let jwks = format!("{url}/jwks");
    let world = World::with(&[("JWT_SECRET", ""), ("JWT_JWKS_URL", &jwks)]).await;

    server.set_down(true);
    assert_eq!(old.status(&world).await, 503, "no key was ever fetched");
    server.set_down(false);
    world.pass(31);
    assert_eq!(old.status(&world).await, 200);
    assert_eq!(new.status(&world).await, 401);
    let header = Header { kid: Some("symmetric".to_owned()), ..Header::default() };
    assert_eq!(status(&world, &header, &EncodingKey::from_secret(b"public!")).await, 401);

    server.keys.lock().unwrap().push(new.jwk());
    world.pass(31);
    assert_eq!((new.status(&world).await, old.status(&world).await), (200, 200));

    // However many tokens name unknown keys, the server is not asked more often than every 30 s by a function.
    let before = server.asked();
    for _ in 0..20 {
        assert_eq!(foreign.status(&world).await, 401);
    }
    assert_eq!(server.asked(), before);

    server.set_down(true);
    world.pass(3600);
    assert_eq!((new.status(&world).await, old.status(&world).await), (200, 200), "the server is down, the chat is not");
}
