//! The public port: the guide's URLs, and protection against excessive clients.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gateway::apis::upstream::Upstream;
use gateway::limits::Limits;
use gateway::serve::serve;
use gateway::template::{ErrorCaching, Template};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::connect_async;
use tokio_util::sync::CancellationToken;

use crate::raw::{HANDSHAKE, Raw};
use crate::support::{Builder, within};

#[tokio::test]
async fn the_guides_socket_address_becomes_the_query_of_the_api() {
    let cloud = Builder::new().start().await;
    let url = format!("ws://{}/live-chat/ws/1?token=a.b%2Bc&session%5Fid=9&session_id=8", cloud.public);
    within(connect_async(url)).await.expect("the handshake succeeds");
    let event = cloud.event("ws-connect").await;
    assert_eq!(event["multiValueQueryStringParameters"], json!({ "session_id": ["1"], "token": ["a.b+c"] }));
}

#[tokio::test]
async fn the_headers_of_a_socket_pass_the_edge_as_they_are() {
    let cloud = Builder::new().start().await;
    let headers = format!("{HANDSHAKE}Origin: https://page.test\r\nSec-WebSocket-Protocol: bearer, abc\r\n");
    let head = Raw::connect(cloud.public).await.request("/live-chat/ws/1", &headers).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let event = cloud.event("ws-connect").await;
    assert_eq!(event["headers"]["Sec-WebSocket-Protocol"], "bearer, abc");
    assert_eq!(event["headers"]["Origin"], "https://page.test");
}

#[tokio::test]
async fn the_socket_address_without_an_upgrade_is_426() {
    let cloud = Builder::new().start().await;
    let response = within(crate::support::http().get(format!("http://{}/live-chat/ws/1", cloud.public)).send())
        .await
        .expect("an answer");
    assert_eq!(response.status(), 426);
    assert_eq!(response.headers()["upgrade"], "websocket");
}

#[tokio::test]
async fn everything_else_goes_to_the_http_api_or_to_the_pages() {
    let cloud = Builder::new().start().await;
    for (path, status) in [("/", 200), ("/demo", 200), ("/live-chat/unknown", 404), ("/live-chat/ws/1/2", 404)] {
        let response = within(crate::support::http().get(format!("http://{}{path}", cloud.public)).send())
            .await
            .expect("an answer");
        assert_eq!(response.status(), status, "{path}");
    }
}

#[tokio::test]
async fn the_public_port_has_neither_connections_nor_functions() {
    let cloud = Builder::new().start().await;
    let socket = cloud.socket().await;
    for path in [format!("/prod/@connections/{}", socket.id), "/2015-03-31/functions/ws-message/invocations".to_owned()]
    {
        let request = crate::support::http().post(format!("http://{}{path}", cloud.public));
        let response = within(request.header("authorization", "AWS4-HMAC-SHA256 x").send()).await.expect("an answer");
        assert_eq!(within(response.text()).await.expect("a body"), "a page");
    }
    assert_eq!(cloud.waiting_events("ws-message").await, 0);
}

#[tokio::test]
async fn a_huge_head_is_431_and_a_slow_one_is_cut_off() {
    let builder = Builder::new().limits(|limits| limits.header_read = Duration::from_millis(200));
    let cloud = builder.start().await;
    let huge = format!("Host: x\r\nX-Huge: {}\r\n", "x".repeat(20_000));
    let head = Raw::connect(cloud.public).await.request("/", &huge).await;
    assert!(head.starts_with("HTTP/1.1 431 "), "{head}");

    let mut slow = Raw::connect(cloud.public).await;
    slow.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Sl").await;
    while !slow.is_ended().await {}
}

#[tokio::test]
async fn a_socket_on_a_connection_that_was_used_before_keeps_its_header_names() {
    let cloud = Builder::new().start().await;
    let mut raw = Raw::connect(cloud.websocket).await;
    let head = raw.request("/prod", "Host: x\r\nX-First: 1\r\n").await;
    assert!(head.starts_with("HTTP/1.1 426 "), "{head}");
    let length = r#"{"message":"Upgrade Required"}"#.len();
    within(tokio::io::AsyncReadExt::read_exact(&mut raw.stream, &mut vec![0; length])).await.expect("the body");
    raw.request("/prod", &format!("{HANDSHAKE}X-sEcond: 2\r\n")).await;
    assert_eq!(cloud.event("ws-connect").await["headers"]["X-sEcond"], "2");
}

