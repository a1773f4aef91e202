//! A bus of EventBridge: `PutEvents`, one signed POST for each event. As for the review handler, the SDK's client would bring nothing but
//! retries, which come from the rows that wait (docs/decisions/012-plain-invoke.md).

use std::time::SystemTime;

use aws_sigv4::http_request::SignableBody;
use aws_smithy_http_client::Connector;
use aws_smithy_types::body::SdkBody;
use http::Request;
use serde::Deserialize;
use serde_json::json;

use super::not_taken::NotTaken;
use super::post::post;
use crate::domain::config::EventBusName;
use crate::domain::outward::event::Envelope;
use crate::platform::aws::signer::Signer;
use crate::platform::aws::{AwsEnvironment, trust};

/// The service name in signatures.
const SERVICE: &str = "events";
/// `source` of the events.
const SOURCE: &str = "live-chat";
const TARGET: (&str, &str) = ("x-amz-target", "AWSEvents.PutEvents");
const CONTENT_TYPE: (&str, &str) = ("content-type", "application/x-amz-json-1.1");

/// The bus `LIVE_CHAT_EVENT_BUS`. The first call connects.
pub struct EventBus {
    http: Connector,
    name: String,
    endpoint: String,
    signer: Signer,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    failed_entry_count: u64,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    error_code: Option<String>,
}

impl EventBus {
    pub(super) fn new(bus: &EventBusName, aws: &AwsEnvironment) -> EventBus {
        let region = bus.region.as_deref().unwrap_or(&aws.region);
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let service = || format!("https://events.{region}.{suffix}");
        let endpoint = aws.event_bridge_endpoint.clone().unwrap_or_else(service);
        EventBus {
            http: trust::amazon_connector(),
            name: bus.name.clone(),
            endpoint: format!("{}/", endpoint.trim_end_matches('/')),
            signer: Signer::new(SERVICE, region, aws.credentials.clone()),
        }
    }

    pub(super) async fn send(&self, envelope: &Envelope) -> Result<(), NotTaken> {
        let detail =
            json!({"id": envelope.id, "type": envelope.kind, "timestamp": envelope.timestamp, "data": envelope.data});
        let entry = json!({"EventBusName": self.name, "Source": SOURCE, "DetailType": envelope.kind, "Detail": detail.to_string()});
        let body = json!({"Entries": [entry]}).to_string();
        let request = || {
            let request = Request::post(&self.endpoint)
                .header(CONTENT_TYPE.0, CONTENT_TYPE.1)
                .header(TARGET.0, TARGET.1)
                .body(SdkBody::from(body.as_str()));
            let mut request = request.map_err(|error| NotTaken::Request(error.to_string()))?;
            let signable = SignableBody::Bytes(body.as_bytes());
            let headers = [CONTENT_TYPE, TARGET];
            let signature = self.signer.post_with(&self.endpoint, &headers, signable, SystemTime::now());
            signature.map_err(|error| NotTaken::Request(error.to_string()))?.apply_to_request_http1x(&mut request);
            request.try_into().map_err(|error| NotTaken::Request(format!("{error}")))
        };
        match post(&self.http, request).await? {
            (200, answer) => taken(&answer),
            (status, _) => Err(NotTaken::Status(status)),
        }
    }
}

/// A call that succeeds may have refused the event.
fn taken(answer: &[u8]) -> Result<(), NotTaken> {
    let answer: Answer =
        serde_json::from_slice(answer).map_err(|_| NotTaken::Refused("the answer cannot be read".to_owned()))?;
    if answer.failed_entry_count == 0 {
        return Ok(());
    }
    let code = answer.entries.into_iter().find_map(|entry| entry.error_code);
    Err(NotTaken::Refused(code.unwrap_or_else(|| "without a code".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_eventbridge_refuses_within_a_success_is_not_taken() {
        assert!(taken(br#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#).is_ok());
        let refused =
            taken(br#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException","ErrorMessage":"x"}]}"#);
        assert_eq!(refused.unwrap_err().to_string(), "EventBridge refused it: ThrottlingException");
        assert!(taken(b"<html>").is_err());
    }

    #[test]
    fn a_bus_is_called_in_its_region() {
        let endpoint = |variables: &[(&str, &str)], region: Option<&str>| {
            let lookup =
                |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
            let bus = EventBusName { name: "chat".to_owned(), region: region.map(str::to_owned) };
            EventBus::new(&bus, &AwsEnvironment::from_lookup(lookup).unwrap()).endpoint
        };
        assert_eq!(endpoint(&[("AWS_REGION", "eu-west-1")], None), "https://events.eu-west-1.amazonaws.com/");
        assert_eq!(endpoint(&[], Some("cn-north-1")), "https://events.cn-north-1.amazonaws.com.cn/");
        let local = [("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:1/")];
        assert_eq!(endpoint(&local, None), "http://127.0.0.1:1/");
    }
}
