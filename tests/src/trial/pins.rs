//! A host who pins messages of a run, and takes some of the pins away.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::acting::Acting;
use super::row::number;
use super::server::HOST;
use crate::faults::plan::mix;
use crate::history::{Event, PinEvent, Pinned};

/// Messages that are pinned in a run, one more than may be at once.
const PINS: u64 = 4;

/// Pins messages as they come, until the clients are ready.
pub(super) async fn hold(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    let (mut tried, mut pinned) = (BTreeSet::new(), Vec::new());
    for nth in 0..PINS {
        let Some(id) = acting.next_of(&mut over, &mut tried, sent).await else { return };
        if change(acting, nth, id, true).await {
            pinned.push(id);
        }
        if mix(acting.seed, "unpin", nth).is_multiple_of(2) && !pinned.is_empty() {
            change(acting, nth, pinned.remove(0), false).await;
        }
    }
}

/// The message, if it is acknowledged.
fn sent(event: &Event) -> Option<u64> {
    if let Event::Acknowledged { id, .. } = event { Some(*id) } else { None }
}

/// Whether it was done. The message may have left the room, or three others be pinned.
async fn change(acting: &Acting<'_>, nth: u64, id: u64, pinned: bool) -> bool {
    let action = if pinned { "pin" } else { "unpin" };
    let body = json!({"action": action, "message_id": id, "client_action_id": format!("{action} {nth}")});
    acting.recorder.note(PinEvent::Changing { id, pinned });
    let is_done = acting.repeat(HOST, "moderation/actions", &body, || {}).await.is_some();
    if is_done {
        acting.recorder.note(PinEvent::Changed { id, pinned });
    }
    is_done
}

/// The pins of a session or of a frame.
pub(super) fn told(of: &Value) -> Pinned {
    let ids = of["pins"].as_array().into_iter().flatten().map(|message| number(message, "id")).collect();
    Pinned { version: number(of, "pins_version"), ids }
}
