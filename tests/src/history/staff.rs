//! The rule about frames for staff: none arrives at a viewer's socket.

use super::event::Event;
use super::moderation::Moderation;
use super::rule::{Breaches, Rule};
use super::run::History;
use super::sockets::Sockets;

/// Judges the frames for staff.
pub(super) fn staff(history: &History, breaches: &mut Breaches) {
    let sockets = Sockets::of(history);
    for event in &history.events {
        let Event::Moderation(Moderation::HeardForStaff { socket, frame }) = event else { continue };
        let client = sockets.client(*socket).unwrap_or_default();
        if !history.staff.contains(client) {
            breaches.add(Rule::ForStaff, format!("socket {socket} of {client:?} heard {frame}, which is for staff"));
        }
    }
}

/// How much there was to judge.
pub(super) fn judged(history: &History) -> usize {
    let is_for_staff = |event: &&Event| matches!(event, Event::Moderation(Moderation::HeardForStaff { .. }));
    history.events.iter().filter(is_for_staff).count()
}
