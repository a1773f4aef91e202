//! Moderators who decide on held messages at the same time, so that they contradict each other.

use std::collections::BTreeSet;

use tokio::sync::watch;

use super::acting::Acting;
use crate::faults::plan::mix;
use crate::history::{Deed, Event, Moderation};

/// Decides on what is held until the clients are ready: half is approved, and some is left to its deadline.
pub(super) async fn decide(acting: &Acting<'_>, moderator: &str, mut over: watch::Receiver<bool>) {
    let (mut seen, mut decided): (BTreeSet<String>, BTreeSet<String>) = Default::default();
    for nth in 0.. {
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => return,
            () = acting.recorder.until(|events| held(events).any(|id| !seen.contains(id))) => {}
        }
        // What is not listed any more was decided on by somebody else.
        seen.extend(held(&acting.recorder.events()).map(str::to_owned));
        let path = "moderation/held?limit=100";
        let Some((200, list)) = acting.server.call(moderator, "GET", path, None).await else { continue };
        let ids = list["held"].as_array().into_iter().flatten().filter_map(|held| held["held_id"].as_str());
        for id in ids {
            if !decided.insert(id.to_owned()) {
                continue;
            }
            let deed = match mix(acting.seed, moderator, nth) % 8 {
                0..=3 => Deed::Approve(id.to_owned()),
                4..=6 => Deed::Deny(id.to_owned()),
                _ => continue,
            };
            acting.insist(moderator, deed).await;
        }
    }
}

/// The messages that were acknowledged as held.
fn held(events: &[Event]) -> impl Iterator<Item = &str> {
    events.iter().filter_map(|event| match event {
        Event::Moderation(Moderation::Held { held_id, .. }) => Some(held_id.as_str()),
        _ => None,
    })
}
