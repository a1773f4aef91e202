//! What a character looks like, by the Unicode Character Database.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed};

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::<GeneralCategory>::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();
const PREPENDED: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<PrependedConcatenationMark>();

/// Whether a character breaks a line. `\r\n` is two characters and one break.
pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character has a width, but shows nothing in it. Unicode calls neither of these white space: the Braille pattern without
/// dots and the musical note without a head.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{1d159}')
}

/// Whether a character only formats or selects what is around it, such as joiners, variation selectors, tags and fillers.
pub(in crate::domain) fn is_formatting(c: char) -> bool {
    !c.is_ascii() && (IGNORABLE.contains(c) || CATEGORY.get(c) == GeneralCategory::Format)
}

/// Whether a format character is drawn, such as the Arabic sign that encloses a number.
pub(super) fn is_drawn_format(c: char) -> bool {
    PREPENDED.contains(c)
}

/// Whether a reader can see a character.
pub(super) fn is_visible(c: char) -> bool {
    c.is_ascii_graphic() || !(c.is_control() || is_blank(c) || is_formatting(c))
}

/// Whether a text has anything to see.
pub(super) fn has_visible(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// Whether a character is drawn onto the one before it.
pub(in crate::domain) fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    !c.is_ascii() && matches!(CATEGORY.get(c), NonspacingMark | SpacingMark | EnclosingMark) && !IGNORABLE.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_not_visible_and_what_is_written_is() {
        for hidden in "\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}\u{ad}\u{34f}\u{61c}\u{17b4}\u{180e}\u{200b}\u{200d}\u{200e}\u{202e}\
                       \u{2060}\u{2064}\u{2066}\u{206f}\u{feff}\u{fe0f}\u{fffb}\u{1d159}\u{1d173}\u{e0001}\u{e0041}\u{e0100}\
                       \u{0}\u{7f}\u{92} \t\n\u{a0}\u{2003}\u{3000}"
            .chars()
        {
            assert!(!is_visible(hidden), "{:04x}", u32::from(hidden));
        }
        for visible in "aß中ไ한👩☀\u{301}\u{20e3}\u{fffd}\u{e000}".chars() {
            assert!(is_visible(visible), "{:04x}", u32::from(visible));
        }
    }

    #[test]
    fn a_selector_is_no_mark() {
        assert!(is_mark('\u{301}') && is_mark('\u{93f}') && is_mark('\u{20dd}'));
        assert!(!is_mark('a') && !is_mark('\u{fe0f}') && !is_mark('\u{34f}') && !is_mark('\u{200d}'));
    }
}
