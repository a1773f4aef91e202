//! The rule about draws: everybody is told the same one, whose winners follow from its list and its seed as docs/draws.md says, and the
//! newest state reaches everybody.

use std::collections::BTreeMap;

use super::draw_events::{Draw, DrawEvent, StoredDraw};
use super::entered;
use super::event::Event;
use super::rule::{Breaches, Rule};
use super::run::History;
use super::sockets::Sockets;

/// The acts on draws, in the log.
pub(super) const ACTS: [&str; 3] = ["start_draw", "reveal_draw", "redraw"];

/// How much an event gives to judge.
pub(super) fn judged(event: &DrawEvent) -> usize {
    match event {
        DrawEvent::Started(_) | DrawEvent::Changed(_) | DrawEvent::Heard { .. } | DrawEvent::Listed { .. } => 1,
        DrawEvent::Read { draws, .. } => draws.len(),
        DrawEvent::Starting { .. } | DrawEvent::Changing { .. } | DrawEvent::Reading { .. } => 0,
    }
}

/// Each draw has one entry for its start, for its reveal and for each redraw.
pub(super) fn acts(history: &History, breaches: &mut Breaches) {
    let entries = ACTS.map(|action| history.end.entries.iter().filter(|entry| entry.action == action).count() as u64);
    let draws = || history.end.draws.values().map(|stored| &stored.draw);
    let revealed = draws().filter(|draw| draw.winners.is_some()).count() as u64;
    let changes = [draws().count() as u64, revealed, draws().map(|draw| draw.redraws).sum()];
    if entries != changes {
        breaches.add(Rule::Audit, format!("{ACTS:?} have {entries:?} entries, but happened {changes:?} times"));
    }
}

/// See the module.
pub(super) fn draws(history: &History, breaches: &mut Breaches) {
    for wrong in history.end.draws.values().filter_map(wrong_with) {
        breaches.add(Rule::Draws, wrong);
    }
    entered::entered(history, breaches);
    asked(history, breaches);
    told(history, breaches);
    newest(history, breaches);
}

/// What is wrong with a draw at the end: docs/draws.md, *The procedure*.
fn wrong_with(stored: &StoredDraw) -> Option<String> {
    let StoredDraw { draw, list, .. } = stored;
    let Some((entrants, list_hash)) = &draw.frozen else {
        return (!draw.cancelled || draw.winners.is_some()).then(|| format!("no list was frozen: {draw:?}"));
    };
    let seed = entered::bytes(draw.seed.as_deref().unwrap_or_default());
    let lines: String = list.iter().map(|hash| format!("{hash}\n")).collect();
    let is_frozen = list.is_sorted_by(|one, next| one < next)
        && list.len() as u64 == *entrants
        && entered::sha256(lines.as_bytes()) == *list_hash;
    let mut order = list.clone();
    order.sort_by_key(|hash| entered::sha256(&[seed.clone(), entered::bytes(hash)].concat()));
    order.truncate((draw.wanted + draw.redraws) as usize);
    let winners = draw.winners.iter().flatten().map(|winner| entered::hash(draw.id, winner));
    let is_right = is_frozen && draw.winners.as_ref().is_none_or(|_| winners.eq(order.iter().cloned()));
    (!is_right).then(|| format!("the list of {draw:?} is {list:?}, which gives {order:?}"))
}

/// One key is one draw, and one redraw: what was acknowledged happened once, and of the rest nothing happened twice.
fn asked(history: &History, breaches: &mut Breaches) {
    let (mut starting, mut redrawing, mut redrawn): (usize, BTreeMap<u64, u64>, BTreeMap<u64, u64>) =
        Default::default();
    for event in &history.events {
        match event {
            Event::Draws(DrawEvent::Starting { .. }) => starting += 1,
            Event::Draws(DrawEvent::Changing { id, is_redraw: true }) => *redrawing.entry(*id).or_default() += 1,
            Event::Draws(DrawEvent::Changed(draw)) => drop(redrawn.insert(draw.id, draw.redraws)),
            _ => {}
        }
    }
    if history.end.draws.len() > starting {
        breaches.add(Rule::Draws, format!("{starting} draws were asked for: {:?}", history.end.draws));
    }
    let of = |counts: &BTreeMap<u64, u64>, id: &u64| counts.get(id).copied().unwrap_or_default();
    for (id, StoredDraw { draw, .. }) in &history.end.draws {
        if !(of(&redrawn, id)..=of(&redrawing, id)).contains(&draw.redraws) {
            breaches.add(Rule::Draws, format!("{} redraws of {draw:?} were asked for", of(&redrawing, id)));
        }
    }
}

