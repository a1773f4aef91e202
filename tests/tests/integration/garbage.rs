//! Bearers that no key could verify: they are refused before a key is fetched, whoever sends how many.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm::{ES256, HS256};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tests::jwt::{KeyPair, Kind, by_secret, forge};
use tests::key_server::{ARN, KeyServer};
use tests::socket::Socket;
use tests::world::World;

/// A source of keys behind a server, and tokens that it would verify.
struct Source {
    server: Arc<KeyServer>,
    world: World,
    key: EncodingKey,
    algorithm: Algorithm,
    header: Value,
}

const ISSUER: &str = "https://issuer.example";

impl Source {
    async fn key_set() -> Source {
        let (server, url) = KeyServer::start().await;
        let pair = KeyPair::generate(Kind::P256);
        server.keys().push(pair.jwk(json!({"kid": "ours", "use": "sig", "alg": "ES256"})));
        let settings = [
            ("JWT_SECRET", ""),
            ("JWT_JWKS_URL", &format!("{url}/jwks")),
            ("JWT_AUDIENCE", "chat"),
            ("JWT_ISSUER", ISSUER),
        ];
        let world = World::with(&settings).await;
        Source {
            server,
            world,
            key: pair.signing_key(),
            algorithm: ES256,
            header: json!({"alg": "ES256", "kid": "ours", "typ": "JWT"}),
        }
    }

    async fn stored_secret() -> Source {
        let (server, url) = KeyServer::start().await;
        server.rotate("the stored secret");
        let settings = [
            ("JWT_SECRET", ""),
            ("JWT_SECRET_ARN", ARN),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str()),
            ("JWT_AUDIENCE", "chat"),
            ("JWT_ISSUER", ISSUER),
        ];
        let world = World::with(&settings).await;
        let key = EncodingKey::from_secret(b"the stored secret");
        Source { server, world, key, algorithm: HS256, header: json!({"alg": "HS256", "typ": "JWT"}) }
    }

    fn claims(&self) -> Value {
        json!({"sub": "ann", "iss": ISSUER, "aud": "chat", "exp": self.world.clock.now().as_second() + 36_000})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        forge(header.to_string().as_bytes(), claims.to_string().as_bytes(), self.algorithm, &self.key)
    }

    fn good(&self) -> String {
        self.sign(&self.header, &self.claims())
    }

    /// A good token with another claim.
    fn with_claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.sign(&self.header, &claims)
    }

    /// A good token with another field of its header.
    fn with_field(&self, name: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[name] = value;
        self.sign(&header, &self.claims())
    }

    /// Everything that is wrong without a look at a key.
    fn garbage(&self) -> Vec<String> {
        let good = self.good();
        let parts: Vec<&str> = good.split('.').collect();
        let [header, payload, signature] = parts[..] else { panic!("{good}") };
        let text = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let now = self.world.clock.now().as_second();
        let foreign = if self.algorithm == HS256 { "ES256" } else { "HS256" };
        let mut all: Vec<String> = [
            "x",
            "YOUR_JWT_TOKEN",
            "a.b.c",
            "..",
            "....",
            "eyJhbGciOiJub25lIn0.e30.",
            "null",
            "undefined",
            "%00",
            "' OR 1=1 --",
            "{}",
        ]
        .map(str::to_owned)
        .into();
        all.extend([
            format!("{header}.{payload}"),
            format!("{header}.{payload}."),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("{good}.{signature}"),
            format!("{good}="),
            format!("{good}AAAA"),
            format!("{header}.{payload}.{}", text("short")),
            format!("{header}.{payload}.{}", "!".repeat(86)),
            format!("{payload}.{header}.{signature}"),
            format!("{}.{payload}.{signature}", text("no JSON")),
            format!("{}.{payload}.{signature}", text("[]")),
            format!("{header}.{}.{signature}", text("no JSON")),
            format!("{header}.{}.{signature}", text("[1]")),
            format!("{header}.{}.{signature}", text("\"text\"")),
            format!("{header}.{}.{signature}", "A".repeat(9_000)),
            by_secret(b"any", Algorithm::HS384, &json!({})),
        ]);
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("None")),
            ("alg", json!(foreign)),
            ("alg", json!("ES512")),
            ("alg", json!(7)),
            ("crit", json!(["exp"])),
            ("typ", json!("logout+jwt")),
            ("typ", json!("dpop+jwt")),
            ("typ", json!("secevent+jwt")),
            ("typ", json!("application/logout+jwt")),
            ("typ", json!("")),
            ("kid", json!(7)),
        ] {
            all.push(self.with_field(name, value));
        }
        for (name, value) in [
            ("exp", json!(now - 61)),
            ("exp", json!(0)),
            ("exp", json!("tomorrow")),
            ("exp", json!(null)),
            ("nbf", json!(now + 3_600)),
            ("nbf", json!("soon")),
            ("sub", json!(null)),
            ("sub", json!("")),
            ("sub", json!("s".repeat(256))),
            ("iss", json!("https://other.example")),
            ("iss", json!(null)),
            ("aud", json!("another application")),
            ("aud", json!(["a", "b"])),
            ("aud", json!(null)),
            ("capabilities", json!("all")),
        ] {
            all.push(self.with_claim(name, value));
        }
        all
    }

    /// The statuses of a call and of a handshake with this token.
    async fn statuses(&self, token: &str) -> (u16, u16) {
        let url = format!("{}/live-chat/ws/1", self.world.gateway.url().replacen("http", "ws", 1));
        let encoded: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = if token.len() > 1_000 { token.to_owned() } else { encoded };
        let socket = Socket::open(&format!("{url}?token={encoded}"), &[]).await;
        let status = self.world.user("x").with_token(token).get("status").await.status;
        (status, socket.map_or_else(|status| status, |_| 101))
    }

    async fn assert_fetches_nothing_for_garbage(&self) {
        let garbage = self.garbage();
        assert!(garbage.len() > 50);
        for token in &garbage {
            let (by_rest, by_socket) = self.statuses(token).await;
            // API Gateway itself refuses headers and addresses that are too long.
            let is_refused = |status| [401, 414, 431].contains(&status);
            assert!(is_refused(by_rest) && is_refused(by_socket), "{by_rest} and {by_socket} for {token}");
        }
        assert_eq!(self.server.asked(), 0, "the key server was asked because of garbage");
        assert_eq!(self.statuses(&self.good()).await, (200, 101), "only the garbage is refused");
        let asked = self.server.asked();
        assert!(asked > 0);
        // Nor does it, once keys are there, make them be fetched again.
        self.world.pass(31);
        for token in &garbage[..20] {
            self.statuses(token).await;
        }
        assert_eq!(self.server.asked(), asked);
    }
}

