//! A host who sets the modes of the room now and then while the clients of a run act.

use shared::domain::moderation::modes::{Authors, Links, Modes};
use tokio::sync::watch;

use super::acting::Acting;
use super::server::HOST;
use crate::faults::plan::mix;
use crate::history::{Event, Moderation};

/// Changes of a run.
const CHANGES: u64 = 8;
/// The sends that are answered between two changes are at least so many, and fewer than so many more.
const SENDS: usize = 3;
const MORE: u64 = 2;
/// What slow mode asks for: most sends of a user in a run are closer together.
const SLOW_SECONDS: u32 = 10;

/// Sets modes, each while as many sends as the seed says are judged by them, until the clients are ready.
pub(super) async fn change(acting: &Acting<'_>, mut over: watch::Receiver<bool>) {
    // In between, functions know rules that say nothing about most texts, and must notice at the next number that others hold.
    let quiet = Modes { links: Links::Hold, ..Modes::default() };
    let mut due = 1;
    for nth in 0..CHANGES {
        let dice = mix(acting.seed, "modes", nth);
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => return,
            () = acting.recorder.until(|events| answered(events) >= due) => {}
        }
        let modes = if nth.is_multiple_of(2) { modes(dice) } else { quiet };
        acting.set(HOST, modes).await;
        let least = match modes {
            modes if modes == quiet => 1,
            // Slow mode is about two messages of the same user.
            slow if slow.slow_seconds > 0 => 2 * SENDS,
            _ => SENDS,
        };
        due = answered(&acting.recorder.events()) + least + (dice / 16 % MORE) as usize;
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
        4 => Modes { review_all: true, links: Links::Block, ..off },
        5 => Modes { links: Links::Block, ..slow },
        6 => Modes { audience: Authors::Staff, ..off },
        _ => Modes { emoji_only: true, ..off },
    }
}

/// How many sends were answered. Those under way when the modes change are judged by the rules of either time.
fn answered(events: &[Event]) -> usize {
    let is_answer = |event: &&Event| match event {
        Event::Acknowledged { .. } | Event::Moderation(Moderation::Refused { .. }) => true,
        Event::Moderation(Moderation::Held { status, .. }) => status != "approved",
        _ => false,
    };
    events.iter().filter(is_answer).count()
}
