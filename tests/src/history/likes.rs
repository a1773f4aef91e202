//! The rule about likes: of the session, and of each message.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::rule::{Breaches, Rule};
use super::run::History;

/// The liked thing: a message, or the session (`None`).
type Liked = Option<u64>;
type Fans = BTreeMap<Liked, BTreeSet<String>>;

/// A read shows every like that was confirmed before it, and none that had not started. At the end, counters equal rows, and every
/// open socket got the last value.
pub(super) fn likes(history: &History, breaches: &mut Breaches) {
    let (mut begun, mut confirmed): (Fans, Fans) = Default::default();
    let mut before: BTreeMap<u64, Fans> = BTreeMap::new();
    let count = |fans: &Fans, liked: &Liked| fans.get(liked).map_or(0, BTreeSet::len) as u64;
    let mut heard = |begun: &Fans, socket: u64, liked: Liked, likes: u64| {
        if likes > count(begun, &liked) {
            let what = format!("socket {socket} heard of {likes} likes of {liked:?}, which nobody gave yet");
            breaches.add(Rule::Likes, what);
        }
    };
    let mut wrong_reads = Vec::new();
    for event in &history.events {
        match event {
            Event::Liking { user, message } => drop(begun.entry(*message).or_default().insert(user.clone())),
            Event::Liked { user, message } => drop(confirmed.entry(*message).or_default().insert(user.clone())),
            Event::ReadingLikes { read } => drop(before.insert(*read, confirmed.clone())),
            Event::ReadLikes { read, message, likes } => {
                let least = before.get(read).map_or(0, |fans| count(fans, message));
                let most = count(&begun, message);
                if !(least..=most).contains(likes) {
                    wrong_reads
                        .push(format!("{likes} likes of {message:?} were read, but {least} to {most} are possible"));
                }
            }
            Event::HeardLikes { socket, likes } => heard(&begun, *socket, None, *likes),
            Event::HeardMessageLikes { socket, id, likes } => heard(&begun, *socket, Some(*id), *likes),
            _ => {}
        }
    }
    wrong_reads.into_iter().for_each(|what| breaches.add(Rule::Likes, what));
    let ended = at_the_end(history);
    for (liked, (counted, fans)) in &ended {
        if *counted != fans.len() as u64 {
            breaches.add(Rule::Likes, format!("{liked:?} counts {counted} likes, but {} rows are there", fans.len()));
        }
        let none = BTreeSet::new();
        for user in confirmed.get(liked).unwrap_or(&none).difference(fans) {
            breaches.add(Rule::Likes, format!("{user}'s like of {liked:?} was confirmed, but is not there"));
        }
    }
    if !history.may_miss {
        last_told(history, &ended, breaches);
    }
}

/// Each counter at the end, and the users with a row. Likes of deleted messages are not counted.
fn at_the_end(history: &History) -> BTreeMap<Liked, (u64, BTreeSet<String>)> {
    let end = &history.end;
    let messages = end.rows.iter().filter(|(_, row)| row.text.is_some()).map(|(seq, row)| {
        (Some(IDS_PER_SESSION + seq), (row.likes, end.message_likers.get(seq).cloned().unwrap_or_default()))
    });
    messages.chain([(None, (end.total_likes, end.session_likers.clone()))]).collect()
}

/// Every open socket received the last value of each counter that changed while it was open.
fn last_told(history: &History, ended: &BTreeMap<Liked, (u64, BTreeSet<String>)>, breaches: &mut Breaches) {
    let mut opened_at: BTreeMap<u64, usize> = BTreeMap::new();
    let mut told: BTreeMap<(u64, Liked), u64> = BTreeMap::new();
    let mut first_began: BTreeMap<(Liked, &str), usize> = BTreeMap::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Opened { socket, .. } => drop(opened_at.insert(*socket, place)),
            Event::Closed { socket } => drop(opened_at.remove(socket)),
            Event::HeardLikes { socket, likes } => drop(told.insert((*socket, None), *likes)),
            Event::HeardMessageLikes { socket, id, likes } => drop(told.insert((*socket, Some(*id)), *likes)),
            Event::Liking { user, message } => drop(first_began.entry((*message, user)).or_insert(place)),
            _ => {}
        }
    }
    for (socket, opened) in &opened_at {
        for (liked, (likes, fans)) in ended {
            let changed = || fans.iter().any(|user| first_began.get(&(*liked, user)).is_some_and(|at| at > opened));
            let last = told.get(&(*socket, *liked));
            if last.map_or_else(changed, |told| told != likes) {
                let what = format!("socket {socket} last heard of {last:?} likes of {liked:?}, but there are {likes}");
                breaches.add(Rule::Likes, what);
            }
        }
    }
}
