//! A client that records everything it sends and receives, tolerates any failure, and recovers as docs/contract.md, Resume, says.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

use super::draws;
use super::heard::{hear, heard_numbered};
use super::server::Server;
use crate::history::{Event, Recorder};
use crate::log_guard;
use crate::schemas::frames::{self, Dialogue};

/// API Gateway answers every frame within 29 seconds.
const TIMEOUT: Duration = Duration::from_secs(35);
/// How often a refused handshake is retried.
const HANDSHAKES: usize = 200;

/// See the module.
pub struct Client {
    /// The user.
    pub name: String,
    /// The gateway under test.
    pub server: Arc<Server>,
    /// Collects the events.
    pub recorder: Recorder,
    live: Option<Live>,
    /// Every message up to this number is known.
    complete: u64,
    /// The socket since whose beginning it has read how things stand.
    informed: Option<u64>,
    /// Sends under a key without a clear response: key and text.
    pub(super) unclear: Vec<(String, String)>,
}

struct Live {
    socket: u64,
    outgoing: mpsc::UnboundedSender<Message>,
    answers: mpsc::UnboundedReceiver<Value>,
}

impl Client {
    /// A client without a socket.
    pub fn new(name: &str, server: &Arc<Server>, recorder: &Recorder) -> Client {
        Client {
            name: name.to_owned(),
            server: Arc::clone(server),
            recorder: recorder.clone(),
            live: None,
            complete: 0,
            informed: None,
            unclear: Vec::new(),
        }
    }

    /// Whether it has an open socket, as far as it knows.
    pub fn is_connected(&self) -> bool {
        self.socket().is_some()
    }

    /// The open socket's name.
    pub fn socket(&self) -> Option<u64> {
        self.live.as_ref().filter(|live| !live.answers.is_closed()).map(|live| live.socket)
    }

