//! A poll at the end of a run.

use std::collections::BTreeMap;

/// A poll as its rows are at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredPoll {
    /// The result, once it has ended.
    pub result: Option<Vec<u64>>,
    /// The sum of its tallies, by option.
    pub counted: Vec<u64>,
    /// The votes by their users.
    pub votes: BTreeMap<String, usize>,
}

impl StoredPoll {
    /// The users who have voted for an option.
    pub(super) fn votes_of(&self, option: usize) -> u64 {
        self.votes.values().filter(|voted| **voted == option).count() as u64
    }
}
