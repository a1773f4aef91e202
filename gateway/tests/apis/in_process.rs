//! A process that is the cloud as well: its clients call a connector instead of the network, with all that the SDK does but sign.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use gateway::local_cloud::transports::transports;
use shared::platform::aws::AwsEnvironment;
use shared::platform::metrics::meter::Meter;
use shared::platform::posting::{ManagementApi, Payload, PostFailure};

const ID: &str = "L0SM9cOFvHcCIhw=";

/// Answers with these statuses and bodies, one after the other, and keeps the requests. After the last, it never answers.
#[derive(Clone, Debug, Default)]
struct Scripted {
    answers: Arc<Mutex<Vec<(u16, &'static str)>>>,
    /// Method and address of each request, and its body.
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Scripted {
    fn new(answers: &[(u16, &'static str)]) -> Scripted {
        let answers = answers.iter().rev().copied().collect();
        Scripted { answers: Arc::new(Mutex::new(answers)), seen: Arc::default() }
    }

    fn environment(&self) -> AwsEnvironment {
        let lookup = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
            "WEBSOCKET_ENDPOINT" => Some("http://in-process.invalid/live".to_owned()),
            "AWS_ENDPOINT_URL_DYNAMODB" | "AWS_ENDPOINT_URL_LAMBDA" => Some("http://in-process.invalid".to_owned()),
            _ => None,
        };
        let connector = SharedHttpConnector::new(self.clone());
        let transports = transports(&connector, &connector);
        AwsEnvironment { transports, ..AwsEnvironment::from_lookup(lookup).expect("an environment") }
    }

    fn management_api(&self) -> ManagementApi {
        let environment = self.environment();
        ManagementApi::new(environment.management(), environment.poster(), Arc::new(Meter::new(None)))
    }

    fn seen(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.seen.lock().expect("no panic holds it"))
    }
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let signed: Vec<_> = request.headers().iter().filter(|(name, _)| *name == "authorization").collect();
        assert!(signed.is_empty(), "nobody verifies a signature here: {signed:?}");
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        self.seen.lock().expect("no panic holds it").push((format!("{} {}", request.method(), request.uri()), body));
        let Some((status, body)) = self.answers.lock().expect("no panic holds it").pop() else {
            return HttpConnectorFuture::new(std::future::pending());
        };
        let response = HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body));
        HttpConnectorFuture::ready(Ok(response))
    }
}

#[tokio::test]
async fn tables_are_asked_again_after_a_failure_and_errors_are_understood() {
    let throttled = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"later"}"#;
    let gone = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"}"#;
    let script = Scripted::new(&[(400, throttled), (500, "{}"), (200, r#"{"TableNames":["chat"]}"#), (400, gone)]);
    let client = script.environment().dynamodb();
    assert_eq!(client.list_tables().send().await.unwrap().table_names(), ["chat"]);
    let asked = ("POST http://in-process.invalid/".to_owned(), "{}".to_owned());
    assert_eq!(script.seen(), [asked.clone(), asked.clone(), asked]);
    let error = client.describe_table().table_name("other").send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn functions_are_invoked_once() {
    let script = Scripted::new(&[(500, "{}"), (200, "7")]);
    let client = script.environment().lambda();
    client.invoke().function_name("fan-out").send().await.unwrap_err();
    let answer = client.invoke().function_name("fan-out").send().await.unwrap();
    assert_eq!(answer.payload().unwrap().as_ref(), b"7");
    let path = "POST http://in-process.invalid/2015-03-31/functions/fan-out/invocations".to_owned();
    assert_eq!(script.seen(), [(path.clone(), String::new()), (path, String::new())]);
}

#[tokio::test]
async fn posts_and_the_sdk_ask_for_the_same_socket_and_hear_the_same() {
    let script = Scripted::new(&[(200, ""), (204, ""), (410, ""), (429, "{}"), (413, "{}"), (400, "{}"), (403, "{}")]);
    let management = script.management_api();
    management.post(ID, &Payload::new("¡hola!")).await.unwrap();
    management.close(ID).await.unwrap();
    let address = "http://in-process.invalid/live/@connections/L0SM9cOFvHcCIhw%3D";
    let posted = (format!("POST {address}"), "¡hola!".to_owned());
    assert_eq!(script.seen(), [posted, (format!("DELETE {address}"), String::new())]);
    use PostFailure::{Busy, Gone, Refused};
    for failure in [Gone, Busy, Refused, Refused, Busy] {
        assert_eq!(management.post(ID, &Payload::new("text")).await, Err(failure));
    }
}

#[tokio::test]
async fn what_is_never_answered_fails_in_time() {
    let management = Scripted::default().management_api();
    let post = Payload::new("text");
    let both = async { tokio::join!(management.post(ID, &post), management.close(ID)) };
    let failed = tokio::time::timeout(std::time::Duration::from_secs(20), both).await;
    assert_eq!(failed.expect("a time-out of 3 seconds"), (Err(PostFailure::Busy), Err(PostFailure::Busy)));
}
