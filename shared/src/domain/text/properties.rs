//! What holds for every text and every name, on random input made of what people write, what hides, and any other characters.

use std::collections::BTreeSet;

use icu_normalizer::ComposingNormalizerBorrowed;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use unicode_segmentation::UnicodeSegmentation;

use super::characters::{has_visible, is_mark};
use super::corpus::{HIDDEN, SCRIPTS};
use super::display_name::DisplayName;
use super::message_text::MessageText;

const CASES: u32 = 400;
const MAX_LENGTH: usize = 60;

/// The graphemes of the corpus, each of which must stay whole.
fn graphemes() -> BTreeSet<&'static str> {
    SCRIPTS.iter().flat_map(|(_, text)| text.graphemes(true)).filter(|grapheme| has_visible(grapheme)).collect()
}

/// Up to 80 pieces: graphemes of all scripts, hidden characters, marks, line breaks, and anything else.
fn text() -> impl Strategy<Value = String> {
    let graphemes: Vec<&str> = graphemes().into_iter().collect();
    let piece = prop_oneof![
        5 => proptest::sample::select(graphemes).prop_map(str::to_owned),
        4 => proptest::sample::select(HIDDEN.as_slice()).prop_map(str::to_owned),
        2 => proptest::sample::select(vec!["\u{301}", "\u{94d}", "\u{338}", "\u{654}", "\n", " ", "\u{2194}", "\u{1f3f4}", "\u{628}"])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(|c| c.to_string()),
    ];
    proptest::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// Holds a property against the same inputs in every run.
fn for_every_text(property: impl Fn(&str) -> Result<(), TestCaseError>) {
    let settings = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(settings, rng).run(&text(), |text| property(&text));
    outcome.unwrap_or_else(|broken| panic!("{broken}"));
}

#[test]
fn a_text_is_fit_and_cleaning_it_again_changes_nothing() {
    for_every_text(|input| {
        let Ok(text) = MessageText::parse(input, MAX_LENGTH) else { return Ok(()) };
        let again = MessageText::parse(text.as_str(), MAX_LENGTH);
        prop_assert_eq!(again.as_ref().ok(), Some(&text));
        let text = text.as_str();
        prop_assert!((1..=MAX_LENGTH).contains(&text.chars().count()) && has_visible(text));
        prop_assert_eq!(text.trim(), text);
        let is_other = |c: char| (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}');
        prop_assert!(!text.chars().any(is_other));
        prop_assert!(!text.contains("\n\n\n\n"));
        let opened = text.chars().filter(|c| ('\u{2066}'..='\u{2068}').contains(c)).count();
        prop_assert_eq!(text.matches('\u{2069}').count(), opened, "every isolate is closed, and nothing else");
        Ok(())
    });
}

#[test]
fn a_text_is_refused_only_if_nothing_can_be_seen_or_it_is_too_long_or_has_nul() {
    for_every_text(|input| {
        let refused = MessageText::parse(input, usize::MAX).is_err();
        prop_assert_eq!(refused, input.contains('\0') || !has_visible(input));
        Ok(())
    });
}

#[test]
fn a_name_is_fit_and_cleaning_it_again_changes_nothing() {
    for_every_text(|input| {
        let Some(name) = DisplayName::parse(input) else {
            prop_assert!(!has_visible(input) || input.graphemes(true).any(|grapheme| grapheme.chars().count() > 100));
            return Ok(());
        };
        let again = DisplayName::parse(name.as_str());
        prop_assert_eq!(again.as_ref(), Some(&name));
        let name = name.as_str();
        prop_assert!((1..=100).contains(&name.chars().count()) && has_visible(name));
        prop_assert!(ComposingNormalizerBorrowed::new_nfc().is_normalized(name));
        let hidden = |c: char| {
            c.is_control() || "\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{2060}\u{2800}\u{3164}\u{feff}".contains(c)
        };
        let turning = |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
        prop_assert!(!name.chars().any(|c| hidden(c) || turning(c) || (c.is_whitespace() && c != ' ')));
        prop_assert!(!name.contains("  ") && name.trim() == name);
        Ok(())
    });
}

#[test]
fn a_letter_has_at_most_eight_marks() {
    for_every_text(|input| {
        let text = MessageText::parse(input, usize::MAX).map(|text| text.as_str().to_owned()).unwrap_or_default();
        let name = DisplayName::parse(input).map(DisplayName::into_string).unwrap_or_default();
        for cleaned in [text, name] {
            let longest = cleaned.split(|c: char| !is_mark(c)).map(|marks| marks.chars().count()).max();
            prop_assert!(longest.unwrap_or_default() <= 8, "{}", cleaned);
        }
        Ok(())
    });
}

#[test]
fn every_grapheme_of_every_script_stays_whole() {
    let graphemes = graphemes();
    assert!(graphemes.len() > 400, "{} graphemes", graphemes.len());
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    for (script, written) in SCRIPTS {
        let text = MessageText::parse(written, 200).unwrap_or_else(|error| panic!("{script}: {error}"));
        assert_eq!(text.as_str(), written, "{script}");
        // A name is in NFC, and spaces are all the same; otherwise it is as written, up to a whole grapheme.
        let expected: String =
            nfc.normalize(written).chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        let name = DisplayName::parse(written).unwrap_or_else(|| panic!("{script} has no name")).into_string();
        let rest = expected.strip_prefix(&name).unwrap_or_else(|| panic!("{script}: {name} is not of {expected}"));
        assert!(rest.is_empty() || name.chars().count() > 80, "{script}: only {name}");
        assert!(
            name.graphemes(true).chain(rest.graphemes(true)).eq(expected.graphemes(true)),
            "{script}: {name} is cut"
        );
    }
}

#[test]
fn a_cut_is_between_graphemes_wherever_it_falls() {
    // A block joins nothing, so that a grapheme after it is the same wherever the blocks begin.
    let after_blocks = |count: usize, grapheme: &str| {
        let name = DisplayName::parse(&format!("{}{grapheme}", "█".repeat(count))).expect("a name").into_string();
        name.trim_start_matches('█').to_owned()
    };
    for grapheme in graphemes().into_iter().filter(|grapheme| *grapheme != "█") {
        let whole = after_blocks(1, grapheme);
        assert!(!whole.is_empty(), "{grapheme:?}");
        let length = whole.chars().count();
        for count in 100 - length - 1..=100 {
            let expected = if count + length <= 100 { whole.as_str() } else { "" };
            assert_eq!(after_blocks(count, &whole), expected, "{grapheme:?} after {count}");
        }
    }
}
