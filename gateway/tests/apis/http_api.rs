//! The HTTP API: the events that its functions get, and the responses that the client gets.

use std::time::Duration;

use gateway::Cors;
use lambda_http::request::LambdaRequest;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::support::{Answer, Builder, Cloud, failure, text, within};

async fn ok(_event: Value) -> Answer {
    Ok(json!({ "statusCode": 200 }))
}

/// A gateway with one route of every kind, all with the same function.
async fn cloud() -> Cloud {
    let builder = Builder::new().function("f", ok).http("GET", "/live-chat/status", "f");
    builder
        .http("POST", "/live-chat/send-message", "f")
        .http("POST", "/live-chat/like-message/{message_id}", "f")
        .start()
        .await
}

/// A gateway whose function returns this.
async fn returning(answer: Answer) -> Cloud {
    let builder = Builder::new().function("f", move |_| std::future::ready(answer.clone()));
    builder.http("GET", "/live-chat/status", "f").start().await
}

async fn get(cloud: &Cloud, path: &str) -> Response {
    within(crate::support::http().get(format!("http://{}{path}", cloud.public)).send())
        .await
        .expect("the gateway answers")
}

async fn body(response: Response) -> String {
    within(response.text()).await.expect("the body is complete")
}

/// The event of a request whose path and query are encoded.
async fn event_of(query: &str) -> Value {
    let cloud = cloud().await;
    let url = format!("http://{}/live-chat/like-message/1%2F2%20%C3%A9?{query}", cloud.public);
    within(crate::support::http().post(url).send()).await.expect("an answer");
    cloud.event("f").await
}

#[tokio::test]
async fn fidelity_51_the_raw_path_is_decoded() {
    let event = event_of("a=1").await;
    assert_eq!(event["rawPath"], "/live-chat/like-message/1/2 é");
    assert_eq!(event["requestContext"]["http"]["path"], "/live-chat/like-message/1/2 é");
    assert_eq!(event["pathParameters"], json!({ "message_id": "1/2 é" }));
    assert_eq!(event["routeKey"], "POST /live-chat/like-message/{message_id}");
}

#[tokio::test]
async fn fidelity_52_the_raw_query_is_verbatim() {
    let query = "a=1&b=x%20y%2Bz&a=2&c";
    assert_eq!(event_of(query).await["rawQueryString"], query);
}

#[tokio::test]
async fn fidelity_53_query_values_are_decoded_and_duplicates_joined_with_commas() {
    let event = event_of("a=1&b=x%20y%2Bz&a=2&c").await;
    assert_eq!(event["queryStringParameters"], json!({ "a": "1,2", "b": "x y+z", "c": "" }));
}

#[tokio::test]
async fn fidelity_54_cookies_are_an_array_and_the_header_is_gone() {
    let cloud = cloud().await;
    let mut raw = Raw::connect(cloud.public).await;
    let headers = "Host: example.test\r\nCookie: a=1; b=2\r\nX-Twice: one\r\nX-Twice: two\r\n";
    raw.request("/live-chat/status", headers).await;
    let event = cloud.event("f").await;
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["headers"].get("cookie"), None);
    assert_eq!(event["headers"]["x-twice"], "one,two");
    let names: Vec<_> = event["headers"].as_object().expect("headers").keys().map(String::as_str).collect();
    let expected = "content-length host x-amzn-trace-id x-forwarded-for x-forwarded-port x-forwarded-proto x-twice";
    assert_eq!(names.join(" "), expected);
}

#[tokio::test]
async fn fidelity_55_an_event_without_query_and_body_has_exactly_the_fields_that_aws_sends() {
    let cloud = cloud().await;
    get(&cloud, "/live-chat/status").await;
    let event = cloud.event("f").await;
    let mut keys: Vec<_> = event.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected = "headers isBase64Encoded rawPath rawQueryString requestContext routeKey version";
    assert_eq!(keys.join(" "), expected);
    let context = event["requestContext"].as_object().expect("an object");
    let mut keys: Vec<_> = context.keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected = "accountId apiId domainName domainPrefix http requestId routeKey stage time timeEpoch";
    assert_eq!(keys.join(" "), expected);
    assert_eq!((&event["version"], &context["stage"]), (&json!("2.0"), &json!("$default")));
    assert_eq!(context["routeKey"], "GET /live-chat/status");
    assert_eq!(context["apiId"].as_str().expect("text").len(), 10);
    assert!(context["timeEpoch"].as_i64().expect("a number") > 1_700_000_000_000, "milliseconds");
    assert_eq!(text(&event, "/requestContext/http/sourceIp"), "127.0.0.1");
    assert_eq!(text(&event, "/requestContext/http/protocol"), "HTTP/1.1");
}

