//! Nobody who reads the table or the log can redeem a ticket.

use super::*;

#[tokio::test]
async fn the_table_holds_no_ticket_and_forgets_its_row_within_a_minute() {
    let world = World::start().await;
    let (used, unused) = (world.user("ann").ticket().await, world.user("ann").ticket().await);
    let _socket = opened(&world, &used).await;
    let scanned = world.dynamodb().scan().table_name("live-chat-connections").send().await.expect("the table answers");
    let rows = scanned.items();
    let tickets: Vec<_> =
        rows.iter().filter(|row| row["pk"].as_s().is_ok_and(|pk| pk.starts_with("ticket#"))).collect();
    assert_eq!(tickets.len(), 2);
    for row in tickets {
        let expires_at: i64 = row["expires_at"].as_n().expect("a number").parse().expect("seconds");
        assert!((0..=60).contains(&(expires_at - world.clock.now().as_second())), "{row:?}");
    }
    let everything = format!("{rows:?}");
    assert!(everything.contains("redeemed_by") && !everything.contains(&used) && !everything.contains(&unused));
}

#[tokio::test]
async fn no_log_line_holds_a_ticket() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("RUST_LOG", "info,shared=trace,functions=trace,gateway=trace")];
    let gateway = Process::start(folder.path(), &settings).await;
    let ann = gateway.user("ann");
    let (by_query, by_subprotocol, unused) = (ann.ticket().await, ann.ticket().await, ann.ticket().await);
    let url = format!("{}/live-chat/ws/1", gateway.url().replacen("http", "ws", 1));
    let with = |ticket: &str| format!("{url}?ticket={ticket}");
    let Ok(socket) = Socket::open(&with(&by_query), &[]).await else { panic!("the ticket was refused") };
    assert_eq!(Socket::open(&with(&by_query), &[]).await.err(), Some(401));
    assert!(Socket::open(&url, &["ticket", &by_subprotocol]).await.is_ok());
    assert_eq!(Socket::open(&url, &["ticket", &by_subprotocol]).await.err(), Some(401));
    assert_eq!(Socket::open(&with("a-private-ticket"), &[]).await.err(), Some(401));
    assert_eq!(Socket::open(&format!("{url}9?ticket={unused}"), &[]).await.err(), Some(404));
    socket.close(1000).await;
    let log = gateway.kill_9().await;
    assert!(log.contains("/live-chat/ticket") && log.contains("/live-chat/ws/1"), "the log is there: {log}");
    for secret in [by_query.as_str(), &by_subprotocol, &unused, "a-private-ticket", "?ticket"] {
        assert_eq!(log.lines().find(|line| line.contains(secret)), None, "{secret:?}");
    }
}
