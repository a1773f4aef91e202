//! Every interleaving of a hold, two decisions and one act (a ban, a purge, or the session's end), its crash and repetition included. Each step
//! is one call to DynamoDB. A protocol that lacks one of its precautions is shown to fail.

use std::collections::HashSet;

/// What the act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Ban,
    Purge,
    End,
}

/// The protocol, or one that lacks something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Whole,
    /// A hold is stored whatever its author's standing has become.
    HoldIgnoresStanding,
    /// An approved message is stored whatever its author's standing has become.
    ApprovalIgnoresStanding,
    /// Messages are covered before what waits is denied.
    CoverFirst,
    /// A hold does not look for the mark of the session's end.
    HoldIgnoresEnd,
    /// A decision does not depend on the others.
    DecisionsIgnoreOthers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Row {
    None,
    Waiting,
    Resolved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Hold {
    New,
    Judged { banned: bool },
    Stored,
    Acknowledged,
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Staff {
    New,
    Looked,
    Judged { banned: bool },
    Numbered { seq: u8 },
    Denying,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct World {
    banned: bool,
    row: Row,
    closed: bool,
    ended: bool,
    seq: u8,
    stored: Option<u8>,
    resolutions: u8,
    up_to: Option<u8>,
    act: u8,
    crashes: u8,
    hold: Hold,
    /// Whether the hold was acknowledged before the act began.
    held_before: bool,
    approver: Staff,
    denier: Staff,
}

const START: World = World {
    banned: false,
    row: Row::None,
    closed: false,
    ended: false,
    seq: 0,
    stored: None,
    resolutions: 0,
    up_to: None,
    act: 0,
    crashes: 0,
    hold: Hold::New,
    held_before: false,
    approver: Staff::New,
    denier: Staff::New,
};

/// The number of steps of an act, with its acknowledgement.
const ACKNOWLEDGED: u8 = 4;

impl World {
    fn hold(mut self, protocol: Protocol) -> Option<World> {
        self.hold = match self.hold {
            Hold::New => Hold::Judged { banned: self.banned },
            Hold::Judged { banned: true } => Hold::Refused,
            Hold::Judged { banned: false } if self.banned && protocol != Protocol::HoldIgnoresStanding => Hold::New,
            Hold::Judged { banned: false } => {
                self.row = Row::Waiting;
                Hold::Stored
            }
            Hold::Stored if self.closed && protocol != Protocol::HoldIgnoresEnd => Hold::Refused,
            Hold::Stored => {
                self.held_before = self.act == 0;
                Hold::Acknowledged
            }
            Hold::Acknowledged | Hold::Refused => return None,
        };
        Some(self)
    }

    fn approve(mut self, protocol: Protocol) -> Option<World> {
        self.approver = match self.approver {
            Staff::New if self.row == Row::Waiting => Staff::Looked,
            Staff::Looked => Staff::Judged { banned: self.banned },
            Staff::Judged { banned: true } => Staff::Done,
            Staff::Judged { banned: false } if self.ended => Staff::Done,
            Staff::Judged { banned: false } => {
                self.seq += 1;
                Staff::Numbered { seq: self.seq }
            }
            Staff::Numbered { seq } => {
                let is_open = self.row == Row::Waiting || protocol == Protocol::DecisionsIgnoreOthers;
                if is_open && (!self.banned || protocol == Protocol::ApprovalIgnoresStanding) {
                    (self.row, self.stored, self.resolutions) = (Row::Resolved, Some(seq), self.resolutions + 1);
                }
                Staff::Done
            }
            Staff::New | Staff::Denying | Staff::Done => return None,
        };
        Some(self)
    }

    fn deny(mut self, protocol: Protocol) -> Option<World> {
        self.denier = match self.denier {
            Staff::New if self.row == Row::Waiting => Staff::Denying,
            Staff::Denying => {
                self.resolve(protocol);
                Staff::Done
            }
            _ => return None,
        };
        Some(self)
    }

    fn resolve(&mut self, protocol: Protocol) {
        if self.row == Row::Waiting || protocol == Protocol::DecisionsIgnoreOthers {
            (self.row, self.resolutions) = (Row::Resolved, self.resolutions + 1);
        }
    }

    fn deny_what_waits(&mut self) {
        if self.row == Row::Waiting {
            self.resolve(Protocol::Whole);
        }
    }

    fn cover(&mut self) {
        if self.up_to.is_none() {
            (self.up_to, self.seq) = (Some(self.seq), self.seq + 1);
        }
    }

    fn act(mut self, kind: Kind, protocol: Protocol) -> Option<World> {
        match (kind, self.act) {
            (_, ACKNOWLEDGED) => return None,
            (Kind::Ban, 0) => self.banned = true,
            (Kind::End, 0) => self.closed = true,
            (Kind::Purge, 1) if protocol == Protocol::CoverFirst => self.cover(),
            (Kind::Purge, 2) if protocol == Protocol::CoverFirst => self.deny_what_waits(),
            (_, 1) => self.deny_what_waits(),
            (Kind::Purge, 2) => self.cover(),
            (Kind::End, 2) => self.ended = true,
            _ => {}
        }
        self.act += 1;
        Some(self)
    }

    /// The act crashes. Whoever repeats it begins with its first step.
    fn crash(mut self) -> Option<World> {
        let may_crash = (1..ACKNOWLEDGED).contains(&self.act) && self.crashes == 0;
        (self.act, self.crashes) = (1, 1);
        may_crash.then_some(self)
    }

    fn fault(&self, kind: Kind) -> Option<&'static str> {
        let is_visible = self.stored.is_some_and(|seq| self.up_to.is_none_or(|up_to| seq > up_to));
        let is_done = self.act == ACKNOWLEDGED;
        if self.resolutions > 1 {
            return Some("it was decided twice");
        }
        match kind {
            Kind::Ban if is_done && self.row == Row::Waiting => Some("a message waits after the ban"),
            Kind::Purge if is_done && self.held_before && self.row == Row::Waiting => {
                Some("a message waits after the purge")
            }
            Kind::Purge if is_done && self.held_before && is_visible => Some("a message is visible after the purge"),
            Kind::End if self.ended && self.hold == Hold::Acknowledged && self.row == Row::Waiting => {
                Some("an acknowledged message waits after the end")
            }
            _ => None,
        }
    }
}

/// Visits all worlds. Returns their number, and the first fault.
fn visit(kind: Kind, protocol: Protocol) -> (usize, Option<&'static str>) {
    let (mut seen, mut open) = (HashSet::from([START]), vec![START]);
    while let Some(world) = open.pop() {
        let next = [
            world.hold(protocol),
            world.approve(protocol),
            world.deny(protocol),
            world.act(kind, protocol),
            world.crash(),
        ];
        for next in next.into_iter().flatten() {
            let stored_after_ban = kind == Kind::Ban && world.banned && world.stored.is_none() && next.stored.is_some();
            let fault = stored_after_ban.then_some("a message was stored after the ban").or_else(|| next.fault(kind));
            if fault.is_some() {
                return (seen.len(), fault);
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    (seen.len(), None)
}

#[test]
fn no_interleaving_of_a_hold_decisions_and_an_act_breaks_a_promise() {
    for kind in [Kind::Ban, Kind::Purge, Kind::End] {
        let (worlds, fault) = visit(kind, Protocol::Whole);
        println!("{kind:?}: {worlds} worlds");
        assert_eq!(fault, None, "{kind:?}");
        assert!(worlds > 300, "{kind:?}: {worlds}");
    }
}

#[test]
fn each_precaution_is_needed() {
    for (protocol, kind, expected) in [
        (Protocol::HoldIgnoresStanding, Kind::Ban, "a message waits after the ban"),
        (Protocol::ApprovalIgnoresStanding, Kind::Ban, "a message was stored after the ban"),
        (Protocol::CoverFirst, Kind::Purge, "a message is visible after the purge"),
        (Protocol::HoldIgnoresEnd, Kind::End, "an acknowledged message waits after the end"),
        (Protocol::DecisionsIgnoreOthers, Kind::End, "it was decided twice"),
    ] {
        assert_eq!(visit(kind, protocol).1, Some(expected), "{protocol:?}");
    }
}
