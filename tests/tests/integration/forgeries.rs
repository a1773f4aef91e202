//! Manipulated and forged tokens: each is refused like any other invalid token, and the chat goes on.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm::{ES256, HS256};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use tests::jwt::{KeyPair, Kind, by_secret, forge};
use tests::rest::answer;
use tests::socket::Socket;
use tests::world::{SECRET, World};

/// Asserts that this token is refused, both over REST and by a socket.
async fn assert_refused(world: &World, token: &str, what: &str) {
    let user = world.user("x").with_token(token);
    assert_eq!(user.get("status").await.problem(), (401, "unauthorized".to_owned()), "{what}: {token}");
    if token.len() < 3500 {
        let escaped: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let escaped = if token.len() < 1000 { escaped } else { token.to_owned() };
        assert_eq!(world.user("x").with_token(&escaped).try_to_connect("1").await.err(), Some(401), "{what}: {token}");
    }
}

/// Asserts that the token is valid, so that only the manipulation makes the others invalid.
async fn assert_accepted(world: &World, token: &str, what: &str) {
    world.user("x").with_token(token).get("status").await.ok();
    let url = format!("{}/live-chat/ws/1", world.gateway.url().replacen("http", "ws", 1));
    assert!(Socket::open(&url, &["bearer", token]).await.is_ok(), "{what}");
}

fn claims(world: &World) -> Value {
    json!({"sub": "ann", "exp": world.clock.now().as_second() + 600})
}

/// A token with this header, correctly signed with the secret.
fn with_header(world: &World, header: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    forge(header.to_string().as_bytes(), claims(world).to_string().as_bytes(), HS256, &key)
}

#[tokio::test]
async fn a_token_of_another_shape_is_refused() {
    let world = World::start().await;
    let good = by_secret(SECRET.as_bytes(), HS256, &claims(&world));
    assert_accepted(&world, &good, "as it is").await;
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("{good}") };
    for (what, token) in [
        ("no token", String::new()),
        ("dots", "..".to_owned()),
        ("more dots", "....".to_owned()),
        ("the guide's placeholder", "YOUR_JWT_TOKEN".to_owned()),
        ("two parts", format!("{header}.{payload}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no payload", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts, as if it were encrypted", format!("{good}.x.y")),
        ("a dot before", format!(".{good}")),
        ("a dot after", format!("{good}.")),
        ("twice", format!("{good}.{good}")),
        ("parts that are swapped", format!("{payload}.{header}.{signature}")),
        ("spaces in between", format!("{header}. {payload}.{signature}")),
        ("a signature with something behind it", format!("{good}AAAA")),
        ("half a signature", good[..good.len() - 20].to_owned()),
        ("characters that are not base64", format!("{header}.{payload}.{}", "!".repeat(43))),
        ("padded base64", format!("{header}.{payload}.{}", URL_SAFE.encode([7; 32]))),
        ("letters of another case", format!("{}.{payload}.{signature}", header.to_lowercase())),
    ] {
        assert_refused(&world, &token, what).await;
    }
    assert_accepted(&world, &good, "afterwards").await;
}

#[tokio::test]
async fn a_token_of_which_one_bit_was_changed_is_refused() {
    let world = World::start().await;
    let good = by_secret(SECRET.as_bytes(), HS256, &claims(&world));
    let mut parts: Vec<Vec<u8>> =
        good.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).expect("a part of a token")).collect();
    for part in 0..3 {
        let step = parts[part].len() / 8;
        for position in (0..parts[part].len()).step_by(step) {
            let bit = 1 << (position % 8);
            parts[part][position] ^= bit;
            let bent: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
            assert_refused(&world, &bent.join("."), &format!("part {part}, byte {position}")).await;
            parts[part][position] ^= bit;
        }
    }
    // The same signature in a different encoding is a different token.
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let other_alphabet = STANDARD_NO_PAD.encode(URL_SAFE_NO_PAD.decode(signature).expect("a signature"));
    for spelling in [format!("{signature}="), format!("{other_alphabet}=")] {
        assert_refused(&world, &format!("{signed}.{spelling}"), "another spelling").await;
    }
}

