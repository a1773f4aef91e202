//! Frames of sockets in both directions, refused handshakes and closes.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::documents::{ASYNCAPI, Node};

/// The payloads of one direction by their `type`; API Gateway's own frames have none.
type Payloads = HashMap<Option<&'static str>, Node>;

static FROM_CLIENT: LazyLock<Payloads> = LazyLock::new(|| {
    let operations = operations().filter(|operation| operation.value["action"] == "receive");
    operations.flat_map(|operation| payloads(&operation, &["messages"])).collect()
});
static FROM_SERVER: LazyLock<Payloads> = LazyLock::new(|| {
    let of = |operation: Node| match operation.value["action"].as_str() {
        Some("send") => payloads(&operation, &["messages"]),
        _ => payloads(&operation, &["reply", "messages"]),
    };
    operations().flat_map(of).collect()
});

pub(super) fn prepare() {
    LazyLock::force(&FROM_CLIENT);
    LazyLock::force(&FROM_SERVER);
}

fn operations() -> impl Iterator<Item = Node> {
    let all = Node::root(ASYNCAPI).find(&["operations"]).expect("operations");
    all.clone().entries().map(move |(name, _)| all.find(&[name]).expect("an operation")).collect::<Vec<_>>().into_iter()
}

fn payloads(operation: &Node, names: &[&str]) -> Vec<(Option<&'static str>, Node)> {
    let messages = operation.find(names).expect("messages");
    let references = messages.value.as_array().expect("a list").iter();
    let payload = |reference: &Value| {
        let message = messages.follow(reference["$ref"].as_str().expect("a reference")).expect("a message");
        let payload = message.find(&["payload"]).expect("a payload");
        (payload.value["properties"]["type"]["const"].as_str(), payload)
    };
    references.map(payload).collect()
}

/// Whether the documents allow the server to send a frame.
///
/// # Errors
/// The difference to the documents.
pub fn from_server(frame: &Value) -> Result<(), String> {
    check(&FROM_SERVER, "a server", frame)
}

/// Whether the documents allow a client to send a frame.
///
/// # Errors
/// The difference to the documents.
pub fn from_client(frame: &Value) -> Result<(), String> {
    check(&FROM_CLIENT, "a client", frame)
}

fn check(payloads: &Payloads, sender: &str, frame: &Value) -> Result<(), String> {
    let payload = payloads.get(&frame["type"].as_str());
    payload.ok_or_else(|| format!("no frame of {sender} is documented like {frame:.500}"))?.describes(frame)
}

/// Whether a handshake may be refused with this status and this body.
///
/// # Errors
/// The difference to the documents.
pub fn refusal(status: u16, body: &[u8]) -> Result<(), String> {
    let refusals = Node::root(ASYNCAPI).find(&["channels", "session", "x-refusals"]).expect("refusals");
    let refusal = refusals.find(&[&status.to_string()]);
    let refusal = refusal.ok_or_else(|| format!("no handshake is refused with {status} by the document"))?;
    match refusal.find(&["payload"]) {
        None if body.is_empty() => Ok(()),
        None => Err(format!("the refusal {status} has a body, which is not documented")),
        Some(payload) => {
            let body = serde_json::from_slice(body).map_err(|error| format!("the refusal {status}: {error}"))?;
            payload.describes(&body)
        }
    }
}

/// Whether the server may close a socket with this code.
///
/// # Errors
/// That it is not documented.
pub fn close_code(code: u16) -> Result<(), String> {
    let codes = Node::root(ASYNCAPI).find(&["channels", "session", "x-close-codes", &code.to_string()]);
    codes.map(drop).ok_or_else(|| format!("no socket is closed with {code} by the document"))
}

/// Client frames that were answered without an error must be documented. Because responses may be reordered, frames are
/// judged when all of them are answered, and only if none was refused.
#[derive(Default)]
pub struct Dialogue {
    unanswered: Vec<String>,
    answers: usize,
    refusals: usize,
}

impl Dialogue {
    /// The client sends a frame.
    pub fn sends(&mut self, text: &str) {
        self.unanswered.push(text.to_owned());
    }

    /// The client receives a frame.
    ///
    /// # Errors
    /// An accepted frame that is not documented.
    pub fn hears(&mut self, frame: &Value) -> Result<(), String> {
        match frame["type"].as_str() {
            Some("ack" | "pong" | "resumed") => {}
            Some("error") | None => self.refusals += 1,
            Some(_) => return Ok(()),
        }
        self.answers += 1;
        if self.answers < self.unanswered.len() {
            return Ok(());
        }
        let Dialogue { unanswered, refusals, .. } = std::mem::take(self);
        if refusals > 0 {
            return Ok(());
        }
        for text in unanswered {
            let frame = serde_json::from_str(&text).map_err(|error| format!("{text} was taken: {error}"))?;
            from_client(&frame).map_err(|wrong| format!("it was taken, but {wrong}"))?;
        }
        Ok(())
    }
}
