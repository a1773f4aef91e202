//! Notices that acts of moderation leave while the clients of a run act.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shared::broadcast::audience::Audience;
use shared::domain::broadcast::notice::Notice;
use shared::domain::wire::server_frame::ServerFrame;

use super::server::STAFF;
use crate::faults::plan::mix;
use crate::history::{self, Event, Recorder};
use crate::world::World;

/// Notices of a run.
const NOTICES: u64 = 8;

/// Leaves notices for every audience until the clients are ready. The acts themselves meet no faults.
pub(super) async fn leave(world: &World, recorder: &Recorder, seed: u64, over: &AtomicBool) {
    let store = world.store();
    for nth in 0..NOTICES {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let (audience, heard_by) = match nth % 3 {
            0 => (Audience::Staff, history::Audience::Staff),
            1 => (Audience::Everybody, history::Audience::Everybody),
            _ => (Audience::User(STAFF.to_owned()), history::Audience::User(STAFF.to_owned())),
        };
        let (modes, now) = (crate::slow_modes(nth), world.clock.now());
        let notice = Notice::new(audience, &ServerFrame::ModesUpdate { modes: &modes }, now, nth);
        recorder.note(Event::Notifying { id: notice.id.to_string(), audience: heard_by });
        store.put_notice(1, &notice, now).await.expect("the table answers");
        tokio::time::sleep(Duration::from_millis(mix(seed, "notice", nth) % 60)).await;
    }
}
