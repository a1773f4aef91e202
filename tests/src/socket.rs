//! A client's end of a socket, which keeps every frame that it receives. An undocumented frame fails the test.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::schemas::frames::{self, Dialogue};
use crate::{log_guard, within};

/// An open socket.
pub struct Socket {
    outgoing: mpsc::UnboundedSender<Message>,
    incoming: mpsc::UnboundedReceiver<Incoming>,
    /// Every event so far, with batches unpacked.
    pub events: Vec<Value>,
    next: usize,
    dialogue: Mutex<Dialogue>,
    /// Whether the client is closing it, so that the close code is the client's.
    closing: AtomicBool,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
}

enum Incoming {
    /// A frame, or its difference to the documents.
    Frame(Result<Value, String>),
    Closed(Option<(u16, String)>),
}

impl Socket {
    /// Opens a socket.
    ///
    /// # Errors
    /// The HTTP status with which the handshake was refused.
    pub async fn open(url: &str, subprotocols: &[&str]) -> Result<Socket, u16> {
        let offer = subprotocols.join(", ");
        let lines = if subprotocols.is_empty() { &[][..] } else { &[offer.as_str()] };
        Socket::open_with_lines(url, lines).await
    }

    /// Opens a socket whose handshake has several lines of `Sec-WebSocket-Protocol`.
    ///
    /// # Errors
    /// The HTTP status with which the handshake was refused.
    pub async fn open_with_lines(url: &str, lines: &[&str]) -> Result<Socket, u16> {
        let mut request = url.into_client_request().expect("a socket's address");
        for line in lines {
            let line = line.parse().expect("a header's value");
            request.headers_mut().append("sec-websocket-protocol", line);
        }
        let connecting = within("a handshake", tokio_tungstenite::connect_async(request)).await;
        let (stream, response) = match connecting {
            Ok(connected) => connected,
            Err(tungstenite::Error::Http(response)) => {
                let (status, body) = (response.status().as_u16(), response.body().as_deref().unwrap_or_default());
                // An AWS emulator may refuse handshakes in its own way.
                if std::env::var_os("LIVE_CHAT_REFUSAL").is_none() {
                    frames::refusal(status, body).unwrap_or_else(|wrong| panic!("{wrong}"));
                }
                return Err(status);
            }
            Err(error) => panic!("the handshake broke: {error}"),
        };
        let subprotocol =
            response.headers().get("sec-websocket-protocol").map(|value| value.to_str().expect("text").to_owned());
        let (outgoing, mut to_send) = mpsc::unbounded_channel();
        let (received, incoming) = mpsc::unbounded_channel();
        let (mut sink, mut source) = stream.split();
        tokio::spawn(async move {
            while let Some(message) = to_send.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
        });
        tokio::spawn(async move {
            let mut close = None;
            while let Some(Ok(message)) = source.next().await {
                let frame = match message {
                    Message::Text(text) => Incoming::Frame(documented(&text)),
                    Message::Binary(_) => Incoming::Frame(Err("no binary frame is documented".to_owned())),
                    Message::Close(frame) => {
                        close = frame.map(|CloseFrame { code, reason }| (u16::from(code), reason.to_string()));
                        continue;
                    }
                    _ => continue,
                };
                if received.send(frame).is_err() {
                    return;
                }
            }
            let _test_is_over = received.send(Incoming::Closed(close));
        });
        Ok(Socket {
            outgoing,
            incoming,
            events: Vec::new(),
            next: 0,
            dialogue: Mutex::default(),
            closing: AtomicBool::new(false),
            subprotocol,
        })
    }

    /// Sends a frame.
    pub fn send(&self, frame: &Value) {
        self.send_raw(Message::text(frame.to_string()));
    }

    /// Sends any frame.
    pub fn send_raw(&self, message: Message) {
        match &message {
            Message::Text(text) => {
                log_guard::forbid_in(text);
                self.dialogue.lock().expect("no panic holds it").sends(text);
            }
            Message::Close(_) => self.closing.store(true, Ordering::SeqCst),
            _ => {}
        }
        let _closed = self.outgoing.send(message);
    }

    /// Sends a message, and waits for its `ack` or `error`.
    pub async fn say(&mut self, text: &str) -> Value {
        self.ask(&json!({"type": "message", "message": text})).await
    }

    /// Sends a frame and waits for the response.
    pub async fn ask(&mut self, frame: &Value) -> Value {
        self.send(frame);
        self.answer().await
    }

    /// Waits for the next frame that answers one of the client's.
    pub async fn answer(&mut self) -> Value {
        self.wait_for("an answer", |event| {
            matches!(event["type"].as_str(), Some("ack" | "error" | "pong" | "reacted" | "resumed"))
        })
        .await
    }

