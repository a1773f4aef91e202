//! Draws whose winners, lists or seeds are others, that are told in two ways, lost, or not told.

use super::super::entered::{hash, sha256};
use super::polls::{entry, voted};
use super::*;

const ID: u64 = 10_001;
const VOTERS: [&str; 3] = ["ann", "bob", "cem"];

/// The draw after its last redraw: one winner was wanted, and another one was drawn.
fn revealed() -> Draw {
    let mut order = VOTERS.map(|user| (sha256(&[[7; 32], bytes_of(user)].concat()), user.to_owned()));
    order.sort();
    Draw {
        seed: Some("07".repeat(32)),
        winners: Some(order.into_iter().take(2).map(|(_, user)| user).collect()),
        redraws: 1,
        ..frozen()
    }
}

fn bytes_of(user: &str) -> [u8; 32] {
    super::super::entered::bytes(&hash(ID, user)).try_into().expect("32 bytes")
}

fn list() -> Vec<String> {
    let mut list = VOTERS.map(|user| hash(ID, user)).to_vec();
    list.sort();
    list
}

fn frozen() -> Draw {
    let lines = list().join("\n") + "\n";
    let commitment = sha256(&[7; 32]);
    Draw { id: ID, wanted: 1, commitment, frozen: Some((3, sha256(lines.as_bytes()))), ..Draw::default() }
}

/// The draw with so many winners.
fn with_winners(count: usize) -> Draw {
    let mut draw = revealed();
    draw.winners.as_mut().expect("winners").truncate(count);
    Draw { redraws: count as u64 - 1, ..draw }
}

fn heard_draw(version: u64, draw: &Draw) -> Event {
    DrawEvent::Heard { socket: 1, version, draw: draw.clone() }.into()
}

fn reading(read: u64) -> Event {
    DrawEvent::Reading { read }.into()
}

fn read(read: u64, version: Option<u64>, draws: Vec<Draw>) -> Event {
    DrawEvent::Read { read, socket: None, version, draws }.into()
}

/// A good history with a draw among three voters, which is revealed and drawn again.
fn with_draw(history: &mut History) {
    history.events.extend(VOTERS.iter().flat_map(|user| voted(user, 0)));
    let freezing = Draw { frozen: None, ..frozen() };
    history.events.extend([
        DrawEvent::Starting { poll: 10_007 }.into(),
        heard_draw(1, &freezing),
        heard_draw(2, &frozen()),
        DrawEvent::Started(frozen()).into(),
        reading(90),
        read(90, None, vec![frozen()]),
        DrawEvent::Changing { id: ID, is_redraw: false }.into(),
        DrawEvent::Changed(with_winners(1)).into(),
        DrawEvent::Changing { id: ID, is_redraw: true }.into(),
        heard_draw(4, &revealed()),
        DrawEvent::Changed(revealed()).into(),
        reading(91),
        read(91, Some(4), vec![revealed()]),
    ]);
    // The votes are those of that poll.
    for event in &mut history.events {
        if let Event::Voting { poll, .. } | Event::Voted { poll, .. } = event {
            *poll = 10_007;
        }
    }
    let votes = VOTERS.map(|user| (user.to_owned(), 0)).into();
    history.end.polls.insert(10_007, StoredPoll { result: None, counted: vec![3], votes });
    history.end.draws.insert(ID, StoredDraw { draw: revealed(), poll: 10_007, list: list() });
    (history.end.last_draw, history.end.draw_in_status) = ((4, ID), (4, Some(revealed())));
    history.end.entries.extend(["start_poll", "start_draw", "reveal_draw", "redraw"].map(entry));
    history.end.log.extend(history.end.entries.iter().map(|entry| entry.id.clone()));
}

fn broken_with_draw(change: impl FnOnce(&mut History)) -> BTreeSet<Rule> {
    broken(|history| {
        with_draw(history);
        change(history);
    })
}

