//! What all people of an evening share.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::log::Log;

/// What all people of an evening share.
pub(super) struct Scene {
    pub(super) log: Log,
    pub(super) began: Instant,
    pub(super) over: watch::Receiver<bool>,
}

impl Scene {
    /// Milliseconds since the evening began.
    pub(super) fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    /// Waits; `false` if the evening is over.
    pub(super) async fn pause(&self, pause: Duration) -> bool {
        let mut over = self.over.clone();
        tokio::select! {
            _ = over.wait_for(|over| *over) => false,
            () = tokio::time::sleep(pause) => true,
        }
    }
}

/// The frames of a socket, those of a batch one by one.
pub(super) fn events(text: &str) -> Vec<Value> {
    let Ok(mut frame) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    match frame["events"].take() {
        Value::Array(events) if frame["type"] == "batch" => events,
        _ => vec![frame],
    }
}
