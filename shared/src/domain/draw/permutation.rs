//! The arithmetic of draws, as docs/draws.md specifies it. Nothing here may change: draws that were published are checked by it.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::person::Person;
use crate::domain::hosted_id::HostedId;

/// The random seed of a draw: 32 bytes, in hex where it is written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Seed([u8; 32]);

impl Seed {
    /// The seed of these bytes.
    pub fn new(bytes: [u8; 32]) -> Seed {
        Seed(bytes)
    }

    /// In hex.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The SHA-256 of its bytes, in hex.
    pub fn commitment(&self) -> String {
        sha256(&self.0)
    }
}

/// Logs must not tell it.
impl std::fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seed(…)")
    }
}

impl From<Seed> for String {
    fn from(seed: Seed) -> String {
        seed.hex()
    }
}

impl TryFrom<String> for Seed {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Seed, &'static str> {
        bytes_of(&text).map(Seed).ok_or("a seed is 32 bytes in hex")
    }
}

/// An entrant of a draw: a person, and the hash that stands in the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entrant {
    /// In hex.
    pub hash: String,
    /// The person.
    pub person: Person,
}

/// The hash of a user in a draw: SHA-256 of the draw's id in decimal, a colon and the user's id in UTF-8.
pub fn entrant_hash(draw: HostedId, user_id: &str) -> String {
    sha256(format!("{draw}:{user_id}").as_bytes())
}

/// The entrants of a draw in the order of their hashes, each user once.
pub fn sorted_entrants(draw: HostedId, people: Vec<Person>) -> Vec<Entrant> {
    let entrant = |person: Person| Entrant { hash: entrant_hash(draw, &person.user_id), person };
    let mut entrants: Vec<Entrant> = people.into_iter().map(entrant).collect();
    entrants.sort();
    entrants.dedup_by(|one, other| one.hash == other.hash);
    entrants
}

/// The SHA-256 of a sorted list: each hash in hex, followed by a line feed.
pub fn entrants_sha256<'a>(hashes: impl Iterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for hash in hashes {
        list.push_str(hash);
        list.push('\n');
    }
    sha256(list.as_bytes())
}

/// The place of an entrant in the permutation: entrants win in the order of SHA-256(seed, hash), over the 64 bytes of both.
pub fn place(seed: &Seed, hash: &str) -> String {
    let mut bytes = seed.0.to_vec();
    bytes.extend(bytes_of(hash).unwrap_or_default());
    sha256(&bytes)
}

/// The entrants in the order in which they win.
pub fn permuted(seed: &Seed, entrants: Vec<Entrant>) -> Vec<Person> {
    let mut placed: Vec<(String, Entrant)> =
        entrants.into_iter().map(|entrant| (place(seed, &entrant.hash), entrant)).collect();
    placed.sort();
    placed.into_iter().map(|(_, entrant)| entrant.person).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let is_hex = hex.len() == 64 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)).filter(|_| is_hex) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(ids: &[&str]) -> Vec<Person> {
        ids.iter().map(|id| Person { user_id: (*id).to_owned(), username: id.to_uppercase() }).collect()
    }

    fn seed() -> Seed {
        Seed::new(std::array::from_fn(|index| index as u8))
    }

    /// The worked example of docs/draws.md, which its figures are taken from.
    #[test]
    fn the_worked_example_of_the_document_is_true() {
        let document = include_str!("../../../../docs/draws.md");
        let id = HostedId::new(1, 1);
        let entrants = sorted_entrants(id, people(&["alice", "bob", "carol", "dave"]));
        let list = entrants_sha256(entrants.iter().map(|entrant| entrant.hash.as_str()));
        let mut figures = vec![seed().hex(), seed().commitment(), list];
        for entrant in &entrants {
            figures.push(format!(
                "| {} | `{}` | `{}` |",
                entrant.person.user_id,
                entrant.hash,
                place(&seed(), &entrant.hash)
            ));
        }
        let order: Vec<String> = permuted(&seed(), entrants).into_iter().map(|person| person.user_id).collect();
        figures.push(format!("The order is {}.", order.join(", ")));
        for figure in figures {
            assert!(document.contains(&figure), "docs/draws.md lacks {figure}");
        }
    }

    #[test]
    fn a_user_is_entered_once_and_has_another_hash_in_another_draw() {
        let entrants = sorted_entrants(HostedId::new(1, 1), people(&["ann", "bob", "ann"]));
        assert_eq!(entrants.len(), 2);
        assert!(entrants.is_sorted_by_key(|entrant| entrant.hash.clone()));
        assert_ne!(entrant_hash(HostedId::new(1, 1), "ann"), entrant_hash(HostedId::new(1, 2), "ann"));
    }

    #[test]
    fn the_order_depends_on_each_bit_of_the_seed() {
        let ids: Vec<String> = (0..50).map(|id| id.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let entrants = sorted_entrants(HostedId::new(1, 1), people(&ids));
        let mut other = seed();
        other.0[31] ^= 1;
        let (one, other) = (permuted(&seed(), entrants.clone()), permuted(&other, entrants));
        assert_ne!(one, other);
        let sorted = |mut people: Vec<Person>| {
            people.sort();
            people
        };
        assert_eq!(sorted(one), sorted(other), "a permutation loses nobody");
    }

    #[test]
    fn a_seed_is_hex_where_it_is_written_and_is_not_logged() {
        let text = serde_json::to_string(&seed()).unwrap();
        assert_eq!(serde_json::from_str::<Seed>(&text).unwrap(), seed());
        assert!(serde_json::from_str::<Seed>("\"00\"").is_err());
        assert!(serde_json::from_str::<Seed>(&format!("\"{}\"", "zz".repeat(32))).is_err());
        assert_eq!(format!("{:?}", seed()), "Seed(…)");
    }
}
