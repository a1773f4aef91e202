//! Shared by the targets: the promises about accepted texts, whichever way they arrive.
//!
//! A target panics if a promise is broken, and libFuzzer keeps the input. `.ci/fuzz` builds and runs all targets.

use shared::domain::message::Draft;

/// The longest text of a message in characters, as in a deployment with default settings.
pub const MAX_LENGTH: usize = 1000;

/// Asserts that an accepted draft can be stored and shown.
///
/// # Panics
/// If it cannot.
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
