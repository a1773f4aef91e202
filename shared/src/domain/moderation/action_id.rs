//! The id of an act of moderation: opaque to clients, and sorted by time.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Crockford's base 32: its digits sort like their values.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 48 bits of milliseconds and 80 random bits, five to a digit.
const LENGTH: usize = 26;
const RANDOM_BITS: u32 = 80;

/// An id. Ids of later milliseconds sort after those of earlier ones; within a millisecond they are in no order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActionId(String);

impl ActionId {
    /// An id of this time that nobody can guess.
    pub fn at(now: Timestamp) -> ActionId {
        ActionId::of(now, rand::random::<u128>())
    }

    /// The id before which all ids of this time and later sort.
    pub fn first_at(time: Timestamp) -> ActionId {
        ActionId::of(time, 0)
    }

    fn of(time: Timestamp, random: u128) -> ActionId {
        let millis = u128::from(time.as_millisecond().max(0).unsigned_abs());
        let bits = (millis << RANDOM_BITS) | (random & ((1 << RANDOM_BITS) - 1));
        let digits = (0..LENGTH).rev().map(|place| char::from(DIGITS[(bits >> (5 * place)) as usize & 31]));
        ActionId(digits.collect())
    }

    /// The id as clients see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time of the act, to the millisecond.
    pub fn time(&self) -> Timestamp {
        let value = |digit: u8| DIGITS.iter().position(|known| *known == digit).unwrap_or_default() as u128;
        let bits = self.0.bytes().fold(0u128, |bits, digit| (bits << 5) | value(digit));
        crate::domain::time::from_millis(i64::try_from(bits >> RANDOM_BITS).unwrap_or_default())
    }
}

/// A text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the id of an action")]
pub struct NotAnActionId;

impl FromStr for ActionId {
    type Err = NotAnActionId;

    fn from_str(text: &str) -> Result<ActionId, NotAnActionId> {
        let is_digit = |digit: u8| DIGITS.contains(&digit);
        // 26 digits have two bits more than an id.
        let fits = text.bytes().next().is_some_and(|first| first < b'8');
        let is_id = text.len() == LENGTH && fits && text.bytes().all(is_digit);
        if is_id { Ok(ActionId(text.to_owned())) } else { Err(NotAnActionId) }
    }
}

impl TryFrom<String> for ActionId {
    type Error = NotAnActionId;

    fn try_from(text: String) -> Result<ActionId, NotAnActionId> {
        text.parse()
    }
}

impl From<ActionId> for String {
    fn from(id: ActionId) -> String {
        id.0
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn ids_sort_by_time_and_are_never_the_same() {
        let ids: Vec<ActionId> = (0..200).map(|step| ActionId::at(time(1_700_000_000_000 + step))).collect();
        assert!(ids.is_sorted());
        assert_ne!(ActionId::at(time(1)), ActionId::at(time(1)));
        assert!(ActionId::first_at(time(5)) <= ActionId::at(time(5)));
        assert!(ActionId::at(time(4)) < ActionId::first_at(time(5)));
    }

    #[test]
    fn an_id_tells_its_time_and_is_read_back() {
        let id = ActionId::at(time(1_764_390_000_123));
        assert_eq!((id.time(), id.as_str().len()), (time(1_764_390_000_123), 26));
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn a_text_of_another_form_is_no_id() {
        let id = ActionId::at(time(1)).to_string();
        for text in [
            String::new(),
            id[1..].to_owned(),
            format!("{id}0"),
            id.to_uppercase() + "!",
            "8".repeat(26),
            "u".repeat(26),
        ] {
            assert_eq!(text.parse::<ActionId>(), Err(NotAnActionId), "{text}");
        }
    }
}
