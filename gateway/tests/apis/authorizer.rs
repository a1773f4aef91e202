//! A function that authorizes handshakes before `$connect`.

use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::support::{Answer, Builder, Cloud, failure, within};
use futures_util::SinkExt;
use gateway::engine::FunctionError;

fn policy(effect: &str) -> Value {
    json!({
        "principalId": "ann",
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}
        ]},
        "context": {"plan": "gold", "age": 42, "is_member": true},
    })
}

async fn cloud_where_the_authorizer_says(answer: Answer) -> Cloud {
    let authorizer = move |_| std::future::ready(answer.clone());
    Builder::new().function("authorizer", authorizer).authorizer("authorizer").start().await
}

/// The status of a refused handshake with this query and an `Origin`.
async fn refusal(cloud: &Cloud, query: &str) -> u16 {
    let mut request = format!("ws://{}/prod{query}", cloud.websocket).into_client_request().expect("an address");
    request.headers_mut().insert("origin", "https://site.example".parse().expect("a value"));
    match within(connect_async(request)).await {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn fidelity_05_without_an_identity_source_it_is_401_and_nobody_is_asked() {
    let cloud = cloud_where_the_authorizer_says(Ok(policy("Allow"))).await;
    for query in ["", "?token=", "?other=x"] {
        assert_eq!(refusal(&cloud, query).await, 401, "{query}");
    }
    // The query is there, but no `Origin`.
    assert_eq!(cloud.refusal("/prod?token=x").await, 401);
    assert_eq!(cloud.waiting_events("authorizer").await, 0);
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

#[tokio::test]
async fn fidelity_06_a_denial_is_403_and_unauthorized_is_401() {
    let cloud = cloud_where_the_authorizer_says(Ok(policy("Deny"))).await;
    assert_eq!(refusal(&cloud, "?token=x").await, 403);
    let asked = cloud.event("authorizer").await;
    assert_eq!((&asked["type"], &asked["queryStringParameters"]["token"]), (&json!("REQUEST"), &json!("x")));
    assert!(asked["methodArn"].as_str().expect("an ARN").ends_with("/prod/$connect"), "{asked}");
    let unauthorized = FunctionError { error_type: "Error".to_owned(), error_message: "Unauthorized".to_owned() };
    let cloud = cloud_where_the_authorizer_says(Err(unauthorized)).await;
    assert_eq!(refusal(&cloud, "?token=x").await, 401);
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

#[tokio::test]
async fn fidelity_07_a_crash_of_the_authorizer_is_500() {
    // (i) No source says the status for certain.
    let cloud = cloud_where_the_authorizer_says(Err(failure())).await;
    assert_eq!(refusal(&cloud, "?token=x").await, 500);
    assert_eq!(cloud.waiting_events("ws-connect").await, 0);
}

#[tokio::test]
async fn fidelity_08_the_context_is_on_all_three_events() {
    let cloud = cloud_where_the_authorizer_says(Ok(policy("Allow"))).await;
    let mut request = format!("ws://{}/prod?token=x", cloud.websocket).into_client_request().expect("an address");
    request.headers_mut().insert("origin", "https://site.example".parse().expect("a value"));
    let (mut socket, _) = within(connect_async(request)).await.expect("it is let in");
    socket.send(Message::text("{}")).await.expect("it is open");
    let message = cloud.event("ws-message").await;
    socket.close(None).await.expect("it is open");
    let events = [cloud.event("ws-connect").await, message, cloud.event("ws-disconnect").await];
    let expected = json!({"principalId": "ann", "plan": "gold", "age": "42", "is_member": "true"});
    for event in events {
        assert_eq!(event["requestContext"]["authorizer"], expected);
    }
}
