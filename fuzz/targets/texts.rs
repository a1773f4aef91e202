//! Texts and names. Any input is a clean text or is refused, and a clean name or none; cleaning either of them again changes nothing.
#![no_main]

use fuzz::{MAX_LENGTH, assert_is_text};
use libfuzzer_sys::fuzz_target;
use shared::domain::text::display_name::DisplayName;
use shared::domain::text::message_text::MessageText;
use shared::domain::text::picture;

fuzz_target!(|data: &[u8]| {
    let input = String::from_utf8_lossy(data);
    match MessageText::parse(&input, MAX_LENGTH) {
        Ok(text) => assert_is_text(text.as_str()),
        Err(error) => assert_eq!(error.code(), "invalid_message"),
    }
    if let Some(name) = DisplayName::parse(&input) {
        fuzz::assert_is_name(name.as_str());
    }
    if let Some(address) = picture::address(&input) {
        assert!(address.len() <= 2048 && address[..6].eq_ignore_ascii_case("https:"), "{address:?}");
        assert_eq!(picture::address(&address).as_ref(), Some(&address));
    }
});
