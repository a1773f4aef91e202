//! The actions of a client in a run, one after the other, selected by its seed.

use std::time::Duration;

use serde_json::{Value, json};
use shared::domain::cover::Cover;

use super::client::{Client, ids, read_message};
use super::questions;
use crate::faults::plan::mix;
use crate::history::{DrawEvent, Event, Moderation, QuestionEvent};

/// Messages of one user per minute: few enough that the runs reach the limit.
pub(super) const MESSAGES_PER_MINUTE: usize = 6;
/// What a question has in it.
const ASKS: &str = " asks ";
/// How often an unanswered send is repeated under its key.
const REPEATS: usize = 3;

/// Makes a client do this many actions.
pub(super) async fn act(client: &mut Client, seed: u64, steps: u64) {
    client.connect().await;
    for step in 0..steps {
        let dice = mix(seed, &client.name, step);
        let variant = dice / 18;
        match dice % 18 {
            0..=2 => say(client, variant, step, false).await,
            3..=5 => say(client, variant, step, true).await,
            6 | 7 => send(client, variant, step).await,
            8 => like_or_not(client, None, variant).await,
            9 | 10 => {
                if let Some(id) = client.server.some_message(variant) {
                    like_or_not(client, Some(id), variant).await;
                }
            }
            11 => {
                read_likes(client).await;
                questions::read(client, variant).await;
            }
            12 => ping(client).await,
            13 if variant.is_multiple_of(2) => delete(client, variant).await,
            14 if variant.is_multiple_of(2) => {
                client.leave(variant.is_multiple_of(4)).await;
                client.connect().await;
            }
            15 => read_messages(client).await,
            16 => retry(client).await,
            17 => cover(client, variant).await,
            _ => tokio::time::sleep(Duration::from_millis(variant % 40)).await,
        }
        if !client.is_connected() {
            client.connect().await;
        }
    }
    retry(client).await;
}

/// Begins a send; its name.
fn begin(client: &Client, text: &str, key: Option<&str>) -> u64 {
    let (send, at) = (client.server.names.next(), client.server.now_ms());
    if is_question(text) {
        client.recorder.note(QuestionEvent::Asking { text: text.to_owned() });
    }
    let (user, text, key) = (client.name.clone(), text.to_owned(), key.map(str::to_owned));
    client.recorder.note(Event::Sending { send, user, text, key, at });
    send
}

/// Records the answer to the send of a text.
fn answered(client: &Client, send: u64, text: &str, answer: &Value) {
    let (duplicate, at) = (answer["duplicate"] == true, client.server.now_ms());
    if let (Some(held_id), Some(status)) = (answer["held_id"].as_str(), answer["status"].as_str()) {
        let (held_id, status) = (held_id.to_owned(), status.to_owned());
        client.recorder.note(Moderation::Held { send, held_id, status, duplicate, at });
    }
    if let Some(id) = answer["message_id"].as_u64() {
        client.recorder.note(Event::Acknowledged { send, id, duplicate, at });
        if is_question(text) {
            client.recorder.note(QuestionEvent::Asked { id });
        }
        client.server.learn(id);
    }
    if let Some(code) = answer["code"].as_str() {
        client.recorder.note(Moderation::Refused { send, code: code.to_owned() });
    }
}

/// Whether a text is sent as a question.
fn is_question(text: &str) -> bool {
    text.contains(ASKS)
}

/// The kind of a text on the wire; none is that of any other message.
fn kind_of(text: &str) -> Option<&'static str> {
    is_question(text).then_some("question")
}

/// The text of a step. Some have a link, and some are questions. Steps begin anew after a kill: what was sent under a key has the same text then, and what was
/// sent without one another.
fn text_of(client: &Client, step: u64, key: Option<&str>) -> String {
    let has_link = mix(client.name.len() as u64, "link", step).is_multiple_of(3);
    let link = if has_link { " https://elsewhere.example/" } else { "" };
    let once = key.map_or_else(|| format!(", once {}", client.server.names.next()), |_| String::new());
    let verb = if mix(client.name.len() as u64, "question", step).is_multiple_of(4) { ASKS } else { " says " };
    format!("{}{verb}{step}{once}{link}", client.name)
}

/// The message that a send replies to, if it replies. It may be gone, and the send is refused then.
fn parent_of(client: &Client, variant: u64) -> Option<u64> {
    variant.is_multiple_of(3).then(|| client.server.some_message(variant / 3)).flatten()
}

/// Whether a retry may help.
fn is_unclear(answer: Option<&Value>) -> bool {
    answer.is_none_or(|answer| answer["type"] != "ack" && answer["code"] != "rate_limited")
}

/// Sends over the socket, repeated at once if `variant` says so.
pub(super) async fn say(client: &mut Client, variant: u64, step: u64, with_key: bool) {
    let key = with_key.then(|| format!("key {step}"));
    let text = text_of(client, step, key.as_deref());
    let parent = parent_of(client, variant);
    let (mut answer, kind) = (None, kind_of(&text));
    for _ in 0..REPEATS {
        let send = begin(client, &text, key.as_deref());
        let frame =
            json!({"type": "message", "message": text, "client_message_id": key, "reply_to": parent, "kind": kind});
        answer = client.ask(&frame).await;
        if let Some(answer) = &answer {
            answered(client, send, &text, answer);
        }
        if !with_key || (!is_unclear(answer.as_ref()) && !variant.is_multiple_of(8)) {
            return;
        }
        if !client.is_connected() {
            client.connect().await;
        }
        if !variant.is_multiple_of(4) {
            break;
        }
    }
    if let Some(key) = key.filter(|_| is_unclear(answer.as_ref())) {
        client.unclear.push((key, text));
    }
}

