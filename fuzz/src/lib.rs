//! Shared by the targets: the promises about accepted texts, whichever way they arrive.
//!
//! A target panics if a promise is broken, and libFuzzer keeps the input. `.ci/fuzz` builds and runs all targets.

use shared::domain::message::Draft;
use shared::domain::text::display_name::DisplayName;
use shared::domain::text::message_text::MessageText;

/// The longest text of a message in characters, as in a deployment with default settings.
pub const MAX_LENGTH: usize = 1000;

/// Asserts that an accepted draft can be stored and shown.
///
/// # Panics
/// If it cannot.
pub fn assert_is_fit(draft: &Draft) {
    assert_is_text(draft.text.as_str());
    if let Some(key) = &draft.client_message_id {
        assert!((1..=128).contains(&key.as_str().chars().count()), "a key has 1 to 128 characters");
        assert!(!key.as_str().chars().any(char::is_control), "a key has no control characters");
    }
}

/// Asserts that a text is clean.
///
/// # Panics
/// If it is not.
pub fn assert_is_text(text: &str) {
    assert_eq!(text, text.trim(), "a text is trimmed");
    assert!((1..=MAX_LENGTH).contains(&text.chars().count()), "a text has 1 to {MAX_LENGTH} characters");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "a text has no control characters");
    assert!(!text.contains(['\u{2028}', '\u{2029}']) && !text.contains("\n\n\n\n"), "{text:?} has other lines");
    assert!(text.chars().any(|c| !is_nothing(c)), "{text:?} has nothing to see");
    let isolates = |c: char| ('\u{2066}'..='\u{2068}').contains(&c);
    assert_eq!(text.matches(isolates).count(), text.matches('\u{2069}').count(), "{text:?} leaves a direction open");
    let again = MessageText::parse(text, MAX_LENGTH);
    assert_eq!(again.as_ref().map(MessageText::as_str).ok(), Some(text), "cleaning it again changes it");
}

/// Asserts that a name is clean.
///
/// # Panics
/// If it is not.
pub fn assert_is_name(name: &str) {
    assert!((1..=100).contains(&name.chars().count()), "{name:?} is too long");
    assert!(!name.chars().any(char::is_control) && name.trim() == name, "{name:?} has more than one line");
    assert!(name.chars().any(|c| !is_nothing(c)), "{name:?} has nothing to see");
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!name.contains(turns) && !name.contains(['\u{200b}', '\u{2060}', '\u{3164}', '\u{feff}']), "{name:?} hides something");
    assert_eq!(DisplayName::parse(name).as_ref().map(DisplayName::as_str), Some(name), "cleaning it again changes it");
}

/// Some of what nobody can see, listed independently of the code under test.
fn is_nothing(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}');
    hidden || c.is_whitespace() || c.is_control()
}
