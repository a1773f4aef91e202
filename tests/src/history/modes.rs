//! The rule about modes: while they are known, each message is judged by them.
//!
//! Between the acknowledgement of one change and the beginning of the next, the modes are certain. A send that began and ended in such a
//! stretch was judged by them alone.

use std::collections::BTreeMap;

use shared::domain::moderation::modes::{Authors, Links, Modes};

use super::event::Event;
use super::moderation::{Deed, Moderation};
use super::rule::{Breaches, Rule};
use super::run::History;
use super::sockets::Sockets;

/// What became of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome<'a> {
    Stored,
    Held,
    Refused(&'a str),
}

/// A send that began and ended in a stretch of unchanged modes, and was no duplicate.
struct Judged<'a> {
    user: &'a str,
    text: &'a str,
    modes: Modes,
    outcome: Outcome<'a>,
    /// The stretch, how often the clock had gone back, and when the send began and ended, in milliseconds.
    stretch: usize,
    went_back: usize,
    began: i64,
    ended: i64,
}

/// Judges the modes.
pub(super) fn modes(history: &History, breaches: &mut Breaches) {
    let sends = sends(history);
    for send in &sends {
        if let Some(wrong) = wrong(send) {
            let Judged { user, text, modes, outcome, .. } = send;
            breaches.add(Rule::Modes, format!("{text:?} of {user} is {outcome:?}, {wrong}: {modes:?}"));
        }
    }
    slow(&sends, breaches);
    told(history, breaches);
}

/// How many sends were judged by certain modes of which some is on.
pub(super) fn judged(history: &History) -> usize {
    sends(history).iter().filter(|send| send.modes != Modes::default()).count()
}

/// The sends of everybody but staff, who are exempt, under certain modes.
fn sends(history: &History) -> Vec<Judged<'_>> {
    let mut setting: BTreeMap<u64, Modes> = BTreeMap::new();
    // The modes that are certain now, and the number of the stretch.
    let (mut certain, mut stretch, mut went_back) = (None, 0, 0);
    let (mut begun, mut judged): (BTreeMap<u64, Judged<'_>>, Vec<Judged<'_>>) = Default::default();
    for event in &history.events {
        let (send, outcome, at) = match event {
            Event::Moderation(Moderation::Asking { act, deed: Deed::SetModes, modes, .. }) => {
                setting.insert(*act, *modes);
                certain = None;
                continue;
            }
            Event::Moderation(Moderation::Done { act, .. }) => {
                // A repeat of an act that is over answers the same again, and changes nothing.
                if let Some(modes) = setting.remove(act) {
                    (certain, stretch) = (Some(modes), stretch + 1);
                }
                continue;
            }
            Event::ClockWentBack => {
                went_back += 1;
                continue;
            }
            Event::Sending { send, user, text, at, .. } => {
                if let Some(modes) = certain.filter(|_| !history.staff.contains(user)) {
                    let (began, outcome) = (*at, Outcome::Stored);
                    let judged = Judged { user, text, modes, outcome, stretch, went_back, began, ended: began };
                    begun.insert(*send, judged);
                }
                continue;
            }
            Event::Acknowledged { send, duplicate: false, at, .. } => (send, Outcome::Stored, *at),
            Event::Moderation(Moderation::Held { send, duplicate: false, at, .. }) => (send, Outcome::Held, *at),
            Event::Moderation(Moderation::Refused { send, code }) => (send, Outcome::Refused(code), 0),
            _ => continue,
        };
        if let Some(began) = begun.remove(send).filter(|began| certain.is_some() && began.stretch == stretch) {
            // A clock that went back meanwhile does not tell how long it took.
            let ended = if began.went_back == went_back { at } else { i64::MAX };
            judged.push(Judged { outcome, ended, ..began });
        }
    }
    judged
}

/// What the outcome of a send should have been instead.
fn wrong(send: &Judged<'_>) -> Option<&'static str> {
    let (modes, has_link) = (&send.modes, send.text.contains("://"));
    let is_held = modes.review_all || (has_link && modes.links == Links::Hold);
    let may_write = modes.audience == Authors::Everyone;
    match send.outcome {
        // No text of a run is of emoji only.
        Outcome::Stored | Outcome::Held if !may_write || modes.emoji_only => Some("though it should be refused"),
        Outcome::Stored | Outcome::Held if has_link && modes.links == Links::Block => Some("though links are blocked"),
        Outcome::Stored if is_held => Some("though it should be held"),
        Outcome::Held if !is_held => Some("though nothing holds it"),
        Outcome::Refused("staff_only" | "members_only") if may_write => Some("though everybody may write"),
        Outcome::Refused("emoji_only") if !modes.emoji_only => Some("though texts are allowed"),
        Outcome::Refused("link_blocked") if modes.links != Links::Block => Some("though links are not blocked"),
        Outcome::Refused("slow_mode") if modes.slow_seconds == 0 => Some("though there is no slow mode"),
        _ => None,
    }
}

/// Two messages of a user in one stretch are so far apart as its slow mode asks.
fn slow(sends: &[Judged<'_>], breaches: &mut Breaches) {
    let taken: Vec<&Judged<'_>> = sends.iter().filter(|send| !matches!(send.outcome, Outcome::Refused(_))).collect();
    for (place, first) in taken.iter().enumerate() {
        let follows = |send: &&&Judged<'_>| {
            (send.user, send.stretch, send.went_back) == (first.user, first.stretch, first.went_back)
        };
        for second in taken[place + 1..].iter().filter(follows) {
            let at_most = first.ended.max(second.ended).saturating_sub(first.began.min(second.began));
            if at_most < i64::from(first.modes.slow_seconds) * 1000 {
                let what = format!("{:?} and {:?} are {at_most} ms apart: {:?}", first.text, second.text, first.modes);
                breaches.add(Rule::Modes, what);
            }
        }
    }
}

/// Every socket that stays open hears of each change.
fn told(history: &History, breaches: &mut Breaches) {
    let sockets = Sockets::of(history);
    let mut asked: BTreeMap<u64, (usize, Modes)> = BTreeMap::new();
    let mut heard: BTreeMap<u64, Vec<(usize, Modes)>> = BTreeMap::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Moderation(Moderation::Asking { act, deed: Deed::SetModes, modes, .. }) => {
                asked.insert(*act, (place, *modes));
            }
            Event::Moderation(Moderation::HeardModes { socket, modes }) => {
                heard.entry(*socket).or_default().push((place, *modes));
                if !asked.values().any(|(_, asked)| asked == modes) {
                    breaches.add(Rule::Modes, format!("socket {socket} heard of modes that nobody set: {modes:?}"));
                }
            }
            _ => {}
        }
    }
    for event in &history.events {
        let Event::Moderation(Moderation::Done { act, .. }) = event else { continue };
        let Some((place, modes)) = asked.get(act).filter(|_| !history.may_miss) else { continue };
        for (socket, _) in sockets.open_since(*place) {
            let knows = |(at, heard): &(usize, Modes)| at > place && heard == modes;
            if !heard.get(&socket).is_some_and(|heard| heard.iter().any(knows)) {
                breaches.add(Rule::Modes, format!("socket {socket} stayed open, but never heard of {modes:?}"));
            }
        }
    }
}
