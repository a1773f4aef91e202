//! Ranks: nobody acts against an equal or higher one, oneself included (docs/contract.md, Who may do what).

use serde::{Deserialize, Serialize};

/// The rank of a caller, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Everybody else, users that were never seen among them.
    Everybody,
    /// The role `moderator`, or the capability `moderate` without a role.
    Moderator,
    /// The role `host`.
    Host,
    /// The customer's own servers.
    Service,
}

impl Rank {
    /// All of them, lowest first.
    pub const ALL: [Rank; 4] = [Rank::Everybody, Rank::Moderator, Rank::Host, Rank::Service];

    /// Whether this rank may act against another one.
    pub fn is_above(self, other: Rank) -> bool {
        self > other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_acts_against_an_equal_or_higher_rank() {
        for (actor, allowed) in Rank::ALL.into_iter().zip([0, 1, 2, 3]) {
            let below = Rank::ALL.into_iter().filter(|target| actor.is_above(*target));
            assert_eq!(below.collect::<Vec<_>>(), Rank::ALL[..allowed], "{actor:?}");
        }
    }

    #[test]
    fn stored_names_of_ranks_stay() {
        assert_eq!(serde_json::to_string(&Rank::ALL).unwrap(), r#"["everybody","moderator","host","service"]"#);
    }
}
