//! What the targets share: the promises about texts that were accepted, whichever way they came.
//!
//! A target panics where a promise is broken; libFuzzer keeps the input. `.ci/fuzz` builds and runs all of them.

use shared::domain::message::Draft;

/// The longest text of a message in characters, as in a deployment without settings of its own.
pub const MAX_LENGTH: usize = 1000;

/// A draft that was accepted is one that can be stored and shown.
///
/// # Panics
/// If it is not.
pub fn assert_is_fit(draft: &Draft) {
    let text = draft.text.as_str();
    assert_eq!(text, text.trim(), "a text is trimmed");
    assert!((1..=MAX_LENGTH).contains(&text.chars().count()), "a text has 1 to {MAX_LENGTH} characters");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "a text has no control characters");
    if let Some(key) = &draft.client_message_id {
        assert!((1..=128).contains(&key.as_str().chars().count()), "a key has 1 to 128 characters");
        assert!(!key.as_str().chars().any(char::is_control), "a key has no control characters");
    }
}
