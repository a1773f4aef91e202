//! Lists of terms, and texts that they judge. The input is a list, a line break, and a text. Any list compiles or is refused with a sentence,
//! and is told back as it was written; matches and links lie within the text, and what is masked has no masked term left.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::moderation::links::{self, links};
use shared::domain::moderation::terms::{Action, TermList};

fuzz_target!(|data: &[u8]| {
    let (json, text) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], String::from_utf8_lossy(&data[end + 1..])),
        None => (data, String::from_utf8_lossy(data)),
    };
    let characters = text.chars().count();
    let found = links(&text);
    for link in &found {
        assert!(link.start < link.end && link.end <= characters, "{link:?} of {text:?}");
        assert!(!link.domain.is_empty() && links::is_below(&link.domain, |parent| parent == link.domain), "{link:?}");
    }
    assert!(found.is_sorted_by(|one, next| one.end <= next.start), "{found:?}");
    let list = match TermList::parse(json) {
        Ok(list) => list,
        Err(error) => {
            assert!(matches!(error.code(), "invalid_request" | "too_large") && !error.to_string().is_empty());
            return;
        }
    };
    let written = serde_json::to_string(list.written()).expect("a list is JSON");
    let again = TermList::parse(written.as_bytes()).expect("what was accepted once is accepted again");
    assert_eq!(again.written(), list.written());
    let verdict = list.judge(&text);
    assert_eq!(verdict.action, verdict.matches.iter().map(|found| found.action).max());
    assert!(verdict.matches.iter().all(|found| found.start < found.end && found.end <= characters), "{verdict:?}");
    assert_eq!(list.has_foreign_link(&text), found.iter().any(|link| !list.allows_link(link)));
    let masked = list.judge(&list.mask(&text));
    assert!(masked.matches.iter().all(|found| found.action != Action::Mask), "{masked:?}");
});