/// Repeats sends without a clear response under their keys, possibly much later.
pub(super) async fn retry(client: &mut Client) {
    for (key, text) in std::mem::take(&mut client.unclear) {
        let send = begin(client, &text, Some(&key));
        let frame = json!({"type": "message", "message": text, "client_message_id": key, "kind": kind_of(&text)});
        let answer = client.ask(&frame).await;
        if let Some(answer) = &answer {
            answered(client, send, &text, answer);
        }
        if is_unclear(answer.as_ref()) {
            client.unclear.push((key, text));
        }
    }
}

/// Sends over REST, sometimes twice at once.
async fn send(client: &mut Client, variant: u64, step: u64) {
    let key = (!variant.is_multiple_of(3)).then(|| format!("key {step}"));
    let text = text_of(client, step, key.as_deref());
    let copies = if key.is_some() && variant.is_multiple_of(2) { 2 } else { 1 };
    let client = &*client;
    let sends = (0..copies).map(|_| async {
        let send = begin(client, &text, key.as_deref());
        let (reply_to, kind) = (parent_of(client, variant), kind_of(&text));
        let body = json!({"message": text, "client_message_id": key, "reply_to": reply_to, "kind": kind});
        if let Some((_, answer)) = client.server.call(&client.name, "POST", "send-message", Some(body)).await {
            answered(client, send, &text, &answer);
        }
    });
    futures_util::future::join_all(sends).await;
}

/// Likes something, or takes that back: twice as many likes are given.
async fn like_or_not(client: &Client, message: Option<u64>, variant: u64) {
    let (user, read) = (client.name.clone(), client.server.names.next());
    let path = message.map_or("like".to_owned(), |id| format!("like-message/{id}"));
    let takes_back = (variant / 7).is_multiple_of(3);
    let (method, begun, confirmed) = match takes_back {
        true => ("DELETE", Event::Unliking { user: user.clone(), message }, Event::Unliked { user, message }),
        false => ("POST", Event::Liking { user: user.clone(), message }, Event::Liked { user, message }),
    };
    client.recorder.note(begun);
    client.recorder.note(Event::ReadingLikes { read });
    let Some((200, answer)) = client.server.call(&client.name, method, &path, None).await else { return };
    client.recorder.note(confirmed);
    let likes = answer[if message.is_some() { "likes" } else { "total_likes" }].as_u64().unwrap_or(u64::MAX);
    client.recorder.note(Event::ReadLikes { read, message, likes });
}

async fn read_likes(client: &Client) {
    let read = client.server.names.next();
    client.recorder.note(Event::ReadingLikes { read });
    if let Some((200, answer)) = client.server.call(&client.name, "GET", "likes", None).await {
        let likes = answer["total_likes"].as_u64().unwrap_or(u64::MAX);
        client.recorder.note(Event::ReadLikes { read, message: None, likes });
    }
}

/// The newest page of messages: their texts and their likes.
async fn read_messages(client: &Client) {
    let (read, ask) = (client.server.names.next(), client.server.names.next());
    client.recorder.note(Event::ReadingLikes { read });
    client.recorder.note(Event::Asking { ask });
    if let Some((200, answer)) = client.server.call(&client.name, "GET", "messages?limit=50", None).await {
        let messages = answer["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        client.recorder.note(Event::Answered { ask, ids: ids(messages) });
        for message in messages {
            client.recorder.note(read_message(message));
            let likes = message["likes"].as_u64().unwrap_or(u64::MAX);
            client.recorder.note(Event::ReadLikes { read, message: message["id"].as_u64(), likes });
        }
    }
}

/// Sends a ping.
async fn ping(client: &mut Client) {
    let read = client.server.names.next();
    client.recorder.note(Event::ReadingLikes { read });
    client.recorder.note(DrawEvent::Reading { read });
    let Some(pong) = client.ask(&json!({"type": "ping"})).await else { return };
    if let Some(likes) = pong["total_likes"].as_u64() {
        client.recorder.note(Event::ReadLikes { read, message: None, likes });
        let version = Some(pong["draw_version"].as_u64().unwrap_or_default());
        client.recorder.note(DrawEvent::Read { read, socket: None, version, draws: Vec::new() });
    }
}

/// Purges a user, or clears the chat. One act in four crashes somewhere, and is completed later or never.
async fn cover(client: &Client, variant: u64) {
    let user = (!variant.is_multiple_of(6)).then(|| format!("user{}", "x".repeat(variant as usize % 3)));
    let (act, cover) = (client.server.names.next(), user.clone().map_or(Cover::All, Cover::User));
    client.recorder.note(Event::Covering { act });
    if variant.is_multiple_of(4) {
        let at_most = Duration::from_millis(variant / 4 % 12);
        let _crashed = tokio::time::timeout(at_most, client.server.cover(act, &cover)).await;
        if variant.is_multiple_of(8) {
            return;
        }
    }
    for _ in 0..REPEATS {
        if let Ok(Some(up_to)) = client.server.cover(act, &cover).await {
            client.recorder.note(Event::Covered { act, user, up_to });
            return;
        }
    }
}

async fn delete(client: &Client, variant: u64) {
    let Some(id) = client.server.some_message(variant) else { return };
    client.recorder.note(Event::Deleting { id, by: client.name.clone() });
    // A user who is not the author is refused, which is a valid response, too.
    client.server.call(&client.name, "DELETE", &format!("messages/{id}"), None).await;
}
