//! The edge, which is CloudFront in the cloud: sends each path to its API, and rewrites the guide's socket address to the one
//! that a WebSocket API understands.

use percent_encoding::percent_decode_str;

/// Where a request of the public port goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To the WebSocket API, with this query.
    Socket(String),
    /// To the HTTP API.
    Http,
    /// To the pages.
    Pages,
}

/// Finds the destination of a path, which is still percent-encoded.
pub(crate) fn destination(path: &str, query: Option<&str>) -> Destination {
    match path.strip_prefix("/live-chat/ws/") {
        Some(session_id) if !session_id.is_empty() && !session_id.contains('/') => {
            Destination::Socket(socket_query(session_id, query.unwrap_or_default()))
        }
        _ if path.starts_with("/live-chat/") => Destination::Http,
        _ => Destination::Pages,
    }
}

/// The session of the path, then the client's own query without its `session_id`.
fn socket_query(session_id: &str, query: &str) -> String {
    // These are plain characters in a path, but would start another parameter here.
    let session_id = session_id.replace('&', "%26").replace('=', "%3D").replace('+', "%2B");
    let mut rewritten = format!("session_id={session_id}");
    for pair in query.split('&').filter(|pair| !pair.is_empty() && !names_session(pair)) {
        rewritten.push('&');
        rewritten.push_str(pair);
    }
    rewritten
}

/// Whether the API would read this pair as a `session_id`, however its letters are encoded.
fn names_session(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy() == "session_id"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(path: &str, query: &str) -> String {
        match destination(path, Some(query)) {
            Destination::Socket(query) => query,
            other => panic!("{path} goes to {other:?}"),
        }
    }

    #[test]
    fn the_session_of_the_path_wins_over_any_in_the_query() {
        assert_eq!(socket("/live-chat/ws/1", ""), "session_id=1");
        assert_eq!(socket("/live-chat/ws/1", "session_id=2&token=a.b%2Bc"), "session_id=1&token=a.b%2Bc");
        assert_eq!(socket("/live-chat/ws/1", "a=b&session%5Fid=2&&%73ession_id"), "session_id=1&a=b");
    }

    #[test]
    fn a_session_cannot_smuggle_a_parameter_into_the_query() {
        assert_eq!(socket("/live-chat/ws/1&token=x", ""), "session_id=1%26token%3Dx");
        assert_eq!(socket("/live-chat/ws/%31%26x", ""), "session_id=%31%26x");
    }

    #[test]
    fn other_paths_go_to_the_http_api_or_to_the_pages() {
        assert_eq!(destination("/live-chat/status", None), Destination::Http);
        assert_eq!(destination("/live-chat/ws/", None), Destination::Http);
        assert_eq!(destination("/live-chat/ws/1/2", None), Destination::Http);
        assert_eq!(destination("/", None), Destination::Pages);
        assert_eq!(destination("/live-chat-demo", None), Destination::Pages);
    }
}
