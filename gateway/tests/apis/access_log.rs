//! The access log: one line for each request, without a client's secrets.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio_tungstenite::connect_async;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Builder, within};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        self.clone()
    }
}

#[tokio::test]
async fn each_request_has_its_line_without_query_headers_and_bodies() {
    let log = Log::default();
    // At our own most verbose level, so that debug lines are checked as well.
    let subscriber = tracing_subscriber::fmt().json().with_env_filter("gateway=trace").with_writer(log.clone());
    // With a single one, tracing asks the subscriber of whichever thread comes first to a line, and remembers its answer for all threads:
    // that of another test, which has none, would switch the line off.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber.finish());

    let cloud = Builder::new().start().await;
    let url = format!("ws://{}/live-chat/ws/1?token=SECRET", cloud.public);
    let (mut socket, _) = within(connect_async(url)).await.expect("the handshake succeeds");
    cloud.event("ws-connect").await;
    let sent = futures_util::SinkExt::send(&mut socket, "SECRET".into());
    within(sent).await.expect("the socket takes it");
    cloud.event("ws-message").await;
    let url = format!("http://{}/live-chat/nothing?token=SECRET", cloud.public);
    let request = crate::support::http().post(url).header("authorization", "Bearer SECRET").body("SECRET");
    within(request.send()).await.expect("an answer");

    let log = String::from_utf8(log.0.lock().expect("no test panicked").clone()).expect("text");
    assert!(!log.contains("SECRET"), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let requests: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "request").collect();
    let seen: Vec<_> = requests
        .iter()
        .map(|line| {
            let fields = &line["fields"];
            assert!(fields["duration_ms"].is_number(), "{line}");
            format!("{} {} {}", fields["http.method"], fields["http.path"], fields["http.status"])
        })
        .collect();
    assert_eq!(seen, [r#""GET" "/live-chat/ws/1" 101"#, r#""POST" "/live-chat/nothing" 404"#]);
}
