//! The reverse direction: rows that the current code writes have the recorded shape.

use std::collections::{BTreeMap, BTreeSet};

use gateway::token::Claims;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use tests::proxy::Fate;
use tests::world::World;

use super::rows::{Moment, cursor, daily, has_told, rows_of, text, until};
use super::{FIRST, SECOND};

/// Kinds that the older commit does not know. They are in partitions that it does not read.
const NEW: [&str; 6] = ["staff", "likes", "budget", "held", "pseudonym", "person"];

/// Attributes that the older commit does not write, and ignores: its callers have no time at which their token was issued.
const ADDED: [&str; 2] = ["caller.issued_at", "holder.issued_at"];

/// Attributes of deleted messages that the older commit removes or does not write. A row without `text` is no message to it.
const KEPT: [&str; 7] = ["deleted_text", "deleted_by", "acts", "username", "profile_pic", "badge", "client_message_id"];

/// Another one, by its kind of row: the name of somebody with a socket.
const ADDED_NAME: (&str, &str) = ("presence", "username");

/// A kind that the older commit skips. Its rows go once they are sent, so the polls below may miss them.
const NOTICE: &str = "notice";

/// Further ones, which a wake-up has only if notices or closings are left, and a place only if it missed notices.
const AT_TIMES: [&str; 3] = ["outbox", "behind_notices", "behind_notices[]"];

/// Attributes of sockets that the older commit writes, and does without: frames are counted for their user now.
const DROPPED: [&str; 2] = ["frames", "frames_minute"];

/// The kind of a row, by its key and the attributes that distinguish its variants.
fn kind(row: &Value) -> String {
    let has = |name: &str| row.get(name).is_some();
    let (pk, sk) = (text(row, "pk"), text(row, "sk"));
    let kind = match pk.split('#').collect::<Vec<_>>().as_slice() {
        ["messages", ..] if has("void") => "void",
        ["messages", ..] if has("deleted") => "deleted message",
        ["messages", ..] => "message",
        ["session", ..] if sk.starts_with("likes#") => "likes of a session",
        ["session", ..] => sk,
        ["like", liked, ..] => return format!("like of a {liked}"),
        ["bell", ..] if sk.starts_with("close#") => "close request",
        ["bell", ..] if sk.starts_with("notice#") => NOTICE,
        ["room", ..] if has("behind") => "place of one who is behind",
        ["room", ..] => "place",
        ["ticket", ..] if has("redeemed_by") => "redeemed ticket",
        ["cursor", ..] if has("lease_owner") => "cursor under a lease",
        [kind, ..] => kind,
        [] => unreachable!("a split has a first part"),
    };
    kind.to_owned()
}

/// The attributes of rows of a kind, with their types, and those that all of its rows have.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shape {
    types: BTreeMap<String, BTreeSet<String>>,
    always: BTreeSet<String>,
}

fn shapes<'a>(rows: impl Iterator<Item = &'a Value>) -> BTreeMap<String, Shape> {
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    for row in rows {
        let mut found = Vec::new();
        note_types("", row, &mut found);
        let paths: BTreeSet<String> = found.iter().map(|(path, _)| path.clone()).collect();
        let kind = kind(row);
        let is_new = !shapes.contains_key(&kind);
        let shape = shapes.entry(kind).or_default();
        shape.always = if is_new { paths } else { &shape.always & &paths };
        for (path, kind) in found {
            shape.types.entry(path).or_default().insert(kind);
        }
    }
    shapes
}

fn note_types(path: &str, map: &Value, found: &mut Vec<(String, String)>) {
    for (name, value) in map.as_object().expect("a map") {
        let (kind, value) = value.as_object().and_then(|value| value.iter().next()).expect("a type and a value");
        // Some maps have minutes as keys.
        let name = if name.parse::<i64>().is_ok() { "*" } else { name };
        let path = format!("{path}{name}");
        match kind.as_str() {
            "M" => note_types(&format!("{path}."), value, found),
            "L" => value.as_array().expect("a list").iter().for_each(|one| {
                note_types(&format!("{path}[]"), &json!({"": one}), found);
            }),
            _ => {}
        }
        found.push((path, kind.clone()));
    }
}

