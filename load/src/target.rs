//! Where the chat is.

use http::Uri;

use crate::error::LoadError;

/// One origin, as the contract says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_secure: bool,
}

impl Target {
    /// Reads an address such as `https://chat.example`.
    ///
    /// # Errors
    /// A sentence about any other text.
    pub fn parse(url: &str) -> Result<Target, LoadError> {
        let wrong = || LoadError::Arguments(format!("{url} is no address such as http://127.0.0.1:8000"));
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let is_secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong()),
        };
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(wrong());
        }
        let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
        Ok(Target { host, port: uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 }), is_secure })
    }

    /// The `Host` header: a usual port is left out.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.is_secure, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_host_and_a_port() {
        let authority = |url: &str| Target::parse(url).unwrap().authority();
        assert_eq!(authority("http://127.0.0.1:8000"), "127.0.0.1:8000");
        assert_eq!(authority("http://[::1]:8000/"), "[::1]:8000");
        assert_eq!(authority("https://chat.example"), "chat.example");
        assert_eq!(Target::parse("https://chat.example").unwrap().port, 443);
        for url in ["", "chat", "ftp://chat", "http://chat/live-chat", "http://chat/?x"] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}
