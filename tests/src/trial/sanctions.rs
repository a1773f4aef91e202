//! Bans while the clients of a run act: each is lifted soon after.

use std::time::Duration;

use tokio::sync::watch;

use super::acting::Acting;
use super::server::STAFF;
use crate::faults::plan::mix;
use crate::history::{Deed, Event};

/// Bans of a run.
const BANS: u64 = 2;

/// Bans clients until all of them are ready. Whoever is banned at the end is not any more when this returns.
pub(super) async fn impose(acting: &Acting<'_>, users: &[String], over: &watch::Sender<bool>) {
    let Some((_staff, users)) = users.split_first() else { return };
    for nth in 0..BANS {
        let dice = mix(acting.seed, "ban", nth);
        for _ in 0..dice % 8 {
            acting.recorder.wait(Duration::from_millis(100)).await;
        }
        if *over.borrow() || users.is_empty() {
            return;
        }
        let user = users[(dice / 8) as usize % users.len()].clone();
        acting.recorder.note(Event::Sanctioning { user: user.clone() });
        let id = acting.insist(STAFF, Deed::Ban(user.clone())).await.expect("nothing forbids a ban");
        acting.recorder.note(Event::Sanctioned { user: user.clone(), id });
        for _ in 0..12 + dice / 64 % 16 {
            acting.recorder.wait(Duration::from_millis(50)).await;
        }
        acting.recorder.note(Event::Lifting { user: user.clone() });
        acting.insist(STAFF, Deed::Lift(user)).await.expect("there is a ban");
    }
}
