//! A host whose application tells events while the clients of a run act: each is repeated under its key until it is answered.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::watch;

use super::acting::Acting;
use super::server::HOST;
use crate::faults::plan::mix;
use crate::history::Event;

/// Events of a run: fewer than one user may send in a minute.
const EVENTS: u64 = 4;
/// An event is repeated for so long: no profile makes it fail for nearly that time, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(180);

/// Tells events, each after some sends were acknowledged, until the clients are ready.
pub(super) async fn tell(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    for nth in 0..EVENTS {
        let due = 1 + nth as usize * 2;
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => return,
            () = acting.recorder.until(|events| acknowledged(events) >= due) => {}
        }
        insist(acting, nth).await;
    }
}

async fn insist(acting: &Acting<'_>, nth: u64) {
    let name = format!("event {nth}");
    let body = json!({"name": name, "attributes": {"nth": nth.to_string()}, "client_event_id": name});
    acting.recorder.note(Event::Telling { name: name.clone() });
    let mut answers = 1 + usize::from(mix(acting.seed, "repeated event", nth).is_multiple_of(2));
    let (begun, mut last) = (Instant::now(), None);
    while begun.elapsed() < PATIENCE {
        match acting.server.call(HOST, "POST", "events", Some(body.clone())).await {
            Some((200, answer)) => {
                let seq = answer["seq"].as_u64().unwrap_or_default();
                acting.recorder.note(Event::Told { name: name.clone(), seq });
                answers -= 1;
                if answers == 0 {
                    return;
                }
            }
            // The room is full for a moment.
            Some((status, answer)) if status < 500 && status != 429 => {
                panic!("{body} was answered {status} {answer}")
            }
            failure => {
                last = failure;
                acting.recorder.wait(Duration::from_millis(50)).await;
            }
        }
    }
    panic!("seed {}: {body} failed for {PATIENCE:?}, at last with {last:?}", acting.seed)
}

fn acknowledged(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Acknowledged { .. })).count()
}