    /// Waits for the next event of a type.
    pub async fn next(&mut self, kind: &str) -> Value {
        self.wait_for(kind, |event| event["type"] == kind).await
    }

    /// Waits for the next event that the test is looking for; skips the others.
    pub async fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        within(what, async {
            loop {
                while let Some(event) = self.events.get(self.next) {
                    self.next += 1;
                    if wanted(event) {
                        return event.clone();
                    }
                }
                match self.incoming.recv().await {
                    Some(Incoming::Frame(frame)) => self.keep(frame),
                    Some(Incoming::Closed(close)) => {
                        panic!("the socket was closed with {close:?} before {what}; it got {:?}", self.events)
                    }
                    None => panic!("the socket is closed, but not {what}"),
                }
            }
        })
        .await
    }

    /// Waits for an event; `false` if the socket is closed before it.
    pub async fn hears(&mut self, wanted: impl Fn(&Value) -> bool) -> bool {
        loop {
            while let Some(event) = self.events.get(self.next) {
                self.next += 1;
                if wanted(event) {
                    return true;
                }
            }
            match self.incoming.recv().await {
                Some(Incoming::Frame(frame)) => self.keep(frame),
                Some(Incoming::Closed(_)) | None => return false,
            }
        }
    }

    /// Waits until the socket is closed; returns the code and reason of the close frame, if there was one.
    pub async fn closed(&mut self) -> Option<(u16, String)> {
        within("the close", async {
            loop {
                match self.incoming.recv().await {
                    Some(Incoming::Frame(frame)) => self.keep(frame),
                    Some(Incoming::Closed(close)) => return self.documented_close(close),
                    None => return None,
                }
            }
        })
        .await
    }

    /// Closes the socket with this code and waits until the server has, too.
    pub async fn close(mut self, code: u16) {
        self.send_raw(Message::Close(Some(CloseFrame { code: code.into(), reason: "".into() })));
        self.closed().await;
    }

    /// The numbers of all messages so far, in order of arrival.
    pub fn seqs(&self) -> Vec<u64> {
        self.messages().map(|message| message["seq"].as_u64().expect("a number")).collect()
    }

    /// The types of all events so far, in order of arrival.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| event["type"].as_str())
    }

    /// All messages so far, in order of arrival.
    pub fn messages(&self) -> impl Iterator<Item = &Value> {
        self.events.iter().filter(|event| event["type"] == "new_message").map(|event| &event["message"])
    }

    /// The message with this number. One's own may arrive before its acknowledgement, and then is there already.
    pub async fn message(&mut self, seq: u64) -> Value {
        if let Some(message) = self.messages().find(|message| message["seq"] == seq) {
            return message.clone();
        }
        let what = format!("message {seq}");
        self.wait_for(&what, |event| event["message"]["seq"] == seq).await["message"].clone()
    }

    /// Waits until the socket has received this many messages in total.
    pub async fn until_messages(&mut self, count: usize) {
        while self.messages().count() < count {
            let missing = format!("message {} of {count}", self.messages().count() + 1);
            let before = self.events.len();
            self.next = before;
            self.wait_for(&missing, |event| event["type"] == "new_message").await;
        }
    }

    fn documented_close(&self, close: Option<(u16, String)>) -> Option<(u16, String)> {
        if let Some((code, _)) = close.as_ref().filter(|_| !self.closing.load(Ordering::SeqCst)) {
            frames::close_code(*code).unwrap_or_else(|wrong| panic!("{wrong}"));
        }
        close
    }

    fn keep(&mut self, frame: Result<Value, String>) {
        let frame = frame.unwrap_or_else(|wrong| panic!("{wrong}"));
        let taken = self.dialogue.get_mut().expect("no panic holds it").hears(&frame);
        taken.unwrap_or_else(|wrong| panic!("{wrong}"));
        match frame["type"].as_str() {
            Some("batch") => self.events.extend(frame["events"].as_array().expect("a list").iter().cloned()),
            _ => self.events.push(frame),
        }
    }
}

/// A frame that the server may send.
fn documented(text: &str) -> Result<Value, String> {
    let frame = serde_json::from_str(text).map_err(|error| format!("{text:.500} is no JSON: {error}"))?;
    frames::from_server(&frame).map(|()| frame)
}

/// Frames that a test did not wait for must be documented, too.
impl Drop for Socket {
    fn drop(&mut self) {
        while let Ok(incoming) = self.incoming.try_recv() {
            match incoming {
                Incoming::Frame(Err(wrong)) if !std::thread::panicking() => panic!("{wrong}"),
                _ => {}
            }
        }
    }
}