/// The evening of `record.py`, and the tables' content at its moments.
async fn the_same_evening() -> Vec<Value> {
    let hour = Timestamp::now().as_second() / 3600 % 24;
    let daily = daily(hour);
    let settings = daily.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (world, proxy) = World::behind_a_proxy(tests::engines::chosen(), &settings).await;
    let (tables, store) = (world.dynamodb(), world.store());
    let ann = world.user_with(Claims {
        sub: "ann".to_owned(),
        name: Some("Ann".to_owned()),
        roles: vec!["host".to_owned()],
        badge: Some("gold".to_owned()),
        picture: Some("https://example.org/ann.png".to_owned()),
        ..Claims::default()
    });
    let moderator = Claims { sub: "mod".to_owned(), roles: vec!["moderator".to_owned()], ..Claims::default() };
    let (bob, moderator) = (world.user("bob"), world.user_with(moderator));

    let flood = ann.connect().await;
    let _batched = bob.connect_to("1", "&batch=1").await;
    let by_ticket = moderator.ticket_url("1", &moderator.ticket().await);
    let _by_ticket = tests::socket::Socket::open(&by_ticket, &[]).await.expect("the ticket is good");
    world.user("late").ticket().await;
    let session = store.session(1, world.clock.now()).await.expect("the table answers").expect("it is open");
    let SeqAllocation::Allocated(void) =
        store.allocate_seq(&session, Rules::default(), world.clock.now()).await.expect("the table answers")
    else {
        panic!()
    };
    assert!(store.void_seq(&session, void, world.clock.now()).await.expect("the table answers"));
    let first = ann.send(FIRST).await.ok()["message_id"].as_u64().expect("an id");
    bob.send_as(SECOND, "key-2").await.ok();
    let third = ann.send_as("The third is deleted", "key-3").await.ok()["message_id"].as_u64().expect("an id");
    moderator.delete(&format!("messages/{third}")).await.ok();
    bob.post(&format!("like-message/{first}")).await.ok();
    bob.post("like").await.ok();
    world.user("carol").get("status").await.ok();
    let mut seen = until(&tables, "the broadcast's end", |rows| has_told(rows, 4)).await;

    proxy.judge(|request| match request.operation.as_str() {
        "POST" => Fate::Answer(429, String::new()),
        _ => Fate::Pass,
    });
    ann.send("Nobody gets this").await.ok();
    let is_behind =
        |rows: &[Value]| rows.iter().any(|row| !row["behind"]["N"].is_null()) && !cursor(rows)["lease_owner"].is_null();
    seen.extend(until(&tables, "a note of who is behind", is_behind).await);
    moderator.post(&format!("like-message/{first}")).await.ok();
    // Functions in processes of their own count in tens, each separately.
    for _ in 0..500 {
        flood.send(&json!({"type": "ping"}));
    }
    let is_close = |row: &Value| text(row, "sk").starts_with("close#");
    seen.extend(until(&tables, "a request to close", |rows| rows.iter().any(is_close)).await);
    let has_changed = |row: &Value| row["behind_changed"]["L"].as_array().is_some_and(|list| !list.is_empty());
    seen.extend(until(&tables, "a note of what changed", |rows| rows.iter().any(has_changed)).await);
    proxy.judge(|_| Fate::Pass);
    let is_behind = |row: &Value| !row["behind"]["N"].is_null();
    until(&tables, "all have caught up", |rows| has_told(rows, 5) && !rows.iter().any(is_behind)).await;

    seen.extend(rows_when_housekeep_rings(&world).await);
    world.pass(5 * 3600);
    world.housekeep().await;
    let is_finished =
        |rows: &[Value]| cursor(rows)["finished"]["BOOL"] == true && cursor(rows)["lease_owner"].is_null();
    until(&tables, "the end", is_finished).await;
    world.housekeep().await;
    seen.extend(
        until(&tables, "the cursor's expiry", |rows| has_told(rows, 5) && !cursor(rows)["expires_at"].is_null()).await,
    );

    let world = World::with(&[("LIVE_CHAT_RETENTION_DAYS", "0")]).await;
    let ann = world.user("ann");
    let _socket = ann.connect().await;
    ann.send("A message that is kept for ever").await.ok();
    seen.extend(until(&world.dynamodb(), "the broadcast's end", |rows| has_told(rows, 1)).await);
    seen
}

/// Silence, until `housekeep` wakes the broadcast of the quiet room: its wake-up names the request that left it. A flush that ends after the
/// clock has moved, such as that of the socket that was closed, makes the room look busy for another few minutes.
async fn rows_when_housekeep_rings(world: &World) -> Vec<Value> {
    let tables = world.dynamodb();
    tests::within("a wake-up of housekeep", async {
        loop {
            world.pass(8 * 60);
            world.housekeep().await;
            let rows = rows_of(&tables).await;
            if rows.iter().any(|row| row["sk"]["S"] == "ring" && !row["trace"].is_null()) {
                return rows;
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_rows_have_the_shape_of_what_is_written_now() {
    let moments = Moment::all();
    let golden = shapes(moments.iter().flat_map(Moment::all_rows));
    let written = the_same_evening().await;
    let mut written = shapes(written.iter());
    written.remove(NOTICE);
    let known: BTreeSet<&str> = golden.keys().map(String::as_str).chain(NEW).collect();
    assert_eq!(known, written.keys().map(String::as_str).collect::<BTreeSet<_>>(), "kinds of rows");
    let paths: BTreeSet<&str> = written.values().flat_map(|shape| shape.types.keys()).map(String::as_str).collect();
    assert!(ADDED.iter().all(|added| paths.contains(added)), "what was added is written");
    let deleted = &written["deleted message"].types;
    assert!(KEPT.iter().all(|kept| deleted.contains_key(*kept)), "what is kept is written: {deleted:?}");
    for (kind, golden) in &golden {
        let written = &written[kind];
        let mut types = written.types.clone();
        types.retain(|path, _| !AT_TIMES.contains(&path.as_str()) && !ADDED.contains(&path.as_str()));
        types.retain(|path, _| kind != "deleted message" || !KEPT.contains(&path.as_str()));
        types.retain(|path, _| (kind.as_str(), path.as_str()) != ADDED_NAME);
        let is_dropped = |path: &str| kind == "socket" && DROPPED.contains(&path);
        let mut kept = golden.types.clone();
        kept.retain(|path, _| !is_dropped(path));
        assert_eq!(kept, types, "types of attributes of a {kind}");
        // The polls above need not catch a row between two of its writers, so a written kind may seem to have more than it must.
        let lost: Vec<_> = golden.always.difference(&written.always).filter(|path| !is_dropped(path)).collect();
        assert!(lost.is_empty(), "attributes that not every {kind} has any more: {lost:?}");
    }
}
