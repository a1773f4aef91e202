//! The page that is served beside the API.

use std::fmt;

use super::lookup::{ConfigError, Lookup};

/// More hosts would make the header that allows them too long for CloudFront.
const MAX_HOSTS: usize = 20;

/// The page.
#[derive(Clone, Debug)]
pub struct PageConfig {
    /// `LIVE_CHAT_PICTURE_HOSTS`: the hosts whose pictures the page shows. Each of them sees the addresses of viewers.
    pub picture_hosts: Vec<PictureHost>,
}

impl PageConfig {
    pub(super) fn read(lookup: &Lookup<'_>) -> Result<PageConfig, ConfigError> {
        const VARIABLE: &str = "LIVE_CHAT_PICTURE_HOSTS";
        let Some(text) = lookup.text(VARIABLE) else { return Ok(PageConfig { picture_hosts: Vec::new() }) };
        let hosts: Option<Vec<PictureHost>> = text.split(',').map(PictureHost::parse).collect();
        let hosts = hosts.filter(|hosts| hosts.len() <= MAX_HOSTS).ok_or_else(|| {
            let allowed =
                format!("up to {MAX_HOSTS} names of hosts, separated by commas, such as pictures.example.org");
            ConfigError::new(VARIABLE, &text, allowed)
        })?;
        Ok(PageConfig { picture_hosts: hosts })
    }
}

/// The name of a host (RFC 1123), in lower case. It stands in a header and in the page, so it has no other characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureHost(String);

impl PictureHost {
    /// Reads a name, without a scheme, a port or a path; `None` for anything else. International names are written as `xn--…`.
    pub fn parse(text: &str) -> Option<PictureHost> {
        let name = text.trim().to_ascii_lowercase();
        let is_label = |label: &str| {
            let fits = (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
            fits && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // An address of digits is no name.
        let is_name = name.rsplit('.').next().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()));
        (name.len() <= 253 && is_name && name.split('.').all(is_label)).then_some(PictureHost(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PictureHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        for (text, name) in [
            ("pictures.example.org", "pictures.example.org"),
            (" Pictures.Example.ORG ", "pictures.example.org"),
            ("xn--exmple-cua.org", "xn--exmple-cua.org"),
            ("localhost", "localhost"),
            ("3.cdn-1.example", "3.cdn-1.example"),
        ] {
            assert_eq!(PictureHost::parse(text).unwrap().as_str(), name, "{text:?}");
        }
        for text in [
            "",
            "https://pictures.example.org",
            "pictures.example.org/",
            "pictures.example.org:443",
            "*",
            "*.example.org",
            "pictures..example",
            "pictures.example.org.",
            "-a.example",
            "a-.example",
            "exämple.org",
            "a b.example",
            "a.example;script-src *",
            "a.example'",
            "a_b.example",
            "127.0.0.1",
            "[::1]",
            &format!("{}.example", "a".repeat(64)),
            &format!("{}example", "a.".repeat(130)),
        ] {
            assert_eq!(PictureHost::parse(text), None, "{text:?}");
        }
    }
}
