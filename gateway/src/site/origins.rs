//! Whose pages may have the chat in their own: the lists of origins, and what each of the site's pages makes of them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use shared::domain::config::{ConfigError, PictureHost};

/// More would make the header that names them too long for CloudFront.
const MAX_ORIGINS: usize = 20;
/// The hosts of which a local run believes every port.
const LOOPBACK: [&str; 2] = ["localhost", "127.0.0.1"];

/// Who may have which page in a frame. By default nobody.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// `LIVE_CHAT_EMBED_ORIGINS`: whose pages have `/embed/` in a frame, hand it tokens, and call the REST API.
    pub embed: Vec<SiteOrigin>,
    /// `LIVE_CHAT_CONSOLE_ORIGINS`: whose pages have `/moderate/` in a frame.
    pub console: Vec<SiteOrigin>,
}

impl Origins {
    /// Reads both lists. Where nothing is said about `/embed/`, other pages of this machine may have it, if `is_loopback`.
    ///
    /// # Errors
    /// [`ConfigError`] for the first unusable list.
    pub fn read(environment: &BTreeMap<String, String>, is_loopback: bool) -> Result<Origins, ConfigError> {
        let list = |variable| environment.get(variable).map(|text| read(variable, text)).transpose();
        let this_machine = || LOOPBACK.map(|host| SiteOrigin(format!("http://{host}:*"))).to_vec();
        let embed = list("LIVE_CHAT_EMBED_ORIGINS")?;
        Ok(Origins {
            embed: embed.unwrap_or_else(|| if is_loopback { this_machine() } else { Vec::new() }),
            console: list("LIVE_CHAT_CONSOLE_ORIGINS")?.unwrap_or_default(),
        })
    }

    /// The origins whose pages may have this file of the site in a frame.
    pub(super) fn around(&self, name: &str) -> &[SiteOrigin] {
        match name.split_once('/') {
            Some(("embed", _)) => &self.embed,
            Some(("moderate", _)) => &self.console,
            _ => &[],
        }
    }
}

fn read(variable: &'static str, text: &str) -> Result<Vec<SiteOrigin>, ConfigError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let origins: Option<Vec<SiteOrigin>> = text.split(',').map(SiteOrigin::parse).collect();
    origins.filter(|origins| origins.len() <= MAX_ORIGINS).ok_or_else(|| ConfigError {
        variable,
        value: format!("{text:?}"),
        allowed: format!("up to {MAX_ORIGINS} origins, separated by commas, such as https://app.example"),
    })
}

/// An origin as browsers write it (RFC 6454, 6.2); on this machine, `*` stands for all ports. It becomes part of a header and of a page,
/// so it has no other characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteOrigin(String);

impl SiteOrigin {
    /// Reads an origin; `None` for anything else, such as an address with a path, a pattern, or a port that browsers leave out.
    pub fn parse(text: &str) -> Option<SiteOrigin> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, place) = text.split_once("://")?;
        let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
        let is_name = PictureHost::parse(host).is_some_and(|name| name.as_str() == host);
        let is_host = is_name || host.parse::<Ipv4Addr>().is_ok();
        let fits = match (scheme, port) {
            ("http" | "https", None) => true,
            ("http", Some("80")) | ("https", Some("443")) => false,
            ("http", Some("*")) => LOOPBACK.contains(&host),
            ("http" | "https", Some(port)) => {
                port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
            }
            _ => false,
        };
        (is_host && fits).then_some(SiteOrigin(text))
    }

    /// The origin.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)], is_loopback: bool) -> Result<[Vec<String>; 2], ConfigError> {
        let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let texts = |origins: Vec<SiteOrigin>| origins.iter().map(ToString::to_string).collect();
        Origins::read(&environment, is_loopback).map(|origins| [texts(origins.embed), texts(origins.console)])
    }

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_perhaps_a_port() {
        for (text, origin) in [
            ("https://app.example", "https://app.example"),
            (" HTTPS://App.Example ", "https://app.example"),
            ("https://app.example:8443", "https://app.example:8443"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://192.168.1.5:3000", "http://192.168.1.5:3000"),
            ("http://localhost:*", "http://localhost:*"),
            ("http://127.0.0.1:*", "http://127.0.0.1:*"),
        ] {
            assert_eq!(SiteOrigin::parse(text).map(|origin| origin.to_string()).as_deref(), Some(origin), "{text:?}");
        }
        for text in [
            "",
            "*",
            "null",
            "app.example",
            "https://",
            "https://app.example/",
            "https://app.example/chat",
            "https://app.example?x",
            "https://me@app.example",
            "https://*",
            "https://*.example",
            "https://app.example:*",
            "https://localhost:*",
            "https://app.example:",
            "https://app.example:443",
            "http://app.example:80",
            "https://app.example:0",
            "https://app.example:065",
            "https://app.example:65536",
            "https:// app.example",
            "https://app.example; script-src *",
            "https://app.example'",
            "https://app.example\"",
            "https://a.example https://b.example",
            "ftp://app.example",
            "data:text/html",
        ] {
            assert_eq!(SiteOrigin::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn nobody_has_the_pages_in_a_frame_but_those_who_are_named_and_on_this_machine_pages_of_its_own() {
        let nobody: [Vec<String>; 2] = [Vec::new(), Vec::new()];
        assert_eq!(read(&[], false).unwrap(), nobody);
        assert_eq!(
            read(&[], true).unwrap(),
            [vec!["http://localhost:*".to_owned(), "http://127.0.0.1:*".to_owned()], vec![]]
        );
        assert_eq!(read(&[("LIVE_CHAT_EMBED_ORIGINS", ""), ("LIVE_CHAT_CONSOLE_ORIGINS", "")], true).unwrap(), nobody);
        let set = [
            ("LIVE_CHAT_EMBED_ORIGINS", "https://app.example, https://b.example"),
            ("LIVE_CHAT_CONSOLE_ORIGINS", "https://team.example"),
        ];
        let named = ["https://app.example", "https://b.example"].map(str::to_owned).to_vec();
        assert_eq!(read(&set, true).unwrap(), [named, vec!["https://team.example".to_owned()]]);
    }

    #[test]
    fn a_list_with_anything_else_is_named_with_what_is_allowed() {
        let many = &["https://a.example"; 21].join(",");
        for variable in ["LIVE_CHAT_EMBED_ORIGINS", "LIVE_CHAT_CONSOLE_ORIGINS"] {
            for value in ["*", "app.example", "https://app.example/", "https://a.example,", many] {
                let error = read(&[(variable, value)], true).unwrap_err();
                assert_eq!((error.variable, error.value.as_str()), (variable, format!("{value:?}").as_str()));
                assert!(error.to_string().contains("must be up to 20 origins"), "{error}");
            }
            assert!(read(&[(variable, &["https://a.example"; 20].join(","))], true).is_ok());
        }
    }
}
