//! One turn: the holder of a session's lease flushes what is new, until nothing is left or its time is up.
//!
//! [`SessionTurn::run`] walks the states of [`Turn`]; [`SessionTurn::flush`] is the normal path. The other files hold its steps, in
//! the order in which it takes them: `entries` (new messages), `pins`, `polls`, `due` (topics), `notices`, `post`, `report`; then the rare ones:
//! `reconcile` (lost wake-ups), `requests` and `close` (the end of sockets).

mod close;
mod due;
mod entries;
mod notices;
mod outbox;
mod pins;
mod polls;
mod post;
mod reconcile;
mod report;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use self::outbox::Outbox;
use self::report::FlushReport;
use crate::broadcast::catch_up::CatchUp;
use crate::broadcast::cursor::Cursor;
use crate::broadcast::deferral::Deferral;
use crate::broadcast::lease::{Interrupted, Lease};
use crate::broadcast::pending::Pending;
use crate::broadcast::room::Room;
use crate::domain::broadcast::lifecycle::Lifecycle;
use crate::domain::broadcast::turn::{Facts, Lag, Turn};
use crate::features::sockets::store_outbox::StoredNotice;

/// A turn of one session.
pub(super) struct SessionTurn {
    room: Room,
    lease: Lease,
    cursor: Cursor,
    pending: Pending,
    catch_up: CatchUp,
    outbox: Outbox,
    seen: Seen,
    timing: Timing,
    /// Whether rooms of other sessions may wait for the end of the turn.
    others_wait: bool,
    was_done: bool,
}

/// What a turn leaves.
pub(super) struct Rest {
    /// The pending work.
    pub(super) pending: Pending,
    /// The number up to which everything is settled.
    pub(super) settled: u64,
    /// The topics that were not due, if others wait.
    pub(super) deferrals: Vec<Deferral>,
    /// Whether all topics that were deferred before had been flushed when the turn began.
    pub(super) was_done: bool,
}

/// The last look of the turn at the tables.
struct Seen {
    /// The number of sockets of the room; 0 before the first look.
    room_size: usize,
    /// A number that is missing below a stored one.
    gap: Option<Gap>,
    lifecycle: Lifecycle,
}

/// A missing number, and the time since which the turn knows of it.
#[derive(Clone, Copy)]
struct Gap {
    seq: u64,
    since: Instant,
}

struct Timing {
    begun: Instant,
    /// The time of the oldest record that the turn serves, in milliseconds since 1970.
    oldest_record_ms: i64,
    last_flush: Instant,
    /// The time by which the invocation must have ended.
    deadline: Instant,
}

impl SessionTurn {
    /// Begins a turn with the lease that was just taken.
    pub(super) fn begin(
        room: Room,
        lease: Lease,
        cursor: Cursor,
        mut pending: Pending,
        deadline: Instant,
        others_wait: bool,
    ) -> SessionTurn {
        let now = Instant::now();
        let was_done = pending.add_deferred(&cursor);
        let oldest_record_ms = match pending.due_ms {
            // Without a record, it tells nothing of the stream.
            Some(_) => cursor.reconciled.turn_ms,
            None => room.now_ms() - pending.waited_ms,
        };
        SessionTurn {
            catch_up: CatchUp::new(room.clone()),
            outbox: Outbox::default(),
            seen: Seen { room_size: 0, gap: None, lifecycle: Lifecycle::Open },
            timing: Timing { begun: now, oldest_record_ms, last_flush: now, deadline },
            room,
            lease,
            cursor,
            pending,
            others_wait,
            was_done,
        }
    }

    /// Flushes until nothing is left or the turn is over.
    pub(super) async fn run(&mut self) -> Result<(), Interrupted> {
        self.learn_lifecycle().await?;
        self.reconcile().await?;
        self.help_lagging().await?;
        let mut turn = Turn::Flushing;
        loop {
            let flushed = self.flush().await?;
            let mut next = turn.next(&self.facts(flushed));
            if next != Turn::Flushing && self.close_requested().await? {
                // Closing sockets took time.
                next = turn.next(&self.facts(flushed));
            }
            turn = next;
            match turn {
                Turn::Flushing => {}
                Turn::Waiting(pause) => self.wait(pause).await?,
                Turn::Draining(pause) => {
                    self.catch_up.pause();
                    self.wait(pause).await?;
                }
                Turn::Closing => return self.close_room().await,
                Turn::Ending => {
                    // From here on no task begins another post. One may have begun a moment ago, on another thread.
                    self.catch_up.pause();
                    if self.catch_up.lag() != Lag::Posting || Instant::now() >= self.timing.deadline {
                        return Ok(());
                    }
                    turn = Turn::Draining(Duration::ZERO);
                }
            }
        }
    }

