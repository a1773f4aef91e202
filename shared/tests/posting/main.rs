//! The poster speaks to `@connections` as the SDK does: the same path, a signature that holds, and HTTP/2 if the other
//! side offers it.

mod signature;
mod test_api;

use std::sync::Arc;

use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use http::{StatusCode, Version};
use shared::platform::metrics::meter::Meter;
use shared::platform::posting::{ManagementApi, Payload, PostFailure, Poster};

use test_api::{Offer, TestApi};

const ID: &str = "L0SM9cOFvHcCIhw=";
const CREDENTIALS: (&str, &str, &str) = ("AKIDEXAMPLE", "a secret key", "a session token");

fn management_api(api: &TestApi) -> ManagementApi {
    let credentials = || Credentials::new(CREDENTIALS.0, CREDENTIALS.1, Some(CREDENTIALS.2.to_owned()), None, "test");
    let config = aws_sdk_apigatewaymanagement::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(credentials())
        .retry_config(RetryConfig::disabled())
        .endpoint_url(api.url())
        .build();
    let uri = api.url().parse().expect("an address");
    let poster = Poster::new(&uri, "eu-central-1", credentials(), api.trust());
    ManagementApi::new(aws_sdk_apigatewaymanagement::Client::from_conf(config), poster, Arc::new(Meter::new(None)))
}

#[tokio::test]
async fn a_post_is_signed_like_the_sdks_own_requests() {
    let mut api = TestApi::open(Offer::Plain).await;
    let management = management_api(&api);
    management.close(ID).await.unwrap();
    let by_the_sdk = api.next().await;
    signature::verify(&by_the_sdk, CREDENTIALS.1, "eu-central-1").unwrap();

    management.post(ID, &Payload::new("{\"type\":\"pong\"} ¡hola!")).await.unwrap();
    let by_the_poster = api.next().await;
    signature::verify(&by_the_poster, CREDENTIALS.1, "eu-central-1").unwrap();
    assert_eq!((by_the_poster.method.as_str(), &by_the_poster.path), ("POST", &by_the_sdk.path));
    assert_eq!(by_the_poster.path, "/live/@connections/L0SM9cOFvHcCIhw%3D");
    assert_eq!(by_the_poster.headers["x-amz-security-token"], CREDENTIALS.2);
    assert_eq!(by_the_poster.body, "{\"type\":\"pong\"} ¡hola!");
}

#[tokio::test]
async fn the_verifier_of_these_tests_refuses_another_body_path_and_key() {
    let mut api = TestApi::open(Offer::Plain).await;
    management_api(&api).post(ID, &Payload::new("text")).await.unwrap();
    let genuine = api.next().await;
    let with_body = test_api::RecordedRequest { body: "other".to_owned(), ..genuine.clone() };
    let with_path = test_api::RecordedRequest { path: genuine.path.replace("L0", "L1"), ..genuine.clone() };
    assert!(signature::verify(&with_body, CREDENTIALS.1, "eu-central-1").is_err());
    assert!(signature::verify(&with_path, CREDENTIALS.1, "eu-central-1").is_err());
    assert!(signature::verify(&genuine, "another key", "eu-central-1").is_err());
    assert!(signature::verify(&genuine, CREDENTIALS.1, "us-east-1").is_err());
}

#[tokio::test]
async fn posts_share_one_http2_connection_where_it_is_offered() {
    let mut api = TestApi::open(Offer::Tls).await;
    let management = management_api(&api);
    management.post(ID, &Payload::new("first")).await.unwrap();
    let (second, third) = (Payload::new("second"), Payload::new("third"));
    let (one, other) = tokio::join!(management.post(ID, &second), management.post(ID, &third));
    one.and(other).unwrap();
    for _ in 0..3 {
        let request = api.next().await;
        assert_eq!(request.version, Version::HTTP_2);
        signature::verify(&request, CREDENTIALS.1, "eu-central-1").unwrap();
    }
    assert_eq!(api.connections(), 1);
}

#[tokio::test]
async fn http1_connections_are_kept_for_the_next_post() {
    let mut api = TestApi::open(Offer::Plain).await;
    let management = management_api(&api);
    for _ in 0..5 {
        management.post(ID, &Payload::new("text")).await.unwrap();
        assert_eq!(api.next().await.version, Version::HTTP_11);
    }
    assert_eq!(api.connections(), 1);
}

#[tokio::test]
async fn a_refusal_says_whether_another_try_can_help() {
    let api = TestApi::open(Offer::Plain).await;
    let management = management_api(&api);
    let statuses = [
        (StatusCode::GONE, PostFailure::Gone),
        (StatusCode::TOO_MANY_REQUESTS, PostFailure::Busy),
        (StatusCode::BAD_GATEWAY, PostFailure::Busy),
        (StatusCode::PAYLOAD_TOO_LARGE, PostFailure::Refused),
        (StatusCode::BAD_REQUEST, PostFailure::Refused),
        (StatusCode::FORBIDDEN, PostFailure::Busy),
        (StatusCode::NOT_FOUND, PostFailure::Busy),
    ];
    for (status, failure) in statuses {
        api.answer(status);
        assert_eq!(management.post(ID, &Payload::new("text")).await, Err(failure), "{status}");
    }
}

#[tokio::test]
async fn no_connection_is_worth_another_try() {
    let api = TestApi::open(Offer::Plain).await;
    let management = management_api(&api);
    api.shut().await;
    assert_eq!(management.post(ID, &Payload::new("text")).await, Err(PostFailure::Busy));
}
