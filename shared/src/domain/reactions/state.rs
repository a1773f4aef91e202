//! The reactions of a session as its room was told them last.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::reactions::set::{ReactionCounts, ReactionSet};
use crate::domain::session::Head;

/// The name of the state.
pub const STATE: &str = "reactions";

/// What the room was told last, as the broadcast stores it with the session's head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionsState {
    /// The reactions since the session began.
    pub totals: BTreeMap<String, u64>,
    /// Those of them since the flush before.
    pub counts: BTreeMap<String, u64>,
    /// The sum of the totals. It grows with each flush.
    pub sum: u64,
}

impl ReactionsState {
    /// The numbers of all reactions of a set.
    pub fn totals_of(&self, offered: &ReactionSet) -> ReactionCounts {
        offered.of(|name| self.totals.get(name).copied())
    }

    /// The reactions of a set since the flush before.
    pub fn counts_of(&self, offered: &ReactionSet) -> ReactionCounts {
        offered.of(|name| self.counts.get(name).copied()).without_zeros()
    }

    /// That of a session's head; `None` before the first reaction.
    pub fn of(head: &Head) -> Option<ReactionsState> {
        head.states.get(STATE).and_then(|row| ReactionsState::deserialize(row).ok())
    }

    /// The state with these totals, for the flush after this one.
    #[must_use]
    pub fn grown_to(&self, totals: BTreeMap<String, u64>) -> ReactionsState {
        let before = |name: &String| self.totals.get(name).copied().unwrap_or_default();
        let counts = totals.iter().map(|(name, total)| (name.clone(), total.saturating_sub(before(name))));
        let counts = counts.filter(|(_, count)| *count > 0).collect();
        ReactionsState { counts, sum: totals.values().sum(), totals }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(counts: &ReactionCounts) -> String {
        serde_json::to_string(counts).unwrap()
    }

    #[test]
    fn a_state_grows_by_what_came_in() {
        let totals = |pairs: &[(&str, u64)]| pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        let first = ReactionsState::default().grown_to(totals(&[("🎉", 3)]));
        let second = first.grown_to(totals(&[("🎉", 3), ("🔥", 2), ("🐙", 1)]));
        let set = ReactionSet::parse("👏 🎉 🔥").unwrap();
        assert_eq!((second.sum, json_of(&second.counts_of(&set)).as_str()), (6, r#"{"🔥":2}"#));
        assert_eq!(
            json_of(&second.totals_of(&set)),
            r#"{"👏":0,"🎉":3,"🔥":2}"#,
            "what is no longer offered is not told"
        );
        assert_eq!(json_of(&ReactionsState::default().totals_of(&set)), r#"{"👏":0,"🎉":0,"🔥":0}"#);
    }
}
