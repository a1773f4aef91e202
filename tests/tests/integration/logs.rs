//! What the log contains, and what it must never contain.

use serde_json::json;
use tests::process::Process;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn no_log_line_holds_a_token_a_secret_a_message_or_an_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway =
        Process::start(folder.path(), &[("RUST_LOG", "info,shared=debug,functions=debug,gateway=debug")]).await;
    let (ann, bob) = (gateway.user("ann-secretive"), gateway.user("bob-secretive"));
    let mut socket = ann.connect().await;
    socket.say("a very private text").await;
    ann.send_as("another private text", "a private key").await.ok();
    bob.post("like").await.ok();
    bob.post("like-message/100000001").await.ok();
    bob.delete("messages/100000001").await.problem();
    ann.delete("messages/100000001").await.ok();
    for path in ["status?private=query", "messages", "viewers", "likes", "stats", "messages?limit=private", "nothing"] {
        bob.get(path).await;
    }
    bob.send_body(r#"{"message": "broken private"#).await.problem();
    bob.with_token("a.private.token").get("status").await.problem();
    assert_eq!(bob.with_token("a.private.token").try_to_connect("1").await.err(), Some(401));
    socket.send_raw(Message::text("private and no json"));
    socket.answer().await;
    socket.ask(&json!({"type": "private"})).await;
    socket.send_raw(Message::binary(b"private bytes".to_vec()));
    socket.closed().await;
    let log = gateway.kill_9().await;
    assert!(log.contains("/live-chat/ws/1") && log.contains("/live-chat/status"), "the log is there: {log}");
    for secret in ["private", "?token", &ann.token, &bob.token, tests::world::SECRET, "@example.org"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?}");
    }
    let signature = ann.token.rsplit('.').next().expect("a signature");
    assert!(!log.contains(signature));
}
