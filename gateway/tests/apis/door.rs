//! The doors of the internal ports: `@connections`, Lambda's Invoke API and DynamoDB serve who has the run's key, and no page.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderValue;
use reqwest::{Method, Request, RequestBuilder};
use serde_json::{Value, json};

use crate::support::signing::signed_with;
use crate::support::{Builder, KEY_ID, SECRET, database, http, signed, within};

const KEY: (&str, &str) = (KEY_ID, SECRET);
const FOREIGN: &str = "AccessDeniedException";
const BAD_SIGNATURE: &str = "InvalidSignatureException";

/// A door: a request that it lets in once it is signed, the service of its signature, and the status of its refusals.
struct Door<'a> {
    request: &'a dyn Fn() -> RequestBuilder,
    service: &'a str,
    refusal: u16,
}

impl Door<'_> {
    fn signed(&self) -> Request {
        signed((self.request)(), self.service)
    }

    fn at(&self, at: SystemTime) -> Request {
        signed_with((self.request)(), self.service, KEY, at)
    }

    fn with(&self, name: &'static str, value: &'static str) -> Request {
        let mut request = self.signed();
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        request
    }

    fn changed(&self, change: impl FnOnce(&mut Request)) -> Request {
        let mut request = self.signed();
        change(&mut request);
        request
    }

    async fn refuses(&self, case: &str, request: Request, kind: &str) {
        let answer = within(http().execute(request)).await.expect("an answer");
        let cors: Vec<_> =
            answer.headers().keys().filter(|name| name.as_str().starts_with("access-control-")).collect();
        assert!(cors.is_empty(), "{case}: {cors:?}");
        let (status, of_header) = (answer.status().as_u16(), answer.headers().get("x-amzn-errortype").cloned());
        let body: Value = within(answer.json()).await.expect("JSON");
        let told = match &of_header {
            Some(kind) => kind.to_str().expect("text"),
            None => {
                body["__type"].as_str().and_then(|kind| kind.strip_prefix("com.amazon.coral.service#")).expect("a type")
            }
        };
        assert_eq!((status, told), (self.refusal, kind), "{} {case}: {body}", self.service);
        assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    }

    /// Tries every way in.
    async fn is_guarded(&self) {
        let unsigned = (self.request)().build().expect("a request");
        self.refuses("unsigned", unsigned, "MissingAuthenticationTokenException").await;
        let any = (self.request)().header("Authorization", "AWS4-HMAC-SHA256 x").build().expect("a request");
        self.refuses("any signature", any, "IncompleteSignatureException").await;

        let sign = |key, service, at| signed_with((self.request)(), service, key, at);
        let now = SystemTime::now();
        self.refuses("another key", sign(("other", SECRET), self.service, now), "UnrecognizedClientException").await;
        self.refuses("another secret", sign((KEY_ID, "other"), self.service, now), BAD_SIGNATURE).await;
        self.refuses("another service", sign(KEY, "s3", now), BAD_SIGNATURE).await;
        self.refuses("too old", self.at(now - Duration::from_secs(6 * 60)), BAD_SIGNATURE).await;
        self.refuses("of the future", self.at(now + Duration::from_secs(6 * 60)), BAD_SIGNATURE).await;
        self.refuses("yesterday's", self.at(now - Duration::from_secs(24 * 60 * 60)), BAD_SIGNATURE).await;

        let session = self.with("x-amz-security-token", "x");
        self.refuses("a session", session, "UnrecognizedClientException").await;
        let added = self.with("x-amz-invented", "x");
        self.refuses("an added header", added, "IncompleteSignatureException").await;
        self.refuses("another date", self.with("x-amz-date", "20231114T221320Z"), BAD_SIGNATURE).await;
        self.refuses("another body", self.changed(|request| *request.body_mut() = Some("{}  ".into())), BAD_SIGNATURE)
            .await;
        self.refuses("another method", self.changed(|request| *request.method_mut() = Method::PUT), BAD_SIGNATURE)
            .await;
        let asks = self.changed(|request| request.url_mut().set_query(Some("a=b")));
        self.refuses("another query", asks, BAD_SIGNATURE).await;

        for origin in ["https://evil.example", "null", "http://localhost:8000"] {
            self.refuses(origin, self.with("origin", origin), FOREIGN).await;
        }
        for site in ["cross-site", "same-site", "same-origin"] {
            self.refuses(site, self.with("sec-fetch-site", site), FOREIGN).await;
        }
        // A name that was bound anew: the signature is right for it.
        for host in ["evil.example", "evil.example:80", "localhost", "localhost:1"] {
            let request = signed((self.request)().header("host", host), self.service);
            self.refuses(host, request, FOREIGN).await;
        }
        let preflight = (self.request)().build().expect("a request");
        let preflight = http().request(Method::OPTIONS, preflight.url().clone());
        let preflight =
            preflight.header("origin", "https://evil.example").header("access-control-request-method", "POST");
        self.refuses("a preflight", preflight.build().expect("a request"), FOREIGN).await;
    }
}

#[tokio::test]
async fn connections_are_posted_to_with_the_key_alone() {
    let cloud = Builder::new().start().await;
    let mut socket = cloud.socket().await;
    let url = format!("http://{}/prod/@connections/{}", cloud.internal, socket.id.replace('=', "%3D"));
    let request = || http().post(&url).body("from a function");
    let door = Door { request: &request, service: "execute-api", refusal: 403 };
    door.is_guarded().await;
    assert_eq!(within(http().execute(door.signed())).await.expect("an answer").status(), 200);
    assert_eq!(socket.text().await, "from a function", "nothing came before it");
}

#[tokio::test]
async fn functions_are_invoked_with_the_key_alone() {
    let cloud = Builder::new().start().await;
    let url = format!("http://{}/2015-03-31/functions/ws-message/invocations", cloud.internal);
    let request = || http().post(&url).body("{}");
    let door = Door { request: &request, service: "lambda", refusal: 403 };
    door.is_guarded().await;
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
    assert_eq!(within(http().execute(door.signed())).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn the_database_is_read_with_the_key_alone() {
    let database = database();
    let url = database.url().expect("it has a port");
    let request = || {
        let request = http().post(url).header("x-amz-target", "DynamoDB_20120810.ListTables");
        request.header("content-type", "application/x-amz-json-1.0").body("{}")
    };
    let door = Door { request: &request, service: "dynamodb", refusal: 400 };
    door.is_guarded().await;
    let health = http().get(url).build().expect("a request");
    door.refuses("a look", health, "MissingAuthenticationTokenException").await;
    let answer = within(http().execute(door.signed())).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(within(answer.json::<Value>()).await.expect("JSON"), json!({"TableNames": ["chat"]}));
    database.close();
}

#[tokio::test]
async fn the_internal_port_opens_no_socket_and_the_websocket_apis_own_address_is_no_way_around_it() {
    let cloud = Builder::new().start().await;
    let handshake = tokio_tungstenite::connect_async(format!("ws://{}/prod", cloud.internal));
    assert!(within(handshake).await.is_err());
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
    let id = cloud.socket().await.id;
    let past = signed(http().post(format!("http://{}/prod/@connections/{id}", cloud.websocket)), "execute-api");
    assert_eq!(within(http().execute(past)).await.expect("an answer").status(), 403);
}
