//! EventBridge: a stub of its endpoint, signed requests, and a refusal within a success.

use serde_json::json;
use tests::event_receiver::ReceiverAnswer;

use super::*;

const TAKEN: &str = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#;

#[tokio::test]
async fn a_bus_gets_each_event_as_its_detail_and_refused_ones_again() {
    let stub = EventReceiver::start().await;
    let settings = [("LIVE_CHAT_EVENT_BUS", "chat"), ("AWS_ENDPOINT_URL_EVENTBRIDGE", stub.url.as_str())];
    let world = World::with(&settings).await;
    stub.answer(ReceiverAnswer::Body(TAKEN.to_owned()));
    opened(&world, &stub).await;
    let refused = r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure","ErrorMessage":"ann"}]}"#;
    stub.answer(ReceiverAnswer::Body(refused.to_owned()));
    let id = note(&world.moderator(), 1).await;
    let waiting = tests::within("a waiting row", async {
        loop {
            let waiting = rows(&world, "events#event-bus").await;
            if !waiting.is_empty() {
                return waiting;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(waiting[0]["error"], "EventBridge refused it: InternalFailure");
    stub.answer(ReceiverAnswer::Body(TAKEN.to_owned()));
    world.pass(61);
    world.housekeep().await;
    assert!(rows(&world, "events#event-bus").await.is_empty());
    let calls = stub.received();
    assert_eq!(calls.len(), 2);
    let call = &calls[1];
    assert_eq!(call.header("x-amz-target"), "AWSEvents.PutEvents");
    let signature = call.header("authorization");
    assert!(signature.contains("/us-east-1/events/aws4_request"), "{signature}");
    assert!(signature.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-target"), "{signature}");
    let entry = &call.body["Entries"][0];
    assert_eq!((&entry["EventBusName"], &entry["Source"]), (&json!("chat"), &json!("live-chat")));
    assert_eq!(entry["DetailType"], "moderation.action");
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().expect("a text")).expect("JSON");
    assert_eq!((&detail["id"], &detail["data"]["action"]), (&json!(id), &json!("note")));
    assert_eq!(detail["type"], entry["DetailType"]);
}

#[tokio::test]
async fn two_receivers_hear_each_event_and_one_that_is_down_keeps_nothing_from_the_other() {
    let stub = EventReceiver::start().await;
    stub.answer(ReceiverAnswer::Status(503));
    let settings = [("LIVE_CHAT_EVENT_BUS", "chat"), ("AWS_ENDPOINT_URL_EVENTBRIDGE", stub.url.as_str())];
    let (world, receiver) = telling(&settings).await;
    let mona = world.moderator();
    for nth in 0..8 {
        note(&mona, nth).await;
    }
    receiver.until("all events", |received| received.len() >= 8).await;
    stub.answer(ReceiverAnswer::Body(TAKEN.to_owned()));
    for _ in 0..3 {
        world.pass(61);
        world.housekeep().await;
    }
    let told: Vec<Value> = stub.received().iter().map(|call| call.body["Entries"][0]["Detail"].clone()).collect();
    for one in receiver.received() {
        assert!(
            told.iter().any(|detail| detail.as_str().is_some_and(|detail| detail.contains(one.id()))),
            "{}",
            one.id()
        );
    }
}
