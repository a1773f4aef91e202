//! The rooms that a warm function has served lately, and what it has deferred for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::broadcast::deferral::{Deferral, Now};
use crate::broadcast::pending::Pending;
use crate::broadcast::topic::Topic;
use crate::broadcast::wake_up::WakeUp;

/// A room without a record for this long waits for no other's turn.
const REMEMBERED: Duration = Duration::from_secs(600);
/// A deferral is relied on until this long before it is due: another function's clock may be ahead, and serve it sooner.
const MAX_SKEW_MS: i64 = 50;
/// After an invocation of `flush-later` that failed, turns wait for their topics for so long, whoever else waits.
const PAUSE: Duration = Duration::from_secs(5);

/// The rooms that a warm function has served lately.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownRooms(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    rooms: HashMap<u64, KnownRoom>,
    paused_until: Option<Instant>,
}

#[derive(Debug)]
struct KnownRoom {
    served: Instant,
    /// What `flush-later` was invoked for last, by the names of topics.
    under_way: HashMap<Option<&'static str>, UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    deferral: Deferral,
    /// It is due by then, wherever the clock jumps meanwhile.
    until: Instant,
}

impl KnownRooms {
    /// Notes that records of a session have come.
    pub(super) fn note(&self, session_id: u64, now: Instant) {
        let rooms = &mut self.lock().rooms;
        rooms.retain(|_, room| now.duration_since(room.served) < REMEMBERED);
        rooms.entry(session_id).or_insert(KnownRoom { served: now, under_way: HashMap::new() }).served = now;
    }

    /// Whether a turn makes way for rooms of other sessions: there are some, and `flush-later` accepts what it defers.
    pub(super) fn others_wait(&self, session_id: u64, now: Instant) -> bool {
        let known = self.lock();
        known.paused_until.is_none_or(|until| now >= until) && known.rooms.keys().any(|known| *known != session_id)
    }

    /// Whether deferrals that are under way do everything that is pending: their turns read the tables after now.
    pub(super) fn is_deferred(&self, session_id: u64, pending: &Pending, now: Now) -> bool {
        let topics = &pending.wake_up.topics;
        let is_of_topics = pending.wake_up == WakeUp { topics: topics.clone(), ..WakeUp::default() };
        let known = self.lock();
        let Some(room) = known.rooms.get(&session_id).filter(|_| is_of_topics && !topics.is_empty()) else {
            return false;
        };
        let is_known = |topic: &Topic| {
            let known = room.under_way.get(&topic.name());
            known.is_some_and(|known| known.is_to_come(now) && known.deferral.topics.contains(topic))
        };
        topics.iter().all(is_known)
    }

    /// Notes what a turn that ended well has deferred, and returns that for which `flush-later` must be invoked. If it was for the same
    /// name and an earlier time that is still to come, that turn finds the topics in the cursor.
    pub(super) fn note_turn(&self, session_id: u64, deferrals: Vec<Deferral>, now: Now) -> Vec<Deferral> {
        let mut known = self.lock();
        let Some(room) = known.rooms.get_mut(&session_id) else { return deferrals };
        // What the turn flushed is deferred no more.
        room.under_way.retain(|name, _| deferrals.iter().any(|deferral| deferral.name() == *name));
        let is_new = |deferral: &Deferral| match room.under_way.get_mut(&deferral.name()) {
            Some(known) if known.is_to_come(now) && known.deferral.due_ms <= deferral.due_ms + MAX_SKEW_MS => {
                known.deferral.topics.clone_from(&deferral.topics);
                false
            }
            _ => true,
        };
        deferrals.into_iter().filter(is_new).collect()
    }

    /// Notes that `flush-later` was invoked.
    pub(super) fn note_invocation(&self, deferral: Deferral, now: Now) {
        if let Some(room) = self.lock().rooms.get_mut(&deferral.session_id) {
            let until = now.at + deferral.wait(now.ms);
            room.under_way.insert(deferral.name(), UnderWay { until, deferral });
        }
    }

