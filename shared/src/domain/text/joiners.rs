//! The invisible characters that a name keeps, because without them its script or its emoji would look different.
//!
//! Each is kept only where it has an effect, so that no two names differ by what nobody can see:
//!
//! * a zero-width non-joiner between letters that would join, as in Persian, and a joiner where letters would not join;
//! * either of them beside a virama (and in Khmer beside a consonant shifter), as in Indic scripts: RFC 5892, appendix A, and the
//!   forms before a virama that Bengali and Sinhala write;
//! * a joiner between emoji;
//! * a variation selector after an emoji, an ideograph, or a letter of a script that has standardised variants;
//! * the tags of a flag of a region, such as Wales.

use icu_properties::props::{CanonicalCombiningClass, ExtendedPictographic, JoiningType, Script};
use icu_properties::{CodePointMapData, CodePointSetData};

use super::characters::{is_drawn_format, is_formatting, is_mark};

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';
const BLACK_FLAG: char = '\u{1f3f4}';
const KEYCAP: char = '\u{20e3}';

/// Whether an invisible character is needed, by what was kept before it and what comes after it.
pub(super) fn is_needed(kept: &[char], c: char, after: &[char]) -> bool {
    let Some(before) = kept.last().copied() else {
        return is_drawn_format(c) || (c == JOINER && joins(kept, c, after));
    };
    match c {
        // Of several in a row, the first has all the effect.
        NON_JOINER | JOINER if matches!(before, NON_JOINER | JOINER) => false,
        NON_JOINER | JOINER => {
            joins(kept, c, after) || is_beside_virama(kept, after) || (c == JOINER && is_between_emoji(kept, after))
        }
        '\u{180b}'..='\u{180f}' => script(before) == Script::Mongolian,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => selects(before, c, after),
        _ => is_drawn_format(c) || (script(c) == Script::EgyptianHieroglyphs && script(before) == script(c)),
    }
}

/// The tags after a flag that name a region: three to six letters or digits, and the end. Others are no flag that anybody draws.
pub(super) fn region_of_flag(flag: char, after: &[char]) -> &[char] {
    let is_tag = |c: &char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let length = after.iter().take_while(|c| is_tag(c)).count();
    let is_region = flag == BLACK_FLAG && (3..=6).contains(&length) && after.get(length) == Some(&'\u{e007f}');
    if is_region { &after[..=length] } else { &[] }
}

fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

