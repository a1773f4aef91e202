//! The characters that turn the direction of a text (UAX #9). Left open, they would turn what a page shows after the text.

/// What an opening character waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// An embedding or an override.
    Embedding,
    /// An isolate.
    Isolate,
}

const POP: char = '\u{202c}';
const POP_ISOLATE: char = '\u{2069}';

/// A text whose directions are balanced, once what closes it is appended.
pub(super) struct Balanced {
    /// The text without the characters that close nothing: they could close what a page opened before the text.
    pub(super) text: String,
    /// What closes it.
    pub(super) closers: String,
}

/// Balances a text as one paragraph, because a page may show its lines as one.
pub(super) fn balanced(text: &str) -> Balanced {
    let mut open: Vec<Open> = Vec::new();
    let closes_something = |c: &char| {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push(Open::Embedding),
            '\u{2066}'..='\u{2068}' => open.push(Open::Isolate),
            &POP if open.last() == Some(&Open::Embedding) => drop(open.pop()),
            // It closes the embeddings that were opened within the isolate, too (UAX #9, X6a).
            &POP_ISOLATE => match open.iter().rposition(|kind| *kind == Open::Isolate) {
                Some(at) => open.truncate(at),
                None => return false,
            },
            &POP => return false,
            _ => {}
        }
        true
    };
    let text = text.chars().filter(closes_something).collect();
    let closer = |kind: &Open| if *kind == Open::Isolate { POP_ISOLATE } else { POP };
    Balanced { text, closers: open.iter().rev().map(closer).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_closed_from_the_inside_and_what_closes_nothing_is_dropped() {
        for (text, expected) in [
            ("plain", "plain"),
            ("\u{202e}a", "\u{202e}a\u{202c}"),
            ("\u{2067}a\u{202b}b", "\u{2067}a\u{202b}b\u{202c}\u{2069}"),
            ("\u{202a}a\u{202c}", "\u{202a}a\u{202c}"),
            ("a\u{202c}\u{2069}b", "ab"),
            ("\u{2066}\u{202e}a\u{2069}b", "\u{2066}\u{202e}a\u{2069}b"),
            ("\u{2068}a\u{202c}", "\u{2068}a\u{2069}"),
            ("\u{202e}\u{2069}a", "\u{202e}a\u{202c}"),
            ("\u{202d}a\nb", "\u{202d}a\nb\u{202c}"),
            ("\u{200e}a\u{200f}\u{61c}", "\u{200e}a\u{200f}\u{61c}"),
        ] {
            let Balanced { text: balanced, closers } = balanced(text);
            assert_eq!(balanced + &closers, expected, "{text:?}");
        }
    }
}
