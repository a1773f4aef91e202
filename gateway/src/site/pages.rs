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
use crate::site::page_settings::PageSettings;
use crate::site::problem::problem;
use crate::site::{api_docs, health};

/// The parts of the pages.
pub struct PagesOptions {
    /// Issues development tokens, where that is allowed.
    pub token_issuer: Option<TokenIssuer>,
    /// The tables on which the health depends, if there are any.
    pub store: Option<Store>,
    /// What the page is told; without it, the page keeps the values of its file.
    pub settings: PageSettings,
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
        .fallback(get(file).with_state(options.settings));
    match options.token_issuer {
        Some(issuer) => router.merge(dev_token::router(issuer)),
        None => router,
    }
}

/// A file of the page; a folder is its `index.html`.
async fn file(State(settings): State<PageSettings>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let found = Files::get(&name).or_else(|| Files::get(&format!("{name}/index.html")));
    let Some(file) = found else {
        return problem(StatusCode::NOT_FOUND, "not_found", "There is no such page");
    };
    let mime = file.metadata.mimetype();
    let charset = if mime.starts_with("text/") { "; charset=utf-8" } else { "" };
    let content_type = HeaderValue::from_str(&format!("{mime}{charset}"));
    let (Ok(content_type), Ok(policy)) = (content_type, HeaderValue::from_str(&settings.policy())) else {
        return problem(StatusCode::INTERNAL_SERVER_ERROR, "unavailable", "This file has no type");
    };
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let body = if name == "index.html" { settings.written_into(&file.data) } else { file.data.into_owned() };
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{HeaderMap, Request};
    use serde_norway::Value as Template;
    use shared::domain::config::PictureHost;
    use tower::ServiceExt as _;

    use super::*;

    async fn answer(path: &str, settings: PageSettings) -> (HeaderMap, String) {
        let pages = router(PagesOptions { token_issuer: None, store: None, settings });
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = pages.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let headers = answer.headers().clone();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (headers, String::from_utf8(body.to_vec()).unwrap())
    }

    fn showing(hosts: &[&str]) -> PageSettings {
        let picture_hosts = hosts.iter().map(|host| PictureHost::parse(host).unwrap()).collect();
        PageSettings { picture_hosts, ..PageSettings::default() }
    }

    #[tokio::test]
    async fn every_page_comes_under_one_strict_policy_which_allows_pictures_of_the_named_hosts_alone() {
        for (hosts, sources) in [
            (&[][..], "'self' data:"),
            (&["a.example"], "'self' data: https://a.example"),
            (&["a.example", "b.example"], "'self' data: https://a.example https://b.example"),
        ] {
            let policy = format!(
                "default-src 'self'; img-src {sources}; object-src 'none'; base-uri 'none'; form-action 'none'; \
                 frame-ancestors 'none'"
            );
            for path in ["/", "/docs/", "/docs/events/", "/app/main.js"] {
                let (headers, _) = answer(path, showing(hosts)).await;
                assert_eq!(headers[CONTENT_SECURITY_POLICY], policy, "{path}");
            }
            assert_eq!(of_the_cloud(&hosts.join(",")), policy, "CloudFront sends the same");
        }
    }

    /// CloudFront's policy for a value of the parameter `PictureHosts`.
    fn of_the_cloud(parameter: &str) -> String {
        let template: Template = serde_norway::from_str(include_str!("../../../template.yaml")).unwrap();
        let headers = &template["Resources"]["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"];
        let policy = &headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"];
        evaluated(policy, parameter)
    }

    /// The value of the few functions that the policy needs.
    fn evaluated(value: &Template, parameter: &str) -> String {
        let Template::Tagged(tagged) = value else { return value.as_str().unwrap().to_owned() };
        let arguments = tagged.value.as_sequence();
        match tagged.tag.to_string().as_str() {
            "!If" => {
                assert_eq!(arguments.unwrap()[0], "ShowsPictures");
                evaluated(&arguments.unwrap()[if parameter.is_empty() { 2 } else { 1 }], parameter)
            }
            "!Join" => {
                let (separator, list) = (arguments.unwrap()[0].as_str().unwrap(), &arguments.unwrap()[1]);
                let parts: Vec<String> = match list {
                    Template::Tagged(split) if split.tag == "!Split" => {
                        assert_eq!(split.value[0], ",");
                        evaluated(&split.value[1], parameter).split(',').map(str::to_owned).collect()
                    }
                    _ => list.as_sequence().unwrap().iter().map(|part| evaluated(part, parameter)).collect(),
                };
                parts.join(separator)
            }
            "!Ref" => {
                assert_eq!(tagged.value, "PictureHosts");
                parameter.to_owned()
            }
            other => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn the_page_counts_to_the_length_that_the_chat_takes() {
        let counting = |longest| PageSettings { max_message_length: Some(longest), ..PageSettings::default() };
        let (_, page) = answer("/", counting(5000)).await;
        assert!(page.contains(r#"<meta name="live-chat-max-message-length" content="5000">"#));
        let (_, page) = answer("/index.html", counting(20)).await;
        assert!(page.contains(r#"<meta name="live-chat-max-message-length" content="20">"#));
        let (_, page) = answer("/", PageSettings::default()).await;
        assert!(page.contains(r#"<meta name="live-chat-max-message-length" content="1000">"#));
    }

    #[tokio::test]
    async fn the_page_knows_whose_pictures_it_shows() {
        let (_, page) = answer("/", showing(&["a.example", "b.example"])).await;
        assert!(page.contains(r#"<meta name="live-chat-picture-hosts" content="a.example,b.example">"#));
        let (_, page) = answer("/", PageSettings::default()).await;
        assert!(page.contains(r#"<meta name="live-chat-picture-hosts" content="">"#));
    }
}
