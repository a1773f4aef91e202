//! The rules about bans: whatever a user begins after the acknowledgement is refused, so is the approval of what waits, no socket
//! outlasts it, and the log knows each act.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;
use super::moderation::{Deed, Moderation};
use super::rule::{Breaches, Rule};
use super::run::{End, History};

/// What each user has under way, and since when the user is banned.
#[derive(Default)]
struct Users<'a> {
    banned: BTreeSet<&'a str>,
    /// Sends that began while their user was banned, and the ban has not been lifted since.
    sends: BTreeMap<u64, &'a str>,
    /// Likes that did.
    likes: BTreeSet<(&'a str, Option<u64>)>,
    /// Handshakes that did.
    handshakes: BTreeSet<&'a str>,
    /// Approvals that did, of messages of these users.
    approvals: BTreeMap<u64, &'a str>,
}

impl<'a> Users<'a> {
    fn lift(&mut self, user: &str) {
        self.banned.remove(user);
        self.sends.retain(|_, author| *author != user);
        self.likes.retain(|(liker, _)| *liker != user);
        self.handshakes.remove(user);
        self.approvals.retain(|_, author| *author != user);
    }

    /// Counts what began while its user was banned.
    fn begin(&mut self, event: &'a Event, end: &'a End) -> usize {
        let began = match event {
            Event::Sending { user, send, .. } if self.banned.contains(user.as_str()) => {
                self.sends.insert(*send, user);
                true
            }
            Event::Liking { user, message } if self.banned.contains(user.as_str()) => {
                self.likes.insert((user, *message));
                true
            }
            Event::Arriving { user } if self.banned.contains(user.as_str()) => {
                self.handshakes.insert(user);
                true
            }
            Event::Moderation(Moderation::Asking { act, deed: Deed::Approve(id), .. }) => {
                let author = end.held.get(id).map(|row| row.user.as_str());
                let banned = author.filter(|author| self.banned.contains(author));
                self.approvals.extend(banned.map(|author| (*act, author)));
                banned.is_some()
            }
            _ => false,
        };
        usize::from(began)
    }
}

/// Judges the bans.
pub(super) fn sanctions(history: &History, breaches: &mut Breaches) {
    let mut users = Users::default();
    let mut open: BTreeMap<u64, &str> = BTreeMap::new();
    // Sockets that were open when their user's ban began.
    let mut doomed: BTreeSet<u64> = BTreeSet::new();
    for event in &history.events {
        users.begin(event, &history.end);
        match event {
            Event::Sanctioning { user } => {
                doomed.extend(open.iter().filter(|(_, client)| **client == user.as_str()).map(|(socket, _)| *socket));
            }
            Event::Sanctioned { user, id } => {
                users.banned.insert(user);
                if !history.end.log.contains(id) {
                    breaches.add(Rule::Sanctions, format!("the log does not know the act {id} against {user}"));
                }
            }
            Event::Lifting { user } => users.lift(user),
            Event::Acknowledged { send, duplicate: false, .. } if users.sends.contains_key(send) => {
                breaches.add(
                    Rule::Sanctions,
                    format!("the send {send} of {} was stored in spite of a ban", users.sends[send]),
                );
            }
            Event::Moderation(Moderation::Held { send, duplicate: false, .. }) if users.sends.contains_key(send) => {
                let what = format!("the send {send} of {} was held in spite of a ban", users.sends[send]);
                breaches.add(Rule::Sanctions, what);
            }
            Event::Moderation(Moderation::Done { act, .. }) if users.approvals.contains_key(act) => {
                let what = format!("a message of {} was approved in spite of a ban", users.approvals[act]);
                breaches.add(Rule::Sanctions, what);
            }
            Event::Liked { user, message } if users.likes.contains(&(user.as_str(), *message)) => {
                breaches.add(Rule::Sanctions, format!("{user} liked {message:?} in spite of a ban"));
            }
            Event::Opened { socket, client } => {
                if users.handshakes.contains(client.as_str()) {
                    breaches.add(Rule::Sanctions, format!("{client} opened socket {socket} in spite of a ban"));
                }
                open.insert(*socket, client);
            }
            Event::Closed { socket } => {
                open.remove(socket);
                doomed.remove(socket);
            }
            _ => {}
        }
    }
    for socket in doomed {
        breaches.add(Rule::Sanctions, format!("socket {socket} outlasted the ban of its user"));
    }
    heard(history, breaches);
}

/// Only a user who was acted against hears of a standing.
fn heard(history: &History, breaches: &mut Breaches) {
    let (mut clients, mut sanctioned): (BTreeMap<u64, &str>, BTreeSet<&str>) = Default::default();
    for event in &history.events {
        match event {
            Event::Opened { socket, client } => drop(clients.insert(*socket, client)),
            Event::Sanctioning { user } => drop(sanctioned.insert(user)),
            Event::HeardStanding { socket }
                if !clients.get(socket).is_some_and(|client| sanctioned.contains(client)) =>
            {
                breaches.add(Rule::Sanctions, format!("socket {socket} heard the standing of somebody else"));
            }
            _ => {}
        }
    }
}

/// How many sends, likes and handshakes began while their user was banned.
pub(super) fn tries(history: &History) -> usize {
    let mut users = Users::default();
    let mut tries = 0;
    for event in &history.events {
        tries += users.begin(event, &history.end);
        match event {
            Event::Sanctioned { user, .. } => drop(users.banned.insert(user)),
            Event::Lifting { user } => users.lift(user),
            _ => {}
        }
    }
    tries
}
