//! Judges a history by every rule. Each breach names the rule and says how it was broken.

use super::event::Event;
use super::rule::{Breach, Breaches, Rule};
use super::run::History;
use super::{
    audit, counts, covers, delivery, draws, held, likes, modes, notices, pins, polls, questions, reactions, sanctions,
    staff, stored, told_events,
};

/// Judges a history.
pub fn check(history: &History) -> Vec<Breach> {
    let mut breaches = Breaches::default();
    stored::stored(history, &mut breaches);
    stored::refused(history, &mut breaches);
    delivery::sockets(history, &mut breaches);
    delivery::clients(history, &mut breaches);
    covers::shown(history, &mut breaches);
    covers::told(history, &mut breaches);
    stored::texts(history, &mut breaches);
    told_events::stored(history, &mut breaches);
    told_events::heard(history, &mut breaches);
    likes::likes(history, &mut breaches);
    reactions::reactions(history, &mut breaches);
    polls::polls(history, &mut breaches);
    pins::pins(history, &mut breaches);
    draws::draws(history, &mut breaches);
    questions::questions(history, &mut breaches);
    counts::rate_limit(history, &mut breaches);
    counts::viewers(history, &mut breaches);
    counts::ended(history, &mut breaches);
    notices::notices(history, &mut breaches);
    sanctions::sanctions(history, &mut breaches);
    held::held(history, &mut breaches);
    staff::staff(history, &mut breaches);
    modes::modes(history, &mut breaches);
    audit::audit(history, &mut breaches);
    for event in &history.events {
        if let Event::Undocumented { what } = event {
            breaches.add(Rule::Undocumented, what.clone());
        }
    }
    breaches.0
}
