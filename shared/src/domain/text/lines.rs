//! The lines of a text: one form of line break, no control characters, few empty lines in a row.

use super::characters::{has_visible, is_line_break};

/// How many empty lines may follow each other.
const MAX_EMPTY_LINES: usize = 2;

/// The text with `\n` for each form of a line break (CR LF, CR, VT, FF, NEL, U+2028, U+2029), and without control characters other
/// than tab.
pub(super) fn unify_breaks(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars()
        .filter_map(|c| match c {
            _ if is_line_break(c) => Some('\n'),
            '\t' => Some('\t'),
            _ => (!c.is_control()).then_some(c),
        })
        .collect()
}

/// The text without empty lines around it, and with at most two of them in a row. A line in which nothing can be seen is empty.
pub(super) fn limit_empty_lines(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut empty = 0;
    for line in text.split('\n') {
        empty = if has_visible(line) { 0 } else { empty + 1 };
        if empty == 0 || (empty <= MAX_EMPTY_LINES && !kept.is_empty()) {
            kept.push(line);
        }
    }
    while kept.last().is_some_and(|line| !has_visible(line)) {
        kept.pop();
    }
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_line_break_is_a_newline_and_other_controls_go() {
        assert_eq!(unify_breaks("a\r\nb\rc\u{b}d\u{c}e\u{85}f\u{2028}g\u{2029}h\ni"), "a\nb\nc\nd\ne\nf\ng\nh\ni");
        assert_eq!(unify_breaks("\r\r\n\n\r"), "\n\n\n\n");
        assert_eq!(unify_breaks("it\u{92}s\u{7}\u{1b}[31m\t\u{7f}red"), "its[31m\tred");
    }

    #[test]
    fn at_most_two_empty_lines_follow_each_other_and_none_stands_at_the_ends() {
        assert_eq!(limit_empty_lines("a\n\n\nb"), "a\n\n\nb");
        assert_eq!(limit_empty_lines(&format!("a{}b", "\n".repeat(400))), "a\n\n\nb");
        assert_eq!(limit_empty_lines("\n \n\u{200b}\na\n\u{3164}\n"), "a");
        assert_eq!(limit_empty_lines("a\n \n\u{200b}\n\u{2800}\n\t\nb"), "a\n \n\u{200b}\nb");
        assert_eq!(limit_empty_lines("\n\n"), "");
    }
}
