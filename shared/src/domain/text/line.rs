//! Names and badges: one line in NFC, in which nothing hides. Two people may share a name, but not through hidden characters.

use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_segmentation::UnicodeSegmentation;

use super::characters::{has_visible, is_blank, is_formatting, is_line_break};
use super::joiners::{is_needed, region_of_flag};
use super::marks;

/// More than any text needs that nobody contrived.
const MAX_PASSES: usize = 4;
/// The beginning of a text that is looked at for its excerpt, in characters: much of it may be invisible.
const EXCERPT_OF: usize = 1000;

/// A text on one line, cleaned; `None` if nothing can be seen in it.
pub fn label(text: &str) -> Option<String> {
    let line = cleaned(text);
    has_visible(&line).then_some(line)
}

/// The beginning of a text on one line, cleaned as a label is: as many whole graphemes as `max_length` characters hold; `None` if nothing
/// can be seen in them.
pub fn excerpt(text: &str, max_length: usize) -> Option<String> {
    clipped(cut(text, EXCERPT_OF), max_length)
}

/// A label of at most so many characters; `None` if nothing can be seen in what is left.
pub(super) fn clipped(text: &str, max_length: usize) -> Option<String> {
    let line = cleaned(text);
    // Once more, because what was kept for the sake of a character behind the cut is not needed any more.
    label(cut(&line, max_length))
}

/// As many whole graphemes as fit. One that is longer than the limit fits nowhere.
fn cut(text: &str, max_length: usize) -> &str {
    let (mut length, mut end) = (0, 0);
    for (at, grapheme) in text.grapheme_indices(true) {
        length += grapheme.chars().count();
        if length > max_length {
            break;
        }
        end = at + grapheme.len();
    }
    &text[..end]
}

/// The line that stays as it is if it is cleaned again.
fn cleaned(text: &str) -> String {
    let mut line = text.to_owned();
    // A character that goes may take from another the neighbour that it was kept for.
    for _ in 0..MAX_PASSES {
        let next = passed(&line, is_needed);
        if next == line {
            return line;
        }
        line = next;
    }
    passed(&line, |_, _, _| false)
}

fn passed(line: &str, is_needed: impl Fn(&[char], char, &[char]) -> bool) -> String {
    let line: Vec<char> = line.chars().collect();
    let mut kept: Vec<char> = Vec::with_capacity(line.len());
    let mut rest = line.as_slice();
    while let [c, after @ ..] = rest {
        rest = after;
        if is_line_break(*c) || is_blank(*c) {
            if kept.last() != Some(&' ') {
                kept.push(' ');
            }
        } else if c.is_control() {
            continue;
        } else if !is_formatting(*c) {
            kept.push(*c);
            let region = region_of_flag(*c, after);
            kept.extend(region);
            rest = &after[region.len()..];
        } else if is_needed(&kept, *c, after) {
            kept.push(*c);
        }
    }
    let line: String = kept.into_iter().collect();
    let line = ComposingNormalizerBorrowed::new_nfc().normalize(&line).into_owned();
    marks::limit(&line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line_in_nfc() {
        for (text, expected) in [
            ("  Ann\r\nLee\t", "Ann Lee"),
            ("Ann \u{a0}\u{200b}\u{3000} Lee", "Ann Lee"),
            ("Ann\u{2800}Lee\u{1d159}", "Ann Lee"),
            ("Re\u{301}ne\u{301}e", "Rénée"),
            ("A\u{0}n\u{92}n", "Ann"),
            (&format!("Z{}", "\u{301}".repeat(50)), &format!("\u{179}{}", "\u{301}".repeat(8))),
        ] {
            assert_eq!(label(text).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn nothing_hides_in_a_label() {
        for hidden in "\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180b}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{202a}\u{202d}\u{202e}\u{202c}\
                       \u{2060}\u{2063}\u{2066}\u{2069}\u{206a}\u{3164}\u{fe00}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{13430}\u{1bca0}\u{1d173}\
                       \u{e0001}\u{e0041}\u{e0100}\u{7}\u{9d}"
            .chars()
        {
            for text in [format!("Ali{hidden}ce"), format!("{hidden}Alice"), format!("Alice{hidden}{hidden}")] {
                assert_eq!(label(&text).as_deref(), Some("Alice"), "{text:?}");
            }
            assert_eq!(label(&hidden.to_string()), None, "{hidden:?}");
        }
        assert_eq!(label("\u{202e}ecilA").as_deref(), Some("ecilA"));
    }
}