/// The rules that are broken if the draw was stored, answered and told so from its last step on.
fn broken_by(draw: &Draw) -> BTreeSet<Rule> {
    broken_with_draw(|history| {
        for event in &mut history.events {
            if let Event::Draws(
                DrawEvent::Changed(told) | DrawEvent::Heard { draw: told, .. } | DrawEvent::Started(told),
            ) = event
                && told.winners.is_some()
            {
                *told = Draw {
                    winners: draw.winners.clone().map(|all| all[..1 + told.redraws as usize].to_vec()),
                    ..draw.clone()
                };
                told.redraws = told.winners.as_ref().map_or(0, Vec::len) as u64 - 1;
            } else if let Event::Draws(DrawEvent::Read { draws, version: Some(_), .. }) = event {
                *draws = vec![draw.clone()];
            }
        }
        stored(history).draw = draw.clone();
        history.end.draw_in_status.1 = Some(draw.clone());
    })
}

fn stored(history: &mut History) -> &mut StoredDraw {
    history.end.draws.get_mut(&ID).expect("the draw")
}

fn place_of(history: &History, event: &Event) -> usize {
    history.events.iter().position(|one| one == event).expect("the event")
}

#[test]
fn a_draw_that_everybody_can_check_is_good() {
    assert_eq!(broken_with_draw(|_| {}), BTreeSet::new());
    assert_eq!(broken_by(&revealed()), BTreeSet::new());
}

#[test]
fn winners_that_do_not_follow_from_seed_and_list_are_wrong() {
    let mut winners = revealed().winners.expect("winners");
    winners.reverse();
    assert_eq!(broken_by(&Draw { winners: Some(winners), ..revealed() }), only(Rule::Draws));
    let other_seed = Draw { seed: Some("08".repeat(32)), ..revealed() };
    assert_eq!(broken_by(&other_seed), only(Rule::Draws));
    assert_eq!(broken_with_draw(|history| stored(history).list.reverse()), only(Rule::Draws));
    assert_eq!(broken_with_draw(|history| drop(stored(history).list.pop())), only(Rule::Draws));
}

#[test]
fn whoever_is_told_another_winner_seed_or_list_is_told_wrong() {
    let other = |change: fn(&mut Draw)| {
        broken_with_draw(|history| {
            let mut draw = revealed();
            change(&mut draw);
            history.events.push(heard_draw(4, &draw));
        })
    };
    assert_eq!(other(|_| {}), BTreeSet::new());
    assert_eq!(other(|draw| draw.winners = Some(vec!["eve".to_owned(), "ann".to_owned()])), only(Rule::Draws));
    assert_eq!(other(|draw| drop(draw.winners.as_mut().expect("winners").pop())), only(Rule::Draws), "one too few");
    assert_eq!(other(|draw| draw.seed = None), only(Rule::Draws));
    assert_eq!(other(|draw| draw.commitment = "0".repeat(64)), only(Rule::Draws));
    assert_eq!(other(|draw| draw.frozen = Some((3, "0".repeat(64)))), only(Rule::Draws));
    let early = |history: &mut History| {
        let draw = Draw { seed: revealed().seed, ..frozen() };
        let place = place_of(history, &heard_draw(2, &frozen()));
        history.events.insert(place, heard_draw(2, &draw));
    };
    assert_eq!(broken_with_draw(early), only(Rule::Draws), "a seed before the winners");
}

#[test]
fn whoever_reads_another_list_is_told_wrong() {
    let read =
        |list: Vec<String>| broken_with_draw(|history| history.events.push(DrawEvent::Listed { id: ID, list }.into()));
    assert_eq!(read(list()), BTreeSet::new());
    assert_eq!(read(list()[1..].to_vec()), only(Rule::Draws));
}

#[test]
fn a_version_that_goes_back_is_wrong_on_a_socket_and_in_a_read() {
    assert_eq!(
        broken_with_draw(|history| {
            let place = place_of(history, &heard_draw(4, &revealed()));
            history.events.insert(place + 1, heard_draw(3, &with_winners(1)));
        }),
        only(Rule::Draws)
    );
    for late in [read(92, Some(3), Vec::new()), read(92, None, vec![with_winners(1)]), read(92, None, Vec::new())] {
        assert_eq!(broken_with_draw(|history| history.events.extend([reading(92), late])), only(Rule::Draws));
    }
    let under_way = |history: &mut History| {
        let place = place_of(history, &heard_draw(4, &revealed()));
        history.events.insert(place, reading(92));
        history.events.push(read(92, Some(3), vec![with_winners(1)]));
    };
    assert_eq!(broken_with_draw(under_way), BTreeSet::new());
}

