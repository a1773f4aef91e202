//! The faults that a run meets. A seed selects the profile, so one number is enough to repeat a run.

use crate::faults::kind::Kind;
use crate::faults::plan::Rates;

/// A kind of bad day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// No loss: slow calls, conflicts, busy sockets, repeated batches. With this profile, no message may be repeated.
    Gentle,
    /// DynamoDB throttles, fails and loses responses.
    Table,
    /// `@connections` refuses, fails and loses responses.
    Sockets,
    /// Functions are killed at any point, stream batches are repeated or fail half-way.
    Kills,
    /// The clock jumps forward and back, and live sockets are reported as gone.
    Jumps,
    /// Sends fail, time passes quickly, and failed sends are repeated when the minute is nearly over.
    Late,
    /// All of these.
    Everything,
    /// A room of more than one slice, whose `fan-out` fails and is killed. No seed selects it, because it is expensive.
    Slices,
    /// DynamoDB fails one call in five. No seed selects it.
    AFifthFails,
}

impl Profile {
    /// Every profile that seeds select from.
    pub const ALL: [Profile; 7] = [
        Profile::Gentle,
        Profile::Table,
        Profile::Sockets,
        Profile::Kills,
        Profile::Jumps,
        Profile::Late,
        Profile::Everything,
    ];

    /// The profile of a seed.
    pub fn of(seed: u64) -> Profile {
        Profile::ALL[(seed % Profile::ALL.len() as u64) as usize]
    }

    /// The faults of DynamoDB, per thousand calls.
    pub fn table(self) -> Rates {
        match self {
            Profile::Gentle => vec![(Kind::Slow, 30), (Kind::Conflict, 60)],
            // Of the calls that store a message under a key, a third still fail after all retries.
            Profile::Late => vec![(Kind::ServerError, 700)],
            Profile::Table => vec![
                (Kind::Throttled, 40),
                (Kind::Exceeded, 20),
                (Kind::Conflict, 60),
                (Kind::ServerError, 30),
                (Kind::ErrorAfterWrite, 20),
                (Kind::Slow, 20),
                (Kind::CutBefore, 15),
                (Kind::CutAfter, 15),
            ],
            Profile::Everything => vec![
                (Kind::Throttled, 20),
                (Kind::Conflict, 40),
                (Kind::ServerError, 10),
                (Kind::ErrorAfterWrite, 10),
                (Kind::Slow, 10),
                (Kind::CutBefore, 5),
                (Kind::CutAfter, 10),
            ],
            Profile::AFifthFails => vec![(Kind::ServerError, 100), (Kind::ErrorAfterWrite, 50), (Kind::Throttled, 50)],
            Profile::Sockets | Profile::Kills | Profile::Jumps | Profile::Slices => Vec::new(),
        }
    }

    /// The only calls to DynamoDB that fail; `None` means all.
    pub fn table_only(self) -> Option<&'static str> {
        (self == Profile::Late).then_some("TransactWriteItems messages")
    }

    /// The faults of `@connections`.
    pub fn sockets(self) -> Rates {
        match self {
            Profile::Gentle => {
                vec![(Kind::TooMany, 60), (Kind::PostError, 30), (Kind::SlowPost, 30), (Kind::PostCut, 20)]
            }
            Profile::Sockets => vec![
                // Only while every socket is younger than a handshake may take.
                (Kind::Gone, 80),
                (Kind::TooMany, 80),
                (Kind::PostError, 50),
                (Kind::SlowPost, 30),
                (Kind::PostCut, 30),
                (Kind::PostCutAfter, 30),
            ],
            Profile::Jumps => vec![(Kind::Gone, 30), (Kind::TooMany, 20)],
            Profile::Everything => vec![
                (Kind::Gone, 10),
                (Kind::TooMany, 40),
                (Kind::PostError, 20),
                (Kind::SlowPost, 20),
                (Kind::PostCut, 10),
                (Kind::PostCutAfter, 10),
            ],
            Profile::Table | Profile::Kills | Profile::Late | Profile::Slices | Profile::AFifthFails => Vec::new(),
        }
    }

    /// The faults of Lambda when `broadcast` invokes `fan-out` or `flush-later`.
    pub fn invocations(self) -> Rates {
        match self {
            Profile::Everything => vec![(Kind::InvokeRefused, 150), (Kind::InvokeError, 150), (Kind::InvokeLost, 150)],
            Profile::Slices => vec![
                (Kind::InvokeRefused, 80),
                (Kind::InvokeError, 80),
                (Kind::InvokeCut, 60),
                (Kind::InvokeCutAfter, 60),
                (Kind::InvokeLost, 80),
            ],
            _ => Vec::new(),
        }
    }

    /// Whether functions are killed.
    pub fn kills(self) -> bool {
        matches!(self, Profile::Kills | Profile::Slices | Profile::Everything)
    }

    /// Whether batches of the stream fail.
    pub fn fails_batches(self) -> bool {
        matches!(self, Profile::Gentle | Profile::Kills | Profile::Everything)
    }

    /// Whether seconds pass within moments.
    pub fn passes_time(self) -> bool {
        self == Profile::Late
    }

    /// Whether a socket's end may go unnoticed: then its row stays until it expires.
    pub fn may_lose_an_end(self) -> bool {
        !matches!(self, Profile::Gentle | Profile::Sockets | Profile::Jumps)
    }

    /// Whether stream batches are repeated.
    pub fn redelivers(self) -> bool {
        matches!(self, Profile::Gentle | Profile::Kills | Profile::Everything)
    }

    /// Whether the clock jumps.
    pub fn jumps(self) -> bool {
        matches!(self, Profile::Jumps | Profile::Everything)
    }

    /// Whether something crashes or a response is lost.
    pub fn may_repeat(self) -> bool {
        self != Profile::Gentle
    }

    /// Whether live sockets are reported as gone when they are old enough, or seem so because the clock moved during their handshake.
    pub fn may_miss(self) -> bool {
        self.jumps() || self.passes_time()
    }
}
