//! Whether a request came through the edge. The addresses of API Gateway are public: without this, whoever learns one goes around the
//! edge and its limits (docs/security.md). The edge adds a secret to each request, and replaces whatever a client sends in its place.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use lambda_http::http::HeaderMap;

use crate::domain::caller::Caller;
use crate::domain::config::{Config, OriginConfig};
use crate::domain::error::ChatError;

/// The header in which the edge sends its secret.
pub const HEADER: &str = "x-live-chat-origin";
/// The header in which proxies say whom they heard from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Checks where a request comes from. It is the first thing that a function does: it costs neither a key nor a row.
///
/// # Errors
/// [`ChatError::Forbidden`] unless the request brings one of the secrets, or there are none.
pub fn check(config: &OriginConfig, headers: &HeaderMap) -> Result<(), ChatError> {
    let sent = headers.get(HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    let is_same = |secret: &String| verify_slices_are_equal(secret.as_bytes(), sent).is_ok();
    // All are compared, so that the time does not tell which one fits.
    let fits = config.secrets.iter().fold(false, |fits, secret| fits | is_same(secret));
    if fits || config.secrets.is_empty() {
        return Ok(());
    }
    Err(ChatError::Forbidden("Call the chat at its public address".to_owned()))
}

/// The caller with the address from which it came, if the operator's review handler is to know it: it is in the caller's rows then.
pub fn located(config: &Config, caller: Caller, headers: &HeaderMap) -> Caller {
    let address = || viewer_address(&config.origin, headers).map(|address| address.to_string());
    let ip = config.moderation.review.sends_ip.then(address).flatten();
    Caller { ip, ..caller }
}

/// The address from which a request came. Each proxy adds at the end whom it heard from: the API adds the edge where there is one, and the
/// edge the viewer. What stands before that is the viewer's own word.
fn viewer_address(config: &OriginConfig, headers: &HeaderMap) -> Option<IpAddr> {
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let proxies = usize::from(!config.secrets.is_empty());
    // CloudFront writes the address alone, but a proxy may add a port.
    let address = |text: &str| text.trim().parse().ok().or_else(|| Some(text.trim().parse::<SocketAddr>().ok()?.ip()));
    lines.join(",").rsplit(',').nth(proxies).and_then(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(secrets: &[&str], sent: &[&str]) -> bool {
        let config = OriginConfig { secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect() };
        let mut headers = HeaderMap::new();
        for value in sent {
            headers.append("X-Live-Chat-Origin", value.parse().unwrap());
        }
        check(&config, &headers).is_ok()
    }

    #[test]
    fn any_of_the_secrets_lets_a_request_in_and_nothing_else_does() {
        for secret in ["previous", "current", "next"] {
            assert!(is_let_in(&["previous", "current", "next"], &[secret]), "{secret}");
        }
        for sent in [&[][..], &[""], &["curren"], &["currentt"], &["CURRENT"], &["previous,current"], &["x", "current"]]
        {
            assert!(!is_let_in(&["previous", "current", "next"], sent), "{sent:?}");
        }
    }

    #[test]
    fn without_secrets_everybody_is_let_in() {
        assert!(is_let_in(&[], &[]) && is_let_in(&[], &["anything"]));
    }

    #[test]
    fn a_viewer_cannot_choose_its_address() {
        let secret = OriginConfig { secrets: vec!["s".to_owned()] };
        let address = |config: &OriginConfig, lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("X-Forwarded-For", line.parse().unwrap());
            }
            viewer_address(config, &headers).map(|address| address.to_string())
        };
        for (config, lines, expected) in [
            (&OriginConfig { secrets: vec![] }, &["192.0.2.1"][..], Some("192.0.2.1")),
            (&OriginConfig { secrets: vec![] }, &["10.0.0.1, 192.0.2.1"], Some("192.0.2.1")),
            (&secret, &["192.0.2.1, 198.51.100.9"], Some("192.0.2.1")),
            (&secret, &["10.0.0.1", "2001:db8::1,198.51.100.9"], Some("2001:db8::1")),
            (&secret, &["192.0.2.1:4711, 198.51.100.9"], Some("192.0.2.1")),
            (&secret, &["198.51.100.9"], None),
            (&secret, &["<script>, 198.51.100.9"], None),
            (&secret, &[], None),
        ] {
            assert_eq!(address(config, lines).as_deref(), expected, "{lines:?}");
        }
    }
}