/// How a path answers at first, and once its function is well again: to the same query, to another one, and to a `POST`.
async fn answers_after_a_failure(error_caching: ErrorCaching) -> [u16; 4] {
    let has_failed = AtomicBool::new(false);
    let fails_once = move |_| {
        let is_well = has_failed.swap(true, Ordering::SeqCst);
        async move { if is_well { Ok(json!({"statusCode": 200})) } else { Err(crate::support::failure()) } }
    };
    let mut builder = Builder::new().function("f", fails_once).http("ANY", "/live-chat/status", "f");
    builder.error_caching = error_caching;
    let cloud = builder.start().await;
    let ask = async |method: Method, query: &str| {
        let url = format!("http://{}/live-chat/status{query}", cloud.public);
        within(crate::support::http().request(method, url).send()).await.expect("an answer").status().as_u16()
    };
    [
        ask(Method::GET, "").await,
        ask(Method::GET, "").await,
        ask(Method::GET, "?a=b").await,
        ask(Method::POST, "").await,
    ]
}

#[tokio::test]
async fn fidelity_64_the_edge_keeps_errors_as_long_as_the_distribution_says() {
    let template = include_str!("../../../template.yaml");
    let of = |yaml: &str| Template::parse(yaml).expect("a template").error_caching;
    // By CloudFront's own defaults, one failure is everybody's for ten seconds.
    let default = of(&template.replace("CustomErrorResponses:", "Unknown:"));
    assert_eq!(answers_after_a_failure(default).await, [500, 500, 500, 200]);
    let (version, none) =
        ("HttpVersion: http2and3", "CustomErrorResponses: [{ ErrorCode: 500, ErrorCachingMinTTL: 0 }]");
    let set =
        template.replace("CustomErrorResponses:", "Unknown:").replace(version, &format!("{version}\n        {none}"));
    assert_eq!(answers_after_a_failure(of(&set)).await, [500, 200, 200, 200]);
}

/// The edge alone, in front of an API that the test plays itself: its address, and the test's end of the API.
async fn edge_before(listener: &tokio::net::TcpListener) -> std::net::SocketAddr {
    let behind = format!("http://{}", listener.local_addr().expect("it is bound"));
    let upstream = Upstream {
        http: behind.parse().expect("an address"),
        socket: format!("{behind}/prod").parse().expect("an address"),
        origin_secret: Some(axum::http::HeaderValue::from_static("the edge's secret")),
        pages: axum::Router::new(),
        limits: Limits::default(),
    };
    let front = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = front.local_addr().expect("it is bound");
    tokio::spawn(serve(vec![front], std::sync::Arc::new(upstream), CancellationToken::new()));
    address
}

#[tokio::test]
async fn an_edge_before_upstream_apis_makes_tunnels_for_sockets_only() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let edge = edge_before(&listener).await;
    let h2c = "Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    // A list may come in several lines. What else it offers is not passed on.
    let both = "Host: x\r\nX-Live-Chat-Origin: mine\r\nX-Live-Chat-Origin: another of mine\r\nConnection: keep-alive\r\nConnection: HTTP2-Settings, Upgrade\r\nUpgrade: h2c\r\nUpgrade: WebSocket\r\n\
                HTTP2-Settings: AAMAAABk\r\n";
    let cases = [
        ("/live-chat/status", h2c, false),
        ("/live-chat/ws/1", h2c, false),
        ("/live-chat/ws/1", HANDSHAKE, true),
        ("/live-chat/ws/1", both, true),
    ];
    for (target, headers, is_socket) in cases {
        let mut client = Raw::connect(edge).await;
        client.begin(target, headers).await;
        let (stream, _) = within(listener.accept()).await.expect("the edge connects");
        let asked = Raw { stream }.head().await.to_ascii_lowercase();
        for word in ["\r\nupgrade: websocket", "\r\nconnection: upgrade"] {
            assert_eq!(asked.contains(word), is_socket, "{target}: {asked}");
        }
        assert!(!asked.contains("h2c") && !asked.contains("http2-settings"), "{asked}");
        assert_eq!(asked.matches("x-live-chat-origin").count(), 1, "{asked}");
        assert!(asked.contains("\r\nx-live-chat-origin: the edge's secret\r\n"), "{target}: {asked}");
    }
}