#[tokio::test]
async fn fidelity_56_what_has_no_route_is_404() {
    let cloud = cloud().await;
    for path in ["/live-chat/nothing", "/live-chat/status/", "/live-chat/send-message", "/live-chat/like-message/"] {
        let response = get(&cloud, path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(body(response).await, r#"{"message":"Not Found"}"#);
    }
}

#[tokio::test]
async fn fidelity_57_a_function_error_is_500_without_details() {
    let answers = [
        Err(failure()),
        Ok(json!({ "statusCode": "often" })),
        Ok(json!({ "statusCode": 200, "body": "not base64!", "isBase64Encoded": true })),
        Ok(json!({ "statusCode": 200, "headers": { "a b": "c" } })),
    ];
    for answer in answers {
        let response = get(&returning(answer).await, "/live-chat/status").await;
        assert_eq!(response.status(), 500);
        assert_eq!(body(response).await, r#"{"message":"Internal Server Error"}"#);
    }
}

#[tokio::test]
async fn fidelity_58_json_without_a_status_code_is_a_200_body() {
    for (answer, expected) in [(json!({ "a": [1] }), r#"{"a":[1]}"#), (json!("hello"), "hello"), (json!(null), "null")]
    {
        let response = get(&returning(Ok(answer)).await, "/live-chat/status").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(body(response).await, expected);
    }
}

#[tokio::test]
async fn fidelity_59_cors_is_the_gateways() {
    let mut builder = Builder::new().http("GET", "/live-chat/status", "f").function("f", |_| async {
        Ok(json!({ "statusCode": 200, "headers": { "Access-Control-Allow-Origin": "https://function.test" } }))
    });
    builder.cors = Some(Cors {
        allow_origins: vec!["https://page.test".to_owned()],
        allow_methods: vec!["GET".to_owned(), "POST".to_owned()],
        allow_headers: vec!["authorization".to_owned()],
        expose_headers: vec!["retry-after".to_owned()],
        max_age: Some(300),
        allow_credentials: false,
    });
    let cloud = builder.start().await;
    let request = |method: Method, origin: &str| {
        let url = format!("http://{}/live-chat/status", cloud.public);
        crate::support::http().request(method, url).header("origin", origin)
    };
    let preflight = request(Method::OPTIONS, "https://page.test").header("access-control-request-method", "GET");
    let preflight = within(preflight.send()).await.expect("an answer");
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "https://page.test");
    assert_eq!(preflight.headers()["access-control-allow-methods"], "GET,POST");
    assert_eq!(preflight.headers()["access-control-allow-headers"], "authorization");
    assert_eq!(preflight.headers()["access-control-max-age"], "300");
    assert_eq!(cloud.waiting_events("f").await, 0, "no function hears of a preflight");

    let actual = within(request(Method::GET, "https://page.test").send()).await.expect("an answer");
    assert_eq!(actual.headers()["access-control-allow-origin"], "https://page.test");
    assert_eq!(actual.headers()["access-control-expose-headers"], "retry-after");
    let foreign = within(request(Method::GET, "https://other.test").send()).await.expect("an answer");
    assert_eq!((foreign.status().as_u16(), foreign.headers().get("access-control-allow-origin")), (200, None));
}

#[tokio::test]
async fn pages_of_every_port_of_a_host_may_be_allowed() {
    let answer = |_| async { Ok(json!({ "statusCode": 200 })) };
    let mut builder = Builder::new().http("GET", "/live-chat/status", "f").function("f", answer);
    builder.cors = Some(Cors { allow_origins: vec!["http://localhost:*".to_owned()], ..Cors::default() });
    let cloud = builder.start().await;
    for (origin, is_allowed) in [
        ("http://localhost:5173", true),
        ("http://localhost", true),
        ("https://localhost:5173", false),
        ("http://localhost.evil.test", false),
        ("http://127.0.0.1:5173", false),
        ("null", false),
    ] {
        let request = crate::support::http().get(format!("http://{}/live-chat/status", cloud.public));
        let answer = within(request.header("origin", origin).send()).await.expect("an answer");
        let found = answer.headers().get("access-control-allow-origin").map(|found| found.to_str().expect("text"));
        assert_eq!(found, is_allowed.then_some(origin), "{origin}");
    }
}

#[tokio::test]
async fn without_cors_the_functions_headers_pass() {
    let answer = json!({ "statusCode": 200, "headers": { "Access-Control-Allow-Origin": "https://function.test" } });
    let response = get(&returning(Ok(answer)).await, "/live-chat/status").await;
    assert_eq!(response.headers()["access-control-allow-origin"], "https://function.test");
}

#[tokio::test]
async fn a_response_has_the_functions_status_headers_cookies_and_body() {
    let answer = json!({
        "statusCode": 429,
        "headers": { "Content-Type": "application/problem+json", "Retry-After": 7 },
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "eyJhIjoxfQ==",
        "isBase64Encoded": true,
    });
    let response = get(&returning(Ok(answer)).await, "/live-chat/status").await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["retry-after"], "7");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2"]);
    assert_eq!(response.headers()["apigw-requestid"].len(), 16);
    assert_eq!(body(response).await, r#"{"a":1}"#);
}

#[tokio::test]
async fn a_text_body_arrives_as_text_and_any_other_in_base64() {
    let cloud = cloud().await;
    let send = |content_type: &'static str, body: Vec<u8>| {
        let url = format!("http://{}/live-chat/send-message", cloud.public);
        let request = crate::support::http().post(url).header("content-type", content_type).body(body);
        async { within(request.send()).await.expect("an answer") }
    };
    let cases = [
        ("application/json", "{\"a\":\"é\"}".as_bytes(), "{\"a\":\"é\"}", false),
        ("application/problem+json; charset=utf-8", b"{}", "{}", false),
        ("application/octet-stream", b"hi", "aGk=", true),
        ("application/x-www-form-urlencoded", b"a=b", "YT1i", true),
        ("application/json", b"\xff", "/w==", true),
    ];
    for (content_type, sent, expected, is_base64) in cases {
        send(content_type, sent.to_vec()).await;
        let event = cloud.event("f").await;
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!(expected), &json!(is_base64)),
            "{content_type}"
        );
        assert_eq!(event["headers"]["content-length"], sent.len().to_string());
    }
}

#[tokio::test]
async fn an_event_parses_as_the_type_that_the_functions_take() {
    let cloud = cloud().await;
    let url = format!("http://{}/live-chat/like-message/7?session_id=3", cloud.public);
    let request =
        crate::support::http().post(url).header("Authorization", "Bearer x").header("content-type", "application/json");
    within(request.body("{}").send()).await.expect("an answer");
    let event = cloud.event("f").await.to_string();
    let LambdaRequest::ApiGatewayV2(request) = serde_json::from_str(&event).expect("an event of lambda_http") else {
        panic!("it is taken for another kind of event");
    };
    assert_eq!(request.path_parameters["message_id"], "7");
    assert_eq!(request.query_string_parameters.first("session_id"), Some("3"));
    assert_eq!(request.headers["authorization"], "Bearer x");
    assert_eq!(request.request_context.http.method, http::Method::POST);
}

#[tokio::test]
async fn a_body_over_10_mb_is_413_and_one_that_lambda_takes_passes() {
    let cloud = cloud().await;
    for (length, status) in [(4 * 1024 * 1024, 200), (10 * 1024 * 1024 + 1, 413)] {
        let url = format!("http://{}/live-chat/send-message", cloud.public);
        let response =
            within(crate::support::http().post(url).body(vec![b'x'; length]).send()).await.expect("an answer");
        assert_eq!(response.status(), status);
        if status == 413 {
            assert_eq!(body(response).await, r#"{"message":"Request Entity Too Large"}"#);
        }
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_503() {
    let builder = Builder::new().function("f", |_| std::future::pending()).http("GET", "/live-chat/status", "f");
    let cloud = builder.limits(|limits| limits.http_integration = Duration::from_millis(50)).start().await;
    let response = get(&cloud, "/live-chat/status").await;
    assert_eq!(response.status(), 503);
    assert_eq!(body(response).await, r#"{"message":"Service Unavailable"}"#);
}
