//! `/health` of the local gateway: healthy while both tables can be read and written.

use tests::process::Process;
use tests::proxy::Fate;
use tests::world::World;

#[tokio::test]
async fn the_gateway_is_well_while_its_tables_answer() {
    let (world, proxy) = World::behind_a_proxy_of_tables(&[]).await;
    let health = world.get("/health").await;
    assert_eq!(health.headers["cache-control"], "no-store");
    let version = health.json["version"].as_str().expect("a version").to_owned();
    let expected = serde_json::json!({"status": "ok", "database": "reachable", "version": version});
    assert_eq!(health.ok(), expected);

    proxy.judge(|request| match request.body.contains("live-chat-connections") {
        true => Fate::Answer(500, r#"{"__type": "InternalServerError"}"#.to_owned()),
        false => Fate::Pass,
    });
    let health = world.get("/health").await;
    assert_eq!((health.status, &health.json["status"]), (503, &"unavailable".into()));
    assert_eq!(health.json["database"], "unreachable");

    proxy.judge(|request| match request.operation.as_str() {
        "PutItem" => Fate::Answer(500, r#"{"__type": "InternalServerError"}"#.to_owned()),
        _ => Fate::Pass,
    });
    let health = world.get("/health").await;
    assert_eq!((health.status, &health.json["status"]), (503, &"unavailable".into()));
    assert_eq!(health.json["database"], "read-only");

    proxy.judge(|_| Fate::Pass);
    assert_eq!(world.get("/health").await.ok(), expected);
}

/// A process may be forbidden to make files larger (`RLIMIT_FSIZE`). To SQLite that is what a full disk is: what is written in place
/// succeeds, what needs more room fails.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_a_full_disk_the_gateway_says_so_refuses_sends_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Process::start_without_signal_of_file_size(folder.path()).await;
    let ann = gateway.user("ann");
    let texts = async || {
        let page = ann.get("messages").await.ok();
        let messages = page["messages"].as_array().expect("a list").iter();
        messages.map(|message| message["message"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    let limit_files = |bytes: u64| {
        let pid = i32::try_from(gateway.id()).expect("a process id");
        rlimit::prlimit(pid, rlimit::Resource::FSIZE, Some((bytes, rlimit::INFINITY)), None).expect("the limit is set");
    };
    ann.send("before").await.ok();
    ann.page("/health").await.ok();

    let log = std::fs::metadata(folder.path().join("dynamodb.sqlite-wal")).expect("SQLite's log").len();
    limit_files(log);
    let health = ann.page("/health").await;
    assert_eq!((health.status, &health.json["database"]), (503, &"read-only".into()));
    for _ in 0..3 {
        assert_eq!(ann.send("onto the full disk").await.problem(), (503, "unavailable".to_owned()));
        assert_eq!(ann.post("like").await.problem(), (503, "unavailable".to_owned()));
    }
    assert_eq!(texts().await, ["before"]);
    assert_eq!(ann.page("/health").await.status, 503);

    limit_files(rlimit::INFINITY);
    ann.page("/health").await.ok();
    ann.send("after").await.ok();
    assert_eq!(texts().await, ["before", "after"]);
    assert_eq!(ann.get("likes").await.ok()["total_likes"], 0);
    gateway.kill_9().await;
    let again = Process::start(folder.path(), &[]).await;
    let page = again.user("ann").get("messages").await.ok();
    assert_eq!(page["messages"].as_array().expect("a list").len(), 2, "{page}");
}
