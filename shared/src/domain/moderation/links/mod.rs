//! The links of a text (docs/moderation.md, Links): http(s) addresses, and bare names under a top-level domain.

mod reading;
mod suffixes;
#[cfg(test)]
mod tests;

use serde::Serialize;
use url::Url;

use self::reading::{IDEOGRAPHIC_STOP, Sign, read};
use self::suffixes::{is_of_files, is_suffix};
use super::fold::is_of_word;

/// Schemes of addresses, also as they are written so that no program follows them. Longer ones come first.
const SCHEMES: [&str; 4] = ["https", "hxxps", "http", "hxxp"];
/// The longest label of a domain, and the longest domain (RFC 1035, 2.3.4), in characters.
const MAX_LABEL: usize = 63;
const MAX_DOMAIN: usize = 253;
/// A first label of so many digits is rather a number before a word: `5.pm`.
const MAX_NUMBER: usize = 2;

/// A link of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The host, as a browser would ask for it: in lower case, in Punycode.
    pub domain: String,
    /// The first character of the original text, counted from 0 in characters (Unicode scalar values).
    pub start: usize,
    /// The character past the last one.
    pub end: usize,
}

/// The links of a text, by their place.
pub fn links(text: &str) -> Vec<Link> {
    let signs = read(text);
    let (mut links, mut at) = (Vec::new(), 0);
    while at < signs.len() {
        let found = address(&signs, at).or_else(|| bare_name(&signs, at));
        let Some((domain, past)) = found else {
            // A name is looked at once, from its first character on.
            let length = name_length(&signs[at..]);
            at = scheme_within(&signs, at, length).unwrap_or(at + length.max(1));
            continue;
        };
        links.push(Link { domain, start: signs[at].at, end: signs[past - 1].at + 1 });
        at = past;
    }
    links
}

/// A domain as [`Link::domain`] is written; `None` if it is none.
pub fn domain(written: &str) -> Option<String> {
    let name = written.trim().to_lowercase();
    let is_name = !name.is_empty() && name.chars().all(is_of_host) && !name.starts_with('.');
    is_name.then(|| host(&name)).flatten()
}

/// Whether a domain is one of these, or below one of them.
pub fn is_below(domain: &str, is_listed: impl FnMut(&str) -> bool) -> bool {
    let parents = domain.match_indices('.').map(|(dot, _)| &domain[dot + 1..]);
    std::iter::once(domain).chain(parents).any(is_listed)
}

/// How many signs may be a name, if the first one may begin it. The bound keeps the work linear in the text.
fn name_length(signs: &[Sign]) -> usize {
    if !signs.first().is_some_and(|sign| is_of_word(sign.c)) {
        return 0;
    }
    let run = signs.iter().take(MAX_DOMAIN + 1).take_while(|sign| is_of_host(sign.c)).count();
    signs[..run].windows(2).position(|pair| is_dot(pair[0].c) && is_dot(pair[1].c)).unwrap_or(run)
}

/// The first scheme inside a name, as in `seehttp://example.com`.
fn scheme_within(signs: &[Sign], at: usize, length: usize) -> Option<usize> {
    (at + 1..at + length).find(|at| address(signs, *at).is_some())
}

/// The http(s) address that begins here: its host and where it ends.
fn address(signs: &[Sign], at: usize) -> Option<(String, usize)> {
    let scheme = SCHEMES.iter().find(|scheme| starts_with(&signs[at..], scheme))?;
    let colon = at + scheme.len();
    if signs.get(colon)?.c != ':' {
        return None;
    }
    let slashes = signs[colon + 1..].iter().take_while(|sign| is_slash(sign.c)).count();
    if slashes == 0 {
        return None;
    }
    let begin = colon + 1 + slashes;
    let length = signs[begin..].iter().take_while(|sign| !is_slash(sign.c) && !ends_authority(sign.c)).count();
    let authority = &signs[begin..begin + length];
    // Whatever stands before the last `@` is no host.
    let host_at = begin + authority.iter().rposition(|sign| sign.c == '@').map_or(0, |user| user + 1);
    let rest = &signs[host_at..begin + length];
    let length = match rest.first()?.c {
        '[' => rest.iter().position(|sign| sign.c == ']')? + 1,
        _ => rest.iter().take_while(|sign| is_of_host(sign.c) || matches!(sign.c, '_' | '%')).count(),
    };
    let written: String = rest[..length].iter().map(|sign| sign.c).collect();
    let written = written.trim_end_matches(['.', IDEOGRAPHIC_STOP]);
    if !written.chars().any(is_of_word) {
        return None;
    }
    let past = host_at + written.chars().count();
    Some((host(written).unwrap_or_else(|| written.to_owned()), end(signs, past)))
}

