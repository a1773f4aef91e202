//! Functions refuse whatever did not come through the edge, before anything else. The addresses of API Gateway are public.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use functions::table::{TABLE, Trigger};
use lambda_runtime::Context;
use serde_json::{Value, json};
use shared::domain::config::Config;
use shared::lambda::app::App;
use shared::lambda::origin::HEADER;
use shared::platform::aws::AwsEnvironment;
use shared::platform::clock::Clock;
use tests::process::Process;
use tests::socket::Socket;
use tests::template::{of_type, template, texts};
use tests::world::World;

const PREVIOUS: &str = "PreviousPreviousPreviousPrevious";
const CURRENT: &str = "CurrentCurrentCurrentCurrentCurrent0";
const STRANGER: &str = "NobodyKnowsThisNobodyKnowsThisNobody";
const NEXT: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

/// One address for everything that a function could ask. It counts the connections, and answers none.
struct Nowhere {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Nowhere {
    async fn start() -> Nowhere {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        Nowhere { url, asked }
    }

    /// A cold function whose keys and tables are here.
    fn app(&self, keys: &[(&str, &str)]) -> Arc<App> {
        let secrets = [PREVIOUS, CURRENT, NEXT].join(",");
        let lookup = |name: &str| match name {
            "LIVE_CHAT_ORIGIN_SECRETS" => Some(secrets.clone()),
            "JWT_AUDIENCE" => Some("chat".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("x".to_owned()),
            _ if name.starts_with("AWS_ENDPOINT_URL_") => Some(self.url.clone()),
            _ => keys.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        };
        let aws = AwsEnvironment::from_lookup(lookup).expect("an environment");
        App::new(Config::from_lookup(lookup).expect("settings"), aws, Clock::system()).expect("a key")
    }
}

/// The functions that the public can call by a request of its own, each with its sample event.
fn callable() -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    for function in TABLE {
        let samples: Vec<String> = match function.trigger {
            Trigger::Routes(routes) => routes.iter().map(|route| route.handler.replace('_', "-")).collect(),
            // A frame comes on a socket that a handshake has opened, and says nothing of its origin.
            Trigger::Hook { key: "$connect", .. } => vec![function.name.to_owned()],
            Trigger::Hook { .. } | Trigger::Job { .. } => Vec::new(),
        };
        for sample in samples {
            let path = format!("{}/../events/{sample}.json", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            found.push((function.name, serde_json::from_str(&text).expect("JSON")));
        }
    }
    found
}

/// A good token of the key set's kind, as far as one can tell without its keys.
fn token() -> String {
    let claims = json!({"sub": "ann", "aud": "chat", "exp": 4_102_444_800_u64});
    tests::jwt::KeyPair::generate(tests::jwt::Kind::P256).sign(jsonwebtoken::Algorithm::ES256, Some("k"), &claims)
}

/// The event with a secret of the edge and a token.
fn with(event: &Value, secret: Option<&str>, token: &str) -> Value {
    let mut event = event.clone();
    if event["requestContext"]["connectionId"].is_string() {
        event["queryStringParameters"]["token"] = token.into();
        event["multiValueQueryStringParameters"]["token"] = json!([token]);
        if let Some(secret) = secret {
            event["headers"][HEADER] = secret.into();
            event["multiValueHeaders"][HEADER] = json!([secret]);
        }
    } else {
        event["headers"]["authorization"] = format!("Bearer {token}").into();
        if let Some(secret) = secret {
            event["headers"][HEADER] = secret.into();
        }
    }
    event
}

async fn call(app: Arc<App>, function: &str, event: &Value) -> (u64, Value) {
    let payload = event.to_string();
    let answer = functions::local::invoke(function, app, payload.as_bytes(), Context::default()).await;
    let answer = answer.expect("an answer").into_json().expect("an answer");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let body = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
    (answer["statusCode"].as_u64().expect("a status"), body)
}

#[tokio::test]
async fn every_function_that_the_public_can_call_refuses_what_did_not_come_through_the_edge_before_it_asks_anything() {
    let callable = callable();
    let names: BTreeSet<&str> = callable.iter().map(|(name, _)| *name).collect();
    assert!(names.len() >= 11 && names.contains("ws-connect") && names.contains("send-message"), "{names:?}");
    let nowhere = Nowhere::start().await;
    let (jwks, token) = (format!("{}/jwks", nowhere.url), token());
    let app = nowhere.app(&[("JWT_JWKS_URL", &jwks)]);
    let wrong = ["", "x", &CURRENT[1..], &CURRENT.to_lowercase(), &[PREVIOUS, CURRENT, NEXT].join(",")];
    for (function, event) in &callable {
        for secret in wrong.iter().copied().map(Some).chain([None]) {
            let (status, body) = call(Arc::clone(&app), function, &with(event, secret, &token)).await;
            assert_eq!(status, 403, "{function} with {secret:?}");
            if *function != "ws-connect" {
                assert_eq!(body["code"], "forbidden", "{function} with {secret:?}");
            }
        }
    }
    assert_eq!(nowhere.asked.load(Ordering::SeqCst), 0, "a key or a table was asked for");
    // With any of the three, the same call goes on to the keys, which are not there.
    for (function, event) in &callable {
        for secret in [PREVIOUS, CURRENT, NEXT] {
            let before = nowhere.asked.load(Ordering::SeqCst);
            let cold = nowhere.app(&[("JWT_JWKS_URL", &jwks)]);
            assert_eq!(
                call(cold, function, &with(event, Some(secret), &token)).await.0,
                503,
                "{function} with {secret}"
            );
            assert!(nowhere.asked.load(Ordering::SeqCst) > before, "{function} asked nobody");
        }
    }
}

#[tokio::test]
async fn the_edge_lets_callers_in_whom_the_apis_alone_refuse() {
    let secrets = [PREVIOUS, CURRENT, NEXT].join(",");
    // Without an edge of its own that knows a secret, the gateway is as API Gateway is to the public.
    let world = World::with(&[("LIVE_CHAT_ORIGIN_SECRETS", &secrets)]).await;
    let ann = world.user("ann");
    assert_eq!(ann.get("status").await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(ann.try_to_connect("1").await.err(), Some(403));
    // It serves the WebSocket API behind its own edge alone, which takes the session from this path.
    let socket = format!("{}/live-chat/ws/1", world.gateway.url());
    for (secret, is_let_in) in
        [(Some(PREVIOUS), true), (Some(CURRENT), true), (Some(NEXT), true), (None, false), (Some(STRANGER), false)]
    {
        let edge = Process::edge_with(&world.gateway.url(), &socket, secret).await;
        let ann = tests::rest::User::new("ann", &ann.token, edge.url());
        assert_eq!(ann.get("status").await.status, if is_let_in { 200 } else { 403 }, "{secret:?}");
        let opened = ann.try_to_connect("1").await;
        assert_eq!(opened.err(), (!is_let_in).then_some(403), "{secret:?}");
        // What a client sends under this name is replaced, or is worth nothing.
        let own =
            world.http().get(format!("{}/live-chat/status", edge.url())).bearer_auth(&ann.token).header(HEADER, "mine");
        assert_eq!(tests::rest::answer(own).await.status, if is_let_in { 200 } else { 403 }, "{secret:?}");
    }
    // A socket, once open, needs no secret.
    let edge = Process::edge_with(&world.gateway.url(), &socket, Some(CURRENT)).await;
    let url = format!("{}/live-chat/ws/1?token={}", edge.url().replacen("http", "ws", 1), ann.token);
    let mut socket = Socket::open(&url, &[]).await.unwrap_or_else(|status| panic!("refused with {status}"));
    assert_eq!(socket.say("hello").await["type"], "ack");
}

#[test]
fn cloudfront_sends_the_second_secret_to_both_apis_and_all_functions_know_all() {
    let template = template();
    let (_, distribution) = of_type(&template, "AWS::CloudFront::Distribution").next().expect("a distribution");
    let origins = distribution["Properties"]["DistributionConfig"]["Origins"].as_array().expect("origins");
    for origin in origins {
        let headers = &origin["OriginCustomHeaders"];
        if origin.get("S3OriginConfig").is_some() {
            assert!(headers.is_null(), "the page needs none");
            continue;
        }
        assert_eq!(texts(&headers["!If"])[0], "HasOriginSecrets", "{origin}");
        let [header] = headers["!If"][1].as_array().expect("headers").as_slice() else { panic!("{headers}") };
        assert_eq!(header["HeaderName"], HEADER);
        assert_eq!(header["HeaderValue"], json!({"!Select": [1, {"!Split": [",", {"!Ref": "OriginSecrets"}]}]}));
    }
    assert_eq!(origins.len(), 3);
    let parameter = &template["Parameters"]["OriginSecrets"];
    assert_eq!((&parameter["NoEcho"], &parameter["Default"]), (&json!(true), &json!("")));
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(variables["LIVE_CHAT_ORIGIN_SECRETS"], json!({"!Ref": "OriginSecrets"}));
}