    /// Opens a socket, again and again if it is refused, resumes, and reads what `resumed` does not repeat.
    pub async fn connect(&mut self) {
        for _ in 0..HANDSHAKES {
            if self.is_connected() || self.try_to_connect().await {
                self.resume().await;
                self.read_status().await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn read_status(&mut self) {
        let Some(socket) = self.socket().filter(|socket| self.informed != Some(*socket)) else { return };
        if draws::read_status(&self.server, &self.recorder, &self.name, Some(socket)).await {
            self.informed = Some(socket);
        }
    }

    async fn try_to_connect(&mut self) -> bool {
        let url = self.server.socket_url(&self.name);
        self.recorder.note(Event::Arriving { user: self.name.clone() });
        let connecting = tokio::time::timeout(TIMEOUT, tokio_tungstenite::connect_async(url)).await;
        let (stream, _response) = match connecting {
            Ok(Ok(connected)) => connected,
            Ok(Err(tungstenite::Error::Http(refused))) => {
                let body = refused.body().as_deref().unwrap_or_default();
                self.recorder.document(frames::refusal(refused.status().as_u16(), body));
                return false;
            }
            Ok(Err(_)) | Err(_) => return false,
        };
        let socket = self.server.names.next();
        self.recorder.note(Event::Opened { socket, client: self.name.clone() });
        let (outgoing, mut to_send) = mpsc::unbounded_channel::<Message>();
        let (answered, answers) = mpsc::unbounded_channel();
        let (mut sink, mut source) = stream.split();
        let recorder = self.recorder.clone();
        tokio::spawn(async move {
            let (mut dialogue, mut closes_it) = (Dialogue::default(), false);
            loop {
                let message = tokio::select! {
                    next = to_send.recv() => {
                        // A dead client drops its connection without a close frame.
                        let Some(message) = next else { break };
                        match &message {
                            Message::Text(text) => {
                                log_guard::forbid_in(text);
                                dialogue.sends(text);
                            }
                            _ => closes_it = true,
                        }
                        if sink.send(message).await.is_err() {
                            break;
                        }
                        continue;
                    }
                    message = source.next() => message,
                };
                match message {
                    Some(Ok(Message::Text(text))) => {
                        let frame: Value = serde_json::from_str(&text).unwrap_or_default();
                        recorder.document(frames::from_server(&frame).and_then(|()| dialogue.hears(&frame)));
                        if let Some(answer) = hear(&recorder, socket, frame) {
                            let _nobody_asks_any_more = answered.send(answer);
                        }
                    }
                    // If the client closes, the close code is its own.
                    Some(Ok(Message::Close(Some(close)))) if !closes_it => {
                        recorder.document(frames::close_code(close.code.into()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break,
                }
            }
            recorder.note(Event::Closed { socket });
        });
        self.live = Some(Live { socket, outgoing, answers });
        true
    }

    /// Sends a frame and waits for the response; `None` if the socket ended or no response came.
    pub async fn ask(&mut self, frame: &Value) -> Option<Value> {
        let live = self.live.as_mut()?;
        live.outgoing.send(Message::text(frame.to_string())).ok()?;
        tokio::time::timeout(TIMEOUT, live.answers.recv()).await.ok()?
    }

    /// Asks for missed messages until there are no more.
    pub async fn resume(&mut self) {
        for _ in 0..50 {
            let (after, ask) = (self.complete, self.server.names.next());
            self.recorder.note(Event::Asking { ask });
            let Some(answer) = self.ask(&json!({"type": "resume", "after": after})).await else { return };
            if answer["code"] == "rate_limited" {
                return;
            }
            let Some(messages) = answer["messages"].as_array() else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let seqs: Vec<u64> = messages.iter().filter_map(|message| message["seq"].as_u64()).collect();
            let (last_seq, complete) = (answer["last_seq"].as_u64().unwrap_or(0), answer["complete"] == true);
            // Messages after `last_seq` may have gaps that are not settled yet.
            let reached = answer["up_to"].as_u64().or(seqs.last().copied()).unwrap_or(after);
            self.complete = if complete { last_seq.max(after) } else { reached.min(last_seq) };

            let socket = self.live.as_ref().map_or(0, |live| live.socket);
            self.recorder.note(Event::Answered { ask, ids: ids(messages) });
            for message in messages {
                self.recorder.note(read_message(message));
            }
            for event in answer["events"].as_array().into_iter().flatten() {
                self.recorder.note(heard_numbered(socket, event, true));
            }
            self.recorder.note(Event::Resumed { socket, after, seqs, last_seq, complete });
            if complete {
                return;
            }
        }
    }

    /// Closes the socket properly, or just drops the connection.
    pub async fn leave(&mut self, properly: bool) {
        let Some(mut live) = self.live.take() else { return };
        if properly {
            let _closed = live.outgoing.send(Message::Close(Some(CloseFrame { code: 1000.into(), reason: "".into() })));
        } else {
            // The socket's task ends with the channel, and the connection with it.
            drop(std::mem::replace(&mut live.outgoing, mpsc::unbounded_channel().0));
        }
        let ended = async { while live.answers.recv().await.is_some() {} };
        let _did_not_end = tokio::time::timeout(TIMEOUT, ended).await;
    }
}

/// A message of a response, as it is recorded.
pub(super) fn read_message(message: &Value) -> Event {
    let text = message["message"].as_str().unwrap_or_default().to_owned();
    Event::ReadMessage { id: message["id"].as_u64().unwrap_or_default(), text }
}

/// The ids of the messages of a response, and of those that its replies quote.
pub(super) fn ids(messages: &[Value]) -> Vec<u64> {
    messages.iter().flat_map(|message| [message["id"].as_u64(), quoted(message)]).flatten().collect()
}

/// The message of which a reply shows something.
fn quoted(message: &Value) -> Option<u64> {
    let quote = &message["reply_to"];
    quote["excerpt"].is_string().then(|| quote["id"].as_u64()).flatten()
}
