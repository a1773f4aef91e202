//! The rule about likes: of the session, and of each message.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, IDS_PER_SESSION};
use super::rule::{Breaches, Rule};
use super::run::History;

/// The liked thing: a message, or the session (`None`).
type Liked = Option<u64>;
type Fans = BTreeMap<Liked, BTreeSet<String>>;

/// What is known of the likes at a moment.
#[derive(Clone, Default)]
struct Known {
    /// Those that are there for sure.
    certain: Fans,
    /// Those that may be there.
    possible: Fans,
    /// Users whose last call had no clear answer: it may take effect at any time.
    unclear: Fans,
    /// Users whose call is under way.
    under_way: Fans,
}

impl Known {
    /// A user begins to like something, or to take that back.
    fn begin(&mut self, user: &str, liked: Liked) {
        if !self.under_way.entry(liked).or_default().insert(user.to_owned()) {
            self.unclear.entry(liked).or_default().insert(user.to_owned());
        }
        self.certain.entry(liked).or_default().remove(user);
        self.possible.entry(liked).or_default().insert(user.to_owned());
    }

    /// The call was confirmed: the like is there now, or it is not.
    fn confirm(&mut self, user: &str, liked: Liked, is_there: bool) {
        self.under_way.entry(liked).or_default().remove(user);
        if self.unclear.get(&liked).is_some_and(|users| users.contains(user)) {
            return;
        }
        match is_there {
            true => drop(self.certain.entry(liked).or_default().insert(user.to_owned())),
            false => drop(self.possible.entry(liked).or_default().remove(user)),
        }
    }
}

fn count(fans: &Fans, liked: &Liked) -> u64 {
    fans.get(liked).map_or(0, BTreeSet::len) as u64
}

/// A read shows every like that was there for sure while it lasted, and none that cannot have been. At the end, counters equal rows, and
/// every open socket got the last value.
pub(super) fn likes(history: &History, breaches: &mut Breaches) {
    let (mut known, mut begun) = (Known::default(), Fans::default());
    // What was certain all the time since a read began, and what was possible at any time since.
    let mut reads: BTreeMap<u64, (Fans, Fans)> = BTreeMap::new();
    let mut heard = |begun: &Fans, socket: u64, liked: Liked, likes: u64| {
        if likes > count(begun, &liked) {
            let what = format!("socket {socket} heard of {likes} likes of {liked:?}, which nobody gave yet");
            breaches.add(Rule::Likes, what);
        }
    };
    let mut wrong_reads = Vec::new();
    for event in &history.events {
        match event {
            Event::Liking { user, message } | Event::Unliking { user, message } => {
                known.begin(user, *message);
                if matches!(event, Event::Liking { .. }) {
                    begun.entry(*message).or_default().insert(user.clone());
                }
                for (certain, possible) in reads.values_mut() {
                    certain.entry(*message).or_default().remove(user);
                    possible.entry(*message).or_default().insert(user.clone());
                }
            }
            Event::Liked { user, message } => known.confirm(user, *message, true),
            Event::Unliked { user, message } => known.confirm(user, *message, false),
            Event::ReadingLikes { read } => drop(reads.insert(*read, (known.certain.clone(), known.possible.clone()))),
            Event::ReadLikes { read, message, likes } => {
                let (least, most) = match reads.get(read) {
                    Some((certain, possible)) => (count(certain, message), count(possible, message)),
                    None => (0, count(&begun, message)),
                };
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
        for user in known.certain.get(liked).unwrap_or(&none).difference(fans) {
            breaches.add(Rule::Likes, format!("{user}'s like of {liked:?} was confirmed, but is not there"));
        }
        for user in fans.difference(known.possible.get(liked).unwrap_or(&none)) {
            breaches
                .add(Rule::Likes, format!("{user}'s like of {liked:?} is there, but was taken back or never given"));
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

/// Every open socket received the last value of each counter that changed while it was open. A counter that came back to its value may
/// not have been told at all.
fn last_told(history: &History, ended: &BTreeMap<Liked, (u64, BTreeSet<String>)>, breaches: &mut Breaches) {
    let mut known = Known::default();
    let mut opened: BTreeMap<u64, Known> = BTreeMap::new();
    let mut told: BTreeMap<(u64, Liked), u64> = BTreeMap::new();
    for event in &history.events {
        match event {
            Event::Opened { socket, .. } => drop(opened.insert(*socket, known.clone())),
            Event::Closed { socket } => drop(opened.remove(socket)),
            Event::HeardLikes { socket, likes } => drop(told.insert((*socket, None), *likes)),
            Event::HeardMessageLikes { socket, id, likes } => drop(told.insert((*socket, Some(*id)), *likes)),
            Event::Liking { user, message } | Event::Unliking { user, message } => known.begin(user, *message),
            Event::Liked { user, message } => known.confirm(user, *message, true),
            Event::Unliked { user, message } => known.confirm(user, *message, false),
            _ => {}
        }
    }
    for (socket, before) in &opened {
        for (liked, (likes, _)) in ended {
            let may_be_unchanged = (count(&before.certain, liked)..=count(&before.possible, liked)).contains(likes);
            let last = told.get(&(*socket, *liked));
            if last.map_or(!may_be_unchanged, |told| told != likes) {
                let what = format!("socket {socket} last heard of {last:?} likes of {liked:?}, but there are {likes}");
                breaches.add(Rule::Likes, what);
            }
        }
    }
}