/// The bare name that begins here: its host and where the link ends.
fn bare_name(signs: &[Sign], at: usize) -> Option<(String, usize)> {
    let run: Vec<char> = signs[at..at + name_length(&signs[at..])].iter().map(|sign| sign.c).collect();
    let mut labels: Vec<&[char]> = run.split(|c| is_dot(*c)).collect();
    if run.len() > MAX_DOMAIN {
        // It may go on.
        labels.pop();
    }
    // The longest name is the one that a browser would ask for.
    (1..labels.len()).rev().find_map(|last| {
        let (suffix, is_whole) = suffix(labels[last])?;
        let length = labels[..last].iter().map(|label| label.len() + 1).sum::<usize>() + suffix.chars().count();
        let has_path = is_whole && is_path(&signs[at + length..]);
        is_name(&run[..length], &labels[..last], &suffix, has_path).then_some(())?;
        let domain = host(&run[..length].iter().collect::<String>())?;
        Some((domain, end(signs, at + length)))
    })
}

/// The top-level domain that a label is, and whether it is the whole label. Letters of another script that follow without a space belong
/// to the sentence: `example.com吧`.
fn suffix(label: &[char]) -> Option<(String, bool)> {
    let whole: String = label.iter().collect();
    if is_suffix(whole.trim_end_matches('-')) {
        return Some((whole.trim_end_matches('-').to_owned(), true));
    }
    let latin: String = label.iter().take_while(|c| c.is_ascii()).collect();
    let is_cut = latin.len() < label.len();
    (is_cut && is_suffix(&latin)).then_some((latin, false))
}

/// Whether a name under a top-level domain is meant as an address.
fn is_name(name: &[char], before: &[&[char]], suffix: &str, has_path: bool) -> bool {
    let is_label = |label: &&[char]| label.len() <= MAX_LABEL && label.iter().any(|c| is_of_word(*c));
    let is_sentence = name.contains(&IDEOGRAPHIC_STOP) && !suffix.is_ascii();
    let is_marked = has_path || (before.len() > 1 && before[0] == ['w', 'w', 'w']);
    let is_number = before.len() == 1 && before[0].len() <= MAX_NUMBER && before[0].iter().all(char::is_ascii_digit);
    name.len() <= MAX_DOMAIN
        && before.iter().all(is_label)
        && !is_sentence
        && (is_marked || !(is_of_files(suffix) || is_number))
}

/// Whether a path follows. A slash alone is one, but not before a space as in `either.or/ this`.
fn is_path(rest: &[Sign]) -> bool {
    let port = match rest.first() {
        Some(Sign { c: ':', .. }) => 1 + rest[1..].iter().take_while(|sign| sign.c.is_ascii_digit()).count(),
        _ => 0,
    };
    rest.get(port).is_some_and(|sign| sign.c == '/') && rest.get(port + 1).is_some_and(|sign| is_of_word(sign.c))
}

/// Where a link ends whose host ends here: with its port, path, query and fragment, but without punctuation.
fn end(signs: &[Sign], past: usize) -> usize {
    let rest = &signs[past..];
    let port = match rest.first() {
        Some(Sign { c: ':', .. }) => rest[1..].iter().take_while(|sign| sign.c.is_ascii_digit()).count(),
        _ => 0,
    };
    let port = if port > 0 { port + 1 } else { 0 };
    if !rest.get(port).is_some_and(|sign| is_slash(sign.c) || matches!(sign.c, '?' | '#')) {
        return past + port;
    }
    let path = rest[port..].iter().take_while(|sign| !ends_address(sign.c)).count();
    let link = &rest[..port + path];
    past + link.iter().rposition(|sign| !is_punctuation(sign.c)).map_or(port, |last| last + 1)
}

/// The host as a browser asks for it, by the rules of the WHATWG's URL standard.
fn host(written: &str) -> Option<String> {
    let url = Url::parse(&format!("http://{written}")).ok()?;
    url.host_str().map(|host| host.trim_end_matches('.').to_owned()).filter(|host| !host.is_empty())
}

fn starts_with(signs: &[Sign], prefix: &str) -> bool {
    signs.len() >= prefix.len() && signs.iter().zip(prefix.chars()).all(|(sign, c)| sign.c == c)
}

fn is_of_host(c: char) -> bool {
    is_of_word(c) || c == '-' || is_dot(c)
}

fn is_dot(c: char) -> bool {
    c == '.' || c == IDEOGRAPHIC_STOP
}

/// Browsers take a backslash for a slash.
fn is_slash(c: char) -> bool {
    matches!(c, '/' | '\\')
}

fn ends_authority(c: char) -> bool {
    ends_address(c) || matches!(c, '?' | '#')
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '|' | '`')
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '.' | ',' | ':' | ';' | '!' | '?' | ')' | ']' | '}' | '\'' | '*' | '_' | '~') || c == IDEOGRAPHIC_STOP
}
