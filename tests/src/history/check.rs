//! The promises as rules over a history. Each breach names the rule and the sentence that shows it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Event, History};

/// Ids are `session × 100000000 + seq`.
const IDS: u64 = 100_000_000;
/// The window of the rate limit in milliseconds.
const WINDOW_MS: i64 = 60_000;

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// An acknowledged message is stored.
    Lost,
    /// Nothing is stored twice, and all sends under one key are one message.
    Doubled,
    /// First deliveries come in order on every socket, and nothing is repeated without a crash.
    OutOfOrder,
    /// A socket that stayed open got every message from its first moment on.
    Missed,
    /// A client that lost its socket repaired itself with `resume`.
    NotRepaired,
    /// Likes are what their rows say, at every read.
    Likes,
    /// No user sent more than the limit in any minute.
    RateLimit,
    /// Viewers are those who are there.
    Viewers,
    /// Nothing is left behind.
    LeftBehind,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 9] = [
        Rule::Lost,
        Rule::Doubled,
        Rule::OutOfOrder,
        Rule::Missed,
        Rule::NotRepaired,
        Rule::Likes,
        Rule::RateLimit,
        Rule::Viewers,
        Rule::LeftBehind,
    ];

    /// As tables show it.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Lost => "lost",
            Rule::Doubled => "doubled",
            Rule::OutOfOrder => "out of order or repeated",
            Rule::Missed => "missed by an open socket",
            Rule::NotRepaired => "not repaired by resume",
            Rule::Likes => "likes wrong",
            Rule::RateLimit => "over the rate limit",
            Rule::Viewers => "viewers wrong",
            Rule::LeftBehind => "left behind",
        }
    }
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub rule: Rule,
    /// How.
    pub what: String,
}

/// Judges a history.
pub fn check(history: &History) -> Vec<Breach> {
    let mut breaches = Breaches(Vec::new());
    stored(history, &mut breaches);
    sockets(history, &mut breaches);
    clients(history, &mut breaches);
    likes(history, &mut breaches);
    rate_limit(history, &mut breaches);
    ended(history, &mut breaches);
    breaches.0
}

struct Breaches(Vec<Breach>);

impl Breaches {
    fn add(&mut self, rule: Rule, what: String) {
        self.0.push(Breach { rule, what });
    }
}

/// Every acknowledged message is stored, once, and all sends under one key are one message.
fn stored(history: &History, breaches: &mut Breaches) {
    let rows = &history.end.rows;
    let sends: BTreeMap<u64, (&str, &str, Option<&str>)> = history
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Sending { send, user, text, key, .. } => {
                Some((*send, (user.as_str(), text.as_str(), key.as_deref())))
            }
            _ => None,
        })
        .collect();
    let deletions = deleted(history);
    let mut of_key: BTreeMap<(&str, &str), BTreeSet<u64>> = BTreeMap::new();
    let mut firsts: BTreeMap<u64, u64> = BTreeMap::new();
    for event in &history.events {
        let Event::Acknowledged { send, id, duplicate, .. } = event else { continue };
        let Some((user, text, key)) = sends.get(send) else { continue };
        match rows.get(&(id % IDS)) {
            Some(row) if row.text.as_deref() == Some(*text) => {}
            Some(row) if row.text.is_none() && !row.void && deletions.contains(id) => {}
            other => breaches.add(Rule::Lost, format!("{text:?} was acknowledged as {id}, but the row is {other:?}")),
        }
        if let Some(key) = key {
            of_key.entry((user, key)).or_default().insert(*id);
        }
        if !duplicate {
            *firsts.entry(*id).or_default() += 1;
        }
    }
    for ((user, key), ids) in of_key.iter().filter(|(_, ids)| ids.len() > 1) {
        breaches.add(Rule::Doubled, format!("{user}'s key {key} was acknowledged as {ids:?}"));
    }
    for (id, count) in firsts.iter().filter(|(_, count)| **count > 1) {
        breaches.add(Rule::Doubled, format!("{id} was acknowledged {count} times as new"));
    }
    let (mut texts, mut keys) = (BTreeMap::new(), BTreeMap::new());
    for (seq, row) in rows {
        let Some(text) = &row.text else { continue };
        if let Some(other) = texts.insert(text, seq) {
            breaches.add(Rule::Doubled, format!("{text:?} is stored as {other} and as {seq}"));
        }
        if let Some(key) = &row.key
            && let Some(other) = keys.insert((&row.user, key), seq)
        {
            breaches.add(Rule::Doubled, format!("the key {key} is stored as {other} and as {seq}"));
        }
    }
}

