//! The promises as rules over a history. Each breach names the rule and the sentence that shows it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Event, History, counts, likes};

/// Ids are `session × 100000000 + seq`.
pub(super) const IDS: u64 = 100_000_000;

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
    /// Every answer and every frame is documented.
    Undocumented,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 10] = [
        Rule::Lost,
        Rule::Doubled,
        Rule::OutOfOrder,
        Rule::Missed,
        Rule::NotRepaired,
        Rule::Likes,
        Rule::RateLimit,
        Rule::Viewers,
        Rule::LeftBehind,
        Rule::Undocumented,
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
            Rule::Undocumented => "not documented",
        }
    }
}

impl Rule {
    /// What is counted when it is said how much the rule had to judge.
    pub fn judges(self) -> &'static str {
        match self {
            Rule::Lost | Rule::RateLimit => "messages acknowledged",
            Rule::Doubled => "acknowledgements",
            Rule::OutOfOrder => "deliveries",
            Rule::Missed => "messages × open sockets",
            Rule::NotRepaired => "resumes",
            Rule::Likes => "values read or heard",
            Rule::Viewers => "values heard",
            Rule::LeftBehind => "rows at the end",
            Rule::Undocumented => "answers and frames",
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
    texts(history, &mut breaches);
    likes::likes(history, &mut breaches);
    counts::rate_limit(history, &mut breaches);
    counts::viewers(history, &mut breaches);
    counts::ended(history, &mut breaches);
    for event in &history.events {
        if let Event::Undocumented { what } = event {
            breaches.add(Rule::Undocumented, what.clone());
        }
    }
    breaches.0
}

pub(super) struct Breaches(Vec<Breach>);

impl Breaches {
    pub(super) fn add(&mut self, rule: Rule, what: String) {
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

/// What is told or read of a message is what is stored under its number.
fn texts(history: &History, breaches: &mut Breaches) {
    for event in &history.events {
        let (seq, told) = match event {
            Event::Heard { seq, text, .. } => (*seq, text),
            Event::ReadMessage { id, text } => (id % IDS, text),
            _ => continue,
        };
        let row = history.end.rows.get(&seq);
        // A text that was deleted since is not there any more.
        if row.is_none_or(|row| row.void || row.text.as_ref().is_some_and(|text| text != told)) {
            breaches.add(Rule::Lost, format!("{told:?} was told as {seq}, but the row is {row:?}"));
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
