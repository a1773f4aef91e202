//! A text as addresses are read in it: dots of any width, without invisible characters, `example[.]com` with its dot.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::domain::text::characters::is_formatting;

/// A character, and the index in the original text of the one that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub(super) c: char,
    pub(super) at: usize,
}

/// The full stop of Chinese and Japanese. It ends sentences without a space, so a name with it counts below Latin suffixes only.
pub(super) const IDEOGRAPHIC_STOP: char = '。';

/// Spaces that may stand on either side of a dot in brackets.
const MAX_SPACES: usize = 2;

/// Reads a text: by NFKC, in lower case.
pub(super) fn read(text: &str) -> Vec<Sign> {
    let composed = ComposingNormalizerBorrowed::new_nfkc();
    let mut signs = Vec::with_capacity(text.len());
    for (at, c) in text.chars().enumerate().filter(|(_, c)| !is_formatting(*c)) {
        if c.is_ascii() {
            signs.push(Sign { c: c.to_ascii_lowercase(), at });
        } else {
            let parts = composed.normalize_iter(std::iter::once(c));
            signs.extend(parts.flat_map(char::to_lowercase).map(|c| Sign { c, at }));
        }
    }
    if signs.iter().any(|sign| closing(sign.c).is_some()) { without_brackets(&signs) } else { signs }
}

/// The signs with what is put in brackets so that no program takes it for an address: `[.]`, `(dot)`, `[:]`, `[://]`.
fn without_brackets(signs: &[Sign]) -> Vec<Sign> {
    let mut read: Vec<Sign> = Vec::with_capacity(signs.len());
    let mut at = 0;
    while at < signs.len() {
        let Some((inner, mut past)) = bracketed(&signs[at..]).map(|(inner, length)| (inner, at + length)) else {
            read.push(signs[at]);
            at += 1;
            continue;
        };
        if inner == "." {
            let before = read.iter().rev().take_while(|sign| sign.c == ' ').count();
            read.truncate(read.len() - if before <= MAX_SPACES { before } else { 0 });
            let after = signs[past..].iter().take_while(|sign| sign.c == ' ').count();
            past += if after <= MAX_SPACES { after } else { 0 };
        }
        read.extend(inner.chars().map(|c| Sign { c, at: signs[at].at }));
        at = past;
    }
    read
}

/// What the brackets at the beginning stand for, and how many signs they are.
fn bracketed(signs: &[Sign]) -> Option<(&'static str, usize)> {
    let close = closing(signs.first()?.c)?;
    [(".", "."), ("dot", "."), (":", ":"), ("://", "://")].into_iter().find_map(|(written, meant)| {
        let length = written.len() + 2;
        let inner = signs.get(1..length)?;
        let is_it = inner.iter().map(|sign| sign.c).eq(written.chars().chain([close]));
        is_it.then_some((meant, length))
    })
}

fn closing(open: char) -> Option<char> {
    match open {
        '[' => Some(']'),
        '(' => Some(')'),
        '{' => Some('}'),
        _ => None,
    }
}
