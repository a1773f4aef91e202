//! How many events each rule had to judge: a rule without any cannot be broken.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Event;
use super::rule::Rule;
use super::run::History;

/// Counts of judged events, by rule.
pub fn judged(history: &History) -> BTreeMap<Rule, u64> {
    let mut counts: BTreeMap<Rule, u64> = Rule::ALL.map(|rule| (rule, 0)).into();
    let mut add = |rule: Rule, count: usize| *counts.entry(rule).or_default() += count as u64;
    let (mut open, mut has_act) = (BTreeSet::new(), false);
    for event in &history.events {
        match event {
            Event::Acknowledged { duplicate, .. } => {
                add(Rule::Lost, usize::from(!duplicate));
                add(Rule::RateLimit, usize::from(!duplicate));
                add(Rule::Doubled, 1);
            }
            Event::Opened { socket, .. } => drop(open.insert(*socket)),
            Event::Closed { socket } => drop(open.remove(socket)),
            Event::Heard { .. } => add(Rule::OutOfOrder, 1),
            Event::Resumed { .. } => add(Rule::NotRepaired, 1),
            Event::Covered { .. } => has_act = true,
            Event::Answered { .. } => add(Rule::Shown, usize::from(has_act)),
            Event::HeardCover { .. } => add(Rule::Untold, 1),
            Event::HeardEvent { .. } => add(Rule::Events, 1),
            Event::Voted { .. } | Event::HeardPoll { .. } => add(Rule::Polls, 1),
            Event::Pins(event) => add(Rule::Pins, super::pins::judged(event)),
            Event::Draws(event) => add(Rule::Draws, super::draws::judged(event)),
            Event::Questions(event) => add(Rule::Questions, super::questions::judged(event)),
            Event::ReadLikes { .. } | Event::HeardLikes { .. } | Event::HeardMessageLikes { .. } => add(Rule::Likes, 1),
            Event::Reacted { .. } | Event::HeardReactions { .. } => add(Rule::Reactions, 1),
            Event::HeardViewers { .. } => add(Rule::Viewers, 1),
            Event::HeardNotice { .. } => add(Rule::Notices, 1),
            _ => {}
        }
    }
    let messages = history.end.rows.values().filter(|row| row.text.is_some()).count();
    add(Rule::Missed, if history.may_miss { 0 } else { open.len() * messages });
    add(Rule::Sanctions, super::sanctions::tries(history));
    add(Rule::HeldOnce, super::held::judged(history));
    add(Rule::ForStaff, super::staff::judged(history));
    add(Rule::Modes, super::modes::judged(history));
    add(Rule::Audit, super::audit::judged(history));
    add(Rule::LeftBehind, history.end.looked_at);
    add(Rule::Undocumented, history.documented);
    counts
}
