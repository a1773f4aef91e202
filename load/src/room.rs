//! The room: viewers who join, and what they hear.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use hdrhistogram::Histogram;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::events::Events;
use crate::ledger::{Ledger, histogram, note};
use crate::transport::Connector;
use crate::viewer::{self, Answer, Outlet};
use crate::{LoadArgs, frames};

/// API Gateway meters so many bytes as one message.
const METERED_BYTES: usize = 32 * 1024;

/// What viewers and senders share.
pub(crate) struct Room {
    pub(crate) connector: Rc<Connector>,
    pub(crate) events: Events,
    pub(crate) ledger: RefCell<Ledger>,
    /// Rung when a message has reached everybody.
    pub(crate) heard_by_all: Notify,
    began: Instant,
    frames: Cell<Frames>,
    pings: Cell<u64>,
    pongs: Cell<u64>,
    closed: RefCell<BTreeMap<u16, u64>>,
}

/// Frames that viewers got, without answers to their own.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Frames {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    /// In units of 32 KB.
    pub(crate) metered: u64,
}

/// How the viewers came in.
pub(crate) struct Joins {
    pub(crate) seconds: f64,
    pub(crate) each: Histogram<u64>,
    pub(crate) outlets: Vec<Rc<Outlet>>,
    pub(crate) refused: BTreeMap<String, u64>,
}

impl Room {
    pub(crate) fn new(connector: &Rc<Connector>, events: Events, ledger: Ledger) -> Rc<Room> {
        Rc::new(Room {
            connector: Rc::clone(connector),
            events,
            ledger: RefCell::new(ledger),
            heard_by_all: Notify::new(),
            began: Instant::now(),
            frames: Cell::default(),
            pings: Cell::default(),
            pongs: Cell::default(),
            closed: RefCell::default(),
        })
    }

    /// Microseconds since the run began.
    pub(crate) fn now_us(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }

    /// When a time of the run is.
    pub(crate) fn instant(&self, us: u64) -> Instant {
        self.began + Duration::from_micros(us)
    }

    pub(crate) fn hear(&self, viewer: usize, frame: &[u8], at_us: u64) {
        let mut ledger = self.ledger.borrow_mut();
        let mut everybody_has_one = false;
        self.events.each_message(frame, |heard| {
            everybody_has_one |= ledger.hear(viewer, heard.seq, heard.number, at_us);
        });
        if everybody_has_one {
            self.heard_by_all.notify_waiters();
        }
    }

    /// An answer to a message of a sender who waits for it, or of one who does not.
    pub(crate) fn note_answer(&self, answer: &Answer, at_us: u64, outlet: &Outlet) {
        let nobody_waits = outlet.answers.borrow().as_ref().is_none_or(|answers| answers.send(answer.clone()).is_err());
        if nobody_waits {
            self.settle(answer, None, at_us);
        }
    }

    /// Enters an answer into the ledger.
    pub(crate) fn settle(&self, answer: &Answer, number: Option<usize>, at_us: u64) {
        let mut ledger = self.ledger.borrow_mut();
        match answer {
            Answer::Accepted { seq } => ledger.accept(*seq, number, at_us),
            Answer::Refused { code, .. } => ledger.refuse(code),
        }
    }

    pub(crate) fn note_frame(&self, bytes: usize) {
        let mut frames = self.frames.get();
        frames.count += 1;
        frames.bytes += bytes as u64;
        frames.metered += bytes.div_ceil(METERED_BYTES).max(1) as u64;
        self.frames.set(frames);
    }

    pub(crate) fn frames(&self) -> Frames {
        self.frames.get()
    }

    pub(crate) fn note_pong(&self) {
        self.pongs.set(self.pongs.get() + 1);
    }

    /// How many pings were sent, and answered.
    pub(crate) fn pings(&self) -> (u64, u64) {
        (self.pings.get(), self.pongs.get())
    }

    pub(crate) fn note_closed(&self, code: u16) {
        *self.closed.borrow_mut().entry(code).or_default() += 1;
    }

    /// Sockets that ended, by their close codes.
    pub(crate) fn closed(&self) -> BTreeMap<u16, u64> {
        self.closed.borrow().clone()
    }
}

/// Lets everybody join, so many at a time.
pub(crate) async fn join(room: &Rc<Room>, args: &LoadArgs, session: u64, tokens: &[String]) -> Joins {
    let begun = Instant::now();
    let mut joins =
        Joins { seconds: 0.0, each: histogram(), outlets: Vec::with_capacity(args.viewers), refused: BTreeMap::new() };
    let joining = (0..args.viewers).map(|viewer| {
        let token = &tokens[viewer / usize::from(args.sockets_per_user)];
        let batch = if is_batched(viewer, args.batched) { "&batch=1" } else { "" };
        let path = format!("/live-chat/ws/{session}?token={token}{batch}");
        async move {
            let begun = Instant::now();
            (viewer::join(room, viewer, &path).await, begun.elapsed())
        }
    });
    let mut joining = futures_util::stream::iter(joining).buffer_unordered(args.join_concurrency);
    while let Some((joined, took)) = joining.next().await {
        match joined {
            Ok(outlet) => {
                note(&mut joins.each, took.as_micros() as u64);
                joins.outlets.push(outlet);
            }
            Err(status) => *joins.refused.entry(status).or_default() += 1,
        }
    }
    joins.seconds = begun.elapsed().as_secs_f64();
    joins
}

/// Pings on every socket, one after the other, so that each has its turn once in this time.
pub(crate) async fn ping(room: Rc<Room>, outlets: Vec<Rc<Outlet>>, every: Duration) {
    let mut turns = tokio::time::interval(every / outlets.len().max(1) as u32);
    let ping = frames::text(br#"{"type":"ping"}"#);
    for outlet in outlets.iter().cycle() {
        turns.tick().await;
        if outlet.send(&ping).await.is_ok() {
            room.pings.set(room.pings.get() + 1);
        }
    }
}

/// Closes every socket, one after the other, within about this time.
pub(crate) async fn leave(outlets: &[Rc<Outlet>], within: Duration) {
    let every = (within / outlets.len().max(1) as u32).max(Duration::from_micros(1));
    let (mut turns, close) = (tokio::time::interval(every), frames::close());
    for outlet in outlets {
        turns.tick().await;
        let _it_may_be_gone_already = outlet.send(&close).await;
    }
}

/// Spreads those who want batches evenly over all.
fn is_batched(viewer: usize, percent: u8) -> bool {
    let before = |viewers: usize| viewers * usize::from(percent) / 100;
    before(viewer + 1) > before(viewer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_of_a_hundred_want_batches() {
        for percent in [0, 1, 50, 99, 100] {
            assert_eq!((0..100).filter(|viewer| is_batched(*viewer, percent)).count(), usize::from(percent));
        }
        assert!((0..10).all(|viewer| is_batched(viewer, 50) == (viewer % 2 == 1)));
    }
}
