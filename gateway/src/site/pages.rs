//! The routes of the public port beside the APIs: the page, its documents, its health, and the development token endpoint.

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::Embed;
use shared::platform::dynamo::Store;

use crate::site::dev_token::{self, TokenIssuer};
use crate::site::problem::problem;
use crate::site::{api_docs, health};

/// Only the page's own files, calls and sockets to its own origin, and pictures from anywhere over HTTPS. The same text is in
/// `template.yaml`. `'self'` means the sockets of the origin, too (CSP 3, which every browser follows by now).
const POLICY: &str = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// The maximum of the page's counter, as it stands in the file: the default of `LIVE_CHAT_MAX_MESSAGE_LENGTH`.
const MAX_LENGTH_META: &str = r#"<meta name="live-chat-max-message-length" content="1000">"#;

/// The parts of the pages.
pub struct PagesOptions {
    /// Issues development tokens, where that is allowed.
    pub token_issuer: Option<TokenIssuer>,
    /// The tables on which the health depends, if there are any.
    pub store: Option<Store>,
    /// The longest message in characters; without it, the page keeps the value of its file.
    pub max_message_length: Option<usize>,
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
        Some(issuer) => router.merge(dev_token::router(issuer)),
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

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{HeaderMap, Request};
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
}
