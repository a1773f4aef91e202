//! Combining marks. Some letters need several, but many of them leave the line.

use super::characters::{is_formatting, is_mark};

/// More than any script stacks onto one letter.
const MAX_MARKS: usize = 8;

/// The text with at most so many marks on a letter. Joiners and selectors among the marks do not begin a new letter.
pub(super) fn limit(text: &str) -> String {
    let mut marks = 0;
    let fits = |c: &char| {
        if is_mark(*c) {
            marks += 1;
        } else if !is_formatting(*c) {
            marks = 0;
        }
        marks <= MAX_MARKS || !is_mark(*c)
    };
    text.chars().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_at_most_eight_marks_whatever_stands_between_them() {
        let marks = |count: usize| "\u{301}".repeat(count);
        assert_eq!(limit(&format!("a{}b{}", marks(9), marks(8))), format!("a{}b{}", marks(8), marks(8)));
        for between in ["\u{200d}", "\u{34f}", "\u{fe0f}", "\u{200b}", "\u{2066}", "\u{1160}"] {
            let tower = format!("a{}{between}{}", marks(5), marks(5));
            assert_eq!(limit(&tower), format!("a{}{between}{}", marks(5), marks(3)), "{between:?}");
        }
    }

    #[test]
    fn marks_without_a_letter_and_of_other_kinds_are_counted_too() {
        assert_eq!(limit(&"\u{e47}".repeat(1000)), "\u{e47}".repeat(8));
        assert_eq!(limit(&format!("अ{}", "\u{93f}\u{20dd}".repeat(9))), format!("अ{}", "\u{93f}\u{20dd}".repeat(4)));
    }
}
