//! The embedded DynamoDB on both ways: its port, and the connector of functions in the gateway's own process.

use std::task::Poll;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_types::body::SdkBody;
use futures_util::future::join_all;
use gateway::database::Database;
use gateway::local_cloud::transports::transports;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use shared::platform::aws::AwsEnvironment;

use crate::support::{database, http, signed, within};

fn dynamodb(database: &Database) -> aws_sdk_dynamodb::Client {
    let lookup = |name: &str| (name == "AWS_ENDPOINT_URL_DYNAMODB").then(|| "http://in-process.invalid".to_owned());
    let connector = database.connector();
    AwsEnvironment {
        transports: transports(&connector, &connector),
        ..AwsEnvironment::from_lookup(lookup).expect("an environment")
    }
    .dynamodb()
}

/// Status and body, after a look at the headers.
type Answer = (StatusCode, Value);

fn answer(status: StatusCode, headers: &HeaderMap, body: Vec<u8>) -> Answer {
    assert_eq!(headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(headers["x-amzn-requestid"].len(), 52);
    (status, serde_json::from_slice(&body).expect("JSON"))
}

async fn over_the_port(database: &Database, operation: &str, body: Vec<u8>) -> Answer {
    let request = http().post(database.url().expect("it has a port")).header("x-amz-target", operation).body(body);
    let response = within(http().execute(signed(request, "dynamodb"))).await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    answer(status, &headers, within(response.bytes()).await.expect("a body").to_vec())
}

async fn in_process(database: &Database, operation: &str, body: Vec<u8>) -> Answer {
    let request = http::Request::post("http://in-process.invalid/").header("x-amz-target", operation);
    let request = request.body(SdkBody::from(body)).expect("a request").try_into().expect("a request");
    let response = within(database.connector().call(request)).await.expect("an answer");
    let response = response.try_into_http1x().expect("a response");
    answer(response.status(), response.headers(), response.body().bytes().expect("it is in memory").to_vec())
}

#[tokio::test]
async fn both_ways_give_the_same_answers() {
    let database = database();
    let put = r#"{"TableName":"chat","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"text":{"S":"hello"}}}"#;
    let again = put.replace("\"TableName\"", r#""ConditionExpression":"attribute_not_exists(pk)","TableName""#);
    let get = r#"{"TableName":"chat","Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}"#;
    let too_large = vec![b' '; 16 * 1024 * 1024 + 1];
    let cases: [(&str, Vec<u8>, u16, &str); 8] = [
        ("PutItem", put.into(), 200, "{}"),
        ("GetItem", get.into(), 200, "hello"),
        ("PutItem", again.into(), 400, "ConditionalCheckFailedException"),
        ("GetItem", get.replace("chat", "other").into(), 400, "ResourceNotFoundException"),
        ("GetItem", b"{".to_vec(), 400, "SerializationException"),
        ("GetItem", vec![0xff], 400, "SerializationException"),
        ("Invented", b"{}".to_vec(), 400, "UnknownOperationException"),
        ("GetItem", too_large, 413, "SerializationException"),
    ];
    for (operation, body, status, part) in cases {
        let target = format!("DynamoDB_20120810.{operation}");
        let by_port = over_the_port(&database, &target, body.clone()).await;
        assert!(by_port.0 == status && by_port.1.to_string().contains(part), "{operation}: {by_port:?}");
        assert_eq!(in_process(&database, &target, body).await, by_port, "{operation}");
    }
    database.close();
}

#[tokio::test]
async fn requests_that_are_there_are_answered_before_the_database_closes_and_later_ones_fail() {
    let database = database();
    let client = dynamodb(&database);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = |number: usize| {
        client.put_item().table_name("chat").item("pk", text("a")).item("sk", text(&number.to_string())).send()
    };
    within(put(0)).await.expect("it is open");
    let connector = database.connector();
    let request = || {
        let body = SdkBody::from(r#"{"TableNames":[]}"#);
        let request = http::Request::post("/").header("x-amz-target", "DynamoDB_20120810.ListTables").body(body);
        connector.call(request.expect("a request").try_into().expect("a request"))
    };
    // Each has handed its request over once it has been polled.
    let mut all = std::pin::pin!(join_all((0..50).map(|_| request())));
    let polled = futures_util::poll!(&mut all);
    within(tokio::task::spawn_blocking(|| database.close())).await.expect("it closes");
    let answers = match polled {
        Poll::Ready(answers) => answers,
        Poll::Pending => within(all).await,
    };
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status().is_success())));

    let begun = Instant::now();
    let error = within(put(1)).await.expect_err("it is closed");
    assert!(error.as_service_error().is_none(), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "it fails at once, but for the SDK's retries");
}
