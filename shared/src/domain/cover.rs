//! Purged and cleared messages: they stay stored for a while, and no answer shows them (docs/contract.md, Purge and clear).

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// An act can be taken back for this long (docs/contract.md, Purge and clear).
pub const RESTORABLE: SignedDuration = SignedDuration::from_hours(24);

/// The messages that a purge or a clear covers, up to a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// Those of the user with this id.
    User(String),
    /// Those of everybody.
    All,
}

/// The outcome of a purge or a clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurgeOutcome {
    /// Messages up to this number are covered, from now on.
    Covered {
        /// The last number that is covered.
        up_to_seq: u64,
    },
    /// The session has as many acts as one row can hold. Old ones leave it a day later.
    TooMany,
}

/// The outcome of taking an act back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreOutcome {
    /// Messages of these numbers may be back.
    Restored {
        /// The first number.
        from_seq: u64,
        /// The last number.
        up_to_seq: u64,
    },
    /// There is no such act, or it is older than [`RESTORABLE`].
    TooLate,
}

/// What all acts of a session cover together. An act covers everything before it, so the last number of each user says it all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covers {
    floor: u64,
    users: BTreeMap<String, u64>,
}

impl Covers {
    /// Adds what one act covers.
    pub fn add(&mut self, cover: Cover, up_to: u64) {
        match cover {
            Cover::All => self.floor = self.floor.max(up_to),
            Cover::User(user_id) => {
                let covered = self.users.entry(user_id).or_default();
                *covered = up_to.max(*covered);
            }
        }
    }

    /// Whether a user's message with this number is covered.
    pub fn hides(&self, user_id: &str, seq: u64) -> bool {
        seq <= self.floor || self.users.get(user_id).is_some_and(|up_to| seq <= *up_to)
    }

    /// Whether a message with this number is covered if its author is one of those who were purged.
    pub fn may_hide(&self, seq: u64) -> bool {
        seq <= self.floor || self.users.values().any(|up_to| seq <= *up_to)
    }

    /// The number up to which every message is covered; 0 if the session was never cleared.
    pub fn floor(&self) -> u64 {
        self.floor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(acts: &[(Option<&str>, u64)]) -> Covers {
        let mut covers = Covers::default();
        for (user_id, up_to) in acts {
            covers.add(user_id.map_or(Cover::All, |user_id| Cover::User(user_id.to_owned())), *up_to);
        }
        covers
    }

    #[test]
    fn an_act_covers_what_came_before_it() {
        let table = [
            (covers(&[]), "ann", 1, false),
            (covers(&[(Some("ann"), 5)]), "ann", 5, true),
            (covers(&[(Some("ann"), 5)]), "ann", 6, false),
            (covers(&[(Some("ann"), 5)]), "bob", 5, false),
            (covers(&[(None, 5)]), "bob", 5, true),
            (covers(&[(None, 5)]), "bob", 6, false),
            (covers(&[(None, 5), (Some("ann"), 9)]), "ann", 9, true),
            (covers(&[(Some("ann"), 9), (Some("ann"), 4)]), "ann", 9, true),
            (covers(&[(None, 9), (None, 4)]), "ann", 9, true),
        ];
        for (covers, user_id, seq, expected) in table {
            assert_eq!(covers.hides(user_id, seq), expected, "{covers:?}, {user_id}, {seq}");
            assert!(covers.may_hide(seq) || !expected, "{covers:?}, {seq}");
        }
        assert_eq!((covers(&[(Some("ann"), 9)]).floor(), covers(&[(None, 4), (None, 3)]).floor()), (0, 4));
        assert!(!covers(&[(Some("ann"), 5)]).may_hide(6));
    }
}