/// Whether a draw was told as it is at the end, or was before.
fn agrees(told: &Draw, stored: &StoredDraw) -> bool {
    let end = &stored.draw;
    let is_part = |told: &Option<String>, end: &Option<String>| told.is_none() || told == end;
    let winners = told.winners.as_ref().is_none_or(|winners| {
        let entrants = told.frozen.as_ref().map_or(0, |(entrants, _)| *entrants);
        let is_beginning = end.winners.as_ref().is_some_and(|all| all.starts_with(winners));
        is_beginning && winners.len() as u64 == entrants.min(told.wanted + told.redraws)
    });
    let frozen = told.frozen.is_none() || told.frozen == end.frozen;
    let seed = entered::bytes(end.seed.as_deref().unwrap_or_default());
    told.commitment == entered::sha256(&seed)
        && told.seed.is_some() == told.winners.is_some()
        && is_part(&told.seed, &end.seed)
        && (end.cancelled || !told.cancelled)
        && winners
        && frozen
}

/// What was told so far: the latest version, and how far each draw was.
#[derive(Clone, Default)]
struct Known {
    version: u64,
    progress: BTreeMap<u64, u64>,
}

impl Known {
    fn learn(&mut self, version: Option<u64>, draws: &[Draw]) {
        self.version = self.version.max(version.unwrap_or_default());
        for draw in draws {
            let known = self.progress.entry(draw.id).or_default();
            *known = draw.progress().max(*known);
        }
    }

    /// What a read lacks that was told before it began.
    fn lacks(&self, version: Option<u64>, draws: &[Draw]) -> bool {
        let is_old = |draw: &Draw| self.progress.get(&draw.id).is_some_and(|known| draw.progress() < *known);
        let is_listed = |id: &u64| draws.iter().any(|draw| draw.id == *id);
        let lacks_one = version.is_none() && !self.progress.keys().all(is_listed);
        version.is_some_and(|version| version < self.version) || draws.iter().any(is_old) || lacks_one
    }
}

/// Everybody is told the same; without a crash, no socket hears of an older state after a newer one; and no read is older than what was told before it.
fn told(history: &History, breaches: &mut Breaches) {
    let (mut known, mut reads): (Known, BTreeMap<u64, Known>) = Default::default();
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for event in &history.events {
        let Event::Draws(event) = event else { continue };
        let (version, draws) = match event {
            DrawEvent::Started(draw) | DrawEvent::Changed(draw) => (None, std::slice::from_ref(draw)),
            DrawEvent::Heard { version, draw, socket } => {
                let before = last.insert(*socket, *version).unwrap_or_default();
                // A broadcast that was killed may have left a post under way.
                if *version < before && !history.may_repeat {
                    breaches.add(Rule::Draws, format!("socket {socket} heard version {version} after {before}"));
                }
                (Some(*version), std::slice::from_ref(draw))
            }
            DrawEvent::Read { read, version, draws, .. } => {
                if reads.get(read).is_some_and(|before| before.lacks(*version, draws)) {
                    breaches.add(Rule::Draws, format!("a read is older than what was told: {event:?}"));
                }
                (*version, draws.as_slice())
            }
            DrawEvent::Reading { read } => {
                reads.insert(*read, known.clone());
                continue;
            }
            DrawEvent::Listed { id, list } => {
                let stored = history.end.draws.get(id).map(|stored| &stored.list);
                if stored != Some(list) {
                    breaches.add(Rule::Draws, format!("{list:?} are listed in {id}, but the rows have {stored:?}"));
                }
                continue;
            }
            DrawEvent::Starting { .. } | DrawEvent::Changing { .. } => continue,
        };
        known.learn(version, draws);
        for draw in draws {
            let stored = history.end.draws.get(&draw.id);
            if !stored.is_some_and(|stored| agrees(draw, stored)) {
                breaches.add(Rule::Draws, format!("{draw:?} was told, but the row is {stored:?}"));
            }
        }
    }
}

/// `status` tells the draw that changed last, and every open socket has it: from a frame, or from the `status` that its client read.
fn newest(history: &History, breaches: &mut Breaches) {
    let (version, id) = history.end.last_draw;
    let (in_status, draw) = &history.end.draw_in_status;
    let is_right = match (draw, history.end.draws.get(&id)) {
        (Some(told), Some(stored)) => told.progress() == stored.draw.progress() && agrees(told, stored),
        (told, stored) => told.is_none() && stored.is_none(),
    };
    if *in_status != version || !is_right {
        breaches.add(Rule::Draws, format!("status tells version {in_status} of {draw:?}, but it is {version} of {id}"));
    }
    if history.may_miss {
        return;
    }
    let told = |event: &Event| match event {
        Event::Draws(
            DrawEvent::Heard { socket, version, .. }
            | DrawEvent::Read { socket: Some(socket), version: Some(version), .. },
        ) => Some((*socket, *version)),
        _ => None,
    };
    for (socket, known) in Sockets::behind(history, version, told) {
        breaches.add(Rule::Draws, format!("socket {socket} knows version {known} of the draws, which is {version}"));
    }
}