    /// The normal path: read what is new, post it to the room, move the cursor; `false` if nothing was new.
    async fn flush(&mut self) -> Result<bool, Interrupted> {
        let began = Instant::now();
        let entries = self.read_entries().await?;
        Box::pin(self.unpin_gone(&entries)).await?;
        Box::pin(self.end_due_polls()).await?;
        let topics = self.due_topics().await?;
        let notices = self.read_notices().await?;
        let events = self.events(&entries, &topics, &notices).await?;
        let is_new = !entries.is_empty() || !events.is_empty() || !notices.rows.is_empty();
        if is_new {
            let mut report = FlushReport::new(began, &events, &entries, self.pending.causes_of(&topics));
            report.add_traces(notices.rows.iter().filter_map(StoredNotice::trace));
            self.post(&events, &mut report).await?;
            self.advance(&entries).await?;
            self.timing.last_flush = Instant::now();
            report.publish(&self.room, self.seen.room_size);
        }
        // Only now, because a turn that loses its lease before starts over with all of them.
        self.pending.remove(&topics);
        if is_new {
            self.lease.commit(&self.cursor).await?;
        }
        self.settle_notices(notices).await?;
        Ok(is_new)
    }

    fn facts(&mut self, flushed: bool) -> Facts {
        Facts {
            flushed,
            has_gap: self.seen.gap.is_some(),
            session_ended: self.seen.lifecycle.has_ended(),
            next_topic: self.next_topic(),
            lag: self.lag(),
            others_wait: self.others_wait,
            is_served: self.pending.wake_up.is_served(self.cursor.seq),
            elapsed: self.timing.begun.elapsed(),
            since_flush: self.timing.last_flush.elapsed(),
            time_left: self.timing.deadline.saturating_duration_since(Instant::now()),
        }
    }

    /// Waits, but no longer than until a task of a lagging socket ends.
    async fn wait(&mut self, pause: Duration) -> Result<(), Interrupted> {
        self.lease.renew_if_due().await?;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.catch_up.wait_for_one() => {}
        }
        Ok(())
    }

    /// Ends the turn.
    pub(super) async fn end(mut self, outcome: &Result<(), Interrupted>) -> Rest {
        self.pending.wake_up.lagging = self.catch_up.lag() != Lag::None;
        let is_noted = self.catch_up.stop().await;
        self.leave_outbox(is_noted).await;
        let was_done = self.was_done;
        if outcome.is_err() {
            self.lease.release().await;
            return Rest { pending: self.pending, settled: self.cursor.seq, deferrals: Vec::new(), was_done };
        }
        let left = self.pending.wake_up.topics.clone();
        let deferrals = if self.others_wait { self.take_deferrals() } else { Vec::new() };
        let is_noted = self.lease.end_turn(self.timing.oldest_record_ms, &left).await;
        let deferrals = if is_noted { deferrals } else { Vec::new() };
        if !is_noted {
            self.pending.wake_up.topics = left;
        }
        Rest { pending: self.pending, settled: self.cursor.seq, deferrals, was_done }
    }

    /// Takes the topics that are not due, by their names.
    fn take_deferrals(&mut self) -> Vec<Deferral> {
        let now_ms = self.room.now_ms();
        let mut by_name: BTreeMap<Option<&str>, Deferral> = BTreeMap::new();
        for topic in self.pending.wake_up.topics.clone() {
            let wait_ms = self.wait_of(topic, now_ms).as_millis() as i64;
            if wait_ms > 0 {
                let (session_id, due_ms) = (self.room.session_id, now_ms + wait_ms);
                let deferral = || Deferral { session_id, due_ms, topics: BTreeSet::new() };
                by_name.entry(topic.name()).or_insert_with(deferral).topics.insert(topic);
                self.pending.wake_up.topics.remove(&topic);
            }
        }
        by_name.into_values().collect()
    }
}
