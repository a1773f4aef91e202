//! `POST /dev/token`: a development token for the page, for requests from this machine alone.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequest, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::domain::caller::parse_user_id;
use shared::domain::text::display_name::DisplayName;
use shared::platform::clock::Clock;

use crate::site::problem::problem;
use crate::site::token::{Claims, mint};

/// How long a token of the page is good.
const TOKEN_HOURS: i64 = 12;

/// Makes development tokens for the page.
#[derive(Clone)]
pub struct TokenIssuer {
    /// The secret that the chat verifies tokens with.
    pub secret: String,
    /// The time.
    pub clock: Clock,
}

/// The endpoint.
pub(super) fn router(issuer: TokenIssuer) -> Router {
    Router::new().route("/dev/token", post(answer).with_state(issuer))
}

#[derive(Deserialize)]
struct TokenRequest {
    name: String,
    #[serde(default)]
    sub: Value,
}

async fn answer(State(issuer): State<TokenIssuer>, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let is_from_here = peer.is_some_and(|ip| ip.to_canonical().is_loopback());
    let is_local = is_from_here && names_are_local(request.headers()) && !is_proxied(request.headers());
    if !is_local {
        return problem(StatusCode::FORBIDDEN, "forbidden", "Development tokens are for this machine only");
    }
    let refuse = |sentence: &str| problem(StatusCode::BAD_REQUEST, "invalid_request", sentence);
    let Ok(Json(TokenRequest { name, sub })) = Json::<TokenRequest>::from_request(request, &()).await else {
        return refuse("Send {\"name\": \"…\"} as application/json");
    };
    let Some(name) = DisplayName::parse(&name) else { return refuse("The name has nothing that can be seen") };
    let sub = match sub {
        sub if sub.is_null() || sub == "" => format!("dev-{:08x}", rand::random::<u32>()),
        sub => match parse_user_id(&sub) {
            Ok(sub) => sub,
            Err(sentence) => return refuse(&sentence),
        },
    };
    let claims = Claims { sub, name: Some(name.into_string()), ..Claims::default() };
    match mint(&issuer.secret, &claims, issuer.clock.now(), SignedDuration::from_hours(TOKEN_HOURS)) {
        Ok(token) => Json(json!({"token": token, "user_id": claims.sub})).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "a development token could not be made");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "unavailable", "A token could not be made")
        }
    }
}

/// Whether a proxy passed it on: a tunnel, a reverse proxy or a container's forwarder connects from this machine for anybody.
fn is_proxied(headers: &HeaderMap) -> bool {
    const NAMES: [&str; 12] = [
        "forwarded",
        "via",
        "client-ip",
        "true-client-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "cloudfront-viewer-address",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-host",
        "x-original-url",
        "x-real-ip",
    ];
    const PREFIXES: [&str; 5] = ["x-forwarded", "cf-", "x-envoy-", "x-ms-", "tailscale-"];
    headers.keys().any(|name| {
        let name = name.as_str();
        NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Neither a foreign name that resolves to this machine (DNS rebinding) nor the page of another site or port gets a token.
fn names_are_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let Some(host) = host.filter(|host| is_loopback_name(host.host())) else { return false };
    headers.get(ORIGIN).is_none_or(|origin| {
        let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
        origin.is_some_and(|origin| origin.authority() == Some(&host))
    })
}

fn is_loopback_name(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_a_proxy_passed_on_is_not_local() {
        for name in [
            "forwarded",
            "via",
            "x-forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-real-ip",
            "cf-connecting-ip",
            "cf-ray",
            "true-client-ip",
            "x-envoy-external-address",
            "tailscale-user-login",
        ] {
            assert!(
                is_proxied(&HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(""))])),
                "{name}"
            );
        }
        let of_a_page =
            ["host", "origin", "referer", "user-agent", "content-type", "sec-fetch-site", "connection", "cookie"];
        let of_a_page = of_a_page.map(|name| (name.parse().unwrap(), HeaderValue::from_static("x")));
        assert!(!is_proxied(&HeaderMap::from_iter(of_a_page)));
    }

    #[test]
    fn only_the_page_itself_gets_a_token() {
        let local = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            headers.extend(origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin))));
            names_are_local(&headers)
        };
        for (host, own) in [
            ("localhost", "http://localhost"),
            ("localhost:8000", "http://localhost:8000"),
            ("127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("[::1]:8000", "http://[::1]:8000"),
        ] {
            assert!(local(host, None) && local(host, Some(own)), "{host}");
            for other in ["https://evil.example", "null", "http://localhost:8001", "http://127.0.0.1"] {
                assert!(!local(host, Some(other)), "{host} {other}");
            }
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(!local(host, None), "{host}");
        }
    }
}
