//! Clickable links: whose addresses clients turn into links (docs/contract.md, Clickable links).
//!
//! The server only tells it: texts are text on the wire, and clients make links of them.

use std::str::FromStr;

use serde::Serialize;

use super::links;
use super::terms::Terms;

/// The most domains that clients are told, and the most characters of one (RFC 1035, 2.3.4). All of them must fit into one frame of 32 KB.
const MAX_DOMAINS: usize = 100;
const MAX_DOMAIN: usize = 253;

/// Whose addresses become links, wherever they lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinksFrom {
    /// Those in messages of staff (`is_host`, `is_moderator`); everybody's below the domains.
    #[default]
    Staff,
    /// Everybody's.
    All,
    /// Nobody's, not even below the domains.
    None,
}

impl FromStr for LinksFrom {
    type Err = ();

    fn from_str(text: &str) -> Result<LinksFrom, ()> {
        match text {
            "staff" => Ok(LinksFrom::Staff),
            "all" => Ok(LinksFrom::All),
            "none" => Ok(LinksFrom::None),
            _ => Err(()),
        }
    }
}

/// What a session's `status` and the frame `clickable_links_update` tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClickableLinks {
    /// `LIVE_CHAT_LINKS`.
    pub from: LinksFrom,
    /// The domains to which and below which everybody's addresses become links, in Punycode.
    pub domains: Vec<String>,
}

/// The domains that clients are told: the first 100 of `link_domains`, each once, as a browser writes a host.
pub fn domains_of(list: &Terms) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for written in &list.link_domains {
        let Some(domain) = links::domain(written).filter(|domain| domain.len() <= MAX_DOMAIN) else { continue };
        if domains.len() < MAX_DOMAINS && !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    domains
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wire::server_frame::{MAX_BATCH_BYTES, ServerFrame};

    fn told(link_domains: Vec<String>) -> Vec<String> {
        domains_of(&Terms { link_domains, ..Terms::default() })
    }

    #[test]
    fn domains_are_told_once_as_a_browser_writes_them() {
        let written = ["Example.com", "bücher.de", "example.com", "a.example."].map(str::to_owned);
        assert_eq!(told(written.into()), ["example.com", "xn--bcher-kva.de", "a.example"]);
    }

    #[test]
    fn as_many_are_told_as_fit_into_a_frame() {
        let long = |nth: usize| format!("{nth:03}.{}com", "a2345678.".repeat(27));
        let domains = told((0..1000).map(long).collect());
        assert_eq!((domains.len(), &domains[0], domains[0].len()), (100, &long(0), 250));
        let links = ClickableLinks { from: LinksFrom::Staff, domains };
        let frame = ServerFrame::ClickableLinksUpdate { clickable_links: &links }.to_json();
        assert!(frame.len() < MAX_BATCH_BYTES - 1000, "{} bytes", frame.len());
        assert_eq!(told(vec![format!("{}com", "ü.".repeat(100))]), [""; 0], "longer than a domain may be");
    }
}
