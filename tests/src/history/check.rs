//! Judges a history by every rule. Each breach names the rule and says how it was broken.

use super::event::Event;
use super::rule::{Breach, Breaches, Rule};
use super::run::History;
use super::{counts, covers, delivery, likes, notices, sanctions, stored};

/// Judges a history.
pub fn check(history: &History) -> Vec<Breach> {
    let mut breaches = Breaches::default();
    stored::stored(history, &mut breaches);
    delivery::sockets(history, &mut breaches);
    delivery::clients(history, &mut breaches);
    covers::shown(history, &mut breaches);
    covers::told(history, &mut breaches);
    stored::texts(history, &mut breaches);
    likes::likes(history, &mut breaches);
    counts::rate_limit(history, &mut breaches);
    counts::viewers(history, &mut breaches);
    counts::ended(history, &mut breaches);
    notices::notices(history, &mut breaches);
    sanctions::sanctions(history, &mut breaches);
    for event in &history.events {
        if let Event::Undocumented { what } = event {
            breaches.add(Rule::Undocumented, what.clone());
        }
    }
    breaches.0
}