fn is_emoji(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

/// Whether a joiner changes how the letters around it join: a non-joiner parts two that would, a joiner acts where one has no partner.
fn joins(kept: &[char], c: char, after: &[char]) -> bool {
    let kind = |c: &&char| CodePointMapData::<JoiningType>::new().get(**c);
    let is_letter = |c: &&char| kind(c) != JoiningType::Transparent && (**c == NON_JOINER || !is_formatting(**c));
    let (before, next) =
        (kept.iter().rev().find(is_letter), after.iter().filter(|c| **c != NON_JOINER).find(is_letter));
    let joins_on = before.as_ref().is_some_and(|c| {
        matches!(kind(c), JoiningType::DualJoining | JoiningType::LeftJoining | JoiningType::JoinCausing)
    });
    let joins_back = next.as_ref().is_some_and(|c| {
        matches!(kind(c), JoiningType::DualJoining | JoiningType::RightJoining | JoiningType::JoinCausing)
    });
    if c == NON_JOINER { joins_on && joins_back } else { joins_on != joins_back }
}

/// Whether a virama is among the marks right before or right after, or a Khmer consonant shifter.
fn is_beside_virama(kept: &[char], after: &[char]) -> bool {
    let class = |c: &char| CodePointMapData::<CanonicalCombiningClass>::new().get(*c);
    let is_virama = |c: &char| class(c) == CanonicalCombiningClass::Virama || matches!(c, '\u{17c9}' | '\u{17ca}');
    let is_reordered = |c: &&char| class(c) != CanonicalCombiningClass::NotReordered || is_virama(c);
    let mut next = after.iter().filter(|c| !is_formatting(**c)).take_while(is_reordered);
    kept.iter().rev().take_while(is_reordered).any(is_virama) || next.any(is_virama)
}

fn is_between_emoji(kept: &[char], after: &[char]) -> bool {
    let extends = |c: &&char| is_mark(**c) || is_formatting(**c) || matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    let before = kept.iter().rev().find(|c| !extends(c));
    let next = after.iter().find(|c| !is_formatting(**c));
    before.copied().is_some_and(is_emoji) && next.copied().is_some_and(is_emoji)
}

/// Whether a character has variants that a selector may choose.
fn selects(before: char, selector: char, after: &[char]) -> bool {
    let is_of_emoji = matches!(selector, '\u{fe0e}' | '\u{fe0f}');
    let is_keycap = matches!(before, '0'..='9' | '#' | '*') && selector == '\u{fe0f}' && after.first() == Some(&KEYCAP);
    let has_variants = match script(before) {
        Script::Han => true,
        Script::Myanmar | Script::PhagsPa | Script::Manichaean => selector == '\u{fe00}',
        _ => false,
    };
    is_keycap || has_variants || (is_of_emoji && is_emoji(before))
}

#[cfg(test)]
mod tests {
    use super::super::line::label;

    #[track_caller]
    fn becomes(text: &str, expected: &str) {
        assert_eq!(label(text).as_deref(), Some(expected), "{text:?}");
    }

    #[test]
    fn a_non_joiner_stays_where_it_parts_letters() {
        for kept in ["می\u{200c}خواهم", "نامه\u{200c}ای", "کتاب\u{200c}ها", "बिल्\u{200c}ली", "ক্\u{200c}ষ"]
        {
            becomes(kept, kept);
        }
        becomes("روز\u{200c}ها", "روزها");
        becomes("می\u{200c}\u{200c}\u{200d}خواهم", "می\u{200c}خواهم");
        becomes("سلام\u{200c}", "سلام");
        becomes("रा\u{200c}म", "राम");
    }

    #[test]
    fn a_joiner_stays_where_it_shapes_letters() {
        for kept in [
            "ه\u{200d}",
            "क\u{94d}\u{200d}ष",
            "ක\u{dca}\u{200d}ෂ",
            "ক\u{9cd}\u{200d}",
            "র\u{200d}\u{9cd}যা",
            "ශ\u{dca}\u{200d}රී",
        ] {
            becomes(kept, kept);
        }
        becomes("سل\u{200d}ام", "سلام");
        becomes("रा\u{200d}म", "राम");
    }

    #[test]
    fn emoji_stay_whole() {
        for kept in [
            "👩‍👩‍👧‍👦",
            "👩🏽‍🚀",
            "🏳️‍🌈",
            "🏴‍☠️",
            "❤️‍🔥",
            "❤️",
            "☺︎",
            "1️⃣",
            "#️⃣",
            "👍🏿",
            "🇧🇷",
            "🧑🏻‍❤️‍💋‍🧑🏿",
            "⭐️",
            "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
        ] {
            becomes(kept, kept);
            becomes(&format!("Ann {kept} Lee"), &format!("Ann {kept} Lee"));
        }
        becomes("👩\u{200d}Ann", "👩Ann");
        becomes("Ann\u{200d}👩", "Ann👩");
        becomes("Agent 1\u{fe0f}", "Agent 1");
        becomes("🏴\u{e0061}\u{e007f}", "🏴");
        becomes("👩\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}", "👩");
    }

    #[test]
    fn variants_of_letters_stay() {
        for kept in ["葛\u{e0100}城", "辻\u{e0101}", "ᠠ\u{180b}", "ᠨ\u{180e}ᠠ", "\u{6dd}١"] {
            becomes(kept, kept);
        }
        becomes("a\u{fe00}\u{e0100}\u{180b}b", "ab");
    }
}
