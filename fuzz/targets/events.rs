//! Lambda events, as the functions read them. No event makes a function panic, no request or handshake passes without a token that
//! verifies, and the values from a path, a body or a stream's record are valid. The first byte selects the kind of event.
#![no_main]

#[path = "../../functions/src/hooks/ws_connect.rs"]
mod ws_connect;

use std::sync::{Arc, LazyLock};

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use aws_lambda_events::dynamodb;
use futures_util::FutureExt;
use fuzz::assert_is_fit;
use lambda_http::http::uri::PathAndQuery;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::platform::aws::AwsEnvironment;
use shared::platform::clock::Clock;
use shared::lambda::app::App;
use shared::lambda::stream::Batch;
use shared::lambda::{http, websocket};
use shared::domain::config::Config;

/// An app whose secret no input can know, so that no request reaches a table.
static APP: LazyLock<Arc<App>> = LazyLock::new(|| {
    let lookup = |name: &str| (name == "JWT_SECRET").then(|| "nobody can know this secret".to_owned());
    let config = Config::from_lookup(&lookup).expect("settings");
    App::new(config, AwsEnvironment::from_lookup(lookup).expect("an environment"), Clock::system()).expect("an app")
});

fuzz_target!(|data: &[u8]| {
    let Some((kind, event)) = data.split_first() else { return };
    let Ok(event) = std::str::from_utf8(event) else { return };
    match kind % 3 {
        0 => request(event),
        1 => handshake(event),
        _ => records(event),
    }
});

fn request(event: &str) {
    if !serde_json::from_str(event).is_ok_and(|event| is_addressed_as_by_api_gateway(&event)) {
        return;
    }
    let Ok(request) = lambda_http::request::from_str(event) else { return };
    if let Ok(id) = http::message_id(&request) {
        let digits = id.to_string();
        assert!(digits.parse::<u64>().is_ok_and(|id| id < 1 << 53), "{digits} fits JavaScript's numbers");
    }
    for name in ["session_id", "limit", "before", "after"] {
        let _any_text = http::query(&request, name);
    }
    if let Ok(draft) = http::draft(&APP, &request) {
        assert_is_fit(&draft);
    }
    let caller = http::caller(&APP, &request).now_or_never().expect("the key is here");
    let refusal = http::respond(&request, caller.map(|_| "accepted".to_owned()));
    assert_eq!(refusal.status().as_u16(), 401);
    let problem: Value = serde_json::from_slice(refusal.body()).expect("a problem is JSON");
    assert_eq!((&problem["status"], &problem["code"]), (&Value::from(401), &Value::from("unauthorized")));
}

/// `lambda_http` panics if host, scheme, path and query form no valid URL. API Gateway routes by the host, sets the scheme, and
/// accepts only request lines that conform to RFC 9112, so an attacker cannot cause such an event.
fn is_addressed_as_by_api_gateway(event: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let is_name =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    let headers_fit = event["headers"].as_object().is_some_and(|headers| {
        headers.iter().all(|(name, value)| match name.to_lowercase().as_str() {
            "host" => is_name(&text(value)),
            "x-forwarded-proto" => value == "https",
            _ => true,
        })
    });
    let context = &event["requestContext"];
    let address = format!("{}?{}", text(&event["rawPath"]), text(&event["rawQueryString"]));
    let address_fits =
        address.starts_with('/') && address.parse::<PathAndQuery>().is_ok() && !address.contains(['\\', '#']);
    headers_fit && address_fits && is_name(&text(&context["domainName"])) && context["stage"] == "$default"
}

fn handshake(event: &str) {
    let Ok(event) = serde_json::from_str::<ApiGatewayWebsocketProxyRequest>(event) else { return };
    let reply = ws_connect::handle(&APP, &event);
    let refusal = websocket::serve(&event, reply).now_or_never().expect("no table is asked");
    assert_eq!(refusal.status_code, 401);
    assert!(refusal.body.is_some_and(|body| body.as_ref().is_empty()), "a refusal says nothing");
}

fn records(event: &str) {
    let Ok(event) = serde_json::from_str::<dynamodb::Event>(event) else { return };
    for (session_id, pending) in Batch::read(event).sessions {
        // A wake-up may name any message, but a changed row wakes the session of its own message.
        for id in pending.causes.iter().filter_map(|cause| cause.topic.about()) {
            assert_eq!(id.session_id(), session_id, "a message is of the session that it wakes");
        }
    }
}
