//! The table of an evening.

use std::collections::BTreeMap;
use std::fmt;

use super::log::{Log, Notes};
use super::people::Evening;
use super::viewer::Seen;

/// What everybody noticed.
#[derive(Debug)]
pub struct Report {
    evening: Evening,
    /// The tries of spammers by their outcome.
    tries: BTreeMap<String, usize>,
    /// The sends of viewers that were refused, by their code.
    refused_viewers: BTreeMap<String, usize>,
    /// Sends that began after the ban of their author was acknowledged, and were stored.
    pub stored_after_ban: usize,
    bans: usize,
    /// From asking for a ban to its acknowledgement.
    acknowledged_ms: Vec<u64>,
    /// From the acknowledgement to the close of the user's last socket.
    closed_ms: Vec<u64>,
    /// From the acknowledgement to the last message of the user at any viewer; 0 if none came after.
    last_seen_ms: Vec<u64>,
    /// How long a viewer saw a spam message.
    visible_ms: Vec<u64>,
    /// Spam messages that were never taken away.
    left: usize,
    delays_ms: Vec<u64>,
}

impl Report {
    pub(super) fn of(evening: Evening, log: &Log, seen: Vec<Seen>, end_ms: u64) -> Report {
        let notes = log.notes();
        let (mut tries, mut refused_viewers) = (BTreeMap::new(), BTreeMap::new());
        for sent in &notes.sent {
            if sent.user.starts_with("spam-") {
                *tries.entry(sent.outcome.clone()).or_default() += 1;
            } else if sent.outcome != "ok" {
                *refused_viewers.entry(sent.outcome.clone()).or_default() += 1;
            }
        }
        let spam = || seen.iter().flat_map(|seen| seen.spam.values());
        let visible = spam().map(|spam| spam.went_ms.unwrap_or(end_ms).saturating_sub(spam.came_ms));
        let banned = |author: &str| notes.bans.get(author);
        Report {
            evening,
            tries,
            refused_viewers,
            stored_after_ban: stored_after_ban(&notes),
            bans: notes.bans.len(),
            acknowledged_ms: notes.bans.values().map(|(asked, acknowledged)| acknowledged - asked).collect(),
            closed_ms: since_ban(&notes, &notes.closed),
            last_seen_ms: since_ban(&notes, &last_seen(&seen)),
            visible_ms: visible.collect(),
            left: spam().filter(|spam| spam.went_ms.is_none() && banned(&spam.author).is_some()).count(),
            delays_ms: seen.into_iter().flat_map(|seen| seen.delays_ms).collect(),
        }
    }

    /// Whether the evening kept what the chat promises: nothing is stored after a ban, no spam of the banned stays, no viewer is refused.
    pub fn is_kept(&self) -> bool {
        let all_talked = !self.delays_ms.is_empty() && (self.evening.spammers == 0 || self.bans > 0);
        all_talked && self.stored_after_ban == 0 && self.left == 0 && self.refused_viewers.is_empty()
    }
}

/// When the last message of each spammer came to any viewer.
fn last_seen(seen: &[Seen]) -> BTreeMap<String, u64> {
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    for spam in seen.iter().flat_map(|seen| seen.spam.values()) {
        let latest = last.entry(spam.author.clone()).or_default();
        *latest = spam.came_ms.max(*latest);
    }
    last
}

fn since_ban(notes: &Notes, times: &BTreeMap<String, u64>) -> Vec<u64> {
    let since =
        |(user, (_, acknowledged)): (&String, &(u64, u64))| Some(times.get(user)?.saturating_sub(*acknowledged));
    notes.bans.iter().filter_map(since).collect()
}

fn stored_after_ban(notes: &Notes) -> usize {
    let is_late = |user: &str, began_ms| notes.bans.get(user).is_some_and(|(_, acknowledged)| *acknowledged < began_ms);
    notes.sent.iter().filter(|sent| sent.outcome == "ok" && is_late(&sent.user, sent.began_ms)).count()
}

/// A part of 100 of some values, in milliseconds.
fn percentile(values: &[u64], part: usize) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * part).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Evening { viewers, spammers, length } = self.evening;
        let all: usize = self.tries.values().sum();
        let stored = self.tries.get("ok").copied().unwrap_or_default();
        let codes: Vec<String> = self.tries.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let times = |values: &[u64]| format!("{} / {} ms", percentile(values, 50), percentile(values, 99));
        let rows = [
            (
                "people, seconds",
                format!("{viewers} viewers, {spammers} spammers, one moderator, {} s", length.as_secs()),
            ),
            ("tries of spammers", format!("{all}: {}", codes.join(", "))),
            ("spam that was stored", format!("{stored} of {all}")),
            ("bans; asked to acknowledged, p50 / p99", format!("{}; {}", self.bans, times(&self.acknowledged_ms))),
            ("acknowledged to sockets closed, p50 / p99", times(&self.closed_ms)),
            ("acknowledged to the last message at any viewer, p50 / p99", times(&self.last_seen_ms)),
            ("stored after an acknowledged ban", self.stored_after_ban.to_string()),
            ("a viewer saw a spam message for, p50 / p99", times(&self.visible_ms)),
            ("spam of banned users that stayed", self.left.to_string()),
            ("viewers' messages that were refused", format!("{:?}", self.refused_viewers)),
            ("viewers' messages, sent to heard, p50 / p99", times(&self.delays_ms)),
        ];
        writeln!(formatter, "| | |\n| --- | --- |")?;
        rows.iter().try_for_each(|(name, value)| writeln!(formatter, "| {name} | {value} |"))
    }
}
