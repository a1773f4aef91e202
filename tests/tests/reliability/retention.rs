//! Retention deletes exactly the rows that it should: the database's own deletion of expired rows, on a persistent folder.

use std::collections::BTreeSet;
use std::time::Duration;

use gateway::{Data, EngineMode, Gateway, Options, ScheduleMode};
use jiff::{SignedDuration, Timestamp};
use tests::trial::tables::Tables;
use tests::world::{SECRET, World};

/// A gateway with the real time. Its schedule fires at once, which makes the database delete expired rows.
async fn gateway_that_deletes(data: Data) -> Gateway {
    let settings = [("JWT_SECRET", SECRET), ("LIVE_CHAT_SCHEDULE", "daily")];
    let environment = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let access_key = tests::signed::access_key();
    let options = Options {
        port: 0,
        data,
        environment,
        schedule: ScheduleMode::Periodic,
        internal_ports: true,
        access_key,
        ..Options::default()
    };
    Gateway::start(options).await.expect("the gateway starts")
}

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

    let gateway = gateway_that_deletes(data).await;
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

/// Everything that leaves a row: a viewer, a socket, messages with and without a key, a deletion, likes, a ticket, the end.
async fn a_whole_session(world: &World, id: u64) {
    let ann = world.user("ann");
    let mut socket = ann.connect_to(&id.to_string(), "").await;
    let message = socket.say("hello").await["message_id"].as_u64().expect("an id");
    let deleted = ann.send_as("oops", "key").await.ok()["message_id"].as_u64().expect("an id");
    ann.post(&format!("like-message/{message}")).await.ok();
    ann.post(&format!("like-message/{deleted}")).await.ok();
    ann.delete(&format!("messages/{deleted}")).await.ok();
    for user in 0..4 {
        world.user(&format!("fan {user}")).post("like").await.ok();
    }
    ann.ticket().await;
    ann.get("stats").await.ok();
    world.pass(2 * 3600);
    world.housekeep().await;
    socket.next("session_ended").await;
    socket.closed().await;
    let store = world.store();
    tests::within("the end", async {
        while !store.cursor(id).await.expect("the table answers").finished {
            tokio::task::yield_now().await;
        }
    })
    .await;
    world.pass(60);
    world.housekeep().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_expired_session_is_left_and_the_next_one_is_untouched() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = Data::Folder(folder.path().to_owned());
    // An hour after the draw's window opened, some days ago.
    let opened = |days: i64| {
        let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).start_of_day().expect("midnight");
        today.timestamp() - SignedDuration::from_hours(24 * days) + SignedDuration::from_mins(12 * 60 + 30)
    };
    let settings = [
        ("LIVE_CHAT_RETENTION_DAYS", "7"),
        ("LIVE_CHAT_SCHEDULE", "daily"),
        ("DRAW_TIMEZONE", "UTC"),
        ("DRAW_TIME_HOUR", "13"),
    ];
    let world =
        World::start_on(EngineMode::InProcess, opened(12), &settings, |options| options.data = data.clone()).await;
    let tables = Tables::at(world.gateway.database_url());
    a_whole_session(&world, 1).await;
    let of_the_first = tables.read().await.keys();
    world.clock.set(opened(3));
    a_whole_session(&world, 2).await;
    let all = tables.read().await.keys();
    for row in ["likes#", "viewers", "session"] {
        assert!(of_the_first.iter().any(|key| key.starts_with(&format!("session#1 / {row}"))), "{row} was there");
    }
    world.gateway.stop().await;

    let gateway = gateway_that_deletes(data).await;
    let tables = Tables::at(gateway.database_url());
    // The last allocated id stays, or it would be allocated again.
    let of_both = BTreeSet::from(["sessions / last".to_owned()]);
    let mut left = tables.read().await.keys();
    let deleting = async {
        while left.intersection(&of_the_first).cloned().collect::<BTreeSet<_>>() != of_both {
            tokio::time::sleep(Duration::from_millis(50)).await;
            left = tables.read().await.keys();
        }
    };
    let is_done = tokio::time::timeout(tests::TIMEOUT, deleting).await.is_ok();
    assert!(is_done, "of the first session is left: {:?}", left.intersection(&of_the_first));
    // Rows that find sockets, viewers and senders live for hours or days, whatever the retention.
    let is_short = |key: &&String| {
        ["socket#", "room#", "presence#", "rate#", "ticket#", "bell#"].iter().any(|kind| key.starts_with(kind))
    };
    let lost: Vec<_> =
        all.difference(&of_the_first).filter(|key| !is_short(key)).filter(|key| !left.contains(*key)).collect();
    assert!(lost.is_empty(), "lost of the second session: {lost:?}");
    gateway.stop().await;
}