/// Each socket for itself: order, repeats, and completeness while it was open.
fn sockets(history: &History, breaches: &mut Breaches) {
    let mut open: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut opened_at: BTreeMap<u64, usize> = BTreeMap::new();
    let mut told_of: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    let mut closed = BTreeSet::new();
    for (place, event) in history.events.iter().enumerate() {
        match event {
            Event::Opened { socket, .. } => {
                open.insert(*socket, Vec::new());
                opened_at.insert(*socket, place);
            }
            Event::Closed { socket } => drop(closed.insert(*socket)),
            Event::Heard { socket, seq, .. } => open.entry(*socket).or_default().push(*seq),
            Event::HeardDeletion { socket, id } => drop(told_of.entry(*socket).or_default().insert(*id)),
            _ => {}
        }
    }
    let began = first_sending(history);
    for (socket, heard) in &open {
        let (mut seen, mut last) = (BTreeSet::new(), 0);
        for seq in heard {
            if !seen.insert(*seq) {
                if !history.may_repeat {
                    breaches.add(Rule::OutOfOrder, format!("socket {socket} got {seq} again: {heard:?}"));
                }
            } else if *seq < last {
                breaches.add(Rule::OutOfOrder, format!("socket {socket} got {seq} after {last}: {heard:?}"));
            }
            last = last.max(*seq);
        }
        if closed.contains(socket) || history.may_miss {
            continue;
        }
        let first = heard.first().copied().unwrap_or(u64::MAX);
        for (seq, row) in &history.end.rows {
            let Some(text) = &row.text else { continue };
            let was_sent_later = began.get(text.as_str()).is_some_and(|place| *place > opened_at[socket]);
            if (*seq > first || was_sent_later) && !seen.contains(seq) {
                breaches.add(Rule::Missed, format!("socket {socket} stayed open, but never got {seq}: {heard:?}"));
            }
        }
        let is_gone = |id: &u64| history.end.rows.get(&(id % IDS)).is_some_and(|row| row.text.is_none());
        for id in deleted(history).into_iter().filter(is_gone) {
            let knows = told_of.get(socket).is_some_and(|told| told.contains(&id));
            if seen.contains(&(id % IDS)) && !knows {
                breaches.add(Rule::Missed, format!("socket {socket} got {id}, but not its deletion"));
            }
        }
    }
}

/// A client's sockets together with what it resumed: from the first complete `resume` on, nothing is missing. And `last_seq`
/// does not lie: whatever is stored up to it was in the answer.
fn clients(history: &History, breaches: &mut Breaches) {
    let mut client_of: BTreeMap<u64, &str> = BTreeMap::new();
    let mut known: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let mut repaired: BTreeMap<&str, bool> = BTreeMap::new();
    let stored: Vec<u64> = history.end.rows.iter().filter(|(_, row)| row.text.is_some()).map(|(seq, _)| *seq).collect();
    for event in &history.events {
        match event {
            Event::Opened { socket, client } => {
                client_of.insert(*socket, client);
                repaired.insert(client, false);
            }
            Event::Heard { socket, seq, .. } => {
                let client = client_of.get(socket).copied().unwrap_or_default();
                known.entry(client).or_default().insert(*seq);
            }
            Event::Resumed { socket, after, seqs, last_seq, complete } => {
                let client = client_of.get(socket).copied().unwrap_or_default();
                known.entry(client).or_default().extend(seqs);
                repaired.insert(client, *complete);
                let up_to = if *complete { *last_seq } else { seqs.last().map_or(*after, |last| *last.min(last_seq)) };
                for seq in stored.iter().filter(|seq| **seq > *after && **seq <= up_to && !seqs.contains(seq)) {
                    breaches.add(Rule::NotRepaired, format!("resume after {after} up to {up_to} lacks {seq}"));
                }
            }
            _ => {}
        }
    }
    for (client, repaired) in repaired {
        let known = known.remove(client).unwrap_or_default();
        let missing: Vec<&u64> = stored.iter().filter(|seq| !known.contains(seq)).collect();
        if !repaired {
            breaches.add(Rule::NotRepaired, format!("{client} never got a complete answer to its resume"));
        } else if !missing.is_empty() {
            breaches.add(Rule::NotRepaired, format!("{client} lacks {missing:?} in spite of its resume"));
        }
    }
}

