//! The rooms that a warm function has served lately, and what it has deferred for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::broadcast::deferral::{Deferral, Now};
use crate::broadcast::pending::Pending;
use crate::broadcast::wake_up::WakeUp;

/// A room without a record for this long waits for no other's turn.
const REMEMBERED: Duration = Duration::from_secs(600);
/// A deferral is relied on until this long before it is due: another function's clock may be ahead, and serve it sooner.
const MAX_SKEW_MS: i64 = 50;

/// The rooms that a warm function has served lately.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownRooms(Arc<Mutex<HashMap<u64, KnownRoom>>>);

#[derive(Debug)]
struct KnownRoom {
    served: Instant,
    under_way: Option<UnderWay>,
}

/// What `flush-later` was invoked for last.
#[derive(Debug)]
struct UnderWay {
    deferral: Deferral,
    /// It is due by then, wherever the clock jumps meanwhile.
    until: Instant,
}

impl KnownRooms {
    /// Notes that records of a session have come.
    pub(super) fn note(&self, session_id: u64, now: Instant) {
        let mut rooms = self.lock();
        rooms.retain(|_, room| now.duration_since(room.served) < REMEMBERED);
        rooms.entry(session_id).or_insert(KnownRoom { served: now, under_way: None }).served = now;
    }

    /// Whether rooms of other sessions may wait for the end of a turn.
    pub(super) fn others_wait(&self, session_id: u64) -> bool {
        self.lock().keys().any(|known| *known != session_id)
    }

    /// Whether a deferral that is under way does everything that is pending: its turn reads the tables after now.
    pub(super) fn is_deferred(&self, session_id: u64, pending: &Pending, now: Now) -> bool {
        let topics = &pending.wake_up.topics;
        let is_of_topics = pending.wake_up == WakeUp { topics: topics.clone(), ..WakeUp::default() };
        let mut rooms = self.lock();
        let known = rooms.get_mut(&session_id).and_then(|room| room.waiting(now));
        is_of_topics && !topics.is_empty() && known.is_some_and(|known| topics.is_subset(&known.topics))
    }

    /// Whether `flush-later` must be invoked for a deferral. If it was for an earlier time that is still to come, that turn finds the
    /// topics in the cursor.
    pub(super) fn must_invoke(&self, deferral: &Deferral, now: Now) -> bool {
        let mut rooms = self.lock();
        let known = rooms.get_mut(&deferral.session_id).and_then(|room| room.waiting(now));
        match known.filter(|known| known.due_ms <= deferral.due_ms + MAX_SKEW_MS) {
            Some(known) => {
                known.topics.extend(&deferral.topics);
                false
            }
            None => true,
        }
    }

    /// Notes that `flush-later` was invoked.
    pub(super) fn note_invocation(&self, deferral: Deferral, now: Now) {
        if let Some(room) = self.lock().get_mut(&deferral.session_id) {
            room.under_way = Some(UnderWay { until: now.at + deferral.wait(now.ms), deferral });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, KnownRoom>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownRoom {
    /// The deferral whose turn surely comes later than now.
    fn waiting(&mut self, now: Now) -> Option<&mut Deferral> {
        let margin = Duration::from_millis(MAX_SKEW_MS as u64);
        let known = self.under_way.as_mut()?;
        (now.ms + MAX_SKEW_MS < known.deferral.due_ms && now.at + margin < known.until).then_some(&mut known.deferral)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::broadcast::topic::Topic;
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

    #[test]
    fn a_room_without_records_waits_for_no_other() {
        let (rooms, now) = (KnownRooms::default(), Instant::now());
        rooms.note(1, now);
        assert!(!rooms.others_wait(1));
        rooms.note(2, now);
        assert!(rooms.others_wait(1) && rooms.others_wait(2));
        rooms.note(1, now + REMEMBERED);
        assert!(!rooms.others_wait(1));
    }

    #[test]
    fn a_clock_that_jumps_keeps_no_topic() {
        let (rooms, begun) = (KnownRooms::default(), Instant::now());
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
        let rooms = KnownRooms::default();
        rooms.note(1, Instant::now());
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes]), at(100)), "nothing is deferred");
        let first = deferral(1000, &[Topic::Likes]);
        assert!(rooms.must_invoke(&first, at(100)));
        rooms.note_invocation(first, at(100));
        assert!(rooms.is_deferred(1, &of(&[Topic::Likes]), at(100)));
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes, liked()]), at(100)), "it may not know of the message");
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes]), at(950)), "it may have looked already");
        assert!(!rooms.is_deferred(2, &of(&[Topic::Likes]), at(100)), "of another session");
        assert!(!rooms.is_deferred(1, &of(&[]), at(100)), "a look at the session is asked for");
        let mut message = of(&[Topic::Likes]);
        message.wake_up.flush_up_to = 7;
        assert!(!rooms.is_deferred(1, &message, at(100)), "a message does not wait");
    }

    #[test]
    fn one_invocation_serves_what_is_deferred_until_then() {
        let rooms = KnownRooms::default();
        rooms.note(1, Instant::now());
        rooms.note_invocation(deferral(1000, &[Topic::Likes]), at(100));
        assert!(!rooms.must_invoke(&deferral(1000, &[liked()]), at(100)), "the cursor has it");
        assert_eq!(
            rooms.lock()[&1].under_way.as_ref().map(|known| known.deferral.topics.clone()),
            Some(BTreeSet::from([liked(), Topic::Likes]))
        );
        assert!(rooms.must_invoke(&deferral(500, &[Topic::Viewers]), at(100)), "it is due sooner");
        assert!(rooms.must_invoke(&deferral(1300, &[Topic::Likes]), at(1000)), "the first may be over");
    }
}
