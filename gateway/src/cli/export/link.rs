//! The address of the next page in a `Link` header (RFC 8288).

/// The query of the link whose relation is `next`; `None` if there is none. The chat's links are relative to the address of the request:
/// `<?format=jsonl&next=…>`. One that leads elsewhere is none, for the token would go along.
pub fn next_query(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (target, parameters) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
        let end = end_of_link(parameters);
        let is_next = parameters[..end].split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            let relations = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && relations.split(' ').any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        if is_next {
            let is_plain = |query: &&str| query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
            return target.strip_prefix('?').filter(is_plain);
        }
        rest = parameters.get(end + 1..)?;
    }
}

/// Where the parameters of a link end: at a comma that is not quoted.
fn end_of_link(parameters: &str) -> usize {
    let mut is_quoted = false;
    let end = parameters.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b',' && !is_quoted
    });
    end.unwrap_or(parameters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_other_links() {
        for header in [
            "<?format=csv&next=1.2>; rel=\"next\"",
            "<?format=csv&next=1.2>;rel=next",
            "<?x>; rel=\"prev\"; title=\"a, b\", <?format=csv&next=1.2>; title=\"x\"; REL=\"last Next\"",
        ] {
            assert_eq!(next_query(header), Some("format=csv&next=1.2"), "{header}");
        }
    }

    #[test]
    fn any_other_address_is_none() {
        for header in [
            "",
            "<?x>; rel=\"prev\"",
            "<https://evil.example/?x>; rel=\"next\"",
            "</live-chat/x?y>; rel=\"next\"",
            "<?a b>; rel=\"next\"",
            "<?a\u{e9}>; rel=\"next\"",
            "?x; rel=next",
            "<?x",
            ",,,",
        ] {
            assert_eq!(next_query(header), None, "{header}");
        }
    }
}
