//! `@connections`, over plain HTTP, in the same process, and with the client that the functions use.

use aws_sdk_apigatewaymanagement::error::ProvideErrorMetadata;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use reqwest::Method;
use serde_json::Value;

use crate::support::{Builder, within};
use crate::way::Way;

async fn error_type(response: reqwest::Response) -> (u16, String, String) {
    let header = response.headers().get("x-amzn-errortype").expect("the error has a type");
    let (status, name) = (response.status().as_u16(), header.to_str().expect("text").to_owned());
    (status, name, within(response.text()).await.expect("the body is complete"))
}

#[tokio::test]
async fn fidelity_41_the_path_may_be_encoded() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let mut socket = cloud.socket().await;
        for path in [
            format!("/prod/@connections/{}", socket.id),
            format!("/prod/%40connections/{}", socket.id.replace('=', "%3D")),
            format!("/prod/%40connections/{}", socket.id.replace('=', "%3d")),
        ] {
            let url = format!("http://{}{path}", cloud.internal);
            assert_eq!(cloud.call(crate::support::http().post(&url).body("yes"), "execute-api").await.status(), 200);
            assert_eq!(socket.text().await, "yes");
        }
    }
}

#[tokio::test]
async fn fidelity_48_a_request_that_is_not_signed_is_403() {
    let cloud = Builder::new().start().await;
    let socket = cloud.socket().await;
    for path in [format!("/prod/@connections/{}", socket.id), format!("/other/@connections/{}", socket.id)] {
        let unsigned = crate::support::http().post(format!("http://{}{path}", cloud.internal)).body("no");
        assert_eq!(within(unsigned.send()).await.expect("an answer").status(), 403);
    }
}

#[tokio::test]
async fn fidelity_42_a_post_answers_200_and_delivers_a_text_frame_as_it_is() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let mut socket = cloud.socket().await;
        let largest = "é".repeat(64 * 1024);
        for body in ["{\"type\":\"x\"}", "é 🎯\n", "", &largest] {
            let response = cloud.management(Method::POST, &socket.id, body).await;
            assert_eq!(response.status(), 200);
            assert_eq!(within(response.text()).await.expect("a body"), "");
            assert_eq!(socket.text().await, body);
        }
    }
}

#[tokio::test]
async fn fidelity_43_an_unknown_or_closed_id_is_410() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let socket = cloud.socket().await;
        let closed = socket.id.clone();
        drop(socket);
        cloud.event("ws-disconnect").await;
        for id in ["AAAAAAAAAAAAAAA=", &closed] {
            for method in [Method::POST, Method::GET, Method::DELETE] {
                // (i) The body is empty.
                let expected = (410, "GoneException".to_owned(), String::new());
                assert_eq!(error_type(cloud.management(method, id, "").await).await, expected);
            }
        }
    }
}

#[tokio::test]
async fn fidelity_44_a_malformed_id_is_400() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        for id in ["x", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAA+=", "AAAAAAAAAAAAAAAA="] {
            let (status, name, body) = error_type(cloud.management(Method::POST, id, "").await).await;
            assert_eq!((status, name.as_str()), (400, "BadRequestException"));
            assert_eq!(body, format!(r#"{{"message":"Invalid connectionId: {id}"}}"#));
        }
    }
}

#[tokio::test]
async fn fidelity_46_over_128_kb_is_413() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let mut socket = cloud.socket().await;
        let body = "x".repeat(128 * 1024 + 1);
        let (status, name, _) = error_type(cloud.management(Method::POST, &socket.id, &body).await).await;
        assert_eq!((status, name.as_str()), (413, "PayloadTooLargeException"));
        assert_eq!(cloud.post(&socket.id, "next").await, 200);
        assert_eq!(socket.text().await, "next");
    }
}

#[tokio::test]
async fn fidelity_47_over_the_rate_is_429() {
    for way in Way::BOTH {
        let cloud = Builder::new().limits(|limits| limits.management_requests_per_second = 2).start_on(way).await;
        let mut socket = cloud.socket().await;
        let mut refused = 0;
        for _ in 0..10 {
            let response = cloud.management(Method::POST, &socket.id, "x").await;
            if response.status() == 429 {
                assert_eq!(error_type(response).await.1, "LimitExceededException");
                refused += 1;
            } else {
                assert_eq!(socket.text().await, "x");
            }
        }
        assert!(refused >= 5, "only {refused} of 10 posts were refused");
    }
}

#[tokio::test]
async fn fidelity_49_get_answers_in_camel_case_with_iso_8601_times() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let mut socket = cloud.socket().await;
        let before: Value = within(cloud.management(Method::GET, &socket.id, "").await.json()).await.expect("JSON");
        assert_eq!(before["identity"], serde_json::json!({ "sourceIp": "127.0.0.1" }));
        let time = |value: &Value, key: &str| -> jiff::Timestamp {
            value[key].as_str().expect("text").parse().expect("a time")
        };
        assert!(time(&before, "connectedAt") <= time(&before, "lastActiveAt"));
        socket.send("hello").await;
        cloud.event("ws-message").await;
        let after: Value = within(cloud.management(Method::GET, &socket.id, "").await.json()).await.expect("JSON");
        assert_eq!(after["connectedAt"], before["connectedAt"]);
        assert!(time(&after, "lastActiveAt") > time(&before, "lastActiveAt"));
    }
}

#[tokio::test]
async fn fidelity_50_delete_answers_204_closes_with_1000_and_then_disconnect_runs() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let mut socket = cloud.socket().await;
        assert_eq!(cloud.management(Method::DELETE, &socket.id, "").await.status(), 204);
        assert_eq!(socket.closed().await, (1000, "Connection Closed Normally".to_owned()));
        assert_eq!(cloud.event("ws-disconnect").await["requestContext"]["connectionId"], socket.id);
        assert_eq!(cloud.management(Method::DELETE, &socket.id, "").await.status(), 410);
    }
}

#[tokio::test]
async fn the_sdk_posts_looks_and_deletes_and_understands_the_errors() {
    for way in Way::BOTH {
        let cloud = Builder::new().start_on(way).await;
        let client = cloud.environment().management();
        let mut socket = cloud.socket().await;

        let post = |id: &str, data: &str| client.post_to_connection().connection_id(id).data(Blob::new(data)).send();
        within(post(&socket.id, "from the SDK")).await.expect("the post succeeds");
        assert_eq!(socket.text().await, "from the SDK");

        let seen = within(client.get_connection().connection_id(&socket.id).send()).await.expect("the socket is open");
        assert_eq!(seen.identity().and_then(|identity| identity.source_ip()).unwrap_or_default(), "127.0.0.1");
        assert!(seen.connected_at().expect("a time").secs() > 1_700_000_000);
        assert!(seen.last_active_at() >= seen.connected_at());

        let large = "x".repeat(128 * 1024 + 1);
        let error = within(post(&socket.id, &large)).await.expect_err("it is too large").into_service_error();
        assert!(error.is_payload_too_large_exception(), "{error:?}");

        within(client.delete_connection().connection_id(&socket.id).send()).await.expect("the socket is open");
        assert_eq!(socket.closed().await.0, 1000);
        cloud.event("ws-disconnect").await;
        let error = within(post(&socket.id, "x")).await.expect_err("it is gone").into_service_error();
        assert!(error.is_gone_exception(), "{error:?}");
        let error = within(post("short", "x")).await.expect_err("no such id").into_service_error();
        assert_eq!(error.code(), Some("BadRequestException"));
    }
}
