//! Bans while the clients of a run act: each is repeated under its key until it is acknowledged, and lifted in the same way soon after.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::server::{STAFF, Server};
use crate::faults::plan::mix;
use crate::history::{Event, Recorder};

/// Bans of a run.
const BANS: u64 = 2;
/// An act is repeated so many times: far more often than any profile makes it fail.
const TRIES: usize = 300;

/// Bans clients until all of them are ready. Whoever is banned at the end is not any more when this returns.
pub(super) async fn impose(
    server: &Server,
    recorder: &Recorder,
    seed: u64,
    users: &[String],
    over: &watch::Sender<bool>,
) {
    let Some((_staff, users)) = users.split_first() else { return };
    for nth in 0..BANS {
        let dice = mix(seed, "ban", nth);
        for _ in 0..dice % 8 {
            recorder.wait(Duration::from_millis(100)).await;
        }
        if *over.borrow() || users.is_empty() {
            return;
        }
        let user = users[(dice / 8) as usize % users.len()].clone();
        recorder.note(Event::Sanctioning { user: user.clone() });
        let ban = json!({"action": "ban", "user_id": user, "client_action_id": format!("ban {nth}")});
        let Some(id) = insist(server, recorder, &ban).await else { return };
        recorder.note(Event::Sanctioned { user: user.clone(), id });
        for _ in 0..12 + dice / 64 % 16 {
            recorder.wait(Duration::from_millis(50)).await;
        }
        recorder.note(Event::Lifting { user: user.clone() });
        let lift = json!({"action": "lift", "user_id": user, "client_action_id": format!("lift {nth}")});
        insist(server, recorder, &lift).await;
    }
}

/// Acts, again and again until it is acknowledged; the entry's id. `None` if no session is open yet, so there was nothing to act in.
async fn insist(server: &Server, recorder: &Recorder, body: &Value) -> Option<String> {
    for _ in 0..TRIES {
        match server.call(STAFF, "POST", "moderation/actions", Some(body.clone())).await {
            Some((200, entry)) => return entry["id"].as_str().map(str::to_owned),
            Some((status, answer)) if status < 500 => panic!("{body} was answered {status} {answer}"),
            _ => recorder.wait(Duration::from_millis(50)).await,
        }
    }
    panic!("{body} failed {TRIES} times")
}
