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
    let Some((name, file)) = find(uri.path().trim_start_matches('/')) else {
        return problem(StatusCode::NOT_FOUND, "not_found", "There is no such page");
    };
    let mime = file.metadata.mimetype();
    let charset = if mime.starts_with("text/") { "; charset=utf-8" } else { "" };
    let content_type = HeaderValue::from_str(&format!("{mime}{charset}"));
    let (Ok(content_type), Ok(policy)) = (content_type, HeaderValue::from_str(&site.settings.policy(&name))) else {
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
    site.transfer.answer(&asked, headers, site.settings.written_into(&name, &file.data))
}

/// The file of a path, with its name.
fn find(path: &str) -> Option<(String, EmbeddedFile)> {
    let index = match path.strip_suffix('/').unwrap_or(path) {
        "" => "index.html".to_owned(),
        folder => format!("{folder}/index.html"),
    };
    [path.to_owned(), index].into_iter().find_map(|name| {
        let file = Page::get(&name).or_else(|| Others::get(&name))?;
        Some((name, file))
    })
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::http::header::ETAG;
    use shared::domain::config::PictureHost;
    use tower::ServiceExt as _;

    use super::*;
    use crate::site::of_the_cloud::Cloud;
    use crate::site::origins::{Origins, SiteOrigin};

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

    /// With these lists of origins, for the chat and for the console.
    fn framed_by([embed, console]: [&[&str]; 2]) -> PageSettings {
        let list = |origins: &[&str]| origins.iter().map(|origin| SiteOrigin::parse(origin).unwrap()).collect();
        PageSettings { origins: Origins { embed: list(embed), console: list(console) }, ..PageSettings::default() }
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
                ["/", "/moderate/", "/embed/", "/docs/", "/client/src/index.js", "/embed/v1.js", &script().await]
            {
                let (headers, _) = answer(path, showing(hosts)).await;
                assert_eq!(headers[CONTENT_SECURITY_POLICY], policy, "{path}");
                let of_the_cloud = Cloud::default().with("PictureHosts", &hosts.join(",")).policy(path);
                assert_eq!(of_the_cloud, policy, "CloudFront sends the same for {path}");
            }
        }
    }

    #[tokio::test]
    async fn the_page_of_replays_reads_exports_and_recordings_from_elsewhere_and_runs_nothing_from_there() {
        for (hosts, sources) in [(&[][..], ""), (&["a.example"], " https://a.example")] {
            let policy = format!(
                "default-src 'self'; connect-src 'self' https:; media-src 'self' blob: https:; img-src 'self' data:{sources}; \
                 object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            );
            for path in ["/replay", "/replay/", "/replay/index.html"] {
                let (headers, _) = answer(path, showing(hosts)).await;
                assert_eq!(headers[CONTENT_SECURITY_POLICY], policy, "{path}");
                let cloud = Cloud::default().with("PictureHosts", &hosts.join(","));
                assert_eq!((cloud.policy(path), cloud.frame_options(path)), (policy.clone(), Some("DENY")), "{path}");
            }
        }
    }

    #[tokio::test]
    async fn only_the_origins_of_its_own_list_may_have_a_page_in_a_frame() {
        let (apps, teams) = (&["https://app.example", "https://b.example:8443"][..], &["https://team.example"][..]);
        let listed = |origins: &[&str]| if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
        for (embed, console) in [(&[][..], &[][..]), (apps, &[]), (&[], teams), (apps, teams)] {
            let cloud =
                Cloud::default().with("EmbedOrigins", &embed.join(",")).with("ConsoleOrigins", &console.join(","));
            for (path, around) in [
                ("/", &[][..]),
                ("/index.html", &[]),
                ("/docs/", &[]),
                ("/embed", embed),
                ("/embed/", embed),
                ("/embed/index.html", embed),
                ("/moderate", console),
                ("/moderate/", console),
                ("/moderate/index.html", console),
            ] {
                let (headers, _) = answer(path, framed_by([embed, console])).await;
                let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
                let (_, ancestors) = policy.split_once("; frame-ancestors ").unwrap();
                assert_eq!(ancestors, listed(around), "{path}");
                assert_eq!(cloud.policy(path), policy, "CloudFront sends the same for {path}");
                assert_eq!(cloud.frame_options(path), around.is_empty().then_some("DENY"), "{path}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_named_after_its_content_is_kept_for_a_year_and_all_else_is_asked_for_again() {
        let script = script().await;
        assert!(script.starts_with("/assets/page-"), "{script}");
        let (headers, _) = answer(&script, PageSettings::default()).await;
        assert_eq!(headers[CACHE_CONTROL], "public, max-age=31536000, immutable");
        for path in [
            "/",
            "/index.html",
            "/moderate/",
            "/replay/",
            "/embed/",
            "/embed/v1.js",
            "/icon.svg",
            "/client/src/index.js",
            "/docs/",
        ] {
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
            "/replay/main.js",
            "/embed/live-chat.js",
            "/embed/frame.js",
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
        for path in ["/", "/embed/", "/replay/"] {
            let (_, page) = answer(path, showing(&["a.example", "b.example"])).await;
            assert!(page.contains(r#"<meta name="live-chat-picture-hosts" content="a.example,b.example">"#), "{path}");
            let (_, page) = answer(path, PageSettings::default()).await;
            assert!(page.contains(r#"<meta name="live-chat-picture-hosts" content="">"#), "{path}");
        }
    }

    #[tokio::test]
    async fn the_page_for_frames_believes_those_who_may_have_it_in_one() {
        let origins = ["https://app.example", "http://localhost:*"];
        for (path, believed) in [
            ("/embed/", "https://app.example,http://localhost:*"),
            ("/embed", "https://app.example,http://localhost:*"),
            ("/", ""),
        ] {
            let (_, page) = answer(path, framed_by([&origins, &["https://team.example"]])).await;
            assert!(page.contains(&format!(r#"<meta name="live-chat-hosts" content="{believed}">"#)), "{path}");
        }
        let (_, page) = answer("/embed/", framed_by([&[], &["https://team.example"]])).await;
        assert!(page.contains(r#"<meta name="live-chat-hosts" content="">"#));
    }
}
