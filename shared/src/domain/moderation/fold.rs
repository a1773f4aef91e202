//! Folding: texts that look alike become the same characters, so that a term is found however it is dressed up (docs/moderation.md,
//! Words). Terms are folded as texts are.

use icu_normalizer::DecomposingNormalizerBorrowed;
use unicode_security::confusable_detection::skeleton;

use crate::domain::text::characters::is_formatting;

/// A folded character, and the character of the original text that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    /// Lower-case, without marks.
    pub(super) c: char,
    /// The index of the original character, counted in characters.
    pub(super) at: usize,
}

/// Folds a text: compatibility decomposition, case, marks, invisible characters and look-alikes. Leet is the part of `views`.
pub(super) fn fold(text: &str) -> Vec<Glyph> {
    let mut glyphs = Vec::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        if c.is_ascii() {
            glyphs.push(Glyph { c: c.to_ascii_lowercase(), at });
        } else if !is_formatting(c) {
            fold_character(c, |c| glyphs.push(Glyph { c, at }));
        }
    }
    glyphs
}

/// Whether a folded character is a part of a word. What stays of the marks, such as the vowel signs of Devanagari, is.
pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && crate::domain::text::characters::is_mark(c))
}

fn fold_character(c: char, mut push: impl FnMut(char)) {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd();
    for part in decomposed.normalize_iter(std::iter::once(c)).filter(|part| !is_dropped_mark(*part)) {
        if part.is_ascii() {
            push(part.to_ascii_lowercase());
        } else if let Some(letters) = look_alike(part) {
            letters.chars().for_each(&mut push);
        } else {
            fold_by_skeleton(part, &mut push);
        }
    }
}

/// The Latin letters that a character looks like by UTS #39, or the character itself in lower case: a skeleton in another script
/// would only join what its readers tell apart.
fn fold_by_skeleton(c: char, push: &mut impl FnMut(char)) {
    let mut buffer = [0; 4];
    if c.is_alphabetic() {
        for candidate in std::iter::once(c).chain(c.to_lowercase()) {
            let letters = skeleton(candidate.encode_utf8(&mut buffer)).filter(|part| !is_dropped_mark(*part));
            let letters: Vec<char> = letters.collect();
            if !letters.is_empty() && letters.iter().all(char::is_ascii_alphanumeric) {
                letters.iter().for_each(|letter| push(letter.to_ascii_lowercase()));
                return;
            }
        }
    }
    // A letter whose small form is a look-alike.
    for small in c.to_lowercase().filter(|small| !is_dropped_mark(*small)) {
        match look_alike(small) {
            Some(letters) => letters.chars().for_each(&mut *push),
            None => push(small),
        }
    }
}

/// Whether a mark only decorates its letter. The vowel signs of the scripts of India and South East Asia spell words, so they stay.
fn is_dropped_mark(c: char) -> bool {
    matches!(u32::from(c),
        0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5c7 | 0x64b..=0x65f | 0x670 | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff
        | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

/// Look-alikes of Latin letters that UTS #39 lacks, or has only as small capitals.
fn look_alike(c: char) -> Option<&'static str> {
    const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz";
    // Negative circled and negative squared letters have no decomposition.
    for first in [0x1f150, 0x1f170] {
        if let Some(letter) = u32::from(c).checked_sub(first).filter(|letter| *letter < 26) {
            return ALPHABET.get(letter as usize..=letter as usize);
        }
    }
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ı' => "i",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ø' | 'Ø' => "o",
        'ħ' | 'Ħ' | 'н' | 'Н' | 'ʜ' => "h",
        'в' | 'В' | 'ʙ' | 'β' | 'Β' => "b",
        'т' | 'Т' | 'τ' | 'Τ' | 'ᴛ' => "t",
        'к' | 'К' | 'κ' | 'Κ' | 'ĸ' | 'ᴋ' => "k",
        'м' | 'М' | 'ᴍ' => "m",
        'є' | 'Є' | 'ε' | 'Ε' | 'ᴇ' | 'э' => "e",
        'α' | 'Α' | 'ᴀ' | 'λ' => "a",
        'η' | 'п' | 'ɴ' => "n",
        'μ' | 'υ' | 'ц' => "u",
        'я' | 'Я' | 'ʀ' | 'г' => "r",
        'ι' | 'Ι' | 'ɪ' => "i",
        'ʟ' => "l",
        'ω' | 'ш' | 'щ' => "w",
        'χ' | 'Χ' => "x",
        'ч' => "4",
        '¢' | 'ς' => "c",
        '€' => "e",
        '£' => "l",
        '¡' => "!",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text).iter().map(|glyph| glyph.c).collect()
    }

    #[test]
    fn what_looks_alike_folds_to_the_same_letters() {
        for (text, expected) in [
            ("SCAM", "scam"),
            ("ｓｃａｍ", "scam"),
            ("s\u{200b}c\u{ad}a\u{2060}m", "scam"),
            ("ś̷ćâm̈", "scam"),
            ("ѕсаm", "scam"),
            ("ЅСАМ", "scam"),
            ("нell НELL", "hell hell"),
            ("ΙDΙΟΤ", "idiot"),
            ("𝓼𝓬𝓪𝓶 ⓢⓒⓐⓜ 🅂🄲🄰🄼 🆂🅲🅰🅼 🅢🅒🅐🅜", "scam scam scam scam scam"),
            ("Straße", "strasse"),
            ("नमस्ते", "नमस्ते"),
            ("你好", "你好"),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }

    #[test]
    fn ascii_letters_are_never_look_alikes_of_each_other() {
        assert_eq!(folded("burn corn vv 0 1 I l"), "burn corn vv 0 1 i l");
    }

    #[test]
    fn a_glyph_knows_its_character() {
        let at: Vec<usize> = fold("é\u{301}ßx").iter().map(|glyph| glyph.at).collect();
        assert_eq!(at, [0, 2, 2, 3]);
    }
}
