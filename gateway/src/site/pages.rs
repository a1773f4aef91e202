//! The routes of the public port beside the APIs: the page, its documents, its health, and the development token endpoint.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};
use shared::platform::dynamo::Store;

use crate::site::dev_token::{self, TokenIssuer};
use crate::site::page_settings::PageSettings;
use crate::site::problem::problem;
use crate::site::transfer::Transfer;
use crate::site::{api_docs, health};

/// Where the pages' scripts and styles are. Their names change with their content, so they are good for ever.
const FINGERPRINTED: &str = "assets/";
/// What pages of other origins load: the element, the parts that it loads on demand, and the client. A browser runs a module of another
/// origin only if that allows it.
const FOR_OTHERS: [&str; 3] = ["embed/", "client/", FINGERPRINTED];

/// The parts of the pages.
pub struct PagesOptions {
    /// Issues development tokens, where that is allowed.
    pub token_issuer: Option<TokenIssuer>,
    /// The tables on which the health depends, if there are any.
    pub store: Option<Store>,
    /// What the page is told; without it, the page keeps the values of its file.
    pub settings: PageSettings,
}

/// The pages and the element as `.ci/bundle` makes them of `web/`. Like the others, their files are part of a release build, and read
/// anew for each request in a debug build.
#[derive(Embed)]
#[folder = "../web/dist"]
struct Page;

/// What else a browser may ask for: the client for other pages, and the documents.
#[derive(Embed)]
#[folder = "../web"]
#[include = "client/*.js"]
#[include = "client/*.json"]
#[include = "docs/*"]
#[include = "icon.svg"]
#[exclude = "*/node_modules/*"]
#[exclude = "*/test/*"]
struct Others;

/// How the files are served.
struct Site {
    settings: PageSettings,
    transfer: Transfer,
}

/// The pages.
pub fn router(options: PagesOptions) -> Router {
    let site = Arc::new(Site { settings: options.settings, transfer: Transfer::default() });
    let router = Router::new()
        .route("/health", get(health::answer).with_state(options.store))
        .merge(api_docs::router())
        .fallback(get(file).with_state(site));
    match options.token_issuer {
        Some(issuer) => router.merge(dev_token::router(issuer)),
        None => router,
    }
}

/// A file; a folder is its `index.html`.
async fn file(State(site): State<Arc<Site>>, uri: Uri, asked: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let Some(file) = find(&name).or_else(|| find(&format!("{name}/index.html"))) else {
        return problem(StatusCode::NOT_FOUND, "not_found", "There is no such page");
    };
    let mime = file.metadata.mimetype();
    let charset = if mime.starts_with("text/") { "; charset=utf-8" } else { "" };
    let content_type = HeaderValue::from_str(&format!("{mime}{charset}"));
    let (Ok(content_type), Ok(policy)) = (content_type, HeaderValue::from_str(&site.settings.policy())) else {
        return problem(StatusCode::INTERNAL_SERVER_ERROR, "unavailable", "This file has no type");
    };
    // The deployment sends the same (`runbook/page.py`).
    let caching = if name.starts_with(FINGERPRINTED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static(caching)),
    ]);
    if FOR_OTHERS.iter().any(|folder| name.starts_with(folder)) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    let bytes = if name == "index.html" { site.settings.written_into(&file.data) } else { file.data.into_owned() };
    site.transfer.answer(&asked, headers, bytes)
}

fn find(name: &str) -> Option<EmbeddedFile> {
    Page::get(name).or_else(|| Others::get(name))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::http::header::ETAG;
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

    /// The address of the page's script.
    async fn script() -> String {
        let (_, page) = answer("/", PageSettings::default()).await;
        let (_, from) = page.split_once(r#"<script type="module" src=""#).unwrap();
        from.split_once('"').unwrap().0.to_owned()
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
            for path in
                ["/", "/moderate/", "/docs/", "/docs/events/", "/client/src/index.js", "/embed/v1.js", &script().await]
            {
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
    async fn what_is_named_after_its_content_is_kept_for_a_year_and_all_else_is_asked_for_again() {
        let script = script().await;
        assert!(script.starts_with("/assets/page-"), "{script}");
        let (headers, _) = answer(&script, PageSettings::default()).await;
        assert_eq!(headers[CACHE_CONTROL], "public, max-age=31536000, immutable");
        for path in ["/", "/index.html", "/moderate/", "/embed/v1.js", "/icon.svg", "/client/src/index.js", "/docs/"] {
            let (headers, _) = answer(path, PageSettings::default()).await;
            assert_eq!(headers[CACHE_CONTROL], "no-cache", "{path}");
        }
    }

    #[tokio::test]
    async fn pages_of_other_origins_may_run_the_element_its_parts_and_the_client_but_read_no_page() {
        for (path, allowed) in [
            ("/embed/v1.js", Some("*")),
            ("/client/src/index.js", Some("*")),
            ("/", None),
            (&script().await, Some("*")),
            ("/moderate/", None),
        ] {
            let (headers, _) = answer(path, PageSettings::default()).await;
            let found = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|origin| origin.to_str().unwrap());
            assert_eq!(found, allowed, "{path}");
        }
    }

    #[tokio::test]
    async fn a_new_setting_is_a_new_page() {
        let tag = |settings| async { answer("/", settings).await.0[ETAG].clone() };
        assert_eq!(tag(showing(&["a.example"])).await, tag(showing(&["a.example"])).await);
        assert_ne!(tag(showing(&["a.example"])).await, tag(showing(&["b.example"])).await);
    }

    #[tokio::test]
    async fn the_sources_of_the_page_are_not_served() {
        for path in [
            "/app/main.js",
            "/moderate/main.js",
            "/embed/live-chat.js",
            "/styles/base.css",
            "/bundle/build.mjs",
            "/dist/index.html",
            "/server/src/index.js",
        ] {
            let pages = router(PagesOptions { token_issuer: None, store: None, settings: PageSettings::default() });
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            assert_eq!(pages.oneshot(request).await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
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
