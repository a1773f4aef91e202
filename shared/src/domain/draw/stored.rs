//! A draw, as it is stored.

use serde::{Deserialize, Serialize};

use super::permutation::Seed;
use super::person::Person;
use crate::domain::hosted_id::HostedId;

/// A draw, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// Its id.
    pub id: HostedId,
    /// Grows with each change.
    pub version: u64,
    /// What the host asked for.
    #[serde(flatten)]
    pub asked: Asked,
    /// It is a secret until the draw is revealed.
    pub seed: Seed,
    /// The list of entrants, once it is frozen.
    #[serde(default)]
    pub frozen: Option<Frozen>,
    /// Whether nobody could win.
    #[serde(default)]
    pub cancelled: bool,
    /// The winners in the order of the permutation, once it is revealed.
    #[serde(default)]
    pub winners: Option<Vec<Person>>,
    /// How many of the winners were drawn later, in the place of others.
    #[serde(default)]
    pub redraws: u64,
}

impl Draw {
    /// The draw without a user, if it names that one: as a winner, or as somebody who is not entered.
    pub fn without(&self, user_id: &str) -> Option<Draw> {
        let mut next = Draw { version: self.version + 1, ..self.clone() };
        next.asked.exclude.retain(|excluded| excluded != user_id);
        for winner in next.winners.iter_mut().flatten().filter(|winner| winner.user_id == user_id) {
            *winner = Person::erased();
        }
        let is_named = next.asked.exclude != self.asked.exclude || next.winners != self.winners;
        is_named.then_some(next)
    }
}

/// What a host asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What is won.
    pub prize: String,
    /// How many win, if there are so many entrants.
    pub winners_wanted: u64,
    /// Who is entered.
    pub among: Among,
    /// The poll whose voters are entered.
    #[serde(default)]
    pub poll_id: Option<HostedId>,
    /// Users who are not entered.
    #[serde(default)]
    pub exclude: Vec<String>,
}

/// A frozen list of entrants. The list itself is in rows of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The name under which the list was written.
    pub list: String,
    /// The number of entrants.
    pub entrants: u64,
    /// The SHA-256 of the list, in hex.
    pub entrants_sha256: String,
    /// The first hash of each part of the list.
    pub firsts: Vec<String>,
}

/// Who is entered in a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// Those who have a socket.
    Viewers,
    /// Those of whom a message stands.
    Senders,
    /// Those who have voted in a poll.
    Voters,
}
