//! What gives a browser away. No SDK sends any of it, and a page cannot leave it out.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName};

/// What a browser says of the page that makes the request; `none` is the user's own address bar.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a page may have made this request: it has an `Origin`, it says that it comes from another site, or it names another host than
/// this machine's, which is how a page reaches a port whose name it has bound anew (DNS rebinding).
pub(crate) fn is_from_a_browser(headers: &HeaderMap, local_port: u16) -> bool {
    let is_fetched = headers.get_all(SEC_FETCH_SITE).iter().any(|site| site != "none");
    headers.contains_key(ORIGIN) || is_fetched || !names_this_port(headers, local_port)
}

fn names_this_port(headers: &HeaderMap, local_port: u16) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let (name, port) = match host.to_str().ok().and_then(|host| host.rsplit_once(':')) {
        Some((name, port)) => (name, port),
        None => return false,
    };
    let is_loopback = ["127.0.0.1", "[::1]"].contains(&name) || name.eq_ignore_ascii_case("localhost");
    is_loopback && port == local_port.to_string()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn is_refused(headers: &[(&'static str, &'static str)]) -> bool {
        let named = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        is_from_a_browser(&headers.iter().map(named).collect(), 8001)
    }

    #[test]
    fn only_this_ports_own_names_are_let_in() {
        for host in ["127.0.0.1:8001", "localhost:8001", "LOCALHOST:8001", "[::1]:8001"] {
            assert!(!is_refused(&[("host", host)]), "{host}");
        }
        for host in [
            "evil.example:8001",
            "localhost.evil.example:8001",
            "127.0.0.1:8000",
            "127.0.0.1",
            "localhost",
            "",
            ":8001",
        ] {
            assert!(is_refused(&[("host", host)]), "{host}");
        }
        assert!(is_refused(&[]) && is_refused(&[("host", "127.0.0.1:8001"), ("host", "127.0.0.1:8001")]));
    }

    #[test]
    fn no_page_is_let_in() {
        let local = ("host", "localhost:8001");
        for origin in ["https://evil.example", "null", "http://localhost:8001", "http://localhost:8000"] {
            assert!(is_refused(&[local, ("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "same-origin", ""] {
            assert!(is_refused(&[local, ("sec-fetch-site", site)]), "{site}");
        }
        assert!(!is_refused(&[local, ("sec-fetch-site", "none")]));
    }
}