/// A read shows every like that was confirmed before it, and none that nobody had begun. At the end counters equal rows, and the
/// last value was told to every open socket.
fn likes(history: &History, breaches: &mut Breaches) {
    type Fans = BTreeMap<Option<u64>, BTreeSet<String>>;
    let (mut begun, mut confirmed): (Fans, Fans) = Default::default();
    let mut before: BTreeMap<u64, Fans> = BTreeMap::new();
    let mut last_told: BTreeMap<u64, u64> = BTreeMap::new();
    let mut open: BTreeSet<u64> = BTreeSet::new();
    let count = |fans: &Fans, message: &Option<u64>| fans.get(message).map_or(0, BTreeSet::len) as u64;
    for event in &history.events {
        match event {
            Event::Liking { user, message } => drop(begun.entry(*message).or_default().insert(user.clone())),
            Event::Liked { user, message } => drop(confirmed.entry(*message).or_default().insert(user.clone())),
            Event::ReadingLikes { read } => drop(before.insert(*read, confirmed.clone())),
            Event::ReadLikes { read, message, likes } => {
                let least = before.get(read).map_or(0, |fans| count(fans, message));
                let most = count(&begun, message);
                if !(least..=most).contains(likes) {
                    let what = format!("{likes} likes of {message:?} were read, but {least} to {most} are possible");
                    breaches.add(Rule::Likes, what);
                }
            }
            Event::Opened { socket, .. } => drop(open.insert(*socket)),
            Event::Closed { socket } => drop(open.remove(socket)),
            Event::HeardLikes { socket, likes } => {
                last_told.insert(*socket, *likes);
                if *likes > count(&begun, &None) {
                    breaches.add(Rule::Likes, format!("socket {socket} heard of {likes} likes, which nobody gave yet"));
                }
            }
            _ => {}
        }
    }
    let end = &history.end;
    let mut confirmed_all = BTreeMap::new();
    confirmed_all.insert(None, (end.total_likes, end.session_likers.clone()));
    for (seq, row) in end.rows.iter().filter(|(_, row)| row.text.is_some()) {
        let fans = end.message_likers.get(seq).cloned().unwrap_or_default();
        confirmed_all.insert(Some(IDS + seq), (row.likes, fans));
    }
    for (message, (counted, fans)) in &confirmed_all {
        if *counted != fans.len() as u64 {
            breaches.add(Rule::Likes, format!("{message:?} counts {counted} likes, but {} rows are there", fans.len()));
        }
        let none = BTreeSet::new();
        for user in confirmed.get(message).unwrap_or(&none).difference(fans) {
            breaches.add(Rule::Likes, format!("{user}'s like of {message:?} was confirmed, but is not there"));
        }
    }
    for (socket, told) in last_told.iter().filter(|(socket, _)| open.contains(socket) && !history.may_miss) {
        if *told != end.total_likes {
            let what = format!("socket {socket} last heard of {told} likes, but there are {}", end.total_likes);
            breaches.add(Rule::Likes, what);
        }
    }
}

/// Sends that lie within a minute from the first one's begin to the last one's `ack` were all admitted within that minute.
fn rate_limit(history: &History, breaches: &mut Breaches) {
    let mut begun: BTreeMap<u64, (&str, i64)> = BTreeMap::new();
    let mut admitted: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for event in &history.events {
        match event {
            Event::Sending { send, user, at, .. } => drop(begun.insert(*send, (user, *at))),
            Event::Acknowledged { send, duplicate: false, at, .. } => {
                if let Some((user, began)) = begun.get(send) {
                    admitted.entry(user).or_default().push((*began, *at));
                }
            }
            _ => {}
        }
    }
    for (user, sends) in admitted {
        for (first, _) in &sends {
            let within = sends.iter().filter(|(began, ended)| began >= first && *ended < first + WINDOW_MS).count();
            if within > history.limit {
                breaches.add(Rule::RateLimit, format!("{user} sent {within} messages within a minute from {first} on"));
                break;
            }
        }
    }
}

/// What the tables say when everything is over.
fn ended(history: &History, breaches: &mut Breaches) {
    let end = &history.end;
    if end.cursor != end.seq {
        breaches.add(Rule::LeftBehind, format!("the cursor is at {}, but {} was given", end.cursor, end.seq));
    }
    if let Some(unsettled) = (1..=end.seq).find(|seq| !end.rows.contains_key(seq)) {
        breaches.add(Rule::LeftBehind, format!("the number {unsettled} is neither a message nor a void"));
    }
    let messages = end.rows.values().filter(|row| !row.void).count() as u64;
    if end.total_messages != messages {
        let what = format!("total_messages is {}, but {messages} were stored", end.total_messages);
        breaches.add(Rule::LeftBehind, what);
    }
    let (told, there) = &end.viewers;
    if *told != there.len() as u64 {
        breaches.add(Rule::Viewers, format!("{told} viewers are told, but there are {there:?}"));
    }
    for left in &end.left {
        breaches.add(Rule::LeftBehind, left.clone());
    }
}

/// What somebody tried to delete; the row says whether it was done.
fn deleted(history: &History) -> BTreeSet<u64> {
    history
        .events
        .iter()
        .filter_map(|event| if let Event::Deleting { id } = event { Some(*id) } else { None })
        .collect()
}

/// Where in the history each text was sent first.
fn first_sending(history: &History) -> BTreeMap<&str, usize> {
    let mut first = BTreeMap::new();
    for (place, event) in history.events.iter().enumerate() {
        if let Event::Sending { text, .. } = event {
            first.entry(text.as_str()).or_insert(place);
        }
    }
    first
}
