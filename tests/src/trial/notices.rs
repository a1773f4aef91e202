//! Notices that acts of moderation leave while the clients of a run act.

use serde_json::{Value, json};
use shared::broadcast::audience::Audience;
use shared::domain::broadcast::notice::Notice;
use shared::domain::wire::server_frame::ServerFrame;
use tokio::sync::watch;

use super::server::STAFF;
use crate::faults::plan::mix;
use crate::history::{self, Event, Recorder};
use crate::world::World;

/// Notices of a run.
const NOTICES: u64 = 8;
/// The sends between two notices are fewer than this.
const SENDS: u64 = 3;

/// Tells the modes of these notices from those that a host has set.
const MARK: (&str, u64) = ("unique_seconds", 600);

/// Whether these modes are of a notice.
pub(super) fn are_marked(modes: &Value) -> bool {
    modes[MARK.0] == MARK.1
}

/// Leaves notices for every audience, each after as many sends as the seed says, until the clients are ready. The acts themselves meet no
/// faults.
pub(super) async fn leave(world: &World, recorder: &Recorder, seed: u64, mut over: watch::Receiver<bool>) {
    let (store, mut due) = (world.store(), 0);
    for nth in 0..NOTICES {
        due += (mix(seed, "notice", nth) % SENDS) as usize;
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => return,
            () = recorder.until(|events| sends(events) >= due) => {}
        }
        let (audience, heard_by) = match nth % 3 {
            0 => (Audience::Staff, history::Audience::Staff),
            1 => (Audience::Everybody, history::Audience::Everybody),
            _ => (Audience::User(STAFF.to_owned()), history::Audience::User(STAFF.to_owned())),
        };
        let (mut modes, now) = (crate::slow_modes(nth), world.clock.now());
        modes[MARK.0] = json!(MARK.1);
        let notice = Notice::new(audience, &ServerFrame::ModesUpdate { modes: &modes }, now, nth);
        recorder.note(Event::Notifying { id: notice.id.to_string(), audience: heard_by });
        store.put_notice(1, &notice, now).await.expect("the table answers");
    }
}

/// How many sends have begun.
fn sends(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Sending { .. })).count()
}
