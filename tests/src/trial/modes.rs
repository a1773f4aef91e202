//! A host who sets the modes of the room now and then while the clients of a run act.

use shared::domain::moderation::modes::{Authors, Links, Modes};
use tokio::sync::watch;

use super::acting::Acting;
use super::server::{HOST, MODERATORS};
use crate::faults::plan::mix;
use crate::history::Event;

/// Changes of a run.
const CHANGES: u64 = 8;
/// The sends of others than staff between two changes are at least so many, and fewer than so many more.
const SENDS: usize = 2;
const MORE: u64 = 3;
/// What slow mode asks for: most sends of a user in a run are closer together.
const SLOW_SECONDS: u32 = 10;

/// Sets modes, each while as many sends as the seed says are judged by them, until the clients are ready.
pub(super) async fn change(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    let mut due = 0;
    for nth in 0..CHANGES {
        let dice = mix(acting.seed, "modes", nth);
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => return,
            () = acting.recorder.until(|events| sends(events) >= due) => {}
        }
        let modes = modes(dice);
        acting.set(HOST, modes).await;
        // Slow mode is about two messages of the same user.
        let pairs = if modes.slow_seconds > 0 { 2 * SENDS } else { 0 };
        due = sends(&acting.recorder.events()) + SENDS + pairs + (dice / 16 % MORE) as usize;
    }
}

/// Each kind of mode, alone or with another one. Half of them hold something.
fn modes(dice: u64) -> Modes {
    let off = Modes::default();
    let slow = Modes { slow_seconds: SLOW_SECONDS, ..off };
    match dice % 8 {
        0 | 1 => Modes { review_all: true, ..off },
        2 => Modes { review_all: true, ..slow },
        3 => slow,
        4 => Modes { links: Links::Hold, ..off },
        5 => Modes { links: Links::Block, ..slow },
        6 => Modes { audience: Authors::Staff, ..off },
        _ => Modes { emoji_only: true, ..off },
    }
}

/// How many sends have begun, but for those of staff, who are exempt.
fn sends(events: &[Event]) -> usize {
    let is_judged =
        |event: &&Event| matches!(event, Event::Sending { user, .. } if !MODERATORS.contains(&user.as_str()));
    events.iter().filter(is_judged).count()
}
