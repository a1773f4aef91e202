//! Whether a request came through the edge. The addresses of API Gateway are public: without this, whoever learns one goes around the
//! edge and its limits (docs/security.md). The edge adds a secret to each request, and replaces whatever a client sends in its place.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use lambda_http::http::HeaderMap;

use crate::domain::config::OriginConfig;
use crate::domain::error::ChatError;

/// The header in which the edge sends its secret.
pub const HEADER: &str = "x-live-chat-origin";

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
}
