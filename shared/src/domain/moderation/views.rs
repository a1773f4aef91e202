//! The readings of a folded text: as written, with leet as letters, and with spaced-out letters joined (docs/moderation.md, Words).

use super::fold::{Glyph, is_of_word};

/// A run of equal characters in a reading. Characters that are not of words are one run of `' '`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) c: char,
    /// How often the character stands in a row.
    pub(super) count: usize,
    /// The original characters of the run: the first, and the one past the last.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether a word may begin here although no separator precedes: after the `a` of `a d a m n`.
    pub(super) begins: bool,
}

/// Reads leet, where one sign may be either of two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leet {
    /// `1` and `|` are i.
    I,
    /// `1` and `|` are l.
    L,
}

/// At most so many separators stand between two letters of a spaced-out word.
const MAX_GAP: usize = 3;
/// A spaced-out word has at least so many letters: `a b` is two words.
const MIN_SPACED: usize = 3;
/// More letters begin another word, so that the work is linear.
const MAX_SPACED: usize = 64;

/// All readings of a text that differ.
pub(super) fn views(glyphs: &[Glyph]) -> Vec<Vec<Run>> {
    let plain = runs(glyphs.iter().map(|glyph| (*glyph, false)));
    let mut views = vec![plain];
    let is_ambiguous = glyphs.iter().any(|glyph| matches!(glyph.c, '1' | '|'));
    for leet in [Leet::I, Leet::L] {
        if leet == Leet::L && !is_ambiguous {
            break;
        }
        let letters = with_leet(glyphs, leet);
        for view in [Some(runs(letters.into_iter().map(|glyph| (glyph, false)))), joined(glyphs, leet)] {
            views.extend(view.filter(|view| !views.contains(view)));
        }
    }
    views
}

/// The runs of a reading.
pub(super) fn runs(glyphs: impl Iterator<Item = (Glyph, bool)>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (Glyph { c, at }, begins) in glyphs {
        let c = if is_of_word(c) { c } else { ' ' };
        match runs.last_mut() {
            Some(run) if run.c == c && !begins => {
                run.count += 1;
                run.end = at + 1;
            }
            _ => runs.push(Run { c, count: 1, start: at, end: at + 1, begins }),
        }
    }
    runs
}

/// Reads digits and signs as letters in tokens that have a letter: `42` stays a number.
pub(super) fn with_leet(glyphs: &[Glyph], leet: Leet) -> Vec<Glyph> {
    let mut read = glyphs.to_vec();
    let is_token = |c: char| is_of_word(c) || letter(c, leet).is_some();
    let mut from = 0;
    while from < read.len() {
        let length = read[from..].iter().take_while(|glyph| is_token(glyph.c)).count();
        let token = &mut read[from..from + length];
        // A token's last `!` is punctuation.
        let inner = token.iter().rposition(|glyph| !matches!(glyph.c, '!' | '|')).map_or(0, |last| last + 1);
        if token.iter().any(|glyph| glyph.c.is_alphabetic()) {
            token[..inner].iter_mut().for_each(|glyph| glyph.c = letter(glyph.c, leet).unwrap_or(glyph.c));
        }
        from += length.max(1);
    }
    read
}

/// The text with its spaced-out words joined; `None` if it has none. `b.a.d` is spaced out, `ba d` is not.
fn joined(glyphs: &[Glyph], leet: Leet) -> Option<Vec<Run>> {
    let mut read: Vec<(Glyph, bool)> = Vec::with_capacity(glyphs.len());
    let (mut from, mut found) = (0, false);
    while from < glyphs.len() {
        let (letters, groups, end) = spaced(glyphs, from, leet);
        let real = glyphs[from..end].iter().filter(|glyph| glyph.c.is_alphabetic()).count();
        if groups >= MIN_SPACED && real * 2 >= letters.len() {
            found = true;
            let article = groups > MIN_SPACED && matches!(letters[0].c, 'a' | 'i');
            read.extend(letters.iter().enumerate().map(|(index, glyph)| (*glyph, article && index == 1)));
            from = end;
        } else {
            // The rest of a token does not begin a spaced-out word.
            let next = from + glyphs[from..].iter().take_while(|glyph| stands(glyph.c, leet)).count().max(1);
            read.extend(glyphs[from..next].iter().map(|glyph| (*glyph, false)));
            from = next;
        }
    }
    found.then(|| runs(read.into_iter()))
}

/// The letters that stand alone from here on, how many they are without their stretches, and the index past them.
fn spaced(glyphs: &[Glyph], from: usize, leet: Leet) -> (Vec<Glyph>, usize, usize) {
    let mut letters = Vec::new();
    let (mut groups, mut at, mut end) = (0, from, from);
    while let Some((letter, past)) = lone(glyphs, at, leet).filter(|_| groups < MAX_SPACED) {
        letters.extend(letter);
        (groups, end) = (groups + 1, past);
        let gap = glyphs[past..].iter().take(MAX_GAP + 1).take_while(|glyph| !stands(glyph.c, leet)).count();
        if gap == 0 || gap > MAX_GAP {
            break;
        }
        at = past + gap;
    }
    (letters, groups, end)
}

/// A letter, perhaps stretched, that no other adjoins, and the index past it.
fn lone(glyphs: &[Glyph], at: usize, leet: Leet) -> Option<(Vec<Glyph>, usize)> {
    let first = glyphs.get(at).filter(|glyph| stands(glyph.c, leet))?;
    let count = glyphs[at..].iter().take_while(|glyph| glyph.c == first.c).count();
    let is_alone = glyphs.get(at + count).is_none_or(|next| !stands(next.c, leet));
    // `aa` is a syllable; `aaa` is a stretched letter.
    (is_alone && count != 2).then(|| {
        let read = |glyph: &Glyph| Glyph { c: letter(glyph.c, leet).unwrap_or(glyph.c), at: glyph.at };
        (glyphs[at..at + count].iter().map(read).collect(), at + count)
    })
}

/// Whether a character is a letter, or a sign that is read as one when it stands alone. `!` and `|` separate then.
fn stands(c: char, leet: Leet) -> bool {
    is_of_word(c) || (letter(c, leet).is_some() && !matches!(c, '!' | '|' | '+'))
}

/// The letter that a sign stands for.
fn letter(c: char, leet: Leet) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' | '|' if leet == Leet::L => 'l',
        '1' | '|' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        _ => return None,
    })
}
