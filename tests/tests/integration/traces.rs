//! The trace of one request through the log: a search for its trace id finds the lines of the handler, the stream and the
//! broadcast. Also the metrics next to them.

use serde_json::{Value, json};
use tests::process::Process;
use tests::rest::{User, answer, http};

/// Calls a path within the caller's own trace.
async fn call_within(user: &User, base: &str, path: &str, id: &str, body: Option<Value>) {
    let request = http().post(format!("{base}/live-chat/{path}")).bearer_auth(&user.token);
    let request = request.header("x-amzn-trace-id", format!("Root={id};Sampled=0"));
    let request = if let Some(body) = body { request.json(&body) } else { request };
    answer(request).await.ok();
}

#[tokio::test]
async fn one_search_for_a_trace_id_finds_handler_stream_and_broadcast() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Process::start(folder.path(), &[]).await;
    let ann = gateway.user("ann");
    let mut listener = gateway.user("listener").connect().await;
    let ids: Vec<String> = ('a'..='c').map(|digit| format!("1-5759e988-{}", digit.to_string().repeat(24))).collect();
    call_within(&ann, gateway.url(), "send-message", &ids[0], Some(json!({"message": "a traced message"}))).await;
    call_within(&ann, gateway.url(), "like-message/100000001", &ids[1], None).await;
    call_within(&ann, gateway.url(), "like", &ids[2], None).await;
    listener.next("session_like_update").await;
    for id in &ids {
        for line in ["request served", "stream batch served", "room flushed"] {
            let found =
                gateway.logged(&format!("{line} with {id}"), |text| text.contains(line) && text.contains(id)).await;
            assert!(found.contains("duration_ms="), "{found}");
        }
    }
    // A frame has no headers: its invocation starts a trace, which its row passes on all the same.
    listener.say("from a socket").await;
    let line = gateway.logged("the frame", |text| text.contains("frame served")).await;
    assert!(line.contains("connection.id=") && line.contains("session.id=1") && line.contains("request.id="), "{line}");
    let (_, id) = line.split_once("trace.id=").expect("a trace");
    let id: String = id.chars().filter(|c| *c != '"').take_while(|c| c.is_ascii_hexdigit() || *c == '-').collect();
    gateway.logged("the frame's broadcast", |text| text.contains("room flushed") && text.contains(&id)).await;
}

#[tokio::test]
async fn metrics_are_printed_for_a_stack_and_nobody_else_sees_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Process::start(folder.path(), &[("LIVE_CHAT_METRICS", "a-stack")]).await;
    let mut listener = gateway.user("listener").connect().await;
    listener.say("measured").await;
    listener.until_messages(1).await;
    gateway.user("fan").post("like").await.ok();
    listener.next("session_like_update").await;
    for name in ["Messages", "Deliveries", "RowToSocketDelay", "LikeBurst"] {
        let line = gateway.printed(name, |line| line.contains(&format!("\"Name\":\"{name}\""))).await;
        let line: Value = serde_json::from_str(&line).expect("a line is JSON");
        assert_eq!(line["Stack"], "a-stack");
        let values = if line[name].is_array() { line[name].clone() } else { json!([line[name]]) };
        assert!(values.as_array().expect("a list").iter().all(|value| value.as_u64() < Some(60_000)), "{line}");
    }
}
