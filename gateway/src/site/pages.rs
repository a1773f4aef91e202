//! What the public port serves beside the APIs: the page, its health, and the door that gives the page a development token.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequest, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use rust_embed::Embed;
use serde::Deserialize;
use serde_json::json;
use shared::platform::clock::Clock;
use shared::platform::dynamo::Store;

use crate::site::token::{Claims, mint};
use crate::site::{api_docs, health};

/// Only the page's own files, calls and sockets to its own origin, and pictures from anywhere over HTTPS. The same text is in
/// `template.yaml`. `'self'` means the sockets of the origin, too (CSP 3, which every browser follows by now).
const POLICY: &str = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// What the page's counter counts to, as it stands in the file: the default of `LIVE_CHAT_MAX_MESSAGE_LENGTH`.
const MAX_LENGTH_META: &str = r#"<meta name="live-chat-max-message-length" content="1000">"#;
/// How long a token of the page is good.
const TOKEN_HOURS: i64 = 12;

/// What the pages are made of.
pub struct PagesOptions {
    /// The door for development tokens, where it may be open.
    pub token_issuer: Option<TokenIssuer>,
    /// The tables on which the health depends, if there are any.
    pub store: Option<Store>,
    /// The longest message in characters; without it, the page keeps what its file says.
    pub max_message_length: Option<usize>,
}

/// Makes development tokens for the page.
#[derive(Clone)]
pub struct TokenIssuer {
    /// The secret that the chat verifies tokens with.
    pub secret: String,
    /// The time.
    pub clock: Clock,
}

/// The files of `web/`: part of a release build, read anew for each request in a debug build.
#[derive(Embed)]
#[folder = "../web"]
#[include = "*.html"]
#[include = "*.js"]
#[include = "*.css"]
#[include = "*.svg"]
#[include = "*.json"]
#[exclude = "*/node_modules/*"]
#[exclude = "*/test/*"]
struct Files;

/// The pages.
pub fn router(options: PagesOptions) -> Router {
    let router = Router::new()
        .route("/health", get(health::answer).with_state(options.store))
        .merge(api_docs::router())
        .fallback(get(file).with_state(options.max_message_length));
    match options.token_issuer {
        Some(door) => router.route("/dev/token", post(give_token).with_state(door)),
        None => router,
    }
}

/// A file of the page; a folder is its `index.html`.
async fn file(State(max_message_length): State<Option<usize>>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let found = Files::get(&name).or_else(|| Files::get(&format!("{name}/index.html")));
    let Some(file) = found else {
        return problem(StatusCode::NOT_FOUND, "not_found", "There is no such page");
    };
    let mime = file.metadata.mimetype();
    let charset = if mime.starts_with("text/") { "; charset=utf-8" } else { "" };
    let Ok(content_type) = HeaderValue::from_str(&format!("{mime}{charset}")) else {
        return problem(StatusCode::INTERNAL_SERVER_ERROR, "unavailable", "This file has no type");
    };
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let body = match max_message_length {
        Some(longest) if name == "index.html" => with_max_message_length(&file.data, longest),
        _ => file.data.into_owned(),
    };
    (headers, body).into_response()
}

/// The page itself, which must count as the chat does.
fn with_max_message_length(page: &[u8], longest: usize) -> Vec<u8> {
    let meta = MAX_LENGTH_META.replace("1000", &longest.to_string());
    String::from_utf8_lossy(page).replace(MAX_LENGTH_META, &meta).into_bytes()
}

#[derive(Deserialize)]
struct Ask {
    name: String,
    sub: Option<String>,
}

async fn give_token(State(door): State<TokenIssuer>, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let is_local = peer.is_some_and(|ip| ip.to_canonical().is_loopback()) && names_are_local(request.headers());
    if !is_local {
        return problem(StatusCode::FORBIDDEN, "forbidden", "Development tokens are for this machine only");
    }
    let ask = match Json::<Ask>::from_request(request, &()).await {
        Ok(Json(ask)) if !ask.name.trim().is_empty() => ask,
        _ => return problem(StatusCode::BAD_REQUEST, "invalid_request", "Send {\"name\": \"…\"} as application/json"),
    };
    let sub = ask.sub.filter(|sub| !sub.is_empty()).unwrap_or_else(|| format!("dev-{:08x}", rand::random::<u32>()));
    let claims = Claims { sub, name: Some(ask.name), ..Claims::default() };
    match mint(&door.secret, &claims, door.clock.now(), SignedDuration::from_hours(TOKEN_HOURS)) {
        Ok(token) => Json(json!({"token": token, "user_id": claims.sub})).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "a development token could not be made");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "unavailable", "A token could not be made")
        }
    }
}

/// Neither a name that somebody pointed at this machine (DNS rebinding) nor another site's page may ask.
fn names_are_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok()));
    let origin_is_local = match &origin {
        None => true,
        Some(None) => false,
        Some(Some(uri)) => uri.host().is_some_and(is_loopback_name),
    };
    host.and_then(|host| host.parse::<axum::http::uri::Authority>().ok())
        .is_some_and(|host| is_loopback_name(host.host()))
        && origin_is_local
}

fn is_loopback_name(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let body =
        json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail, "code": code});
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use serde_norway::Value;
    use tower::ServiceExt as _;

    use super::*;

    async fn answer(path: &str, max_message_length: Option<usize>) -> (HeaderMap, String) {
        let pages = router(PagesOptions { token_issuer: None, store: None, max_message_length });
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = pages.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let headers = answer.headers().clone();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_page_comes_under_one_strict_policy_which_is_also_the_clouds() {
        let policy = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
        for path in ["/", "/docs/", "/docs/events/", "/app/main.js"] {
            let (headers, _) = answer(path, None).await;
            assert_eq!(headers[CONTENT_SECURITY_POLICY], policy, "{path}");
        }
        let template: Value = serde_norway::from_str(include_str!("../../../template.yaml")).unwrap();
        let headers = &template["Resources"]["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"];
        let clouds = &headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"];
        assert_eq!(clouds.as_str().unwrap(), policy);
    }

    #[tokio::test]
    async fn the_page_counts_to_the_length_that_the_chat_takes() {
        let (_, page) = answer("/", Some(5000)).await;
        assert!(page.contains(r#"<meta name="live-chat-max-message-length" content="5000">"#));
        let (_, page) = answer("/index.html", Some(20)).await;
        assert!(page.contains(r#"<meta name="live-chat-max-message-length" content="20">"#));
        let (_, page) = answer("/", None).await;
        assert!(page.contains(MAX_LENGTH_META));
    }

    #[test]
    fn only_names_of_this_machine_are_local() {
        let local = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            headers.extend(origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin))));
            names_are_local(&headers)
        };
        for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"] {
            assert!(local(host, None) && local(host, Some("http://localhost:8000")), "{host}");
            assert!(!local(host, Some("https://evil.example")) && !local(host, Some("null")), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(!local(host, None), "{host}");
        }
    }
}
