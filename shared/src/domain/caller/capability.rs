//! What a token lets its caller do (docs/contract.md, Who may do what).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rank::Rank;

/// A right. The claim `capabilities` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// The socket, the history and the numbers.
    Read,
    /// Messages, reports, and deleting one's own messages.
    Send,
    /// Likes and votes.
    React,
    /// Announcements, pins, polls and draws.
    Announce,
    /// The actions of moderators.
    Moderate,
    /// Sessions, words, export, erasure.
    Manage,
    /// Is no viewer, as overlays, bots and consoles are none.
    Uncounted,
    /// Reads whatever staff read, and acts on nothing.
    Audit,
}

impl Capability {
    /// Each one with its name, and the lowest rank that has it without the claim. A service has all but `audit`, which adds nothing.
    const TABLE: [(Capability, &'static str, Option<Rank>); 8] = [
        (Capability::Read, "read", Some(Rank::Everybody)),
        (Capability::Send, "send", Some(Rank::Everybody)),
        (Capability::React, "react", Some(Rank::Everybody)),
        (Capability::Announce, "announce", Some(Rank::Moderator)),
        (Capability::Moderate, "moderate", Some(Rank::Moderator)),
        (Capability::Manage, "manage", Some(Rank::Host)),
        (Capability::Uncounted, "uncounted", Some(Rank::Service)),
        (Capability::Audit, "audit", None),
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Capability> {
        Capability::TABLE.into_iter().map(|(capability, _, _)| capability)
    }

    /// The capability with this name.
    pub fn of_name(name: &str) -> Option<Capability> {
        Capability::TABLE.into_iter().find(|(_, known, _)| *known == name).map(|(capability, _, _)| capability)
    }

    /// Its name in tokens, rows and refusals.
    pub fn name(self) -> &'static str {
        Capability::TABLE[self as usize].1
    }

    /// Whether the roles of this rank bring it.
    pub(super) fn comes_with(self, rank: Rank) -> bool {
        Capability::TABLE[self as usize].2.is_some_and(|lowest| rank >= lowest)
    }
}

/// The claim `capabilities`: it replaces what the roles bring. By default there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Capabilities(Option<BTreeSet<Capability>>);

impl Capabilities {
    /// Reads the claim. Members that are no known capability are ignored.
    ///
    /// # Errors
    /// A sentence if it is there, but no array: what a token may do must not depend on a guess.
    pub(super) fn of_claim(claim: Option<&Value>) -> Result<Capabilities, String> {
        let Some(claim) = claim else { return Ok(Capabilities::default()) };
        let names = claim.as_array().ok_or("The token's capabilities are not an array")?;
        Ok(Capabilities(Some(names.iter().filter_map(Value::as_str).filter_map(Capability::of_name).collect())))
    }

    /// Whether there is no claim, so that the roles decide.
    pub fn are_those_of_the_roles(&self) -> bool {
        self.0.is_none()
    }

    /// Whether a caller whose roles have this rank has a capability.
    pub(super) fn hold(&self, capability: Capability, rank: Rank) -> bool {
        self.0.as_ref().map_or_else(|| capability.comes_with(rank), |claimed| claimed.contains(&capability))
    }
}

/// A row of a newer version may hold unknown names.
impl From<Vec<String>> for Capabilities {
    fn from(names: Vec<String>) -> Capabilities {
        Capabilities(Some(names.iter().filter_map(|name| Capability::of_name(name)).collect()))
    }
}

impl From<Capabilities> for Vec<String> {
    fn from(capabilities: Capabilities) -> Vec<String> {
        capabilities.0.into_iter().flatten().map(|capability| capability.name().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_capability_stands_in_its_own_line_of_the_table() {
        for (line, capability) in Capability::all().enumerate() {
            assert_eq!((capability as usize, Capability::of_name(capability.name())), (line, Some(capability)));
        }
    }

    #[test]
    fn ranks_bring_capabilities() {
        let common = ["read", "send", "react"];
        let staff = [&common[..], &["announce", "moderate"]].concat();
        let host = [&staff[..], &["manage"]].concat();
        let service = [&host[..], &["uncounted"]].concat();
        for (rank, names) in Rank::ALL.into_iter().zip([common.to_vec(), staff, host, service]) {
            let held = Capability::all().filter(|one| Capabilities::default().hold(*one, rank));
            assert_eq!(held.map(Capability::name).collect::<Vec<_>>(), names, "{rank:?}");
        }
    }

    #[test]
    fn the_claim_replaces_what_roles_bring_and_unknown_members_are_ignored() {
        for (claim, names) in [
            (json!([]), vec![]),
            (json!(["read"]), vec!["read"]),
            (json!(["uncounted", "read", 7, null, "later"]), vec!["read", "uncounted"]),
            (json!(["Read", ["send"], " react"]), vec![]),
        ] {
            let claimed = Capabilities::of_claim(Some(&claim)).unwrap();
            for rank in Rank::ALL {
                let held = Capability::all().filter(|one| claimed.hold(*one, rank)).map(Capability::name);
                assert_eq!(held.collect::<Vec<_>>(), names, "{claim} {rank:?}");
            }
            assert_eq!(Capabilities::from(Vec::from(claimed.clone())), claimed, "{claim}");
        }
    }

    #[test]
    fn a_claim_that_is_no_array_is_refused() {
        for claim in [json!("read"), json!(null), json!(true), json!({"read": true}), json!(7)] {
            assert!(Capabilities::of_claim(Some(&claim)).is_err(), "{claim}");
        }
    }
}
