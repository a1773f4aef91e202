//! Retention deletes what it should and nothing else: the database's own deletion of expired rows, on a folder that lives on.

use std::time::Duration;

use gateway::{Data, EngineMode, Gateway, Options, ScheduleMode};
use jiff::{SignedDuration, Timestamp};
use tests::trial::tables::Tables;
use tests::world::{SECRET, World};

#[tokio::test(flavor = "multi_thread")]
async fn expired_rows_are_deleted_and_everything_else_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = Data::Folder(folder.path().to_owned());
    let days_ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
    let settings = [("LIVE_CHAT_RETENTION_DAYS", "7")];
    let world =
        World::start_on(EngineMode::InProcess, days_ago(10), &settings, |options| options.data = data.clone()).await;
    let ann = world.user("ann");
    let mut socket = ann.connect().await;
    ann.send_as("ten days old", "key").await.ok();
    ann.post("like-message/100000001").await.ok();
    ann.post("like").await.ok();
    socket.until_messages(1).await;
    socket.close(1000).await;
    world.clock.set(days_ago(3));
    let mut socket = ann.connect().await;
    ann.send_as("three days old", "another key").await.ok();
    ann.post("like-message/100000002").await.ok();
    socket.wait_for("the second message", |event| event["message"]["seq"] == 2).await;
    socket.close(1000).await;
    world.gateway.stop().await;

    let secret = ("JWT_SECRET".to_owned(), SECRET.to_owned());
    let options = Options {
        port: 0,
        data,
        environment: [secret].into(),
        // The first ring comes at once, and lets the database delete.
        schedule: ScheduleMode::Periodic,
        ..Options::default()
    };
    let gateway = Gateway::start(options).await.expect("the gateway starts");
    let tables = Tables::at(gateway.database_url());
    let end = tests::within("the deletion", async {
        loop {
            let end = tables.read().await.end();
            if !end.rows.contains_key(&1) {
                return end;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(end.rows.keys().collect::<Vec<_>>(), [&2]);
    assert_eq!(end.rows[&2].text.as_deref(), Some("three days old"));
    // The session never ends, so its likes and its numbers stay; the likes of a message go with it.
    assert_eq!((end.seq, end.cursor, end.total_likes, end.session_likers.len()), (2, 2, 1, 1));
    assert_eq!((end.rows[&2].likes, end.message_likers.keys().collect::<Vec<_>>()), (1, vec![&2]));
    gateway.stop().await;
}