#[test]
fn an_acknowledged_draw_without_its_row_is_lost() {
    let lost = |history: &mut History| {
        history.end.draws.clear();
        (history.end.last_draw, history.end.draw_in_status) = ((0, 10_000), (0, None));
        history.end.entries.retain(|entry| entry.action == "start_poll");
        history.events.push(heard_draw(0, &frozen()));
    };
    assert_eq!(broken_with_draw(lost), only(Rule::Draws));
    let unfinished = |history: &mut History| {
        history
            .events
            .retain(|event| !matches!(event, Event::Draws(event) if !matches!(event, DrawEvent::Starting { .. })));
        let draw = Draw { frozen: None, winners: None, redraws: 0, ..revealed() };
        (stored(history).draw, stored(history).list) = (draw, Vec::new());
        let told = Draw { frozen: None, ..frozen() };
        history.events.push(heard_draw(1, &told));
        (history.end.last_draw, history.end.draw_in_status) = ((1, ID), (1, Some(told)));
        history.end.entries.retain(|entry| ["start_poll", "start_draw"].contains(&entry.action.as_str()));
    };
    assert_eq!(broken_with_draw(unfinished), only(Rule::Draws), "nobody has frozen its list");
}

#[test]
fn a_draw_has_one_entry_for_each_step_and_is_drawn_again_as_often_as_that_was_asked_for() {
    let without = |history: &mut History| history.end.entries.retain(|entry| entry.action != "reveal_draw");
    assert_eq!(broken_with_draw(without), only(Rule::Audit));
    let unasked = |history: &mut History| {
        let asked = DrawEvent::Changing { id: ID, is_redraw: true }.into();
        history.events.retain(|event| *event != asked);
    };
    assert_eq!(broken_with_draw(unasked), only(Rule::Draws));
    let twice = |history: &mut History| {
        let starting = DrawEvent::Starting { poll: 10_007 }.into();
        history.events.retain(|event| *event != starting);
    };
    assert_eq!(broken_with_draw(twice), only(Rule::Draws));
}

#[test]
fn whoever_had_voted_before_is_entered_and_whoever_votes_later_is_not() {
    let left_out = |history: &mut History| {
        let starting = DrawEvent::Starting { poll: 10_007 }.into();
        let place = place_of(history, &starting);
        let votes = voted("dan", 0).map(|mut event| {
            if let Event::Voting { poll, .. } | Event::Voted { poll, .. } = &mut event {
                *poll = 10_007;
            }
            event
        });
        history.events.splice(place..place, votes);
        let poll = history.end.polls.get_mut(&10_007).expect("the poll");
        (poll.counted, _) = (vec![4], poll.votes.insert("dan".to_owned(), 0));
    };
    assert_eq!(broken_with_draw(left_out), only(Rule::Draws));
    let too_late = |history: &mut History| {
        let is_of_cem =
            |event: &Event| matches!(event, Event::Voting { user, .. } | Event::Voted { user, .. } if user == "cem");
        let (late, others) = history.events.drain(..).partition::<Vec<_>, _>(is_of_cem);
        history.events = others;
        history.events.extend(late);
    };
    assert_eq!(broken_with_draw(too_late), only(Rule::Draws));
}

#[test]
fn an_open_socket_and_the_status_know_the_state_that_is_the_last() {
    let unheard = |history: &mut History| history.events.retain(|event| *event != heard_draw(4, &revealed()));
    assert_eq!(broken_with_draw(unheard), only(Rule::Draws));
    let informed = |history: &mut History| {
        unheard(history);
        history.events.push(DrawEvent::Read { read: 93, socket: Some(1), version: Some(4), draws: Vec::new() }.into());
    };
    assert_eq!(broken_with_draw(informed), BTreeSet::new());
    let may_miss = |history: &mut History| {
        unheard(history);
        history.may_miss = true;
    };
    assert_eq!(broken_with_draw(may_miss), BTreeSet::new());
    assert_eq!(broken_with_draw(|history| history.end.draw_in_status.0 = 3), only(Rule::Draws));
    assert_eq!(broken_with_draw(|history| history.end.draw_in_status.1 = Some(frozen())), only(Rule::Draws));
}
