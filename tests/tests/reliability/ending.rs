//! A gateway that is ended by SIGTERM, as Ctrl-C or a restart do it, while a broadcast runs.

use std::collections::BTreeSet;

use serde_json::json;
use tests::process::Process;
use tests::socket::Socket;

/// The numbers of all messages that a socket receives by `resume`.
async fn resumed(socket: &mut Socket) -> BTreeSet<u64> {
    let (mut found, mut after) = (BTreeSet::new(), 0);
    loop {
        let page = socket.ask(&json!({"type": "resume", "after": after})).await;
        let seqs = page["messages"].as_array().expect("messages").iter();
        found.extend(seqs.map(|message| message["seq"].as_u64().expect("a number")));
        after = found.last().copied().unwrap_or(after);
        if page["complete"] == true {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_ends_while_a_broadcast_runs_logs_no_fault_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = BTreeSet::new();
    let mut broadcasts_ended = 0;
    for round in 0..3 {
        let gateway = Process::start(folder.path(), &[]).await;
        let mut sockets = Vec::new();
        for user in 0..8 {
            sockets.push(gateway.user(&format!("user{user}")).connect().await);
        }
        assert!(resumed(&mut sockets[0]).await.is_superset(&acknowledged), "round {round}: a message is lost");
        let senders = (0..4).map(|sender| {
            let user = gateway.user(&format!("sender{sender}"));
            tokio::spawn(async move {
                let mut ids = Vec::new();
                while let Some(id) = user.try_to_send("in a busy room").await {
                    ids.push(id - 100_000_000);
                }
                ids
            })
        });
        let senders: Vec<_> = senders.collect();
        sockets[0].until_messages(20).await;
        let (status, log) = gateway.terminate().await;
        assert_eq!(status.code(), Some(0), "round {round}");
        let faults: Vec<&str> = log.lines().filter(|line| line.contains("ERROR") || line.contains("WARN")).collect();
        assert_eq!(faults, Vec::<&str>::new(), "round {round}");
        broadcasts_ended += log.matches("an invocation ended with the gateway").count();
        for sender in senders {
            acknowledged.extend(sender.await.expect("it ends"));
        }
    }
    assert!(broadcasts_ended > 0, "no broadcast ran when a gateway ended");
    let gateway = Process::start(folder.path(), &[]).await;
    assert!(resumed(&mut gateway.user("reader").connect().await).await.is_superset(&acknowledged), "a message is lost");
}
