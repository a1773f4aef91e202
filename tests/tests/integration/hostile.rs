//! Malicious or broken clients, which must not affect other users.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::within;
use tests::world::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

/// A client that opens a socket with a tiny receive buffer and then never reads.
async fn stuck_reader(address: std::net::SocketAddr, path: &str) -> tokio::net::TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(1024).expect("a tiny buffer");
    let mut stream = socket.connect(address).await.expect("a connection");
    let handshake = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(handshake.as_bytes()).await.expect("the handshake is sent");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.expect("the handshake is answered");
    assert_eq!(&answer, b"HTTP/1.1 101");
    stream
}

/// More than the kernel buffers for a socket (4 MiB, net.ipv4.tcp_wmem) and the gateway queues for it (1 MiB).
const MORE_THAN_BUFFERS: usize = 8 << 20;

#[tokio::test]
async fn a_reader_that_stops_reading_delays_nobody_by_more_than_a_second() {
    let world = World::with(&[("LIVE_CHAT_MAX_MESSAGE_LENGTH", "5000")]).await;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let path = format!("/live-chat/ws/1?token={}", world.user("stuck").token);
    let stuck = stuck_reader(world.gateway.address(), &path).await;
    let mut listener = bob.connect().await;
    let text = "😀".repeat(5000);
    let (mut sent_bytes, mut slowest) = (0, Duration::ZERO);
    let mut seq = 0;
    while sent_bytes < MORE_THAN_BUFFERS {
        for answer in futures_util::future::join_all((0..8).map(|_| ann.send(&text))).await {
            answer.ok();
            sent_bytes += text.len();
            seq += 1;
        }
        // From here on, all messages are stored: the test measures how long the others wait for them.
        let stored = Instant::now();
        listener.until_messages(seq).await;
        slowest = slowest.max(stored.elapsed());
    }
    assert_eq!(listener.seqs(), (1..=seq as u64).collect::<Vec<_>>());
    assert!(slowest < Duration::from_secs(1), "messages came {slowest:?} after they were stored");
    drop(stuck);
}

#[tokio::test]
async fn a_client_that_vanishes_in_the_middle_of_its_handshake_harms_nobody() {
    let world = World::start().await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    for i in 0..20 {
        let mut stream = tokio::net::TcpStream::connect(world.gateway.address()).await.expect("a connection");
        let path = format!("/live-chat/ws/1?token={}", world.user(&format!("ghost{i}")).token);
        let handshake = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(handshake.as_bytes()).await.expect("the handshake is sent");
        drop(stream);
    }
    assert_eq!(socket.say("are you well?").await["type"], "ack");
    socket.until_messages(1).await;
    // The timeout removes the rows of the dead sockets.
    world.pass(400);
    world.housekeep().await;
    within("the ghosts' end", async {
        while ann.get("viewers").await.ok()["viewer_count"] != 1 {
            world.housekeep().await;
        }
    })
    .await;
}

#[tokio::test]
async fn frames_that_are_too_large_close_their_own_socket_only() {
    let world = World::start().await;
    let (mut ann, mut bob) = (world.user("ann").connect().await, world.user("bob").connect().await);
    ann.send(&json!({"type": "message", "message": "x".repeat(33 * 1024)}));
    assert_eq!(ann.closed().await.map(|(code, _)| code), Some(1009));
    assert_eq!(bob.say("unharmed").await["type"], "ack");
}

#[tokio::test]
async fn the_token_endpoint_answers_loopback_names_only() {
    let world = World::start().await;
    let url = format!("{}/dev/token", world.gateway.url());
    let ask = |host: &'static str| {
        world
            .http()
            .post(&url)
            .header("host", host)
            .header("content-type", "application/json")
            .body(r#"{"name":"Alice"}"#)
    };
    for host in ["localhost:8000", "127.0.0.1", "[::1]:8000"] {
        let answer = tests::rest::answer(ask(host)).await.ok();
        let alice = world.user("x").with_token(answer["token"].as_str().unwrap());
        alice.send("hello").await.ok();
    }
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"] {
        assert_eq!(tests::rest::answer(ask(host)).await.problem(), (403, "forbidden".to_owned()), "{host}");
    }
    for origin in ["https://evil.example", "http://localhost:5173"] {
        let foreign = ask("localhost:8000").header("origin", origin);
        assert_eq!(tests::rest::answer(foreign).await.problem(), (403, "forbidden".to_owned()), "{origin}");
    }
}

#[tokio::test]
async fn beyond_loopback_there_are_no_development_tokens() {
    let everywhere = |options: &mut gateway::Options| options.host = Some(std::net::Ipv4Addr::UNSPECIFIED.into());
    let world = World::start_with(jiff::Timestamp::now(), &[], everywhere).await;
    let url = format!("http://127.0.0.1:{}/dev/token", world.gateway.address().port());
    let ask = world.http().post(url).header("content-type", "application/json").body(r#"{"name":"Alice"}"#);
    assert_eq!(tests::rest::answer(ask).await.status, 405, "there are files only");
}
