//! Who is entered in a draw among voters, and the hashes of docs/draws.md.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest;

use super::draw_events::DrawEvent;
use super::event::Event;
use super::rule::{Breaches, Rule};
use super::run::History;

/// The votes of a run until the list of a draw is known.
#[derive(Clone, Default)]
struct Voters<'a> {
    begun: BTreeSet<(u64, &'a str)>,
    acknowledged: BTreeSet<(u64, &'a str)>,
}

/// The list of each draw has everybody whose vote was acknowledged before the draw was asked for, and nobody who voted first when the list
/// had been told.
pub(super) fn entered(history: &History, breaches: &mut Breaches) {
    let mut voters = Voters::default();
    // The draws in the order in which the host asks for them, which is that of their ids.
    let mut certain: Vec<(u64, BTreeSet<(u64, &str)>)> = Vec::new();
    let mut possible: BTreeMap<u64, BTreeSet<(u64, &str)>> = BTreeMap::new();
    for event in &history.events {
        match event {
            Event::Voting { poll, user, .. } => drop(voters.begun.insert((*poll, user))),
            Event::Voted { poll, user, .. } => drop(voters.acknowledged.insert((*poll, user))),
            Event::Draws(DrawEvent::Starting { poll }) => certain.push((*poll, voters.acknowledged.clone())),
            Event::Draws(DrawEvent::Started(draw) | DrawEvent::Heard { draw, .. }) if draw.frozen.is_some() => {
                possible.entry(draw.id).or_insert_with(|| voters.begun.clone());
            }
            _ => {}
        }
    }
    for ((id, stored), (poll, certain)) in history.end.draws.iter().zip(&certain) {
        let hashes = |voters: &BTreeSet<(u64, &str)>| -> BTreeSet<String> {
            voters.iter().filter(|(of, _)| of == poll).map(|(_, user)| hash(*id, user)).collect()
        };
        let list: BTreeSet<String> = stored.list.iter().cloned().collect();
        let (certain, possible) = (hashes(certain), hashes(possible.get(id).unwrap_or(&voters.begun)));
        if stored.poll != *poll || !certain.is_subset(&list) || !list.is_subset(&possible) {
            let what = format!("{list:?} are entered in {id}, {certain:?} must be, and {possible:?} may be");
            breaches.add(Rule::Draws, what);
        }
    }
}

/// The hash of an entrant.
pub(super) fn hash(draw: u64, user: &str) -> String {
    sha256(format!("{draw}:{user}").as_bytes())
}

/// In lower-case hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a text in hex; none if it is something else.
pub(super) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
    digits.unwrap_or_default().chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit)).collect()
}
