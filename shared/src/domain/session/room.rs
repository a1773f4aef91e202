//! Rooms: names under which sessions follow each other.

use serde::{Deserialize, Serialize};

use crate::domain::error::ChatError;

/// In bytes.
const MAX_LENGTH: usize = 64;
/// The room of a session for which none was named.
const MAIN: &str = "main";

/// The name of a room: 1 to 64 characters of `a` to `z`, `0` to `9` and `-`, at least one of them a letter. Digits alone would be the id of a
/// session in a token's `sessions`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomName(String);

impl RoomName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`ChatError::InvalidRequest`] with the characters that a name may have.
    pub fn parse(text: &str) -> Result<RoomName, ChatError> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let has_letter = text.bytes().any(|byte| byte.is_ascii_lowercase());
        if text.len() <= MAX_LENGTH && has_letter && text.bytes().all(is_allowed) {
            return Ok(RoomName(text.to_owned()));
        }
        let allowed = format!("room must be 1 to {MAX_LENGTH} characters of a-z, 0-9 and -, with a letter");
        Err(ChatError::InvalidRequest(allowed))
    }

    /// The room of whatever names none.
    pub fn main() -> RoomName {
        RoomName(MAIN.to_owned())
    }

    /// Whether it is the room of whatever names none.
    pub fn is_main(&self) -> bool {
        self.0 == MAIN
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RoomName {
    fn default() -> RoomName {
        RoomName::main()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for name in ["main", "a", "7a", "-a", "stage-2", &"x".repeat(64)] {
            assert_eq!(RoomName::parse(name).expect(name).as_str(), name);
        }
        for name in ["", "7", "2024", "-", "Main", "stage 2", "stage_2", "stage#2", "é", "a/b", &"x".repeat(65)] {
            assert!(RoomName::parse(name).is_err(), "{name}");
        }
        assert!(RoomName::default().is_main() && !RoomName::parse("stage").expect("a name").is_main());
    }
}
