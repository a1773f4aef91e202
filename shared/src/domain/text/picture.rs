//! The address of a picture. Each viewer's browser loads it, so nothing but HTTPS passes.

use url::Url;

use super::characters::is_formatting;

/// In bytes. A longer address counts as absent.
const MAX_PICTURE: usize = 2048;

/// The address, if it is one of `https:` with a host, without white space around it. An address with control or invisible characters
/// is none: without them it would name something else.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let is_written = text.len() <= MAX_PICTURE && !text.chars().any(|c| c.is_control() || is_formatting(c));
    let url = Url::parse(text).ok().filter(|_| is_written)?;
    (url.scheme() == "https" && url.has_host()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_https_are_pictures() {
        for good in ["https://example.org/a.png", "HTTPS://example.org/", "https://exämple.org/ü.png?a=b#c"] {
            assert_eq!(address(&format!(" {good}\n")).as_deref(), Some(good));
        }
        for bad in [
            "",
            "example.org/a.png",
            "/a.png",
            "//example.org/a.png",
            "http://example.org/a.png",
            "data:image/png;base64,AAAA",
            "javascript:alert(1)",
            "https:",
            "https://",
            "ftp://example.org",
            "https://example.org/\u{202e}gnp.a",
            "https://a\u{0}b.org/",
            "https://exam\u{200b}ple.org/",
        ] {
            assert_eq!(address(bad), None, "{bad:?}");
        }
        assert_eq!(address(&format!("https://example.org/{}", "a".repeat(2048))), None);
    }
}
