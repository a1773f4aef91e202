//! Whom a message mentions: the ids of users, as its sender gives them (docs/contract.md, Replies and mentions).

use serde_json::Value;

use crate::domain::caller::parse_user_id;
use crate::domain::error::ChatError;
use crate::domain::text::characters::is_formatting;

/// A message mentions at most so many users.
pub const MAX_MENTIONS: usize = 5;

/// Reads `mentions`; a repeated id counts once. Nobody looks whether there is such a user, so the answer does not tell.
///
/// # Errors
/// [`ChatError::InvalidRequest`] for anything but a list of at most [`MAX_MENTIONS`] user ids, and for an id with control or format
/// characters: everybody in the room receives it, and no rule for texts judges it.
pub fn parse_mentions(value: &Value) -> Result<Vec<String>, ChatError> {
    let invalid = || ChatError::InvalidRequest(format!("mentions is a list of at most {MAX_MENTIONS} user ids"));
    let mut mentions: Vec<String> = Vec::new();
    for id in value.as_array().ok_or_else(invalid)? {
        let id = parse_user_id(id)
            .ok()
            .filter(|id| !id.chars().any(|c| c.is_control() || is_formatting(c)))
            .ok_or_else(invalid)?;
        if !mentions.contains(&id) {
            mentions.push(id);
        }
        if mentions.len() > MAX_MENTIONS {
            return Err(invalid());
        }
    }
    Ok(mentions)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_read_as_those_of_tokens_and_count_once() {
        assert_eq!(parse_mentions(&json!(["ann", 42, 42.0, "42", "ann"])).unwrap(), ["ann", "42"]);
        assert_eq!(parse_mentions(&json!([])).unwrap(), [""; 0]);
        let longest = "x".repeat(255);
        assert_eq!(parse_mentions(&json!(["a", "b", "c", "d", longest, "a"])).unwrap().len(), MAX_MENTIONS);
    }

    #[test]
    fn anything_else_is_an_invalid_request() {
        for value in [
            json!("ann"),
            json!({"id": "ann"}),
            json!([""]),
            json!([null]),
            json!([true]),
            json!([1.5]),
            json!([["ann"]]),
            json!(["x".repeat(256)]),
            json!(["line\nbreak"]),
            json!(["bell\u{7}"]),
            json!(["\u{202e}reversed"]),
            json!(["zero\u{200b}width"]),
            json!(["a", "b", "c", "d", "e", "f"]),
        ] {
            assert_eq!(parse_mentions(&value).unwrap_err().code(), "invalid_request", "{value}");
        }
    }
}
