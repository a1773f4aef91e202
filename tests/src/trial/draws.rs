//! Draws of a run: a host draws winners among the voters of a poll while others are still voting, reveals them, and draws again. After each
//! step, draws are read.

use serde_json::{Value, json};
use tokio::sync::watch;

use super::acting::Acting;
use super::pins;
use super::row::{number, text};
use super::server::{HOST, STAFF, Server};
use crate::faults::plan::mix;
use crate::history::{Draw, DrawEvent, Event, PinEvent, Recorder, StoredDraw};

/// Draws of a run at most.
const DRAWS: usize = 2;
/// One answered act in so many is asked for again.
const REPEATED: u64 = 4;
/// Winners of each.
const WINNERS: u64 = 2;
/// Acknowledged votes between two draws.
const VOTES: usize = 2;
/// The length of a hash in hex.
const HASH: usize = 64;
/// Reads draws. The first client is among the viewers anyway, and whoever reads the status becomes one.
const READER: &str = STAFF;

/// Draws among the voters of a poll, while they vote.
pub(super) async fn hold(acting: &Acting<'_>, poll: u64, mut have_voted: watch::Receiver<bool>) {
    let mut ids = Vec::new();
    for nth in 0..1 + acting.seed as usize % DRAWS {
        tokio::select! {
            biased;
            _ = have_voted.wait_for(|over| *over) => {}
            () = acting.recorder.until(|events| votes(events) >= VOTES * (1 + nth)) => {}
        }
        acting.recorder.note(DrawEvent::Starting { poll });
        let key = format!("draw {nth}");
        let body =
            json!({"prize": "A cup", "winners": WINNERS, "among": "voters", "poll_id": poll, "client_action_id": key});
        let Some(id) = act(acting, "draws", &body, DrawEvent::Started).await else { continue };
        list(acting, id).await;
        ids.push(id);
    }
    for id in &ids {
        change(acting, *id, "reveal").await;
    }
    if let Some(id) = ids.first() {
        change(acting, *id, "redraw").await;
    }
}

/// The votes that were acknowledged.
fn votes(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Voted { .. })).count()
}

async fn change(acting: &Acting<'_>, id: u64, verb: &str) {
    acting.recorder.note(DrawEvent::Changing { id, is_redraw: verb == "redraw" });
    let body = json!({"reason": "no answer", "client_action_id": format!("{verb} {id}")});
    act(acting, &format!("draws/{id}/{verb}"), &body, DrawEvent::Changed).await;
}

/// Acts under a key, sometimes again after the answer. The draw's id; `None` if nobody can win.
async fn act(acting: &Acting<'_>, path: &str, body: &Value, answered: impl Fn(Draw) -> DrawEvent) -> Option<u64> {
    let mut id = None;
    for _ in 0..1 + u64::from(mix(acting.seed, path, 0).is_multiple_of(REPEATED)) {
        let answer = acting.repeat(HOST, path, body, || {}).await?;
        let draw = told(&answer["draw"]);
        id = Some(draw.id);
        acting.recorder.note(answered(draw));
        read(acting).await;
    }
    id
}

/// Reads the list of a draw.
async fn list(acting: &Acting<'_>, id: u64) {
    let answer = acting.server.call(READER, "GET", &format!("draws/{id}/entrants"), None).await;
    let Some((200, answer)) = answer else { return };
    let hashes = answer["entrants"].as_array().into_iter().flatten();
    let list = hashes.map(|hash| hash.as_str().unwrap_or_default().to_owned()).collect();
    acting.recorder.note(DrawEvent::Listed { id, list });
}

/// Reads all draws, or the status.
async fn read(acting: &Acting<'_>) {
    let read = acting.server.names.next();
    if read.is_multiple_of(2) {
        read_status(acting.server, acting.recorder, READER, None).await;
        return;
    }
    acting.recorder.note(DrawEvent::Reading { read });
    if let Some((200, answer)) = acting.server.call(READER, "GET", "draws", None).await {
        let draws = answer["draws"].as_array().into_iter().flatten().map(told).collect();
        acting.recorder.note(DrawEvent::Read { read, socket: None, version: None, draws });
    }
}

/// Reads the status, for a socket whose client has just opened it; whether it was answered.
pub(super) async fn read_status(server: &Server, recorder: &Recorder, user: &str, socket: Option<u64>) -> bool {
    let read = server.names.next();
    recorder.note(DrawEvent::Reading { read });
    recorder.note(PinEvent::Reading { read });
    let Some((200, status)) = server.call(user, "GET", "status", None).await else { return false };
    recorder.note(PinEvent::Read { read, socket, pinned: pins::told(&status["session"]) });
    let (version, draw) = in_status(&status);
    recorder.note(DrawEvent::Read { read, socket, version: Some(version), draws: draw.into_iter().collect() });
    true
}

/// The version of the draws of a status, and the one that changed last.
pub(super) fn in_status(status: &Value) -> (u64, Option<Draw>) {
    let session = &status["session"];
    (number(session, "draw_version"), Some(&session["draw"]).filter(|draw| !draw.is_null()).map(told))
}

/// A draw on the wire.
pub(super) fn told(draw: &Value) -> Draw {
    let winners = draw["winners"].as_array();
    let optional = |name: &str| draw[name].as_str().map(str::to_owned);
    Draw {
        id: number(draw, "id"),
        wanted: number(draw, "winners_wanted"),
        commitment: text(draw, "commitment").to_owned(),
        cancelled: draw["state"] == "cancelled",
        frozen: draw["entrants"].as_u64().zip(optional("entrants_sha256")),
        seed: optional("seed"),
        winners: winners.map(|all| all.iter().map(|id| id.as_str().unwrap_or_default().to_owned()).collect()),
        redraws: number(draw, "redraws"),
    }
}

/// A draw's row, with the list that it names out of all rows of the table.
pub(super) fn stored(row: &Value, rows: &[Value]) -> StoredDraw {
    let winners = row["winners"].as_array();
    let draw = Draw {
        frozen: row["frozen"]["entrants"].as_u64().zip(row["frozen"]["entrants_sha256"].as_str().map(str::to_owned)),
        cancelled: row["cancelled"] == true,
        winners: winners.map(|all| all.iter().map(|person| text(person, "user_id").to_owned()).collect()),
        ..told(row)
    };
    // The other lists are of freezes that did not count. A list of a run is one part.
    let (partition, part) = (format!("draw#{}", draw.id), format!("hashes#{}#00000", text(&row["frozen"], "list")));
    let hashes = rows.iter().find(|row| text(row, "pk") == partition && text(row, "sk") == part);
    let hashes = hashes.map(|row| text(row, "hashes").as_bytes().chunks(HASH)).into_iter().flatten();
    let list = hashes.map(|hash| String::from_utf8_lossy(hash).into_owned()).collect();
    StoredDraw { draw, poll: number(row, "poll_id"), list }
}
