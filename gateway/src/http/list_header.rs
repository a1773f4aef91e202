//! Headers that are lists of words.

use http::{HeaderMap, HeaderName};

/// Whether a list has a member, in any case. Several lines of a list count as one (RFC 9110, 5.3).
pub(crate) fn has_member(headers: &HeaderMap, name: &HeaderName, member: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|part| part.trim().eq_ignore_ascii_case(member))
}
