//! Viewers who react while the clients of a run act. A call without an answer is not repeated: it may have counted.

use serde_json::json;
use tokio::sync::watch;

use super::acting::Acting;
use crate::faults::plan::mix;
use crate::history::Event;

/// Calls of a run.
const CALLS: u64 = 12;
/// They are of so many users, whom no moderator bans.
const USERS: u64 = 5;

/// Reacts, each time after some sends were acknowledged, until the clients are ready.
pub(super) async fn react(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    for call in 0..CALLS {
        let due = call as usize / 2;
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => return,
            () = acting.recorder.until(|events| acknowledged(events) >= due) => {}
        }
        let dice = |what: &str| mix(acting.seed, what, call);
        let (user, count) = (format!("fan-{}", dice("fan") % USERS), 1 + dice("reactions") % 20);
        acting.recorder.note(Event::Reacting { call, count });
        let body = json!({"reactions": {"🎉": count}});
        match acting.server.call(&user, "POST", "react", Some(body)).await {
            Some((200, _)) => acting.recorder.note(Event::Reacted { call }),
            Some((status, _)) if status < 500 => acting.recorder.note(Event::NotReacted { call }),
            Some(_) | None => {}
        }
    }
}

fn acknowledged(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Acknowledged { .. })).count()
}