#[tokio::test]
async fn a_token_that_chooses_its_own_algorithm_is_refused() {
    let world = World::start().await;
    assert_accepted(&world, &with_header(&world, &json!({"alg": "HS256"})), "no typ").await;
    let payload = URL_SAFE_NO_PAD.encode(claims(&world).to_string());
    let algorithms = [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!(""),
        json!(null),
        json!(7),
        json!(["HS256"]),
        json!("hs256"),
        json!("HS256 "),
        json!("HS1"),
        json!("HS224"),
        json!("ES512"),
        json!("ES256K"),
        json!("RSA1_5"),
        json!("dir"),
        json!("\u{0}"),
        json!({"HS256": true}),
    ];
    for algorithm in algorithms {
        let header = json!({"alg": algorithm, "typ": "JWT"});
        // Once with the correct HMAC signature, and once without any.
        assert_refused(&world, &with_header(&world, &header), &header.to_string()).await;
        let unsigned = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header.to_string()));
        assert_refused(&world, &unsigned, &header.to_string()).await;
    }
    for header in [json!({}), json!({"typ": "JWT"}), json!([]), json!("HS256"), json!(null), json!(7)] {
        assert_refused(&world, &with_header(&world, &header), &header.to_string()).await;
    }
    // A signature whose length does not match the named algorithm, and a payload that is not JSON.
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let body = claims(&world).to_string();
    assert_refused(&world, &forge(br#"{"alg":"HS512"}"#, body.as_bytes(), HS256, &key), "HS256 as HS512").await;
    for header in [&b"{"[..], b"\xff\xfe", b"", b"{\"alg\":\"HS256\"}}", b"{\"alg\":\"HS256\",\"alg\":\"none\"}"] {
        assert_refused(&world, &forge(header, body.as_bytes(), HS256, &key), "no JSON").await;
    }
}

#[tokio::test]
async fn a_token_cannot_bring_its_own_key() {
    let forger = KeyPair::generate(Kind::P256);
    let ours = KeyPair::generate(Kind::P256);
    let world = World::with(&[("JWT_SECRET", ""), ("JWT_PUBLIC_KEY", &ours.public_pem())]).await;
    let body = claims(&world).to_string();
    let address = "https://forger.example/keys";
    for more in [
        json!({"jwk": forger.jwk(json!({}))}),
        json!({"jwk": forger.jwk(json!({"kid": "ours"})), "kid": "ours"}),
        json!({"jku": address}),
        json!({"x5u": address}),
        json!({"x5c": [forger.public_pem()]}),
        json!({"kid": address}),
        json!({"kid": "/dev/null"}),
    ] {
        let mut header = json!({"alg": "ES256"});
        header.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let header = header.to_string();
        let forged = forge(header.as_bytes(), body.as_bytes(), ES256, &forger.signing_key());
        assert_refused(&world, &forged, &header).await;
        let genuine = forge(header.as_bytes(), body.as_bytes(), ES256, &ours.signing_key());
        world.user("x").with_token(&genuine).get("status").await.ok();
    }
}

#[tokio::test]
async fn a_token_that_demands_to_be_understood_in_another_way_is_refused() {
    // RFC 7515, section 4.1.11: a recipient that does not understand an extension in `crit` must reject the token.
    let world = World::start().await;
    for header in [
        json!({"alg": "HS256", "crit": ["exp"], "exp": 0}),
        json!({"alg": "HS256", "crit": ["b64"], "b64": true}),
        json!({"alg": "HS256", "crit": ["https://example.org/a-rule-of-tomorrow"], "https://example.org/a-rule-of-tomorrow": 1}),
        json!({"alg": "HS256", "crit": []}),
    ] {
        assert_refused(&world, &with_header(&world, &header), &header.to_string()).await;
    }
    let harmless = json!({"alg": "HS256", "an extension": "that nobody has to understand"});
    assert_accepted(&world, &with_header(&world, &harmless), "without crit").await;
}

#[tokio::test]
async fn claims_that_are_no_object_are_refused() {
    let world = World::start().await;
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let exp = world.clock.now().as_second() + 600;
    let good = format!(r#"{{"sub":"ann","exp":{exp}}}"#);
    assert_accepted(&world, &forge(br#"{"alg":"HS256"}"#, good.as_bytes(), HS256, &key), &good).await;
    // Too deep for a recursive parser.
    let deep = format!(r#"{{"sub":"ann","exp":{exp},"x":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
    let trailing = format!(r#"{{"sub":"ann","exp":{exp}}} {{}}"#);
    for payload in ["", "{", "null", "[]", "7", "\"ann\"", "not JSON", &deep, &trailing] {
        assert_refused(&world, &forge(br#"{"alg":"HS256"}"#, payload.as_bytes(), HS256, &key), payload).await;
    }
    let invalid_text = [br#"{"sub":"a"#.as_slice(), b"\xff\xfe", format!(r#"","exp":{exp}}}"#).as_bytes()].concat();
    assert_refused(&world, &forge(br#"{"alg":"HS256"}"#, &invalid_text, HS256, &key), "no UTF-8").await;
}

#[tokio::test]
async fn a_token_of_more_than_eight_kilobytes_is_refused_however_good() {
    let world = World::start().await;
    let sized = |padding: usize| {
        let mut claims = claims(&world);
        claims["padding"] = "x".repeat(padding).into();
        by_secret(SECRET.as_bytes(), HS256, &claims)
    };
    let limit = (5900..6100).find(|padding| sized(*padding).len() > 8192).expect("one is too long");
    let (longest, too_long) = (sized(limit - 1), sized(limit));
    assert!((8190..=8192).contains(&longest.len()) && (8193..8196).contains(&too_long.len()));
    assert_accepted(&world, &longest, "8,192 bytes").await;
    assert_refused(&world, &too_long, "8,193 bytes").await;
    // API Gateway accepts no headers longer than 10,240 bytes.
    let url = format!("{}/live-chat/status", world.gateway.url());
    let refused = answer(world.http().get(url).bearer_auth("x".repeat(11_000))).await;
    assert_eq!(refused.status, 431);
}
