//! Lambda's Invoke API, over plain HTTP, in the same process, and with the clients that `broadcast` and the functions that send messages use.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::{Value, json};

use shared::platform::invoke::{InvokeError, Invoker};

use crate::support::{Builder, Cloud, failure, http, within};
use crate::way::Way;

async fn cloud(way: Way) -> Cloud {
    let builder = Builder::new().function("echo", |event| async move { Ok(json!({ "echo": event })) });
    builder.function("broken", |_| async { Err(failure()) }).start_on(way).await
}

/// Asks Lambda's Invoke API for an invocation of this type.
pub(crate) async fn invoke(
    cloud: &Cloud,
    name: &str,
    kind: &str,
    payload: impl Into<reqwest::Body>,
) -> reqwest::Response {
    let url = format!("http://{}/2015-03-31/functions/{name}/invocations", cloud.internal);
    cloud.call(http().post(url).header("X-Amz-Invocation-Type", kind).body(payload), "lambda").await
}

#[tokio::test]
async fn fidelity_60_a_function_error_is_200_with_its_header_and_an_event_is_202() {
    for way in Way::BOTH {
        let cloud = cloud(way).await;
        let response = invoke(&cloud, "echo", "RequestResponse", r#"{"a":1}"#).await;
        assert_eq!((response.status().as_u16(), response.headers().get("x-amz-function-error")), (200, None));
        assert_eq!(within(response.json::<Value>()).await.expect("JSON"), json!({ "echo": { "a": 1 } }));

        let response = invoke(&cloud, "broken", "RequestResponse", "{}").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-amz-function-error"], "Unhandled");
        let error = json!({ "errorMessage": "secret detail", "errorType": "Unhandled" });
        assert_eq!(within(response.json::<Value>()).await.expect("JSON"), error);

        cloud.event("echo").await;
        let response = invoke(&cloud, "echo", "Event", r#"{"later":true}"#).await;
        assert_eq!(response.status(), 202);
        assert_eq!(cloud.event("echo").await, json!({ "later": true }));
    }
}

#[tokio::test]
async fn an_invocation_goes_on_with_its_callers_trace_and_says_which_it_is() {
    for way in Way::BOTH {
        let cloud = cloud(way).await;
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let url = format!("http://{}/2015-03-31/functions/echo/invocations", cloud.internal);
        let request = http().post(url).header("X-Amzn-Trace-Id", format!("{root};Sampled=1")).body("{}");
        let response = cloud.call(request, "lambda").await;
        let trace = response.headers()["x-amzn-trace-id"].to_str().expect("text").to_owned();
        assert!(trace.starts_with(&format!("{root};Parent=")) && trace.ends_with(";Sampled=0"), "{trace}");
        let other = invoke(&cloud, "echo", "RequestResponse", "{}").await;
        assert!(!other.headers()["x-amzn-trace-id"].to_str().expect("text").starts_with(root));
    }
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    for way in Way::BOTH {
        let cloud = cloud(way).await;
        assert_eq!(invoke(&cloud, "echo", "DryRun", "{}").await.status(), 204);
        assert_eq!(cloud.waiting_events("echo").await, 0);
    }
}

#[tokio::test]
async fn what_is_no_proper_invocation_is_refused_as_lambda_does() {
    for way in Way::BOTH {
        let cloud = cloud(way).await;
        let cases = [
            ("nobody", "RequestResponse", "{}", 404, "ResourceNotFoundException"),
            ("echo", "RequestResponse", "{", 400, "InvalidRequestContentException"),
            ("echo", "Sometimes", "{}", 400, "InvalidParameterValueException"),
        ];
        for (name, kind, payload, status, error_type) in cases {
            let response = invoke(&cloud, name, kind, payload).await;
            assert_eq!(
                (response.status().as_u16(), &response.headers()["x-amzn-errortype"]),
                (status, &error_type.parse().expect("a value"))
            );
        }
        assert_eq!(cloud.waiting_events("echo").await, 0);
    }
}

#[tokio::test]
async fn the_sdk_invokes_by_name_and_by_arn() {
    for way in Way::BOTH {
        let cloud = cloud(way).await;
        let client = cloud.environment().lambda();
        for name in ["echo", "echo:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:echo"] {
            let call = client.invoke().function_name(name).payload(Blob::new("1")).send();
            let output = within(call).await.expect("the invocation succeeds");
            assert_eq!((output.status_code(), output.function_error()), (200, None));
            assert_eq!(output.payload().expect("a payload").as_ref(), br#"{"echo":1}"#);
            cloud.event("echo").await;
        }
        let later =
            client.invoke().function_name("echo").invocation_type(InvocationType::Event).payload(Blob::new("2"));
        assert_eq!(within(later.send()).await.expect("it is taken").status_code(), 202);
        assert_eq!(cloud.event("echo").await, json!(2));
        let broken = within(client.invoke().function_name("broken").send()).await.expect("it is an answer, too");
        assert_eq!(broken.function_error(), Some("Unhandled"));
        let unknown = within(client.invoke().function_name("nobody").send()).await.expect_err("there is none");
        assert!(unknown.into_service_error().is_resource_not_found_exception());
    }
}

#[tokio::test]
async fn the_plain_client_invokes_by_name_and_by_arn_with_a_good_signature() {
    let cloud = cloud(Way::Port).await;
    let invoke = async |name: &str, max_bytes| {
        let invoker = Invoker::of_function(&cloud.environment(), name, "us-east-1");
        within(invoker.invoke(b"1".to_vec(), max_bytes)).await
    };
    for name in ["echo", "echo:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:echo"] {
        assert_eq!(invoke(name, 10).await.expect("an answer"), r#"{"echo":1}"#);
        cloud.event("echo").await;
    }
    assert!(matches!(invoke("echo", 9).await, Err(InvokeError::TooLarge(9))));
    assert!(matches!(invoke("broken", 100).await, Err(InvokeError::Function(kind)) if kind == "Unhandled"));
    assert!(matches!(invoke("nobody", 100).await, Err(InvokeError::Status(404))));
}
