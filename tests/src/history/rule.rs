//! The promises, and the record of broken ones.

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// An acknowledged message is stored.
    Lost,
    /// No message is stored twice, and all sends under one key are one message.
    Doubled,
    /// First deliveries are in order on every socket, and no message is repeated without a crash.
    OutOfOrder,
    /// A socket that stayed open got every message from the start.
    Missed,
    /// A client that lost its socket caught up with `resume`.
    NotRepaired,
    /// Nothing that a purge or a clear covers is in an answer that began after its acknowledgement.
    Shown,
    /// Every open socket and every client that resumed hears of each purge and clear.
    Untold,
    /// An acknowledged event of the application is stored once, and everybody hears of it.
    Events,
    /// Likes equal their rows, at every read.
    Likes,
    /// Reactions count if they were acknowledged, and once; every open socket gets the last totals.
    Reactions,
    /// The tallies of a poll are its votes, and everybody hears the result.
    Polls,
    /// An acknowledged pin stands until it is taken away or its message leaves, and everybody hears of the newest.
    Pins,
    /// Everybody is told the same draw, whose winners follow from its list and from the seed that was committed to.
    Draws,
    /// A question is listed once while it stands, with its votes, and an acknowledged mark holds.
    Questions,
    /// No user sent more than the limit in any minute.
    RateLimit,
    /// The viewers are the users with an open socket.
    Viewers,
    /// No rows are left over.
    LeftBehind,
    /// A notice reaches its audience and nobody else, in order, and is not repeated without a crash.
    Notices,
    /// Nothing that a user began after an acknowledged ban is done, and no socket outlasts it.
    Sanctions,
    /// A held message has one decision at most, everybody is told of that one, and nobody sees the text before.
    HeldOnce,
    /// No frame for staff arrives at a viewer's socket.
    ForStaff,
    /// What judges a message are the modes in force, and every open socket hears of them.
    Modes,
    /// An act and its entry in the audit log are never apart.
    Audit,
    /// Every response and every frame is documented.
    Undocumented,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 24] = [
        Rule::Lost,
        Rule::Doubled,
        Rule::OutOfOrder,
        Rule::Missed,
        Rule::NotRepaired,
        Rule::Shown,
        Rule::Untold,
        Rule::Events,
        Rule::Likes,
        Rule::Reactions,
        Rule::Polls,
        Rule::Pins,
        Rule::Draws,
        Rule::Questions,
        Rule::RateLimit,
        Rule::Viewers,
        Rule::LeftBehind,
        Rule::Notices,
        Rule::Sanctions,
        Rule::HeldOnce,
        Rule::ForStaff,
        Rule::Modes,
        Rule::Audit,
        Rule::Undocumented,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Lost => "lost",
            Rule::Doubled => "doubled",
            Rule::OutOfOrder => "out of order or repeated",
            Rule::Missed => "missed by an open socket",
            Rule::NotRepaired => "not repaired by resume",
            Rule::Shown => "shown in spite of a purge",
            Rule::Untold => "not told of a purge",
            Rule::Events => "events wrong",
            Rule::Likes => "likes wrong",
            Rule::Reactions => "reactions wrong",
            Rule::Polls => "polls wrong",
            Rule::Pins => "pins wrong",
            Rule::Draws => "draws wrong",
            Rule::Questions => "questions wrong",
            Rule::RateLimit => "over the rate limit",
            Rule::Viewers => "viewers wrong",
            Rule::LeftBehind => "left behind",
            Rule::Notices => "notices wrong",
            Rule::Sanctions => "done in spite of a ban",
            Rule::HeldOnce => "held messages wrong",
            Rule::ForStaff => "staff's frame at a viewer",
            Rule::Modes => "modes not obeyed",
            Rule::Audit => "act and entry apart",
            Rule::Undocumented => "not documented",
        }
    }

    /// The unit in which the judged events of the rule are counted.
    pub fn judges(self) -> &'static str {
        match self {
            Rule::Lost | Rule::RateLimit => "messages acknowledged",
            Rule::Doubled => "acknowledgements",
            Rule::OutOfOrder => "deliveries",
            Rule::Missed => "messages × open sockets",
            Rule::NotRepaired => "resumes",
            Rule::Shown => "answers after a purge",
            Rule::Untold => "frames of purges",
            Rule::Events => "frames of events",
            Rule::Likes => "values read or heard",
            Rule::Reactions => "calls and totals heard",
            Rule::Polls => "votes, and frames of polls",
            Rule::Pins => "pins changed, read or heard",
            Rule::Draws => "draws told",
            Rule::Questions => "questions told, and marks",
            Rule::Viewers => "values heard",
            Rule::LeftBehind => "rows at the end",
            Rule::Notices => "notices heard",
            Rule::Sanctions => "tries of banned users",
            Rule::HeldOnce => "held messages",
            Rule::ForStaff => "frames for staff",
            Rule::Modes => "sends under a mode",
            Rule::Audit => "entries",
            Rule::Undocumented => "answers and frames",
        }
    }
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub rule: Rule,
    /// How.
    pub what: String,
}

/// All breaches of a history so far.
#[derive(Default)]
pub(super) struct Breaches(pub(super) Vec<Breach>);

impl Breaches {
    pub(super) fn add(&mut self, rule: Rule, what: String) {
        self.0.push(Breach { rule, what });
    }
}