#[tokio::test]
async fn garbage_fetches_no_key_set() {
    Source::key_set().await.assert_fetches_nothing_for_garbage().await;
}

#[tokio::test]
async fn garbage_reads_no_secret() {
    Source::stored_secret().await.assert_fetches_nothing_for_garbage().await;
}

#[tokio::test]
async fn a_wrong_signature_of_a_known_key_fetches_nothing_and_unknown_keys_seldom() {
    let source = Source::key_set().await;
    assert_eq!(source.statuses(&source.good()).await, (200, 101));
    let asked = source.server.asked();
    let stranger = KeyPair::generate(Kind::P256);
    for _ in 0..3 {
        source.world.pass(31);
        assert_eq!(source.statuses(&stranger.sign(ES256, Some("ours"), &source.claims())).await, (401, 401));
    }
    assert_eq!(source.server.asked(), asked, "the key is there, so the signature is wrong");
    for number in 0..30 {
        let token = stranger.sign(ES256, Some(&format!("unknown {number}")), &source.claims());
        assert_eq!(source.statuses(&token).await, (401, 401));
    }
    let once_per_function = 2;
    assert!(source.server.asked() <= asked + once_per_function, "{} after {asked}", source.server.asked());
}

#[tokio::test]
async fn access_tokens_and_id_tokens_of_identity_providers_are_accepted() {
    let source = Source::key_set().await;
    for typ in [
        json!(null),
        json!("JWT"),
        json!("jwt"),
        json!("at+jwt"),
        json!("application/at+jwt"),
        json!("application/jwt"),
    ] {
        assert_eq!(source.statuses(&source.with_field("typ", typ.clone())).await, (200, 101), "{typ}");
    }
    // An ID token of Cognito has the application's id as its audience; its access token has none, unless the pool is told to add one.
    for (token_use, audience, expected) in
        [("id", json!("chat"), 200), ("access", json!(null), 401), ("access", json!("chat"), 200)]
    {
        let mut claims = source.claims();
        claims["token_use"] = json!(token_use);
        claims["aud"] = audience.clone();
        let token = source.sign(&json!({"alg": "ES256", "kid": "ours"}), &claims);
        assert_eq!(source.statuses(&token).await.0, expected, "{token_use} for {audience}");
    }
}
