//! The rooms that a warm function has served lately, and what it has deferred for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::broadcast::deferral::Deferral;
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
    /// What `flush-later` was invoked for last.
    deferral: Option<Deferral>,
}

impl KnownRooms {
    /// Notes that records of a session have come.
    pub(super) fn note(&self, session_id: u64, now: Instant) {
        let mut rooms = self.lock();
        rooms.retain(|_, room| now.duration_since(room.served) < REMEMBERED);
        rooms.entry(session_id).or_insert(KnownRoom { served: now, deferral: None }).served = now;
    }

    /// Whether rooms of other sessions may wait for the end of a turn.
    pub(super) fn others_wait(&self, session_id: u64) -> bool {
        self.lock().keys().any(|known| *known != session_id)
    }

    /// Whether a deferral that is under way does everything that is pending: its turn reads the tables after now.
    pub(super) fn is_deferred(&self, session_id: u64, pending: &Pending, now_ms: i64) -> bool {
        let topics = &pending.wake_up.topics;
        let is_of_topics = pending.wake_up == WakeUp { topics: topics.clone(), ..WakeUp::default() };
        let rooms = self.lock();
        let deferral = rooms.get(&session_id).and_then(|room| room.deferral.as_ref());
        is_of_topics
            && !topics.is_empty()
            && deferral.is_some_and(|known| now_ms + MAX_SKEW_MS < known.due_ms && topics.is_subset(&known.topics))
    }

    /// Whether `flush-later` must be invoked for a deferral. If it was for an earlier time that is still to come, that turn finds the
    /// topics in the cursor.
    pub(super) fn must_invoke(&self, deferral: &Deferral, now_ms: i64) -> bool {
        let mut rooms = self.lock();
        let known = rooms.get_mut(&deferral.session_id).and_then(|room| room.deferral.as_mut());
        let Some(known) =
            known.filter(|known| now_ms + MAX_SKEW_MS < known.due_ms && known.due_ms <= deferral.due_ms + MAX_SKEW_MS)
        else {
            return true;
        };
        known.topics.extend(&deferral.topics);
        false
    }

    /// Notes that `flush-later` was invoked.
    pub(super) fn note_invocation(&self, deferral: Deferral) {
        if let Some(room) = self.lock().get_mut(&deferral.session_id) {
            room.deferral = Some(deferral);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, KnownRoom>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn a_deferral_that_is_under_way_serves_the_topics_that_it_knows() {
        let rooms = KnownRooms::default();
        rooms.note(1, Instant::now());
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes]), 100), "nothing is deferred");
        let first = deferral(1000, &[Topic::Likes]);
        assert!(rooms.must_invoke(&first, 100));
        rooms.note_invocation(first);
        assert!(rooms.is_deferred(1, &of(&[Topic::Likes]), 100));
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes, liked()]), 100), "it may not know of the message");
        assert!(!rooms.is_deferred(1, &of(&[Topic::Likes]), 950), "it may have looked already");
        assert!(!rooms.is_deferred(2, &of(&[Topic::Likes]), 100), "of another session");
        assert!(!rooms.is_deferred(1, &of(&[]), 100), "a look at the session is asked for");
        let mut message = of(&[Topic::Likes]);
        message.wake_up.flush_up_to = 7;
        assert!(!rooms.is_deferred(1, &message, 100), "a message does not wait");
    }

    #[test]
    fn one_invocation_serves_what_is_deferred_until_then() {
        let rooms = KnownRooms::default();
        rooms.note(1, Instant::now());
        rooms.note_invocation(deferral(1000, &[Topic::Likes]));
        assert!(!rooms.must_invoke(&deferral(1000, &[liked()]), 100), "the cursor has it");
        assert_eq!(
            rooms.lock()[&1].deferral.as_ref().map(|known| known.topics.clone()),
            Some(BTreeSet::from([liked(), Topic::Likes]))
        );
        assert!(rooms.must_invoke(&deferral(500, &[Topic::Viewers]), 100), "it is due sooner");
        assert!(rooms.must_invoke(&deferral(1300, &[Topic::Likes]), 1000), "the first may be over");
    }
}
