//! The CPU cost of a post on the posting side, by our poster and by the SDK's client, against the same bare server.
//!
//! `cargo bench -p shared --bench posts` prints the median of several rounds. The poster's side has one thread of its own, whose
//! CPU time Linux reports in `/proc`; the server has others. 64 posts are under way at a time, as in a broadcast.

mod measure;

use std::convert::Infallible;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Region};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use bytes::Bytes;
use futures_util::StreamExt;
use http::Response;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use measure::{cpu, median};
use shared::platform::aws::trust;
use shared::platform::metrics::meter::Meter;
use shared::platform::posting::{ManagementApi, Payload, Poster};

/// Posts of one round, after as many to get warm.
const POSTS: usize = 20_000;
const CONCURRENT_POSTS: usize = 64;
const ROUNDS: usize = 5;
const ID: &str = "L0SM9cOFvHcCIhw=";

fn main() {
    let server = start_server();
    let frame = format!("{{\"type\":\"new_message\",\"message\":\"{}\"}}", "x".repeat(350));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let credentials = || Credentials::new("key", "secret", Some("token".to_owned()), None, "bench");
    let config = aws_sdk_apigatewaymanagement::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(&server)
        .build();
    let client = Client::from_conf(config);
    let poster = Poster::new(&server.parse().expect("an address"), "us-east-1", credentials(), trust::tls());
    let api = ManagementApi::new(client.clone(), poster, Arc::new(Meter::new(None)));
    let payload = Payload::new(frame.as_str());
    let by_poster = median(ROUNDS, || runtime.block_on(cost(|| async { api.post(ID, &payload).await.is_ok() })));
    let by_sdk = median(ROUNDS, || {
        runtime.block_on(cost(|| async {
            client.post_to_connection().connection_id(ID).data(Blob::new(frame.as_str())).send().await.is_ok()
        }))
    });
    for (name, micros) in [("poster", by_poster), ("SDK", by_sdk)] {
        println!("{name}: {micros:.1} µs of CPU a post, {:.0} posts a second and core", 1e6 / micros);
    }
}

/// Microseconds of this thread's CPU for one post.
async fn cost<Answer: Future<Output = bool>>(post: impl Fn() -> Answer) -> f64 {
    let all = || async {
        let done = futures_util::stream::iter(0..POSTS).map(|_| post()).buffer_unordered(CONCURRENT_POSTS);
        assert!(done.all(|is_done| async move { is_done }).await, "a post failed");
    };
    all().await;
    let before = cpu();
    all().await;
    (cpu() - before).as_secs_f64() * 1e6 / POSTS as f64
}

/// A bare server on threads of its own, which accepts everything.
fn start_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    let url = format!("http://{}/live", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(take)));
            }
        });
    });
    url
}

async fn take(request: hyper::Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let _read = request.into_body().collect().await;
    Ok(Response::new(Empty::new()))
}