    /// Notes that an invocation failed.
    pub(super) fn pause(&self, now: Instant) {
        self.lock().paused_until = Some(now + PAUSE);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// Whether its turn surely comes later than now.
    fn is_to_come(&self, now: Now) -> bool {
        let margin = Duration::from_millis(MAX_SKEW_MS as u64);
        now.ms + MAX_SKEW_MS < self.deferral.due_ms && now.at + margin < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageId;

    fn liked() -> Topic {
        Topic::MessageLikes(MessageId::new(1, 3))
    }

    fn of(topics: &[Topic]) -> Pending {
        let topics = topics.iter().copied().collect();
        Pending { wake_up: WakeUp { topics, ..WakeUp::default() }, ..Pending::default() }
    }

    /// A time of the clock, at this moment.
    fn at(ms: i64) -> Now {
        Now { ms, at: Instant::now() }
    }

    fn deferral(due_ms: i64, topics: &[Topic]) -> Deferral {
        Deferral { session_id: 1, due_ms, topics: topics.iter().copied().collect() }
    }

    /// Rooms after a turn of the first session that deferred this, for which `flush-later` was invoked.
    fn deferred(deferral: Deferral) -> KnownRooms {
        let rooms = KnownRooms::default();
        rooms.note(1, Instant::now());
        for new in rooms.note_turn(1, vec![deferral], at(100)) {
            rooms.note_invocation(new, at(100));
        }
        rooms
    }

    #[test]
    fn a_room_without_records_waits_for_no_other() {
        let (rooms, now) = (KnownRooms::default(), Instant::now());
        rooms.note(1, now);
        assert!(!rooms.others_wait(1, now));
        rooms.note(2, now);
        assert!(rooms.others_wait(1, now) && rooms.others_wait(2, now));
        rooms.note(1, now + REMEMBERED);
        assert!(!rooms.others_wait(1, now + REMEMBERED));
    }

    #[test]
    fn no_turn_makes_way_while_nothing_can_be_deferred() {
        let (rooms, now) = (KnownRooms::default(), Instant::now());
        rooms.note(1, now);
        rooms.note(2, now);
        rooms.pause(now);
        assert!(!rooms.others_wait(1, now + PAUSE / 2));
        assert!(rooms.others_wait(1, now + PAUSE));
    }

    #[test]
    fn a_clock_that_jumps_keeps_no_topic() {
        let begun = Instant::now();
        let rooms = KnownRooms::default();
        rooms.note(1, begun);
        rooms.note_invocation(deferral(1000, &[Topic::Likes]), Now { ms: 0, at: begun });
        let likes = of(&[Topic::Likes]);
        let after = |ms| begun + Duration::from_millis(ms);
        assert!(rooms.is_deferred(1, &likes, Now { ms: -3_600_000, at: after(500) }), "its turn is to come");
        assert!(!rooms.is_deferred(1, &likes, Now { ms: -3_600_000, at: after(1000) }), "an hour back");
        assert!(!rooms.is_deferred(1, &likes, Now { ms: 3_600_000, at: after(500) }), "an hour forward");
    }

    #[test]
    fn a_deferral_that_is_under_way_serves_the_topics_that_it_knows() {
        let rooms = deferred(deferral(1000, &[Topic::Likes]));
        assert!(rooms.is_deferred(1, &of(&[Topic::Likes]), at(100)));
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes, liked()]), at(100)), "it may not know of the message");
        assert!(
            !rooms.is_deferred(1, &of(&[Topic::Likes, Topic::Viewers]), at(100)),
            "viewers are due at another time"
        );
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes]), at(950)), "it may have looked already");
        assert!(!rooms.is_deferred(2, &of(&[Topic::Likes]), at(100)), "of another session");
        assert!(!rooms.is_deferred(1, &of(&[]), at(100)), "a look at the session is asked for");
        let mut message = of(&[Topic::Likes]);
        message.wake_up.flush_up_to = 7;
        assert!(!rooms.is_deferred(1, &message, at(100)), "a message does not wait");
    }

    #[test]
    fn one_invocation_serves_a_name_until_it_is_due() {
        let rooms = deferred(deferral(1000, &[Topic::Likes]));
        let both = deferral(1000, &[liked(), Topic::Likes]);
        assert_eq!(rooms.note_turn(1, vec![both], at(100)), [], "the cursor has it");
        assert!(rooms.is_deferred(1, &of(&[liked()]), at(100)));
        let sooner = deferral(500, &[Topic::Likes]);
        assert_eq!(rooms.note_turn(1, vec![sooner.clone()], at(100)), [sooner]);
        let later = deferral(1300, &[Topic::Likes]);
        assert_eq!(rooms.note_turn(1, vec![later.clone()], at(1000)), [later], "the first may be over");
        let (likes, viewers) = (deferral(1000, &[Topic::Likes]), deferral(2000, &[Topic::Viewers]));
        let rooms = deferred(likes.clone());
        assert_eq!(rooms.note_turn(1, vec![likes, viewers.clone()], at(100)), [viewers], "each name has its own");
    }

    #[test]
    fn what_a_turn_has_flushed_is_deferred_no_more() {
        let rooms = deferred(deferral(1000, &[liked(), Topic::Likes]));
        assert_eq!(rooms.note_turn(1, vec![deferral(1000, &[Topic::Likes])], at(100)), []);
        assert!(!rooms.is_deferred(1, &of(&[liked()]), at(100)), "the cursor does not name it");
        assert_eq!(rooms.note_turn(1, Vec::new(), at(100)), []);
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes]), at(100)));
    }
}
