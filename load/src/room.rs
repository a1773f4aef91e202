//! The state that viewers and senders share: the ledger, and counts of frames, pings and closes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::ledger::Ledger;
use crate::message_mark::MessageMark;
use crate::protocol::Protocol;
use crate::send_outcome::SendOutcome;
use crate::socket_writer::SocketWriter;
use crate::transport::Connector;

/// API Gateway meters so many bytes as one message.
const METERED_BYTES: usize = 32 * 1024;

/// See the module.
pub(crate) struct Room {
    pub(crate) connector: Rc<Connector>,
    pub(crate) protocol: Protocol,
    pub(crate) mark: MessageMark,
    pub(crate) ledger: RefCell<Ledger>,
    /// Notified when a message has reached all viewers.
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

impl Room {
    pub(crate) fn new(connector: &Rc<Connector>, protocol: Protocol, mark: MessageMark, ledger: Ledger) -> Rc<Room> {
        Rc::new(Room {
            connector: Rc::clone(connector),
            protocol,
            mark,
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
        self.mark.each_message(frame, |heard| {
            everybody_has_one |= ledger.hear(viewer, heard.seq, heard.number, at_us);
        });
        if everybody_has_one {
            self.heard_by_all.notify_waiters();
        }
    }

    /// Hands an answer to the sender that waits for it, or notes it.
    pub(crate) fn note_answer(&self, answer: &SendOutcome, at_us: u64, writer: &SocketWriter) {
        let nobody_waits = writer.answers.borrow().as_ref().is_none_or(|answers| answers.send(answer.clone()).is_err());
        if nobody_waits {
            self.settle(answer, None, at_us);
        }
    }

    /// Enters an answer into the ledger.
    pub(crate) fn settle(&self, answer: &SendOutcome, number: Option<usize>, at_us: u64) {
        let mut ledger = self.ledger.borrow_mut();
        match answer {
            SendOutcome::Accepted { seq } => ledger.accept(*seq, number, at_us),
            SendOutcome::Refused { code, .. } => ledger.refuse(code),
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

    pub(crate) fn note_ping(&self) {
        self.pings.set(self.pings.get() + 1);
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
