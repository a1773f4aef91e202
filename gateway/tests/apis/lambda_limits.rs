//! What Lambda limits: payloads, and executions at the same time.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::invoke::invoke;
use crate::support::{Builder, Cloud, http, within};
use crate::way::Way;

const MB: usize = 1024 * 1024;

async fn ask(cloud: &Cloud, method: Method, path: &str, body: String) -> (u16, String) {
    let request = http().request(method, format!("http://{}{path}", cloud.public)).body(body);
    let answer = within(request.send()).await.expect("an answer");
    (answer.status().as_u16(), within(answer.text()).await.expect("a body"))
}

fn error_type(answer: &reqwest::Response) -> (u16, &str) {
    (answer.status().as_u16(), answer.headers()["x-amzn-errortype"].to_str().expect("text"))
}

/// A function whose response has as many bytes as the event says, or as the path does.
async fn of_length(event: Value) -> crate::support::Answer {
    let length =
        event["length"].as_u64().or_else(|| event["rawPath"].as_str()?.strip_prefix("/live-chat/")?.parse().ok());
    let length = usize::try_from(length.unwrap_or_default()).expect("a length");
    // The quotes of a JSON text count, too.
    Ok(json!("x".repeat(length.saturating_sub(2))))
}

#[tokio::test]
async fn fidelity_61_a_response_over_6_mb_is_an_error_of_the_function() {
    for way in Way::BOTH {
        let cloud = Builder::new().function("of-length", of_length).http("GET", "/live-chat/{length}", "of-length");
        let cloud = cloud.start_on(way).await;
        let largest = 6 * MB + 100;
        let answer = invoke(&cloud, "of-length", "RequestResponse", json!({"length": largest}).to_string()).await;
        assert_eq!((answer.status().as_u16(), answer.headers().get("x-amz-function-error")), (200, None));
        assert_eq!(within(answer.bytes()).await.expect("a body").len(), largest);

        let answer = invoke(&cloud, "of-length", "RequestResponse", json!({"length": largest + 1}).to_string()).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["x-amz-function-error"]),
            (200, &"Unhandled".parse().unwrap())
        );
        let error: Value = within(answer.json()).await.expect("JSON");
        assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
        assert!(error["errorMessage"].as_str().is_some_and(|text| text.contains("6291556 bytes")), "{error}");

        assert_eq!(ask(&cloud, Method::GET, &format!("/live-chat/{largest}"), String::new()).await.0, 200);
        let (status, body) = ask(&cloud, Method::GET, &format!("/live-chat/{}", largest + 1), String::new()).await;
        assert_eq!((status, body.as_str()), (500, r#"{"message":"Internal Server Error"}"#));
    }
}

#[tokio::test]
async fn fidelity_62_an_event_over_6_mb_and_an_asynchronous_one_over_1_mb_is_413() {
    for way in Way::BOTH {
        let cloud = Builder::new()
            .function("of-length", of_length)
            .http("POST", "/live-chat/x", "of-length")
            .start_on(way)
            .await;
        let of = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        assert_eq!(invoke(&cloud, "of-length", "RequestResponse", of(6 * MB)).await.status(), 200);
        assert_eq!(invoke(&cloud, "of-length", "Event", of(MB)).await.status(), 202);
        for _taken in 0..2 {
            cloud.event("of-length").await;
        }
        for (kind, length) in [("RequestResponse", 6 * MB + 1), ("Event", MB + 1)] {
            let answer = invoke(&cloud, "of-length", kind, of(length)).await;
            assert_eq!(error_type(&answer), (413, "RequestTooLargeException"), "{kind}");
        }
        // (i) A request of less than API Gateway's 10 MB makes an event of more than Lambda's 6 MB.
        let (status, body) = ask(&cloud, Method::POST, "/live-chat/x", "x".repeat(7 * MB)).await;
        assert_eq!((status, body.as_str()), (413, r#"{"message":"Request Entity Too Large"}"#));
        assert_eq!(cloud.waiting_events("of-length").await, 0);
    }
}

#[tokio::test]
async fn fidelity_63_beyond_the_concurrent_executions_it_is_429_and_an_event_is_tried_again() {
    for way in Way::BOTH {
        let gate = Arc::new(Semaphore::new(0));
        let open = Arc::clone(&gate);
        let busy = move |_| {
            let gate = Arc::clone(&gate);
            async move {
                drop(gate.acquire().await);
                Ok(json!({"statusCode": 200}))
            }
        };
        let cloud = Builder::new().function("busy", busy).http("GET", "/live-chat/busy", "busy");
        let cloud = cloud.limits(|limits| limits.concurrent_executions = 2).start_on(way).await;
        let both = async {
            let (one, other) = tokio::join!(
                invoke(&cloud, "busy", "RequestResponse", "{}".to_owned()),
                invoke(&cloud, "busy", "RequestResponse", "{}".to_owned()),
            );
            assert_eq!((one.status().as_u16(), other.status().as_u16()), (200, 200));
        };
        let third = async {
            for _begun in 0..2 {
                cloud.event("busy").await;
            }
            let answer = invoke(&cloud, "busy", "RequestResponse", "{}".to_owned()).await;
            assert_eq!(error_type(&answer), (429, "TooManyRequestsException"));
            // Every function is in the same account.
            let answer = invoke(&cloud, "ws-message", "RequestResponse", "{}".to_owned()).await;
            assert_eq!(error_type(&answer), (429, "TooManyRequestsException"));
            // (i) An HTTP API's answer to that is not documented.
            let (status, body) = ask(&cloud, Method::GET, "/live-chat/busy", String::new()).await;
            assert_eq!((status, body.as_str()), (503, r#"{"message":"Service Unavailable"}"#));
            assert_eq!(invoke(&cloud, "busy", "Event", r#"{"later":true}"#.to_owned()).await.status(), 202);
            open.add_permits(1);
        };
        tokio::join!(both, third);
        assert_eq!(
            cloud.event("busy").await,
            json!({"later": true}),
            "Lambda takes it first, and finds a place for it later"
        );
        assert_eq!(ask(&cloud, Method::GET, "/live-chat/busy", String::new()).await.0, 200);
    }
}
